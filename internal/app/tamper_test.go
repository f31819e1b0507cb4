package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"crypto/sha256"
	"encoding/hex"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/blob"
)

// flip changes one byte of an object, as a disk or a hand would, past everything that guards it.
func (w *world) flip(key string, r *rand.Rand) {
	w.t.Helper()
	ctx := context.Background()
	rc, size, err := w.app.Store.Get(ctx, key)
	if err != nil {
		w.t.Fatal(key, err)
	}
	data, err := io.ReadAll(rc)
	_ = rc.Close()
	if err != nil {
		w.t.Fatal(err)
	}
	data[r.IntN(len(data))] ^= 1 << r.IntN(8)
	if err := w.app.Store.Delete(ctx, key); err != nil {
		w.t.Fatal(err)
	}
	if err := w.app.Store.Put(ctx, key, bytes.NewReader(data), size); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) owner(q string, args ...any) {
	w.t.Helper()
	if _, err := w.env.Owner.Exec(context.Background(), q, args...); err != nil {
		w.t.Fatalf("%s: %v", q, err)
	}
}

// sealAll seals the trail in small batches, as quiet minutes would.
func (w *world) sealAll(batch int) {
	w.t.Helper()
	for {
		n, err := audit.Seal(context.Background(), w.env.DB, w.env.Clock.Now(), batch)
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// check runs what "suixing check" runs, and gives what it names.
func (w *world) check() (int, map[string]string) {
	w.t.Helper()
	found := map[string]string{}
	n, err := w.app.Check(context.Background(), func(a evidence.Altered) { found[a.Kind+" "+a.ID] = a.What })
	if err != nil {
		w.t.Fatal(err)
	}
	return n, found
}

// part is the share of a long run that make test has.
func part(n int) int {
	if hostileFull {
		return n
	}
	return n / 4
}

// Tamper: two hundred single bytes changed in photos, copies, sealed records, receipts and the trail; one run finds and
// names every one of them, and nothing else.
func TestTamper(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(200, 41))
	sup := w.as("supervisor")
	var photos, sheets, receipts []string
	for i := range part(60) {
		raw, sum := picture(t, uint8(i+100))
		sup.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
		sup.do("GET", "/api/photos/"+sum+"?size=thumb", nil).want(200)
		photos = append(photos, sum)
	}
	for range part(40) {
		w.env.Clock.Add(time.Minute)
		p := w.seal(sup)
		sup.do("PUT", "/api/sheets/"+p.sheetID, p.raw, "Content-Type", "application/json").want(201)
		for sum, raw := range p.photos {
			sup.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
		}
		sheets = append(sheets, p.sheetID)
		receipts = append(receipts, sup.do("GET", "/api/sheets/"+p.sheetID+"/receipt", nil).want(200).str("code"))
	}
	for range part(200) {
		if err := audit.Append(context.Background(), w.env.DB, w.env.Clock.Now(), actor.System, "test.deed", "thing", [16]byte{1}, map[string]string{"x": "金丝雀"}); err != nil {
			t.Fatal(err)
		}
	}
	w.sealAll(5)
	if n, found := w.check(); len(found) > 0 || n < part(600) {
		t.Fatalf("before anything changed, of %d: %v", n, found)
	}
	want := map[string]bool{}
	for i, sha := range photos {
		kind := []string{"thumb", "view"}[i%2]
		w.flip(blob.Original(sha), r)
		w.flip(blob.Derived(kind, sha), r)
		want["photo "+sha], want["copy "+kind+" "+sha] = true, true
	}
	for i := range part(40) {
		switch i % 4 {
		case 0:
			w.owner(`UPDATE sheets SET raw = set_byte(raw, $2, (get_byte(raw, $2) + 1) % 256) WHERE id = $1`, sheets[i], r.IntN(500))
			want["sheet "+sheets[i]] = true
		case 1:
			w.owner(`UPDATE sheets SET body = jsonb_set(body, '{opinion}', to_jsonb(replace(body->>'opinion', '规范', '规苑'))) WHERE id = $1`, sheets[i])
			want["sheet "+sheets[i]] = true
		case 2:
			w.owner(`UPDATE receipts SET body = set_byte(body, $2, get_byte(body, $2) # 1) WHERE code = $1`, receipts[i], r.IntN(200))
			want["receipt "+receipts[i]] = true
		default:
			w.owner(`UPDATE receipts SET signature = set_byte(signature, $2, get_byte(signature, $2) # 4) WHERE code = $1`, receipts[i], r.IntN(60))
			want["receipt "+receipts[i]] = true
		}
	}
	var seals []struct {
		Seal  int64 `db:"seal"`
		First int64 `db:"first"`
		Last  int64 `db:"last"`
	}
	const covered = `SELECT s.id AS seal, min(l.id) AS first, max(l.id) AS last FROM audit_seals s JOIN audit_log l ON (l.txid, l.id) <= (s.last_txid, s.last_id)
		AND (l.txid, l.id) > COALESCE((SELECT (p.last_txid, p.last_id) FROM audit_seals p WHERE p.id < s.id ORDER BY p.id DESC LIMIT 1), ('0'::xid8, 0)) GROUP BY s.id HAVING bool_or(l.deed = 'test.deed') ORDER BY s.id LIMIT $1`
	if err := w.env.Owner.Select(context.Background(), &seals, covered, part(40)); err != nil {
		t.Fatal(err)
	}
	w.owner(`ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only`)
	for i, s := range seals {
		w.owner([]string{`UPDATE audit_log SET deed = 'test.deeds' WHERE id = $1`, `UPDATE audit_log SET at = at + interval '1 microsecond' WHERE id = $1`,
			`UPDATE audit_log SET detail = detail || '{"x":"金丝鹊"}' WHERE id = $1`, `UPDATE audit_log SET actor_role = 'systen' WHERE id = $1`}[i%4], s.Last)
		want[fmt.Sprintf("trail seal %d, rows %d to %d", s.Seal, s.First, s.Last)] = true
	}
	if len(want) != part(200) {
		t.Fatalf("the test changes %d things", len(want))
	}
	n, found := w.check()
	missed := 0
	for thing := range want {
		if found[thing] == "" {
			missed++
			t.Errorf("not found: %s", thing)
		}
	}
	for thing, what := range found {
		if !want[thing] {
			t.Errorf("named without reason: %s: %s", thing, what)
		}
	}
	t.Logf("tamper: %d changed, %d found and named, of %d read", len(want), len(want)-missed, n)
}

// swap puts another photo in the place of the sheet's first of a camera.
func (p *phone) swap(t *testing.T, raw []byte) *phone {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(p.raw, &body); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	sha, old := hex.EncodeToString(sum[:]), ""
	for _, x := range body["photos"].([]any) {
		if m := x.(map[string]any); m["source"] == "camera" && old == "" {
			old = m["sha256"].(string)
			m["size"] = len(raw)
		}
	}
	text, _ := json.Marshal(body)
	p.raw = []byte(strings.ReplaceAll(string(text), old, sha))
	delete(p.photos, old)
	p.photos[sha] = raw
	return p
}

func blocks(seed uint64, quality int) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	img := image.NewRGBA(image.Rect(0, 0, 360, 270))
	tones := [7][9]uint8{}
	for y := range tones {
		for x := range tones[y] {
			tones[y][x] = uint8(r.IntN(256))
		}
	}
	for y := range 270 {
		for x := range 360 {
			v := tones[y*7/270][x*9/360]
			img.Set(x, y, color.RGBA{v, v, v, 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return b.Bytes()
}

// OldPhoto: the office is told on the record that a photo of it stands in another one, the same or saved again. The other
// is named only where it is in sight; the supervisor is not told, the agency cannot ask, and the record is taken all the same.
func TestOldPhoto(t *testing.T) {
	w := newWorld(t)
	send := func(who string, place int, photo []byte) *phone {
		c := w.as(who)
		w.env.Clock.Add(time.Hour)
		p := w.sealAt(c, place, "C01").swap(t, photo)
		c.do("PUT", "/api/sheets/"+p.sheetID, p.raw, "Content-Type", "application/json").want(201)
		for sum, raw := range p.photos {
			c.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
			if err := w.app.Evidence.Derive(context.Background(), sum); err != nil {
				t.Fatal(err)
			}
		}
		return p
	}
	first := send("supervisor", 0, blocks(1, 90))
	again := send("supervisor", 0, blocks(1, 50))
	same := send("supervisor", 0, blocks(1, 90))
	far := send("supervisor3", 1, blocks(1, 70))
	other := send("supervisor", 0, blocks(2, 90))
	number := w.as("office").do("GET", "/api/visits/"+first.visitID, nil).want(200).str("number")
	type twin struct {
		Same    bool
		Number  string
		VisitID string `json:"visit_id"`
	}
	twins := func(who string, p *phone) []twin {
		var v struct{ Twins []twin }
		w.as(who).do("GET", "/api/sheets/"+p.sheetID, nil).want(200).into(&v)
		return v.Twins
	}
	has := func(list []twin, want twin) bool {
		for _, x := range list {
			if x == want {
				return true
			}
		}
		return false
	}
	if got := twins("office", again); !has(got, twin{false, number, first.visitID}) || len(got) != 3 {
		t.Errorf("saved again: %+v", got)
	}
	if got := twins("office", same); !has(got, twin{true, number, first.visitID}) || len(got) != 3 {
		t.Errorf("the same bytes: %+v", got)
	}
	if got := twins("office2", far); len(got) != 3 || !has(got, twin{false, "", ""}) || has(got, twin{false, number, first.visitID}) {
		t.Errorf("of another township: %+v", got)
	}
	if got := twins("county", far); !has(got, twin{false, number, first.visitID}) {
		t.Errorf("the county: %+v", got)
	}
	for who, p := range map[string]*phone{"supervisor": again, "office": other} {
		if got := twins(who, p); len(got) != 0 {
			t.Errorf("%s is told %+v", who, got)
		}
	}
	w.as("agency").do("GET", "/api/sheets/"+again.sheetID, nil).want(403, 404)
}
