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
	"strings"
	"sync"
	"testing"
	"time"

	"suixing/internal/app"
	"suixing/internal/demo"
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
func newWorld(t *testing.T) *world {
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
	if w.app, err = app.New(context.Background(), deps); err != nil {
		t.Fatal(err)
	}
	if w.ppl, err = demo.Settle(context.Background(), w.app); err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.app.Router.App.Listener(l) }()
	t.Cleanup(func() { _ = w.app.Router.App.ShutdownWithTimeout(5 * time.Second) })
	return w
}

// client is one person's browser: a cookie, an origin.
type client struct {
	w      *world
	name   string
	cookie string
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
