package complaint

import (
	"encoding/hex"
	"fmt"
	"math"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/door"
)

// T09, the complaint's share: every route of complaints and of the vault × every role × every state, searched as raw bytes,
// headers and log included. Only the reveal, the person's own access and the writer's own draft may carry an identity.
func TestCanaryMatrix(t *testing.T) {
	w := newWorld(t)
	draft := uuid.New()
	f := w.taken(one("id_number", "41000019990101金丝雀"))
	w.As("hotline", "PUT", "/api/complaints/drafts/"+draft.String(), fields{"form": fields{"target": "示例镇A", "name": "金丝雀草稿"}}, nil)
	pub := w.Receipt(w.Post("/c", with(w.good(), "P1", "y", "P2", "金丝雀女士", "P3", "13799998888", "consent", "y"), picture(9)))
	canaries := []string{"银丝雀", "7654321", "八号", "41000019990101", "金丝雀", "13799998888", "王小满的店", hex.EncodeToString([]byte("银丝雀")), "%E9%93%B6%E4%B8%9D", "6ZO25Lid"}
	clean := func(where string, a answer) {
		t.Helper()
		whole := a.Body + fmt.Sprint(a.Header)
		for _, c := range canaries {
			if strings.Contains(whole, c) {
				t.Errorf("%s: %q leaks", where, c)
			}
		}
		if a.Code >= 500 {
			t.Errorf("%s: %d %s", where, a.Code, a.Body)
		}
	}
	checks := 0
	for _, state := range States {
		w.Exec(`UPDATE complaints SET state = $2 WHERE id = $1`, f.ID, string(state))
		for _, r := range w.all {
			mayShow := r.Path == "/api/vault/reveal" || strings.HasSuffix(r.Path, "/give-access") || strings.HasSuffix(r.Path, "/correct-person") || strings.HasSuffix(r.Path, "/erase-person")
			if strings.Contains(r.Path, "12345") {
				w.Exec(`DELETE FROM public_slowdown`) // unsigned requests are slowed; the test does not wait for it
			}
			if mayShow || strings.HasPrefix(r.Path, "/openapi") || strings.HasPrefix(r.Path, "/c/done") || r.Path == "/api/complaints/drafts/{id}" && r.Method != "GET" {
				continue
			}
			path := strings.NewReplacer("{id}", f.ID.String(), "{version_id}", uuid.NewString()).Replace(r.Path)
			if strings.Contains(r.Path, "/drafts/") {
				path = strings.Replace(path, f.ID.String(), draft.String(), 1)
			}
			for who := range w.People {
				if strings.Contains(r.Path, "/drafts/") && who == "hotline" {
					continue // the writer's own
				}
				checks++
				clean(fmt.Sprintf("%s × %s %s × %s", state, r.Method, r.Path, who), w.As(who, r.Method, path, emptyBody(r.Method), nil))
			}
		}
		for _, code := range []string{f.Receipt, pub} {
			checks++
			clean("/t in "+string(state), w.Post("/t", url.Values{"r": {code}}))
		}
	}
	clean("log", answer{Body: w.Logged.String()})
	if seen := w.As("office", "POST", "/api/vault/reveal", fields{"case_kind": "complaint", "case_id": f.ID, "reason": "回电话核实票据"}, nil); !strings.Contains(seen.Body, "银丝雀") {
		t.Error("the canary is nowhere to be found: the test proves nothing", seen.Body)
	}
	t.Logf("%d answers searched", checks)
}

func emptyBody(method string) any {
	if method == "GET" || method == "DELETE" {
		return nil
	}
	return fields{"version": 1, "q": "银丝"}
}

// T17: a receipt is 80 random bits, stands nowhere in the clear, and guessing is slowed down.
func TestReceiptBrute(t *testing.T) {
	w := newWorld(t)
	keys := door.NewKeys([]byte(strings.Repeat("k", 32)))
	seen, ones := map[string]bool{}, [door.ReceiptLen]map[byte]int{}
	const n = 20_000
	for i := range n {
		code := keys.Receipt("complaint nonce", fmt.Appendf(nil, "%016x", i))
		if len(code) != door.ReceiptLen || seen[code] {
			t.Fatal("short, or twice:", code)
		}
		seen[code] = true
		for j := range code {
			if ones[j] == nil {
				ones[j] = map[byte]int{}
			}
			ones[j][code[j]]++
		}
	}
	for j, counts := range ones {
		chi := 0.0
		for _, c := range counts {
			d := float64(c) - n/32.0
			chi += d * d / (n / 32.0)
		}
		if len(counts) != 32 || chi > 70 { // 31 degrees of freedom: beyond 70 once in ten thousand
			t.Errorf("character %d: %d letters, chi² %.1f", j, len(counts), chi)
		}
	}
	f := w.taken(one())
	plain := strings.ReplaceAll(f.Receipt, " ", "")
	if n := w.Count(`SELECT count(*) FROM complaints c WHERE c::text LIKE '%' || $1 || '%' OR c::text LIKE '%' || $2 || '%'`, plain, f.Receipt); n != 0 || strings.Contains(w.Logged.String(), plain) {
		t.Error("a receipt stands in the clear")
	}
	w.Post("/t", url.Values{"r": {"0000 0000 0000 0000"}}) // a first miss, then as after sixty
	w.Exec(`UPDATE public_slowdown SET hits = 60`)
	asked := func(v url.Values, least time.Duration) float64 {
		start := time.Now()
		a, took := w.Post("/t", v), time.Since(start)
		if took < least || !strings.Contains(a.Body, "查询结果") {
			t.Errorf("after 60 misses a hit takes %s: %s", took, visible(a.Body))
		}
		return took.Seconds()
	}
	pressed := asked(url.Values{"r": {f.Receipt}, "pow_plain": {"y"}}, 3*time.Second)
	v, hard := waiting(w.Post("/t", url.Values{"r": {f.Receipt}}).Body)
	v.Set("pow_work", solve(v.Get("pow_task"), hard))
	worked := asked(v, 1900*time.Millisecond)
	// of one network at once: sixteen that press, sixteen that waited longer, forty-eight that work; a million receipts, for a year
	perYear := (32/pressed + 48/worked) * 365 * 86400
	if odds := perYear * 1e6 / math.Exp2(80); odds > 1e-9 {
		t.Errorf("odds of a hit in a year: %.2g", odds)
	} else {
		t.Logf("odds of a hit in a year from one network, a million receipts: %.2g", odds)
	}
}

// T18: what is not yours answers as what does not exist, byte for byte, and in the same time.
func TestOracle404(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	own := w.taken(one("id", uuid.New(), "target", "示例镇B司法所", "fact", "司法所的人收了材料不给办，也不说为什么。"))
	absent := uuid.New()
	deedBody := fields{"version": 1, "text": "补充一句", "reason": "情况复杂要再查"}
	for _, r := range w.all {
		if !strings.Contains(r.Path, "/api/complaints/{id}") {
			continue
		}
		for who := range w.People {
			ask := func(id string) answer {
				var body any
				if r.Method != "GET" {
					body = deedBody
				}
				if strings.HasSuffix(r.Path, "/settle") {
					body = fields{"keep": "both"}
				}
				return w.As(who, r.Method, strings.NewReplacer("{id}", id, "{version_id}", absent.String()).Replace(r.Path), body, nil)
			}
			none := ask(absent.String())
			ids := map[string]string{"no id": "not-an-id"}
			if who == "office2" {
				ids["another office's"], ids["about its own office"] = f.ID.String(), own.ID.String()
			}
			for what, id := range ids {
				if a := ask(id); a.Code != none.Code || a.Body != none.Body || a.Code != 404 && a.Code != 403 {
					t.Errorf("%s %s, %s, %s: %d %s, absent %d %s", r.Method, r.Path, who, what, a.Code, a.Body, none.Code, none.Body)
				}
			}
		}
	}
	// Taken in turns, and the faster half compared: what else the machine does falls on both alike. Milliseconds here; a finer
	// look is for a quiet machine.
	var foreign, none []time.Duration
	for range 80 {
		for _, one := range []struct {
			id   uuid.UUID
			into *[]time.Duration
		}{{f.ID, &foreign}, {absent, &none}} {
			start := time.Now()
			w.As("office2", "GET", "/api/complaints/"+one.id.String(), nil, nil)
			*one.into = append(*one.into, time.Since(start))
		}
	}
	early := func(took []time.Duration) time.Duration {
		sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
		return took[len(took)/4]
	}
	if d := early(foreign) - early(none); d > 3*time.Millisecond || d < -3*time.Millisecond {
		t.Errorf("foreign %s, absent %s", early(foreign), early(none))
	}
	t.Logf("foreign %s, absent %s", early(foreign), early(none))
	reveal := func(id uuid.UUID) answer {
		return w.As("office2", "POST", "/api/vault/reveal", fields{"case_kind": "complaint", "case_id": id, "reason": "回电话核实票据"}, nil)
	}
	if a, b := reveal(f.ID), reveal(absent); a.Code != 404 || a.Body != b.Body {
		t.Error("the vault tells them apart:", a.Body, b.Body)
	}
}
