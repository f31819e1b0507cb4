package visit

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestTimesAreClaims: whatever the phone's clock says, the record is kept, and says that its times are doubtful.
func TestTimesAreClaims(t *testing.T) {
	for name, c := range map[string]struct {
		hurt   func(d doc)
		remark string
	}{
		"touched days later":     {func(d doc) { d["ended_at"], d["sealed_at"] = "2026-05-30T00:00:00Z", "2026-05-30T00:10:00Z" }, "long_visit"},
		"set right in mid-visit": {func(d doc) { d["started_at"], d["ended_at"] = "2027-01-01T00:00:00Z", "2026-05-06T00:00:00Z" }, "times_crossed"},
		"1970": {func(d doc) {
			d["started_at"], d["ended_at"], d["sealed_at"] = "1970-01-01T00:10:00Z", "1970-01-01T00:20:00Z", "1970-01-01T00:30:00Z"
			d.set("1970-01-01T00:01:00Z", "recusal", "at")
		}, "clock_wrong"},
		"a picture of 1980": {func(d doc) { d.set("1980-01-01T00:00:00Z", "photos", 0, "taken_at") }, "photo_time"},
	} {
		w := newTown(t)
		d := w.fail(w.sheet("supervisor"), "C01", 7)
		c.hurt(d)
		if code, body, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 201 {
			t.Errorf("%s: %d %v", name, code, body)
			continue
		}
		_, body, _ := w.call("office", "GET", d.path(), nil)
		if !slices.Contains(body["remarks"].([]any), any(c.remark)) {
			t.Errorf("%s: remarks %v, want %s", name, body["remarks"], c.remark)
		}
		if n := w.count(`SELECT count(*) FROM leads WHERE happened_on BETWEEN $1::date - 2 AND $1::date`, w.Clock.Now()); n != 1 {
			t.Errorf("%s: a lead that happened on a day nobody believes", name)
		}
		if n := w.count(`SELECT count(*) FROM sheets WHERE received_at = $1`, w.Clock.Now()); n != 1 {
			t.Errorf("%s: received by another clock than the server's", name)
		}
	}
}

// TestInvalidIsHeldAndAdmitted: a record against a rule waits for the office; let in, it goes the way of every record to a receipt.
func TestInvalidIsHeldAndAdmitted(t *testing.T) {
	w := newTown(t)
	d := w.fail(w.sheet("supervisor"), "C01", 7)
	d["helpers"] = ""
	_, sha := shot(t, 7)
	for i, a := range d["answers"].([]any) {
		if a.(map[string]any)["code"] == "C01" {
			d.set([]any{sha, sha}, "answers", i, "photos") // deleted, added again, 撤回
		}
	}
	for range 2 {
		code, body, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t))
		if code != 202 || body["why"] != "invalid" || !strings.Contains(body["detail"].(string), "协助人员人数") {
			t.Fatalf("held: %d %v", code, body)
		}
	}
	if code, body, _ := w.call("supervisor", "GET", d.path(), nil); code != 200 || body["body"] == nil || body["version"] != 1.0 {
		t.Errorf("its author reads it to correct it: %d %v", code, body)
	}
	if code, _, _ := w.call("supervisor2", "GET", d.path(), nil); code != 404 {
		t.Errorf("somebody else reads it: %d", code)
	}
	w.upload("supervisor", 7, 101, 102)
	held := w.heldList("office", 1)[0]
	if _, body, _ := w.call("office", "GET", "/api/held-sheets/"+held, nil); body["why"] != "invalid" || !strings.Contains(body["faults"].(string), "协助人员人数") {
		t.Errorf("the office does not see why: %v", body)
	}
	if code, body, _ := w.call("office", "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": true, "reason": "问过本人，没有协助人员"}); code != 204 {
		t.Fatalf("let in: %d %v", code, body)
	}
	code, body, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t))
	if code != 200 || body["state"] != "complete" || body["receipt"] == nil {
		t.Fatalf("no receipt: %d %v", code, body)
	}
	if n := w.count(`SELECT count(*) FROM sheets WHERE raw = $1 AND remarks @> ARRAY['from_quarantine', 'rules_broken']`, d.bytes(t)); n != 1 || len(w.raised) != 1 {
		t.Errorf("%d sheets byte for byte, %d leads", n, len(w.raised))
	}
}

// TestCorrectionOfTheHeld: what was held, or returned by the office, is corrected by a new version, and that ends it.
func TestCorrectionOfTheHeld(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	d["helpers"] = 150
	if code, _, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 202 {
		t.Fatalf("held: %d", code)
	}
	held := w.heldList("office", 1)[0]
	if code, _, _ := w.call("office", "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": false, "reason": "人数写错了，请更正"}); code != 204 {
		t.Fatalf("return: %d", code)
	}
	if code, body, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 409 || body["code"] != "held_refused" || !strings.Contains(body["detail"].(string), "人数写错了，请更正") {
		t.Errorf("the phone is not told why: %d %v", code, body)
	}
	next := w.sheet("supervisor")
	next["visit_id"], next["version"], next["supersedes"], next["reason"] = d["visit_id"], 2, d["id"], "协助人员人数写错了"
	if code, body, _ := w.call("supervisor", "PUT", next.path(), next.bytes(t)); code != 201 {
		t.Fatalf("the correction: %d %v", code, body)
	}
	if code, body, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 409 || body["code"] != "held_corrected" {
		t.Errorf("the first one after its correction: %d %v", code, body)
	}
	w.upload("supervisor", 101, 102)
	if code, body, _ := w.call("supervisor", "PUT", next.path(), next.bytes(t)); code != 200 || body["receipt"] == nil {
		t.Errorf("no receipt: %d %v", code, body)
	}
	third := w.sheet("supervisor")
	third["visit_id"], third["version"], third["supersedes"], third["reason"] = d["visit_id"], 3, next["id"], "再改一处写错的地方"
	if code, body, _ := w.call("supervisor", "PUT", third.path(), third.bytes(t)); code != 201 {
		t.Errorf("the correction of the correction: %d %v", code, body)
	}
	early := w.sheet("supervisor")
	early["version"], early["supersedes"], early["reason"] = 2, uuid.NewString(), "前一版还没有到的更正"
	if code, body, _ := w.call("supervisor", "PUT", early.path(), early.bytes(t)); code != 409 || body["code"] != "order" {
		t.Errorf("of something nobody knows: %d %v", code, body)
	}
}

// TestNotAdmissible: what nobody can add for its author is not let in; it stays held, and can be returned.
func TestNotAdmissible(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	d["overall"] = ""
	if code, _, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 202 {
		t.Fatalf("held: %d", code)
	}
	held := w.heldList("office", 1)[0]
	if code, body, _ := w.call("office", "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": true, "reason": "照收"}); code != 409 || body["code"] != "not_admissible" || !strings.Contains(body["detail"].(string), "总体评价") {
		t.Errorf("%d %v", code, body)
	}
	w.heldList("office", 1)
}
