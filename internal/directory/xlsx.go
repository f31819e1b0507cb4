package directory

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"suixing/internal/fault"
)

// Files from outside are read by this small streaming reader and not by excelize (which writes our templates): excelize
// loads a sheet whole and fills each row up to its widest cell, so that 300 kB of hostile file become gigabytes. Here the
// memory is bounded by the limits below, and each cell tells whether it is text, a number, a formula or an error.
const (
	maxParts   = 300
	maxPart    = 16 << 20
	maxStrings = 200_000
	maxColumns = 64
)

type cellKind int

const (
	textCell cellKind = iota
	numberCell
	dateCell // ISO 8601 text, rare
	formulaCell
	errorCell
)

type cell struct {
	text string
	kind cellKind
}

type workbook struct {
	parts    map[string]*zip.File
	strings  []string
	sheets   []string // parts of the visible sheets, in order
	from1904 bool
}

func unreadable(words string) error { return fault.New(fault.Invalid, "file", words) }

var errNotXLSX = unreadable("这个文件打不开，不是.xlsx表格，或者已经损坏。请用模板重新填写、保存后再选。")

func openWorkbook(body []byte) (*workbook, error) {
	if bytes.HasPrefix(body, []byte{0xd0, 0xcf, 0x11, 0xe0}) {
		return nil, unreadable("这是旧版.xls表格，或者设了打开密码。请去掉密码，在WPS或Excel里“另存为”.xlsx后再选。")
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, errNotXLSX
	}
	if len(z.File) > maxParts {
		return nil, unreadable("这个文件里的部件太多，没有读取。请把数据复制到模板里再选。")
	}
	w := &workbook{parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		w.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
	}
	if err := w.readSheetList(); err != nil {
		return nil, err
	}
	return w, w.readStrings()
}

var errTooMuch = unreadable("这个文件解开后太大，没有读取。请删去图片、空白格式和别的工作表，只留要导入的内容。")

// walk streams one part's XML to see. A part that is not there is skipped.
func (w *workbook) walk(name string, see func(d *xml.Decoder, t xml.StartElement) error) error {
	f, ok := w.parts[strings.ToLower(name)]
	if !ok {
		return nil
	}
	if f.UncompressedSize64 > maxPart {
		return errTooMuch
	}
	rc, err := f.Open()
	if err != nil {
		return errNotXLSX
	}
	defer func() { _ = rc.Close() }()
	d := xml.NewDecoder(rc) // archive/zip gives an error when more comes out than was declared
	for {
		t, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errNotXLSX
		}
		if start, ok := t.(xml.StartElement); ok {
			if err := see(d, start); err != nil {
				return err
			}
		}
	}
}

func attr(t xml.StartElement, local string) string {
	for _, a := range t.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

func (w *workbook) readSheetList() error {
	targets := map[string]string{}
	err := w.walk("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, t xml.StartElement) error {
		if target := attr(t, "Target"); t.Name.Local == "Relationship" && attr(t, "TargetMode") != "External" {
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			targets[attr(t, "Id")] = strings.TrimPrefix(target, "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = w.walk("xl/workbook.xml", func(_ *xml.Decoder, t xml.StartElement) error {
		switch t.Name.Local {
		case "workbookPr":
			v := attr(t, "date1904")
			w.from1904 = v == "1" || v == "true"
		case "sheet":
			if part := targets[relation(t)]; part != "" && (attr(t, "state") == "" || attr(t, "state") == "visible") {
				w.sheets = append(w.sheets, part)
			}
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		err = errNotXLSX
	}
	return err
}

// relation is a sheet's r:id; "id" without a namespace is something else.
func relation(t xml.StartElement) string {
	for _, a := range t.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func (w *workbook) readStrings() error {
	return w.walk("xl/sharedStrings.xml", func(d *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local != "si" {
			return nil
		}
		if len(w.strings) >= maxStrings {
			return errTooMuch
		}
		s, err := richText(d)
		w.strings = append(w.strings, s)
		return err
	})
}

// richText gathers the text of an <si> or <is>: plain, or in runs; phonetic notes are left out. The element is consumed.
func richText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	in, phonetic := false, 0
	for open := 1; open > 0; {
		t, err := d.Token()
		if err != nil {
			return "", errNotXLSX
		}
		switch t := t.(type) {
		case xml.StartElement:
			open++
			in = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				phonetic++
			}
		case xml.EndElement:
			open--
			in = false
			if t.Name.Local == "rPh" {
				phonetic--
			}
		case xml.CharData:
			if in && phonetic == 0 {
				b.Write(t)
			}
		}
	}
	return b.String(), nil
}

// rows streams a sheet's rows that have something in them.
func (w *workbook) rows(part string, see func(number int, cells map[int]cell) error) error {
	number := 0
	return w.walk(part, func(d *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local != "row" {
			return nil
		}
		number++
		if n, err := strconv.Atoi(attr(t, "r")); err == nil && n > 0 {
			number = n
		}
		cells, err := w.readRow(d)
		if err != nil || len(cells) == 0 {
			return err
		}
		return see(number, cells)
	})
}

func (w *workbook) readRow(d *xml.Decoder) (map[int]cell, error) {
	cells, column := map[int]cell{}, -1
	for {
		t, err := d.Token()
		if err != nil {
			return nil, errNotXLSX
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return cells, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			column++
			if at := columnOf(attr(t, "r")); at >= 0 {
				column = at
			}
			c, err := w.readCell(d, attr(t, "t"))
			if err != nil {
				return nil, err
			}
			if column < maxColumns && (strings.TrimSpace(c.text) != "" || c.kind == formulaCell) {
				cells[column] = c
			}
		}
	}
}

func (w *workbook) readCell(d *xml.Decoder, kind string) (cell, error) {
	c := cell{kind: numberCell}
	var value strings.Builder
	inValue := false
	for {
		t, err := d.Token()
		if err != nil {
			return c, errNotXLSX
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				inValue = true
			case "f":
				c.kind = formulaCell
			case "is":
				if c.text, err = richText(d); err != nil {
					return c, err
				}
			}
		case xml.CharData:
			if inValue {
				value.Write(t)
			}
		case xml.EndElement:
			inValue = false
			if t.Name.Local == "c" {
				return w.finish(c, kind, value.String())
			}
		}
	}
}

func (w *workbook) finish(c cell, kind, value string) (cell, error) {
	if c.kind == formulaCell {
		return c, nil
	}
	switch kind {
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(w.strings) {
			return c, errNotXLSX
		}
		return cell{w.strings[i], textCell}, nil
	case "inlineStr":
		return cell{c.text, textCell}, nil
	case "str":
		return cell{value, textCell}, nil
	case "d":
		return cell{value, dateCell}, nil
	case "e":
		return cell{value, errorCell}, nil
	case "b":
		return cell{map[string]string{"1": "是"}[value], textCell}, nil
	}
	return cell{value, numberCell}, nil
}

// columnOf reads the letters of "AB12" as a column from 0; -1 when there are none.
func columnOf(ref string) int {
	n := 0
	for _, r := range ref {
		if r < 'A' || r > 'Z' || n > 1<<20 {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}
