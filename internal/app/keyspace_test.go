package app_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"suixing/internal/platform/blob"
)

// traversals are ways out of a folder, by every spelling that has ever worked somewhere.
func traversals(sha string) []string {
	out := []string{sha + "\x00.html", strings.ToUpper(sha), sha[:63], sha + "0", " " + sha, sha + "\n", sha + "/", "/" + sha, "./" + sha, sha + "/..", "sha256/" + sha, "con", "aux.jpg", "nul", "com1", "a:b", "x::$DATA", "~", "~root", ".git/config", "\\\\host\\share", "file:///x", strings.Repeat("a", 5000), strings.Repeat("../", 400)}
	for _, dots := range []string{"..", "%2e%2e", "%252e%252e", "．．", "\u2024\u2024", "..;", ".%00.", "....", "%c0%ae%c0%ae", "%uff0e%uff0e"} {
		for _, slash := range []string{"/", "\\", "%2f", "%5c", "%252f", "／", "\u2215", "%c0%af", "//", "/./"} {
			for _, end := range []string{"etc" + slash + "passwd", "keys" + slash + "account.key", sha} {
				out = append(out, dots+slash+end, dots+slash+dots+slash+dots+slash+end)
			}
		}
	}
	return out
}

// KeySpace: whatever is asked for, by address, by name of file or by a caller inside, an object's key is the hash of its
// bytes or there is no object.
func TestKeySpaceOfEveryName(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	photo, sha := picture(t, 66)
	names := append(traversals(sha), naughty...)
	for _, x := range crooked {
		names = append(names, strings.Trim(x, `"`))
	}
	if len(names) < 461 {
		t.Fatalf("only %d names", len(names))
	}
	good := regexp.MustCompile(`^(sha256/[0-9a-f]{64}|derived/(view|thumb)/[0-9a-f]{64})$`)
	for _, x := range names {
		for _, key := range []string{x, "sha256/" + x, "derived/thumb/" + x, "sha256/" + sha + x, "derived/" + x + "/" + sha} {
			if good.MatchString(key) {
				continue
			}
			if x != "" && regexp.MustCompile(`^[a-z0-9]{1,16}$`).MatchString(x) && strings.HasPrefix(key, "derived/"+x+"/") {
				continue // a kind of copy that we may have one day
			}
			if err := w.app.Store.Put(ctx, key, strings.NewReader("x"), 1); !errors.Is(err, blob.ErrKey) {
				t.Errorf("the store takes %.80q: %v", key, err)
			}
			if r, _, err := w.app.Store.Get(ctx, key); !errors.Is(err, blob.ErrKey) {
				t.Errorf("the store gives %.80q: %v %v", key, r, err)
			}
			if err := w.app.Store.Delete(ctx, key); !errors.Is(err, blob.ErrKey) {
				t.Errorf("the store removes %.80q: %v", key, err)
			}
		}
	}
	office := w.as("office")
	for i, x := range names {
		if !hostileFull && i%3 != 0 {
			continue
		}
		path := "/api/photos/" + url.PathEscape(x[:min(len(x), 3000)])
		if path == "/api/photos/" || strings.Contains(x, sha) && url.PathEscape(x) == sha {
			continue
		}
		a := office.do("PUT", path, photo, "Content-Type", "image/jpeg", "Content-Disposition", `attachment; filename="`+url.PathEscape(x[:min(len(x), 500)])+`"`)
		if a.status < 400 || a.status >= 500 || bytes.Contains(a.body, []byte("root:")) {
			t.Errorf("%.80q: %d %.200s", x, a.status, a.body)
		}
	}
	if n := objects(t, w, good); n != 0 {
		t.Errorf("%d objects of nobody", n)
	}
	office.do("PUT", "/api/photos/"+sha, photo, "Content-Type", "image/jpeg", "Content-Disposition", `attachment; filename="../../x.php"`).want(201)
	office.do("GET", "/api/photos/"+sha+"?size=thumb", nil).want(200)
	if n := objects(t, w, good); n != 3 {
		t.Errorf("a photo and its copies are %d objects", n)
	}
	t.Logf("keyspace: %d names", len(names))
}

func objects(t *testing.T, w *world, good *regexp.Regexp) (n int) {
	t.Helper()
	err := w.app.Store.Walk(context.Background(), "", func(key string, _ int64, _ time.Time) error {
		if n++; !good.MatchString(key) {
			t.Errorf("an object %q", key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
