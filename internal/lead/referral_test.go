package lead_test

import (
	"testing"

	"suixing/internal/problem"
)

// DOMAIN K.8: what belongs to another organ is sent there by a numbered letter and followed up until its outcome is written down.
func TestReferral(t *testing.T) {
	w := newTown(t)
	id := w.byHand("office", problem.General, "外地单位来本县处罚，不归本县管")
	other := w.byHand("office", problem.General, "同样的事，另一家")
	w.decide(422, "county", id, "refer", object{"to": "上级主管部门", "reason": "不属本县管辖"})
	l := w.decide(200, "county", id, "refer", object{"to": "上级主管部门", "letter_number": "示司移〔2026〕1号", "reason": "不属本县管辖"})
	if l["state"] != "referred" || l["letter_number"] != "示司移〔2026〕1号" || l["due_rule"] != "DL26" || l["due_from"] != "2026-05-06" || l["due_on"] != "2026-05-19" {
		t.Errorf("%v %v %v %v", l["letter_number"], l["due_rule"], l["due_from"], l["due_on"])
	}
	sum := w.Want(200, "county", "GET", "/api/deadlines/due?rule=DL26&from=2026-05-06", nil)
	if sum["due"] != l["due_on"] {
		t.Errorf("the sum says %v", sum["due"])
	}
	w.At("2026-05-08")
	w.decide(200, "county", other, "refer", object{"to": "上级主管部门", "letter_number": "示司移〔2026〕2号", "reason": "不属本县管辖"})
	w.decide(403, "office", id, "press", object{"text": "电话问过"})
	w.decide(422, "county", id, "outcome", object{"outcome": "silent", "text": "没有回音"})
	list := w.Want(200, "county", "GET", "/api/leads?state=referred&sort=due&limit=1", nil)
	if it := list["items"].([]any)[0].(object); it["id"] != id || it["overdue"] != false || list["next"] == "" {
		t.Errorf("%v", list)
	}
	if n := len(w.Want(200, "county", "GET", "/api/leads?state=referred&sort=due&limit=1&after="+list["next"].(string), nil)["items"].([]any)); n != 1 {
		t.Errorf("the second page has %d", n)
	}
	w.At("2026-05-20")
	for _, who := range []string{"county", "office"} {
		c := w.Want(200, who, "GET", "/api/leads/counts", nil)
		it := w.Want(200, who, "GET", "/api/leads?state=referred&sort=due", nil)["items"].([]any)
		if c["awaited"] != 2.0 || c["awaited_overdue"] != 1.0 || len(it) != 2 || it[0].(object)["overdue"] != true || it[1].(object)["overdue"] != false {
			t.Errorf("%s: %v %v", who, c, it)
		}
	}
	l = w.decide(200, "county", id, "press", object{"text": "电话催问，对方说18日已办结", "handled_on": "2026-05-18"})
	if l["due_rule"] != "DL10" || l["due_from"] != "2026-05-18" || l["due_on"] != "2026-06-01" || l["overdue"] != false || l["decided_at"] == nil {
		t.Errorf("%v %v %v", l["due_rule"], l["due_from"], l["due_on"])
	}
	l = w.decide(200, "county", id, "outcome", object{"outcome": "done", "text": "5月19日书面答复，已撤销处罚", "photos": []string{w.Photo("county")}})
	if l["outcome"] != "done" || l["due_on"] != "" || len(l["photos"].([]any)) != 1 || len(l["deeds"].([]any)) != 0 {
		t.Errorf("%v %v %v", l["outcome"], l["due_on"], l["deeds"])
	}
	w.decide(409, "county", id, "outcome", object{"outcome": "declined", "text": "再写一遍"})
	if c := w.Want(200, "county", "GET", "/api/leads/counts", nil); c["awaited"] != 1.0 {
		t.Errorf("%v", c["awaited"])
	}
	if n := w.Count(`SELECT count(*) FROM lead_events WHERE lead_id = $1 AND deed IN ('refer', 'press', 'outcome') AND state = 'referred'`, id); n != 3 {
		t.Errorf("%d events", n)
	}
}
