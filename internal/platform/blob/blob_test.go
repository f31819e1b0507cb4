package blob_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/blob/blobtest"
)

func TestFolder(t *testing.T) {
	blobtest.Conform(t, folder(t, t.TempDir()))
}

func TestMinIO(t *testing.T) {
	blobtest.Conform(t, blobtest.S3(t, blobtest.MinIO(t)))
}

func TestVersity(t *testing.T) {
	blobtest.Conform(t, blobtest.S3(t, blobtest.Versity(t)))
}

func folder(t *testing.T, dir string) *blob.Folder {
	t.Helper()
	f, err := blob.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A failed put leaves no half file; what a crash left is cleared a day later, not before: it may be another instance's.
func TestFolderLeavesNoRemains(t *testing.T) {
	dir := t.TempDir()
	f := folder(t, dir)
	key := blob.Original(strings.Repeat("ab", 32))
	if err := f.Put(context.Background(), key, iotest.ErrReader(errors.New("cut")), 10); err == nil {
		t.Fatal("put of a broken source succeeded")
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
	fresh, old := filepath.Join(dir, "tmp", "put-1"), filepath.Join(dir, "tmp", "put-2")
	for _, p := range []string{fresh, old} {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	folder(t, dir)
	if _, err := os.Stat(fresh); err != nil {
		t.Error("an upload in progress was cleared")
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("an old remnant was kept")
	}
}

// A strange file among the objects is no object.
func TestFolderWalkPassesOverStrangers(t *testing.T) {
	dir := t.TempDir()
	f := folder(t, dir)
	key := blob.Original(strings.Repeat("cd", 32))
	if err := f.Put(context.Background(), key, bytes.NewReader([]byte("x")), 1); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"stranger", "sha256/stranger", "sha256/cd/stranger"} {
		if err := os.WriteFile(filepath.Join(dir, p), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := f.Walk(context.Background(), "", func(k string, _ int64, _ time.Time) error { got = append(got, k); return nil })
	if err != nil || len(got) != 1 || got[0] != key {
		t.Fatalf("%v %v", got, err)
	}
}
