package evidence

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// The signature algorithms. SM2 (with SM3) is there for systems that must use 商用密码.
const (
	Ed25519 = "ed25519"
	SM2     = "sm2"
)

// Signer signs custody receipts.
type Signer interface {
	Key() PublicKey
	Sign(message []byte) ([]byte, error)
}

// PublicKey is what anyone needs to check a receipt.
type PublicKey struct {
	ID        string // the first 16 hex digits of the key's SHA-256
	Algorithm string
	raw       []byte // 32 bytes of Ed25519, the uncompressed point of SM2
}

// Raw is the key as a phone takes it, in base64.
func (k PublicKey) Raw() string { return base64.StdEncoding.EncodeToString(k.raw) }

// MarshalJSON writes the key as the field app takes it: {id, algorithm, public}.
func (k PublicKey) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID        string `json:"id"`
		Algorithm string `json:"algorithm"`
		Public    string `json:"public"`
	}{k.ID, k.Algorithm, k.Raw()})
}

// Verify tells whether signature is this key's over message.
func (k PublicKey) Verify(message, signature []byte) bool {
	switch k.Algorithm {
	case Ed25519:
		return len(k.raw) == ed25519.PublicKeySize && ed25519.Verify(k.raw, message, signature)
	case SM2:
		pub, err := sm2.NewPublicKey(k.raw)
		return err == nil && sm2.VerifyASN1WithSM2(pub, nil, message, signature)
	}
	return false
}

// PEM is the key as a file, for people who check receipts elsewhere.
func (k PublicKey) PEM() ([]byte, error) {
	var pub any = ed25519.PublicKey(k.raw)
	if k.Algorithm == SM2 {
		p, err := sm2.NewPublicKey(k.raw)
		if err != nil {
			return nil, err
		}
		pub = p
	}
	der, err := smx509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

func publicKey(pub any) (PublicKey, error) {
	k := PublicKey{}
	switch p := pub.(type) {
	case ed25519.PublicKey:
		k.Algorithm, k.raw = Ed25519, p
	case *ecdsa.PublicKey:
		ecdh, err := sm2.PublicKeyToECDH(p)
		if err != nil {
			return k, errors.New("this elliptic curve is not SM2's")
		}
		k.Algorithm, k.raw = SM2, ecdh.Bytes()
	default:
		return k, fmt.Errorf("a key of type %T signs no receipts", pub)
	}
	sum := sha256.Sum256(k.raw)
	k.ID = hex.EncodeToString(sum[:8])
	return k, nil
}

// ParsePublicKey reads a key from a PEM file or from the base64 text that the field app is given.
func ParsePublicKey(text []byte) (PublicKey, error) {
	if block, _ := pem.Decode(text); block != nil {
		pub, err := smx509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return PublicKey{}, fmt.Errorf("public key: %w", err)
		}
		return publicKey(pub)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	switch {
	case err == nil && len(raw) == ed25519.PublicKeySize:
		return publicKey(ed25519.PublicKey(raw))
	case err == nil && len(raw) == 65:
		pub, err := sm2.NewPublicKey(raw)
		if err != nil {
			return PublicKey{}, fmt.Errorf("public key: %w", err)
		}
		return publicKey(pub)
	}
	return PublicKey{}, errors.New("public key: neither PEM nor the base64 of a key")
}

type edSigner struct{ key ed25519.PrivateKey }

func (s edSigner) Sign(m []byte) ([]byte, error) { return ed25519.Sign(s.key, m), nil }
func (s edSigner) Key() PublicKey {
	k, _ := publicKey(s.key.Public()) // an Ed25519 key always has its form
	return k
}

type sm2Signer struct{ key *sm2.PrivateKey }

func (s sm2Signer) Sign(m []byte) ([]byte, error) {
	return s.key.Sign(rand.Reader, m, sm2.DefaultSM2SignerOpts)
}
func (s sm2Signer) Key() PublicKey {
	k, _ := publicKey(&s.key.PublicKey)
	return k
}

// NewSigner makes a new key of the algorithm.
func NewSigner(algorithm string) (Signer, error) {
	if algorithm == SM2 {
		key, err := sm2.GenerateKey(rand.Reader)
		return sm2Signer{key}, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return edSigner{key}, err
}

// Keyring signs with one key and recognises the signatures of earlier ones; it opens what phones seal.
type Keyring struct {
	Signer
	public  map[string]PublicKey
	sealing *SealRing
}

// NewKeyring makes a ring around a signer, with a sealing key of its own; older keys are still recognised.
func NewKeyring(s Signer, older ...PublicKey) *Keyring {
	k := &Keyring{Signer: s, public: map[string]PublicKey{s.Key().ID: s.Key()}, sealing: newSealRing()}
	for _, p := range older {
		k.public[p.ID] = p
	}
	return k
}

// WithSealing gives the ring other sealing keys than its own.
func (k *Keyring) WithSealing(r *SealRing) *Keyring { k.sealing = r; return k }

// SealKey is the public key that phones seal to.
func (k *Keyring) SealKey() SealKey { return k.sealing.Key() }

// PublicFile is every public key that this server knows as PEM, the present one first: what `suixing verify` checks
// receipts of all years with.
func (k *Keyring) PublicFile() ([]byte, error) {
	out, err := k.Key().PEM()
	for _, id := range slices.Sorted(maps.Keys(k.public)) {
		if err == nil && id != k.Key().ID {
			var text []byte
			text, err = k.public[id].PEM()
			out = append(out, text...)
		}
	}
	return out, err
}

// Public gives the key of an id that this server knows.
func (k *Keyring) Public(id string) (PublicKey, bool) {
	p, ok := k.public[id]
	return p, ok
}
