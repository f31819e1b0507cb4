package cluster

import (
	"os"
	"syscall"
)

// attr sets the child's user. The server gets a process group of its own, so that Ctrl-C in a terminal
// reaches only the parent, which then stops it in order; and a fast, clean shutdown when the parent dies.
func (i identity) attr(server bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if server {
		a.Pdeathsig = syscall.SIGINT
	}
	switch i.how {
	case dropped:
		a.Credential = &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}
	case mapped:
		a.Cloneflags = syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: i.uid, HostID: os.Geteuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: i.gid, HostID: os.Getegid(), Size: 1}}
	case asSelf:
	}
	return a
}
