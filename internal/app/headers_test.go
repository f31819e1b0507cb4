package app_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"suixing/pwa"
)

// TestEveryRoute plants the county once, and asks every route of the golden list what Headers, Formula and Injection ask.
func TestEveryRoute(t *testing.T) {
	w := newWorld(t)
	h := &hostile{matrix: newMatrix(t, w), begun: time.Now()}
	t.Run("Headers", h.headers)
	t.Run("Injection", h.injection)
	t.Run("Formula", h.formula)
}

// kept are the addresses whose answers a browser may keep, and how. Whatever is not here is no-store.
var kept = map[string]*regexp.Regexp{
	"GET /*":                   regexp.MustCompile(`^(no-cache|public, max-age=31536000, immutable|no-store)$`),
	"GET /desk":                regexp.MustCompile(`^(no-cache|no-store)$`),
	"GET /desk/*":              regexp.MustCompile(`^(no-cache|no-store)$`),
	"GET /favicon.ico":         regexp.MustCompile(`^public, max-age=86400$`),
	"GET /api/photos/{sha256}": regexp.MustCompile(`^(private, max-age=3600|no-store)$`), // a copy under its hash, for an hour, by this browser alone
}

// pages are the kinds of answer that a browser may show; all else goes out as a file.
var pages = regexp.MustCompile(`^(application/(problem\+)?json|application/manifest\+json|application/(openapi\+|vnd\.oai\.openapi\+)?(json|yaml)|application/yaml|text/(html|plain|css|javascript)|image/(svg\+xml|png|x-icon))(;|$)`)

var disposition = regexp.MustCompile(`^(attachment|inline)(; filename="[A-Za-z0-9._-]+")?(; filename\*=UTF-8''[A-Za-z0-9._%-]+)?$`)

// unguarded says what an answer's headers lack.
func unguarded(key string, a *answer) []string {
	var out []string
	one := func(name string) string { return strings.Join(a.header.Values(name), "|") }
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
		if name == "Referrer-Policy" && strings.HasPrefix(one("Content-Type"), "text/html") && one(name) == "same-origin" {
			continue // the public forms: our own pages see where a press came from, nobody else does
		}
		if one(name) != want {
			out = append(out, fmt.Sprintf("%s is %q", name, one(name)))
		}
	}
	csp, file := one("Content-Security-Policy"), one("Content-Disposition")
	if !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe-") || strings.Contains(csp, "*") || strings.Contains(csp, "http:") {
		out = append(out, "policy "+csp)
	}
	if file != "" && (!strings.Contains(csp, "sandbox") || !disposition.MatchString(file)) {
		out = append(out, "a file "+file+" under "+csp)
	}
	if kind := one("Content-Type"); file == "" && len(a.body) > 0 && !pages.MatchString(kind) && a.status == 200 && key != "GET /metrics" {
		out = append(out, "no page and no file: "+kind)
	} else if strings.HasPrefix(kind, "text/html") && kind != "text/html; charset=utf-8" {
		out = append(out, "a page of "+kind)
	}
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Server" || name == "X-Powered-By" || name == "Timing-Allow-Origin" {
			out = append(out, "a header "+name)
		}
	}
	cache := one("Cache-Control")
	if may := kept[key]; cache != "no-store" && (may == nil || !may.MatchString(cache)) {
		out = append(out, "Cache-Control "+cache)
	}
	return out
}

// Headers: each route of the list, as who may, as who may not and as nobody, for a record that is there and one that is
// not, asked from a foreign page: the answer carries what keeps a browser from doing more with it.
func (h *hostile) headers(t *testing.T) {
	kinds, asked, routes, said := map[string]bool{}, map[string]bool{}, 0, map[string]bool{}
	see := func(r row, who byte, a *answer) {
		routes++
		asked[r.key()] = true
		kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		if a.status == 200 {
			kinds[kind] = true
		}
		for _, what := range unguarded(r.key(), a) {
			if text := fmt.Sprintf("%s as %c, %d: %s", r.key(), who, a.status, what); !said[text] && len(said) < 60 {
				said[text] = true
				t.Error(text)
			}
		}
	}
	foreign := []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "PUT"}
	for _, r := range readMatrix(t) {
		if !h.serves(r.key()) {
			continue
		}
		letter, login := h.who(r)
		own := h.idOf(r.kind, letter, "own")
		ids := []string{absentLike(own)}
		if r.method == "GET" {
			if ids = append(ids, own); !hostileFull {
				ids = ids[1:]
			}
		}
		for _, id := range ids {
			see(r, letter, h.ask(h.clients[letter], r, letter, login, id))
			see(r, 'P', h.ask(h.clients['P'], r, 'P', "", id))
			if hostileFull {
				see(r, 'A', h.ask(h.clients['A'], r, 'A', "agency", id))
			}
			path := pathParam.ReplaceAllString(r.path, "x")
			see(r, 'P', h.nobody().do("OPTIONS", path, nil, foreign...))
			if r.method == "GET" {
				see(r, letter, h.clients[letter].do("GET", path, nil, append([]string{"Accept", "text/html"}, foreign...)...))
			}
		}
		if r.path == "/api/photos/{sha256}" && r.method == "GET" {
			for _, size := range []string{"thumb", "view", "original"} {
				see(r, 'O', h.clients['O'].do("GET", "/api/photos/"+own+"?size="+size, nil, foreign...))
			}
		}
	}
	for _, r := range h.app.Router.Routes() {
		if !asked[r.Method+" "+r.Path] {
			t.Errorf("%s %s was not asked: it has no line in matrix.txt", r.Method, r.Path)
		}
	}
	for _, kind := range []string{"application/json", "text/html", "text/plain", "image/jpeg", "application/pdf", workbookKind} {
		if !kinds[kind] {
			t.Errorf("no answer of this run was %s", kind)
		}
	}
	_ = fs.WalkDir(pwa.Dist(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, ".") {
			return nil
		}
		see(row{method: "GET", path: "/*"}, 'P', h.nobody().do("GET", "/"+name, nil, foreign...))
		return nil
	})
	for _, path := range []string{"/nothing/../../etc/passwd", "/api", "/api/", "/api/nothing", "/.git/config", "/%2e%2e/", "/assets/none.js", "/desk.html"} {
		see(row{method: "GET", path: "/*"}, 'P', h.nobody().do("GET", path, nil, foreign...))
	}
	a := h.clients['C'].do("POST", "/api/leads", []byte("{"), "Content-Type", "application/json")
	if a.status < 400 || bytes.Contains(a.body, []byte("evil")) {
		t.Errorf("a broken request: %d", a.status)
	}
	t.Logf("headers: %d answers of %d routes", routes, len(asked))
}
