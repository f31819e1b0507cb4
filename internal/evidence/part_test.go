package evidence

import (
	"fmt"
	"testing"

	"suixing/internal/platform/dbtest"
)

func TestPartOf(t *testing.T) {
	type want struct {
		from, to int64
		ok       bool
	}
	for header, w := range map[string]want{
		"bytes=0-": {0, 99, true}, "bytes=0-1": {0, 1, true}, "bytes=90-200": {90, 99, true}, "bytes=-10": {90, 99, true}, "bytes=-1000": {0, 99, true}, "bytes=100-": {100, 99, true},
		"": {}, "bytes=": {}, "bytes=5-4": {}, "bytes=0-1,3-4": {}, "bytes=a-b": {}, "lines=0-1": {}, "bytes=--1": {}, "bytes=99999999999999999999-": {},
	} {
		from, to, ok := partOf(header, 100)
		if ok != w.ok || ok && (from != w.from || to != w.to) {
			t.Errorf("%q: %d-%d %v, want %+v", header, from, to, ok, w)
		}
	}
	if _, _, ok := partOf("bytes=0-", 0); ok {
		t.Error("a part of nothing")
	}
}

// What the hotline brings is its own while the call is written, and from then on for those who work on the complaint. A part
// of a recording comes as a part.
func TestHotlineBringsAndLetsGo(t *testing.T) {
	b := newBench(t)
	sound := files()["audio/mpeg"]
	sha := sum(sound)
	if code, body, _ := b.call(t, "hotline", "PUT", "/api/photos/"+sha, sound); code != 201 {
		t.Fatal(code, string(body))
	}
	code, body, head := b.call(t, "hotline", "GET", "/api/photos/"+sha+"?size=original", nil, "Range", "bytes=0-3")
	if code != 206 || string(body) != string(sound[:4]) || head["Content-Range"][0] != fmt.Sprintf("bytes 0-3/%d", len(sound)) || head["Content-Type"][0] != "audio/mpeg" || head["X-Content-Type-Options"][0] != "nosniff" {
		t.Errorf("%d %q %v", code, body, head)
	}
	if code, body, _ := b.call(t, "hotline", "GET", "/api/photos/"+sha+"?size=original", nil, "Range", "bytes=4-"); code != 206 || string(body) != string(sound[4:]) {
		t.Errorf("the rest: %d, %d bytes", code, len(body))
	}
	if code, _, _ := b.call(t, "hotline", "GET", "/api/photos/"+sha+"?size=original", nil, "Range", "bytes=9999999-"); code != 416 {
		t.Error("beyond the end:", code)
	}
	if code, _, _ := b.call(t, "office", "GET", "/api/photos/"+sha+"?size=original", nil); code != 404 {
		t.Error("the office sees what was not sent:", code)
	}
	b.exec(t, `INSERT INTO attachments (id, owner_kind, owner_id, item, position, sha256, size, source, by_account, declared_at) VALUES ($1, 'complaint', $2, '', 0, $3, $4, 'desk', $5, $6)`,
		newID(), newID(), sha, len(sound), b.people["hotline"].ID, dbtest.Start)
	if code, _, _ := b.call(t, "hotline", "GET", "/api/photos/"+sha+"?size=original", nil); code != 404 {
		t.Error("the hotline goes on seeing what it sent:", code)
	}
	if code, _, _ := b.call(t, "county", "GET", "/api/photos/"+sha+"?size=original", nil); code != 200 {
		t.Error("the county does not see it:", code)
	}
}
