package door

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
)

// alphabet is Crockford's base 32: no letter that reads as a digit, so that a code survives paper and telephone.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Code writes bytes as base-32 characters, n of them, five bits each.
func Code(b []byte, n int) string {
	var out strings.Builder
	var acc uint64
	var bits uint
	for _, c := range b {
		acc, bits = acc<<8|uint64(c), bits+8
		for bits >= 5 && out.Len() < n {
			bits -= 5
			out.WriteByte(alphabet[acc>>bits&31])
		}
		acc &= 1<<bits - 1
	}
	return out.String()
}

// RandomCode is n random characters.
func RandomCode(n int) (string, error) {
	b := make([]byte, (n*5+7)/8)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return Code(b, n), nil
}

// Group sets a code in fours, as it is printed and read out.
func Group(code string) string {
	var parts []string
	for len(code) > 4 {
		parts, code = append(parts, code[:4]), code[4:]
	}
	return strings.Join(append(parts, code), " ")
}

// Typed reads a code as people type it: small letters, spaces, dashes, full-width forms, O for 0, I and L for 1.
// It gives "" for what is no code of that length.
func Typed(s string, n int) string {
	var out strings.Builder
	for _, r := range s {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		switch r {
		case ' ', '-', '\u3000', '\t', '\n', '\r', '.', '_':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r > 127 || !strings.ContainsRune(alphabet, r) || out.Len() == n {
			return ""
		}
		out.WriteRune(r)
	}
	if out.Len() != n {
		return ""
	}
	return out.String()
}

// Hash is what the database keeps of a code.
func Hash(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// ReceiptLen is 16 characters of five bits: 80 bits.
const ReceiptLen = 16

// Keys makes what only this server can make: receipt codes, upload marks, sealed page addresses.
type Keys struct{ secret []byte }

// NewKeys takes the shared secret of all instances.
func NewKeys(secret []byte) Keys { return Keys{secret} }

func (k Keys) mac(purpose string, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, k.secret)
	write := func(b []byte) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(b))) // #nosec G115 -- parts are short
		m.Write(n[:])
		m.Write(b)
	}
	write([]byte(purpose))
	for _, p := range parts {
		write(p)
	}
	return m.Sum(nil)
}

// Receipt is the receipt code of a body: the same body gives the same code, and nobody without the key can make it.
func (k Keys) Receipt(purpose string, body ...[]byte) string {
	return Code(k.mac("receipt "+purpose, body...), ReceiptLen)
}

// Fingerprint recognises a body that comes twice, and tells nobody else what it said.
func (k Keys) Fingerprint(purpose string, body ...[]byte) []byte {
	return k.mac("body "+purpose, body...)
}

// Derive makes a secret that can be made again from what it is for.
func (k Keys) Derive(purpose string, parts ...[]byte) []byte {
	return k.mac("derive "+purpose, parts...)
}

// ID is the record's id for what a client names with an id of its own: the same name gives the same id, and it tells
// neither the name nor the time in it.
func (k Keys) ID(purpose string, named uuid.UUID) uuid.UUID {
	var id uuid.UUID
	copy(id[:], k.mac("id "+purpose, named[:]))
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // as a random one
	return id
}

// Seal packs v for an address that works for a short while and can be neither read nor made elsewhere.
func (k Keys) Seal(purpose string, v any, until time.Time) (string, error) {
	body, err := json.Marshal(struct {
		Until int64 `json:"u"`
		Body  any   `json:"b"`
	}{until.Unix(), v})
	if err != nil {
		return "", err
	}
	a, err := k.aead(purpose)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(body)+a.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(a.Seal(nonce, nonce, body, []byte(purpose))), nil
}

// Open unpacks what Seal packed; false when it is not ours or over.
func (k Keys) Open(purpose, token string, v any, now time.Time) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return false
	}
	a, err := k.aead(purpose)
	if err != nil || len(raw) < a.NonceSize() {
		return false
	}
	body, err := a.Open(nil, raw[:a.NonceSize()], raw[a.NonceSize():], []byte(purpose))
	if err != nil {
		return false
	}
	var head struct {
		Until int64           `json:"u"`
		Body  json.RawMessage `json:"b"`
	}
	return json.Unmarshal(body, &head) == nil && now.Unix() <= head.Until && json.Unmarshal(head.Body, v) == nil
}

// Pack is Seal for a longer body that travels in a cookie: pressed first, then sealed.
func (k Keys) Pack(purpose string, body []byte, until time.Time) (string, error) {
	a, err := k.aead(purpose)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	b.Write(binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))) // #nosec G115 -- after 1970
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return "", err
	}
	_, err = w.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		return "", err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+b.Len()+a.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(a.Seal(nonce, nonce, b.Bytes(), []byte(purpose))), nil
}

// Unpack opens what Pack made; false when it is not ours or over.
func (k Keys) Unpack(purpose, token string, now time.Time) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, false
	}
	a, err := k.aead(purpose)
	if err != nil || len(raw) < a.NonceSize() {
		return nil, false
	}
	body, err := a.Open(nil, raw[:a.NonceSize()], raw[a.NonceSize():], []byte(purpose))
	if err != nil || len(body) < 8 || now.Unix() > int64(binary.BigEndian.Uint64(body)) { // #nosec G115 -- our own number
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body[8:])), packMost))
	return out, err == nil
}

const packMost = 64 << 10

func (k Keys) aead(purpose string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.mac("seal " + purpose))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sameMark(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
