package directory

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Template is the empty .xlsx for officers or businesses: our headings, columns of codes and days set to text, lists to
// choose from, and a second sheet that explains each column.
func Template(columns []column) (out []byte, err error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	const sheet, notes = "导入", "填写说明"
	if err = f.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	if _, err = f.NewSheet(notes); err != nil {
		return nil, err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // 49: text, so that 18 digits stay 18 digits
	if err != nil {
		return nil, err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		if err = templateColumn(f, sheet, notes, i, c, text, head); err != nil {
			return nil, err
		}
	}
	if err = f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

func templateColumn(f *excelize.File, sheet, notes string, i int, c column, text, head int) error {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return err
	}
	must := "可以空着"
	if c.required {
		must = "要有这一列"
	}
	steps := []func() error{
		func() error { return f.SetColStyle(sheet, name, text) },
		func() error { return f.SetColWidth(sheet, name, name, 22) },
		func() error { return f.SetCellStr(sheet, name+"1", c.heading) },
		func() error { return f.SetCellStyle(sheet, name+"1", name+"1", head) },
		func() error { return f.SetCellStr(notes, fmt.Sprintf("A%d", i+1), c.heading) },
		func() error { return f.SetCellStr(notes, fmt.Sprintf("B%d", i+1), must) },
		func() error { return f.SetCellStr(notes, fmt.Sprintf("C%d", i+1), c.hint) },
		func() error { return f.SetCellStr(notes, fmt.Sprintf("D%d", i+1), "例："+c.example) },
		func() error { return f.SetColWidth(notes, "A", "D", 26) },
	}
	if c.choices != nil {
		steps = append(steps, func() error {
			v := excelize.NewDataValidation(true)
			v.SetSqref(fmt.Sprintf("%s2:%s%d", name, name, maxRows+1))
			if err := v.SetDropList(c.choices); err != nil {
				return err
			}
			return f.AddDataValidation(sheet, v)
		})
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
