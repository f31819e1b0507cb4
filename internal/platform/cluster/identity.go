package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// identity is the user the server runs as. PostgreSQL refuses root, and a user without a passwd entry.
type identity struct {
	name     string
	uid, gid int
	how      manner
}

type manner int

const (
	asSelf  manner = iota // we are an ordinary user
	dropped               // we are root: the child's credential is set to this user
	mapped                // we keep our own rights on the disk and look like this user inside a user namespace
)

// owner is the uid and gid that the data folder's files must have on the disk.
func (i identity) owner() (uid, gid int) {
	if i.how == dropped {
		return i.uid, i.gid
	}
	return os.Geteuid(), os.Getegid()
}

// chooseIdentity finds a user that PostgreSQL accepts and that can work in dir, by trying it, and gives dir to it.
// A cluster keeps the user it has as long as that works.
func chooseIdentity(dir, data, bin string) (identity, error) {
	present := ownerOf(data)
	var last error
	for _, who := range order(identities(dir), present) {
		uid, gid := who.owner()
		if os.Geteuid() == 0 {
			if err := os.Chown(dir, uid, gid); err != nil {
				last = err
				continue
			}
		}
		if last = who.probe(dir, bin); last != nil {
			continue
		}
		if present >= 0 && present != uid {
			if err := chownTree(data, uid, gid); err != nil {
				return identity{}, fmt.Errorf("%s 属于别的用户，请换 SUIXING_DATA 或以该用户运行 / %[1]s belongs to another user: %w", data, err)
			}
		}
		return who, nil
	}
	return identity{}, fmt.Errorf("找不到能在 %s 里运行数据库的用户，请把 SUIXING_DATA 指到别的文件夹 / no user may run PostgreSQL in %[1]s, set SUIXING_DATA to another folder: %w", dir, last)
}

func identities(dir string) []identity {
	self := os.Geteuid()
	if self != 0 {
		if u, err := user.LookupId(strconv.Itoa(self)); err == nil {
			return []identity{{name: u.Username, uid: self, gid: os.Getegid(), how: asSelf}}
		}
	}
	var all, known []identity
	for _, name := range []string{"postgres", "nobody"} {
		if who, err := lookUp(user.Lookup, name); err == nil && who.uid != 0 {
			known = append(known, who)
		}
	}
	if self == 0 {
		all = append(all, known...)
		// Root working below someone's closed home: that someone can enter.
		if uid := ownerOf(filepath.Dir(dir)); uid > 0 {
			if who, err := lookUp(user.LookupId, strconv.Itoa(uid)); err == nil {
				all = append(all, who)
			}
		}
	}
	for _, who := range known {
		who.how = mapped
		all = append(all, who)
	}
	return all
}

func lookUp(by func(string) (*user.User, error), key string) (identity, error) {
	u, err := by(key)
	if err != nil {
		return identity{}, err
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	return identity{name: u.Username, uid: uid, gid: gid, how: dropped}, errors.Join(err1, err2)
}

// order puts those first whose files the present ones are.
func order(all []identity, present int) []identity {
	var first, rest []identity
	for _, who := range all {
		if uid, _ := who.owner(); uid == present {
			first = append(first, who)
		} else {
			rest = append(rest, who)
		}
	}
	return append(first, rest...)
}

// probe does as this user what the server must be able to do: enter the folder, write there, run the program.
func (i identity) probe(dir, bin string) error {
	cmd := exec.Command("/bin/sh", "-c", `cd "$1" && test -w . && exec "$2" --version`, "sh", dir, filepath.Join(bin, "postgres")) //nolint:noctx // milliseconds
	cmd.Dir = "/"
	cmd.SysProcAttr = i.attr(false)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w %.200s", i.name, err, out)
	}
	return nil
}

// ownerOf is -1 where there is nothing.
func ownerOf(path string) int {
	st, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return int(st.Sys().(*syscall.Stat_t).Uid)
}

// chownTree never follows a link out of the tree.
func chownTree(root string, uid, gid int) error {
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, gid)
	})
}
