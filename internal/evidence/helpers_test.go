package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/jobs"
	"suixing/internal/platform/web"
)

// bench is a service on a real database and a real folder, with the people of two townships.
type bench struct {
	*dbtest.Env
	*Service
	folder *blob.Folder
	router *web.Router
	people map[string]actor.Actor
	offA   uuid.UUID
	offB   uuid.UUID
	agcA   uuid.UUID
	agcB   uuid.UUID
}

func newBench(t *testing.T) *bench {
	t.Helper()
	env := dbtest.New(t)
	folder, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return newBenchOn(t, env, folder, folder)
}

func newBenchOn(t testing.TB, env *dbtest.Env, folder *blob.Folder, store blob.Store) *bench {
	t.Helper()
	signer, err := NewSigner(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Env: env, Service: New(env.DB, env.Clock.Now, store, NewKeyring(signer)), folder: folder, people: map[string]actor.Actor{}}
	b.router = web.New(web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: env.Clock.Now})
	b.router.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		a, ok := b.people[token]
		if !ok {
			return actor.Public, web.Session{}, fault.New(fault.Unauthenticated, "signed_out", "")
		}
		return a, web.Session{Kind: "token"}, nil
	})
	b.Routes(b.router)
	b.places(t)
	return b
}

func (b *bench) exec(t testing.TB, q string, args ...any) {
	t.Helper()
	if _, err := b.Owner.Exec(context.Background(), q, args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

func (b *bench) places(t testing.TB) {
	t.Helper()
	b.offA, b.offB, b.agcA, b.agcB = uuid.New(), uuid.New(), uuid.New(), uuid.New()
	for id, name := range map[uuid.UUID]string{b.offA: "示例镇A司法所", b.offB: "示例镇B司法所"} {
		b.exec(t, `INSERT INTO offices (id, name, township) VALUES ($1, $2, $2)`, id, name)
	}
	for id, name := range map[uuid.UUID]string{b.agcA: "示例镇A执法队", b.agcB: "示例镇B执法队"} {
		b.exec(t, `INSERT INTO agencies (id, name, kind) VALUES ($1, $2, 'township')`, id, name)
	}
	null := uuid.NullUUID{}
	some := func(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: true} }
	for _, p := range []struct {
		name           string
		role           actor.Role
		office, agency uuid.NullUUID
	}{
		{"county", actor.County, null, null}, {"leader", actor.Leader, null, null}, {"office", actor.Office, some(b.offA), null}, {"office2", actor.Office, some(b.offB), null},
		{"supervisor", actor.Supervisor, some(b.offA), null}, {"companion", actor.Supervisor, some(b.offA), null}, {"supervisor2", actor.Supervisor, some(b.offA), null},
		{"agency", actor.Agency, null, some(b.agcA)}, {"agency2", actor.Agency, null, some(b.agcB)}, {"hotline", actor.Hotline, null, null},
		{"admin", actor.Admin, null, null}, {"auditor", actor.Auditor, null, null},
	} {
		a := actor.Actor{ID: uuid.New(), Role: p.role, Name: p.name, OfficeID: p.office, AgencyID: p.agency}
		b.exec(t, `INSERT INTO accounts (id, username, name, role, office_id, agency_id, password_hash, created_at) VALUES ($1, $2, $2, $3, $4, $5, 'x', $6)`,
			a.ID, p.name, string(p.role), p.office, p.agency, b.Clock.Now())
		b.people[p.name] = a
	}
}

// call sends a request as one of the people; the answer's body is read whole.
func (b *bench) call(t *testing.T, who, method, path string, body []byte, head ...string) (int, []byte, map[string][]string) {
	t.Helper()
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req := httptest.NewRequest(method, path, r)
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	res, err := b.router.App.Test(req, -1)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, out, res.Header
}

func (b *bench) count(t *testing.T, q string, args ...any) int {
	t.Helper()
	var n int
	if err := b.Owner.Get(context.Background(), &n, q, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *bench) objects(t *testing.T) []string {
	t.Helper()
	var keys []string
	err := b.store.Walk(context.Background(), "", func(k string, _ int64, _ time.Time) error { keys = append(keys, k); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// hold brings a photo and fails the test if it is not taken.
func (b *bench) hold(t *testing.T, who string, photo []byte) string {
	t.Helper()
	sha := sum(photo)
	if code, body, _ := b.call(t, who, "PUT", "/api/photos/"+sha, photo); code != 201 && code != 200 {
		t.Fatalf("put: %d %s", code, body)
	}
	return sha
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// picture is a photo-like image that differs with seed: smooth colours, a bright top left corner.
func picture(w, h int, seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 7))
	a, c := r.Float64()*80, r.Float64()*80
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(float64(x)*120/float64(w) + a), uint8(float64(y)*120/float64(h) + c), uint8(seed), 255})
		}
	}
	for y := range h / 4 {
		for x := range w / 4 {
			img.SetRGBA(x, y, color.RGBA{255, 255, 255, 255})
		}
	}
	return img
}

func jpegOf(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h, seed), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h, seed)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Words that must never come out again: a place, a person, a device.
const (
	canaryOwner = "CANARY-OWNER-WANG"
	canaryXMP   = "CANARY-XMP-NOTE"
)

// withMetadata puts EXIF (orientation, owner, GPS), XMP and a comment into a JPEG, as phones do.
func withMetadata(plain []byte, orientation int) []byte {
	var tiff bytes.Buffer
	le := binary.LittleEndian
	put := func(v any) { _ = binary.Write(&tiff, le, v) }
	entry := func(tag, kind uint16, count, value uint32) { put(tag); put(kind); put(count); put(value) }
	tiff.WriteString("II*\x00")
	put(uint32(8))
	put(uint16(3))
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x013b, 2, uint32(len(canaryOwner)+1), 200) // artist
	entry(0x8825, 4, 1, 100)                          // GPS directory
	put(uint32(0))
	tiff.Write(make([]byte, 100-tiff.Len()))
	put(uint16(2))
	entry(1, 2, 2, uint32('N'))
	entry(2, 5, 3, 160)
	put(uint32(0))
	tiff.Write(make([]byte, 160-tiff.Len()))
	for _, v := range []uint32{34, 1, 45, 1, 123456, 10000} {
		put(v)
	}
	tiff.Write(make([]byte, 200-tiff.Len()))
	tiff.WriteString(canaryOwner + "\x00")
	segment := func(marker byte, body string) []byte {
		out := []byte{0xff, marker, 0, 0}
		binary.BigEndian.PutUint16(out[2:], uint16(len(body)+2))
		return append(out, body...)
	}
	out := append([]byte{}, plain[:2]...)
	out = append(out, segment(0xe1, "Exif\x00\x00"+tiff.String())...)
	out = append(out, segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x>"+canaryXMP+"</x>")...)
	out = append(out, segment(0xfe, "CANARY-COMMENT")...)
	return append(out, plain[2:]...)
}

// pngChunks builds a PNG from raw chunks: the way to files no encoder would write.
func pngChunks(chunks ...string) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range chunks {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c)-4))
		out = append(out, c...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(c)))
	}
	return out
}

func ihdr(w, h uint32) string {
	b := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	return string(append(binary.BigEndian.AppendUint32(b, h), 8, 2, 0, 0, 0))
}

// heic builds the boxes of a HEIC file: a brand, and extents of tiles and whole.
func heic(brand string, extents ...[2]uint32) []byte {
	box := func(kind, body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
	}
	var ispe strings.Builder
	for _, e := range extents {
		b := binary.BigEndian.AppendUint32(make([]byte, 4), e[0])
		ispe.WriteString(box("ispe", string(binary.BigEndian.AppendUint32(b, e[1]))))
	}
	return []byte(box("ftyp", brand+"\x00\x00\x00\x00mif1heic") + box("meta", "\x00\x00\x00\x00"+box("hdlr", "pict")+box("iprp", box("ipco", box("colr", "nclx")+ispe.String()))) + box("mdat", "pixels"))
}

func newRunner(b *bench) *jobs.Runner {
	return jobs.New(b.DB, b.Clock.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
