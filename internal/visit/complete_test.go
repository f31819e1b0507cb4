package visit

import (
	"context"
	"testing"
	"time"
)

// TestPhotosStillOut: 3/5 on the record, the list, the sheet and the figures, until the last one is here.
func TestPhotosStillOut(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	d := w.fail(w.fail(w.sheet("supervisor"), "C02", 8), "C01", 9)
	w.sent("supervisor", d)
	w.sent("supervisor2", w.sheet("supervisor2"))
	w.upload("supervisor", 101, 102)
	state := func(due, waiting int) {
		t.Helper()
		v, err := w.s.Visit(ctx, w.people["office"], d.visit())
		w.must(err)
		s, err := w.s.Sheet(ctx, w.people["supervisor"], d.id())
		w.must(err)
		if v.PhotosTotal != 4 || v.PhotosDue != due || s.PhotosTotal != 4 || s.PhotosDue != due {
			t.Errorf("visit %d of %d due, sheet %d of %d; want %d of 4", v.PhotosDue, v.PhotosTotal, s.PhotosDue, s.PhotosTotal, due)
		}
		c, err := w.s.Counts(ctx, w.people["office"])
		w.must(err)
		page, err := w.s.Visits(ctx, w.people["office"], Filter{Waiting: true})
		w.must(err)
		if c.Waiting != waiting || len(page.Items) != waiting || page.Total != waiting {
			t.Errorf("waiting: figure %d, list %d of %d, want %d", c.Waiting, len(page.Items), page.Total, waiting)
		}
		if n := w.count(`SELECT count(*) FROM visits WHERE id = $1 AND visit_incomplete(id)`, d.visit()); n != waiting { //nolint:contextcheck // the helper has the test's own
			t.Errorf("what is built on it: incomplete %d", n)
		}
	}
	state(2, 1)
	w.upload("supervisor", 8)
	state(1, 1)
	w.upload("supervisor", 9)
	state(0, 0)
}

// TestLateEntry: 补录 is its own state with a reason, counted, and shown by three times.
func TestLateEntry(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	stamp := func(ago time.Duration) string { return w.Clock.Now().Add(-ago).Format(time.RFC3339) }
	late := func(reason string) doc {
		d := w.sheet("supervisor").set(stamp(80*time.Hour), "started_at").set(stamp(79*time.Hour), "ended_at")
		if reason != "" {
			d["late_reason"] = reason
		}
		return d
	}
	explained, not, onTime := late("村里没有信号，回所后补录"), late(""), w.sheet("supervisor")
	for _, d := range []doc{explained, not, onTime} {
		w.sent("supervisor", d)
	}
	c, err := w.s.Counts(ctx, w.people["office"])
	w.must(err)
	page, err := w.s.Visits(ctx, w.people["office"], Filter{Late: true})
	w.must(err)
	if c.Late != 2 || len(page.Items) != 2 {
		t.Fatalf("figure %d, list %d, want 2", c.Late, len(page.Items))
	}
	for id, want := range map[string]bool{explained["visit_id"].(string): true, not["visit_id"].(string): true, onTime["visit_id"].(string): false} {
		_, v, _ := w.call("office", "GET", "/api/visits/"+id, nil)
		if v["late"] != want || v["happened_at"] == nil || v["recorded_at"] == nil || v["received_at"] == nil {
			t.Errorf("late %v want %v; times %v %v %v", v["late"], want, v["happened_at"], v["recorded_at"], v["received_at"])
		}
	}
	_, v, _ := w.call("office", "GET", "/api/visits/"+explained["visit_id"].(string), nil)
	if v["late_reason"] != "村里没有信号，回所后补录" {
		t.Errorf("reason %v", v["late_reason"])
	}
}
