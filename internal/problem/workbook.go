package problem

import (
	"bytes"
	"context"
	"strings"

	"github.com/xuri/excelize/v2"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"

	"github.com/google/uuid"
)

const (
	maxRows   = 50_000
	batchRows = 1000
)

// column of the register on paper: every cell is text, so that nothing typed by anyone can act as a formula.
type column struct {
	head  string
	width float64
	cell  func(row) string
}

var (
	severityWords = map[string]string{Redline: "红线", General: "一般", Minor: "瑕疵"}
	rungWords     = map[Rung]string{FBK: "反馈单", TXH: "提醒函", DBH: "督办函", YJS: "意见书", JDS: "决定书"}
	categoryWords = map[string]string{"inaction": "不作为", "misconduct": "乱作为", "procedure": "程序违法", "manner": "不文明", "integrity": "廉洁", "discretion": "裁量不当", "qualification": "人员资格", "paperwork": "文书案卷", "disturbance": "检查扰企", "other": "其他"}
	originWords   = map[string]string{"visit": "伴随式", "feedback": "反馈表", "complaint": "投诉", "casefile": "案卷评查", "special": "专项", "contact": "联系点", "supervisor": "监督员", "transfer": "转送", "activity": "走访", "filing": "备案审查"}
)

// agencyColumns are the only ones an agency's workbook has.
var agencyColumns = []column{
	{"编号", 14, func(r row) string { return r.AgencyNumber }},
	{"现状", 10, func(r row) string { return stateWords[r.State] }},
	{"严重程度", 10, func(r row) string { return severityWords[r.Severity] }},
	{"类别", 12, func(r row) string { return categoryWords[r.Category] }},
	{"事项", 60, func(r row) string { return r.AgencyText }},
	{"文书", 10, func(r row) string { return rungWords[r.Rung] }},
	{"送达", 12, func(r row) string { return string(r.ServedOn) }},
	{"期限", 12, func(r row) string { return string(r.DueOn) }},
	{"办结", 12, func(r row) string { return string(day(r.ClosedAt)) }},
}

var deskColumns = []column{
	{"编号", 14, func(r row) string { return r.Number }},
	{"司法所", 18, func(r row) string { return deref(r.OfficeName) }},
	{"执法单位", 24, func(r row) string { return r.AgencyName }},
	{"来源", 10, func(r row) string { return originWords[r.Origin] }},
	{"严重程度", 10, func(r row) string { return severityWords[r.Severity] }},
	{"类别", 12, func(r row) string { return categoryWords[r.Category] }},
	{"监督内容", 10, func(r row) string { return r.Tag }},
	{"事实", 60, func(r row) string { return r.Fact }},
	{"个性或共性", 10, func(r row) string { return map[bool]string{true: "共性", false: "个性"}[r.Common] }},
	{"现状", 10, func(r row) string { return stateWords[r.State] }},
	{"文书", 10, func(r row) string { return rungWords[r.Rung] }},
	{"送达", 12, func(r row) string { return string(r.ServedOn) }},
	{"期限", 12, func(r row) string { return string(r.DueOn) }},
	{"登记", 17, func(r row) string { return r.RegisteredAt.In(clock.Shanghai).Format("2006-01-02 15:04") }},
	{"办结", 12, func(r row) string { return string(day(r.ClosedAt)) }},
	{"责任追究", 10, func(r row) string { return map[bool]string{true: "是"}[r.Accountability] }},
	{"执法单位看到的编号", 14, func(r row) string { return r.AgencyNumber }},
	{"材料", 14, func(r row) string { return map[bool]string{true: "照片未收齐"}[r.Incomplete] }},
}

// Workbook is the list behind a filter as .xlsx, read in pages and written as a stream. The export leaves an audit row.
func (s *Service) Workbook(ctx context.Context, who actor.Actor, f Filter) ([]byte, error) {
	columns := deskColumns
	switch {
	case who.Is(actor.Agency):
		columns = agencyColumns
	case !who.Is(actor.Office) && !who.SeesCounty():
		return nil, fault.Missing()
	}
	near, _, err := s.near(ctx, deadline.DayOf(s.now()))
	if err != nil {
		return nil, err
	}
	x := excelize.NewFile()
	defer func() { _ = x.Close() }()
	const sheet = "问题台账"
	if err := x.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	w, err := x.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	n, err := s.writeRows(ctx, who, f, near, w, columns)
	if err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), s.db.InTx(ctx, func(tx *db.DB) error {
		return audit.Append(ctx, tx, s.now(), who, "problem.export", "problem", uuid.Nil, map[string]any{"rows": n})
	})
}

func (s *Service) writeRows(ctx context.Context, who actor.Actor, f Filter, near deadline.Date, w *excelize.StreamWriter, columns []column) (int, error) {
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = c.head
		if err := w.SetColWidth(i+1, i+1, c.width); err != nil {
			return 0, err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return 0, err
	}
	if err := w.SetRow("A1", head); err != nil {
		return 0, err
	}
	for n := 0; ; {
		rows, next, err := s.page(ctx, who, f, near, batchRows)
		if err != nil {
			return n, err
		}
		for _, r := range rows {
			if n++; n > maxRows {
				return n, errFull
			}
			if err := writeRow(w, n+1, r, columns); err != nil {
				return n, err
			}
		}
		if next == "" {
			return n, nil
		}
		f.After = next
	}
}

func writeRow(w *excelize.StreamWriter, line int, r row, columns []column) error {
	at, err := excelize.CoordinatesToCellName(1, line)
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = printable(c.cell(r))
	}
	return w.SetRow(at, cells)
}

// printable drops the control characters that XML cannot hold; a workbook with one would not open.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x20 && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, s)
}
