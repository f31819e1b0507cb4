package cluster

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain doubles as the parent that the tests kill: it starts a cluster, says so, and waits.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CLUSTER_PARENT"); dir != "" {
		c, err := Start(context.Background(), Options{Dir: dir, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
		if err != nil {
			fmt.Println("refused:", err)
			os.Exit(1)
		}
		fmt.Println("ready", c.Pid(), c.URL(superuser, "postgres"))
		if os.Getenv("CLUSTER_ONCE") != "" {
			if err := c.Stop(); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			return
		}
		select {}
	}
	os.Exit(m.Run())
}

func start(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// openDir is a folder that every user may reach; t.TempDir lies below a closed one when the test runs as root.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "pg")
}

func run(t *testing.T, url, q string, args ...any) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), q, args...); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, url, q string) (answer string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), q).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestColdAndWarmStartKeepData(t *testing.T) {
	dir := openDir(t)
	cold := time.Now()
	c, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("cold start %v", time.Since(cold))
	for range 2 {
		if err := c.EnsureDatabase("随行"); err != nil {
			t.Fatal(err)
		}
	}
	run(t, c.URL(superuser, "随行"), `CREATE TABLE kept AS SELECT '违法建筑' AS word`)
	if got := ask(t, c.URL(superuser, "随行"), `SELECT setting FROM pg_settings WHERE name = 'lc_ctype'`); !strings.Contains(strings.ToUpper(got), "UTF") {
		t.Errorf("lc_ctype %s: Chinese search would not use its index", got)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("a second stop: %v", err)
	}
	warm := time.Now()
	c = start(t, dir)
	t.Logf("warm start %v", time.Since(warm))
	if got := ask(t, c.URL(superuser, "随行"), `SELECT word FROM kept`); got != "违法建筑" {
		t.Errorf("after a restart: %q", got)
	}
	if got := ask(t, c.URL(superuser, "postgres"), `SHOW listen_addresses`); got != "" {
		t.Errorf("listens on %q, want the socket only", got)
	}
	if st, err := os.Stat(c.socket); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("socket folder %v %v, want 0700", st, err)
	}
}

func TestLongPathGetsShortSocket(t *testing.T) {
	dir := filepath.Join(filepath.Dir(openDir(t)), strings.Repeat("很长的文件夹/", 12), "pg")
	c := start(t, dir)
	if len(c.socket) > 80 {
		t.Errorf("socket folder %s is too long", c.socket)
	}
	if got := ask(t, c.URL(superuser, "postgres"), `SELECT 'ok'`); got != "ok" {
		t.Error(got)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.socket); !os.IsNotExist(err) {
		t.Errorf("the temporary socket folder %s is still there: %v", c.socket, err)
	}
}

func TestClosedFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be in a folder that the server's user cannot enter")
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "pg")
	c := start(t, dir)
	run(t, c.URL(superuser, "postgres"), `CREATE TABLE kept AS SELECT 'closed' AS word`)
	if owner := ownerOf(filepath.Join(dir, "data")); owner != 0 {
		t.Errorf("the files belong to %d: root was not mapped away", owner)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	// The same folder moved to an open place, and back, is taken along.
	open := openDir(t)
	if err := os.Rename(dir, open); err != nil {
		t.Fatal(err)
	}
	c = start(t, open)
	if got := ask(t, c.URL(superuser, "postgres"), `SELECT word FROM kept`); got != "closed" {
		t.Error(got)
	}
}

func TestFolderOfAnotherUserMovedBelowAClosedOne(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	open := openDir(t)
	c, err := Start(t.Context(), Options{Dir: open})
	if err != nil {
		t.Fatal(err)
	}
	run(t, c.URL(superuser, "postgres"), `CREATE TABLE kept AS SELECT 'moved' AS word`)
	if owner := ownerOf(filepath.Join(open, "data")); owner == 0 {
		t.Error("root's rights were not dropped in an open folder")
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "pg")
	if err := os.Rename(open, dir); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, start(t, dir).URL(superuser, "postgres"), `SELECT word FROM kept`); got != "moved" {
		t.Error(got)
	}
}

// parent runs a test binary that owns the cluster and is there to be killed.
func parent(t *testing.T, dir string) (p *os.Process, postmaster int, url string) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), "CLUSTER_PARENT="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	f := strings.Fields(line)
	if len(f) != 3 || f[0] != "ready" {
		t.Fatalf("the parent said %q", line)
	}
	postmaster, _ = strconv.Atoi(f[1])
	return cmd.Process, postmaster, f[2]
}

func TestParentKilled(t *testing.T) {
	for _, where := range []string{"open", "closed"} {
		t.Run(where, func(t *testing.T) {
			dir := openDir(t)
			if where == "closed" {
				if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			p, postmaster, url := parent(t, dir)
			run(t, url, `CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n`)
			if err := p.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			// At once: the take-over may not depend on luck.
			c := start(t, dir)
			if got := ask(t, c.URL(superuser, "postgres"), `SELECT count(*) FROM kept`); got != "1000" {
				t.Errorf("%s rows after kill -9, want 1000", got)
			}
			if isPostmaster(postmaster, filepath.Join(dir, "data")) {
				t.Errorf("the server %d of the killed parent still runs", postmaster)
			}
		})
	}
}

func TestServerDiesWithParent(t *testing.T) {
	dir := openDir(t)
	p, postmaster, _ := parent(t, dir)
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); isPostmaster(postmaster, filepath.Join(dir, "data")); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the server %d lives on without its parent", postmaster)
		}
	}
}

// A server that does not hear of its parent's death: the next start stops it itself.
func TestLivingOrphanIsTakenOver(t *testing.T) {
	dir := openDir(t)
	c := start(t, dir)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	orphan := freeServer(t, c, c.settings(false))
	fresh := start(t, dir)
	if isPostmaster(orphan, c.data) || fresh.Pid() == orphan {
		t.Error("the orphan was not stopped")
	}
	if err := fresh.Stop(); err != nil {
		t.Fatal(err)
	}
	// Somebody's own server on the same folder is not ours to stop.
	stranger := freeServer(t, c, []string{"-D", c.data, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + c.socket})
	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), strconv.Itoa(stranger)) {
		t.Errorf("on a stranger's server: %v, want one line with its pid", err)
	}
	if !isPostmaster(stranger, c.data) {
		t.Error("a stranger's server was stopped")
	}
}

// freeServer runs a server outside any Cluster, without the parent-death signal.
func freeServer(t *testing.T, c *Cluster, args []string) (pid int) {
	t.Helper()
	bin, err := findPrograms(0, c.data)
	if err != nil {
		t.Fatal(err)
	}
	who, err := chooseIdentity(filepath.Dir(c.data), c.data, bin)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), filepath.Join(bin, "postgres"), args...)
	cmd.SysProcAttr = who.attr(true)
	cmd.SysProcAttr.Pdeathsig = 0
	cmd.Env, cmd.Dir = serverEnv(bin), "/"
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGINT); <-gone })
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if p, err := readPidFile(c.data); err == nil && p.ready && p.pid == cmd.Process.Pid {
			return p.pid
		}
		if time.Now().After(end) {
			t.Fatal("the free server is not ready")
		}
	}
}

// A server killed the hard way, and a process of it that does not notice: it holds the shared memory for as long as it lives.
func TestOrphanOfAKilledServerIsEnded(t *testing.T) {
	dir := openDir(t)
	c := start(t, dir)
	run(t, c.URL(superuser, "postgres"), `CREATE TABLE kept AS SELECT '违法建筑' AS word`)
	db, err := sql.Open("postgres", c.URL(superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var backend int
	if err := db.QueryRowContext(t.Context(), `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(backend, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(backend, syscall.SIGKILL) })
	if err := syscall.Kill(c.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("nobody is told that the server is gone")
	}
	c.lock.Close() // as the kernel does when the program dies
	again := start(t, dir)
	if got := ask(t, again.URL(superuser, "postgres"), `SELECT word FROM kept`); got != "违法建筑" {
		t.Errorf("after the kill: %q", got)
	}
}

func TestJoinUsesTheRunningServer(t *testing.T) {
	dir := openDir(t)
	_, postmaster, url := parent(t, dir)
	run(t, url, `CREATE TABLE kept AS SELECT 'joined' AS word`)
	c, err := Join(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, c.URL(superuser, "postgres"), `SELECT word FROM kept`); got != "joined" {
		t.Error(got)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if !isPostmaster(postmaster, c.data) {
		t.Error("the other process's server was stopped")
	}
	// With nobody there, it starts one.
	alone, err := Join(t.Context(), Options{Dir: openDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := alone.Stop(); err != nil || alone.Pid() == 0 {
		t.Error(alone.Pid(), err)
	}
}
