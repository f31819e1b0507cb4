package evidence

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/dbtest"
)

// age makes every stored object older by d, as if it had lain there.
func age(t *testing.T, dir string, d time.Duration) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		then := info.ModTime().Add(-d)
		return os.Chtimes(path, then, then)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweepTakesOnlyWhatNobodyCanAskFor(t *testing.T) {
	dir := t.TempDir()
	folder, err := blob.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := newBenchOn(t, dbtest.New(t), folder, folder)
	ctx := context.Background()
	photo := func(seed uint64) []byte { return jpegOf(t, 60, 40, seed) }
	public := func(p []byte) string {
		if _, err := b.IngestPublic(ctx, bytes.NewReader(p), 0); err != nil {
			t.Fatal(err)
		}
		if err := b.Derive(ctx, sum(p)); err != nil {
			t.Fatal(err)
		}
		return sum(p)
	}
	brought, sent, unsent := b.hold(t, "supervisor", photo(1)), public(photo(2)), public(photo(3))
	b.hang(t, "", OnFeedback, newID(), photo(2), false)
	orphan := photo(4)
	if err := folder.Put(ctx, blob.Original(sum(orphan)), bytes.NewReader(orphan), int64(len(orphan))); err != nil {
		t.Fatal(err)
	}
	sweep := func() {
		t.Helper()
		if err := b.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if n := len(b.objects(t)); n != 4+4 { // four originals, two copies each of the two drawn
		t.Fatalf("fresh things were swept: %d left", n)
	}
	b.Clock.Add(8 * 24 * time.Hour)
	age(t, dir, 8*24*time.Hour)
	sweep()
	if n := b.count(t, `SELECT count(*) FROM photos`); n != 2 {
		t.Fatalf("%d photos left", n)
	}
	keys := b.objects(t)
	for key, want := range map[string]bool{
		blob.Original(brought): true, blob.Original(sent): true, derivedKey(view, sent): true, blob.Original(unsent): false, derivedKey(view, unsent): false,
		blob.Original(sum(orphan)): false, derivedKey(trash, sum(orphan)): true, derivedKey(trash, unsent): true,
	} {
		if slices.Contains(keys, key) != want {
			t.Errorf("%s is there: %v", key, !want)
		}
	}
	// Meanwhile an upload that had stored its object before the sweep wrote its row.
	b.exec(t, `INSERT INTO photos (sha256, size, media_type, held_at) VALUES ($1, $2, 'image/jpeg', $3)`, sum(orphan), len(orphan), b.Clock.Now())
	sweep() // too early to decide
	if !slices.Contains(b.objects(t), derivedKey(trash, unsent)) {
		t.Error("set aside and removed in one breath")
	}
	age(t, dir, 25*time.Hour)
	sweep()
	keys = b.objects(t)
	for key, want := range map[string]bool{blob.Original(sum(orphan)): true, derivedKey(trash, sum(orphan)): false, derivedKey(trash, unsent): false, blob.Original(brought): true} {
		if slices.Contains(keys, key) != want {
			t.Errorf("a day later %s is there: %v", key, !want)
		}
	}
	p, err := held(ctx, b.DB, sum(orphan))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.original(ctx, p); err != nil {
		t.Errorf("put back: %v", err)
	}
}

// TestPublicPhotoBroughtAgain: a photo from a form that is brought again counts from then on; the sweep must not take it
// from under the second form.
func TestPublicPhotoBroughtAgain(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	photo, claimed := jpegOf(t, 60, 40, 1), jpegOf(t, 60, 40, 2)
	bring := func(p []byte) {
		t.Helper()
		if _, err := b.IngestPublic(ctx, bytes.NewReader(p), 0); err != nil {
			t.Fatal(err)
		}
	}
	bring(photo)
	b.hold(t, "supervisor", claimed)
	first := b.Clock.Now()
	b.Clock.Add(orphanAge - time.Hour)
	bring(photo)
	bring(claimed)
	b.Clock.Add(2 * time.Hour)
	if err := b.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE sha256 = $1`, sum(photo)); n != 1 {
		t.Error("swept a photo that had just been brought again")
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE sha256 = $1 AND held_at = $2`, sum(claimed), first); n != 1 {
		t.Error("a photo that somebody brought under a name has another time now")
	}
	b.Clock.Add(orphanAge)
	if err := b.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE sha256 = $1`, sum(photo)); n != 0 {
		t.Error("never swept")
	}
}

func TestAgencyPhotosHaveABound(t *testing.T) {
	b := newBench(t)
	b.hold(t, "agency", jpegOf(t, 60, 40, 1))
	b.exec(t, `INSERT INTO photos (sha256, size, media_type, held_at) SELECT encode(sha256(n::text::bytea), 'hex'), 1000, 'image/jpeg', $1 FROM generate_series(1, $2) n`, b.Clock.Now(), maxAgencyPhotos-1)
	b.exec(t, `INSERT INTO photo_uploads (sha256, account_id, at) SELECT encode(sha256(n::text::bytea), 'hex'), $1, $2 FROM generate_series(1, $3) n`, b.people["agency"].ID, b.Clock.Now(), maxAgencyPhotos-1)
	more := jpegOf(t, 60, 40, 2)
	if code, body, _ := b.call(t, "agency", "PUT", "/api/photos/"+sum(more), more); code != 429 || !bytes.Contains(body, []byte("photo_quota")) {
		t.Errorf("one over the bound: %d %s", code, body)
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE sha256 = $1`, sum(more)); n != 0 {
		t.Error("refused, and kept")
	}
	for _, who := range []string{"agency2", "supervisor"} {
		if code, body, _ := b.call(t, who, "PUT", "/api/photos/"+sum(more), more); code >= 300 {
			t.Errorf("%s: %d %s", who, code, body)
		}
	}
	b.Clock.Add(25 * time.Hour)
	if code, body, _ := b.call(t, "agency", "PUT", "/api/photos/"+sum(more), more); code >= 300 {
		t.Errorf("the next day: %d %s", code, body)
	}
}
