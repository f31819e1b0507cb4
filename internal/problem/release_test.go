package problem_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/deadline"
	"suixing/internal/platform/clock"
	"suixing/internal/problem"
)

// inspects records that agency A inspected so many different businesses on a day.
func (w *town) inspects(day string, n int) {
	w.Helper()
	at, err := clock.ParseDay(day)
	w.Must(err)
	for i := range n {
		id := uuid.New()
		w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, happened_at, created_at, received_at) VALUES ($1, $2, 'spot', $3, $4, $5, 'food', 'recorded', $6, $6, $6)`,
			id, "BS-"+id.String()[:8], w.Office1, w.Agency1, fmt.Sprintf("%s第%d家", day, i), at.Add(10*time.Hour))
	}
}

func (w *town) release(day string) {
	w.Helper()
	w.At(day)
	w.Must(w.problems.ReleaseOrders(context.Background()))
}

// A letter out of a complaint waits until it stands among five businesses, and then leaves on a Monday with the others.
func TestVoicesLeaveTogether(t *testing.T) {
	w := newTown(t)
	w.inspects("2026-05-06", 2) // a Wednesday; its week alone is not enough
	w.At("2026-05-08")
	voice := func(found string) string {
		id := w.register("office", func(r *problem.Registration) { r.Origin, r.FoundOn = "complaint", deadline.Date(found) })
		w.deed(409, "office", id, "queue", object{"rung": "FBK"}) // not without a text free of identity
		w.deed(200, "office", id, "deidentify", object{"text": agencyText})
		return id
	}
	id := voice("2026-05-06")
	o := w.deed(409, "office", id, "order", object{"rung": "FBK", "served_on": "2026-05-08"})
	if o["code"] != "voice_waits" || !strings.Contains(o["detail"].(string), "只查过2家") {
		t.Errorf("%v", o)
	}
	if o := w.deed(409, "office", id, "correct-on-spot", object{"acknowledged": true, "photos": []string{w.Photo("office")}}); o["code"] != "voice" {
		t.Errorf("%v", o)
	}
	o = w.deed(200, "office", id, "queue", object{"rung": "TXH", "note": "请整改"})
	r := o["release"].(object)
	if o["state"] != "confirmed" || r["queued"] != true || r["businesses"] != 2.0 || r["leaves_on"] != "" || r["from"] != "2026-05-04" {
		t.Errorf("%v", r)
	}
	w.release("2026-05-25")
	w.Want(404, "agency", "GET", "/api/problems/"+id, nil)
	w.inspects("2026-05-12", 4) // the next week makes six; the round ends on Sunday 17 May and leaves on 1 June
	second := voice("2026-05-12")
	w.deed(200, "office", second, "queue", object{"rung": "FBK"})
	r = w.Want(200, "office", "GET", "/api/problems/"+id, nil)["release"].(object)
	if r["businesses"] != 6.0 || r["until"] != "2026-05-17" {
		t.Errorf("%v", r)
	}
	w.release("2026-05-29")
	w.Want(404, "agency", "GET", "/api/problems/"+second, nil)
	w.release("2026-06-01")
	numbers := map[any]bool{}
	for _, x := range []string{id, second} {
		seen := w.Want(200, "agency", "GET", "/api/problems/"+x, nil)
		if seen["served_on"] != "2026-06-01" || seen["state"] != "rectifying" || seen["due_on"] == "" {
			t.Errorf("%v", seen)
		}
		numbers[seen["number"]] = true
	}
	if !numbers["ZG2026-0001"] || !numbers["ZG2026-0002"] {
		t.Errorf("numbers %v", numbers)
	}
	if o := w.Want(200, "office", "GET", "/api/problems?q=zg2026-0002", nil); len(o["items"].([]any)) != 1 {
		t.Errorf("the office does not find what the agency calls it: %v", o)
	}
	if n := w.Count(`SELECT count(DISTINCT at) FROM problem_events WHERE deed = 'order'`); n != 1 {
		t.Error("the letters did not leave in one moment")
	}
	w.trail(second, "register deidentify queue order", "confirmed confirmed confirmed rectifying")
}

// In urgency it leaves at once, with few businesses around it only when a second person agrees and says why.
func TestUrgentVoice(t *testing.T) {
	w := newTown(t)
	id := w.register("office", func(r *problem.Registration) { r.Origin = "feedback" })
	w.deed(200, "office", id, "deidentify", object{"text": agencyText})
	today := string(deadline.DayOf(w.Env.Clock.Now()))
	const why = "执法队明天还要去，货物会被拉走"
	if o := w.deed(409, "office", id, "order", object{"rung": "FBK", "served_on": today, "urgent_reason": why}); o["code"] != "voice_alone" {
		t.Errorf("one clerk sends it alone: %v", o)
	}
	if o := w.deed(409, "leader", id, "hasten", object{"urgent_reason": why}); o["code"] != "not_queued" {
		t.Errorf("%v", o)
	}
	w.deed(200, "county", id, "queue", object{"rung": "DBH"})
	if o := w.deed(403, "county", id, "hasten", object{"urgent_reason": why}); o["code"] != "second_person" {
		t.Errorf("who handed it in agrees with himself: %v", o)
	}
	w.deed(200, "office", id, "queue", object{"rung": "FBK", "note": "三日内归还"})
	w.deed(403, "office", id, "hasten", object{"urgent_reason": why})
	if o := w.deed(422, "county", id, "hasten", object{"urgent_reason": "急"}); field(o) != "urgent_reason" {
		t.Errorf("%v", o)
	}
	w.deed(200, "county", id, "hasten", object{"urgent_reason": why})
	code, raw := w.read("agency", "/api/problems/"+id)
	if code != 200 || strings.Contains(string(raw), "拉走") || strings.Contains(string(raw), "urgent") {
		t.Errorf("%d %s", code, raw)
	}
	if n := w.Count(`SELECT count(*) FROM problem_events WHERE problem_id = $1 AND deed = 'order' AND data->>'urgent_reason' <> '' AND data->>'businesses' = '0'`, id); n != 1 {
		t.Error("why it could not wait is not kept")
	}
}

// What was seen on a visit has nobody to hide, and does not wait.
func TestSeenGoesAtOnce(t *testing.T) {
	w := newTown(t)
	id := w.register("office", nil)
	w.deed(200, "office", id, "deidentify", object{"text": agencyText})
	if o := w.deed(409, "office", id, "queue", object{"rung": "FBK"}); o["code"] != "no_voice" {
		t.Errorf("%v", o)
	}
	o := w.Want(200, "office", "GET", "/api/problems/"+id, nil)
	if o["release"] != nil || strings.Contains(deeds(o), "queue") {
		t.Errorf("%v", o["release"])
	}
	w.deed(200, "office", id, "order", object{"rung": "FBK", "served_on": string(deadline.DayOf(w.Env.Clock.Now()))})
}
