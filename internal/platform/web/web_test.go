package web

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

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

type thingIn struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"5"`
		Kind string `json:"kind" enum:"a,b"`
	}
}
type thingOut struct {
	Body struct {
		ID   uuid.UUID `json:"id"`
		Role string    `json:"role"`
	}
}

func testRouter(t *testing.T) (*Router, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	r := New(Options{Log: slog.New(slog.NewJSONHandler(log, nil)), Now: clock.Real, Version: "test"})
	r.SetAuth(func(_ context.Context, token string) (actor.Actor, Session, error) {
		switch token {
		case "office":
			return actor.Actor{ID: uuid.New(), Role: actor.Office}, Session{}, nil
		case "fresh":
			return actor.Actor{ID: uuid.New(), Role: actor.Office}, Session{Limited: "must_change"}, nil
		}
		return actor.Actor{}, Session{}, fault.New(fault.Unauthenticated, "signed_out", "x")
	})
	Put(r, "/api/things/{id}", Roles(actor.Office, actor.County), "change a thing", func(_ context.Context, who actor.Actor, in *thingIn) (*thingOut, error) {
		if in.Body.Name == "boom" {
			return nil, io.ErrUnexpectedEOF
		}
		if in.Body.Name == "gone" {
			return nil, fault.Missing()
		}
		out := &thingOut{}
		out.Body.ID, out.Body.Role = in.ID, string(who.Role)
		return out, nil
	})
	Get(r, "/api/county", Roles(actor.County), "county only", func(context.Context, actor.Actor, *struct{}) (*struct{}, error) { return nil, nil })
	r.Plain("POST", "/up/{name}", Anyone, "upload", func(c *fiber.Ctx) error {
		b, err := Body(c, 100_000)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, b)
		if err != nil {
			return err
		}
		return c.JSON(n)
	})
	r.Plain("GET", "/panic", Anyone, "panics", func(*fiber.Ctx) error { panic("oh") })
	return r, log
}

func call(t *testing.T, r *Router, method, path, token, body string, header ...string) (int, map[string]any, http.Header) {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := r.App.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(res.Body)
	var m map[string]any
	_ = json.Unmarshal(raw, &m)
	if m == nil {
		m = map[string]any{"raw": string(raw)}
	}
	return res.StatusCode, m, res.Header
}

func TestAnswers(t *testing.T) {
	r, log := testRouter(t)
	const path = "/api/things/018f0000-0000-7000-8000-000000000001"
	for _, c := range []struct {
		name, method, path, token, body string
		status                          int
		code, field                     string
	}{
		{"allowed", "PUT", path, "office", `{"name":"甲","kind":"a"}`, 200, "", ""},
		{"nobody", "PUT", path, "", `{"name":"甲","kind":"a"}`, 401, "signed_out", ""},
		{"nobody with a bad body", "PUT", path, "", `{"name":`, 401, "signed_out", ""},
		{"ended session", "PUT", path, "old", `{"name":"甲","kind":"a"}`, 401, "signed_out", ""},
		{"other role", "GET", "/api/county", "office", "", 403, "forbidden", ""},
		{"first login", "PUT", path, "fresh", `{"name":"甲","kind":"a"}`, 403, "must_change", ""},
		{"unknown field", "PUT", path, "office", `{"name":"甲","kind":"a","role":"county"}`, 422, "unprocessable_entity", "role"},
		{"missing field", "PUT", path, "office", `{"kind":"a"}`, 422, "unprocessable_entity", "body"},
		{"too long", "PUT", path, "office", `{"name":"一二三四五六","kind":"a"}`, 422, "unprocessable_entity", "name"},
		{"not in enum", "PUT", path, "office", `{"name":"甲","kind":"secret"}`, 422, "unprocessable_entity", "kind"},
		{"bad id", "PUT", "/api/things/1", "office", `{"name":"甲","kind":"a"}`, 422, "unprocessable_entity", "path.id"},
		{"not JSON", "PUT", path, "office", `{"name":`, 400, "bad_request", ""},
		{"out of sight", "PUT", path, "office", `{"name":"gone","kind":"a"}`, 404, "not_found", ""},
		{"internal", "PUT", path, "office", `{"name":"boom","kind":"a"}`, 500, "internal", ""},
		{"no such address", "GET", "/api/nothing", "office", "", 404, "not_found", ""},
		{"panic", "GET", "/panic", "", "", 500, "internal", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, m, h := call(t, r, c.method, c.path, c.token, c.body)
			if status != c.status {
				t.Fatalf("status %d, want %d: %v", status, c.status, m)
			}
			if c.code == "" {
				return
			}
			if m["code"] != c.code || m["detail"] == "" || !strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") {
				t.Fatalf("answer %v (%s)", m, h.Get("Content-Type"))
			}
			if raw, _ := json.Marshal(m); strings.Contains(string(raw), "secret") {
				t.Fatal("the answer repeats what was submitted")
			}
			if c.field != "" {
				errs, _ := m["errors"].([]any)
				if len(errs) == 0 || errs[0].(map[string]any)["field"] != c.field {
					t.Fatalf("errors %v, want field %s", m["errors"], c.field)
				}
			}
		})
	}
	if !strings.Contains(log.String(), `"route":"/api/things/:id"`) || strings.Contains(log.String(), "018f0000") {
		t.Error("the log must name the pattern and never the address asked for")
	}
}

func TestCookieNeedsOwnOrigin(t *testing.T) {
	r, _ := testRouter(t)
	const path = "/api/things/018f0000-0000-7000-8000-000000000001"
	body := `{"name":"甲","kind":"a"}`
	for _, c := range []struct {
		name   string
		header []string
		status int
	}{
		{"own origin", []string{"Origin", "http://example.com"}, 200},
		{"fetch site", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"none", nil, 403},
		{"null", []string{"Origin", "null"}, 403},
		{"foreign", []string{"Origin", "http://evil.example"}, 403},
		{"subdomain", []string{"Origin", "http://a.example.com"}, 403},
		{"cross-site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, m, _ := call(t, r, "PUT", path, "", body, append([]string{"Cookie", "suixing_session=office"}, c.header...)...)
			if status != c.status {
				t.Fatalf("status %d, want %d: %v", status, c.status, m)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	r, _ := testRouter(t)
	for size, want := range map[int]int{0: 200, 100: 200, 100_000: 200, 100_001: 413, 5_000_000: 413} {
		if status, m, _ := call(t, r, "POST", "/up/x", "", strings.Repeat("x", size)); status != want {
			t.Errorf("%d bytes: %d, want %d: %v", size, status, want, m)
		}
	}
	status, m, _ := call(t, r, "PUT", "/api/things/018f0000-0000-7000-8000-000000000001", "office", `{"name":"`+strings.Repeat("x", 3<<20)+`","kind":"a"}`)
	if status != 413 {
		t.Errorf("3 MiB of JSON: %d %v", status, m)
	}
}

// TestPolicy: nothing but our own files runs, and no text becomes markup or script.
func TestPolicy(t *testing.T) {
	r, _ := testRouter(t)
	_, _, h := call(t, r, "GET", "/api/nothing", "", "")
	policy := map[string]bool{}
	for _, rule := range strings.Split(h.Get("Content-Security-Policy"), "; ") {
		policy[rule] = true
	}
	for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types vue default"} {
		if !policy[rule] {
			t.Errorf("the policy lacks %q: %v", rule, policy)
		}
	}
}
