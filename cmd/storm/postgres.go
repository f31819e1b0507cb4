package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a server of the storm's own on a port, so that toxiproxy can stand before it, it can be killed the hard
// way and its data can be put back to an earlier day. Durability is as in production.
type postgres struct {
	proc
	bin, data string
	port      int
}

func newPostgres(dir string, port int, log *os.File) (*postgres, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		path, err := exec.LookPath("initdb")
		if err != nil {
			return nil, fmt.Errorf("PostgreSQL is not installed: %w", err)
		}
		found = []string{path}
	}
	p := &postgres{bin: filepath.Dir(found[len(found)-1]), data: filepath.Join(dir, "data"), port: port}
	as, err := notRoot()
	if err != nil {
		return nil, err
	}
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, err
		}
	}
	p.proc = proc{name: "postgres", path: filepath.Join(p.bin, "postgres"), as: as, log: log, env: []string{"PATH=" + p.bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8"},
		args: []string{"-D", p.data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(port), "-c", "unix_socket_directories=",
			"-c", "max_connections=150", "-c", "jit=off", "-c", "wal_writer_delay=10s", "-c", "max_wal_size=256MB", "-c", "min_wal_size=80MB", "-c", "log_min_error_statement=panic"}}
	cmd := exec.Command(filepath.Join(p.bin, "initdb"), "-D", p.data, "-U", "suixing", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync") //nolint:noctx // seconds
	cmd.Dir, cmd.Env = "/", p.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return p, nil
}

// notRoot is the user that PostgreSQL accepts when we are root.
func notRoot() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, err1 := strconv.Atoi(u.Uid)
			gid, err2 := strconv.Atoi(u.Gid)
			if err1 == nil && err2 == nil {
				return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil // #nosec G115 -- ids of /etc/passwd
			}
		}
	}
	return nil, fmt.Errorf("no user that may run PostgreSQL")
}

// up starts the server and waits until it takes statements; recovery after a kill included.
func (p *postgres) up(ctx context.Context) error {
	for end := time.Now().Add(60 * time.Second); ; {
		p.endOrphans()
		if err := p.start(); err != nil {
			return err
		}
		if err := p.ready(ctx, end); err == nil {
			return nil
		} else if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("postgres does not start: %w: %s", err, lastLines(p.log.Name(), 6))
		}
		p.end(syscall.SIGKILL)
		time.Sleep(100 * time.Millisecond)
	}
}

// endOrphans ends what a killed server left: a process of it that waits for a dead one's lock keeps the shared memory for
// good, and no server starts on the folder again.
func (p *postgres) endOrphans() {
	works, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, w := range works {
		if at, err := os.Readlink(w); err == nil && at == p.data {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(w))); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

func (p *postgres) ready(ctx context.Context, end time.Time) error {
	d, err := sql.Open("postgres", p.url("suixing", "postgres", p.port))
	if err != nil {
		return err
	}
	defer d.Close()
	err = errors.New("it ended at once")
	for time.Now().Before(end) && p.alive() {
		one, cancel := context.WithTimeout(ctx, 2*time.Second)
		err = d.PingContext(one)
		cancel()
		if err == nil {
			return nil
		}
		time.Sleep(30 * time.Millisecond)
	}
	return fmt.Errorf("not ready: %w", err)
}

// lastLines is what a program said last, in one line.
func lastLines(log string, n int) string {
	raw, err := os.ReadFile(log) // #nosec G304 -- the storm's own
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}

func (p *postgres) url(who, database string, port int) string {
	u := url.URL{Scheme: "postgres", User: url.User(who), Host: addrOf(port), Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// snapshot copies the data of the stopped server; back puts the copy in its place.
func (p *postgres) snapshot(to string) error { return copyTree(p.data, to) }

func (p *postgres) back(from string) error {
	if !strings.HasSuffix(p.data, "/data") {
		return fmt.Errorf("%q is not the storm's own folder", p.data)
	}
	if err := os.RemoveAll(p.data); err != nil {
		return err
	}
	return copyTree(from, p.data)
}

func copyTree(from, to string) error {
	out, err := exec.Command("cp", "-a", from, to).CombinedOutput() //nolint:noctx // some seconds
	if err != nil {
		return fmt.Errorf("cp: %w: %s", err, out)
	}
	return nil
}
