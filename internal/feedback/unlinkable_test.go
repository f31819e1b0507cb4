package feedback

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// The attacker of T12 and T13 holds the whole database with its physical order, the object store with its times and the log,
// and saw who sent an answer at which second. For each hour she lines the answers up by some trace of order and takes the
// first for the first sender, and so on. Whoever guesses blindly gets one right an hour on average, however many came.

// traceSQL are the places where an order could have been left, each with a number that grows with it.
var traceSQL = map[string]string{
	"answer.page":        `SELECT f.ticket_id AS id, (f.ctid::text::point)[0] * 1e4 + (f.ctid::text::point)[1] AS n FROM feedbacks f`,
	"answer.xmin":        `SELECT f.ticket_id AS id, f.xmin::text::float8 AS n FROM feedbacks f`,
	"ticket.page":        `SELECT k.id, (k.ctid::text::point)[0] * 1e4 + (k.ctid::text::point)[1] AS n FROM tickets k WHERE k.answered`,
	"ticket.xmin":        `SELECT k.id, k.xmin::text::float8 AS n FROM tickets k WHERE k.answered`,
	"ticket.xmax":        `SELECT k.id, k.xmax::text::float8 AS n FROM tickets k WHERE k.answered`,
	"lead.number":        `SELECT f.ticket_id AS id, substr(l.number, 8)::float8 AS n FROM leads l JOIN feedbacks f ON f.id = l.origin_id`,
	"lead.page":          `SELECT f.ticket_id AS id, (l.ctid::text::point)[0] * 1e4 + (l.ctid::text::point)[1] AS n FROM leads l JOIN feedbacks f ON f.id = l.origin_id`,
	"lead.event":         `SELECT f.ticket_id AS id, e.id::float8 AS n FROM lead_events e JOIN leads l ON l.id = e.lead_id JOIN feedbacks f ON f.id = l.origin_id`,
	"identity.page":      `SELECT f.ticket_id AS id, (v.ctid::text::point)[0] * 1e4 + (v.ctid::text::point)[1] AS n FROM vault.identities v JOIN feedbacks f ON f.id = v.case_id`,
	"identity.xmin":      `SELECT f.ticket_id AS id, v.xmin::text::float8 AS n FROM vault.identities v JOIN feedbacks f ON f.id = v.case_id`,
	"picture.declared":   `SELECT f.ticket_id AS id, (a.ctid::text::point)[0] * 1e4 + (a.ctid::text::point)[1] AS n FROM attachments a JOIN feedbacks f ON f.id = a.owner_id`,
	"picture.xmin":       `SELECT f.ticket_id AS id, a.xmin::text::float8 AS n FROM attachments a JOIN feedbacks f ON f.id = a.owner_id`,
	"picture.held":       `SELECT f.ticket_id AS id, (p.ctid::text::point)[0] * 1e4 + (p.ctid::text::point)[1] AS n FROM photos p JOIN attachments a ON a.sha256 = p.sha256 JOIN feedbacks f ON f.id = a.owner_id`,
	"picture.held.xmin":  `SELECT f.ticket_id AS id, p.xmin::text::float8 AS n FROM photos p JOIN attachments a ON a.sha256 = p.sha256 JOIN feedbacks f ON f.id = a.owner_id`,
	"picture.derivative": `SELECT f.ticket_id AS id, d.xmin::text::float8 AS n FROM derivatives d JOIN attachments a ON a.sha256 = d.sha256 JOIN feedbacks f ON f.id = a.owner_id`,
}

// sent is one answer as its sender's neighbour saw it.
type sent struct {
	hour int
	at   int // place in the real order
}

// diary sends n answers over some hours, with contacts, complaints and pictures among them and the desk's own exactly timed
// work in between, and settles each hour as the job does.
func (w *world) diary(n, hours int) map[uuid.UUID]sent {
	w.Helper()
	ctx, rng := context.Background(), rand.New(rand.NewPCG(12, 12))
	paths, ids := w.batch(w.People["supervisor"].ID, n)
	order := rng.Perm(n)
	out := map[uuid.UUID]sent{}
	start := w.Env.Clock.Now().Truncate(time.Hour)
	for at, i := range order {
		hour := at * hours / n
		in := at - hour*n/hours
		w.Env.Clock.Set(start.Add(time.Duration(hour)*time.Hour + time.Duration(in+1)*time.Hour/time.Duration(n/hours+2)))
		v := with(w.whole(), "O2", fmt.Sprint(rng.Uint32()))
		if rng.IntN(6) == 0 {
			v = with(v, "F9", "y", "O1", "要烟")
		}
		if rng.IntN(5) == 0 {
			v = with(v, "P1", "y", "P2", "某人", "P3", "13800000000", "consent", "y")
		}
		var a answer
		if rng.IntN(25) == 0 {
			a = w.Post(paths[i], v, picture(uint8(at)), append(picture(uint8(at/256)), byte(at), byte(at>>8)))
		} else {
			a = w.from(w.Base, paths[i], v, canaryAddress(at), canaryAgent(at), canaryCookie(at))
		}
		if a.Code != 303 {
			w.Fatal(a.Code, visible(a.Body))
		}
		out[ids[i]] = sent{hour, at}
		if rng.IntN(7) == 0 {
			w.Exec(`SELECT audit_append($1, NULL, 'system', 'desk.work', '', NULL, '{}')`, w.Env.Clock.Now())
		}
		if next := (at + 1) * hours / n; next != hour {
			w.Env.Clock.Set(start.Add(time.Duration(hour+1)*time.Hour + settleLate))
			w.Must(w.s.Judge(ctx))
			w.Must(w.s.Settle(ctx, false))
		}
	}
	return out
}

func canaryAddress(i int) string { return fmt.Sprintf("198.51.%d.%d", 100+i%50, i%251) }
func canaryAgent(i int) string   { return fmt.Sprintf("MicroMessenger/8.0.%d Canary%d", i%40, i%97) }
func canaryCookie(i int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "device%06d", i))[:16]
}

// guess is how well one trace does.
type guess struct {
	name          string
	right, groups int
	z             float64 // rank correlation with the real order, in standard deviations
}

func attack(name string, order map[uuid.UUID]float64, diary map[uuid.UUID]sent) guess {
	groups := map[int][]uuid.UUID{}
	for id := range order {
		if s, ok := diary[id]; ok {
			groups[s.hour] = append(groups[s.hour], id)
		}
	}
	g := guess{name: name}
	for _, ids := range groups {
		if len(ids) < 3 {
			continue
		}
		rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] }) // equal traces tell nothing
		seen := slices.Clone(ids)
		slices.SortStableFunc(seen, func(a, b uuid.UUID) int { return cmp.Compare(order[a], order[b]) })
		real := slices.Clone(ids)
		slices.SortFunc(real, func(a, b uuid.UUID) int { return cmp.Compare(diary[a].at, diary[b].at) })
		place := map[uuid.UUID]int{}
		for i, id := range real {
			place[id] = i
		}
		n, sum := float64(len(ids)), 0.0
		for i, id := range seen {
			if place[id] == i {
				g.right++
			}
			sum += math.Pow(float64(place[id]-i), 2)
		}
		rho := 1 - 6*sum/(n*(n*n-1))
		g.z += rho * math.Sqrt(n-1)
		g.groups++
	}
	if g.groups > 0 {
		g.z /= math.Sqrt(float64(g.groups))
	}
	return g
}

func (w *world) trace(q string) map[uuid.UUID]float64 {
	w.Helper()
	var rows []struct {
		ID uuid.UUID `db:"id"`
		N  float64   `db:"n"`
	}
	w.Must(w.Env.Owner.Select(context.Background(), &rows, q))
	out := map[uuid.UUID]float64{}
	for _, r := range rows {
		out[r.ID] = r.N
	}
	return out
}

// objectTimes is when the store says that each answer's picture was written.
func (w *world) objectTimes() map[uuid.UUID]float64 {
	w.Helper()
	written := map[string]float64{}
	w.Must(filepath.WalkDir(w.Objects, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			written[d.Name()] = float64(info.ModTime().UnixNano())
		}
		return err
	}))
	var rows []struct {
		ID  uuid.UUID `db:"id"`
		Sha string    `db:"sha"`
	}
	w.Must(w.Env.Owner.Select(context.Background(), &rows, `SELECT f.ticket_id AS id, a.sha256 AS sha FROM attachments a JOIN feedbacks f ON f.id = a.owner_id`))
	out := map[uuid.UUID]float64{}
	for _, r := range rows {
		out[r.ID] = written[r.Sha]
	}
	return out
}

func TestUnlinkable(t *testing.T) {
	w := newWorld(t)
	n, hours := size(1200, 10_000), size(12, 100)
	diary := w.diary(n, hours)
	w.settleAfter()
	all := map[string]map[uuid.UUID]float64{"object.time": w.objectTimes()}
	for name, q := range traceSQL {
		all[name] = w.trace(q)
	}
	best := guess{}
	for name, order := range all {
		g := attack(name, order, diary)
		t.Logf("%-20s %3d hours, %4d right, z=%+.2f", name, g.groups, g.right, g.z)
		if math.Abs(g.z) > math.Abs(best.z) {
			best = g
		}
		if high := float64(g.groups) + 5*math.Sqrt(float64(max(g.groups, 1))); float64(g.right) > high {
			t.Errorf("%s: %d right, chance is %d", name, g.right, g.groups)
		}
		if math.Abs(g.z) > 4.5 { // by chance once in ten thousand runs over sixteen traces; an order that is kept gives thirty
			t.Errorf("%s keeps the order: z=%.2f", name, g.z)
		}
	}
	page := attack("answer.page", all["answer.page"], diary)
	half := 1.96 * math.Sqrt(float64(page.groups)) / float64(n)
	chance := float64(page.groups) / float64(n)
	t.Logf("ballot: unlinkable answers=%d hours=%d success=%.4f chance=%.4f ci95=[%.4f,%.4f] worst_trace=%s worst_z=%.2f", n, hours, float64(page.right)/float64(n), chance,
		max(0, float64(page.right)/float64(n)-half), float64(page.right)/float64(n)+half, best.name, best.z)
	w.noDevice(n)
}

// settleAfter lets the running hour end.
func (w *world) settleAfter() {
	w.Helper()
	w.Env.Clock.Set(w.Env.Clock.Now().Truncate(time.Hour).Add(time.Hour + settleLate))
	w.Must(w.s.Judge(context.Background()))
	w.Must(w.s.Settle(context.Background(), false))
}

// noDevice searches everything that is kept for addresses, browsers and cookies, as they are and as anyone could hash them.
func (w *world) noDevice(n int) {
	w.Helper()
	kept := w.dump() + w.Logged.String()
	for i := range min(n, 100) {
		for _, c := range []string{canaryAddress(i), canaryAgent(i), canaryCookie(i)} {
			sum := sha256.Sum256([]byte(c))
			for _, form := range []string{c, hex.EncodeToString([]byte(c)), hex.EncodeToString(sum[:8]), base64.RawURLEncoding.EncodeToString([]byte(c))} {
				if strings.Contains(kept, form) {
					w.Fatalf("%q is kept as %q", c, form)
				}
			}
		}
	}
}

// T13: where nothing was settled yet the attack reads the order off the pages; after the settlement it does not.
func TestOrderLeak(t *testing.T) {
	w := newWorld(t)
	n := 200
	paths, ids := w.batch(w.People["supervisor"].ID, n)
	order := rand.New(rand.NewPCG(13, 13)).Perm(n)
	diary := map[uuid.UUID]sent{}
	for at, i := range order {
		w.receiptless(w.from(w.Base, paths[i], with(w.whole(), "O2", fmt.Sprint(at)), "10.0.0.1", "x", ""))
		diary[ids[i]] = sent{0, at}
	}
	before := attack("before", w.trace(traceSQL["answer.page"]), diary)
	if before.right < n*9/10 {
		t.Fatalf("the attack is too weak to prove anything: %d of %d", before.right, n)
	}
	w.settleAfter()
	for _, name := range []string{"answer.page", "answer.xmin", "ticket.page", "ticket.xmin", "ticket.xmax"} {
		if g := attack(name, w.trace(traceSQL[name]), diary); g.right > 8 || math.Abs(g.z) > 4.5 {
			t.Errorf("%s: %d right, z=%.2f", name, g.right, g.z)
		}
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE actor_role = 'public'`); n != 1 {
		t.Error("rows in the trail for one hour:", n)
	}
	if sum := w.Count(`SELECT sum((detail->>'count')::int) FROM audit_log WHERE deed = 'feedback.submit.ticket'`); sum != n {
		t.Errorf("the trail counts %d of %d", sum, n)
	}
	w.Must(w.s.Settle(context.Background(), false))
	if sum := w.Count(`SELECT sum((detail->>'count')::int) FROM audit_log WHERE deed = 'feedback.submit.ticket'`); sum != n {
		t.Errorf("settled again, the trail counts %d", sum)
	}
}

func (w *world) receiptless(a answer) {
	w.Helper()
	if a.Code != 303 {
		w.Fatal(a.Code, visible(a.Body))
	}
}

// A wall's answer leads to no wall: what is kept of it is the same from whichever wall it came.
func TestWallAnswersLeadNowhere(t *testing.T) {
	w := newWorld(t)
	rng := rand.New(rand.NewPCG(14, 14))
	walls, n := 20, size(300, 1000)
	paths, names := make([]string, walls), make([]uuid.UUID, walls)
	for i := range walls {
		paths[i], names[i] = w.wallCode()
	}
	real := map[string]int{}
	for i := range n {
		wall := rng.IntN(walls)
		w.receiptless(w.from(w.Base, paths[wall], with(w.wallAnswer(fmt.Sprint("n", i)), "O2", fmt.Sprint("第", i), "pow_plain", "y"), fmt.Sprintf("10.%d.%d.%d", i/200, i%200, wall), "x", ""))
		real[fmt.Sprint("第", i)] = wall
		if i%40 == 39 {
			w.Env.Clock.Add(24 * time.Hour)
			w.Must(w.s.Settle(context.Background(), true))
		}
	}
	w.Must(w.s.Settle(context.Background(), true))
	var rows []string
	w.Must(w.Env.Owner.Select(context.Background(), &rows, `SELECT f.advice FROM feedbacks f WHERE f.channel = 'wall' ORDER BY f.ctid`))
	right := 0
	for i, words := range rows { // the order of arrival is all she has: answer i for the i-th sender
		if real[words] == real[fmt.Sprint("第", i)] {
			right++
		}
	}
	// Chance is what she does who knows which walls were answered on a day, and not in what order.
	p := 0.0
	for day := 0; day < n; day += 40 {
		count := map[int]float64{}
		for i := day; i < min(day+40, n); i++ {
			count[real[fmt.Sprint("第", i)]]++
		}
		for _, c := range count {
			p += c * c / float64(min(40, n-day)) / float64(n)
		}
	}
	half := 1.96 * math.Sqrt(p*(1-p)/float64(n))
	rate := float64(right) / float64(n)
	t.Logf("ballot: wall_unlinkable answers=%d walls=%d success=%.4f chance=%.4f ci95=±%.4f", n, walls, rate, p, half)
	if len(rows) != n || rate > p+2*half { // four standard deviations: a test that runs daily must not cry wolf
		t.Errorf("%d kept, %.3f right", len(rows), rate)
	}
	var dump string
	w.Must(w.Env.Owner.Get(context.Background(), &dump, `SELECT string_agg(f::text, ' ') FROM feedbacks f`))
	for _, id := range names {
		if strings.Contains(dump, id.String()) {
			t.Fatal("an answer names its wall")
		}
	}
	var businesses []string
	w.Must(w.Env.Owner.Select(context.Background(), &businesses, `SELECT business_id::text FROM wall_codes WHERE id = ANY ($1::uuid[])`, pq.Array(texts(names))))
	for _, id := range businesses {
		if strings.Contains(dump, id) {
			t.Fatal("an answer names a business")
		}
	}
}
