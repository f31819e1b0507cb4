package feedback

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
	"suixing/internal/platform/door"
)

// present finds the ticket that an address names. Typed codes are slowed where a network misses often; scanned ones carry
// too many bits to need it, and who typed a good code once goes on under a sealed address of her own. False: the page that
// waits its turn was sent.
func (s *Service) present(c *fiber.Ctx) (pass, *ticketInfo, bool, error) {
	p, ok := s.readPass(c.Params("ticket"))
	if !ok {
		return p, nil, true, errNoTicket()
	}
	if p.typed && !p.vetted {
		form := &door.Form{Values: url.Values{shortCodes.Field: {c.Params("ticket")}}}
		if open, err := s.gate.Try(c.UserContext(), form, shortCodes); err != nil {
			return p, nil, true, err
		} else if !open {
			return p, nil, false, s.gate.Hold(c, form, shortCodes)
		}
	}
	t, err := s.find(c.UserContext(), p)
	return p, t, true, err
}

func (s *Service) find(ctx context.Context, p pass) (*ticketInfo, error) {
	q := s.ticketScanned
	if p.typed {
		q = s.ticketTyped
	}
	var t ticketInfo
	err := s.db.GetP(ctx, &t, q, p.hash, s.now())
	if fault.KindOf(err) != fault.NotFound {
		return &t, err
	}
	if p.typed {
		if err := s.slow.Hit(ctx, "ticket"); err != nil {
			return nil, err
		}
	}
	return nil, errNoTicket()
}

func (s *Service) getForm(c *fiber.Ctx) error {
	p, t, open, err := s.present(c)
	switch {
	case !open:
		return err
	case err != nil:
		return s.refuse(c, err)
	}
	if p.typed && !p.vetted {
		return s.vet(c, p)
	}
	if (t.Spent || s.answeredHere(c, t.ID)) && c.Query("again") == "" {
		return s.sendSpent(c, t)
	}
	s.meet(c)
	shown := sheetOf(c)
	if form := s.openDraft(c, t.ID); form != nil {
		return s.sendForm(c, fiber.StatusOK, p, t, readAnswer(form, three(c)), form, nil, shown)
	}
	return s.sendForm(c, fiber.StatusOK, p, t, nil, nil, nil, shown)
}

// shown is how the form is to look.
type shown struct{ elder, three, saved, full bool }

func sheetOf(c *fiber.Ctx) shown { return shown{elder: elder(c), three: three(c)} }

func (s *Service) sendForm(c *fiber.Ctx, status int, p pass, t *ticketInfo, a *Answer, form *door.Form, faults []fault.FieldError, look shown) error {
	var near []choice
	if t.Agency == "" {
		var err error
		if near, err = agenciesNear(c.UserContext(), s.db, t.OfficeID); err != nil {
			return err
		}
	}
	return door.Send(c, status, formTemplate, s.draw(t, near, a, form, p.hash, look, faults, s.now()))
}

func elder(c *fiber.Ctx) bool { return c.Query("mode") == "elder" }

// three tells whether the form is asked for with three levels.
func three(c *fiber.Ctx) bool { return elder(c) || c.Query("levels") == "3" }

// postForm takes an answer; whatever is wrong with it, the form comes back with everything that was typed and uploaded.
func (s *Service) postForm(c *fiber.Ctx) error {
	p, ok := s.readPass(c.Params("ticket"))
	if !ok {
		return s.refuse(c, errNoTicket())
	}
	if p.typed && !p.vetted { // guesses by posting are as slow as by looking
		return s.postTyped(c, p)
	}
	form, err := s.readerOf(p).Read(c, p.hash, MaxPhotos)
	if err != nil {
		return err
	}
	a := readAnswer(form, three(c))
	if form.Values.Get("go") == "save" {
		return s.keepHere(c, p, a, form)
	}
	if form.Values.Get(lostPictures) != "" {
		form.PhotoFault = "照片没有跟过来，请重新选；不要照片就直接提交。"
	}
	if form.PhotoFault != "" { // a picture that was not taken is said before anything is kept
		return s.giveBack(c, p, a, form, a.Check(known{true, true, true}, s.now()))
	}
	if p.worked, err = s.proved(c, p, form); err != nil {
		return err
	}
	receipt, err := s.Submit(c.UserContext(), p, a)
	if errors.Is(err, errCrowded) {
		verdict, held := s.gate.Press(c.UserContext(), form, door.Use{What: workFor(p), Plain: laterPlain})
		if held != nil {
			return held
		}
		if verdict != door.Plain {
			return s.gate.Challenge(c, form, s.reader, p.hash, workFor(p))
		}
		receipt, err = s.submit(c.UserContext(), p, a, true)
	}
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.Invalid:
		return s.giveBack(c, p, a, form, f.Fields)
	case err != nil:
		return s.refuse(c, err)
	}
	s.watch(c, p, form, receipt)
	s.dropDraft(c, receipt.ticket)
	s.noteAnswered(c, receipt.ticket)
	return s.toReceipt(c, a, receipt)
}

// readerOf stores pictures for tickets that are good only: anyone can make up an address.
func (s *Service) readerOf(p pass) door.Reader {
	good, looked := false, false
	r := s.reader
	r.Ingest = func(ctx context.Context, part io.Reader) (door.Photo, error) {
		if !looked {
			_, err := s.find(ctx, p)
			good, looked = err == nil, true
		}
		if !good {
			return door.Photo{}, errNoTicket()
		}
		return s.reader.Ingest(ctx, part)
	}
	return r
}

func workFor(p pass) string { return "again " + hex.EncodeToString(p.hash) }

// proved uses a proof of work up; only a form that came through the waiting page carries one.
func (s *Service) proved(c *fiber.Ctx, p pass, form *door.Form) (bool, error) {
	if !door.Carries(form) {
		return false, nil
	}
	return s.gate.Proved(c.UserContext(), form, workFor(p))
}

// keepHere saves the form on the phone and shows it again, with nothing lost either way.
func (s *Service) keepHere(c *fiber.Ctx, p pass, a *Answer, form *door.Form) error {
	t, err := s.find(c.UserContext(), p)
	if err != nil {
		return s.refuse(c, err)
	}
	look := sheetOf(c)
	if look.saved, err = s.saveDraft(c, t.ID, form); err != nil {
		return err
	}
	look.full = !look.saved
	return s.sendForm(c, fiber.StatusOK, p, t, a, form, nil, look)
}

func (s *Service) giveBack(c *fiber.Ctx, p pass, a *Answer, form *door.Form, faults []fault.FieldError) error {
	t, err := s.find(c.UserContext(), p)
	if err != nil {
		return s.refuse(c, err)
	}
	open := a.Check(known{agency: t.Agency != "", day: t.Day != "", matter: t.Matter != ""}, s.now())
	if len(open) > 0 {
		faults = open // complete, and in the order of the form
	}
	return s.sendForm(c, fiber.StatusUnprocessableEntity, p, t, a, form, faults, sheetOf(c))
}

// refuse answers for a ticket that is not there: one page, the same bytes whatever the reason.
func (s *Service) refuse(c *fiber.Ctx, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return door.Send(c, fiber.StatusNotFound, codeTemplate, codePage{Head: door.Head{Title: "这个码不能用"}, Code: typedCode("", ""), Gone: true})
}

var spentTemplate = door.Page(`{{define "main"}}<h1>这张表已经填过</h1>{{with .Agency}}<div class="who"><b>{{.}}</b>{{$.When}}</div>{{end}}
<p>已经收到一份，每个码只计一份。</p><a class="btn" href="/t">查进展</a>
<h2>不是您填的，或者想改</h2><p>可以再填一份。两份都会留着，由{{.Office}}核对，谁也改不了、删不掉先前那份。</p><a class="btn b" href="?again=1{{if .Head.Elder}}&amp;mode=elder{{end}}">再填一份</a>
<p class="meta mt5">有人要您改评价、替您填，请打<a href="tel:{{.Hotline}}">{{.Hotline}}</a>。</p>{{end}}`)

// sendSpent is what a used code shows: that it was used, and how someone else's answer is put right. At once only to the
// phone that answered; to everybody else from the next day on, so that an officer who keeps a picture of the code does not
// learn from it that she has answered, nor when. Until then his form is the one that nobody has filled, byte for byte.
func (s *Service) sendSpent(c *fiber.Ctx, t *ticketInfo) error {
	p := struct {
		Head                          door.Head
		Agency, When, Office, Hotline string
	}{door.Head{Title: "这张表已经填过", Elder: elder(c), Other: otherVersion(elder(c))}, t.Agency, door.ChineseDay(t.Day), t.Office, t.Hotline}
	if p.Hotline == "" {
		p.Hotline = "12345"
	}
	return door.Send(c, fiber.StatusOK, spentTemplate, p)
}
