package complaint

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/actor"
	"suixing/internal/directory"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// ticketTable is the file that a 12345 platform exports, by the headings its clerks know.
var ticketTable = []directory.Column{
	{Field: "outer_number", Heading: "工单号", Also: []string{"工单编号", "诉求编号", "来源工单号", "编号"}, Required: true, Code: true, Hint: "整列设为文本", Example: "20260506000123"},
	{Field: "target", Heading: "被投诉单位", Also: []string{"被反映单位", "涉及单位", "承办单位", "单位"}, Required: true, Hint: "写全称", Example: "示例镇综合行政执法大队"},
	{Field: "officer", Heading: "执法人员", Also: []string{"被投诉人", "被反映人", "涉及人员"}, Hint: "姓名或证号，没有就空着", Example: ""},
	{Field: "happened", Heading: "发生日期", Also: []string{"发生时间", "诉求时间", "来电时间"}, Required: true, Day: true, Hint: "2026-05-06", Example: "2026-05-06"},
	{Field: "place", Heading: "地点", Also: []string{"发生地点", "地址", "事发地点"}, Required: true, Example: "示例镇东街"},
	{Field: "fact", Heading: "诉求内容", Also: []string{"内容", "工单内容", "反映内容", "事实"}, Required: true, Most: 2000, Hint: "不少于10个字", Example: "两人进店没有出示证件，拿走两箱货没有写单子。"},
	{Field: "request", Heading: "诉求人希望", Also: []string{"诉求", "请求", "希望"}, Most: 500, Example: "退货"},
	{Field: "name", Heading: "诉求人", Also: []string{"来电人", "投诉人", "姓名"}, Hint: "匿名的空着", Example: ""},
	{Field: "phone", Heading: "联系电话", Also: []string{"电话", "来电号码", "手机"}, Code: true, Hint: "匿名的空着", Example: ""},
	{Field: "source", Heading: "来源平台", Also: []string{"平台"}, Hint: "登记过的平台名；要让平台取回结果才填", Example: ""},
}

const (
	importMostRows = 1000
)

// ImportRow is one row in the preview. Who spoke is not repeated: the person who chose the file has it.
type ImportRow struct {
	Row         int                `json:"row"`
	OK          bool               `json:"ok"`
	Errors      []fault.FieldError `json:"errors"`
	Number      string             `json:"number"` // the complaint it became, or is already
	Target      string             `json:"target"`
	OuterNumber string             `json:"outer_number"`
}

// ImportReport is the preview, and after a commit what was taken: everything or nothing.
type ImportReport struct {
	Total     int         `json:"total"`
	Good      int         `json:"good"`
	Bad       int         `json:"bad"`
	Committed bool        `json:"committed"`
	Rows      []ImportRow `json:"rows"`
}

// Import reads tickets of 12345; with commit it files all of them or, if one row is bad, none. A ticket that is here with
// the same words is good and stays one; with other words its row is bad and names the complaint.
func (s *Service) Import(ctx context.Context, who actor.Actor, file []byte, commit bool) (*ImportReport, error) {
	lines, err := directory.ReadLines(file, ticketTable)
	if err != nil {
		return nil, err
	}
	if len(lines) > importMostRows {
		return nil, fault.New(fault.Invalid, "file", fmt.Sprintf("一次最多导入%d行，这个文件不止。请分成几个文件。", importMostRows))
	}
	report := &ImportReport{Total: len(lines), Rows: make([]ImportRow, len(lines))}
	records := make([]*record, len(lines))
	seen := map[string]int{}
	for i, l := range lines {
		if err := s.readRow(ctx, who, l, seen, &report.Rows[i], &records[i]); err != nil {
			return nil, err
		}
		if report.Rows[i].OK {
			report.Good++
		}
	}
	report.Bad = report.Total - report.Good
	if !commit || report.Bad > 0 {
		return report, nil
	}
	err = s.db.InTx(ctx, func(tx *db.DB) error { return s.keepAll(ctx, tx, who, records, report) })
	report.Committed = err == nil
	return report, err
}

// readRow checks one row. A row that repeats a ticket of this file or differs from one that is here is bad.
func (s *Service) readRow(ctx context.Context, who actor.Actor, l directory.Line, seen map[string]int, row *ImportRow, out **record) error {
	v := l.Values
	*row = ImportRow{Row: l.Number, Errors: append([]fault.FieldError{}, l.Faults...), Target: v["target"], OuterNumber: v["outer_number"]}
	t := OuterTicket{Number: v["outer_number"], Target: v["target"], Officer: v["officer"], Happened: v["happened"], Place: v["place"], Fact: v["fact"], Request: v["request"],
		Name: v["name"], Phone: v["phone"], Reply: v["phone"] != ""}
	source, err := sourceNamed(ctx, s.db, v["source"])
	if err != nil {
		return err
	}
	in, err := t.input(source)
	var said *fault.Error
	if errors.As(err, &said) {
		row.Errors = append(row.Errors, said.Fields...)
		return nil
	}
	in.settle()
	if errors.As(onWire(fault.Invalidf(in.Check(s.now())...)), &said) {
		row.Errors = append(row.Errors, said.Fields...)
	}
	if v["source"] != "" && !source.Valid {
		row.Errors = append(row.Errors, fault.FieldError{Field: "source", Message: "没有登记过这个平台。请核对名称，或者空着"})
	}
	if before := seen[in.OuterNumber]; before > 0 {
		row.Errors = append(row.Errors, fault.FieldError{Field: "outer_number", Message: fmt.Sprintf("工单号和第%d行的一样", before)})
	}
	seen[in.OuterNumber] = l.Number
	if len(row.Errors) > 0 {
		return nil
	}
	r, _, err := s.record(who, in, s.now())
	if err != nil {
		return err
	}
	first, err := keptBefore(ctx, s.db, r)
	switch {
	case err == nil && first.Same:
		row.Number = first.Number
	case err == nil:
		row.Number = first.Number
		row.Errors = append(row.Errors, fault.FieldError{Field: "outer_number", Message: "这个工单已经登记为" + first.Number + "，内容和这次的不同。请打开" + first.Number + "补充，从表里删去这一行。"})
		return nil
	case fault.KindOf(err) == fault.NotFound:
		*out = r
	default:
		return err
	}
	row.OK = true
	return nil
}

func (s *Service) keepAll(ctx context.Context, tx *db.DB, who actor.Actor, records []*record, report *ImportReport) error {
	for i, r := range records {
		if r == nil {
			continue
		}
		out := &Filed{}
		err := s.keep(ctx, tx, who, r, out)
		if errors.Is(err, errAgain) {
			return fault.New(fault.Conflict, "meanwhile", fmt.Sprintf("第%d行的工单刚才由别人登记了，一行都没有导入。请再预览一次。", report.Rows[i].Row))
		}
		if err != nil {
			return err
		}
		report.Rows[i].Number = out.Number
	}
	return nil
}

func (s *Service) postImport(c *fiber.Ctx) error {
	return directory.Upload(c, s.Import)
}

func (s *Service) getTemplate(c *fiber.Ctx) error {
	out, err := directory.TemplateOf(ticketTable)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	c.Set(fiber.HeaderContentDisposition, "attachment; filename=\"tickets.xlsx\"; filename*=UTF-8''"+url.PathEscape("12345工单导入模板.xlsx"))
	return c.Send(out)
}
