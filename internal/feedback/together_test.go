package feedback

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/platform/dbtest"
	"suixing/internal/vault"
	"suixing/internal/worldtest"
)

// asked makes one answer as the form would hand it on.
func (w *world) asked(path string, typed bool, change func(*Answer)) *asking {
	w.Helper()
	p, ok := readPass(path[len("/f/"):])
	if !ok {
		w.Fatalf("%s is no ticket", path)
	}
	p.typed = typed
	a := &Answer{Scale: 5, Kind: "household", Facts: map[string]string{}, Ratings: map[string]int{}, AgencyID: worldtest.Some(w.Agency1), CheckedOn: "2026-05-11", Matter: "food"}
	for _, f := range facts {
		a.Facts[f.id] = map[bool]string{true: "no", false: "yes"}[f.bad == "yes"]
	}
	for _, r := range ratings {
		a.Ratings[r.id] = 5
	}
	if change != nil {
		change(a)
	}
	r, _, err := w.s.record(p.hash, uuid.New(), a, dbtest.Start)
	w.Must(err)
	r.many = laterMost
	return &asking{p: p, r: r, done: make(chan struct{})}
}

// What is kept together is the same, column by column, as what each would have been by itself; what is not the first
// answer of a good scanned ticket is left to the way that knows about it.
func TestTogetherIsAsByItself(t *testing.T) {
	w := newWorld(t)
	contact := func(a *Answer) {
		a.Contact, a.Reply, a.Identity = true, true, vault.Identity{Name: "王小满", Phone: "13800000000"}
	}
	bad := func(a *Answer) {
		a.Facts["F2"], a.Problem, a.Suspect = "no", "没有出示证件，“就”进了\\后厨\n'", true
	}
	elsewhere := func(a *Answer) { a.AgencyID, a.CheckedOn, a.Matter = uuid.NullUUID{}, "", "" }
	makers := []struct {
		bound bool
		how   func(*Answer)
	}{{false, nil}, {true, nil}, {false, contact}, {true, bad}, {true, elsewhere}, {true, func(a *Answer) { a.AgencyID = worldtest.Some(w.Agency2) }}}
	side := func() (batch []*asking) {
		for _, m := range makers {
			path, _ := w.ticket()
			if m.bound {
				path, _, _ = w.bound()
			}
			batch = append(batch, w.asked(path, false, m.how))
		}
		return batch
	}
	ctx := context.Background()
	together, alone := side(), side()
	if rest := w.s.together.first(ctx, slices.Clone(together)); len(rest) != 0 {
		t.Fatalf("%d of %d were left", len(rest), len(together))
	}
	const q = `SELECT (to_jsonb(f) - ARRAY['id','ticket_id','receipt_hash','body_hash'])::text || (SELECT count(*) FROM vault.identities i WHERE i.case_id = f.id) || (SELECT answered FROM tickets k WHERE k.id = f.ticket_id)
		FROM feedbacks f WHERE id = $1 AND receipt_hash = $2 AND body_hash = $3`
	for i, one := range alone {
		w.s.together.write(ctx, []*asking{one})
		other := together[i]
		<-other.done
		if other.err != nil || one.err != nil || other.row.Agency != one.row.Agency || other.row.Office != one.row.Office || other.row.CheckedOn != one.row.CheckedOn || !other.row.Kept || other.row.Complete != one.row.Complete || other.row.Ticket == uuid.Nil {
			t.Errorf("%d: told %+v, alone %+v (%v, %v)", i, other.row, one.row, other.err, one.err)
		}
		var a, b string
		w.Must(w.Env.Owner.Get(ctx, &a, q, one.r.id, one.r.receipt, one.r.body))
		w.Must(w.Env.Owner.Get(ctx, &b, q, other.r.id, other.r.receipt, other.r.body))
		if a != b {
			t.Errorf("%d: alone    %s\ntogether %s", i, a, b)
		}
	}
}

func TestTogetherLeavesTheRest(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	good, _ := w.ticket()
	twice, _ := w.ticket()
	given, _ := w.ticket()
	w.s.together.write(ctx, []*asking{w.asked(given, false, nil)})
	revoked, r := w.ticket()
	w.Exec(`UPDATE tickets SET revoked_at = now() WHERE id = $1`, r.ID)
	little, _ := w.ticket()
	batch := []*asking{
		w.asked(good, false, nil), w.asked(given, false, func(a *Answer) { a.Advice = "再说一句" }), w.asked(revoked, false, nil),
		w.asked(little, false, func(a *Answer) { a.Matter = "" }), w.asked(good, true, nil), w.asked(twice, false, nil), w.asked(twice, false, func(a *Answer) { a.Advice = "同一张码" }),
	}
	rest := w.s.together.first(ctx, slices.Clone(batch))
	if len(rest) != 5 || batch[0].row.Ticket == uuid.Nil || (batch[5].row.Ticket == uuid.Nil) == (batch[6].row.Ticket == uuid.Nil) {
		t.Fatalf("%d left: want the given, the revoked, the incomplete, the typed and the second of one ticket", len(rest))
	}
	if n := w.Count(`SELECT count(*) FROM tickets WHERE answered`); n != 3 {
		t.Errorf("%d tickets answered, want 3", n)
	}
	// One that cannot be kept so takes none of the others with it.
	fresh, _ := w.ticket()
	broken := w.asked(little, false, nil)
	broken.r.receipt = batch[0].r.receipt
	pair := []*asking{w.asked(fresh, false, nil), broken}
	if rest := w.s.together.first(ctx, slices.Clone(pair)); len(rest) != 2 {
		t.Fatalf("%d left of a batch that cannot be kept, want both", len(rest))
	}
	w.s.together.write(ctx, pair)
	if pair[0].err != nil || !pair[0].row.Kept {
		t.Errorf("the good one of a broken batch: %+v, %v", pair[0].row, pair[0].err)
	}
	if n := w.Count(`SELECT count(*) FROM tickets k WHERE answered <> EXISTS (SELECT FROM feedbacks f WHERE f.ticket_id = k.id AND counted)`); n != 0 {
		t.Errorf("%d tickets say other than the answers", n)
	}
}
