package feedback

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Whoever keeps a picture of the code reads the same form, byte for byte, whether she has answered or not; only her own phone
// is told at once, and everybody the next day.
func TestSpentPageTellsNobodyElse(t *testing.T) {
	w := newWorld(t)
	path, ticket, visit := w.bound()
	before := w.Get(path)
	phone := map[string]string{}
	if a := w.withCookies("POST", path, good(), phone); a.Code != 303 {
		t.Fatal(a.Code, visible(a.Body))
	}
	officer := w.Get(path)
	if officer.Code != 200 || officer.Body != before.Body || len(officer.Header) != len(before.Header) || officer.Header.Get("Content-Length") != before.Header.Get("Content-Length") {
		t.Error("another phone sees that she has answered")
	}
	for _, p := range []string{path, w.Post("/f", url.Values{"code": {ticket.Short}}).Location} { // scanned or typed
		if own := w.withCookies("GET", p, nil, maps.Clone(phone)); !strings.Contains(own.Body, "这张表已经填过") {
			t.Error("her own phone does not know:", visible(own.Body))
		}
	}
	mark, _ := w.s.spentMark(ticket.ID)
	if forged := w.withCookies("GET", path, nil, map[string]string{mark: "AAAAAAAAAAAAAAAAAAAAAAAA"}); forged.Body != before.Body {
		t.Error("a made-up mark is believed")
	}
	other, _, _ := w.bound()
	if a := w.withCookies("GET", other, nil, maps.Clone(phone)); strings.Contains(a.Body, "已经填过") {
		t.Error("the mark speaks for another ticket")
	}
	officers := map[string]string{}
	if a := w.withCookies("POST", path, with(good(), "O2", "很好"), officers); a.Code != 303 || w.Count(`SELECT count(*) FROM feedbacks f JOIN tickets k ON k.id = f.ticket_id WHERE k.visit_id = $1 AND NOT f.counted`, visit) != 1 {
		t.Error("a later answer is not taken as ever", a.Code)
	}
	if v := w.dump(); strings.Contains(v, phone[mark]) {
		t.Error("the mark is stored")
	}
	w.Env.Clock.Set(time.Date(2026, 5, 6, 23, 59, 59, 0, time.FixedZone("", 8*3600)))
	if strings.Contains(w.Get(path).Body, "已经填过") {
		t.Error("told on the same day")
	}
	w.Env.Clock.Add(time.Second)
	if !strings.Contains(w.Get(path).Body, "这张表已经填过") {
		t.Error("a spent page the next day")
	}
}
