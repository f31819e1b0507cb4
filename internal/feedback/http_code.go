package feedback

import (
	"context"
	"encoding/base64"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
	"suixing/internal/platform/door"
)

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

func (s *Service) getCode(c *fiber.Ctx) error {
	if form := s.gate.Waited(c, shortCodes); form != nil {
		return s.openTyped(c, form)
	}
	return s.sendCode(c, fiber.StatusOK, "", "")
}

func (s *Service) sendCode(c *fiber.Ctx, status int, value, words string) error {
	page := codePage{Head: door.Head{Title: "填反馈表", Elder: elder(c), Other: otherVersion(elder(c))}, Code: typedCode(value, words)}
	return door.Send(c, status, codeTemplate, page)
}

// postCode opens the form of a typed code. A network that guesses is asked for work with each try; the people behind the
// same address get through by it, and who has no script waits a moment.
func (s *Service) postCode(c *fiber.Ctx) error {
	form, err := s.reader.Read(c, nil, 0)
	if err != nil {
		return err
	}
	return s.openTyped(c, form)
}

func (s *Service) openTyped(c *fiber.Ctx, form *door.Form) error {
	typed := door.OneLine(form.Values.Get("code"))
	code := door.Typed(typed, shortLen)
	if code == "" {
		return s.sendCode(c, fiber.StatusUnprocessableEntity, cut(typed), wrongCode)
	}
	if open, err := s.gate.Try(c.UserContext(), form, shortCodes); err != nil {
		return err
	} else if !open {
		return s.gate.Hold(c, form, shortCodes)
	}
	p := pass{hash: door.Hash(code), typed: true}
	_, err := s.find(c.UserContext(), p)
	switch {
	case err == nil:
		return s.vet(c, p)
	case fault.KindOf(err) != fault.NotFound:
		return err
	}
	if wall, err := s.wallTyped(c.UserContext(), code); err != nil {
		return err
	} else if wall != nil {
		return s.toWall(c, wall)
	}
	return s.sendCode(c, fiber.StatusUnprocessableEntity, cut(typed), wrongCode)
}

// lostPictures is a field that the waiting page carries where there were pictures that it cannot carry.
const lostPictures = "lost"

// postTyped leads a form that was posted to a typed code to the sealed address of its ticket, with all that is in it: the
// browser sends it there once more. Where the network guesses, the form waits its turn first, and nobody is turned away.
func (s *Service) postTyped(c *fiber.Ctx, p pass) error {
	pictures := false
	r := s.reader
	r.Ingest = func(context.Context, io.Reader) (door.Photo, error) { // nothing is stored for an address that anyone can make up
		pictures = true
		return door.Photo{}, errNoTicket()
	}
	form, err := r.Read(c, nil, 0)
	if err != nil {
		return err
	}
	if pictures {
		form.Values.Set(lostPictures, "y")
	}
	if open, err := s.gate.Try(c.UserContext(), form, shortCodes); err != nil {
		return err
	} else if !open {
		return s.gate.Hold(c, form, door.Turnstile{Scope: shortCodes.Scope, Field: shortCodes.Field, Path: "/f/" + door.Typed(c.Params("ticket"), shortLen) + levelsQuery(c)})
	}
	if _, err := s.find(c.UserContext(), p); err != nil {
		return s.refuse(c, err)
	}
	return s.vetTo(c, p, levelsQuery(c), fiber.StatusTemporaryRedirect)
}

// levelsQuery goes on with a form that was asked for with three levels; the elder version has them anyway.
func levelsQuery(c *fiber.Ctx) string {
	if three(c) && !elder(c) {
		return "?levels=3"
	}
	return ""
}

const wrongCode = "没有这个编号，或者已经不能用。请照着二维码下面的再填一次。"

// shortCodes is where the codes beside the pictures are typed.
var shortCodes = door.Turnstile{Scope: "ticket", Field: "code", Path: "/f"}

// vet leads from a good typed code to an address that need not be guessed and is not slowed.
func (s *Service) vet(c *fiber.Ctx, p pass) error { return s.vetTo(c, p, "", fiber.StatusSeeOther) }

func (s *Service) vetTo(c *fiber.Ctx, p pass, levels string, status int) error {
	token, err := s.keys.Seal("pass", base64.RawURLEncoding.EncodeToString(p.hash), s.now().Add(ticketLife))
	if err != nil {
		return err
	}
	return c.Redirect("/f/"+vetted+token+modeQuery(c)+levels, status)
}

// vetted begins the sealed address; no ticket's own address has a dot.
const vetted = "s."

// readPass reads the last part of a ticket's address; false for what cannot be one.
func (s *Service) readPass(text string) (pass, bool) {
	token, sealed := strings.CutPrefix(text, vetted)
	if !sealed {
		return readPass(text)
	}
	var hash string
	if !s.keys.Open("pass", token, &hash, s.now()) {
		return pass{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(hash)
	return pass{hash: raw, typed: true, vetted: true}, err == nil
}

func cut(s string) string {
	r := []rune(s)
	return strings.TrimSpace(string(r[:min(40, len(r))]))
}
