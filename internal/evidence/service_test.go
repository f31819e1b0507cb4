package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/blob/blobtest"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
)

// nothing fails the test if anything was kept of what was refused.
func (b *bench) nothing(t *testing.T, what string) {
	t.Helper()
	if n := len(b.objects(t)); n != 0 {
		t.Errorf("%s: %d objects kept", what, n)
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM photos) + (SELECT count(*) FROM photo_uploads) + (SELECT count(*) FROM jobs) + (SELECT count(*) FROM audit_log)`); n != 0 {
		t.Errorf("%s: %d rows kept", what, n)
	}
}

func TestPutTakesAPhotoOnce(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 640, 480, 1)
	sha := sum(photo)
	for i, want := range []int{201, 200, 200} {
		code, body, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sha, photo, "Content-Type", "image/jpeg")
		if code != want {
			t.Fatalf("time %d: %d %s", i+1, code, body)
		}
		var a photoAnswer
		if err := json.Unmarshal(body, &a); err != nil {
			t.Fatal(err)
		}
		if a.SHA256 != sha || a.Size != int64(len(photo)) || a.MediaType != "image/jpeg" || a.Sheets == nil || len(a.Sheets) != 0 {
			t.Fatalf("answer %s", body)
		}
	}
	if code, _, _ := b.call(t, "companion", "PUT", "/api/photos/"+sha, photo); code != 200 {
		t.Fatalf("another's same photo: %d", code)
	}
	for q, want := range map[string]int{`SELECT count(*) FROM photos`: 1, `SELECT count(*) FROM photo_uploads`: 2, `SELECT count(*) FROM jobs WHERE kind = 'photo_derive'`: 1,
		`SELECT count(*) FROM audit_log WHERE deed = 'photo.hold' AND subject_kind = 'photo' AND actor_role = 'supervisor'`: 2} {
		if got := b.count(t, q); got != want {
			t.Errorf("%s: %d, want %d", q, got, want)
		}
	}
	r, _, err := b.store.Get(context.Background(), blob.Original(sha))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if kept, _ := io.ReadAll(r); !bytes.Equal(kept, photo) {
		t.Error("the kept bytes are not those uploaded")
	}
}

func TestPutRefusesAndKeepsNothing(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 640, 480, 2)
	sha := sum(photo)
	flip := func(at int) []byte { c := bytes.Clone(photo); c[at] ^= 1; return c }
	bomb := pngChunks(ihdr(50_000, 50_000), "IDAT")
	gif := append([]byte("GIF89a"), photo...)
	for _, c := range []struct {
		name, sha string
		body      []byte
		kind      string
		status    int
		code      string
	}{
		{"no bytes", sha, []byte{}, "", 422, "photo_empty"},
		{"cut", sha, photo[:len(photo)-1], "", 422, "photo_hash"},
		{"cut in the head", sha, photo[:100], "", 422, "photo_hash"},
		{"one byte more", sha, append(bytes.Clone(photo), 0), "", 422, "photo_hash"},
		{"first bit of the picture", sha, flip(len(photo) / 2), "", 422, "photo_hash"},
		{"last bit", sha, flip(len(photo) - 1), "", 422, "photo_hash"},
		{"another's name", sum([]byte("x")), photo, "", 422, "photo_hash"},
		{"called png", sha, photo, "image/png", 422, "photo_type"},
		{"a page", sum([]byte("<html>hello hello")), []byte("<html>hello hello"), "image/jpeg", 422, "photo_type"},
		{"gif before jpeg", sum(gif), gif, "image/jpeg", 422, "photo_type"},
		{"bomb", sum(bomb), bomb, "image/png", 422, "photo_pixels"},
		{"upper case hash", "AB" + sha[2:], photo, "", 422, "invalid"},
		{"no hash", "x", photo, "", 422, "invalid"},
	} {
		code, body, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+c.sha, c.body, "Content-Type", c.kind)
		var e struct{ Code string }
		_ = json.Unmarshal(body, &e)
		if code != c.status || e.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, code, body, c.status, c.code)
		}
		b.nothing(t, c.name)
	}
	for who, want := range map[string]int{"": 401, "leader": 403, "admin": 403, "auditor": 403} {
		if code, _, _ := b.call(t, who, "PUT", "/api/photos/"+sha, photo); code != want {
			t.Errorf("%q: %d, want %d", who, code, want)
		}
		b.nothing(t, who)
	}
	huge := append(bytes.Clone(photo), make([]byte, MaxPhoto)...)
	if code, body, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sum(huge), huge); code != 413 || !bytes.Contains(body, []byte("20MB")) {
		t.Errorf("over 20 MiB: %d %s", code, body)
	}
	b.nothing(t, "huge")
	if _, _, err := b.Ingest(context.Background(), b.people["supervisor"], Upload{SHA256: sum(huge), Size: -1, Body: bytes.NewReader(huge)}); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("over 20 MiB, length unsaid: %v", err)
	}
	b.nothing(t, "huge, length unsaid")
}

func TestBodyOfUnknownLength(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 300, 200, 3)
	ctx, who := context.Background(), b.people["office"]
	_, _, err := b.Ingest(ctx, who, Upload{SHA256: sum(photo), Size: -1, Body: io.MultiReader(bytes.NewReader(photo[:500]), iotest.ErrReader(io.ErrUnexpectedEOF))})
	if fault.CodeOf(err) != "photo_hash" {
		t.Errorf("broken off: %v", err)
	}
	b.nothing(t, "broken off")
	p, fresh, err := b.Ingest(ctx, who, Upload{SHA256: sum(photo), Size: -1, Body: iotest.OneByteReader(bytes.NewReader(photo))})
	if err != nil || !fresh || p.Size != int64(len(photo)) {
		t.Fatalf("%+v %v %v", p, fresh, err)
	}
}

// dying is a store behind which the process dies after the object is on disk: the row is never written.
type dying struct{ blob.Store }

var errKilled = errors.New("killed")

func (d dying) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := d.Store.Put(ctx, key, r, size); err != nil {
		return err
	}
	return errKilled
}

func TestKilledBetweenObjectAndRow(t *testing.T) {
	env := dbtest.New(t)
	folder, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := newBenchOn(t, env, folder, dying{folder})
	photo := jpegOf(t, 300, 200, 4)
	up := func() Upload {
		return Upload{SHA256: sum(photo), Size: int64(len(photo)), Body: bytes.NewReader(photo)}
	}
	if _, _, err := b.Ingest(context.Background(), b.people["supervisor"], up()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if n := len(b.objects(t)); n != 1 {
		t.Fatalf("%d objects", n)
	}
	if n := b.count(t, `SELECT count(*) FROM photos`); n != 0 {
		t.Fatal("a row without its object's word")
	}
	b.store = folder // restarted
	if _, fresh, err := b.Ingest(context.Background(), b.people["supervisor"], up()); err != nil || !fresh {
		t.Fatalf("after the restart: %v %v", fresh, err)
	}
}

// A row whose object has gone is healed by bringing the photo again; a broken second copy does not hurt the first.
func TestLostObjectIsHealed(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 300, 200, 5)
	sha := b.hold(t, "supervisor", photo)
	ctx := context.Background()
	if code, _, _ := b.call(t, "agency", "PUT", "/api/photos/"+sha, photo[:len(photo)-9]); code != 422 {
		t.Errorf("cut copy: %d", code)
	}
	if n := b.count(t, `SELECT count(*) FROM photo_uploads`); n != 1 {
		t.Error("who does not have the bytes was written down as having brought them")
	}
	if err := b.store.Delete(ctx, blob.Original(sha)); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := b.call(t, "office", "PUT", "/api/photos/"+sha, photo); code != 200 {
		t.Errorf("again: %d", code)
	}
	if _, err := b.store.Stat(ctx, blob.Original(sha)); err != nil {
		t.Errorf("not healed: %v", err)
	}
}

func TestSamePhotoInParallel(t *testing.T) {
	for name, store := range map[string]func(t *testing.T) blob.Store{
		"folder": func(t *testing.T) blob.Store { return newFolder(t) },
		"minio":  func(t *testing.T) blob.Store { return blobtest.S3(t, blobtest.MinIO(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchOn(t, dbtest.New(t), nil, store(t))
			photo := jpegOf(t, 640, 480, 6)
			var wg sync.WaitGroup
			codes := make([]int, 24)
			for i := range codes {
				wg.Add(1)
				go func() {
					defer wg.Done()
					body := photo
					if i%6 == 5 { // a broken one among them
						body = photo[:len(photo)-1]
					}
					codes[i], _, _ = b.call(t, []string{"supervisor", "companion"}[i%2], "PUT", "/api/photos/"+sum(photo), body)
				}()
			}
			wg.Wait()
			got := map[int]int{}
			for _, c := range codes {
				got[c]++
			}
			if got[201] != 1 || got[200] != 19 || got[422] != 4 {
				t.Fatalf("answers %v", got)
			}
			if n := b.count(t, `SELECT count(*) FROM photos`)*10 + b.count(t, `SELECT count(*) FROM jobs`); n != 11 {
				t.Fatalf("rows and jobs %d", n)
			}
			p, err := held(context.Background(), b.DB, sum(photo))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.original(context.Background(), p); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func newFolder(t *testing.T) *blob.Folder {
	t.Helper()
	f, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPublicPhotoNamesNobody(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.Clock.Set(time.Date(2026, 5, 6, 3, 47, 12, 0, time.UTC))
	photo := withMetadata(jpegOf(t, 300, 200, 7), 6)
	for range 2 {
		p, err := b.IngestPublic(ctx, bytes.NewReader(photo), 0)
		if err != nil || p.SHA256 != sum(photo) {
			t.Fatalf("%+v %v", p, err)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE date_trunc('hour', held_at) = held_at`); n != 1 {
		t.Error("the time is not to the hour")
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM photo_uploads) + (SELECT count(*) FROM audit_log)`); n != 0 {
		t.Error("somebody is named")
	}
	if code, _, _ := b.call(t, "county", "GET", "/api/photos/"+sum(photo), nil); code != 404 {
		t.Errorf("seen before a record declares it: %d", code)
	}
	for name, c := range map[string]struct {
		data  []byte
		limit int64
		code  string
	}{
		"empty": {nil, 0, "photo_empty"}, "page": {[]byte("<html>hello hello"), 0, "photo_type"}, "over its limit": {photo, int64(len(photo)) - 1, "photo_size"},
		"over 10 MiB": {append(bytes.Clone(photo), make([]byte, MaxPublic)...), 1 << 40, "photo_size"},
	} {
		if _, err := b.IngestPublic(ctx, bytes.NewReader(c.data), c.limit); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(b.objects(t)); n != 1 {
		t.Errorf("%d objects", n)
	}
}

// Record and last photo arrive at the same moment, again and again: one of the two must see both. Without the lock in
// Declare about one in ten pairs is overlooked.
func TestManifestAndPhotoNeverOverlookEachOther(t *testing.T) {
	b := newBench(t)
	ctx, who := context.Background(), b.people["supervisor"]
	for i := range 60 {
		photo := jpegOf(t, 40, 30, uint64(1000+i))
		sheet, sha := newID(), sum(photo)
		var complete, told bool
		var wg sync.WaitGroup
		wg.Add(2)
		go func() {
			defer wg.Done()
			err := b.DB.InTx(ctx, func(tx *db.DB) error {
				if err := b.Declare(ctx, tx, who, OnSheet, sheet, []Declared{{SHA256: sha, Size: int64(len(photo)), Source: "camera"}}); err != nil {
					return err
				}
				missing, err := b.Missing(ctx, tx, []string{sha})
				complete = len(missing) == 0
				time.Sleep(time.Duration(i%5) * time.Millisecond) // the rest of the sheet
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}()
		go func() {
			defer wg.Done()
			time.Sleep(time.Duration(i%7) * time.Millisecond)
			if _, _, err := b.Ingest(ctx, who, Upload{SHA256: sha, Size: int64(len(photo)), Body: bytes.NewReader(photo)}); err != nil {
				t.Error(err)
			}
			var owners int
			if err := b.DB.Get(ctx, &owners, `SELECT count(*) FROM attachments WHERE sha256 = $1 AND owner_kind = 'sheet'`, sha); err != nil {
				t.Error(err)
			}
			told = owners == 1
		}()
		wg.Wait()
		if !complete && !told {
			t.Fatalf("pair %d: neither saw the other", i)
		}
	}
}
