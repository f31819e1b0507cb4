package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/app"
	"suixing/internal/demo"
	"suixing/internal/directory"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/config"
	"suixing/internal/platform/dbtest"
)

// world is the whole product on a database, a photo store and a port of its own, with the demo's people in it.
type world struct {
	t    *testing.T
	env  *dbtest.Env
	app  *app.App
	base string
	log  *syncBuffer
	ppl  demo.People
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// newWorld opens the doors. The clock stands at the base day of the sample cases.
func newWorld(t *testing.T) *world { t.Helper(); return openWorld(t, false) }

// openWorld is newWorld, with the whole demo in it if it is to be full: then the clock stands at the time it is.
func openWorld(t *testing.T, full bool) *world {
	t.Helper()
	env := dbtest.New(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	public, _ := url.Parse(base)
	store, err := blob.NewFolder(filepath.Join(t.TempDir(), "photos"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, env: env, base: base, log: &syncBuffer{}}
	cfg := config.Config{Addr: l.Addr().String(), PublicURL: public, Keys: filepath.Join(t.TempDir(), "keys"), Demo: true}
	deps := app.Deps{Config: cfg, DB: env.DB, Vault: env.Vault, Store: store, Now: env.Clock.Now, Log: slog.New(slog.NewJSONHandler(w.log, nil)), Version: "test"}
	if full {
		env.Clock.Set(time.Now().Truncate(time.Second)) // the database keeps no nanoseconds
		if err := demo.Fill(context.Background(), demo.Ground{Config: cfg, DB: env.DB, Vault: env.Vault, Store: store, Log: deps.Log, Version: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	if w.app, err = app.New(context.Background(), deps); err != nil {
		t.Fatal(err)
	}
	if full {
		w.ppl = w.settled()
	} else if w.ppl, err = demo.Settle(context.Background(), w.app); err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.app.Router.App.Listener(l) }()
	t.Cleanup(func() { _ = w.app.Router.App.ShutdownWithTimeout(5 * time.Second) })
	return w
}

// settled finds the demo's people where the whole demo was made.
func (w *world) settled() demo.People {
	w.t.Helper()
	ctx := context.Background()
	all, err := w.app.Directory.Directory(ctx, actor.System)
	if err != nil {
		w.t.Fatal(err)
	}
	p := demo.People{Offices: all.Offices, Agencies: all.Agencies, Officers: map[uuid.UUID][]directory.Officer{}, Businesses: map[uuid.UUID][]directory.Business{}, Accounts: map[string]actor.Actor{}}
	// ids are made in the order of the places
	slices.SortFunc(p.Offices, func(a, b directory.Office) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	slices.SortFunc(p.Agencies, func(a, b directory.Agency) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	for _, a := range p.Agencies {
		page, err := w.app.Directory.Officers(ctx, actor.System, directory.OfficerFilter{AgencyID: uuid.NullUUID{UUID: a.ID, Valid: true}, Standing: "valid"})
		if err != nil {
			w.t.Fatal(err)
		}
		p.Officers[a.ID] = page.Items
	}
	for _, o := range p.Offices {
		page, err := w.app.Directory.Businesses(ctx, actor.System, directory.BusinessFilter{OfficeID: uuid.NullUUID{UUID: o.ID, Valid: true}})
		if err != nil {
			w.t.Fatal(err)
		}
		p.Businesses[o.ID] = page.Items
	}
	var rows []struct {
		ID       uuid.UUID     `db:"id"`
		Username string        `db:"username"`
		Role     actor.Role    `db:"role"`
		OfficeID uuid.NullUUID `db:"office_id"`
		AgencyID uuid.NullUUID `db:"agency_id"`
	}
	if err := w.env.Owner.Select(ctx, &rows, `SELECT id, username, role, office_id, agency_id FROM accounts`); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range rows {
		p.Accounts[a.Username] = actor.Actor{ID: a.ID, Role: a.Role, OfficeID: a.OfficeID, AgencyID: a.AgencyID}
	}
	return p
}

// settleAnswers ends the hour for the answers of businesses: what waits for it is done.
func (w *world) settleAnswers() {
	w.t.Helper()
	if s, ok := any(w.app.Feedback).(interface {
		Settle(ctx context.Context, all bool) error
	}); ok {
		if err := s.Settle(context.Background(), true); err != nil {
			w.t.Fatal(err)
		}
	}
}

// client is one person's browser: a cookie, an origin.
type client struct {
	w      *world
	name   string
	cookie string
	bearer string            // instead of the cookie: the whole Authorization header
	always map[string]string // headers of every request
}

func (w *world) nobody() *client { return &client{w: w, name: "nobody"} }

// as logs a demo person in.
func (w *world) as(username string) *client {
	w.t.Helper()
	c := &client{w: w, name: username}
	res := c.do("POST", "/api/session", map[string]string{"username": username, "password": demo.Password})
	if res.status != 200 {
		w.t.Fatalf("login of %s: %d %s", username, res.status, res.body)
	}
	for _, ck := range res.cookies {
		if strings.HasSuffix(ck.Name, "suixing_session") {
			c.cookie = ck.Name + "=" + ck.Value
		}
	}
	return c
}

type answer struct {
	t       *testing.T
	what    string
	status  int
	body    []byte
	header  http.Header
	cookies []*http.Cookie
}

// do sends JSON (or raw bytes, or a form) and reads the whole answer.
func (c *client) do(method, path string, body any, header ...string) *answer {
	c.w.t.Helper()
	var r io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		r, kind = bytes.NewReader(b), "application/octet-stream"
	case url.Values:
		r, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.w.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.w.base+path, r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Origin", c.w.base)
	if c.cookie != "" {
		req.Header.Set("Cookie", c.cookie)
	}
	if c.bearer != "" {
		req.Header.Set("Authorization", c.bearer)
	}
	for k, v := range c.always {
		req.Header.Set(k, v)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		c.w.t.Fatalf("%s %s %s: %v", c.name, method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.w.t.Fatal(err)
	}
	return &answer{c.w.t, fmt.Sprintf("%s %s %s", c.name, method, path), res.StatusCode, raw, res.Header, res.Cookies()}
}

// want fails the test unless the answer has one of the statuses.
func (a *answer) want(statuses ...int) *answer {
	a.t.Helper()
	for _, s := range statuses {
		if a.status == s {
			return a
		}
	}
	a.t.Fatalf("%s: %d, want %v: %s", a.what, a.status, statuses, a.body)
	return a
}

// into decodes the answer.
func (a *answer) into(dest any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, dest); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.body)
	}
}

// get reads a value of the answer by dots, as "items.0.id".
func (a *answer) get(path string) any {
	a.t.Helper()
	var v any
	a.into(&v)
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(x) {
				a.t.Fatalf("%s: no %s in %s", a.what, path, a.body)
			}
			v = x[i]
		default:
			a.t.Fatalf("%s: no %s in %s", a.what, path, a.body)
		}
	}
	return v
}

func (a *answer) str(path string) string { a.t.Helper(); return fmt.Sprint(a.get(path)) }
