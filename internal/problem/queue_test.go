package problem_test

import (
	"slices"
	"testing"

	"suixing/internal/problem"
)

// A red line that the system registered by itself stands first in the queue, page after page, until it is ordered; the figure
// beside its tab is that list's.
func TestARedLineWaitsInFront(t *testing.T) {
	w := newTown(t)
	late := w.ordered("office", nil)
	w.register("office", nil)
	var red []string
	for range 3 {
		red = append(red, w.register("office", func(r *problem.Registration) { r.Severity = problem.Redline }))
	}
	w.At("2026-06-01")
	for _, who := range []string{"office", "county", "leader"} {
		var got []string
		after := ""
		for range 6 {
			page := w.Want(200, who, "GET", "/api/problems?open=true&sort=due&limit=2&after="+after, nil)
			for _, it := range page["items"].([]any) {
				got = append(got, it.(object)["id"].(string))
			}
			if after = page["next"].(string); after == "" {
				break
			}
		}
		slices.Sort(red)
		if len(got) != 5 || !slices.Equal(got[:3], red) || got[3] != late {
			t.Errorf("%s: %v, want %v and %s in front", who, got, red, late)
		}
		c := w.Want(200, who, "GET", "/api/problems/counts", nil)
		tab := w.Want(200, who, "GET", "/api/problems?open=true&sort=due&state=confirmed&severity=redline", nil)["items"].([]any)
		if c["redline_waiting"] != 3.0 || len(tab) != 3 || c["overdue"] != 1.0 || c["no_date"] != 1.0 {
			t.Errorf("%s: %v, %d in the tab", who, c, len(tab))
		}
		if n := len(w.Want(200, who, "GET", "/api/problems?due=overdue", nil)["items"].([]any)); n != 1 {
			t.Errorf("%s: %d overdue", who, n)
		}
	}
	w.deed(200, "office", red[0], "deidentify", object{"text": agencyText})
	w.deed(200, "office", red[0], "order", object{"rung": "TXH", "served_on": "2026-06-01"})
	if c := w.Want(200, "county", "GET", "/api/problems/counts", nil); c["redline_waiting"] != 2.0 {
		t.Errorf("ordered, and still waits: %v", c)
	}
}
