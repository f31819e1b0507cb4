package cluster

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestStaleLockFile(t *testing.T) {
	dir := openDir(t)
	c := start(t, dir)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	uid := ownerOf(c.data)
	other := exec.CommandContext(t.Context(), "sleep", "600") // a live process of the server's user that happens to have the pid
	if os.Geteuid() == 0 {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	other.Dir = "/"
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	for name, content := range map[string]string{
		"pid of a live stranger": strconv.Itoa(other.Process.Pid) + "\n" + c.data + "\n1700000000\n5432\n" + c.socket + "\n\n  5432001         0\nready   \n",
		"pid of nobody":          "4000000\n" + c.data + "\n1700000000\n5432\n" + c.socket + "\n\n  5432001         0\nready   \n",
		"empty after power cut":  "",
		"torn":                   "\x00\x00\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{filepath.Join(c.data, "postmaster.pid"), filepath.Join(c.socket, ".s.PGSQL.5432.lock")} {
				if strings.Contains(path, ".s.PGSQL") && len(content) < 10 {
					continue
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
				if os.Geteuid() == 0 {
					if err := os.Chown(path, uid, -1); err != nil {
						t.Fatal(err)
					}
				}
			}
			c := start(t, dir)
			if got := ask(t, c.URL(superuser, "postgres"), `SELECT 'ok'`); got != "ok" {
				t.Error(got)
			}
			if err := c.Stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestSecondServerRefused(t *testing.T) {
	dir := openDir(t)
	c := start(t, dir)
	_, err := Start(t.Context(), Options{Dir: dir})
	oneLiner(t, err, strconv.Itoa(os.Getpid()))
	if got := ask(t, c.URL(superuser, "postgres"), `SELECT 'ok'`); got != "ok" {
		t.Error("the first server was hurt")
	}
}

func TestOtherVersionRefusedUntouched(t *testing.T) {
	dir := openDir(t)
	c := start(t, dir)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"9", "14", "99", "what"} {
		if err := os.WriteFile(filepath.Join(c.data, "PG_VERSION"), []byte(version+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := snapshot(t, c.data)
		_, err := Start(t.Context(), Options{Dir: dir})
		oneLiner(t, err, c.data)
		if after := snapshot(t, c.data); after != before {
			t.Errorf("version %s: the folder was changed", version)
		}
	}
}

func TestForeignFolderRefusedUntouched(t *testing.T) {
	dir := openDir(t)
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "照片.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, data)
	_, err := Start(t.Context(), Options{Dir: dir})
	oneLiner(t, err, data)
	if snapshot(t, data) != before {
		t.Error("the folder was changed")
	}
}

// As an ordinary user: the test binary runs again, as nobody.
func TestOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the other tests have shown it already")
	}
	dir := startAs(t, 65534)
	if owner := ownerOf(filepath.Join(dir, "data")); owner != 65534 {
		t.Errorf("the files belong to %d", owner)
	}
	// Root may then go on with the same folder.
	c := start(t, dir)
	if got := ask(t, c.URL(superuser, "postgres"), `SELECT 'ok'`); got != "ok" {
		t.Error(got)
	}
}

// A uid that no passwd entry knows, as containers give it: it is mapped to a known one.
func TestUserWithoutPasswdEntry(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to become someone else")
	}
	startAs(t, 54321)
}

// startAs starts a cluster once in a folder of this user, by the test binary run as that user.
func startAs(t *testing.T, uid int) (dir string) {
	t.Helper()
	dir = openDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(filepath.Dir(dir), "cluster.test")
	if out, err := exec.CommandContext(t.Context(), "cp", os.Args[0], bin).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	if err := os.Chown(dir, uid, uid); err != nil {
		t.Fatal(err)
	}
	id := strconv.Itoa(uid)
	cmd := exec.CommandContext(t.Context(), "setpriv", "--reuid", id, "--regid", id, "--clear-groups", bin)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "CLUSTER_PARENT=" + dir, "CLUSTER_ONCE=1"}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "ready ") {
		t.Fatalf("%v %s", err, out)
	}
	return dir
}

func oneLiner(t *testing.T, err error, names string) {
	t.Helper()
	if err == nil {
		t.Fatal("not refused")
	}
	t.Log(err)
	if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), names) {
		t.Errorf("%q: want one line that names %s", err, names)
	}
}

// snapshot lists every file with its size, time, mode and owner.
func snapshot(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b.WriteString(path + info.Mode().String() + info.ModTime().String() + strconv.FormatInt(info.Size(), 10) + strconv.Itoa(ownerOf(path)) + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
