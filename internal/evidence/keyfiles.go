package evidence

import (
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// LoadOrMakeSigner reads the signing key from the keys folder: custody.sm2 if that is there, else custody.ed25519. The
// choice of algorithm is which file the operator put there (suixing's own is Ed25519). With mayMake a missing key is
// made, 0600, together with custody.pub for others to check with. Retired keys stay beside it as custody-*.pub. The key
// that opens what phones seal is read, and made, with it: see sealingFile.
func LoadOrMakeSigner(dir string, mayMake bool) (*Keyring, error) {
	var signer Signer
	for _, alg := range []string{SM2, Ed25519} {
		s, err := readSigner(filepath.Join(dir, "custody."+alg))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		signer = s
		break
	}
	if signer == nil {
		if !mayMake {
			return nil, fmt.Errorf("no signing key: %s is missing", filepath.Join(dir, "custody."+Ed25519))
		}
		var err error
		if signer, err = makeSigner(dir, Ed25519); err != nil {
			return nil, err
		}
	}
	older, err := readRetired(dir)
	if err != nil {
		return nil, err
	}
	if signer.Key().Algorithm == SM2 { // a key that was only put beside the new one has signed as well
		if before, err := readSigner(filepath.Join(dir, "custody."+Ed25519)); err == nil {
			older = append(older, before.Key())
		}
	}
	sealing, err := loadSealing(dir, mayMake)
	if err != nil {
		return nil, err
	}
	return NewKeyring(signer, older...).WithSealing(sealing), nil
}

func readRetired(dir string) ([]PublicKey, error) {
	files, err := filepath.Glob(filepath.Join(dir, "custody-*.pub"))
	if err != nil {
		return nil, err
	}
	files = append(files, filepath.Join(dir, "custody.pub"))
	var out []PublicKey
	for _, f := range files {
		text, err := os.ReadFile(f) // #nosec G304 -- the operator's own keys folder
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		k, err := ParsePublicKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		out = append(out, k)
	}
	return out, nil
}

func readPEM(file string) ([]byte, error) {
	text, err := os.ReadFile(file) // #nosec G304 -- the operator's own keys folder
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: not a PEM file", file)
	}
	return block.Bytes, nil
}

func readSigner(file string) (Signer, error) {
	der, err := readPEM(file)
	if err != nil {
		return nil, err
	}
	key, err := smx509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return edSigner{k}, nil
	case *sm2.PrivateKey:
		return sm2Signer{k}, nil
	}
	return nil, fmt.Errorf("%s: a key of type %T signs no receipts", file, key)
}

// makeSigner writes a new key in one step: two servers that start at once end up with the same one.
func makeSigner(dir, algorithm string) (Signer, error) {
	s, err := NewSigner(algorithm)
	if err != nil {
		return nil, err
	}
	var private any
	switch k := s.(type) {
	case edSigner:
		private = k.key
	case sm2Signer:
		private = k.key
	}
	der, err := smx509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "custody."+algorithm)
	if err := writeOnce(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	if s, err = readSigner(file); err != nil { // ours, or the one that was quicker
		return nil, err
	}
	text, err := s.Key().PEM()
	if err != nil {
		return nil, err
	}
	return s, writeOnce(filepath.Join(dir, "custody.pub"), text, 0o644)
}

// writeOnce gives the file its name only when it is whole and on disk, and leaves one that is there alone.
func writeOnce(file string, data []byte, mode fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
