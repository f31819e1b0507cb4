// Package worldtest is the ground on which the features' tests stand: two townships with their people, on a real database,
// a real folder of photos and a real port. Only tests import it.
package worldtest

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/web"
	"suixing/internal/vault"
)

// World is a county of two offices, each with an agency, and what every feature stands on. A feature's tests embed it.
type World struct {
	*testing.T
	Env    *dbtest.Env
	Base   string // the address that Get, Post, As and Call ask
	Logged *Log

	Objects    string // folder of the photos
	Store      blob.Store
	Signer     *evidence.Keyring
	Evidence   *evidence.Service
	Identities *vault.Service
	Deadlines  *deadline.Service

	Office1, Office2, Agency1, Agency2 uuid.UUID
	People                             map[string]actor.Actor // each signs in by the token of the same name
	photos                             uint8
}

// New makes the county and its people.
func New(t *testing.T) *World {
	t.Helper()
	w := &World{T: t, Env: dbtest.New(t), Logged: &Log{}, People: map[string]actor.Actor{}, Objects: t.TempDir(),
		Office1: uuid.New(), Office2: uuid.New(), Agency1: uuid.New(), Agency2: uuid.New()}
	w.Exec(`INSERT INTO bureau (id, name, county, prefix, hotline) VALUES ($1, '示例县司法局', '示例县', '示', '0371-1234567')`, uuid.New())
	w.Exec(`INSERT INTO offices (id, name, township) VALUES ($1, '示例镇A司法所', '示例镇A'), ($2, '示例镇B司法所', '示例镇B')`, w.Office1, w.Office2)
	w.Exec(`INSERT INTO agencies (id, name, kind, office_id) VALUES ($1, '示例镇A综合执法大队', 'township', $3), ($2, '示例镇B综合执法大队', 'township', $4)`,
		w.Agency1, w.Agency2, w.Office1, w.Office2)
	for name, a := range map[string]actor.Actor{
		"county": {Role: actor.County}, "leader": {Role: actor.Leader}, "office": {Role: actor.Office, OfficeID: Some(w.Office1)},
		"office2": {Role: actor.Office, OfficeID: Some(w.Office2)}, "supervisor": {Role: actor.Supervisor, OfficeID: Some(w.Office1)},
		"agency": {Role: actor.Agency, AgencyID: Some(w.Agency1)}, "agency2": {Role: actor.Agency, AgencyID: Some(w.Agency2)},
		"hotline": {Role: actor.Hotline}, "admin": {Role: actor.Admin}, "auditor": {Role: actor.Auditor},
	} {
		w.Person(name, a)
	}
	keys, err := vault.LoadKeyring(t.TempDir(), true)
	w.Must(err)
	w.Store, err = blob.NewFolder(w.Objects)
	w.Must(err)
	w.Signer, err = evidence.LoadOrMakeSigner(t.TempDir(), true)
	w.Must(err)
	now := w.Env.Clock.Now
	w.Identities = vault.New(w.Env.Vault, keys, now)
	w.Evidence = evidence.New(w.Env.DB, now, w.Store, w.Signer)
	w.Deadlines = deadline.New(w.Env.DB, now)
	return w
}

// Some is an id that is there.
func Some(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: true} }

// Person is an account with this name and role, who can sign in.
func (w *World) Person(name string, a actor.Actor) actor.Actor {
	w.Helper()
	a.ID, a.Name = uuid.New(), "测试员"+name
	w.People[name] = a
	w.Exec(`INSERT INTO accounts (id, username, name, role, office_id, agency_id, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'x', $7)`,
		a.ID, name, a.Name, string(a.Role), a.OfficeID, a.AgencyID, dbtest.Start)
	return a
}

// Serve opens one more server on the same ground for the features and gives its address.
func (w *World) Serve(features ...interface{ Routes(*web.Router) }) (string, *web.Router) {
	w.Helper()
	r := web.New(web.Options{Log: slog.New(slog.NewTextHandler(w.Logged, nil)), Now: w.Env.Clock.Now, Version: "test", TrustedProxies: []string{"127.0.0.1"}})
	r.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		if a, ok := w.People[token]; ok {
			return a, web.Session{Kind: "token"}, nil
		}
		return actor.Actor{}, web.Session{}, fault.New(fault.Unauthenticated, "signed_out", "")
	})
	for _, f := range features {
		f.Routes(r)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	w.Must(err)
	go func() { _ = r.App.Listener(ln) }()
	w.Cleanup(func() { _ = r.App.ShutdownWithTimeout(2 * time.Second) })
	return "http://" + ln.Addr().String(), r
}

// Must ends the test at a fault.
func (w *World) Must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Exec writes as the database's owner.
func (w *World) Exec(q string, args ...any) {
	w.Helper()
	_, err := w.Env.Owner.Exec(context.Background(), q, args...)
	w.Must(err)
}

// Count reads a number as the database's owner.
func (w *World) Count(q string, args ...any) (n int) {
	w.Helper()
	w.Must(w.Env.Owner.Get(context.Background(), &n, q, args...))
	return n
}

// At sets the clock to ten in the morning of a day in Shanghai.
func (w *World) At(day string) {
	w.Helper()
	t, err := clock.ParseDay(day)
	w.Must(err)
	w.Env.Clock.Set(t.Add(10 * time.Hour))
}

// Log is what the servers have logged.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
