package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// benchMemory starts the program as people do and reads what the server process alone holds when nothing happens.
func benchMemory(ctx context.Context, b *bed) ([]measure, error) {
	bin, err := filepath.Abs("bin/suixing")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(b.dir, "idle")
	cmd := exec.CommandContext(ctx, bin, "serve")
	cmd.Env = append(os.Environ(), "SUIXING_ADDR="+addr, "SUIXING_DATA="+data, "SUIXING_DEMO=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w (make build first)", bin, err)
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }()
	if err := await(ctx, "http://"+addr+"/readyz"); err != nil {
		return nil, err
	}
	time.Sleep(5 * time.Second)
	kib, err := resident(cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	return []measure{{"memory.idle", float64(kib) / (60 << 10), 1, false, fmt.Sprintf("%.1f MiB resident of 60, PostgreSQL not counted", float64(kib)/1024)}}, nil
}

func resident(pid int) (int, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(raw), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	return 0, fmt.Errorf("no VmRSS for %d", pid)
}
