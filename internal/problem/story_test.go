package problem_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"suixing/internal/problem"
)

// DOMAIN K.2: a bad rating, verified, fed back; the agency asks for ten days, gets them, answers, and it is closed.
func TestFedBackExtendedClosed(t *testing.T) {
	w := newTown(t)
	id := w.register("office", nil)
	w.Want(404, "agency", "GET", "/api/problems/"+id, nil) // not before it is ordered
	out := w.deed(409, "office", id, "order", object{"rung": "FBK", "served_on": "2026-05-06"})
	if out["code"] != "not_deidentified" {
		t.Fatalf("%v", out)
	}
	w.deed(200, "office", id, "deidentify", object{"text": agencyText})
	out = w.deed(200, "office", id, "order", object{"rung": "FBK", "served_on": "2026-05-06", "note": "规范检查通知书"})
	sum := out["due_sum"].(object)
	if out["due_on"] != "2026-05-14" || sum["statutory"] != false || sum["rule"] != "DL11" || len(sum["days"].([]any)) != 8 {
		t.Errorf("due %v %v", out["due_on"], sum)
	}
	seen := w.Want(200, "agency", "GET", "/api/problems/"+id, nil)
	if names := deeds(seen); !strings.Contains(names, "submit") || !strings.Contains(names, "ask-extension") || strings.Contains(names, "close") {
		t.Errorf("agency may %s", names)
	}
	w.At("2026-05-12")
	if code, o := w.Call("agency", "POST", "/api/problems/"+id+"/ask-extension", object{"version": 1, "until": "2026-06-04", "reason": "场地未定"}); code != 422 || field(o) != "until" {
		t.Errorf("21 days: %d %v", code, o)
	}
	w.deed(200, "agency", id, "ask-extension", object{"until": "2026-05-24", "reason": "培训场地5月18日才能用"})
	w.deed(200, "office", id, "extend", object{"until": "2026-05-24"})
	if o := w.deed(409, "agency", id, "ask-extension", object{"until": "2026-05-30", "reason": "再延"}); o["code"] != "extended" {
		t.Errorf("%v", o)
	}
	proof := w.Photo("agency")
	w.deed(200, "agency", id, "submit", object{"measures": "修订检查通知书样式", "result": "已印发", "photos": []string{proof}})
	if o := w.deed(403, "office", id, "close", object{"conclusion": "已改"}); o["code"] != "own_report" {
		t.Errorf("%v", o)
	}
	out = w.deed(200, "colleague", id, "close", object{"conclusion": "调取新通知书，已写明停机事项。回访填表企业，满意。"})
	if out["state"] != "closed" || out["verifier_name"] != "测试员colleague" {
		t.Errorf("%v", out)
	}
	w.trail(id, "register deidentify order ask-extension extend submit close", "confirmed confirmed rectifying rectifying rectifying submitted closed")
	code, raw := w.read("agency", "/api/problems/"+id)
	if code != 200 || strings.Contains(string(raw), "回访") {
		t.Errorf("the conclusion reached the agency: %d %s", code, raw)
	}
}

// trail holds events, their states, and one audit row each.
func (w *town) trail(id, deedList, states string) {
	w.Helper()
	var rows []struct {
		Deed  string `db:"deed"`
		State string `db:"state"`
	}
	w.Must(w.Env.Owner.Select(w.Context(), &rows, `SELECT deed, state FROM problem_events WHERE problem_id = $1 ORDER BY id`, id))
	var d, s []string
	for _, r := range rows {
		d, s = append(d, r.Deed), append(s, r.State)
	}
	if strings.Join(d, " ") != deedList || strings.Join(s, " ") != states {
		w.Errorf("events %v %v", d, s)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE subject_kind = 'problem' AND subject_id = $1`, id); n != len(rows) {
		w.Errorf("%d audit rows for %d events", n, len(rows))
	}
	if last := w.Count(`SELECT count(*) FROM problems WHERE id = $1 AND state = $2`, id, s[len(s)-1]); last != 1 {
		w.Error("the row's state is not the last event's")
	}
}

func deeds(o object) string {
	var names []string
	for _, d := range o["deeds"].([]any) {
		names = append(names, d.(object)["deed"].(string))
	}
	return strings.Join(names, " ")
}

func field(o object) string {
	if list, ok := o["errors"].([]any); ok && len(list) > 0 {
		return list[0].(object)["field"].(string)
	}
	return ""
}

// DOMAIN K.14: unanswered; amber, red, then TXH, DBH, YJS, JDS, each by a person and each only when the last has run out.
func TestUnansweredUpTheLadder(t *testing.T) {
	w := newTown(t)
	id := w.ordered("office", nil)
	clockOf := func(day string) object {
		w.At(day)
		return w.Want(200, "county", "GET", "/api/problems/"+id, nil)["clock"].(object)
	}
	if c := clockOf("2026-05-09"); c["near"] == true || c["working_days_left"] != 4.0 {
		t.Errorf("four working days before: %v", c)
	}
	if c := clockOf("2026-05-11"); c["near"] != true || c["working_days_left"] != 3.0 {
		t.Errorf("three working days before: %v", c)
	}
	if c := clockOf("2026-05-14"); c["overdue"] == true {
		t.Errorf("on the day: %v", c)
	}
	if o := w.deed(409, "county", id, "escalate", object{"rung": "TXH", "served_on": "2026-05-14"}); o["code"] != "not_overdue" {
		t.Errorf("%v", o)
	}
	if c := clockOf("2026-05-15"); c["overdue"] != true || c["overdue_days"] != 1.0 {
		t.Errorf("the day after: %v", c)
	}
	if n := w.Count(`SELECT count(*) FROM problem_events WHERE problem_id = $1`, id); n != 3 {
		t.Errorf("time alone wrote %d events", n)
	}
	w.deed(403, "office", id, "escalate", object{"rung": "TXH", "served_on": "2026-05-15"})
	w.deed(409, "county", id, "escalate", object{"rung": "DBH", "served_on": "2026-05-15"})
	o := w.deed(200, "county", id, "escalate", object{"rung": "TXH", "served_on": "2026-05-15"})
	if o["due_on"] != "2026-05-26" {
		t.Errorf("TXH due %v", o["due_on"])
	}
	w.At("2026-05-27")
	if o = w.deed(200, "county", id, "escalate", object{"rung": "DBH", "served_on": "2026-05-27"}); o["due_on"] != "2026-06-11" {
		t.Errorf("DBH due %v", o["due_on"])
	}
	w.At("2026-06-12")
	if o = w.deed(200, "county", id, "escalate", object{"rung": "YJS", "served_on": "2026-06-12", "due_on": "2026-06-30"}); o["due_sum"].(object)["set"] != true || o["due_on"] != "2026-06-30" {
		t.Errorf("YJS %v", o["due_sum"])
	}
	w.At("2026-06-30")
	w.deed(409, "county", id, "escalate", object{"rung": "JDS", "served_on": "2026-06-30"})
	w.deed(422, "leader", id, "escalate", object{"rung": "JDS", "served_on": "2026-06-30"})
	w.At("2026-07-01")
	if o = w.deed(200, "county", id, "escalate", object{"rung": "JDS", "served_on": "2026-07-01"}); o["rung"] != "JDS" || o["due_on"] != "2026-07-31" {
		t.Errorf("JDS %v %v", o["rung"], o["due_on"])
	}
	w.deed(200, "county", id, "accountability", object{"text": "建议书"})
	w.trail(id, "register deidentify order escalate escalate escalate escalate accountability", "confirmed confirmed rectifying rectifying rectifying rectifying rectifying rectifying")
}

// A red line: registered by the system for the supervisor, closed by the county, looked back on, reopened.
func TestRedLineToReopening(t *testing.T) {
	w := newTown(t)
	sup := w.People["supervisor"]
	id := w.ordered("office", func(r *problem.Registration) { r.Severity, r.ReporterID = problem.Redline, sup.Account() })
	proof := w.Photo("agency")
	report := object{"measures": "培训", "result": "考核合格", "photos": []string{proof}}
	if o := w.deed(422, "agency", id, "submit", report); field(o) != "responsible" {
		t.Errorf("%v", o)
	}
	report["responsible"] = "两人批评教育，离岗培训3天"
	w.deed(200, "agency", id, "submit", report)
	w.deed(403, "office", id, "close", object{"conclusion": "已改"})
	w.deed(422, "county", id, "close", object{"conclusion": "已改"})
	w.deed(200, "county", id, "return", object{"reason": "没有签到", "due_on": "2026-05-15"})
	if o := w.Want(200, "county", "GET", "/api/problems/"+id, nil); o["round"] != 2.0 {
		t.Errorf("round %v", o["round"])
	}
	w.deed(200, "agency", id, "submit", report)
	w.deed(200, "county", id, "close", object{"conclusion": "复查合格", "look_back_on": "2026-06-06"})
	w.At("2026-06-08")
	w.deed(403, "office", id, "reopen", object{"reason": "又犯"})
	o := w.deed(200, "county", id, "reopen", object{"reason": "回头看又有人不亮证"})
	if o["state"] != "rectifying" || o["reopened"] != 1.0 || o["due_on"] != "2026-06-17" || o["closed_at"] != nil {
		t.Errorf("%v %v %v", o["state"], o["reopened"], o["due_on"])
	}
}

func TestDispute(t *testing.T) {
	w := newTown(t)
	for _, end := range []struct {
		deed  string
		body  object
		state string
	}{{"uphold", object{"text": "维持"}, "rectifying"}, {"amend", object{"text": "改为培训", "due_on": "2026-05-29"}, "rectifying"}, {"withdraw", object{"text": "认定有误"}, "withdrawn"}} {
		id := w.ordered("office", nil)
		w.deed(200, "agency", id, "object", object{"text": "停机是安全需要"})
		w.deed(403, "office", id, end.deed, end.body)
		o := w.deed(200, "leader", id, end.deed, end.body)
		if o["state"] != end.state {
			t.Errorf("%s: %v", end.deed, o["state"])
		}
	}
}

func TestOnTheSpot(t *testing.T) {
	w := newTown(t)
	id := w.register("office", func(r *problem.Registration) { r.Severity = problem.Minor })
	p := w.Photo("office")
	o := w.deed(200, "office", id, "correct-on-spot", object{"acknowledged": true, "photos": []string{p}, "note": "当场补写了证号"})
	if o["state"] != "submitted" {
		t.Errorf("%v", o["state"])
	}
	w.Want(404, "agency", "GET", "/api/problems/"+id, nil) // it never got a letter
	o = w.deed(200, "colleague", id, "close", object{"conclusion": "看过照片，已补"})
	if ph := o["photos"].([]any); len(ph) != 1 || ph[0].(object)["deed"] != "correct-on-spot" {
		t.Errorf("%v", ph)
	}
}

// What the agency reads, byte for byte: none of what was sown into the fields it may not see.
func TestTheAgencyNeverLearnsWhere(t *testing.T) {
	w := newTown(t)
	id := w.ordered("office", func(r *problem.Registration) {
		r.Origin, r.Item, r.Fact, r.Tag, r.FoundOn = "complaint", "KANARI-ITEM", "金丝雀饭店的老板丙说大队收了钱", "T19", "2026-04-17"
	})
	ours := w.Photo("office")
	w.deed(200, "county", id, "deidentify", object{"text": agencyText, "photos": []string{w.Photo("county")}})
	w.deed(200, "county", id, "accountability", object{"text": "金丝雀追责"})
	proof := w.Photo("agency")
	if o := w.deed(422, "agency", id, "submit", object{"measures": "改", "result": "改", "photos": []string{ours}}); field(o) != "photos" {
		t.Errorf("the agency used a photo that is not its own: %v", o)
	}
	w.deed(200, "agency", id, "submit", object{"measures": "改", "result": "改", "photos": []string{proof}})
	w.deed(200, "colleague", id, "close", object{"conclusion": "金丝雀老板认可"})
	for _, path := range []string{"/api/problems/" + id, "/api/problems", "/api/problems?sort=due", "/api/problems?open=true", "/api/problems/counts", "/api/problems.xlsx", "/api/problems?q=检查"} {
		code, raw := w.read("agency", path)
		if code != 200 {
			t.Errorf("%s: %d %s", path, code, raw)
		}
		for _, secret := range []string{"金丝雀", "KANARI", "2026-04-17", "complaint", "origin", "found_on", "registered", "reporter", "测试员", "T19", "WT2026", "urgent", "统一发出", "fact", w.People["office"].ID.String(), ours} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s tells the agency %q: %s", path, secret, raw)
			}
		}
	}
	seen := w.Want(200, "agency", "GET", "/api/problems/"+id, nil)
	if ph := seen["photos"].([]any); len(ph) != 2 {
		t.Errorf("its own photo and the one chosen for it: %v", ph)
	}
	for _, q := range []string{"金丝雀", "饭店", "KANARI", "WT2026-0001"} { // nor by asking
		if o := w.Want(200, "agency", "GET", "/api/problems?q="+q, nil); len(o["items"].([]any)) != 0 {
			t.Errorf("search for %q answers the agency", q)
		}
	}
	for _, q := range []string{"origin=complaint", "origin=visit", "agency_id=" + w.Agency2.String()} {
		w.Want(422, "agency", "GET", "/api/problems?"+q, nil)
	}
	// The cursor carries the day of the order, not of the registration.
	w.At("2026-05-07")
	w.ordered("office", nil)
	page := w.Want(200, "agency", "GET", "/api/problems?limit=1&sort=new", nil)
	if page["next"] == "" {
		t.Fatal("no second page")
	}
	if len(w.Want(200, "agency", "GET", "/api/problems?limit=1&sort=new&after="+page["next"].(string), nil)["items"].([]any)) != 1 {
		t.Error("second page")
	}
}

// Row scope: who sees what, and the same words for what is out of sight as for what does not exist.
func TestScope(t *testing.T) {
	w := newTown(t)
	id := w.ordered("office", nil)
	_, gone := w.read("office2", "/api/problems/00000000-0000-4000-8000-000000000000")
	for who, want := range map[string]int{"county": 200, "leader": 200, "office": 200, "colleague": 200, "agency": 200, "office2": 404, "agency2": 404, "supervisor": 403, "hotline": 403, "admin": 403, "auditor": 403, "": 401} {
		code, raw := w.read(who, "/api/problems/"+id)
		if code != want {
			t.Errorf("%q reads: %d, want %d", who, code, want)
		}
		if want == 404 && string(raw) != string(gone) {
			t.Errorf("%q: %s, for what does not exist: %s", who, raw, gone)
		}
		list, o := w.Call(who, "GET", "/api/problems?open=true", nil)
		n := -1
		if items, ok := o["items"].([]any); ok {
			n = len(items)
		}
		if (want == 200 && n != 1) || (want == 404 && n != 0) || (want >= 401 && want != 404 && list != want) {
			t.Errorf("%q lists: %d, %d items", who, list, n)
		}
		if who != "" {
			code, _ = w.Call(who, "POST", "/api/problems/"+id+"/refer", object{"version": 99, "to": "x", "reason": "y"})
			if wantDeed := map[string]int{"county": 409}[who]; wantDeed == 0 && code != 403 || wantDeed != 0 && code != wantDeed {
				t.Errorf("%q refers: %d", who, code)
			}
		}
	}
	if code, _ := w.Call("office2", "POST", "/api/problems/"+id+"/deidentify", object{"version": 3, "text": "x"}); code != 404 {
		t.Errorf("another office writes: %d", code)
	}
	if code, _ := w.Call("county", "GET", "/api/problems/not-an-id", nil); code != 404 {
		t.Errorf("an id that is none: %d", code)
	}
}

// Two people with the same page open: the second is told, and nothing of hers is written.
func TestStale(t *testing.T) {
	w := newTown(t)
	id := w.ordered("office", nil)
	v := w.Count(`SELECT version FROM problems WHERE id = $1`, id)
	done := make(chan int, 8)
	for i := range 8 {
		go func() {
			code, _ := w.Call("county", "POST", "/api/problems/"+id+"/deidentify", object{"version": v, "text": fmt.Sprintf("第%d种写法", i)})
			done <- code
		}()
	}
	got := map[int]int{}
	for range 8 {
		got[<-done]++
	}
	if got[200] != 1 || got[409] != 7 {
		t.Errorf("%v", got)
	}
	if n := w.Count(`SELECT count(*) FROM problem_events WHERE problem_id = $1 AND deed = 'deidentify'`, id); n != 2 {
		t.Errorf("%d events", n)
	}
}

// Every deed the detail offers can be done with what it asks for, by the role it is offered to: the desk draws from it.
func TestOffersCarryTheirForms(t *testing.T) {
	w := newTown(t)
	id := w.ordered("office", nil)
	for _, who := range []string{"office", "county", "leader", "agency"} {
		o := w.Want(200, who, "GET", "/api/problems/"+id, nil)
		for _, d := range o["deeds"].([]any) {
			fields := d.(object)["fields"].([]any)
			if len(fields) == 0 {
				t.Errorf("%s: %v asks for nothing", who, d)
			}
			for _, f := range fields {
				if f.(object)["kind"] == "choice" && len(f.(object)["choices"].([]any)) == 0 {
					t.Errorf("%s: %v has no choices", who, d)
				}
			}
		}
	}
	var v struct {
		Blocked []struct{ Deed, Why string } `json:"blocked"`
	}
	_, raw := w.read("county", "/api/problems/"+id)
	w.Must(json.Unmarshal(raw, &v))
	if len(v.Blocked) == 0 || v.Blocked[0].Why == "" {
		t.Errorf("blocked deeds say why: %v", v.Blocked)
	}
}
