package account

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/web"
)

var bg = context.Background()

const good = "Willow-42-Kite"

// house is a county with an administrator and two offices, served over HTTP.
type house struct {
	*dbtest.Env
	s          *Service
	r          *web.Router
	west, east uuid.UUID
	team       uuid.UUID
	admin      actor.Actor
}

func newHouse(t *testing.T) *house {
	t.Helper()
	e := dbtest.New(t)
	s, err := New(e.DB, e.Clock.Now, Options{Key: bytes.Repeat([]byte{7}, 32), Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Env: e, s: s, west: uuid.New(), east: uuid.New(), team: uuid.New()}
	h.exec(t, `INSERT INTO offices (id, name, township) VALUES ($1, '示例镇A司法所', '示例镇A'), ($2, '示例镇B司法所', '示例镇B')`, h.west, h.east)
	h.exec(t, `INSERT INTO agencies (id, name, kind, office_id) VALUES ($1, '示例镇A综合行政执法大队', 'township', $2)`, h.team, h.west)
	h.admin = h.actorOf(h.person(t, "admin", actor.Admin))
	h.r = web.New(web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: e.Clock.Now})
	h.r.SetAuth(s.Authenticate)
	s.Routes(h.r)
	return h
}

func (h *house) exec(t *testing.T, q string, args ...any) {
	t.Helper()
	if _, err := h.DB.Exec(bg, q, args...); err != nil {
		t.Fatal(err)
	}
}

func (h *house) count(t *testing.T, q string, args ...any) (n int) {
	t.Helper()
	if err := h.DB.Get(bg, &n, q, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// person makes an account that has changed its first password to good.
func (h *house) person(t *testing.T, username string, role actor.Role) Account {
	t.Helper()
	f := Form{Username: username, Name: "人员" + username, Role: role}
	who := actor.Actor{Role: role}
	if who.Is(actor.Office, actor.Supervisor) {
		f.OfficeID = uuid.NullUUID{UUID: h.west, Valid: true}
	}
	if who.Is(actor.Agency) {
		f.AgencyID = uuid.NullUUID{UUID: h.team, Valid: true}
	}
	a, _, err := h.s.CreateAccount(bg, actor.System, f)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.s.hasher.hash(bg, good)
	if err != nil {
		t.Fatal(err)
	}
	h.exec(t, `UPDATE accounts SET password_hash = $2, must_change = false WHERE id = $1`, a.ID, hash)
	return a
}

func (h *house) actorOf(a Account) actor.Actor {
	return actor.Actor{ID: a.ID, Role: a.Role, Name: a.Name, OfficeID: a.OfficeID, AgencyID: a.AgencyID}
}

func (h *house) login(t *testing.T, username string) string {
	t.Helper()
	token, err := h.s.Login(bg, Credentials{Username: username, Password: good, Address: "10.0.0.1"})
	if err != nil {
		t.Fatalf("%s: %v", username, err)
	}
	return token
}

type response struct {
	status int
	body   map[string]any
	raw    string
	cookie *http.Cookie
	header http.Header
}

// do sends a request as a browser on our own page, with the session cookie.
func (h *house) do(t *testing.T, token, method, path string, body any) response {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		raw = nil
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if raw != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "suixing_session", Value: token})
	}
	res, err := h.r.App.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, _ := io.ReadAll(res.Body)
	out := response{status: res.StatusCode, raw: string(answer), header: res.Header}
	_ = json.Unmarshal(answer, &out.body)
	for _, c := range res.Cookies() {
		out.cookie = c
	}
	return out
}

type m map[string]any

func (h *house) after(d time.Duration) { h.Clock.Add(d) }

func contains(s, sub string) bool { return strings.Contains(s, sub) }
