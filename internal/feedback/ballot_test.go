package feedback

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/worldtest"
)

// The named tests of THREATS for tickets and ballot. BALLOT=full runs them at the sizes that are published (make ballot).
var full = os.Getenv("BALLOT") == "full"

func size(small, whole int) int {
	if full {
		return whole
	}
	return small
}

// batch puts n unbound tickets of a carrier into the database and gives their addresses.
func (w *world) batch(holder uuid.UUID, n int) (paths []string, ids []uuid.UUID) {
	w.Helper()
	const q = `WITH made AS MATERIALIZED (SELECT gen_random_uuid() AS id, decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS raw FROM generate_series(1, $1)),
		kept AS (INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position)
			SELECT id, sha256(raw), sha256(raw || '\x00'::bytea), $2, $3, '2026-05-06', id, 0 FROM made ORDER BY random())
		SELECT id, raw FROM made`
	var rows []struct {
		ID  uuid.UUID `db:"id"`
		Raw []byte    `db:"raw"`
	}
	w.Must(w.Env.Owner.Select(context.Background(), &rows, q, n, holder, w.Office1))
	for _, r := range rows {
		paths, ids = append(paths, "/f/"+base64.RawURLEncoding.EncodeToString(r.Raw)), append(ids, r.ID)
	}
	return paths, ids
}

// send2 posts a form as plain fields, from an address, with a browser and a cookie.
func (w *world) from(base, path string, v url.Values, address, agent, cookie string) answer {
	w.Helper()
	req, err := http.NewRequest("POST", base+path, strings.NewReader(v.Encode()))
	w.Must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-For", address)
	req.Header.Set("User-Agent", agent)
	if cookie != "" {
		req.Header.Set("Cookie", deviceCookie+"="+cookie) // and no Origin, as old browsers send it
	}
	return w.Send(req)
}

func (w *world) whole() url.Values {
	return with(good(), "agency", w.Agency1.String(), "day", "2026-05-06", "matter", "food")
}

// T01: guesses find nothing, and what cannot be used answers alike, in bytes and in time.
func TestQRGuess(t *testing.T) {
	w := newWorld(t)
	expired, _, _ := w.bound()
	revoked, rt := w.ticket()
	_, err := w.s.RevokeTickets(context.Background(), w.People["supervisor"], &Revocation{IDs: []uuid.UUID{rt.ID}})
	w.Must(err)
	w.Env.Clock.Add(8 * 24 * time.Hour)
	unknown := func() string {
		id := uuid.New()
		return "/f/" + base64.RawURLEncoding.EncodeToString(id[:])
	}
	for range size(500, 1_000_000) {
		raw := uuid.New()
		if err := w.Env.DB.GetP(context.Background(), &ticketInfo{}, w.s.ticketScanned, hashToken(raw[:]), w.s.now()); err == nil {
			t.Fatal("a guess hit")
		}
	}
	first := w.Get(unknown())
	times := map[string][]float64{}
	for range size(300, 5000) {
		for name, path := range map[string]string{"unknown": unknown(), "expired": expired, "revoked": revoked} {
			start := time.Now()
			a := w.Get(path)
			times[name] = append(times[name], float64(time.Since(start).Microseconds())/1000)
			if a.Code != 404 || a.Body != first.Body || a.Header.Get("Set-Cookie") != "" {
				t.Fatalf("%s: %d, same bytes %v", name, a.Code, a.Body == first.Body)
			}
		}
	}
	low, high := math.Inf(1), 0.0
	for _, list := range times {
		slices.Sort(list)
		m := list[len(list)/2]
		low, high = min(low, m), max(high, m)
	}
	t.Logf("ballot: guess tries=%d hits=0 p50_difference_ms=%.2f", size(500, 1_000_000), high-low)
	if full && high-low >= 2 { // milliseconds are for make ballot, on a machine that does nothing else
		t.Errorf("p50 differs by %.2f ms", high-low)
	}
}

// T02: no bit of an address can be changed; a sealed one is refused before the database is asked.
func TestQRForge(t *testing.T) {
	w := newWorld(t)
	path, ticket, _ := w.bound()
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(path, "/f/"))
	w.Must(err)
	for i := range len(raw) * 8 {
		b := slices.Clone(raw)
		b[i/8] ^= 1 << (i % 8)
		if a := w.Get("/f/" + base64.RawURLEncoding.EncodeToString(b)); a.Code != 404 {
			t.Fatalf("bit %d flipped: %d", i, a.Code)
		}
	}
	sealed := w.Post("/f", url.Values{"code": {ticket.Short}}).Location
	if w.Get(sealed).Code != 200 {
		t.Fatal("the sealed address does not open")
	}
	other, err := w.s.keys.Seal("feedback done", "x", w.s.now().Add(time.Hour)) // another purpose
	w.Must(err)
	// A server that has lost its database refuses all of these as ever: none of them gets so far.
	deaf := w.deaf()
	for i := len("/f/s."); i < len(sealed); i++ {
		b := []byte(sealed)
		b[i] ^= 1
		if raw, err := base64.RawURLEncoding.DecodeString(string(b[len("/f/s."):])); err == nil && base64.RawURLEncoding.EncodeToString(raw) != string(b[len("/f/s."):]) {
			continue // the same bytes written otherwise
		}
		if a := w.ask(deaf, string(b)); a.Code != 404 {
			t.Fatalf("a changed address opened, or the database was asked: %d", a.Code)
		}
	}
	whole := strings.TrimPrefix(path, "/f/")
	for _, p := range []string{"/f/s." + other, "/f/s.", sealed[:len(sealed)-4], "/f/" + strings.TrimPrefix(sealed, "/f/s."), "/f/" + whole[1:], "/f/" + whole + "A", "/f/" + whole[:21] + "+", "/f/" + whole[:11],
		"/f/x", "/f/eyJhbGciOiJub25lIn0.e30.", "/w/" + whole[1:], "/w/x", "/f/done/" + whole} {
		if a := w.ask(deaf, p); a.Code != 404 {
			t.Errorf("%s: %d", p, a.Code)
		}
	}
	// What is well formed and made up costs one look-up of a unique index and no write: nothing is inside to be checked before
	// (a ticket is random and not signed, so that it can be ended), and 128 bits are its wall.
	for _, p := range []string{"/f/" + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{9}, tokenBytes)), "/f/0123456789AB"} {
		if a := w.ask(deaf, p); a.Code < 500 {
			t.Errorf("the deaf server hears: %d, so the test above proves nothing", a.Code)
		}
	}
}

// T03: two to a hundred answers of one ticket at once, over two servers: one counts, the others are kept and flagged as
// later, and everybody reads the same.
func TestQRSecond(t *testing.T) {
	w := newWorld(t)
	_, other := w.instance()
	for _, n := range []int{2, 7, 30, 100} {
		path, _, visit := w.bound()
		var wg sync.WaitGroup
		pages := make([]string, n)
		for i := range n {
			wg.Add(1)
			go func() {
				defer wg.Done()
				base := w.Base
				if i%2 == 1 {
					base = other
				}
				a := w.from(base, path, with(good(), "O2", fmt.Sprint("第", i)), "10.0.0.1", "x", "")
				if a.Code == 303 {
					pages[i] = worldtest.ReceiptShape.ReplaceAllString(w.Get(a.Location).Body, "")
				}
			}()
		}
		wg.Wait()
		for _, p := range pages {
			if p == "" || p != pages[0] {
				t.Fatal("not everybody was told the same")
			}
		}
		if kept, counted := w.Count(`SELECT count(*) FROM feedbacks f JOIN tickets k ON k.id = f.ticket_id WHERE k.visit_id = $1`, visit), w.Count(`SELECT count(*) FROM feedbacks f JOIN tickets k ON k.id = f.ticket_id WHERE f.counted AND k.visit_id = $1`, visit); kept != n || counted != 1 {
			t.Errorf("%d at once: %d kept, %d counted", n, kept, counted)
		}
	}
	path, _, _ := w.bound()
	for i := range laterMost + 1 {
		w.from(w.Base, path, with(good(), "O2", fmt.Sprint("第", i)), "10.0.0.1", "x", "")
	}
	a := w.from(w.Base, path, with(good(), "O2", "再来"), "10.0.0.1", "x", "")
	if a.Code != 200 || !strings.Contains(a.Body, "pow_task") || !strings.Contains(a.Body, `name="O2" value="再来"`) {
		t.Fatal("no end to later answers", a.Code)
	}
	w.Receipt(w.from(w.Base, path, w.work(a, with(good(), "O2", "再来")), "10.0.0.1", "x", ""))
}

// T08: one form sent a thousand times is one answer and one receipt.
func TestFormReplay(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	code := ""
	for range size(60, 1000) {
		c := w.Receipt(w.from(w.Base, path, good(), "10.0.0.1", "x", ""))
		if code != "" && c != code {
			t.Fatal("another receipt")
		}
		code = c
	}
	if n := w.Count(`SELECT count(*) FROM feedbacks`); n != 1 {
		t.Error("answers:", n)
	}
}

// T06: who is rated has no verb on tickets, and who never hands them out is seen.
func TestSuppress(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	w.Receipt(w.Post(path, good()))
	w.bound()
	silent := w.visit()
	id := uuid.New()
	for _, r := range []struct {
		method, path string
		body         any
	}{{"POST", "/api/tickets", map[string]any{"request_id": id, "count": 1}}, {"POST", "/api/tickets/rotate", map[string]any{"request_id": id, "count": 1}}, {"POST", "/api/tickets/reissue", map[string]any{"visit_id": silent}},
		{"GET", "/api/tickets/stock", nil}, {"POST", "/api/tickets/revoke", map[string]any{"all": true}}, {"GET", "/api/feedback/rates", nil}, {"GET", "/api/walls", nil}, {"POST", "/api/walls", map[string]any{"business_id": id}},
		{"GET", "/api/walls/" + id.String() + "/poster.pdf", nil}, {"POST", "/api/walls/" + id.String() + "/revoke", nil}, {"GET", "/api/feedback", nil}, {"POST", "/api/feedback/" + id.String() + "/release", nil}, {"POST", "/api/feedback/" + id.String() + "/agency-text", map[string]any{"text": "x"}}} {
		if a := w.As("agency", r.method, r.path, r.body, nil); a.Code != 403 {
			t.Errorf("agency: %s %s: %d", r.method, r.path, a.Code)
		}
	}
	var rates Rates
	w.As("county", "GET", "/api/feedback/rates?from=2026-05-01&to=2026-05-31", nil, &rates)
	if len(rates.Agencies) != 1 || rates.Agencies[0].Visits != 3 || rates.Agencies[0].Handed != 2 || rates.Agencies[0].Answered != 1 || rates.Agencies[0].Rate != 33.3 {
		t.Errorf("%+v", rates)
	}
	if a := w.As("supervisor", "GET", "/api/feedback/rates", nil, nil); a.Code != 403 {
		t.Error(a.Code)
	}
}

// dump is every row of every table as text.
func (w *world) dump() string {
	w.Helper()
	var tables []string
	w.Must(w.Env.Owner.Select(context.Background(), &tables, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_schema IN ('public', 'vault') AND table_type = 'BASE TABLE'`))
	var out strings.Builder
	for _, name := range tables {
		var text string
		w.Must(w.Env.Owner.Get(context.Background(), &text, `SELECT COALESCE(string_agg(x::text, E'\n'), '') FROM `+name+` x`))
		out.WriteString(text)
	}
	return out.String()
}

// T11: whatever an agency reads, at whatever time and for whatever months, two of its figures never differ by one to four answers.
func TestKAnon(t *testing.T) {
	w := newWorld(t)
	rng := rand.New(rand.NewPCG(11, 11))
	shown := map[string]Month{}
	for month := range 18 {
		first := time.Date(2025, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)
		for range rng.IntN(9) {
			w.Exec(`INSERT INTO feedbacks (id, channel, office_id, agency_id, counted, suspect, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, received_hour)
			VALUES (gen_random_uuid(), 'ticket', $1, $2, $3, $4, 1, 5, $5::timestamptz, 'company', 'food', '{}', '{"R1":5,"R2":5,"R3":5,"R4":5,"R5":5}', $6, false, sha256(gen_random_uuid()::text::bytea), '', $5)`,
				w.Office1, w.Agency1, rng.IntN(10) > 0, rng.IntN(10) == 0, first.Add(time.Duration(rng.IntN(27*24))*time.Hour), 1+rng.IntN(5))
		}
		for range 3 { // time goes on; answers are flagged, cleared and moved under the feet of what was shown
			w.Env.Clock.Set(first.AddDate(0, 1, rng.IntN(25)))
			w.Exec(`UPDATE feedbacks SET suspect = NOT suspect WHERE random() < 0.1`)
			for _, q := range []string{"", "?from=2025-03", "?to=2025-08", "?from=2025-02&to=2025-11", fmt.Sprintf("?from=%s&to=%s", first.Format("2006-01"), first.Format("2006-01"))} {
				var out struct{ Items []Month }
				if a := w.As("agency", "GET", "/api/feedback/summary"+q, nil, &out); a.Code != 200 {
					t.Fatal(a.Code, a.Body)
				}
				for _, m := range out.Items {
					if m.N < MinShown || m.Flagged != nil || m.Later != nil {
						t.Fatalf("shown to the agency: %+v", m)
					}
					if old, ok := shown[m.Month]; ok && (old.Until != m.Until || old.Sums != m.Sums) {
						t.Fatalf("a figure changed: %+v, then %+v", old, m)
					}
					shown[m.Month] = m
				}
			}
		}
	}
	periods := make([]Month, 0, len(shown))
	for _, m := range shown {
		periods = append(periods, m)
	}
	slices.SortFunc(periods, func(a, b Month) int { return strings.Compare(a.Month, b.Month) })
	for i := 1; i < len(periods); i++ {
		if periods[i].Month <= periods[i-1].Until {
			t.Errorf("two periods overlap: %+v %+v", periods[i-1], periods[i])
		}
	}
	if len(periods) < 6 {
		t.Error("hardly anything was shown:", len(periods))
	}
	t.Logf("ballot: kanon periods=%d smallest_difference=%d", len(periods), MinShown)
}
