package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// CrLf: nothing that a person types becomes a header, whether by an address, a redirect, a cookie or a file's name.
func TestCrLf(t *testing.T) {
	w := newWorld(t)
	office := w.as("office")
	for _, x := range []string{"a\r\nX-Injected: 1", "a\nSet-Cookie: x=1", "a\rX-Injected: 1", "a%0d%0aX-Injected:1", "嘊嘍X-Injected: 1", "a\u2028X-Injected: 1", "\x00\r\n\r\n<html>"} {
		q := url.QueryEscape(x)
		for _, path := range []string{"/c?mode=" + q, "/f?mode=" + q, "/f/" + url.PathEscape(x), "/w/" + url.PathEscape(x), "/v/" + url.PathEscape(x), "/desk/" + url.PathEscape(x), "/api/problems.xlsx?q=" + q, "/api/photos/" + url.PathEscape(x), "/api/import/" + url.PathEscape(x) + "/template"} {
			a := office.do("GET", path, nil, "Accept", "text/html")
			held(t, path, a)
		}
		v := happy()
		v.Set("code", x)
		held(t, "POST /f", w.nobody().do("POST", "/f?mode="+q, v))
		held(t, "POST /t", w.nobody().do("POST", "/t", url.Values{"r": {x}}))
		held(t, "login", w.nobody().do("POST", "/api/session", map[string]string{"username": x, "password": x}))
	}
}

func held(t *testing.T, what string, a *answer) {
	t.Helper()
	if a.status >= 500 && !strings.Contains(string(a.body), "make front") || a.header.Get("X-Injected") != "" || len(a.cookies) > 0 {
		t.Errorf("%s: %d %v", what, a.status, a.header)
	}
	for name, values := range a.header {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") || strings.Contains(strings.ToLower(name), "injected") {
				t.Errorf("%s: %s: %q", what, name, v)
			}
		}
	}
}

// LogLines: each request leaves one line, JSON, whatever it holds; and none holds what was typed.
func TestLogLines(t *testing.T) {
	w := newWorld(t)
	w.log.mu.Lock()
	w.log.b.Reset()
	w.log.mu.Unlock()
	sent := 0
	for _, x := range []string{"/c?q=金丝雀13971239999", "/%0a{\"level\":\"ERROR\"}", "/\x1b[31m", "/api/visits?q=%0d%0afake", "/f/13971239999", "/%ff%fe", "/api/leads/{\"a\":1}", "/t?\"quoted\""} {
		raw := "GET " + strings.ReplaceAll(x, " ", "%20") + " HTTP/1.1\r\nHost: " + strings.TrimPrefix(w.base, "http://") + "\r\nUser-Agent: 13971239999\r\nReferer: http://x/金丝雀\r\nX-Forwarded-For: 13971239999\r\nConnection: close\r\n\r\n"
		status, err := say(w.base, raw)
		if err != nil {
			t.Fatal(err)
		}
		if status >= 500 && status != 503 { // 503: the front end is not built
			t.Errorf("%q: %d", x, status)
		}
		if status != 400 { // what is no HTTP reaches no handler and no log
			sent++
		}
	}
	text := strings.TrimSpace(w.log.String())
	lines := strings.Split(text, "\n")
	requests := 0
	for _, l := range lines {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Errorf("no line of JSON: %q", l)
		}
		if m["msg"] == "request" {
			requests++
		}
	}
	if requests != sent {
		t.Errorf("%d requests, %d lines:\n%s", sent, requests, text)
	}
	for _, x := range []string{"金丝雀", "13971239999", "fake", "\x1b", "ERROR"} {
		if strings.Contains(text, x) {
			t.Errorf("the log holds %q:\n%s", x, text)
		}
	}
}

// say sends bytes as they are: a client library would refuse or repair them.
func say(base, raw string) (int, error) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), 5*time.Second)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprint(conn, raw); err != nil {
		return 0, err
	}
	var b bytes.Buffer
	_, _ = b.ReadFrom(conn)
	res, err := http.ReadResponse(bufio.NewReader(&b), nil)
	if err != nil {
		return 0, err
	}
	_ = res.Body.Close()
	return res.StatusCode, nil
}
