package evidence

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// sealingFile is the key that opens what phones seal; retired ones stay beside it as sealing-*.p256 and still open.
const sealingFile = "sealing.p256"

// SealKey is the public half, as the pack gives it to a phone.
type SealKey struct {
	ID        string `json:"id" doc:"first 16 hex digits of the SHA-256 of the public key"`
	Algorithm string `json:"algorithm"`
	Public    string `json:"public" doc:"base64 of the 65 bytes of a P-256 point"`
}

func (k SealKey) hpke() (hpke.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(k.Public)
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	p, err := ecdh.P256().NewPublicKey(raw)
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	return hpke.NewDHKEMPublicKey(p)
}

// SealRing opens with one key and those before it.
type SealRing struct {
	current hpke.PrivateKey
	byID    map[[envelopeIDSize]byte]hpke.PrivateKey
}

// NewSealRing makes a ring; phones seal to the first key, the older ones only open.
func NewSealRing(current *ecdh.PrivateKey, older ...*ecdh.PrivateKey) (*SealRing, error) {
	r := &SealRing{byID: map[[envelopeIDSize]byte]hpke.PrivateKey{}}
	for i, k := range append([]*ecdh.PrivateKey{current}, older...) {
		p, err := hpke.NewDHKEMPrivateKey(k)
		if err != nil {
			return nil, fmt.Errorf("sealing key: %w", err)
		}
		if i == 0 {
			r.current = p
		}
		_, id := keyID(p.PublicKey().Bytes())
		r.byID[id] = p
	}
	return r, nil
}

// Key is the public key that phones seal to.
func (r *SealRing) Key() SealKey {
	raw := r.current.PublicKey().Bytes()
	id, _ := keyID(raw)
	return SealKey{ID: id, Algorithm: SealAlgorithm, Public: base64.StdEncoding.EncodeToString(raw)}
}

func (r *SealRing) private(id [envelopeIDSize]byte) (hpke.PrivateKey, bool) {
	k, ok := r.byID[id]
	return k, ok
}

func keyID(raw []byte) (text string, id [envelopeIDSize]byte) {
	sum := sha256.Sum256(raw)
	id = [envelopeIDSize]byte(sum[:])
	return hex.EncodeToString(id[:]), id
}

// loadSealing reads the sealing keys of the folder, and makes one where it may.
func loadSealing(dir string, mayMake bool) (*SealRing, error) {
	file := filepath.Join(dir, sealingFile)
	current, err := readSealing(file)
	if errors.Is(err, fs.ErrNotExist) {
		if !mayMake {
			return nil, fmt.Errorf("no sealing key: %s is missing (suixing keys makes it)", file)
		}
		current, err = makeSealing(dir, file)
	}
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "sealing-*.p256"))
	if err != nil {
		return nil, err
	}
	var older []*ecdh.PrivateKey
	for _, f := range files {
		k, err := readSealing(f)
		if err != nil {
			return nil, err
		}
		older = append(older, k)
	}
	return NewSealRing(current, older...)
}

func readSealing(file string) (*ecdh.PrivateKey, error) {
	der, err := readPEM(file)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if k, ok := key.(*ecdsa.PrivateKey); ok {
		if k, err := k.ECDH(); err == nil && k.Curve() == ecdh.P256() {
			return k, nil
		}
	}
	return nil, fmt.Errorf("%s: not a key on P-256", file)
}

func makeSealing(dir, file string) (*ecdh.PrivateKey, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := writeOnce(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return readSealing(file) // ours, or the one that was quicker
}

// newSealRing is a ring with a key of its own, for a keyring that comes from no folder.
func newSealRing() *SealRing {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // the system's randomness does not fail
	}
	r, err := NewSealRing(key)
	if err != nil {
		panic(err)
	}
	return r
}
