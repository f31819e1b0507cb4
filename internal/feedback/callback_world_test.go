package feedback

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/lead"
	"suixing/internal/platform/clock"
	"suixing/internal/problem"
	"suixing/internal/worldtest"
)

// callWorld is the county with its call-backs.
type callWorld struct {
	*world
	calls *Callbacks
	leads *lead.Service
}

func newCallWorld(t *testing.T) *callWorld {
	t.Helper()
	w := &callWorld{world: newWorld(t)}
	w.leads = lead.New(w.Env.DB, w.Env.Clock.Now, problem.New(w.Env.DB, w.Env.Clock.Now, w.Deadlines, w.Evidence), w.Evidence)
	w.calls = NewCallbacks(w.Env.DB, w.Env.Clock.Now, w.leads)
	w.Base, _ = w.Serve(w.s, w.calls, w.leads)
	w.Person("county2", actor.Actor{Role: actor.County})
	return w
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// came is a visit whose record arrived at a moment.
func (w *callWorld) came(agency uuid.UUID, day, arrived string) uuid.UUID {
	w.Helper()
	at := moment(w.T, arrived)
	return w.plant(agency, moment(w.T, day+" 10:00"), at)
}

func (w *world) plant(agency uuid.UUID, happened, arrived time.Time) uuid.UUID {
	w.Helper()
	id := uuid.New()
	who := w.People["supervisor"].ID
	w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, business_address, matter, state, happened_at, received_at, created_at)
		VALUES ($1, $2, 'spot', $3, $4, $5, '示例路3号', 'food', 'recorded', $6, $7, $7)`, id, "BS2026-"+id.String()[:8], w.Office1, agency, "示例小吃店"+id.String()[:4], happened, arrived)
	w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, id, who)
	w.Exec(`INSERT INTO sheets (id, visit_id, author_id, version, checklist_version, mode, body, raw, digest, overall, happened_at, ended_at, sealed_at, received_at)
		VALUES ($1, $2, $3, 1, 1, 'quick', '{}', '', 'x', 'standard', $4, $4, $4, $5)`, uuid.New(), id, who, happened, arrived)
	return id
}

// answers gives a visit its ticket and the answer of someone.
func (w *callWorld) answers(visit uuid.UUID, pairs ...string) {
	w.Helper()
	path, t := w.ticket()
	w.Must(w.bind(t.ID, visit))
	if a := w.Post(path, with(good(), pairs...)); a.Code != 303 {
		w.Fatal(a.Code, visible(a.Body))
	}
}

func (w *callWorld) draw() {
	w.Helper()
	w.Must(w.calls.Draw(context.Background(), false))
}

// share sets how many visits are drawn.
func (w *callWorld) share(share, least int) {
	w.Helper()
	w.Exec(`UPDATE callback_settings SET share = $1, least = $2`, share, least)
}

// of is the call-back of a drawn visit.
func (w *callWorld) of(visit uuid.UUID) string {
	w.Helper()
	var id uuid.UUID
	w.Must(w.Env.Owner.Get(context.Background(), &id, `SELECT id FROM callbacks WHERE visit_id = $1`, visit))
	return id.String()
}

// call records a call as the county and wants a status.
func (w *callWorld) call(code int, id string, body worldtest.Object) CallbackDetail {
	w.Helper()
	in := worldtest.Object{"contact": "0373-4567890", "version": w.Count(`SELECT version FROM callbacks WHERE id = $1`, id)}
	for k, v := range body {
		in[k] = v
	}
	var out CallbackDetail
	if a := w.As("county", "POST", "/api/callbacks/"+id+"/call", in, &out); a.Code != code {
		w.Fatalf("%v: %d, want %d: %s", body, a.Code, code, a.Body)
	}
	return out
}

func (w *callWorld) list(query string) []Callback {
	w.Helper()
	var page struct{ Items []Callback }
	if a := w.As("county", "GET", "/api/callbacks"+query, nil, &page); a.Code != 200 {
		w.Fatal(a.Code, a.Body)
	}
	return page.Items
}

func (w *callWorld) report() CallbackReport {
	w.Helper()
	var out CallbackReport
	if a := w.As("county", "GET", "/api/callbacks/report", nil, &out); a.Code != 200 {
		w.Fatal(a.Code, a.Body)
	}
	return out
}
