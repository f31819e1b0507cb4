package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// proc is one program of the bed. It dies with the storm, whatever happens to the storm.
type proc struct {
	name string
	path string
	args []string
	env  []string
	as   *syscall.Credential
	log  *os.File

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// start runs the program on a thread of its own: the death signal follows the thread that starts it.
func (p *proc) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	cmd := exec.Command(p.path, p.args...) //nolint:noctx // end() ends it, by its own process id
	cmd.Env, cmd.Dir = p.env, "/"
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: p.as}
	done, started := make(chan struct{}), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(done)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	p.cmd, p.done = cmd, done
	return nil
}

func (p *proc) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal reaches the program and its children; PostgreSQL's have sessions of their own.
func (p *proc) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return
	}
	children := childrenOf(p.cmd.Process.Pid)
	_ = p.cmd.Process.Signal(s)
	if s == syscall.SIGTERM || s == syscall.SIGINT {
		return // a polite end is the parent's to pass on
	}
	for _, pid := range children {
		_ = syscall.Kill(pid, s)
	}
}

// signalOne reaches the program alone.
func (p *proc) signalOne(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s)
	}
}

// end sends s and waits; after too long it kills.
func (p *proc) end(s syscall.Signal) {
	if p.cmd == nil {
		return
	}
	p.signal(s)
	select {
	case <-p.done:
	case <-time.After(25 * time.Second):
		p.signal(syscall.SIGKILL)
		<-p.done
	}
}

func childrenOf(parent int) []int {
	var out []int
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		rest := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		if len(rest) > 1 && rest[1] == strconv.Itoa(parent) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil {
				out = append(out, pid)
			}
		}
	}
	return out
}

// awaitHTTP returns when the address answers 200.
func awaitHTTP(ctx context.Context, address string, p *proc, within time.Duration) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for end := time.Now().Add(within); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(40 * time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if p != nil && !p.alive() {
			return fmt.Errorf("%s ended while starting", p.name)
		}
	}
	return fmt.Errorf("%s was not ready in %s", address, within)
}

// mustBeFree refuses to run beside another storm.
func mustBeFree(ports ...int) error {
	for _, n := range ports {
		l, err := net.Listen("tcp", addrOf(n)) //nolint:noctx // closed at once
		if err != nil {
			return fmt.Errorf("port %d is taken: is another storm running? %w", n, err)
		}
		_ = l.Close()
	}
	return nil
}

func addrOf(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
