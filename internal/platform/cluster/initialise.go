package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// initialise makes the cluster beside its place and renames it in: what stands in data is always whole.
func initialise(ctx context.Context, dir, data, bin string, who identity, fast bool) error {
	making := filepath.Join(dir, "data.making")
	// Only ever half a cluster that never served: a whole one has been renamed away.
	if err := os.RemoveAll(making); err != nil {
		return err
	}
	args := []string{"-D", making, "-U", superuser, "--auth=trust", "-E", "UTF8", "--data-checksums"}
	args = append(args, localeArgs()...)
	if fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Dir = "/"
	cmd.Env = serverEnv(bin)
	cmd.SysProcAttr = who.attr(false)
	// The death signal follows the thread that starts the child, so it may not be taken away meanwhile.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("建不了数据库 / initdb failed: %w: %s", err, oneLine(string(out)))
	}
	if err := os.Remove(data); err != nil && !os.IsNotExist(err) { // an empty folder at most, majorOf has looked
		return err
	}
	return os.Rename(making, data)
}

// localeArgs: under a C LC_CTYPE Chinese search never uses its index. macOS has no C.UTF-8.
func localeArgs() []string {
	if runtime.GOOS == "darwin" {
		return []string{"--locale=C", "--lc-ctype=en_US.UTF-8"}
	}
	return []string{"--locale=C.UTF-8"}
}

// serverEnv leaves the parent's environment behind: PG* variables and secrets are none of the server's business.
func serverEnv(bin string) []string {
	return []string{"PATH=" + bin + ":/usr/local/bin:/usr/bin:/bin", "LC_ALL=" + map[bool]string{true: "en_US.UTF-8", false: "C.UTF-8"}[runtime.GOOS == "darwin"]}
}

// oneLine keeps what initdb says went wrong, from its last "error" or the end.
func oneLine(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndex(s, "error:"); i >= 0 {
		s = s[i:]
	}
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = s[len(s)-300:]
	}
	return s
}

// socketFolder keeps the socket's path short: the kernel allows 107 bytes. Within the data folder where
// that is short enough, else in a folder of its own that only the server's user may enter.
func socketFolder(dir string, who identity) (path string, temporary bool, err error) {
	path = filepath.Join(dir, "run")
	if len(path) < 80 {
		err = os.MkdirAll(path, 0o700)
	} else {
		temporary = true
		path, err = os.MkdirTemp("/tmp", "suixing-")
	}
	if err == nil && os.Geteuid() == 0 {
		uid, gid := who.owner()
		err = os.Chown(path, uid, gid)
	}
	if err != nil {
		return "", false, fmt.Errorf("数据库连接文件夹建不了 / cannot make the socket folder: %w", err)
	}
	return path, temporary, os.Chmod(path, 0o700)
}
