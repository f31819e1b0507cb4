package app_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// ours are the only headers an answer of this program has; a name that is not here was made by somebody else's text.
var ours = []string{"access", "allow", "cache-control", "connection", "content-disposition", "content-encoding", "content-length", "content-security-policy", "content-type", "cross-origin-opener-policy",
	"cross-origin-resource-policy", "date", "etag", "link", "location", "permissions-policy", "referrer-policy", "retry-after", "server-timing", "set-cookie", "transfer-encoding", "vary", "x-content-type-options", "x-frame-options", "x-request-id", "accept-ranges", "content-range"}

// hostilePlaces put a text where a request has room for one. What cannot stand in HTTP itself stands encoded.
var hostilePlaces = []struct {
	name string
	make func(x, host, base string) string
}{
	{"path", func(x, host, _ string) string {
		return "GET /" + url.PathEscape(x) + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	}},
	{"api path", func(x, host, _ string) string {
		return "GET /api/leads/" + url.PathEscape(x) + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	}},
	{"photo", func(x, host, _ string) string {
		return "PUT /api/photos/" + url.PathEscape(x) + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 1\r\n\r\nx"
	}},
	{"ticket", func(x, host, _ string) string {
		return "GET /f/" + url.PathEscape(x) + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n\r\n"
	}},
	{"query", func(x, host, _ string) string {
		return "GET /api/visits?q=" + url.QueryEscape(x) + "&" + url.QueryEscape(x) + "=1 HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	}},
	{"redirect", func(x, host, _ string) string {
		body := url.Values{"code": {x}, "r": {x}}.Encode()
		return fmt.Sprintf("POST /f?mode=%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", url.QueryEscape(x), host, len(body), body)
	}},
	{"agent and friends", func(x, host, _ string) string {
		v := headerText(x)
		return "GET /t HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: " + v + "\r\nReferer: http://x/" + v + "\r\nX-Forwarded-For: " + v + "\r\nX-Request-Id: " + v + "\r\nAccept-Language: " + v + "\r\nIf-None-Match: " + v + "\r\nRange: " + v + "\r\n\r\n"
	}},
	{"who", func(x, host, _ string) string {
		v := headerText(x)
		return "GET /api/session HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + v + "\r\nCookie: suixing_session=" + v + "; " + v + "\r\n\r\n"
	}},
	{"name of a header", func(x, host, _ string) string {
		name := "X-" + base64.RawURLEncoding.EncodeToString([]byte(x))[:min(40, len(base64.RawURLEncoding.EncodeToString([]byte(x))))] + "0"
		return "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n" + name + ": " + headerText(x) + "\r\n\r\n"
	}},
	{"login", func(x, host, base string) string {
		body, _ := json.Marshal(map[string]string{"username": x, "password": x, "code": x})
		return fmt.Sprintf("POST /api/session HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, base, len(body), body)
	}},
	{"body of a form", func(x, host, _ string) string {
		body := url.Values{"unit": {x}, "fact": {x}, x: {x}}.Encode()
		return fmt.Sprintf("POST /c HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body)
	}},
	{"name of a file", func(x, host, _ string) string {
		body, kind := multi(url.Values{"unit": {x}}, x)
		return fmt.Sprintf("POST /c HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", host, kind, len(body), body)
	}},
}

// headerText is a text as far as one can stand in a header at all.
func headerText(x string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return '~'
		}
		return r
	}, x[:min(len(x), 600)])
}

// hostileTexts are the whole list, those that try to end a line first.
func hostileTexts() []string {
	out := []string{"x\r\nX-Injected: 1", "x\nSet-Cookie: a=1", "x\r\n\r\n<script>alert(1)</script>", "x%0d%0aX-Injected:1", "嘊嘍X-Injected: 1", "x\u2028X-Injected: 1", "x\u0085X-Injected: 1", "\x1b[2J\x1b]0;金丝雀\x07", "\"}\n{\"level\":\"ERROR\",\"msg\":\"金丝雀\"}", "13971239999金丝雀"}
	for _, x := range naughty {
		out = append(out, x[:min(len(x), 800)])
	}
	return out
}

// CrLf and LogLines, large: five hundred requests with hostile texts in every place a request has. Each answer has only our
// own headers, each request that reached the program has one line of JSON in the log, and none of the lines repeats a text.
func TestLogLinesAndCrLfOfFiveHundred(t *testing.T) {
	w := newWorld(t)
	w.log.mu.Lock()
	w.log.b.Reset()
	w.log.mu.Unlock()
	host := strings.TrimPrefix(w.base, "http://")
	texts := hostileTexts()
	ids, refused, sent := map[string]bool{}, 0, 0
	for i := 0; sent < 500 || hostileFull && i < len(texts)*len(hostilePlaces); i++ {
		place := hostilePlaces[i%len(hostilePlaces)]
		x := texts[(i/len(hostilePlaces)*7+i)%len(texts)]
		sent++
		raw := exchange(t, host, place.make(x, host, w.base))
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		lines := strings.Split(string(head), "\r\n")
		if !strings.HasPrefix(lines[0], "HTTP/1.1 ") || strings.HasPrefix(lines[0], "HTTP/1.1 5") && !strings.Contains(string(raw), "make front") {
			t.Errorf("%s %q: %.300q", place.name, x, raw)
		}
		id := ""
		for _, l := range lines[1:] {
			name, value, ok := strings.Cut(l, ":")
			name = strings.ToLower(name)
			if !ok || !slices.Contains(ours, name) || strings.ContainsAny(l, "\r\n\x00\x1b") || strings.Contains(strings.ToLower(l), "injected") || name == "set-cookie" && !strings.Contains(value, "HttpOnly") {
				t.Errorf("%s %q: a header %q", place.name, x, l)
			}
			if name == "x-request-id" {
				id = strings.TrimSpace(value)
			}
		}
		switch {
		case id == "" && strings.HasPrefix(lines[0], "HTTP/1.1 4"):
			refused++ // no HTTP: it reached no handler, and no log
		case id == "" || ids[id]:
			t.Errorf("%s %q: the request's id is %q", place.name, x, id)
		}
		if id != "" {
			ids[id] = true
		}
	}
	text := strings.TrimRight(w.log.String(), "\n")
	requests := map[string]int{}
	for _, l := range strings.Split(text, "\n") {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Errorf("no line of JSON: %.300q", l)
			continue
		}
		if m["level"] == "ERROR" {
			t.Errorf("an error: %s", l)
		}
		if m["msg"] == "request" {
			requests[fmt.Sprint(m["request_id"])]++
		}
	}
	for id := range ids {
		if requests[id] != 1 {
			t.Errorf("request %s has %d lines", id, requests[id])
		}
	}
	if len(requests) != len(ids) {
		t.Errorf("%d requests, %d lines", len(ids), len(requests))
	}
	for _, x := range []string{"金丝雀", "13971239999", "\x1b", "X-Injected", "<script>", "DROP TABLE", "/etc/passwd", "\u202e"} {
		if strings.Contains(text, x) {
			t.Errorf("the log repeats %q", x)
		}
	}
	if refused > sent/3 {
		t.Errorf("%d of %d were no HTTP: the test does not test", refused, sent)
	}
	t.Logf("lines: %d sent, %d refused before any handler, %d lines", sent, refused, len(requests))
}

// exchange sends bytes as they are and gives the bytes of the first answer.
func exchange(t *testing.T, host, raw string) []byte {
	t.Helper()
	conn, err := net.DialTimeout("tcp", host, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprint(conn, strings.Replace(raw, "\r\nHost: ", "\r\nConnection: close\r\nHost: ", 1)); err != nil {
		return nil
	}
	var b bytes.Buffer
	_, _ = bufio.NewReader(conn).WriteTo(&b)
	return b.Bytes()
}
