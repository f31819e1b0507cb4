package feedback

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/platform/clock"
)

// quarter plants a quarter of the simulator's county: half of its agencies cheat, in all five ways.
func quarter(t *testing.T) (*callWorld, map[uuid.UUID]cast, map[uuid.UUID]bool) {
	t.Helper()
	s := newSim(t)
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, clock.Shanghai)
	for d := range 90 {
		for _, h := range s.holders[:size(4, 20)] {
			s.honestDay(first.AddDate(0, 0, d), h, s.agency[s.rng.IntN(10)])
		}
	}
	cheats := map[uuid.UUID]bool{}
	for i, a := range s.agency[:5] {
		cheats[a], s.agency[i+5] = true, a
	}
	for p := 1; p <= patterns; p++ {
		s.cheat(p, size(40, 200), first, 90)
	}
	w := &callWorld{world: s.world, calls: NewCallbacks(s.Env.DB, s.Env.Clock.Now, nil)}
	casts, ids, agencies, at := map[uuid.UUID]cast{}, []uuid.UUID{}, []uuid.UUID{}, []int64{}
	for _, c := range s.casts {
		if until := first.AddDate(0, 3, 0); !c.at.Before(until) { // an answer after the quarter's end: the visit was before
			c.at = until.Add(-time.Hour)
		}
		id := uuid.New()
		casts[id], ids, agencies, at = c, append(ids, id), append(agencies, c.agency), append(at, c.at.Unix())
	}
	const from = ` FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS x (id, agency, at)`
	w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, happened_at, received_at, created_at)
		SELECT x.id, x.id::text, 'spot', $4, x.agency, '某店', 'food', 'recorded', to_timestamp(x.at), to_timestamp(x.at), to_timestamp(x.at)`+from, pq.Array(texts(ids)), pq.Array(texts(agencies)), pq.Array(at), w.Office1)
	w.Exec(`INSERT INTO sheets (id, visit_id, author_id, version, checklist_version, mode, body, raw, digest, overall, happened_at, ended_at, sealed_at, received_at)
		SELECT x.id, x.id, $4, 1, 1, 'quick', '{}', '', 'x', 'standard', t, t, t, t FROM (SELECT x.id, to_timestamp(x.at) AS t, x.agency`+from+`) x WHERE x.agency IS NOT NULL`,
		pq.Array(texts(ids)), pq.Array(texts(agencies)), pq.Array(at), w.People["supervisor"].ID)
	return w, casts, cheats
}

// The sample alone, in the simulator's county: no signals, no response rates, only what businesses say on the telephone.
func TestStuffingCallback(t *testing.T) {
	w, casts, cheats := quarter(t)
	ctx, county := context.Background(), w.People["county"]
	for _, day := range []string{"2026-02-01", "2026-03-01", "2026-04-01"} {
		w.At(day)
		w.draw()
	}
	var drawn []struct {
		ID    uuid.UUID `db:"id"`
		Visit uuid.UUID `db:"visit_id"`
	}
	w.Must(w.Env.Owner.Select(ctx, &drawn, `SELECT id, visit_id FROM callbacks`))
	for _, d := range drawn {
		in := &Call{Result: callReached, Contact: "门头电话", Seen: "yes", Filled: "own", Beside: "no", Version: 1}
		if casts[d.Visit].pattern > 0 {
			in.Filled, in.Beside = "officer", "yes"
		}
		w.Must(w.calls.Record(ctx, county, d.ID, in))
	}
	r, err := w.calls.Report(ctx, county, "2026-01", "2026-03")
	w.Must(err)
	uncovered, wrong, pool := 0, 0, 0
	for _, a := range r.Agencies {
		switch {
		case a.ByOfficer > 0 && cheats[a.AgencyID]:
			uncovered++
		case a.ByOfficer > 0:
			wrong++
		}
	}
	for _, round := range r.Rounds {
		pool += round.Pool
	}
	t.Logf("ballot: callback county=simulator visits=%d drawn=%d agencies=%d cheating=%d uncovered=%.4f wrong=%d", pool, len(drawn), len(r.Agencies), len(cheats), float64(uncovered)/float64(len(cheats)), wrong)
	if pool != len(casts) || uncovered != len(cheats) || wrong != 0 {
		t.Error("the sample does not find what it must")
	}
}

// A small county has few visits, and few are drawn: what share of cheating agencies a quarter's calls uncover, by how much
// of their work they cheat in. Beside it what the counting of sets promises.
func TestStuffingCallbackSmall(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2026))
	calls := &Callbacks{dice: rand.NewPCG(7, 2026)}
	set := CallbackSettings{Share: 10, Least: 1}
	agencies := size(400, 4000)
	for _, visits := range []int{3, 12, 40} { // a month and agency: a county as small as the seed's, a town, a district
		for _, cheated := range []float64{0.1, 0.25, 0.5, 1} {
			found, expected := 0, 0.0
			for range agencies {
				caught, escapes := false, 1.0
				for range 3 {
					bad, n := map[uuid.UUID]bool{}, 0
					pool := make([]pooled, visits)
					for i := range pool {
						pool[i].ID = uuid.New()
						if rng.Float64() < cheated {
							bad[pool[i].ID], n = true, n+1
						}
					}
					for _, d := range calls.pick(pool, set) {
						caught = caught || bad[d.ID]
					}
					for i := range set.of(visits) {
						escapes *= max(0, float64(visits-n-i)) / float64(visits-i)
					}
				}
				if expected += 1 - escapes; caught {
					found++
				}
			}
			share, want := float64(found)/float64(agencies), expected/float64(agencies)
			t.Logf("ballot: callback visits_a_month=%d called_a_quarter=%d cheated=%.2f agencies=%d uncovered=%.4f expected=%.4f", visits, 3*set.of(visits), cheated, agencies, share, want)
			if math.Abs(share-want) > 4*math.Sqrt(want*(1-want)/float64(agencies))+1e-9 {
				t.Errorf("%.4f of agencies uncovered, the counting promises %.4f", share, want)
			}
		}
	}
}
