package feedback

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/door"
)

var wallTemplate = door.FormPage(formParts + `{{define "main"}}<h1>对检查说句话</h1>
{{if .Sum}}{{template "sum" .Sum}}{{else}}{{template "lines" .}}<p class="meta">有检查时给的二维码，请扫那一个；没有，就在这里填。这里填的不和哪一次检查、哪一家店连在一起。</p>{{end}}
<form method="post">{{template "trap"}}<input type="hidden" name="n" value="{{.Nonce}}">
<h2>当时的情况</h2>
{{template "agency" .}}
<div class="q{{if .MonthM}} err{{end}}"><label class="l" for="day">哪个月检查的？</label>{{if .MonthM}}<p class="m" id="day-m">{{.MonthM}}</p>{{end}}<select id="day" name="day"{{if .MonthM}} aria-invalid="true" aria-describedby="day-m"{{end}}><option value="">请选择{{range .Months}}<option value="{{.Value}}"{{if .On}} selected{{end}}>{{.Label}}{{end}}</select></div>
{{with .Matter}}{{template "ask" .}}{{end}}{{template "ask" .Kind}}
{{range .Facts}}{{template "ask" .}}{{end}}
{{template "rates" .}}
<h2>想说的话</h2>
{{template "area" .Problem}}{{template "area" .Advice}}
<button class="btn">提交</button></form>
<p class="meta mt4">想留电话、要答复，请用<a href="/c">投诉举报</a>，或打<a href="tel:{{.Hotline}}">{{.Hotline}}</a>。</p>{{template "notice" .}}{{end}}`)

// wall finds the wall that an address names by its many bits. The short code beside the picture is for typing, and typed it
// is like any other: found as slowly, its misses counted, and led on to the long address. Nil without a fault: an answer was
// sent, the long address or the page that waits its turn.
func (s *Service) wall(c *fiber.Ctx) (*wallInfo, error) {
	p, ok := readPass(c.Params("code"))
	if !ok {
		return nil, s.refuse(c, errNoTicket())
	}
	if p.typed {
		form := &door.Form{Values: url.Values{shortCodes.Field: {c.Params("code")}}}
		if open, err := s.gate.Try(c.UserContext(), form, shortCodes); err != nil {
			return nil, err
		} else if !open {
			return nil, s.gate.Hold(c, form, shortCodes)
		}
	}
	w, err := wallByHash(c.UserContext(), s.db, p)
	switch {
	case err == nil && p.typed:
		return nil, s.toWall(c, w)
	case fault.KindOf(err) == fault.NotFound:
		if p.typed {
			if err := s.slow.Hit(c.UserContext(), shortCodes.Scope); err != nil {
				return nil, err
			}
		}
		return nil, s.refuse(c, errNoTicket())
	}
	return w, err
}

// toWall leads from a good short code to the address that need not be guessed and is not slowed.
func (s *Service) toWall(c *fiber.Ctx, w *wallInfo) error {
	raw, _ := s.wallSecrets(w.ID)
	return c.Redirect("/w/"+base64.RawURLEncoding.EncodeToString(raw)+modeQuery(c), fiber.StatusSeeOther)
}

func (s *Service) getWall(c *fiber.Ctx) error {
	w, err := s.wall(c)
	if err != nil || w == nil {
		return err
	}
	nonce := make([]byte, 9)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	return s.sendWall(c, fiber.StatusOK, w, newAnswer(three(c), s.now()), hex.EncodeToString(nonce), nil)
}

func (s *Service) sendWall(c *fiber.Ctx, status int, w *wallInfo, a *Answer, nonce string, faults []fault.FieldError) error {
	near, err := agenciesNear(c.UserContext(), s.db, w.OfficeID)
	if err != nil {
		return err
	}
	said := firstOf(faults)
	p := &formPage{
		Head: door.Head{Title: "对检查说句话", Elder: elder(c), Other: otherVersion(elder(c))}, Wall: true, Nonce: nonce, AgencyM: said["agency"], MonthM: said["day"],
		Problem: door.Area{ID: "O1", Label: "具体问题", Note: "不满意或有上面的情况时，请写几句", Value: a.Problem, Max: 500, Fault: said["O1"]},
		Advice:  door.Area{ID: "O2", Label: "意见建议", Note: "可不填", Value: a.Advice, Max: 300, Fault: said["O2"]},
	}
	p.house(w.Bureau, w.Office, w.Hotline)
	p.choose(near, a)
	p.Months = choices(lastMonths(s.now()), a.CheckedOn, true)
	p.askMatter(a, said)
	p.questions(a, elder(c), said)
	p.sum(faults)
	return door.Send(c, status, wallTemplate, p)
}

// postWall takes an answer by wall code. Under load it asks for work or a person's word; it never refuses, and a burst at
// one wall slows no other.
func (s *Service) postWall(c *fiber.Ctx) error {
	w, err := s.wall(c)
	if err != nil || w == nil {
		return err
	}
	form, err := s.reader.Read(c, nil, 0)
	if err != nil {
		return err
	}
	a, nonce := readAnswer(form, three(c)), form.Values.Get("n")
	if len(nonce) > 40 || nonce == "" {
		nonce = uuid.NewString()
	}
	if bad := a.checkWall(s.now()); len(bad) > 0 {
		return s.sendWall(c, fiber.StatusUnprocessableEntity, w, a, nonce, bad)
	}
	what := "wall " + w.ID.String()
	verdict, err := s.gate.Judge(c.UserContext(), form, door.Use{What: what, Soft: wallSoft, Plain: wallPlain})
	if err != nil {
		return err
	}
	if verdict == door.Ask {
		return s.gate.Challenge(c, form, s.reader, nil, what)
	}
	// Work done is as good as a quiet day: only who pressed the button waits for a look. That there is a burst is flagged.
	r, err := s.submitWall(c.UserContext(), w, a, nonce, verdict)
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.Invalid:
		return s.sendWall(c, fiber.StatusUnprocessableEntity, w, a, nonce, f.Fields)
	case err != nil:
		return err
	}
	return s.toReceipt(c, a, r)
}

// wallTyped finds a wall by the short code under its picture; nil when there is none.
func (s *Service) wallTyped(ctx context.Context, code string) (*wallInfo, error) {
	w, err := wallByHash(ctx, s.db, pass{hash: door.Hash(code), typed: true})
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return w, err
}
