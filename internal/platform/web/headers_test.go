package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
)

const thing = "/api/things/018f0000-0000-7000-8000-000000000001"

// Every answer, of whatever kind and however it ended, carries what keeps a browser from doing more with it than we meant.
func TestHeadersOfEveryKind(t *testing.T) {
	for _, secure := range []bool{false, true} {
		r := New(Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: clock.Real, Secure: secure, Version: "test"})
		r.Ops(func(context.Context) error { return nil })
		Get(r, "/api/ok", Anyone, "fine", func(_ context.Context, _ actor.Actor, _ *struct{}) (*thingOut, error) { return &thingOut{}, nil })
		r.Plain("GET", "/page", Anyone, "a page", func(c *fiber.Ctx) error { return c.Type("html").SendString("<p>") })
		r.Plain("GET", "/file", Anyone, "a file", func(c *fiber.Ctx) error {
			c.Set("Content-Disposition", `attachment; filename="a.xlsx"`)
			return c.SendString("PK")
		})
		r.Plain("GET", "/panic", Anyone, "panics", func(*fiber.Ctx) error { panic("oh") })
		for _, path := range []string{"/api/ok", "/page", "/file", "/panic", "/api/nothing", "/nothing", "/healthz", "/readyz", "/metrics", "/openapi.json", thing} {
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "TRACE"} {
				_, _, h := call(t, r, method, path, "", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "PUT")
				what := method + " " + path
				for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
					"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=()"} {
					if h.Get(name) != want {
						t.Errorf("%s: %s is %q", what, name, h.Get(name))
					}
				}
				if got := h.Get("Strict-Transport-Security"); (got != "") != secure {
					t.Errorf("%s, secure %t: Strict-Transport-Security %q", what, secure, got)
				}
				if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") ||
					strings.Contains(csp, "sandbox") != (path == "/file" && h.Get("Content-Disposition") != "") {
					t.Errorf("%s: policy %q", what, csp)
				}
				for name := range h {
					if strings.HasPrefix(name, "Access-Control-") || name == "Server" || name == "X-Powered-By" {
						t.Errorf("%s: %s: %q", what, name, h.Get(name))
					}
				}
			}
		}
		if want := map[bool]string{false: "suixing_session", true: "__Host-suixing_session"}[secure]; r.CookieName() != want {
			t.Errorf("the cookie is called %s", r.CookieName())
		}
	}
}

// The figures are for this machine and private networks, asked directly; to anyone else the page does not exist. Health says
// one word, and never what is wrong.
func TestOps(t *testing.T) {
	log := &bytes.Buffer{}
	r := New(Options{Log: slog.New(slog.NewJSONHandler(log, nil)), Now: clock.Real, Version: "test"})
	broken := errors.New("the store at 10.1.2.3 is full")
	var state error
	r.Ops(func(context.Context) error { return state })
	r.Plain("GET", "/t/{secret}", Anyone, "a page with a secret in its address", func(c *fiber.Ctx) error { return c.SendString("x") })
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if code, m, _ := call(t, r, "GET", path, "", ""); code != 200 || m["raw"] != want {
			t.Errorf("%s: %d %v", path, code, m)
		}
	}
	state = broken
	if code, m, _ := call(t, r, "GET", "/readyz", "", ""); code != 503 || m["raw"] != "not ready\n" || !strings.Contains(log.String(), "10.1.2.3") {
		t.Errorf("not ready: %d %v", code, m)
	}
	if code, m, _ := call(t, r, "GET", "/healthz", "", ""); code != 200 || m["raw"] != "ok\n" {
		t.Errorf("alive and not ready: %d %v", code, m)
	}
	// A stranger directly, by the address that the test's connection has: 0.0.0.0 is neither loopback nor private.
	if code, m, _ := call(t, r, "GET", "/metrics", "", ""); code != 404 || strings.Contains(m["detail"].(string), "suixing_") {
		t.Errorf("a stranger: %d %v", code, m)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = r.App.Listener(l) }()
	t.Cleanup(func() { _ = r.App.ShutdownWithTimeout(time.Second) })
	get := func(path string, head ...string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(head); i += 2 {
			req.Header.Set(head[i], head[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		raw, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(raw)
	}
	if code, _ := get("/t/13971239999"); code != 200 {
		t.Fatal(code)
	}
	code, text := get("/metrics")
	for _, want := range []string{`suixing_requests_total{method="GET",route="/t/:secret",status="200"} 1`, `suixing_requests_total{method="GET",route="/readyz",status="503"} 1`, "suixing_request_seconds_bucket", "go_goroutines", "process_resident_memory_bytes"} {
		if code != 200 || !strings.Contains(text, want) {
			t.Errorf("the figures (%d) lack %s", code, want)
		}
	}
	if strings.Contains(text, "13971239999") || strings.Contains(text, "018f0000") {
		t.Error("the figures name an address that somebody asked for")
	}
	for _, from := range []string{"8.8.8.8", "127.0.0.1", "10.0.0.1, 8.8.8.8", "garbage"} { // through the front: whoever it says it is
		if code, text := get("/metrics", "X-Forwarded-For", from); code != 404 || strings.Contains(text, "suixing_requests") {
			t.Errorf("through the front from %s: %d", from, code)
		}
	}
}
