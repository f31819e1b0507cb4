package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// Keyring holds the vault's keys by id. The first line of the file seals; every line opens. It looks at the file again when
// the file has changed, so that a rotation reaches servers that run.
type Keyring struct {
	path  string
	now   atomic.Pointer[ring]
	blind atomic.Bool // the file could not be read when last looked at, and that was said
}

type ring struct {
	current string
	keys    map[string]key
	order   []string
	read    os.FileInfo // the file as it was read
}

const keyFile = "vault.key"

// LoadKeyring reads vault.key in dir. With create it makes the file when there is none, readable by its owner alone.
func LoadKeyring(dir string, create bool) (*Keyring, error) {
	path := filepath.Join(dir, keyFile)
	raw, err := loadOrMake(path, create, func() ([]byte, error) { return newKeyLine(AES) })
	if err != nil {
		return nil, err
	}
	r, err := parseKeyring(raw)
	if err != nil {
		return nil, err
	}
	if r.read, err = os.Stat(path); err != nil {
		return nil, err
	}
	k := &Keyring{path: path}
	k.now.Store(r)
	return k, nil
}

// ring is the keys for opening, as the file has them now; a file that cannot be read leaves those that were. What seals
// asks sealing instead.
func (k *Keyring) ring() *ring {
	r, err := k.sealing()
	if err != nil {
		return k.now.Load()
	}
	return r
}

// sealing is the keys as the file has them now, or why nobody can tell: under a key that may have been retired meanwhile
// nothing is sealed, or it would be lost when that key is destroyed.
func (k *Keyring) sealing() (*ring, error) {
	r, err := k.look()
	if err == nil {
		k.blind.Store(false)
		return r, nil
	}
	err = fmt.Errorf("vault: no sealing, the key file changed and cannot be read: %w", err)
	if !k.blind.Swap(true) { // once, not with each form
		slog.Error("vault.key", "error", err)
	}
	return nil, err
}

func (k *Keyring) look() (*ring, error) {
	r := k.now.Load()
	info, err := os.Stat(k.path)
	if err != nil {
		return nil, err
	}
	// two changes within one tick of the clock have one time
	if os.SameFile(info, r.read) && info.Size() == r.read.Size() && info.ModTime().Equal(r.read.ModTime()) {
		return r, nil
	}
	raw, err := os.ReadFile(k.path)
	if err != nil {
		return nil, err
	}
	fresh, err := parseKeyring(raw)
	if err != nil {
		return nil, err
	}
	fresh.read = info
	k.now.Store(fresh)
	return fresh, nil
}

// LoadSecret reads the 32 secret bytes kept in file (hexadecimal): what public receipts and upload marks are keyed with.
func LoadSecret(dir, file string, create bool) ([]byte, error) {
	raw, err := loadOrMake(filepath.Join(dir, file), create, func() ([]byte, error) {
		key, err := randomBytes(32)
		return []byte(hex.EncodeToString(key) + "\n"), err
	})
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s: want 64 hexadecimal digits", file)
	}
	return key, nil
}

func newKeyLine(algorithm string) ([]byte, error) {
	alg, known := aeads[algorithm]
	if !known {
		return nil, fmt.Errorf("no algorithm %q; there are %s and %s", algorithm, AES, SM4)
	}
	id, err := randomBytes(4)
	if err != nil {
		return nil, err
	}
	secret, err := randomBytes(alg.keyLen)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %s %s\n", "v"+hex.EncodeToString(id), algorithm, base64.StdEncoding.EncodeToString(secret)), nil
}

func randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := rand.Read(b)
	return b, err
}

const retiredMark = "retired:"

func parseKeyring(raw []byte) (*ring, error) {
	r := &ring{keys: map[string]key{}}
	for i, line := range bytes.Split(raw, []byte("\n")) {
		part := strings.Fields(string(line))
		if len(part) == 0 || strings.HasPrefix(part[0], "#") {
			continue
		}
		k, err := parseKey(part)
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", keyFile, i+1, err)
		}
		if _, twice := r.keys[part[0]]; twice {
			return nil, fmt.Errorf("%s line %d: key id used twice", keyFile, i+1)
		}
		r.keys[part[0]] = k
		r.order = append(r.order, part[0])
		if r.current == "" && k.retired == "" {
			r.current = part[0]
		}
	}
	if r.current == "" {
		return nil, fmt.Errorf("%s holds no key that may seal", keyFile)
	}
	return r, nil
}

func parseKey(part []string) (key, error) {
	if len(part) != 3 && (len(part) != 4 || !strings.HasPrefix(part[3], retiredMark)) {
		return key{}, errors.New("want id, algorithm, key")
	}
	alg, known := aeads[part[1]]
	secret, err := base64.StdEncoding.DecodeString(part[2])
	if !known || err != nil || len(secret) != alg.keyLen {
		return key{}, errors.New("unknown algorithm or wrong key length")
	}
	k := key{algorithm: part[1]}
	if len(part) == 4 {
		k.retired = strings.TrimPrefix(part[3], retiredMark)
	}
	k.aead, err = alg.make(secret)
	return k, err
}

// loadOrMake reads a key file. Two instances that start together agree: the file appears whole under its name or not at all.
func loadOrMake(path string, create bool, fresh func() ([]byte, error)) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err == nil || !create || !errors.Is(err, os.ErrNotExist) {
		return raw, err
	}
	made, err := fresh()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, werr := tmp.Write(made)
	if err := errors.Join(werr, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// syncDir puts a new name on disk: without it a power cut brings the old file back, and what was sealed under the new key
// opens no more. A variable, so that a test sees when.
var syncDir = func(dir string) error {
	d, err := os.Open(dir) // #nosec G304 -- the operator's own keys folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
