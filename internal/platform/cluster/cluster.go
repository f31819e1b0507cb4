// Package cluster runs the product's own PostgreSQL: a private server in the data folder, made from
// the machine's PostgreSQL programs, reachable over a unix socket only, ending with its parent. It is
// what a judicial office gets when it sets no DATABASE_URL. It never deletes a cluster.
package cluster

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lib/pq"
)

const (
	superuser   = "suixing"
	port        = "5432"
	clusterName = "suixing" // how a server that an earlier run of ours left behind is known
	stopWithin  = 30 * time.Second
	startWithin = 60 * time.Second // crash recovery after a power cut included
)

// Options say where the cluster lives. Fast gives up durability and is for tests only.
type Options struct {
	Dir  string // the cluster is Dir/data; Dir itself is given to the server's user
	Log  *slog.Logger
	Fast bool
}

// Cluster is a running private PostgreSQL server.
type Cluster struct {
	data, socket string
	tempSocket   bool // socket lies in its own temporary folder, which goes when the server stops
	joined       bool // another process runs the server
	lock         *os.File
	cmd          *exec.Cmd
	log          *slog.Logger
	tail         *tail
	done         chan struct{}
	stop         sync.Once
	stopErr      error
}

// Start makes the cluster if there is none, takes over one that a killed run left behind, and returns
// when it accepts connections. Every refusal is a single line and leaves the folder as it was.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("数据库文件夹 %s 建不了 / cannot make the database folder: %w", dir, err)
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	c, err := startLocked(ctx, dir, o)
	if err != nil {
		lock.Close()
		return nil, err
	}
	c.lock = lock
	return c, nil
}

func startLocked(ctx context.Context, dir string, o Options) (*Cluster, error) {
	data := filepath.Join(dir, "data")
	major, err := majorOf(data)
	if err != nil {
		return nil, err
	}
	bin, err := findPrograms(major, data)
	if err != nil {
		return nil, err
	}
	stale, err := endLeftover(ctx, data, o.Log)
	if err != nil {
		return nil, err
	}
	who, err := chooseIdentity(dir, data, bin)
	if err != nil {
		return nil, err
	}
	if major == 0 {
		if err := initialise(ctx, dir, data, bin, who, o.Fast); err != nil {
			return nil, err
		}
	}
	c := &Cluster{data: data, log: o.Log}
	if c.socket, c.tempSocket, err = socketFolder(dir, who); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		err = c.launch(ctx, bin, who, stale, o.Fast)
		// Children of a server killed the hard way hold its shared memory for a moment longer.
		if err == nil || try == 20 || !strings.Contains(err.Error(), "shared memory block") {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	if err != nil {
		c.dropSocket()
		return nil, err
	}
	return c, nil
}

// launch starts the postmaster on a thread of its own: the kernel sends the parent-death signal when
// the starting thread ends, so that thread must live as long as the server.
func (c *Cluster) launch(ctx context.Context, bin string, who identity, stale string, fast bool) error {
	cmd := exec.Command(filepath.Join(bin, "postgres"), c.settings(fast)...) //nolint:noctx // it outlives the start's context
	cmd.Env = serverEnv(bin)
	if stale != "" {
		// postgres takes this pid for a harmless ancestor, as pg_ctl lets it, and still checks shared memory itself.
		cmd.Env = append(cmd.Env, "PG_GRANDPARENT_PID="+stale)
	}
	cmd.Dir = "/"
	cmd.SysProcAttr = who.attr(true)
	c.tail = &tail{log: c.log}
	cmd.Stdout, cmd.Stderr = c.tail, c.tail
	cmd.WaitDelay = time.Second // an orphan that keeps the line open does not hide that the server is gone
	c.cmd, c.done = cmd, make(chan struct{})
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("数据库启动不了 / cannot start PostgreSQL: %w", err)
	}
	return c.awaitReady(ctx)
}

func (c *Cluster) settings(fast bool) []string {
	set := []string{
		"listen_addresses=", "port=" + port, "unix_socket_directories=" + c.socket, "unix_socket_permissions=0700",
		"cluster_name=" + clusterName, "max_connections=120", "jit=off",
		// Values in messages are people's data; the log gets the sentence without them.
		"log_error_verbosity=terse", "log_min_error_statement=panic", "log_destination=stderr", "logging_collector=off",
	}
	if fast {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")
	}
	args := []string{"-D", c.data}
	for _, s := range set {
		args = append(args, "-c", s)
	}
	return args
}

// awaitReady reads the state that the server writes into its own pid file.
func (c *Cluster) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(4 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-c.done:
			return fmt.Errorf("数据库启动后立即停止 / PostgreSQL ended at once: %s", c.tail.last())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("数据库没有按时就绪 / PostgreSQL was not ready in time: %s", c.tail.last()), c.end())
		case <-tick.C:
			p, err := readPidFile(c.data)
			if err == nil && p.pid == c.cmd.Process.Pid && p.ready {
				return nil
			}
		}
	}
}

// URL is the connection address of a user and a database, for lib/pq and for PostgreSQL's own programs.
func (c *Cluster) URL(user, dbname string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + dbname,
		RawQuery: url.Values{"host": {c.socket}, "port": {port}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

// Done is closed when the server that this process started has ended, wanted or not.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Pid is the server's process id, 0 for a joined one.
func (c *Cluster) Pid() int {
	if c.joined {
		return 0
	}
	return c.cmd.Process.Pid
}

// EnsureDatabase creates the database if the cluster has none of that name.
func (c *Cluster) EnsureDatabase(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	db, err := sql.Open("postgres", c.URL(superuser, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	var there bool
	const q = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	if err := db.QueryRowContext(ctx, q, name).Scan(&there); err != nil || there {
		return err
	}
	_, err = db.ExecContext(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(name))
	if pe := (*pq.Error)(nil); errors.As(err, &pe) && pe.Code == "42P04" { // someone was quicker
		return nil
	}
	return err
}

// Stop ends the server cleanly: open transactions are rolled back, a checkpoint is written. It may be called twice.
func (c *Cluster) Stop() error {
	c.stop.Do(func() {
		if c.joined {
			return
		}
		c.stopErr = c.end()
		c.dropSocket()
		c.lock.Close()
	})
	return c.stopErr
}

func (c *Cluster) end() error {
	for _, step := range []struct {
		sig  syscall.Signal
		wait time.Duration
	}{{syscall.SIGINT, stopWithin}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		_ = c.cmd.Process.Signal(step.sig)
		select {
		case <-c.done:
			if step.sig != syscall.SIGINT {
				return fmt.Errorf("数据库没有正常停下，下次启动会自动恢复 / PostgreSQL had to be ended by %v; the next start recovers", step.sig)
			}
			return nil
		case <-time.After(step.wait):
		}
	}
	return errors.New("数据库停不下来 / PostgreSQL does not end")
}

func (c *Cluster) dropSocket() {
	if c.tempSocket {
		_ = os.RemoveAll(c.socket)
	}
}

// tail hands the server's messages to the log and keeps the last ones for an error line.
type tail struct {
	mu    sync.Mutex
	rest  []byte
	lines []string
	log   *slog.Logger
}

var _ io.Writer = (*tail)(nil)

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = append(t.rest, b...)
	for {
		i := bytes.IndexByte(t.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		line := string(t.rest[:i])
		t.rest = t.rest[i+1:]
		if t.lines = append(t.lines, line); len(t.lines) > 20 {
			t.lines = t.lines[1:]
		}
		// A connection cut off by the shutdown is FATAL to PostgreSQL and nothing to an operator.
		if (strings.Contains(line, "FATAL:") || strings.Contains(line, "PANIC:")) && !strings.Contains(line, "administrator command") {
			t.log.Warn("postgres", "line", line)
		} else {
			t.log.Debug("postgres", "line", line)
		}
	}
}

// last gives the line that says most: the last FATAL, else the last one at all.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(t.lines) - 1; i >= 0; i-- {
		if strings.Contains(t.lines[i], "FATAL:") {
			return t.lines[i]
		}
	}
	if len(t.lines) == 0 {
		return "(no message)"
	}
	return t.lines[len(t.lines)-1]
}
