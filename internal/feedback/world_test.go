package feedback

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
	"suixing/internal/worldtest"
)

// world is the feature in a county of two townships.
type world struct {
	*worldtest.World
	s *Service
}

type answer = worldtest.Answer

var with, picture, visible = worldtest.With, worldtest.Picture, worldtest.Visible

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.New(t)}
	w.s, w.Base = w.instance()
	return w
}

// instance is one more server on the same database, store and keys.
func (w *world) instance() (*Service, string) {
	w.Helper()
	s := New(w.Env.DB, w.Env.Clock.Now, Parts{Vault: w.Identities, Secret: bytes.Repeat([]byte{7}, 32), PublicURL: "http://suixing.example", Evidence: w.Evidence, Store: w.Store})
	base, _ := w.Serve(s, w.Identities)
	return s, base
}

// settle settles what has come, the running hour too.
func (w *world) settle() {
	w.Helper()
	w.Must(w.s.Settle(context.Background(), true))
}

// ticket issues one ticket to the supervisor and gives its page's path.
func (w *world) ticket() (path string, t Ticket) {
	w.Helper()
	b, err := w.s.IssueTickets(context.Background(), w.People["supervisor"], uuid.New(), 1)
	w.Must(err)
	return strings.TrimPrefix(b.Items[0].URL, "http://suixing.example"), b.Items[0]
}

// bound issues a ticket and ties it to a visit of today.
func (w *world) bound() (path string, t Ticket, visit uuid.UUID) {
	w.Helper()
	path, t = w.ticket()
	visit = w.visit()
	w.Must(w.bind(t.ID, visit))
	return path, t, visit
}

func (w *world) bind(ticket, visit uuid.UUID) error {
	return w.Env.DB.InTx(context.Background(), func(tx *db.DB) error {
		return w.s.BindTicket(context.Background(), tx, ticket, visit, w.Env.Clock.Now())
	})
}

func (w *world) visit() uuid.UUID {
	w.Helper()
	id := uuid.New()
	w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, happened_at, created_at)
		VALUES ($1, $2, 'spot', $3, $4, '某餐饮店', 'food', 'recorded', $5, $5)`, id, "BS-"+id.String()[:8], w.Office1, w.Agency1, dbtest.Start)
	return id
}

// good is a form filled by someone content.
func good() url.Values {
	v := url.Values{"kind": {"household"}, "P1": {"n"}, "website": {""}}
	for _, f := range facts {
		v.Set(f.id, "y")
		if f.bad == "yes" {
			v.Set(f.id, "n")
		}
	}
	for _, r := range ratings {
		v.Set(r.id, "5")
	}
	return v
}
