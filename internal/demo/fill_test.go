package demo_test

import (
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"suixing/internal/demo"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/config"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
)

// The year before this one ended with the seed's figures (DOMAIN sections H and K) for the parts that exist, each counted
// from what the services wrote.
func TestLastYearEndsWithTheSeedsFigures(t *testing.T) {
	env := dbtest.New(t)
	public, err := url.Parse("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	store, err := blob.NewFolder(filepath.Join(t.TempDir(), "photos"))
	if err != nil {
		t.Fatal(err)
	}
	g := demo.Ground{Config: config.Config{Addr: "127.0.0.1:8080", PublicURL: public, Keys: filepath.Join(t.TempDir(), "keys"), Demo: true},
		DB: env.DB, Vault: env.Vault, Store: store, Log: slog.New(slog.DiscardHandler), Version: "test"}
	if err := demo.Fill(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	from := time.Date(time.Now().In(clock.Shanghai).Year()-1, 1, 1, 0, 0, 0, 0, clock.Shanghai)
	to := from.AddDate(1, 0, 0)
	const public6 = `FROM problems WHERE registered_at >= $1 AND registered_at < $2 AND origin IN ('feedback','complaint','contact')`
	const letters = `SELECT count(*) FROM problem_events WHERE at >= $1 AND at < $2 AND deed IN ('order', 'escalate') AND data->>'rung' = `
	for _, f := range []struct {
		metric, q string
		want      int
		timeless  bool
	}{
		{"M01 offices with a plaque", `SELECT count(*) FROM offices WHERE plaque_on IS NOT NULL`, 11, true},
		{"M05 supervisors", `SELECT count(*) FROM accounts WHERE role = 'supervisor' AND active`, 11, true},
		{"M02 visits", `SELECT count(*) FROM visits WHERE state = 'recorded' AND happened_at >= $1 AND happened_at < $2`, 36, false},
		{"M03 accompanied", `SELECT count(*) FROM visits WHERE state = 'recorded' AND method = 'accompanied' AND happened_at >= $1 AND happened_at < $2`, 22, false},
		{"M18 raised by the public", `SELECT count(*) ` + public6, 6, false},
		{"M19 fed back", `SELECT count(*) ` + public6 + ` AND ordered_at IS NOT NULL`, 6, false},
		{"M20 closed", `SELECT count(*) ` + public6 + ` AND state = 'closed'`, 6, false},
		{"letters of opinion", letters + `'YJS'`, 5, false},
		{"letters of decision", letters + `'JDS'`, 3, false},
		{"the ladder climbed from the lowest rung", `SELECT count(*) FROM problems p WHERE registered_at >= $1 AND registered_at < $2 AND state = 'closed' AND
			(SELECT string_agg(e.data->>'rung', ' ' ORDER BY e.id) FROM problem_events e WHERE e.problem_id = p.id AND e.data ? 'served_on') = 'FBK TXH DBH YJS'`, 1, false},
		{"decisions objected to and kept", `SELECT count(*) FROM problems p WHERE registered_at >= $1 AND registered_at < $2 AND state = 'closed' AND rung = 'JDS' AND EXISTS (SELECT FROM problem_events e WHERE e.problem_id = p.id AND e.deed = 'uphold')`, 1, false},
		{"M25 complaints accepted", `SELECT count(*) FROM complaints WHERE accepted_at >= $1 AND accepted_at < $2 AND state = 'closed'`, 2, false},
	} {
		args := []any{from, to}
		if f.timeless {
			args = nil
		}
		if got := count(t, env.Owner, f.q, args...); got != f.want {
			t.Errorf("%s: %d, want %d", f.metric, got, f.want)
		}
	}
	const strangers = `SELECT count(*) FROM problem_events e JOIN problems p ON p.id = e.problem_id LEFT JOIN accounts a ON a.id = e.actor_id
		WHERE e.actor_role = 'office' AND a.office_id IS DISTINCT FROM p.office_id OR e.actor_role = 'agency' AND a.agency_id IS DISTINCT FROM p.agency_id`
	if n := count(t, env.Owner, strangers); n != 0 {
		t.Errorf("%d lines of time lines name somebody who cannot see the problem", n)
	}
	if n := count(t, env.Owner, `SELECT count(*) FROM offices o WHERE (SELECT count(*) FROM accounts a WHERE a.office_id = o.id AND a.role = 'office') <> 1`); n != 0 {
		t.Errorf("%d offices have not one desk", n)
	}
	if rest, err := demo.Begin(t.Context(), g); err != nil || rest != nil {
		t.Errorf("a second demo in the same database: %v, %v", rest != nil, err)
	}
}

func count(t *testing.T, d *db.DB, q string, args ...any) (n int) {
	t.Helper()
	if err := d.Get(t.Context(), &n, q, args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return n
}
