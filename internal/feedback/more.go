package feedback

import (
	"context"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// After the office has answered, whoever holds the receipt code may say once more what that answer was worth (追评).

// More keeps the one word after the answer. Faults: NotFound for no such code, Conflict before the answer (no_reply) and after
// the one word (said).
func (s *Service) More(ctx context.Context, code string, overall int, text string) error {
	text = door.Clean(text)
	switch {
	case overall < 1 || overall > 5:
		return fault.Field("M", "请选一项")
	case door.TooLong(text, 300):
		return fault.Field("M1", "最多300字，现在太长了")
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		f, err := answerByReceipt(ctx, tx, code)
		switch {
		case err != nil:
			return err
		case f.Replied == nil:
			return fault.New(fault.Conflict, "no_reply", "司法所还没有答复，答复以后才能追评。")
		case f.Said:
			return fault.New(fault.Conflict, "said", "已经追评过一次，不能再改。还有话要说，请投诉举报。")
		}
		return saveMore(ctx, tx, f.ID, overall, text, door.Hour(s.now()))
	})
}

type morePage struct {
	Head  door.Head
	Sum   *door.Summary
	Code  door.Line
	Found string
	Reply string
	On    string
	Words string // what cannot be done, or that it is done
	Done  bool
	Mark  door.Question
	Text  door.Area
}

var moreTemplate = door.Page(`{{define "main"}}<h1>{{.Head.Title}}</h1>{{with .Sum}}{{template "sum" .}}{{end}}
{{if .Done}}<p><span class="ok">已收到</span></p><p>{{.Words}}</p><a class="btn b" href="/t">查进展</a>{{else}}
{{with .Words}}<div class="sum" role="alert"><b>{{.}}</b></div>{{end}}
{{if .Found}}<div class="box"><p class="meta">司法所的答复，{{.On}}</p><p>{{.Reply}}</p></div>
<form method="post"><input type="hidden" name="r" value="{{.Found}}">{{template "ask" .Mark}}{{template "area" .Text}}<button class="btn">提交追评</button></form><p class="meta mt4">只能追评一次，交了不能改。</p>
{{else}}<p>司法所答复以后，您可以再评一次：答复得怎么样，问题解决了没有。</p><form method="post">{{template "line" .Code}}<button class="btn">看答复</button></form>{{end}}{{end}}{{end}}`)

// receipts is where the codes of receipts are typed here.
var receipts = door.Turnstile{Scope: "receipt", Field: "r", Path: "/f/more"}

func (s *Service) getMore(c *fiber.Ctx) error {
	if form := s.gate.Waited(c, receipts); form != nil {
		return s.moreOf(c, form)
	}
	return s.sendMore(c, fiber.StatusOK, &morePage{}, "")
}

func (s *Service) sendMore(c *fiber.Ctx, status int, p *morePage, typed string) error {
	words := ""
	if p.Sum != nil && p.Found == "" {
		words = p.Sum.Items[0].Words
	}
	p.Head = door.Head{Title: "追评", Elder: elder(c), Other: otherVersion(elder(c))}
	p.Code = door.Line{ID: "r", Label: "查询码", Note: "不分大小写，空格可不填", Value: typed, Max: 40, Fault: words}
	if p.Mark.ID == "" {
		p.ask(c, 0, "", nil)
	}
	return door.Send(c, status, moreTemplate, p)
}

func (p *morePage) ask(c *fiber.Ctx, overall int, text string, said map[string]string) {
	marks, shape := levels, ""
	if three(c) {
		marks, shape = elderLevels, " v"
	}
	p.Mark = door.Question{ID: "M", Text: "对这个答复满意吗？", Shape: shape, Fault: said["M"], Choices: choices(marks, strconv.Itoa(overall), three(c))}
	p.Text = door.Area{ID: "M1", Label: "想说的话", Note: "可不填", Value: text, Max: 300, Fault: said["M1"]}
}

// postMore shows the answer for a code, and keeps the word when one is given. Codes are slowed like everywhere.
func (s *Service) postMore(c *fiber.Ctx) error {
	form, err := s.reader.Read(c, nil, 0)
	if err != nil {
		return err
	}
	return s.moreOf(c, form)
}

func (s *Service) moreOf(c *fiber.Ctx, form *door.Form) error {
	ctx, typed := c.UserContext(), door.OneLine(form.Values.Get("r"))
	if open, err := s.gate.Try(ctx, form, receipts); err != nil {
		return err
	} else if !open {
		return s.gate.Hold(c, form, receipts)
	}
	code := door.Typed(typed, door.ReceiptLen)
	st, found, err := s.Status(ctx, code)
	if err != nil {
		return err
	}
	if code == "" || !found {
		if err := s.slow.Hit(ctx, "receipt"); err != nil {
			return err
		}
		return s.sendMore(c, fiber.StatusUnprocessableEntity, &morePage{Sum: &door.Summary{Title: "没有查到", Items: []door.SummaryItem{{ID: "r", Words: "没有查到。请照着抄下的查询码再填一次。"}}}}, cut(typed))
	}
	p := &morePage{Found: code, Reply: st.Reply}
	if !st.Again {
		p.Found, p.Words = "", "司法所还没有答复，答复以后才能追评。"
		if st.Replied != nil {
			p.Words = "已经追评过一次，不能再改。"
		}
		return s.sendMore(c, fiber.StatusOK, p, cut(typed))
	}
	p.On = door.Chinese(*st.Replied)
	return s.keepMore(c, form, code, p)
}

// keepMore keeps the word that came with a code whose answer may be rated, and shows the answer when none came.
func (s *Service) keepMore(c *fiber.Ctx, form *door.Form, code string, p *morePage) error {
	overall, text := mustScore(form.Values.Get("M")), form.Values.Get("M1")
	if !form.Values.Has("M") && !form.Values.Has("M1") { // the code alone: show the answer first
		return s.sendMore(c, fiber.StatusOK, p, "")
	}
	err := s.More(c.UserContext(), code, overall, text)
	if fields := fieldsOf(err); len(fields) > 0 {
		p.ask(c, overall, text, firstOf(fields))
		p.Sum = &door.Summary{Title: "还有1处要补，已填的都留着", Items: []door.SummaryItem{{ID: fields[0].Field, Words: fields[0].Message}}}
		return s.sendMore(c, fiber.StatusUnprocessableEntity, p, "")
	}
	if fault.KindOf(err) == fault.Conflict {
		return s.sendMore(c, fiber.StatusOK, &morePage{Words: err.Error()}, "")
	}
	if err != nil {
		return err
	}
	return s.sendMore(c, fiber.StatusOK, &morePage{Done: true, Words: "追评已经记下，和原来的反馈放在一起，司法所和县司法局都会看到。"}, "")
}

func fieldsOf(err error) []fault.FieldError {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Fields
	}
	return nil
}
