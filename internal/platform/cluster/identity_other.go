//go:build !linux

package cluster

import "syscall"

// attr knows neither user namespaces nor a parent-death signal here: a server that outlives a killed
// parent is ended by the next start.
func (i identity) attr(bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if i.how == dropped {
		a.Credential = &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}
	}
	return a
}
