package deploy_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// caddy gives the pinned program that make test builds.
func caddy(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("SUIXING_TEST_CADDY"); p != "" {
		return p
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if hits, _ := filepath.Glob(filepath.Join(cache, "suixing", "tools", "caddy-*", "caddy")); len(hits) > 0 {
			return hits[len(hits)-1]
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("SUIXING_TEST_CADDY is not set and no caddy stands in the tools cache; make test builds it")
	}
	t.Skip("no caddy in the tools cache; scripts/tools caddy builds it")
	return ""
}

// upstream stands where the app stands and writes down what reaches it.
type upstream struct {
	mu   sync.Mutex
	seen []string
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte("broken")
	}
	u.mu.Lock()
	u.seen = append(u.seen, fmt.Sprintf("%s %s te=%v cl=%d body=%q size=%d xff=%q", r.Method, r.URL.Path, r.TransferEncoding, r.ContentLength, clip(body), len(body), r.Header.Get("X-Forwarded-For")))
	u.mu.Unlock()
	w.Header().Set("Server", "app")
	fmt.Fprint(w, "from the app")
}

func clip(b []byte) []byte { return b[:min(len(b), 40)] }

func (u *upstream) take() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	seen := u.seen
	u.seen = nil
	return seen
}

func port(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// front runs Caddy with the very file of the image and returns its https address.
func front(t *testing.T, app string) (addr string, log *syncBuffer) {
	t.Helper()
	program, https, home := caddy(t), port(t), t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, "run", "--config", "Caddyfile", "--adapter", "caddyfile")
	cmd.Env = []string{"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home, "SUIXING_HOST=localhost", "SUIXING_TLS=internal",
		"SUIXING_HTTP_PORT=" + port(t), "SUIXING_HTTPS_PORT=" + https, "SUIXING_UPSTREAM=" + app}
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	addr = "127.0.0.1:" + https
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := dial(addr); err == nil {
			c.Close()
			return addr, out
		}
		if time.Now().After(end) {
			t.Fatalf("caddy does not serve:\n%s", out.String())
		}
	}
}

// syncBuffer may be read while the program still writes.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func dial(addr string) (net.Conn, error) {
	// Its own authority signs; that TLS is there is what matters here.
	return tls.DialWithDialer(&net.Dialer{Timeout: 2 * time.Second}, "tcp", addr, &tls.Config{ServerName: "localhost", InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
}

// raw sends the bytes as they are and returns the status and headers of the first answer.
func raw(t *testing.T, addr, request string) *http.Response {
	t.Helper()
	c, err := dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", clip([]byte(request)), err)
	}
	return res
}

func TestFrontIsStrict(t *testing.T) {
	app := &upstream{}
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	addr, _ := front(t, strings.TrimPrefix(server.URL, "http://"))

	const head = "Host: localhost\r\n"
	for name, request := range map[string]string{
		"two lengths":            "POST /c HTTP/1.1\r\n" + head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
		"unknown encoding":       "POST /c HTTP/1.1\r\n" + head + "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"no host":                "GET / HTTP/1.1\r\n\r\n",
		"two hosts":              "GET / HTTP/1.1\r\n" + head + head + "\r\n",
		"space before colon":     "POST /c HTTP/1.1\r\n" + head + "Content-Length : 5\r\n\r\nhello",
		"header too large":       "GET / HTTP/1.1\r\n" + head + "X-Long: " + strings.Repeat("a", 64<<10) + "\r\n\r\n",
		"null byte in a header":  "GET / HTTP/1.1\r\n" + head + "X-A: a\x00b\r\n\r\n",
		"encoding named twice":   "POST /c HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"negative length":        "POST /c HTTP/1.1\r\n" + head + "Content-Length: -5\r\n\r\n",
		"another site's name":    "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"metrics from the world": "GET /metrics HTTP/1.1\r\n" + head + "\r\n",
	} {
		if res := raw(t, addr, request); res.StatusCode < 400 {
			t.Errorf("%s: %s, want it refused", name, res.Status)
		}
		for _, seen := range app.take() {
			t.Errorf("%s reached the app: %s", name, seen)
		}
	}

	// A body that turns out broken half-way has its head forwarded; it must never arrive as a whole.
	if res := raw(t, addr, "POST /c HTTP/1.1\r\n"+head+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n0\r\n\r\n"); res.StatusCode < 400 {
		t.Errorf("broken chunk: %s, want it refused", res.Status)
	}
	time.Sleep(200 * time.Millisecond)
	for _, seen := range app.take() {
		if !strings.Contains(seen, "broken") {
			t.Errorf("broken chunk: %s", seen)
		}
	}

	// Both framings: one request comes out, with one framing, and nothing of its body is taken for a second one.
	raw(t, addr, "POST /c HTTP/1.1\r\n"+head+"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n"+head+"X-Forwarded-For: 1.1.1.1\r\n\r\n")
	time.Sleep(200 * time.Millisecond)
	for i, seen := range app.take() {
		if i == 0 && !strings.Contains(seen, `body=""`) {
			t.Errorf("length and chunks: %s", seen)
		}
		// The rest is an ordinary next request of the same client for the front, so it may arrive, but as a request of its own.
		if i > 0 && !strings.HasPrefix(seen, "GET /smuggled te=[] cl=0") || i > 1 {
			t.Errorf("length and chunks, request %d: %s", i+1, seen)
		}
	}
}

func TestFrontPassesWhatIsGood(t *testing.T) {
	app := &upstream{}
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	addr, _ := front(t, strings.TrimPrefix(server.URL, "http://"))

	res := raw(t, addr, "POST /c HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 8.8.8.8\r\nX-Forwarded-Proto: http\r\nContent-Length: 5\r\n\r\nhello")
	if res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") == "" || res.Header.Get("Via") != "" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	if seen := app.take(); len(seen) != 1 || !strings.Contains(seen[0], `xff="127.0.0.1"`) || !strings.Contains(seen[0], `body="hello"`) {
		t.Errorf("the app saw %v, want the true address alone", seen)
	}
}

// Each path takes what the app takes there, films and a form's nine files among it, and says in words what is too large.
func TestFrontTakesWhatTheAppTakes(t *testing.T) {
	app := &upstream{}
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	addr, _ := front(t, strings.TrimPrefix(server.URL, "http://"))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{ServerName: "localhost", InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}}
	send := func(method, path, kind, accept string, body []byte) (int, string, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "https://"+addr+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "localhost"
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Accept", accept)
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		words, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(words)
	}
	const page = "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, c := range []struct {
		method, path, accept string
		mib, want            int
	}{
		{"PUT", "/api/photos/x", "*/*", 20, 200}, {"PUT", "/api/photos/x", "*/*", 50, 200}, {"PUT", "/api/photos/x", "*/*", 55, 413},
		{"POST", "/c", page, 30, 200}, {"POST", "/c", page, 91, 200}, {"POST", "/f/some-ticket", page, 61, 200}, {"POST", "/f/some-ticket?mode=elder", page, 30, 200},
		{"POST", "/c", page, 120, 413}, {"POST", "/f/some-ticket", page, 120, 413},
		{"POST", "/api/session", "application/json", 25, 413}, {"PUT", "/c", page, 25, 413}, {"POST", "/t", page, 25, 413}, {"POST", "/api/photos/x", "*/*", 25, 413},
	} {
		form, kind := multipartOf(t, c.mib<<20)
		app.take()
		code, got, words := send(c.method, c.path, kind, c.accept, form)
		what := fmt.Sprintf("%s %s of %d MiB", c.method, c.path, c.mib)
		if code != c.want {
			t.Errorf("%s: %d %.200s, want %d", what, code, words, c.want)
		}
		whole := fmt.Sprintf("size=%d", len(form))
		switch seen := strings.Join(app.take(), " "); {
		case code == 200 && !strings.Contains(seen, whole):
			t.Errorf("%s arrived as %.200s, want %s", what, seen, whole)
		case code == 413 && strings.Contains(seen, whole):
			t.Errorf("%s was refused and arrived", what)
		case code == 413 && c.accept == page && (!strings.HasPrefix(got, "text/html") || !strings.Contains(words, "<h1>文件太大，没有收下</h1>")):
			t.Errorf("%s: a person reads %s %.200s", what, got, words)
		case code == 413 && c.accept != page && (!strings.HasPrefix(got, "application/problem+json") || !json.Valid([]byte(words)) || !strings.Contains(words, `"code":"too_large"`)):
			t.Errorf("%s: a program reads %s %.200s", what, got, words)
		}
	}
}

// multipartOf is a form with one file of that many bytes.
func multipartOf(t *testing.T, size int) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("photos", "a.mp4")
	if err == nil {
		_, err = part.Write(make([]byte, size))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m.FormDataContentType()
}

// With the app away people get a sentence, and the log gets nothing of theirs.
func TestFrontWithoutApp(t *testing.T) {
	addr, log := front(t, "127.0.0.1:"+port(t))
	res := raw(t, addr, "GET /f/secret-ticket HTTP/1.1\r\nHost: localhost\r\nX-Probe: my-header\r\nConnection: close\r\n\r\n")
	if res.StatusCode != http.StatusBadGateway || res.Header.Get("Retry-After") == "" || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain; charset=utf-8") {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	time.Sleep(200 * time.Millisecond)
	if got := log.String(); strings.Contains(got, "secret-ticket") || strings.Contains(got, "my-header") || strings.Contains(got, `"remote_ip"`) {
		t.Errorf("the log has people's data in it:\n%s", got)
	}
}
