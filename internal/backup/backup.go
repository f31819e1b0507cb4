// Package backup writes the whole of an office's data into a folder and reads it back into an empty place: the
// database as PostgreSQL dumps it, every stored photo, and a manifest with the hash of each. The keys are not in it:
// a thief of the backup must not be able to open the vault, so they are kept apart.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/db"
)

const (
	dumpFile     = "database.dump"
	listFile     = "objects.list"
	manifestFile = "manifest.json" // written last: a folder without it is not a backup
	objectFolder = "objects"
	format       = 1
)

// Manifest says what a backup holds.
type Manifest struct {
	Format   int       `json:"format"`
	At       time.Time `json:"at"`
	Postgres int       `json:"postgres"` // major version of the server
	Database File      `json:"database"`
	List     File      `json:"list"` // one line an object: hash, size, key
	Objects  int       `json:"objects"`
	Bytes    int64     `json:"bytes"`
	Faults   []string  `json:"faults"` // what was already wrong in the store
}

// File is a file of the backup with its hash.
type File struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

type object struct {
	hash string // of the bytes; for an original also the last part of its key
	size int64
	key  string
}

// FaultsError: the backup or the restored data is whole but for these.
type FaultsError struct{ Faults []string }

func (e *FaultsError) Error() string {
	shown := e.Faults[:min(len(e.Faults), 10)]
	return fmt.Sprintf("%d 处有问题 / %[1]d faults: %s", len(e.Faults), strings.Join(shown, "; "))
}

// Backup writes everything into dir, which must be empty or not there. The dump comes first: it is one snapshot, and
// every photo it names was stored before its row, so the objects copied afterwards are never too few.
// Rotten or missing objects do not stop it; they are in the manifest and in a *FaultsError.
func Backup(ctx context.Context, ownerURL string, store blob.Store, dir string, at time.Time) (*Manifest, error) {
	if err := emptyFolder(dir); err != nil {
		return nil, err
	}
	owner, err := db.Open(ctx, ownerURL, 2)
	if err != nil {
		return nil, err
	}
	defer owner.Close()
	m := &Manifest{Format: format, At: at.UTC(), Faults: []string{}}
	if m.Postgres, err = serverMajor(ctx, owner); err != nil {
		return nil, err
	}
	held, err := heldPhotos(ctx, owner)
	if err != nil {
		return nil, err
	}
	if err := dump(ctx, ownerURL, m.Postgres, filepath.Join(dir, dumpFile)); err != nil {
		return nil, err
	}
	objects, faults, err := copyOut(ctx, store, dir)
	if err != nil {
		return nil, err
	}
	m.Faults = append(faults, missing(held, objects)...)
	if err := m.finish(dir, objects); err != nil {
		return nil, err
	}
	if len(m.Faults) > 0 {
		return m, &FaultsError{m.Faults}
	}
	return m, nil
}

// finish writes the list of objects and then the manifest.
func (m *Manifest) finish(dir string, objects []object) (err error) {
	slices.SortFunc(objects, func(a, b object) int { return strings.Compare(a.key, b.key) })
	var list strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&list, "%s %d %s\n", o.hash, o.size, o.key)
		m.Bytes += o.size
	}
	m.Objects = len(objects)
	if err := writeSynced(filepath.Join(dir, listFile), []byte(list.String())); err != nil {
		return err
	}
	if m.List, err = hashFile(filepath.Join(dir, listFile)); err != nil {
		return err
	}
	if m.Database, err = hashFile(filepath.Join(dir, dumpFile)); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(dir, manifestFile), append(raw, '\n'))
}

// heldPhotos are the originals that the database says are stored, before the dump is taken.
func heldPhotos(ctx context.Context, owner *db.DB) ([]string, error) {
	const q = `SELECT sha256 FROM photos ORDER BY sha256`
	var held []string
	err := owner.Select(ctx, &held, q)
	return held, err
}

func missing(held []string, objects []object) []string {
	there := map[string]bool{}
	for _, o := range objects {
		there[o.key] = true
	}
	var faults []string
	for _, sha := range held {
		if !there[blob.Original(sha)] {
			faults = append(faults, "photo "+sha+" is in the database but cannot be had from the store")
		}
	}
	return faults
}

// copyOut copies every object into the folder and hashes it on the way. An original whose bytes are not its name
// is left out and named.
func copyOut(ctx context.Context, store blob.Store, dir string) (objects []object, faults []string, err error) {
	target, err := blob.NewFolder(filepath.Join(dir, objectFolder))
	if err != nil {
		return nil, nil, err
	}
	err = store.Walk(ctx, "", func(key string, size int64, _ time.Time) error {
		o, err := copyObject(ctx, store, target, key)
		var rotten *rottenError
		switch {
		case errors.As(err, &rotten):
			faults = append(faults, rotten.Error())
			return nil
		case errors.Is(err, blob.ErrNotFound): // deleted since the walk saw it
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", key, err)
		}
		objects = append(objects, o)
		return nil
	})
	return objects, faults, err
}

type rottenError struct{ key, found string }

func (e *rottenError) Error() string {
	return "object " + e.key + " is damaged: its bytes have the hash " + e.found
}

func copyObject(ctx context.Context, from, to blob.Store, key string) (object, error) {
	r, size, err := from.Get(ctx, key)
	if err != nil {
		return object{}, err
	}
	defer r.Close()
	checked := &checkedReader{r: r, hash: sha256.New(), key: key}
	if err := to.Put(ctx, key, checked, size); err != nil {
		if checked.rotten != nil {
			return object{}, checked.rotten
		}
		return object{}, err
	}
	return object{hash: hex.EncodeToString(checked.hash.Sum(nil)), size: size, key: key}, nil
}

// checkedReader answers the end of an original with an error when its bytes are not what its key says, so that the
// receiving store keeps nothing. want, where set, is what any object must have.
type checkedReader struct {
	r      io.Reader
	hash   hash.Hash
	key    string
	want   string
	rotten *rottenError
}

func (c *checkedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	_, _ = c.hash.Write(b[:n]) // a hash never fails
	if errors.Is(err, io.EOF) {
		found := hex.EncodeToString(c.hash.Sum(nil))
		original, ok := strings.CutPrefix(c.key, "sha256/")
		if (ok && original != found) || (c.want != "" && c.want != found) {
			c.rotten = &rottenError{c.key, found}
			return n, c.rotten
		}
	}
	return n, err
}

func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("备份文件夹 %s 建不了 / cannot make the backup folder: %w", dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("备份文件夹 %s 不是空的，请给一个新文件夹 / the backup folder %[1]s is not empty; name a new one", dir)
	}
	return nil
}

func hashFile(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return File{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}
