package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm4"
)

// aeads are the authenticated ciphers a key may be for; the key file says which. SM4-GCM is for counties that are held to
// the commercial cryptography of 商用密码; either kind of key may follow the other.
var aeads = map[string]struct {
	keyLen int
	make   func(key []byte) (cipher.AEAD, error)
}{
	"aes-256-gcm": {32, func(key []byte) (cipher.AEAD, error) { return gcm(aes.NewCipher(key)) }},
	"sm4-gcm":     {16, func(key []byte) (cipher.AEAD, error) { return gcm(sm4.NewCipher(key)) }},
}

// The two algorithms by name.
const (
	AES = "aes-256-gcm"
	SM4 = "sm4-gcm"
)

func gcm(block cipher.Block, err error) (cipher.AEAD, error) {
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// errOpen says nothing about why: a wrong key, a wrong record and a changed byte look alike.
var errOpen = errors.New("vault: a sealed value does not open")

// padTo hides how long a name or an address is: every sealed value is a multiple of it.
const padTo = 256

// A data key is 32 bytes whatever the algorithm, which takes of them what it needs; wrapped it is nonce, key and tag.
const (
	dataKeyLen = 32
	wrappedLen = 12 + dataKeyLen + 16 // vault_seal cuts here
)

// key is one key of the ring.
type key struct {
	algorithm string
	aead      cipher.AEAD
	retired   string // the day it stopped sealing; empty: still may
}

// seal makes a data key, seals plain under it and the data key under k. It gives the wrapped key and, behind it, the
// sealed value; bound ties both to one record so that they open nowhere else.
func (k key) seal(plain, bound []byte) ([]byte, error) {
	data := make([]byte, dataKeyLen)
	if _, err := rand.Read(data); err != nil {
		return nil, fmt.Errorf("vault data key: %w", err)
	}
	defer clear(data)
	inner, err := k.inner(data)
	if err != nil {
		return nil, err
	}
	wrapped, err := sealOnce(k.aead, nil, data, append([]byte("key|"), bound...))
	if err != nil {
		return nil, err
	}
	padded := make([]byte, (len(plain)/padTo+1)*padTo)
	copy(padded, plain)
	padded[len(plain)] = 0x80 // ISO/IEC 7816-4: one mark, then zeros
	return sealOnce(inner, wrapped, padded, bound)
}

func (k key) inner(data []byte) (cipher.AEAD, error) {
	alg := aeads[k.algorithm]
	return alg.make(data[:alg.keyLen])
}

func sealOnce(a cipher.AEAD, before, plain, bound []byte) ([]byte, error) {
	nonce := make([]byte, a.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("vault nonce: %w", err)
	}
	return a.Seal(append(before, nonce...), nonce, plain, bound), nil
}

func openOnce(a cipher.AEAD, sealed, bound []byte) ([]byte, error) {
	if len(sealed) < a.NonceSize() {
		return nil, errOpen
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], bound)
	if err != nil {
		return nil, errOpen
	}
	return plain, nil
}

// open undoes seal.
func (k key) open(wrapped, sealed, bound []byte) ([]byte, error) {
	data, err := openOnce(k.aead, wrapped, append([]byte("key|"), bound...))
	if err != nil {
		return nil, err
	}
	defer clear(data)
	inner, err := k.inner(data)
	if err != nil {
		return nil, errOpen
	}
	padded, err := openOnce(inner, sealed, bound)
	if err != nil {
		return nil, err
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
