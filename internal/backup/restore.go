package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/db"
)

// Check reads a whole backup and compares every hash. It returns a *FaultsError that names each damaged file.
func Check(ctx context.Context, dir string) (*Manifest, error) {
	m, _, err := check(ctx, dir)
	return m, err
}

func check(ctx context.Context, dir string) (*Manifest, []object, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, nil, err
	}
	var faults []string
	for name, want := range map[string]File{dumpFile: m.Database, listFile: m.List} {
		got, err := hashFile(filepath.Join(dir, name))
		if err != nil || got != want {
			faults = append(faults, fmt.Sprintf("file %s is damaged or missing", name))
		}
	}
	if len(faults) > 0 {
		return nil, nil, &FaultsError{faults}
	}
	objects, err := readList(dir)
	if err != nil {
		return nil, nil, err
	}
	store, err := blob.NewFolder(filepath.Join(dir, objectFolder))
	if err != nil {
		return nil, nil, err
	}
	for _, o := range objects {
		if err := checkObject(ctx, store, o); err != nil {
			faults = append(faults, err.Error())
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
	if len(faults) > 0 {
		return m, objects, &FaultsError{faults}
	}
	return m, objects, nil
}

func checkObject(ctx context.Context, store blob.Store, o object) error {
	r, size, err := store.Get(ctx, o.key)
	if err != nil {
		return fmt.Errorf("object %s: %w", o.key, err)
	}
	defer r.Close()
	c := &checkedReader{r: r, hash: sha256.New(), key: o.key, want: o.hash}
	if _, err := io.Copy(io.Discard, c); err != nil {
		return err
	}
	if size != o.size {
		return fmt.Errorf("object %s has %d bytes, want %d", o.key, size, o.size)
	}
	return nil
}

func readManifest(dir string) (*Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s 不是完整的备份：没有 %s / %[1]s is no complete backup: it has no %[2]s", dir, manifestFile)
	}
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, &FaultsError{[]string{"file " + manifestFile + " is damaged: " + err.Error()}}
	}
	if m.Format != format {
		return nil, fmt.Errorf("备份格式 %d 这个版本读不了 / this program cannot read backup format %[1]d", m.Format)
	}
	return m, nil
}

func readList(dir string) ([]object, error) {
	f, err := os.Open(filepath.Join(dir, listFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var objects []object
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var o object
		if _, err := fmt.Sscanf(lines.Text(), "%s %d %s", &o.hash, &o.size, &o.key); err != nil {
			return nil, fmt.Errorf("%s: %w", listFile, err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// Restore reads a backup into an empty database and an empty store and refuses any other. The whole backup is checked
// before anything is written. Objects come first, then the database in one transaction: until that has ended the
// place counts as empty, and a restore that was cut off may simply be run again.
func Restore(ctx context.Context, ownerURL string, store blob.Store, dir string) (*Manifest, error) {
	m, objects, err := check(ctx, dir)
	if err != nil {
		return nil, err
	}
	owner, err := db.Open(ctx, ownerURL, 2)
	if err != nil {
		return nil, err
	}
	defer owner.Close()
	if err := emptyDatabase(ctx, owner); err != nil {
		return nil, err
	}
	if err := emptyStore(ctx, store, objects); err != nil {
		return nil, err
	}
	server, err := serverMajor(ctx, owner)
	if err != nil {
		return nil, err
	}
	if err := ensureRoles(ctx, owner); err != nil {
		return nil, err
	}
	from, err := blob.NewFolder(filepath.Join(dir, objectFolder))
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		if _, err := copyObject(ctx, from, store, o.key); err != nil {
			return nil, fmt.Errorf("%s: %w", o.key, err)
		}
	}
	if err := load(ctx, owner, ownerURL, server, filepath.Join(dir, dumpFile)); err != nil {
		return nil, err
	}
	held, err := heldPhotos(ctx, owner)
	if err != nil {
		return nil, err
	}
	if faults := missing(held, objects); len(faults) > 0 {
		return m, &FaultsError{faults}
	}
	return m, nil
}

// emptyStore takes what this very backup brought in an earlier, unfinished try for nothing.
func emptyStore(ctx context.Context, store blob.Store, objects []object) error {
	ours := map[string]int64{}
	for _, o := range objects {
		ours[o.key] = o.size
	}
	foreign := 0
	err := store.Walk(ctx, "", func(key string, size int64, _ time.Time) error {
		if s, ok := ours[key]; !ok || s != size {
			foreign++
		}
		return nil
	})
	if err == nil && foreign > 0 {
		err = fmt.Errorf("照片存储不是空的（有 %d 个别的对象），没有改动任何东西；请给一个空的存储 / the photo store is not empty (%[1]d other objects); nothing was changed", foreign)
	}
	return err
}
