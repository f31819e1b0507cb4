package feedback

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
)

// present finds the ticket that an address names. Typed codes are slowed where an address misses often; scanned ones
// carry too many bits to need it.
func (s *Service) present(c *fiber.Ctx) (pass, *ticketInfo, error) {
	p, ok := readPass(c.Params("ticket"))
	if !ok {
		return p, nil, errNoTicket()
	}
	t, err := s.lookUp(c, p)
	return p, t, err
}

func (s *Service) lookUp(c *fiber.Ctx, p pass) (*ticketInfo, error) {
	ctx, q := c.UserContext(), s.ticketScanned
	if p.typed {
		q = s.ticketTyped
		if err := s.slow.Wait(ctx, "ticket"); err != nil {
			return nil, err
		}
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
	p, t, err := s.present(c)
	if err != nil {
		return s.refuse(c, err)
	}
	return s.sendForm(c, fiber.StatusOK, p, t, nil, nil, nil)
}

func (s *Service) sendForm(c *fiber.Ctx, status int, p pass, t *ticketInfo, a *Answer, form *door.Form, faults []fault.FieldError) error {
	var near []choice
	if t.Agency == "" {
		var err error
		if near, err = agenciesNear(c.UserContext(), s.db, t.OfficeID); err != nil {
			return err
		}
	}
	return door.Send(c, status, formTemplate, s.draw(t, near, a, form, p.hash, elder(c), faults, s.now()))
}

func elder(c *fiber.Ctx) bool { return c.Query("mode") == "elder" }

// postForm takes an answer; whatever is wrong with it, the form comes back with everything that was typed and uploaded.
func (s *Service) postForm(c *fiber.Ctx) error {
	p, ok := readPass(c.Params("ticket"))
	if !ok {
		return s.refuse(c, errNoTicket())
	}
	if p.typed { // guesses by posting are as slow as by looking
		if _, err := s.lookUp(c, p); err != nil {
			return s.refuse(c, err)
		}
	}
	form, err := s.reader.Read(c, p.hash, MaxPhotos)
	if err != nil {
		return err
	}
	a := readAnswer(form, elder(c))
	if form.PhotoFault != "" { // a picture that was not taken is said before anything is kept
		return s.giveBack(c, p, a, form, a.Check(known{true, true, true}, s.now()))
	}
	receipt, err := s.Submit(c.UserContext(), p, a)
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.Invalid:
		return s.giveBack(c, p, a, form, f.Fields)
	case err != nil:
		return s.refuse(c, err)
	}
	return s.toReceipt(c, a, receipt)
}

func (s *Service) giveBack(c *fiber.Ctx, p pass, a *Answer, form *door.Form, faults []fault.FieldError) error {
	t, err := s.lookUp(c, p)
	if err != nil {
		return s.refuse(c, err)
	}
	open := a.Check(known{agency: t.Agency != "", day: t.Day != "", matter: t.Matter != ""}, s.now())
	if len(open) > 0 {
		faults = open // complete, and in the order of the form
	}
	return s.sendForm(c, fiber.StatusUnprocessableEntity, p, t, a, form, faults)
}

// readAnswer reads the form as it was sent; Check says what is wrong with it.
func readAnswer(form *door.Form, elder bool) *Answer {
	v := form.Values
	a := &Answer{
		CheckedOn: v.Get("day"), Business: door.OneLine(v.Get("business")), Kind: v.Get("kind"), Matter: v.Get("matter"),
		Facts: map[string]string{}, Ratings: map[string]int{}, Scale: 5, Problem: v.Get("O1"), Advice: v.Get("O2"),
		Contact: v.Get("P1") == "y", Reply: v.Get("P4") == "y", Consent: v.Get("consent") == "y", Suspect: v.Get("website") != "", Photos: form.Photos,
	}
	if elder {
		a.Scale = 3
	}
	if id, err := uuid.Parse(v.Get("agency")); err == nil {
		a.AgencyID = uuid.NullUUID{UUID: id, Valid: true}
	}
	for _, f := range facts {
		if said := long[v.Get(f.id)]; said != "" {
			a.Facts[f.id] = said
		}
	}
	for _, r := range ratings {
		if n := mustScore(v.Get(r.id)); n > 0 {
			a.Ratings[r.id] = n
		}
	}
	a.Identity.Name, a.Identity.Phone = door.OneLine(v.Get("P2")), door.OneLine(v.Get("P3"))
	a.Identity.Confidential = v.Get("P5") == "y"
	return a
}

// done is what the receipt's page shows; it travels sealed in its address and is readable for an hour.
type done struct {
	Code   string   `json:"c"`
	Agency string   `json:"a"`
	Office string   `json:"o"`
	Day    string   `json:"d"`
	On     string   `json:"r"`
	Bad    []string `json:"b,omitempty"`
	Reach  bool     `json:"p,omitempty"`
}

const doneFor = time.Hour

func (s *Service) toReceipt(c *fiber.Ctx, a *Answer, r *Receipt) error {
	d := done{Code: r.Code, Agency: r.Agency, Office: r.Office, Day: r.Day, On: clock.Day(s.now()), Reach: a.Contact}
	for _, f := range a.badFacts() {
		d.Bad = append(d.Bad, f.short)
	}
	if len(d.Bad) == 0 && a.low() {
		d.Bad = []string{"不满意"}
	}
	token, err := s.keys.Seal("feedback done", d, s.now().Add(doneFor))
	if err != nil {
		return err
	}
	address := "/f/done/" + token
	if a.Scale == 3 {
		address += "?mode=elder"
	}
	return c.Redirect(address, fiber.StatusSeeOther)
}

var donePage = door.Page(`{{define "main"}}<h1><span class="ok">已收到</span></h1><p>谢谢您。{{.D.Office}}会看到这份反馈。</p>
<div class="box"><p class="meta">查询码，请截图或抄下来</p><p class="big">{{.Code}}</p><dl>{{with .D.Agency}}<dt>评价单位</dt><dd>{{.}}</dd>{{end}}{{with .Day}}<dt>检查日期</dt><dd>{{.}}</dd>{{end}}<dt>收到日期</dt><dd>{{.On}}</dd></dl></div>
<h2>接下来</h2><ul>{{with .D.Bad}}<li>您反映了{{range $i, $w := .}}{{if $i}}、{{end}}“{{$w}}”{{end}}。司法所核实后，在查询页写明结果。</li>{{end}}
{{if .D.Reach}}<li>您的联系方式已加密保存，只有办这件事的人能看。</li>{{else}}<li>您没留联系方式，我们找不到您，请用查询码来查。</li>{{end}}</ul>
<a class="btn" href="/t">查进展</a><a class="btn b" href="/c">还要投诉举报</a>
<p class="meta mt5">这一页只保留一小时。每个码只计一份；有人要求您改评价，请打12345。</p>{{end}}`)

func (s *Service) getDone(c *fiber.Ctx) error {
	var d done
	if !s.keys.Open("feedback done", c.Params("sealed"), &d, s.now()) {
		return fault.New(fault.NotFound, "gone", "这一页只保留一小时。反馈已经收到，用您记下的查询码可以查进展。")
	}
	return door.Send(c, fiber.StatusOK, donePage, struct {
		Head          door.Head
		D             done
		Code, Day, On string
	}{door.Head{Title: "已收到您的反馈", Elder: elder(c)}, d, door.Group(d.Code), door.ChineseDay(d.Day), door.ChineseDay(d.On)})
}

type codePage struct {
	Head door.Head
	Code door.Line
	Sum  *door.Summary
	Gone bool
}

var codeTemplate = door.Page(`{{define "main"}}<h1>{{.Head.Title}}</h1>
{{if .Gone}}<p>可能已经过期、作废，或者编号抄错了。请核对，或请带来的人再出示一次。</p><p>想反映情况，也可以<a href="/c">直接投诉举报</a>，或打<a href="tel:12345">12345</a>。</p>{{else}}<p>编号在二维码下面，12个字母和数字。</p>{{end}}
<form method="post" action="/f">{{template "line" .Code}}<button class="btn">打开反馈表</button></form>{{end}}`)

func typedCode(value, words string) door.Line {
	return door.Line{ID: "code", Label: "编号", Note: "不分大小写", Value: value, Max: 40, Fault: words}
}

// refuse answers for a ticket that is not there: one page, the same bytes whatever the reason.
func (s *Service) refuse(c *fiber.Ctx, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return door.Send(c, fiber.StatusNotFound, codeTemplate, codePage{Head: door.Head{Title: "这个码不能用"}, Code: typedCode("", ""), Gone: true})
}

func (s *Service) getCode(c *fiber.Ctx) error {
	return door.Send(c, fiber.StatusOK, codeTemplate, codePage{Head: door.Head{Title: "填反馈表", Elder: elder(c), Other: otherVersion(elder(c))}, Code: typedCode("", "")})
}

func (s *Service) postCode(c *fiber.Ctx) error {
	form, err := s.reader.Read(c, nil, 0)
	if err != nil {
		return err
	}
	typed := door.OneLine(form.Values.Get("code"))
	if code := door.Typed(typed, shortLen); code != "" {
		_, err = s.lookUp(c, pass{hash: door.Hash(code), typed: true})
		if err == nil {
			return c.Redirect("/f/"+code+modeQuery(c), fiber.StatusSeeOther)
		}
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	page := codePage{Head: door.Head{Title: "填反馈表", Elder: elder(c), Other: otherVersion(elder(c))}, Code: typedCode(cut(typed, 40), "没有这个编号，或者已经不能用。请照着二维码下面的再填一次。")}
	return door.Send(c, fiber.StatusUnprocessableEntity, codeTemplate, page)
}

func modeQuery(c *fiber.Ctx) string {
	if elder(c) {
		return "?mode=elder"
	}
	return ""
}

func cut(s string, n int) string {
	r := []rune(s)
	return strings.TrimSpace(string(r[:min(n, len(r))]))
}
