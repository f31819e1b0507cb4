package complaint

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
)

// What came as a file goes back as a file: by the platform's own numbers, with nobody in it.
func TestResultsGoBackAsAFile(t *testing.T) {
	w := newWorld(t)
	book := sheet(t, []string{"20260506000123", "示例镇A综合执法大队", "2026-05-04", "西街", "罚款没有票据，要求退还罚款。", "银丝雀先生", "0371-7654321"}, []string{"20260506000124", "示例镇B综合执法大队", "2026-05-03", "东街", "没有出示证件就拿走了秤。", "", ""})
	var report ImportReport
	if a := w.file("hotline", "/api/complaints/import?commit=true", book, &report); a.Code != 200 || !report.Committed {
		t.Fatal(a.Code, a.Body)
	}
	id := w.idOfTicket("20260506000123")
	w.do("office", id, "refuse", 200, fields{"ground": "nothing_new", "text": "=已经答复过，没有新的事实。", "remedies": "可以申请行政复议。", "how": "12345", "told_on": "2026-05-06", "deidentified": true})
	read := func(who, query string) [][]string {
		t.Helper()
		a := w.As(who, "GET", "/api/complaints/results.xlsx"+query, nil, nil)
		if a.Code != 200 || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") {
			t.Fatal(who, a.Code, a.Body[:min(len(a.Body), 200)])
		}
		f, err := excelize.OpenReader(bytes.NewReader([]byte(a.Body)))
		w.Must(err)
		rows, err := f.GetRows("Sheet1")
		w.Must(err)
		all := ""
		for i, r := range rows {
			all += strings.Join(r, "|")
			for j := range r {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if formula, _ := f.GetCellFormula("Sheet1", cell); formula != "" {
					t.Error("a cell acts:", cell, formula)
				}
			}
		}
		for _, secret := range []string{"银丝雀", "7654321", "西街", "票据"} {
			if strings.Contains(all, secret) {
				t.Errorf("%s reads %s", who, secret)
			}
		}
		return rows
	}
	rows := read("hotline", "")
	if len(rows) != 3 || rows[0][0] != "工单号" || rows[2][0] != "20260506000123" && rows[1][0] != "20260506000123" {
		t.Fatalf("%v", rows)
	}
	for _, r := range rows[1:] {
		if r[0] == "20260506000123" && (r[2] != "不予受理" || !strings.Contains(r[6], "行政复议")) {
			t.Errorf("%v", r)
		}
	}
	if n := len(read("county", "?since=2026-05-07")); n != 1 {
		t.Errorf("since tomorrow: %d rows", n)
	}
	w.Person("hotline2", w.People["hotline"])
	if n := len(read("hotline2", "")); n != 1 {
		t.Errorf("tickets that another took: %d rows", n)
	}
	for _, who := range []string{"agency", "supervisor", "admin", "office"} {
		if a := w.As(who, "GET", "/api/complaints/results.xlsx", nil, nil); a.Code != 403 {
			t.Errorf("%s: %d", who, a.Code)
		}
	}
	if a := w.As("county", "GET", "/api/complaints/results.xlsx?since=gestern", nil, nil); a.Code != 422 {
		t.Error("what is no day:", a.Code)
	}
}

func (w *world) idOfTicket(number string) (id uuid.UUID) {
	w.Helper()
	w.Must(w.Env.Owner.Get(w.Context(), &id, `SELECT id FROM complaints WHERE outer_number = $1`, number))
	return id
}
