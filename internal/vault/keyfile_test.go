package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A power cut after a rotation must not bring the old file back: the folder is on disk before anything is sealed anew.
func TestKeyFileIsOnDiskBeforeItSeals(t *testing.T) {
	real := syncDir
	t.Cleanup(func() { syncDir = real })
	dir, keys := t.TempDir(), 0
	var held []int // how many keys the file had under its name at each sync
	syncDir = func(d string) error {
		raw, err := os.ReadFile(filepath.Join(d, keyFile))
		if err != nil || d != dir {
			t.Errorf("synced %s before the file had its name: %v", d, err)
		}
		keys = bytes.Count(raw, []byte("\n"))
		held = append(held, keys)
		return real(d)
	}
	k, err := LoadKeyring(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(SM4, time.Now()); err != nil {
		t.Fatal(err)
	}
	if len(held) != 2 || held[0] != 1 || held[1] != 2 {
		t.Errorf("keys in the file at each sync of its folder: %v, want 1 and 2", held)
	}
}

// A file that changed and cannot be read: nothing is sealed under a key that may be retired by now, what is sealed opens.
func TestUnreadableKeyFileSealsNothing(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
	k, err := LoadKeyring(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	s := New(nil, k, time.Now)
	one, err := s.Seal(Complaint, uuid.New(), Identity{Name: "王小满"})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(k.path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"half a line": func() error { return os.WriteFile(k.path, whole[:20], 0o600) },
		"gone":        func() error { return os.Remove(k.path) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		_ = os.Chtimes(k.path, time.Now(), time.Now().Add(time.Hour))
		for range 3 {
			if _, err := s.Seal(Complaint, uuid.New(), Identity{Name: "李四"}); err == nil {
				t.Error(name + ": sealed under a key that may be retired")
			}
		}
		if _, err := s.Reseal(context.Background(), func(Progress) {}); err == nil {
			t.Error(name + ": resealed")
		}
		if who, err := k.open(rowOf(one)); err != nil || who.Name != "王小满" {
			t.Error(name+": what was sealed no longer opens:", err)
		}
		if err := os.WriteFile(k.path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Seal(Complaint, uuid.New(), Identity{Name: "李四"}); err != nil {
			t.Error(name+": readable again, and still nothing is sealed:", err)
		}
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 2 {
		t.Errorf("said %d times, want once for each time:\n%s", n, log.String())
	}
}

func ownerOf(info os.FileInfo) (out [2]uint32) {
	if own, ok := info.Sys().(*syscall.Stat_t); ok {
		out = [2]uint32{own.Uid, own.Gid}
	}
	return out
}

func TestRotationKeepsOwnerAndMode(t *testing.T) {
	k, err := LoadKeyring(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(k.path, 0o640); err != nil {
		t.Fatal(err)
	}
	given := os.Geteuid() == 0 && os.Chown(k.path, 1234, 1235) == nil
	before, err := os.Stat(k.path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(AES, time.Now()); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(k.path)
	if err != nil || after.Mode() != before.Mode() || given && ownerOf(after) != [2]uint32{1234, 1235} {
		t.Errorf("mode %v, owner %v, %v", after.Mode(), ownerOf(after), err)
	}
}

// Of what came on one day the later stands, whatever its random number; the table tells the day, no more.
func TestLaterOfOneDayStands(t *testing.T) {
	k, err := LoadKeyring(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	at, id := time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC), uuid.New()
	s := New(nil, k, func() time.Time { return at })
	var rows []sealedRow
	for _, name := range []string{"第一次", "第二次", "第三次"} {
		v, err := s.Seal(Complaint, id, Identity{Name: name})
		if err != nil || v.On != "2026-05-06" {
			t.Fatal(v.On, err)
		}
		rows = append(rows, rowOf(v))
		at = at.Add(time.Minute)
	}
	for _, order := range [][]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var out Revealed
		if err := s.openAll([]sealedRow{rows[order[0]], rows[order[1]], rows[order[2]]}, &out); err != nil {
			t.Fatal(err)
		}
		if out.Name != "第三次" || len(out.Earlier) != 2 || out.Earlier[0].Name != "第二次" || out.Earlier[1].Name != "第一次" {
			t.Errorf("%v: %+v", order, out)
		}
		if shown, _ := json.Marshal(out); bytes.Contains(shown, []byte("came")) { // strings
			t.Errorf("the answer tells when: %s", shown)
		}
	}
}
