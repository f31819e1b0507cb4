package problem_test

import (
	"strings"
	"testing"
)

// What was referred is followed up until the organ's outcome is written down; the agency reads none of it.
func TestReferral(t *testing.T) {
	w := newTown(t)
	id, other := w.ordered("office", nil), w.ordered("office", nil)
	w.deed(422, "county", id, "refer", object{"to": "县纪委监委", "reason": "涉嫌收受财物"})
	p := w.deed(200, "county", id, "refer", object{"to": "县纪委监委", "letter_number": "示司移〔2026〕3号", "reason": "涉嫌收受财物"})
	if p["letter_number"] != "示司移〔2026〕3号" || p["outcome_rule"] != "DL26" || p["outcome_from"] != "2026-05-06" || p["outcome_due_on"] != "2026-05-19" || p["due_on"] != "2026-05-14" {
		t.Errorf("%v %v %v %v", p["letter_number"], p["outcome_rule"], p["outcome_from"], p["outcome_due_on"])
	}
	w.deed(200, "county", other, "refer", object{"to": "县纪委监委", "letter_number": "示司移〔2026〕4号", "reason": "涉嫌收受财物"})
	w.deed(403, "office", id, "press", object{"text": "问过"})
	w.deed(422, "county", id, "outcome", object{"outcome": "silent", "text": "没有回音"})
	w.At("2026-05-20")
	for _, who := range []string{"county", "office"} {
		c := w.Want(200, who, "GET", "/api/problems/counts", nil)
		first := w.Want(200, who, "GET", "/api/problems?due=outcome&limit=1", nil)
		next := w.Want(200, who, "GET", "/api/problems?due=outcome&limit=1&after="+first["next"].(string), nil)
		if c["awaited"] != 2.0 || c["awaited_overdue"] != 2.0 || len(first["items"].([]any)) != 1 || len(next["items"].([]any)) != 1 || next["next"] != "" {
			t.Errorf("%s: %v %v", who, c, first)
		}
		if it := first["items"].([]any)[0].(object); it["outcome_due_on"] != "2026-05-19" {
			t.Errorf("%v", it)
		}
	}
	p = w.deed(200, "county", id, "press", object{"text": "对方说18日已办结", "handled_on": "2026-05-18"})
	if p["outcome_rule"] != "DL10" || p["outcome_due_on"] != "2026-06-01" {
		t.Errorf("%v %v", p["outcome_rule"], p["outcome_due_on"])
	}
	p = w.deed(200, "county", id, "outcome", object{"outcome": "done", "text": "立案审查，书面告知", "photos": []string{w.Photo("county")}})
	if p["outcome"] != "done" || p["outcome_due_on"] != "" || p["state"] != "referred" || len(p["photos"].([]any)) != 1 {
		t.Errorf("%v %v", p["outcome"], p["outcome_due_on"])
	}
	w.trail(id, "register deidentify order refer press outcome", "confirmed confirmed rectifying referred referred referred")
	w.Want(422, "agency", "GET", "/api/problems?due=outcome", nil)
	for _, path := range []string{"/api/problems/" + id, "/api/problems", "/api/problems?state=referred", "/api/problems/counts", "/api/problems.xlsx"} {
		_, raw := w.read("agency", path)
		for _, secret := range []string{"纪委", "示司移", "outcome_", "立案", "letter_number", "2026-05-19"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s tells the agency %q: %s", path, secret, raw)
			}
		}
	}
}
