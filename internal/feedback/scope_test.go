package feedback

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// A person of the office who accompanied a visit meets its rating in no sum and no count either: a sum less the list would
// be her own score.
func TestNobodySumsHerOwnRating(t *testing.T) {
	w := newWorld(t)
	w.Env.Clock.Add(time.Minute)
	own, _, visit := w.bound()
	w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, visit, w.People["office"].ID)
	w.Receipt(w.Post(own, with(good(), "R0", "1", "O1", "太慢了")))
	w.Receipt(w.Post(own, with(good(), "O2", "后来的一份")))
	sums := func(who string) (out []Month) {
		var a struct{ Items []Month }
		w.As(who, "GET", "/api/feedback/summary", nil, &a)
		return a.Items
	}
	rates := func(who string) (out Rates) {
		w.As(who, "GET", "/api/feedback/rates?from=2026-05-01&to=2026-05-31", nil, &out)
		return out
	}
	if got, r := sums("office"), rates("office"); len(got) != 0 || len(r.Agencies) != 0 || len(r.Supervisors) != 0 {
		t.Errorf("n=1 shows her own score: %+v, %+v", got, r)
	}
	for range 2 {
		path, _, _ := w.bound()
		w.Receipt(w.Post(path, good()))
	}
	if got, r := sums("office"), rates("office"); len(got) != 1 || got[0].N != 2 || got[0].Score != 100 || *got[0].Later != 0 || len(r.Agencies) != 1 || r.Agencies[0].Visits != 2 || r.Agencies[0].Answered != 2 {
		t.Errorf("%+v, %+v", got, r)
	}
	if got, r := sums("county"), rates("county"); len(got) != 1 || got[0].N != 3 || *got[0].Later != 1 || r.Agencies[0].Visits != 3 {
		t.Errorf("the county misses some: %+v, %+v", got, r)
	}
	// Of a ticket of her own that no visit has come for, she reads nothing either.
	held, ids := w.batch(w.People["office"].ID, 1)
	w.Receipt(w.Post(held[0], w.whole()))
	if got := sums("office"); got[0].N != 2 {
		t.Errorf("the rating of her unbound ticket %v is in the sum", ids)
	}
	w.Must(w.bind(ids[0], w.visit()))
	if got := sums("office"); got[0].N != 3 { // it was somebody else's visit
		t.Errorf("%+v", got)
	}
}

// A month in which everything an agency got is flagged has a row for the county, and what is flagged stands in it.
func TestMonthOfNothingButFlags(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		path, _, _ := w.bound()
		w.Receipt(w.Post(path, good()))
	}
	w.Exec(`UPDATE feedbacks SET suspect = true`)
	for who, n := range map[string]int{"county": 1, "leader": 1, "office": 0} {
		var a struct{ Items []Month }
		w.As(who, "GET", "/api/feedback/summary", nil, &a)
		if len(a.Items) != n {
			t.Fatalf("%s: %+v", who, a.Items)
		}
		if n == 1 && (a.Items[0].N != 0 || a.Items[0].Flagged == nil || a.Items[0].Flagged.N != 3 || a.Items[0].AgencyID == uuid.Nil || a.Items[0].Agency == "") {
			t.Errorf("%s: %+v", who, a.Items[0])
		}
	}
}
