package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// secrets are the two keys derived from the one in the folder.
type secrets struct {
	throttle []byte
	totp     cipher.AEAD
}

func newSecrets(key []byte) (secrets, error) {
	if len(key) != 32 {
		return secrets{}, errors.New("account: the key must have 32 bytes")
	}
	throttle, err := hkdf.Key(sha256.New, key, nil, "suixing login throttle", 32)
	if err != nil {
		return secrets{}, err
	}
	seal, err := hkdf.Key(sha256.New, key, nil, "suixing totp secrets", 32)
	if err != nil {
		return secrets{}, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return secrets{}, err
	}
	gcm, err := cipher.NewGCM(block)
	return secrets{throttle, gcm}, err
}

// tag is a keyed hash of parts: the throttle's table names nobody.
func (k secrets) tag(parts ...string) []byte {
	h := hmac.New(sha256.New, k.throttle)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return h.Sum(nil)
}

// seal and open bind a second-factor secret to its account.
func (k secrets) seal(id uuid.UUID, plain string) []byte {
	nonce := make([]byte, k.totp.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return k.totp.Seal(nonce, nonce, []byte(plain), id[:])
}

func (k secrets) open(id uuid.UUID, sealed []byte) (string, error) {
	n := k.totp.NonceSize()
	if len(sealed) < n {
		return "", errors.New("account: second-factor secret too short")
	}
	plain, err := k.totp.Open(nil, sealed[:n], sealed[n:], id[:])
	if err != nil {
		return "", fmt.Errorf("account: second-factor secret of %s: %w", id, err)
	}
	return string(plain), nil
}
