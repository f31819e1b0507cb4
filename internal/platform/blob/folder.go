package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Folder keeps objects as files: sha256/ab/abcd…, written aside, synced, renamed into place.
type Folder struct{ dir string }

// staleTemp is the age at which an unfinished file is nobody's any more: no upload lasts that long.
const staleTemp = 24 * time.Hour

// NewFolder opens or makes the folder and clears what an earlier crash left unfinished.
func NewFolder(dir string) (*Folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("photo folder: %w", err)
	}
	f := &Folder{dir: abs}
	if err := os.MkdirAll(f.tmp(), 0o700); err != nil {
		return nil, fmt.Errorf("photo folder: %w", err)
	}
	old, err := os.ReadDir(f.tmp())
	if err != nil {
		return nil, fmt.Errorf("photo folder: %w", err)
	}
	for _, e := range old {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleTemp {
			_ = os.Remove(filepath.Join(f.tmp(), e.Name()))
		}
	}
	return f, nil
}

func (f *Folder) tmp() string { return filepath.Join(f.dir, "tmp") }

// path fans out by the first byte of the hash: 256 folders hold ten million photos without a slow directory.
func (f *Folder) path(key string) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	cut := strings.LastIndexByte(key, '/')
	return filepath.Join(f.dir, filepath.FromSlash(key[:cut]), key[cut+1:cut+3], key[cut+1:]), nil
}

// Put implements Store. The order is what makes it safe: bytes synced, then the name, then the folder that holds the name.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, size int64) (err error) {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.tmp(), "put-*")
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = io.Copy(tmp, &exact{ctx: ctx, r: r, left: size}); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	if err = tmp.Sync(); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	if err = tmp.Close(); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	if err = f.mkdir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return syncDir(filepath.Dir(path))
}

// mkdir makes dir and syncs each parent that gained a name, up to the store's own folder.
func (f *Folder) mkdir(dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == f.dir {
		return err
	}
	if err := f.mkdir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Get implements Store.
func (f *Folder) Get(_ context.Context, key string) (io.ReadCloser, int64, error) {
	path, err := f.path(key)
	if err != nil {
		return nil, 0, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, missing(err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// Stat implements Store.
func (f *Folder) Stat(_ context.Context, key string) (int64, error) {
	path, err := f.path(key)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, missing(err)
	}
	return info.Size(), nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, key string) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return syncDir(filepath.Dir(path))
}

// Walk implements Store. Files that are no objects (a stray .DS_Store) are passed over.
func (f *Folder) Walk(ctx context.Context, prefix string, fn func(string, int64, time.Time) error) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) { // removed while we walk
				return nil
			}
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(f.dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "tmp" || (rel != "." && !related(filepath.ToSlash(rel), prefix)) {
				return filepath.SkipDir
			}
			return nil
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if len(parts) < 3 {
			return nil
		}
		key := strings.Join(append(parts[:len(parts)-2:len(parts)-2], parts[len(parts)-1]), "/")
		if CheckKey(key) != nil || !strings.HasPrefix(key, prefix) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return missingOK(err)
		}
		return fn(key, info.Size(), info.ModTime())
	})
}

// related tells whether keys below the folder rel can begin with prefix.
func related(rel, prefix string) bool {
	return strings.HasPrefix(rel+"/", prefix) || strings.HasPrefix(prefix, rel+"/") || strings.HasPrefix(prefix, filepath.Dir(rel)+"/")
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return err
}

func missingOK(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
