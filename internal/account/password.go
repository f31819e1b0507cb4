package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"suixing/internal/fault"
)

// argon2id as OWASP asks at the least: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 << 10 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// hasher lets only a few hashes run at once: each takes 19 MiB, and two hundred people may log in in one second.
type hasher struct {
	slots chan struct{}
	wait  time.Duration
	dummy string // compared with for unknown users, so that they take as long
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, max(1, min(4, runtime.GOMAXPROCS(0)))), wait: 15 * time.Second}
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	h.dummy = encodeHash(salt, argon2.IDKey([]byte(randomText(20)), salt, argonTime, argonMemory, argonLanes, argonKey))
	return h
}

func (h *hasher) slot(ctx context.Context) (release func(), err error) {
	t := time.NewTimer(h.wait)
	defer t.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
	case <-t.C:
	}
	return nil, &fault.Error{Kind: fault.TooMany, Code: "busy", Words: "现在登录的人太多，请过几秒再试。", RetryAfter: 5}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	return h.hashSalted(ctx, password, salt)
}

func (h *hasher) hashSalted(ctx context.Context, password string, salt []byte) (string, error) {
	release, err := h.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return encodeHash(salt, argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)), nil
}

// verify compares in constant time. The parameters stand in the hash, so that they can be raised later.
func (h *hasher) verify(ctx context.Context, encoded, password string) (bool, error) {
	salt, key, m, t, p, err := decodeHash(encoded)
	if err != nil {
		return false, err
	}
	release, err := h.slot(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	got := argon2.IDKey([]byte(password), salt, t, m, p, uint32(len(key))) // #nosec G115 -- a key of 32 bytes
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

var b64 = base64.RawStdEncoding

func encodeHash(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decodeHash(s string) (salt, key []byte, m, t uint32, p uint8, err error) {
	parts := strings.Split(s, "$")
	bad := errors.New("account: a password hash that this program did not write")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return nil, nil, 0, 0, 0, bad
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m > 1<<20 || t > 100 || p == 0 {
		return nil, nil, 0, 0, 0, bad
	}
	salt, err1 := b64.DecodeString(parts[4])
	key, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(key) < 16 {
		return nil, nil, 0, 0, 0, bad
	}
	return salt, key, m, t, p, nil
}

// Limits of a password. The upper one only keeps hashing cheap.
const (
	minPassword = 10
	maxPassword = 128
	remembered  = 5 // former passwords that do not come back
)

// CheckPassword tells in plain words why a password will not do; empty when it will.
func CheckPassword(password, username string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword:
		return fmt.Sprintf("密码至少%d位，现在是%d位。", minPassword, n)
	case n > maxPassword:
		return fmt.Sprintf("密码最多%d位。", maxPassword)
	case classes(password) < 3:
		return "密码要有大写字母、小写字母、数字、符号里的三种。"
	case len(username) > 2 && strings.Contains(strings.ToLower(password), username):
		return "密码里不要有账号。"
	case fewCharacters(password) || common(password):
		return "这个密码太常见，别人容易猜到。请换一个，比如用几个不相干的词连起来。"
	}
	return ""
}

func classes(s string) int {
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

func fewCharacters(s string) bool {
	seen := map[rune]bool{}
	for _, r := range strings.ToLower(s) {
		seen[r] = true
	}
	return len(seen) < 5
}

// commonWords make a password common when nothing but digits, signs and repeated letters stands around them.
var commonWords = wordSet(`a aa abc abcd abcde abcdef abcdefg abcdefgh aabb abcabc qaz qazwsx qazwsxedc qwe qwer qwert qwerty qwertyui qwertyuiop
	asd asdf asdfg asdfgh asdfghjkl zxc zxcv zxcvb zxcvbn zxcvbnm qweasd qweasdzxc wasd passw passwd password passwords pwd pass mima
	admin administrator root user test tester guest system manager master super superman default login welcome hello iloveyou woaini woaiwo
	suixing sifa sifaju sifasuo sfj sfs zhifa jiandu zhifajiandu xingzheng henan xinxiang huojia china zhongguo beijing zhengfu gov
	dragon monkey letmein sunshine princess football changeme secret computer windows wechat weixin alibaba tencent huawei office county
	supervisor leader agency hotline auditor demo suixingdemo`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

var unleet = strings.NewReplacer("0", "o", "1", "i", "@", "a", "$", "s", "3", "e", "!", "i", "5", "s", "7", "t")

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// common tells whether a password is a common word dressed up: P@ssw0rd2024, Admin@123456, Qwer1234!.
func common(password string) bool {
	low := strings.ToLower(password)
	trimmed := strings.TrimRight(low, "0123456789!@#$%^&*.?_-+=~")
	return commonWords[letters(low)] || commonWords[letters(unleet.Replace(low))] || commonWords[letters(unleet.Replace(trimmed))]
}

// readable leaves out what is taken for something else when read aloud or from paper.
const readable = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

func randomText(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, 1)
	for len(out) < n {
		_, _ = rand.Read(buf)                         // never fails
		if i := int(buf[0]) & 63; i < len(readable) { // no bias: what is too large is drawn again
			out = append(out, readable[i])
		}
	}
	return string(out)
}

// initialPassword is shown once and must be changed: three groups to type, about 68 bits.
func initialPassword() string {
	for {
		s := randomText(4) + "-" + randomText(4) + "-" + randomText(4)
		if CheckPassword(s, "") == "" {
			return s
		}
	}
}
