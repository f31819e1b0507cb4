package feedback

import "testing"

// TestLeadFollowsTheVisit: an answer that came before its visit raised a lead against the agency its writer chose; when
// the visit arrives, the lead is against the agency that was there, as long as nobody has decided on it.
func TestLeadFollowsTheVisit(t *testing.T) {
	for state, want := range map[string]int{"open": 1, "dismissed": 0} {
		w := newWorld(t)
		path, ticket := w.ticket()
		w.Receipt(w.Post(path, with(good(), "R0", "2", "O1", "态度差", "day", "2026-05-05", "matter", "safety", "agency", w.Agency2.String())))
		w.settle()
		if n := w.Count(`SELECT count(*) FROM leads WHERE origin = 'feedback' AND agency_id = $1`, w.Agency2); n != 1 {
			t.Fatalf("%d leads against the chosen agency", n)
		}
		w.Exec(`UPDATE leads SET state = $1`, state)
		visit := w.visit()
		w.Must(w.bind(ticket.ID, visit))
		w.Must(w.bind(ticket.ID, visit))
		if n := w.Count(`SELECT count(*) FROM leads WHERE agency_id = $1 AND office_id = $2`, w.Agency1, w.Office1); n != want {
			t.Errorf("%s: %d leads follow the visit, want %d", state, n, want)
		}
		for _, q := range []string{`SELECT count(*) FROM lead_events WHERE deed = 'correct'`, `SELECT count(*) FROM audit_log WHERE deed = 'lead.correct'`} {
			if n := w.Count(q); n != want {
				t.Errorf("%s: %s: %d, want %d", state, q, n, want)
			}
		}
	}
}
