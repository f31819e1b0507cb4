package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// takeLock makes this process the only one of ours on the folder. The kernel drops the lock with the process,
// which takes a moment after a kill: a restart that comes at once waits for it.
func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "suixing.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("数据库文件夹 %s 打不开 / cannot open the database folder: %w", dir, err)
	}
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		holder := make([]byte, 20)
		n, _ := f.Read(holder)
		f.Close()
		return nil, fmt.Errorf("%s 正由另一个随行服务使用（进程 %s），请先停掉它 / %[1]s is in use by another suixing, process %[2]s", dir, strings.TrimSpace(string(holder[:n])))
	}
	if err := f.Truncate(0); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := f.WriteString(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

type pidFile struct {
	pid    int
	socket string
	ready  bool
}

// readPidFile reads postmaster.pid: pid, folder, start, port, socket folder, address, shared memory, state.
func readPidFile(data string) (pidFile, error) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(b), "\n")
	p := pidFile{}
	if p.pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil {
		return p, err
	}
	if len(lines) > 4 {
		p.socket = strings.TrimSpace(lines[4])
	}
	p.ready = len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
	return p, nil
}

// endLeftover deals with what a killed run left on the folder (we hold the lock, so no run of ours lives).
// A server of ours that still runs is stopped; one that somebody else started is left alone and refused.
// It returns the pid in a stale lock file when another program has that pid by now: postgres alone would
// take that program for a server and refuse.
func endLeftover(ctx context.Context, data string, log *slog.Logger) (stale string, err error) {
	p, err := readPidFile(data)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil || p.pid <= 0 {
		return "", setAside(data)
	}
	if strings.HasPrefix(p.socket, "/tmp/suixing-") {
		defer func() {
			if err == nil {
				_ = os.RemoveAll(p.socket) // the temporary socket folder of the run that was killed
			}
		}()
	}
	if !isPostmaster(p.pid, data) {
		endOrphans(data, log)
		if alive(p.pid) {
			return strconv.Itoa(p.pid), nil
		}
		return "", nil
	}
	opts, _ := os.ReadFile(filepath.Join(data, "postmaster.opts"))
	if !strings.Contains(string(opts), "cluster_name="+clusterName) {
		return "", fmt.Errorf("%s 上有一个不是随行启动的 PostgreSQL（进程 %d），请先停掉它 / a PostgreSQL that suixing did not start, process %[2]d, runs on %[1]s", data, p.pid)
	}
	log.Info("stopping the database server of an earlier run", "pid", p.pid)
	return "", stopLeftover(ctx, p.pid, data)
}

// endOrphans ends what a server killed the hard way left behind. A server process that waits for another one's lock never
// hears that all others are dead: it keeps the shared memory, and no server would start on the folder again.
func endOrphans(data string, log *slog.Logger) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !isPostmaster(pid, data) {
			continue
		}
		title, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err != nil || !strings.HasPrefix(string(title), "postgres: "+clusterName+": ") {
			continue
		}
		log.Warn("ending a server process that outlived its server", "pid", pid)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// setAside moves a lock file that a power cut left empty or torn out of the way: postgres would refuse it for
// ever. Not while any server works in the folder.
func setAside(data string) error {
	entries, _ := os.ReadDir("/proc") // elsewhere than on Linux there is none, and our own lock must do
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && isPostmaster(pid, data) {
			return fmt.Errorf("%s 上有数据库进程 %d，锁文件却损坏，请先停掉它 / process %[2]d runs on %[1]s with a broken lock file; stop it first", data, pid)
		}
	}
	lock := filepath.Join(data, "postmaster.pid")
	return os.Rename(lock, lock+".broken")
}

func stopLeftover(ctx context.Context, pid int, data string) error {
	for _, step := range []struct {
		sig  syscall.Signal
		wait time.Duration
	}{{syscall.SIGINT, stopWithin}, {syscall.SIGQUIT, 5 * time.Second}} {
		if err := syscall.Kill(pid, step.sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("上次留下的数据库（进程 %d）停不了 / cannot stop the server of an earlier run: %w", pid, err)
		}
		for end := time.Now().Add(step.wait); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if !isPostmaster(pid, data) {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("上次留下的数据库（进程 %d）停不下来 / the server of an earlier run, process %[1]d, does not end", pid)
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// isPostmaster: a live process of this program that works in this folder. A zombie is no server any more.
func isPostmaster(pid int, data string) bool {
	if runtime.GOOS != "linux" {
		out, err := exec.Command("ps", "-p", strconv.Itoa(pid), "-o", "args=").Output() //nolint:noctx // milliseconds
		return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), data)
	}
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil {
		return false
	}
	comm, rest, ok := strings.Cut(string(stat), ") ")
	if !ok || strings.HasPrefix(rest, "Z") || !strings.Contains(comm, "(postgres") {
		return false
	}
	cwd, err := os.Stat(proc + "/cwd")
	if err != nil {
		// A process that may not be looked at. PostgreSQL serves no folder but its own user's.
		return !errors.Is(err, os.ErrNotExist) && runsAs(proc, ownerOf(data))
	}
	here, err := os.Stat(data)
	return err == nil && os.SameFile(cwd, here)
}

// runsAs tells whether a process has the effective user.
func runsAs(proc string, uid int) bool {
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "Uid:" {
			return f[2] == strconv.Itoa(uid)
		}
	}
	return false
}
