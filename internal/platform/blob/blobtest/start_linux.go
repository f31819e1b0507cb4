package blobtest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// start ties the server's life to the test's: a test that is killed leaves none behind. The kernel watches the thread
// that forked, so that thread is kept for good.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		started <- cmd.Start()
		select {}
	}()
	return <-started
}
