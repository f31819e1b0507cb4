package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// hostileFull is the long run, make hostile; make test has a share of what takes long.
var hostileFull = os.Getenv("SUIXING_HOSTILE") == "full"

var built = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("SUIXING_BIN"); bin != "" {
		return bin, nil
	}
	dir, err := os.MkdirTemp("", "suixing-built-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "suixing")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", bin, "suixing/cmd/suixing")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
})

// served is the built program with everything of its own: data folder, PostgreSQL, port. It is a process that can be
// measured and ended, which the app inside a test is not.
type served struct {
	*world
	dir  string
	cmd  *exec.Cmd
	out  *syncBuffer
	done chan struct{} // closed when it has ended
}

// serveBuilt starts it and waits until it is ready. The demo's people can log in then; the rest of the demo comes in meanwhile.
func serveBuilt(t *testing.T) *served {
	t.Helper()
	dir, err := os.MkdirTemp("", "suixing-served-")
	if err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(dir, 0o755) // #nosec G302 -- PostgreSQL runs as another user below it
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	s := &served{world: &world{t: t, base: "http://" + addr}, dir: dir}
	s.start(t)
	t.Cleanup(func() {
		s.stop()
		_ = os.RemoveAll(dir)
	})
	return s
}

func (s *served) start(t *testing.T) {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s.out, s.done = &syncBuffer{}, make(chan struct{})
	s.cmd = exec.Command(bin, "serve") //nolint:noctx // stop ends it
	s.cmd.Env = append(os.Environ(), "SUIXING_ADDR="+strings.TrimPrefix(s.base, "http://"), "SUIXING_DATA="+filepath.Join(s.dir, "var"), "SUIXING_DEMO=1", "SUIXING_PUBLIC_URL="+s.base)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	until := time.Now().Add(3 * time.Minute)
	for time.Now().Before(until) {
		select {
		case <-s.done:
			t.Fatalf("the server ended: %s", s.out)
		case <-time.After(50 * time.Millisecond):
		}
		if res, err := http.Get(s.base + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == 200 {
				return
			}
		}
	}
	t.Fatalf("not ready: %s", s.out)
}

// filled waits for the whole demo.
func (s *served) filled() {
	s.t.Helper()
	for until := time.Now().Add(4 * time.Minute); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(s.out.String(), "演示数据已写全") {
			return
		}
	}
	s.t.Fatalf("the demo is not complete: %s", s.out)
}

// stop ends it as an operator does, and gives the code it ended with.
func (s *served) stop() int {
	select {
	case <-s.done:
	default:
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-s.done:
		case <-time.After(40 * time.Second):
			_ = s.cmd.Process.Kill()
			<-s.done
			return -1
		}
	}
	return s.cmd.ProcessState.ExitCode()
}

// memory is what the process holds now and has held at most, in MiB.
func (s *served) memory() (now, most int) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for _, line := range bytes.Split(raw, []byte("\n")) {
		f := strings.Fields(string(line))
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.Atoi(f[1])
		switch f[0] {
		case "VmRSS:":
			now = n >> 10
		case "VmHWM:":
			most = n >> 10
		}
	}
	return now, most
}

// resetMost begins the count of the most memory anew.
func (s *served) resetMost() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0o200)
}

// A server that is told to end finishes the upload it is in, or refuses it cleanly: what it said it holds, it holds.
func TestSigtermDuringUpload(t *testing.T) {
	s := serveBuilt(t)
	sup := s.as("supervisor")
	photo, sha := picture(t, 201)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(conn, "PUT /api/photos/%s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nCookie: %s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", sha, strings.TrimPrefix(s.base, "http://"), s.base, sup.cookie, len(photo))
	if _, err := conn.Write(photo[:len(photo)/2]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // it is in the middle of it
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.Sleep(700 * time.Millisecond)
	if _, err := conn.Write(photo[len(photo)/2:]); err != nil {
		t.Logf("refused while it ended: %v", err)
	}
	var b bytes.Buffer
	_, _ = b.ReadFrom(conn)
	said := strings.SplitN(b.String(), "\r\n", 2)[0]
	if code := s.stop(); code != 0 {
		t.Errorf("it ended with %d: %.2000s", code, s.out)
	}
	if strings.Contains(s.out.String(), `"msg":"panic"`) || strings.Contains(said, " 5") {
		t.Errorf("%q: %s", said, s.out)
	}
	s.start(t)
	again := s.as("supervisor").do("GET", "/api/photos/"+sha+"?size=original", nil)
	if taken := strings.Contains(said, " 201"); taken != (again.status == 200) || taken && !bytes.Equal(again.body, photo) || !taken && said != "" && !strings.Contains(said, " 4") {
		t.Errorf("it said %q; afterwards the photo is %d", said, again.status)
	}
	t.Logf("sigterm: it said %q, and the photo is %d afterwards", said, again.status)
	if code := s.stop(); code != 0 {
		t.Errorf("ended again with %d", code)
	}
}
