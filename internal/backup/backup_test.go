package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/blob/blobtest"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
)

var at = time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC)

// place is a filled office: a migrated database with rows of several owners, and a store with photos.
type place struct {
	*dbtest.Env
	store blob.Store
	dir   string // of the folder store
	shas  []string
}

func filled(t *testing.T) place {
	t.Helper()
	p := place{Env: dbtest.New(t), dir: t.TempDir()}
	var err error
	if p.store, err = blob.NewFolder(p.dir); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		photo := bytes.Repeat([]byte(fmt.Sprintf("照片 %d ", i)), 1000*(i+1))
		sum := sha256.Sum256(photo)
		sha := hex.EncodeToString(sum[:])
		put(t, p.store, blob.Original(sha), photo)
		put(t, p.store, blob.Derived("thumb", sha), photo[:100])
		do(t, p.DB, `INSERT INTO photos (sha256, size, media_type, held_at) VALUES ($1, $2, 'image/jpeg', '2026-05-06')`, sha, len(photo))
		p.shas = append(p.shas, sha)
	}
	do(t, p.DB, `SELECT audit_append('2026-05-06', NULL, 'system', 'test.fill', 'thing', NULL, '{"说明":"换行\n与引号''"}')`)
	do(t, p.DB, `SELECT next_number('WT2026')`)
	return p
}

func put(t *testing.T, s blob.Store, key string, b []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, bytes.NewReader(b), int64(len(b))); err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, d *db.DB, q string, args ...any) {
	t.Helper()
	if _, err := d.Exec(t.Context(), q, args...); err != nil {
		t.Fatal(err)
	}
}

// empty is a database without a table, and an empty folder store.
func empty(t *testing.T) (ownerURL string, owner *db.DB, store blob.Store) {
	t.Helper()
	server := dbtest.Server(t)
	name := fmt.Sprintf("restored_%d", time.Now().UnixNano())
	if err := server.EnsureDatabase(name); err != nil {
		t.Fatal(err)
	}
	url := server.URL("suixing", name)
	d, err := db.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return url, d, s
}

// picture is everything in a database that a restore must bring back: every row of every table, every right, every default right.
func picture(t *testing.T, d *db.DB) string {
	t.Helper()
	var tables []string
	const q = `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname IN ('public', 'vault') ORDER BY 1`
	if err := d.Select(t.Context(), &tables, q); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 10 {
		t.Fatalf("only %d tables", len(tables))
	}
	var b strings.Builder
	ask := func(name, q string) {
		var got string
		if err := d.Get(t.Context(), &got, q); err != nil {
			t.Fatal(name, err)
		}
		b.WriteString(name + " " + got + "\n")
	}
	for _, table := range tables {
		ask(table, `SELECT count(*)::text || ' ' || COALESCE(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM `+table+` x`)
	}
	ask("rights", `SELECT COALESCE(string_agg(c.relname || COALESCE(c.relacl::text, ''), ';' ORDER BY c.relname), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'vault')`)
	ask("functions", `SELECT string_agg(p.proname || COALESCE(p.proacl::text, '') || md5(p.prosrc) || p.prosecdef, ';' ORDER BY p.proname, p.oid::regprocedure::text) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'vault')`)
	ask("default rights", `SELECT string_agg(defaclobjtype::text || defaclacl::text, ';' ORDER BY defaclobjtype) FROM pg_default_acl`)
	ask("triggers", `SELECT string_agg(tgname, ';' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal`)
	ask("sequence", `SELECT last_value::text FROM audit_log_id_seq`)
	return b.String()
}

func TestRestoreBringsEverythingBack(t *testing.T) {
	p := filled(t)
	dir := filepath.Join(t.TempDir(), "b")
	m, err := Backup(t.Context(), p.OwnerURL, p.store, dir, at)
	if err != nil {
		t.Fatal(err)
	}
	if m.Objects != 10 || m.Database.Size == 0 {
		t.Errorf("manifest %+v", m)
	}
	if _, err := Check(t.Context(), dir); err != nil {
		t.Errorf("check: %v", err)
	}
	url, restored, store := empty(t)
	if _, err := Restore(t.Context(), url, store, dir); err != nil {
		t.Fatal(err)
	}
	if want, got := picture(t, p.Owner), picture(t, restored); want != got {
		t.Errorf("restored database differs:\nwant\n%s\ngot\n%s", want, got)
	}
	for _, sha := range p.shas {
		for _, key := range []string{blob.Original(sha), blob.Derived("thumb", sha)} {
			want, err1 := p.store.Stat(t.Context(), key)
			got, err2 := store.Stat(t.Context(), key)
			if err1 != nil || err2 != nil || want != got {
				t.Errorf("%s: %d %v, want %d %v", key, got, err2, want, err1)
			}
		}
	}
	// The restored place goes on: the next number, and the app's role with its rights.
	do(t, restored, `SELECT next_number('WT2026')`)
	if _, err := Restore(t.Context(), url, store, dir); err == nil || !strings.Contains(err.Error(), "不是空的") {
		t.Errorf("restore onto a full place: %v, want it refused", err)
	}
}

func TestRestoreRefusesFullStore(t *testing.T) {
	p := filled(t)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := Backup(t.Context(), p.OwnerURL, p.store, dir, at); err != nil {
		t.Fatal(err)
	}
	url, restored, store := empty(t)
	sum := sha256.Sum256([]byte("别人的照片"))
	put(t, store, blob.Original(hex.EncodeToString(sum[:])), []byte("别人的照片"))
	if _, err := Restore(t.Context(), url, store, dir); err == nil || !strings.Contains(err.Error(), "照片存储不是空的") {
		t.Errorf("%v, want it refused", err)
	}
	if err := emptyDatabase(t.Context(), restored); err != nil {
		t.Errorf("the refused restore wrote: %v", err)
	}
	// What an unfinished try of the same backup left is no hindrance.
	url, _, store = empty(t)
	if _, err := copyObject(t.Context(), p.store, store, blob.Original(p.shas[0])); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), url, store, dir); err != nil {
		t.Errorf("after an unfinished try: %v", err)
	}
}

func TestFlippedByteIsFoundAndNamed(t *testing.T) {
	p := filled(t)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := Backup(t.Context(), p.OwnerURL, p.store, dir, at); err != nil {
		t.Fatal(err)
	}
	url, restored, store := empty(t)
	for _, rel := range files(t, dir) {
		path := filepath.Join(dir, rel)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(raw)
		bad[len(bad)/2] ^= 1
		write(t, path, bad)
		_, err = Restore(t.Context(), url, store, dir)
		name := filepath.Base(rel)
		if err == nil || rel != manifestFile && !strings.Contains(err.Error(), name) {
			t.Errorf("a flipped byte in %s: %v, want it named", rel, err)
		}
		write(t, path, raw)
		if rel != manifestFile {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if _, err = Restore(t.Context(), url, store, dir); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s missing: %v, want it named", rel, err)
			}
			write(t, path, raw)
		}
	}
	if err := emptyDatabase(t.Context(), restored); err != nil {
		t.Errorf("a refused restore wrote: %v", err)
	}
	if _, err := Restore(t.Context(), url, store, dir); err != nil {
		t.Errorf("with all bytes right again: %v", err)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return err
	})
	if err != nil || len(out) < 13 {
		t.Fatal(len(out), err)
	}
	return out
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRottenAndMissingPhotosAreNamed(t *testing.T) {
	p := filled(t)
	rotten, lost := p.shas[1], p.shas[2]
	path := filepath.Join(p.dir, "sha256", rotten[:2], rotten)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[7] ^= 1
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, path, raw)
	if err := p.store.Delete(t.Context(), blob.Original(lost)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "b")
	m, err := Backup(t.Context(), p.OwnerURL, p.store, dir, at)
	var faults *FaultsError
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), rotten) || !strings.Contains(err.Error(), lost) {
		t.Fatalf("%v, want both photos named", err)
	}
	if m.Objects != 8 {
		t.Errorf("%d objects, want the eight that are whole", m.Objects)
	}
	// The rest can be restored, and the restore says again what is not there.
	url, _, store := empty(t)
	if _, err := Restore(t.Context(), url, store, dir); !errors.As(err, &faults) || len(faults.Faults) != 2 {
		t.Errorf("restore: %v, want the two photos named", err)
	}
}

func TestBackupWantsAnEmptyFolder(t *testing.T) {
	p := filled(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "notes.txt"), []byte("mine"))
	if _, err := Backup(t.Context(), p.OwnerURL, p.store, dir, at); err == nil || !strings.Contains(err.Error(), "不是空的") {
		t.Errorf("%v, want it refused", err)
	}
	if _, err := Restore(t.Context(), p.OwnerURL, p.store, dir); err == nil || !strings.Contains(err.Error(), manifestFile) {
		t.Errorf("a folder that is no backup: %v", err)
	}
}

// From the folder store into MinIO, as when an office moves to the production parts.
func TestRestoreIntoMinIO(t *testing.T) {
	p := filled(t)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := Backup(t.Context(), p.OwnerURL, p.store, dir, at); err != nil {
		t.Fatal(err)
	}
	url, _, _ := empty(t)
	minio := blobtest.S3(t, blobtest.MinIO(t))
	if _, err := Restore(t.Context(), url, minio, dir); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "b")
	m, err := Backup(t.Context(), url, minio, again, at)
	if err != nil || m.Objects != 10 {
		t.Errorf("back up from MinIO: %+v %v", m, err)
	}
	if one, two := readFile(t, dir, listFile), readFile(t, again, listFile); one != two {
		t.Errorf("the objects differ:\n%s\n%s", one, two)
	}
}

func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
