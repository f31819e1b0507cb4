package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// aead makes the authenticated cipher of one algorithm for one key. AES-256-GCM is what the standard library has;
// SM4-GCM takes its place here by a line of its own, and the key file says which key is for which.
var aeads = map[string]struct {
	keyLen int
	make   func(key []byte) (cipher.AEAD, error)
}{
	"aes-256-gcm": {32, newAESGCM},
}

const defaultAlgorithm = "aes-256-gcm"

func newAESGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// errOpen says nothing about why: a wrong key, a wrong record and a changed byte look alike.
var errOpen = errors.New("vault: a sealed value does not open")

// padTo hides how long a name or an address is: every sealed value is a multiple of it.
const padTo = 256

// sealBytes gives nonce and ciphertext; bound ties it to one record so that it opens nowhere else.
func sealBytes(a cipher.AEAD, plain, bound []byte) ([]byte, error) {
	padded := make([]byte, (len(plain)/padTo+1)*padTo)
	copy(padded, plain)
	padded[len(plain)] = 0x80 // ISO/IEC 7816-4: one mark, then zeros
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(padded)+a.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("vault nonce: %w", err)
	}
	return a.Seal(nonce, nonce, padded, bound), nil
}

func openBytes(a cipher.AEAD, sealed, bound []byte) ([]byte, error) {
	if len(sealed) < a.NonceSize() {
		return nil, errOpen
	}
	padded, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], bound)
	if err != nil {
		return nil, errOpen
	}
	for i := len(padded) - 1; i >= 0; i-- {
		if padded[i] == 0x80 {
			return padded[:i], nil
		}
		if padded[i] != 0 {
			break
		}
	}
	return nil, errOpen
}
