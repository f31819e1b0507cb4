package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Keyring holds the vault's keys by id. The first line of the file seals; every line opens.
// Rotation is a new first line, a restart, and later the resealing of what older keys hold.
type Keyring struct {
	current string
	keys    map[string]cipher.AEAD
}

const keyFile = "vault.key"

// LoadKeyring reads vault.key in dir. With create it makes the file when there is none, readable by its owner alone.
func LoadKeyring(dir string, create bool) (*Keyring, error) {
	raw, err := loadOrMake(filepath.Join(dir, keyFile), create, newKeyLine)
	if err != nil {
		return nil, err
	}
	return parseKeyring(raw)
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

func newKeyLine() ([]byte, error) {
	id, err := randomBytes(4)
	if err != nil {
		return nil, err
	}
	key, err := randomBytes(aeads[defaultAlgorithm].keyLen)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %s %s\n", "v"+hex.EncodeToString(id), defaultAlgorithm, base64.StdEncoding.EncodeToString(key)), nil
}

func randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := rand.Read(b)
	return b, err
}

func parseKeyring(raw []byte) (*Keyring, error) {
	ring := &Keyring{keys: map[string]cipher.AEAD{}}
	for i, line := range bytes.Split(raw, []byte("\n")) {
		part := strings.Fields(string(line))
		if len(part) == 0 || strings.HasPrefix(part[0], "#") {
			continue
		}
		if len(part) != 3 {
			return nil, fmt.Errorf("%s line %d: want id, algorithm, key", keyFile, i+1)
		}
		alg, known := aeads[part[1]]
		key, err := base64.StdEncoding.DecodeString(part[2])
		if !known || err != nil || len(key) != alg.keyLen {
			return nil, fmt.Errorf("%s line %d: unknown algorithm or wrong key length", keyFile, i+1)
		}
		if _, twice := ring.keys[part[0]]; twice {
			return nil, fmt.Errorf("%s line %d: key id used twice", keyFile, i+1)
		}
		if ring.keys[part[0]], err = alg.make(key); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", keyFile, i+1, err)
		}
		if ring.current == "" {
			ring.current = part[0]
		}
	}
	if ring.current == "" {
		return nil, fmt.Errorf("%s holds no key", keyFile)
	}
	return ring, nil
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
	return os.ReadFile(path)
}
