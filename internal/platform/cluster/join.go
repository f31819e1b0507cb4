package cluster

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
)

// Join is Start for a command that runs beside the server, as a backup does: where another suixing runs the
// cluster it is used as it is and outlives the command; else it is started.
func Join(ctx context.Context, o Options) (*Cluster, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if p, err := readPidFile(data); err == nil && p.ready && isPostmaster(p.pid, data) && lockHeld(dir) {
		return &Cluster{data: data, socket: p.socket, joined: true, done: make(chan struct{})}, nil
	}
	return Start(ctx, o)
}

func lockHeld(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "suixing.lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
