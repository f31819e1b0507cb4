package problem_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"suixing/internal/problem"
)

// What the agency reads right after the order is the same whatever the office did before: a voice that was written twice, waited
// and left with a leader's word, and what was seen on a visit and ordered at once.
func TestAgencyReadsNoPrehistory(t *testing.T) {
	w := newTown(t)
	seen := w.ordered("office", nil)
	voice := w.register("office", func(r *problem.Registration) { r.Origin = "complaint" })
	w.deed(200, "office", voice, "deidentify", object{"text": "先写的一版，还要改短。"})
	w.deed(200, "office", voice, "deidentify", object{"text": agencyText})
	w.deed(200, "office", voice, "queue", object{"rung": "TXH"})
	w.deed(200, "office", voice, "queue", object{"rung": "FBK", "note": "规范检查通知书，写明需要停机的事项和理由"})
	w.deed(200, "leader", voice, "hasten", object{"urgent_reason": "企业正在停产，不能等到统一发出"})
	read := func(id string) object { return w.Want(200, "agency", "GET", "/api/problems/"+id, nil) }
	same := func(when string) {
		t.Helper()
		a, b := read(seen), read(voice)
		for _, o := range []object{a, b} { // what names the one problem
			delete(o, "id")
			delete(o, "number")
		}
		x, _ := json.Marshal(a) //nolint:errchkjson // came as JSON
		y, _ := json.Marshal(b) //nolint:errchkjson // came as JSON
		if !bytes.Equal(x, y) {
			t.Errorf("%s the agency reads a difference:\n%s\n%s", when, x, y)
		}
		items := w.Want(200, "agency", "GET", "/api/problems", nil)["items"].([]any)
		if len(items) != 2 || items[0].(object)["version"] != items[1].(object)["version"] {
			t.Errorf("%s the list: %v", when, items)
		}
		_, raw := w.read("agency", "/api/problems.xlsx")
		book, err := excelize.OpenReader(bytes.NewReader(raw))
		w.Must(err)
		rows, err := book.GetRows(book.GetSheetName(0))
		w.Must(err)
		if len(rows) != 3 || !slices.Equal(rows[1][1:], rows[2][1:]) {
			t.Errorf("%s the workbook: %v", when, rows)
		}
	}
	same("after the order")
	if read(voice)["version"] != 1.0 {
		t.Error(read(voice)["version"])
	}
	for _, id := range []string{seen, voice} { // the lock holds by what each side was shown
		shown := read(id)["version"]
		if o := w.Want(409, "agency", "POST", "/api/problems/"+id+"/object", object{"version": shown.(float64) + 5, "text": "我们有不同意见，停机是按规程做的"}); o["code"] != "stale" {
			t.Errorf("%v", o)
		}
		w.Want(200, "agency", "POST", "/api/problems/"+id+"/object", object{"version": shown, "text": "我们有不同意见，停机是按规程做的"})
		if o := w.Want(409, "agency", "POST", "/api/problems/"+id+"/ask-extension", object{"version": shown, "until": "2026-06-20", "reason": "设备检修要等厂家"}); o["code"] != "stale" {
			t.Errorf("%v", o)
		}
		w.Want(409, "county", "POST", "/api/problems/"+id+"/uphold", object{"version": shown, "text": "复核后维持，理由见反馈单"})
		w.deed(200, "county", id, "uphold", object{"text": "复核后维持，理由见反馈单"})
	}
	same("after the review")
}
