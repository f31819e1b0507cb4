package complaint

import (
	"bytes"
	"context"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// A platform of 12345 that hands its tickets in as a file gets what became of them back as one: by its own numbers, with
// nobody's name and not a word of what was said.

const resultRowsMost = 20_000

var findingWords = map[string]string{"founded": "属实", "partly": "部分属实", "unfounded": "不属实", "unverifiable": "无法查实"}

// resultColumns: every cell is text, so that nothing typed by anyone can act as a formula.
var resultColumns = []struct {
	head  string
	width float64
	cell  func(OuterResult) string
}{
	{"工单号", 22, func(r OuterResult) string { return r.OuterNumber }},
	{"登记编号", 14, func(r OuterResult) string { return r.Number }},
	{"办理情况", 12, func(r OuterResult) string { return stateWords[r.State] }},
	{"调查结论", 12, func(r OuterResult) string { return findingWords[r.Finding] }},
	{"不予受理理由", 24, func(r OuterResult) string { return groundWords(r.Ground) }},
	{"转送单位", 20, func(r OuterResult) string { return r.ReferredTo }},
	{"答复内容", 60, func(r OuterResult) string { return r.Answer }},
	{"要求补充", 40, func(r OuterResult) string { return r.Asks }},
	{"办理期限", 12, func(r OuterResult) string { return string(r.DueOn) }},
	{"最后变动", 12, func(r OuterResult) string { return string(deadline.DayOf(r.ChangedAt)) }},
}

// ResultsBook writes what became of the tickets of 12345 in who's scope that changed on a day or later. Faults: Invalid for
// what is no day.
func (s *Service) ResultsBook(ctx context.Context, who actor.Actor, since deadline.Date) ([]byte, error) {
	if since != "" && !since.Valid() {
		return nil, fault.Field("since", "写成2026-05-14这样")
	}
	list, err := s.ticketResults(ctx, who, since)
	if err != nil {
		return nil, err
	}
	x := excelize.NewFile()
	defer func() { _ = x.Close() }()
	w, err := x.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	head := make([]any, len(resultColumns))
	for i, c := range resultColumns {
		head[i] = c.head
		if err := w.SetColWidth(i+1, i+1, c.width); err != nil {
			return nil, err
		}
	}
	if err := w.SetRow("A1", head); err != nil {
		return nil, err
	}
	for n, r := range list {
		row := make([]any, len(resultColumns))
		for i, c := range resultColumns {
			row[i] = c.cell(r)
		}
		cell, err := excelize.CoordinatesToCellName(1, n+2)
		if err == nil {
			err = w.SetRow(cell, row)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), s.db.InTx(ctx, func(tx *db.DB) error {
		return audit.Append(ctx, tx, s.now(), who, "complaint.results_export", "complaint", uuid.Nil, map[string]any{"rows": len(list)})
	})
}

func (s *Service) getResultsBook(c *fiber.Ctx) error {
	body, err := s.ResultsBook(c.UserContext(), web.ActorOf(c), deadline.Date(c.Query("since")))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	c.Set(fiber.HeaderContentDisposition, "attachment; filename=\"results.xlsx\"; filename*=UTF-8''"+url.PathEscape("12345工单办理结果"+string(deadline.DayOf(s.now()))+".xlsx"))
	return c.Send(body)
}
