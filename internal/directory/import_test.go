package directory

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"suixing/internal/fault"
)

func contains(s, sub string) bool { return strings.Contains(s, sub) }

func complaints(r ImportReport) string {
	var b strings.Builder
	for _, row := range r.Rows {
		for _, e := range row.Errors {
			fmt.Fprintf(&b, "%d %s %s\n", row.Row, e.Field, e.Message)
		}
	}
	return b.String()
}

func TestImportGood(t *testing.T) {
	w := newTown(t)
	file := sheet(t,
		[]any{"获得的名单（2026年）"}, // a title above the headings
		[]any{"备注", "地 址", "*统一社会信用代码（18位）", "企业名称", "主体类别", "所在乡镇"},
		[]any{"x", "人民路1号", "９１３５０１００m000100y43", "示例小吃店", "个体户", "示例镇A"},
		[]any{}, // a blank row between
		[]any{"", "工业园", "", "示例制造公司", "企业", "示例镇A司法所"},
		[]any{"", "", "", 365, "其他", ""},
	)
	r, err := w.s.ImportBusinesses(bg, w.office, file, false)
	if err != nil || r.Total != 3 || r.Bad != 0 || r.Committed || w.count(t, "businesses") != 0 {
		t.Fatalf("preview: %v %+v", err, r)
	}
	if r, err = w.s.ImportBusinesses(bg, w.office, file, true); err != nil || !r.Committed {
		t.Fatalf("commit: %v %+v", err, r)
	}
	page, _ := w.s.Businesses(bg, w.office, BusinessFilter{})
	if len(page.Items) != 3 || page.Items[0].Name != "365" || page.Items[2].USCC != "91350100M000100Y43" || page.Items[0].OfficeID != place(w.west) {
		t.Fatalf("%+v", page.Items)
	}
	r, err = w.s.ImportBusinesses(bg, w.office, file, true)
	if err != nil || r.Committed || r.Bad != 3 || w.count(t, "businesses") != 3 {
		t.Fatalf("the same file again: %v %+v", err, r)
	}
	if got := complaints(r); !contains(got, "3 uscc 这个统一社会信用代码登记册里已经有了") || !contains(got, "5 name 同名同地址的主体登记册里已经有了") {
		t.Error(got)
	}
}

func TestImportNamesEveryBadRow(t *testing.T) {
	w := newTown(t)
	r, err := w.s.ImportBusinesses(bg, w.office, sheet(t,
		[]any{"名称", "统一社会信用代码", "类别", "司法所", "行业"},
		[]any{"好商户", "91350100M000100Y43", "企业", "", "餐饮"},
		[]any{"重复商户", "91350100m000100y43", "企业", "", ""},
		[]any{"数字商户", 914403001922038216.0, "企业", "", ""},
		[]any{"科学商户", "9.14403E+17", "企业", "", ""},
		[]any{"字母商户", "9135O100M000100Y43", "企业", "", ""},
		[]any{"", "", "小摊", "示例镇C", ""},
		[]any{"=1+1", "", "企业", "", ""},
		[]any{"＝HYPERLINK", "", "企业", "示例镇B", "@SUM"},
		[]any{strings.Repeat("长", 400), "", "企业", "", ""},
		[]any{"@危险", "", "企业", "", ""},
	), true)
	if err != nil || r.Committed || r.Good != 1 || r.Bad != 9 || w.count(t, "businesses") != 0 {
		t.Fatalf("%v good %d bad %d: nothing may be taken", err, r.Good, r.Bad)
	}
	got := complaints(r)
	for _, want := range []string{
		"3 uscc 这个统一社会信用代码在第2行已经有了", "4 uscc “统一社会信用代码”这一格被表格当成了数字", "5 uscc “统一社会信用代码”这一格被表格当成了数字",
		"6 uscc 统一社会信用代码里没有字母O，第5位多半是数字0", "7 kind 类别只写", "7 name 请填名称", "7 office 系统里没有“示例镇C”", "8 name “名称”这一格是公式",
		"9 name “名称”不要以“＝”开头", "9 office 只能导入本司法所", "9 industry “行业”不要以“@”开头", "10 name “名称”这一格太长", "11 name “名称”不要以“@”开头",
	} {
		if !contains(got, want) {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "8 name"); n != 1 {
		t.Errorf("the formula cell is complained of %d times", n)
	}
}

func TestImportOfficers(t *testing.T) {
	w := newTown(t)
	d := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	head := []any{"执法证号", "姓名", "单位名称", "有效期至", "发证日期", "证件状态"}
	r, err := w.s.ImportOfficers(bg, w.admin, sheet(t, head,
		[]any{"16072500001", "张示例", w.team.Name, "2029年4月30日", d, "有效"},
		[]any{16072500002, "李示例", w.team.Name, "2029/4/30", "2024.5.1", ""},
		[]any{"16072500003", "王示例", w.team.Name, 20290430, "20240501", "暂扣"},
	), true)
	if err != nil || !r.Committed {
		t.Fatalf("%v\n%s", err, complaints(r))
	}
	page, _ := w.s.Officers(bg, w.admin, OfficerFilter{})
	for _, o := range page.Items {
		if o.ValidFrom != "2024-05-01" || o.ValidTo != "2029-04-30" {
			t.Errorf("%+v", o)
		}
	}
	r, err = w.s.ImportOfficers(bg, w.admin, sheet(t, head,
		[]any{"16072500001", "赵示例", "没有的单位", "长期", "5月1日", "丢了"},
		[]any{"16072500009", "钱示例", w.team.Name, "2024-05-01", "2029-04-30", ""},
	), true)
	got := complaints(r)
	for _, want := range []string{"2 credential_number 这个执法证号登记册里已经有了", "2 agency 系统里没有“没有的单位”", "2 valid_to 有效期止要写日期", "2 valid_from 日期写成", "2 status 证件状态只写", "3 valid_to 有效期止早于有效期起"} {
		if !contains(got, want) {
			t.Errorf("%v: no line %q in\n%s", err, want, got)
		}
	}
}

func TestImportWrongFiles(t *testing.T) {
	w := newTown(t)
	many := [][]any{{"名称", "统一社会信用代码", "类别"}}
	for i := range maxRows + 1 {
		many = append(many, []any{fmt.Sprint("商户", i), "", "其他"})
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":         {nil, "不是.xlsx表格"},
		"text":          {[]byte("名称,代码\n"), "不是.xlsx表格"},
		"old or locked": {[]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, "旧版.xls"},
		"cut off":       {sheet(t, []any{"名称"})[:900], "不是.xlsx表格"},
		"no headings":   {sheet(t, []any{"甲", "乙"}), "没有找到表头“名称”“统一社会信用代码”“类别”"},
		"one missing":   {sheet(t, []any{"名称", "类别"}), "没有找到表头“统一社会信用代码”"},
		"only headings": {sheet(t, []any{"名称", "信用代码", "类别"}), "只有表头"},
		"heading twice": {sheet(t, []any{"名称", "企业名称", "信用代码", "类别"}), "有两列都是“名称”"},
		"too many rows": {sheet(t, many...), "最多导入5000行"},
	} {
		_, err := w.s.ImportBusinesses(bg, w.admin, c.file, false)
		if fault.KindOf(err) != fault.Invalid || !contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// raw makes a workbook around hand-written parts.
func raw(t *testing.T, sheetXML, stringsXML string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheetXML,
		"xl/sharedStrings.xml":       stringsXML,
	} {
		p, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestImportHostileFiles(t *testing.T) {
	w := newTown(t)
	const head = `<row r="1"><c t="inlineStr"><is><t>名称</t></is></c><c t="inlineStr"><is><t>统一社会信用代码</t></is></c><c t="inlineStr"><is><t>类别</t></is></c></row>`
	wide := strings.Builder{}
	for i := 2; i < 4000; i++ {
		fmt.Fprintf(&wide, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i, i)
	}
	for name, c := range map[string]struct {
		sheet, strings, want string
	}{
		"bomb":           {`<sheetData>` + head + strings.Repeat(" ", 40<<20) + `</sheetData>`, ``, "解开后太大"},
		"string bomb":    {`<sheetData/>`, `<sst>` + strings.Repeat(`<si><t>a</t></si>`, maxStrings+1) + `</sst>`, "解开后太大"},
		"wide rows":      {`<sheetData>` + head + wide.String() + `</sheetData>`, ``, "只有表头"},
		"far row":        {`<sheetData>` + head + `<row r="1048576"><c><v>1</v></c></row></sheetData>`, ``, ""},
		"no such string": {`<sheetData><row><c t="s"><v>99999999999999999999</v></c></row></sheetData>`, ``, "不是.xlsx表格"},
		"entity":         {`<!DOCTYPE x [<!ENTITY a "aaaa">]><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData>`, ``, "不是.xlsx表格"},
		"unclosed":       {`<sheetData><row><c>`, ``, "不是.xlsx表格"},
		"deep":           {strings.Repeat("<a>", 500_000), ``, "不是.xlsx表格"},
	} {
		file := raw(t, c.sheet, c.strings)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := w.s.ImportBusinesses(bg, w.admin, file, true)
		runtime.ReadMemStats(&after)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 200<<20 { // what it costs in memory it costs in time
			t.Errorf("%s cost %d MiB", name, got>>20)
		}
	}
	if w.count(t, "businesses") != 0 {
		t.Error("a hostile file left rows")
	}
}

// A part that declares 100 bytes and unpacks to 200 MiB is given up where the lie shows.
func TestImportLyingBomb(t *testing.T) {
	var packed, b bytes.Buffer
	fl, _ := flate.NewWriter(&packed, flate.BestCompression)
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for range 200 {
		if _, err := fl.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	_ = fl.Close()
	z := zip.NewWriter(&b)
	p, err := z.CreateRaw(&zip.FileHeader{Name: "xl/workbook.xml", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 100})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	_ = z.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = readTable(b.Bytes(), businessTable)
	runtime.ReadMemStats(&after)
	if fault.KindOf(err) != fault.Invalid || after.TotalAlloc-before.TotalAlloc > 8<<20 {
		t.Errorf("%v, %d KiB", err, (after.TotalAlloc-before.TotalAlloc)>>10)
	}
}

func TestTemplatesCanBeFilledIn(t *testing.T) {
	for _, columns := range [][]column{officerTable, businessTable} {
		file, err := Template(columns)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readTable(file, columns); err == nil || !contains(err.Error(), "只有表头") {
			t.Errorf("an untouched template: %v", err)
		}
		for i, c := range columns {
			at, _ := excelize.CoordinatesToCellName(i+1, 2)
			if err := f.SetCellStr("导入", at, c.example); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		lines, err := readTable(b.Bytes(), columns)
		if err != nil || len(lines) != 1 || len(lines[0].checks) != 0 || lines[0].values["name"] != columns[0].example {
			t.Errorf("%v %+v", err, lines)
		}
	}
}
