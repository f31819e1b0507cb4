package evidence

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"suixing/internal/fault"
)

func ring(t testing.TB) *Keyring {
	t.Helper()
	signer, err := NewSigner(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return NewKeyring(signer)
}

func random(t testing.TB, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEnvelopeRoundTrip(t *testing.T) {
	k := ring(t)
	for _, n := range []int{0, 1, 1000, envelopeChunk - 1, envelopeChunk, envelopeChunk + 1, 2 * envelopeChunk, 5*envelopeChunk + 7} {
		plain := random(t, n)
		box, err := SealBytes(k.SealKey(), PhotoInfo("x"), plain)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(box)) != SealedSize(int64(n)) || PlainSize(int64(len(box))) != int64(n) {
			t.Errorf("%d bytes: envelope of %d, SealedSize %d, PlainSize %d", n, len(box), SealedSize(int64(n)), PlainSize(int64(len(box))))
		}
		for name, src := range map[string]io.Reader{"whole": bytes.NewReader(box), "byte by byte": iotest.OneByteReader(bytes.NewReader(box))} {
			got, err := io.ReadAll(k.Open(PhotoInfo("x"), src))
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes, %s: %d back, %v", n, name, len(got), err)
			}
		}
	}
	for _, n := range []int64{0, 76, 77, 92} {
		if PlainSize(n) != -1 {
			t.Errorf("%d bytes cannot be an envelope, PlainSize says %d", n, PlainSize(n))
		}
	}
}

func TestEnvelopeTornOrChanged(t *testing.T) {
	k, other := ring(t), ring(t)
	plain := random(t, 2*envelopeChunk+100)
	box, err := SealBytes(k.SealKey(), PhotoInfo("x"), plain)
	if err != nil {
		t.Fatal(err)
	}
	const head, whole = envelopeHead, envelopeChunk + envelopeTag
	flip := func(i int) []byte { c := bytes.Clone(box); c[i] ^= 1; return c }
	swapped := append(append(append(bytes.Clone(box[:head]), box[head+whole:head+2*whole]...), box[head:head+whole]...), box[head+2*whole:]...)
	for name, bad := range map[string][]byte{
		"empty": {}, "head alone": box[:head], "half a head": box[:30], "magic": flip(0), "encapsulated key": flip(20), "first chunk": flip(head + 5), "second chunk": flip(head + whole + 5),
		"last tag": flip(len(box) - 1), "last byte gone": box[:len(box)-1], "last chunk gone": box[:head+2*whole], "two chunks gone": box[:head+whole], "a byte more": append(bytes.Clone(box), 0),
		"a chunk twice": append(bytes.Clone(box), box[head+2*whole:]...), "order changed": swapped,
	} {
		got, err := io.ReadAll(k.Open(PhotoInfo("x"), bytes.NewReader(bad)))
		if fault.CodeOf(err) != "sealed" {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for name, c := range map[string]struct {
		box  []byte
		keys *Keyring
		info string
		code string
	}{
		"key id": {flip(6), k, PhotoInfo("x"), "seal_key"}, "another server": {box, other, PhotoInfo("x"), "seal_key"}, "another photo": {box, k, PhotoInfo("y"), "sealed"}, "a sheet": {box, k, "suixing/sealed/1/sheet:x", "sealed"},
	} {
		if _, err := io.ReadAll(c.keys.Open(c.info, bytes.NewReader(c.box))); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("line cut")
	if _, err := io.ReadAll(k.Open(PhotoInfo("x"), io.MultiReader(bytes.NewReader(box[:head+70000]), iotest.ErrReader(broken)))); !errors.Is(err, broken) {
		t.Errorf("the line's own error is lost: %v", err)
	}
}

// TestEnvelopeInAStream: what is opened is handed on before the rest has come.
func TestEnvelopeInAStream(t *testing.T) {
	k := ring(t)
	size := int64(40 * envelopeChunk)
	r, w := io.Pipe()
	go func() { w.CloseWithError(Seal(w, k.SealKey(), PhotoInfo("x"), io.LimitReader(rand.Reader, size))) }()
	got, err := io.Copy(io.Discard, k.Open(PhotoInfo("x"), r))
	if err != nil || got != size {
		t.Fatalf("%d of %d: %v", got, size, err)
	}
	// Only two chunks have come: the first must be readable, for nobody waits for the last.
	box, err := SealBytes(k.SealKey(), PhotoInfo("x"), random(t, 3*envelopeChunk))
	if err != nil {
		t.Fatal(err)
	}
	r, w = io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write(box[:envelopeHead+2*(envelopeChunk+envelopeTag)]) }()
	if _, err := io.ReadFull(k.Open(PhotoInfo("x"), r), make([]byte, envelopeChunk)); err != nil {
		t.Fatal(err)
	}
}

func TestSealingKeyFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first, err := LoadOrMakeSigner(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "sealing.p256")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v %v", info, err)
	}
	again, err := LoadOrMakeSigner(dir, false)
	if err != nil || again.SealKey() != first.SealKey() {
		t.Fatalf("another key the second time: %v", err)
	}
	box, err := SealBytes(first.SealKey(), SheetInfo(uuid.Nil), []byte("sealed before"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "sealing.p256"), filepath.Join(dir, "sealing-2026.p256")); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrMakeSigner(dir, false); err == nil || !strings.Contains(err.Error(), "sealing.p256") {
		t.Fatalf("a missing key must stop the start and be named: %v", err)
	}
	next, err := LoadOrMakeSigner(dir, true)
	if err != nil || next.SealKey() == first.SealKey() {
		t.Fatalf("no new key: %v", err)
	}
	if got, err := io.ReadAll(next.Open(SheetInfo(uuid.Nil), bytes.NewReader(box))); err != nil || string(got) != "sealed before" {
		t.Errorf("the retired key does not open: %q %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sealing-2026.p256"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrMakeSigner(dir, false); err == nil || !strings.Contains(err.Error(), "sealing-2026.p256") {
		t.Errorf("a broken key must be named: %v", err)
	}
}

func TestSealedPhotos(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 900, 700, 3)
	big := append(bytes.Clone(photo), random(t, 3*envelopeChunk)...) // bytes after the picture's end, as some phones write
	for name, p := range map[string][]byte{"small": photo, "large": big} {
		sha := sum(p)
		box, err := SealBytes(b.keys.SealKey(), PhotoInfo(sha), p)
		if err != nil {
			t.Fatal(err)
		}
		code, body, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sha, box, "Content-Type", SealedType+`; type="image/jpeg"`)
		if code != 201 || !bytes.Contains(body, []byte(`"media_type":"image/jpeg"`)) {
			t.Fatalf("%s: %d %s", name, code, body)
		}
		if code, _, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sha, box, "Content-Type", SealedType+`; type="image/jpeg"`); code != 200 {
			t.Errorf("%s again: %d", name, code)
		}
		if code, got, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sha+"?size=original", nil); code != 200 || !bytes.Equal(got, p) {
			t.Errorf("%s: the original differs: %d, %d bytes of %d", name, code, len(got), len(p))
		}
	}
	if code, _, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sum(pngOf(t, 20, 20, 1)), pngOf(t, 20, 20, 1), "Content-Type", "image/png"); code != 201 {
		t.Errorf("plain uploads stay accepted: %d", code)
	}
	b.refuseSealed(t, jpegOf(t, 300, 200, 9))
}

// refuseSealed: what is not whole, not for us, or not what it says keeps nothing.
func (b *bench) refuseSealed(t *testing.T, photo []byte) {
	t.Helper()
	sha, before := sum(photo), len(b.objects(t))
	seal := func(info string, plain []byte) []byte {
		box, err := SealBytes(b.keys.SealKey(), info, plain)
		if err != nil {
			t.Fatal(err)
		}
		return box
	}
	good := seal(PhotoInfo(sha), photo)
	changed := bytes.Clone(good)
	changed[len(changed)-30] ^= 1
	foreign, err := SealBytes(ring(t).SealKey(), PhotoInfo(sha), photo)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body []byte
		kind string
		code string
	}{
		"torn": {good[:len(good)-50], SealedType, "sealed"}, "changed": {changed, SealedType, "sealed"}, "nothing": {[]byte("SXS1"), SealedType, "sealed"},
		"for another server": {foreign, SealedType, "seal_key"}, "another photo in it": {seal(PhotoInfo(sha), jpegOf(t, 300, 200, 10)), SealedType, "photo_hash"},
		"another type": {good, SealedType + `; type="image/png"`, "photo_type"}, "said to be plain": {good, "image/jpeg", "photo_type"}, "not a photo": {seal(PhotoInfo(sum([]byte("text and more text"))), []byte("text and more text")), SealedType, "photo_type"},
	} {
		to := sha
		if name == "not a photo" {
			to = sum([]byte("text and more text"))
		}
		code, body, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+to, c.body, "Content-Type", c.kind)
		if code != 422 || !bytes.Contains(body, []byte(`"code":"`+c.code+`"`)) {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE sha256 = $1`, sha); n != 0 || len(b.objects(t)) != before {
		t.Errorf("refused, and kept: %d rows, %d objects before, %d after", n, before, len(b.objects(t)))
	}
}

func TestSealingNeedsOurCurve(t *testing.T) {
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := NewSealRing(k); err == nil && len(r.Key().Public) == 88 {
		t.Error("a key of another curve passes for P-256")
	}
}

// TestEnvelopeVectors opens what the phone's own code has sealed.
func TestEnvelopeVectors(t *testing.T) {
	const dir = "../../pwa/test/vectors/"
	text, err := os.ReadFile(dir + "envelope.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Key struct {
			SealKey
			Private string `json:"private_pem"`
		}
		Cases []struct {
			Name, Info, SHA256, Envelope, File string
			Size                               int64
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(v.Key.Private), 0o600); err != nil {
		t.Fatal(err)
	}
	private, err := readSealing(file)
	if err != nil {
		t.Fatal(err)
	}
	sealing, err := NewSealRing(private)
	if err != nil {
		t.Fatal(err)
	}
	if sealing.Key() != v.Key.SealKey {
		t.Errorf("key %+v, the phone says %+v", sealing.Key(), v.Key.SealKey)
	}
	k := ring(t).WithSealing(sealing)
	if len(v.Cases) < 4 {
		t.Errorf("%d cases", len(v.Cases))
	}
	for _, c := range v.Cases {
		box, err := base64.StdEncoding.DecodeString(c.Envelope)
		if c.File != "" {
			box, err = os.ReadFile(dir + c.File)
		}
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(k.Open(c.Info, bytes.NewReader(box)))
		if err != nil || int64(len(plain)) != c.Size || sum(plain) != c.SHA256 || PlainSize(int64(len(box))) != c.Size {
			t.Errorf("%s: %d bytes with hash %s, %v", c.Name, len(plain), sum(plain), err)
		}
	}
}
