//go:build !linux

package blobtest

import "os/exec"

func start(cmd *exec.Cmd) error { return cmd.Start() }
