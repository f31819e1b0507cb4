package evidence

import (
	"bufio"
	"bytes"
	"crypto/hpke"
	"errors"
	"fmt"
	"io"
	"strings"

	"suixing/internal/fault"
)

// A sealed envelope (密封信封) is what a phone keeps of a record or photo once it is sealed: only the server can read it,
// so whoever finds or steals the phone can send it and nothing more. HPKE (RFC 9180, base mode), the plain bytes in
// chunks, so that neither side needs to hold a whole photo:
//
//	"SXS1" | 8 bytes of the key's id | 65 bytes encapsulated key | chunks of at most 65536+16 bytes
//
// Each chunk is authenticated with its place in the order (HPKE counts) and with whether it is the last one.
const (
	SealedType     = "application/vnd.suixing.sealed"
	SealAlgorithm  = "hpke-p256-aes256gcm"
	envelopeMagic  = "SXS1"
	envelopeIDSize = 8
	envelopeEnc    = 65 // an uncompressed point of P-256
	envelopeHead   = len(envelopeMagic) + envelopeIDSize + envelopeEnc
	envelopeChunk  = 64 << 10
	envelopeTag    = 16
)

// What an envelope holds is part of its key: one for a sheet never opens as another's, nor as a photo.
const (
	sealedSheet  = "suixing/sealed/1/sheet:"
	sealedPhoto  = "suixing/sealed/1/photo:"
	sealedUnlock = "suixing/sealed/1/unlock:"
)

// SheetInfo, PhotoInfo and UnlockInfo name what an envelope is for: a sheet's id, a photo's hash, a phone's id.
func SheetInfo(id fmt.Stringer) string { return sealedSheet + id.String() }

// PhotoInfo: see SheetInfo.
func PhotoInfo(sha256 string) string { return sealedPhoto + sha256 }

// UnlockInfo: see SheetInfo.
func UnlockInfo(device fmt.Stringer) string { return sealedUnlock + device.String() }

var (
	errSealKey = &fault.Error{Kind: fault.Invalid, Code: "seal_key", Words: "这份内容是用服务器不认识的密钥封存的，没有收下。手机上的还在，请联系管理员。"}
	errSealed  = &fault.Error{Kind: fault.Invalid, Code: "sealed", Words: "封存的内容没有传完整，或者改动过，服务器没有收下。手机上的还在，请再传一次。"}
)

// IsSealed tells whether a Content-Type names an envelope, and what its plain content is said to be: "" if it does not say.
func IsSealed(contentType string) (plain string, sealed bool) {
	kind, rest, _ := strings.Cut(contentType, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), SealedType) {
		return "", false
	}
	name, value, _ := strings.Cut(rest, "=")
	if strings.EqualFold(strings.TrimSpace(name), "type") {
		plain = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return plain, true
}

// PlainSize is how many bytes an envelope of this size holds; -1 if it cannot be one.
func PlainSize(sealed int64) int64 {
	chunks := sealed - int64(envelopeHead)
	const whole = envelopeChunk + envelopeTag
	n := (chunks + whole - 1) / whole
	if n < 1 || chunks-(n-1)*whole < envelopeTag {
		return -1
	}
	return chunks - n*envelopeTag
}

// SealedSize is how large the envelope of so many plain bytes is.
func SealedSize(plain int64) int64 {
	n := max((plain+envelopeChunk-1)/envelopeChunk, 1)
	return int64(envelopeHead) + plain + n*envelopeTag
}

// Seal writes the envelope of plain for the holder of a sealing key. It is what a phone does, for the tests that play one.
func Seal(to io.Writer, key SealKey, info string, plain io.Reader) error {
	public, err := key.hpke()
	if err != nil {
		return err
	}
	enc, ctx, err := hpke.NewSender(public, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info))
	if err != nil {
		return err
	}
	id, raw := keyID(public.Bytes())
	head := append(append([]byte(envelopeMagic), raw[:]...), enc...)
	if _, err := to.Write(head); err != nil {
		return fmt.Errorf("seal for %s: %w", id, err)
	}
	return chunks(plain, envelopeChunk, func(chunk []byte, last bool) error {
		box, err := ctx.Seal(mark(last), chunk)
		if err == nil {
			_, err = to.Write(box)
		}
		return err
	})
}

// SealBytes is Seal for what is small enough to hold.
func SealBytes(key SealKey, info string, plain []byte) ([]byte, error) {
	var out bytes.Buffer
	err := Seal(&out, key, info, bytes.NewReader(plain))
	return out.Bytes(), err
}

func mark(last bool) []byte {
	if last {
		return []byte{1}
	}
	return []byte{0}
}

// chunks cuts r into pieces of size, the last of which may be shorter, or empty when there is nothing at all.
func chunks(r io.Reader, size int, each func(chunk []byte, last bool) error) error {
	src := bufio.NewReaderSize(r, size+1)
	buf := make([]byte, size)
	for {
		n, last, err := chunk(src, buf)
		if err != nil {
			return err
		}
		if err := each(buf[:n], last); err != nil || last {
			return err
		}
	}
}

// chunk fills buf as far as the source goes and looks one byte ahead whether it goes on.
func chunk(src *bufio.Reader, buf []byte) (n int, last bool, err error) {
	n, err = io.ReadFull(src, buf)
	if err == nil {
		_, err = src.Peek(1)
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, true, nil
	}
	return n, false, err
}

// Open reads an envelope as its plain bytes, chunk by chunk. What was torn or changed anywhere ends in a fault of code
// "sealed", never in a plain end; another's key in "seal_key". Errors of the source itself come back as they are.
func (k *Keyring) Open(info string, sealed io.Reader) io.Reader {
	return &opener{keys: k.sealing, info: info, src: bufio.NewReaderSize(sealed, envelopeChunk+envelopeTag+1)}
}

type opener struct {
	keys  *SealRing
	info  string
	src   *bufio.Reader
	ctx   *hpke.Recipient
	buf   []byte
	plain []byte // opened and not yet read
	last  bool
	err   error
}

// Read implements io.Reader. It stays at the error it met.
func (o *opener) Read(p []byte) (int, error) {
	for len(o.plain) == 0 && o.err == nil {
		o.err = o.next()
	}
	if len(o.plain) == 0 {
		return 0, o.err
	}
	n := copy(p, o.plain)
	o.plain = o.plain[n:]
	return n, nil
}

func (o *opener) next() error {
	if o.last {
		return io.EOF
	}
	if o.ctx == nil {
		if err := o.begin(); err != nil {
			return err
		}
	}
	n, last, err := chunk(o.src, o.buf)
	if err != nil {
		return err
	}
	if o.plain, err = o.ctx.Open(mark(last), o.buf[:n]); err != nil {
		o.plain = nil
		return errSealed
	}
	o.last = last
	return nil
}

func (o *opener) begin() error {
	head := make([]byte, envelopeHead)
	if _, err := io.ReadFull(o.src, head); err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errSealed
	} else if err != nil {
		return err
	}
	if string(head[:len(envelopeMagic)]) != envelopeMagic {
		return errSealed
	}
	private, ok := o.keys.private([envelopeIDSize]byte(head[len(envelopeMagic):]))
	if !ok {
		return errSealKey
	}
	ctx, err := hpke.NewRecipient(head[len(envelopeMagic)+envelopeIDSize:], private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(o.info))
	if err != nil { // a point that is none
		return errSealed
	}
	o.ctx, o.buf = ctx, make([]byte, envelopeChunk+envelopeTag)
	return nil
}
