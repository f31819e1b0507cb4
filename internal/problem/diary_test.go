package problem_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/platform/clock"
	"suixing/internal/problem"
	"suixing/internal/worldtest"
)

// The attacker of this test is an enforcement agency that keeps a diary: it knows when it inspected which business, and reads
// everything its account may read of its problems, every evening: lists in every order, each record, the workbook. It has even
// been told which problems came out of a public voice, and for the first half of them who it was. For each of the rest it
// names the business that spoke. A world of desks in which answers come within days, triage takes one to three working days
// and letters follow makes its problems (docs/adr/0015).

// voice is one thing that became a problem: inspection is whose it was, nobody but the test knows.
type voice struct {
	agency     *diarist
	inspection int
	public     bool
	id         string
	version    int
	seen       time.Time
	leaves     map[string]float64
}

// diarist is an agency and its diary, oldest first.
type diarist struct {
	name        string
	id          uuid.UUID
	inspections []time.Time
	known       map[string]*voice // by problem id, from the evening it was first seen
	order       []*voice
	waits       bool  // whether its desk hands in for the release, or sends each letter at once
	lying       []int // the round of each inspection, once reckoned
}

type step struct {
	at time.Time
	do func()
}

type diaryWorld struct {
	*town
	rng      *rand.Rand
	agencies []*diarist
	voices   []*voice
	steps    []step
}

var diaryStart = time.Date(2026, 1, 5, 0, 0, 0, 0, clock.Shanghai)

func (d *diaryWorld) later(at time.Time, do func()) { d.steps = append(d.steps, step{at, do}) }

// atWork moves a moment into office hours of a day n working days on.
func (d *diaryWorld) atWork(t time.Time, n int) time.Time {
	t = t.In(clock.Shanghai)
	for n > 0 || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, 1)
		if t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			n--
		}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 9, d.rng.IntN(8*60), d.rng.IntN(60), 0, clock.Shanghai)
}

// inspect plans one inspection of an agency, and what comes of it.
func (d *diaryWorld) inspect(g *diarist, at time.Time) {
	n := len(g.inspections)
	g.inspections = append(g.inspections, at)
	d.later(at, func() {
		d.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, happened_at, created_at, received_at) VALUES ($1, $2, 'spot', $3, $4, $5, 'food', 'recorded', $6, $6, $7)`,
			uuid.New(), fmt.Sprintf("BS-%s-%d", g.name, n), d.Office1, g.id, fmt.Sprintf("企业%d", n), at, at.Add(2*time.Hour))
	})
	switch x := d.rng.Float64(); {
	case x < 0.24: // an answer, hours to days later, most of them soon
		said := at.Add(time.Duration(min(d.rng.ExpFloat64()*26, 160)*float64(time.Hour)) + time.Hour)
		d.becomes(&voice{agency: g, inspection: n, public: true}, "feedback", at, d.atWork(said, 1+d.rng.IntN(3)), d.rng.IntN(2))
	case x < 0.30: // a complaint, days later
		said := at.Add(time.Duration(min(d.rng.ExpFloat64()*60, 300)*float64(time.Hour)) + time.Hour)
		d.becomes(&voice{agency: g, inspection: n, public: true}, "complaint", at, d.atWork(said, 1+d.rng.IntN(3)), d.rng.IntN(2))
	case x < 0.40: // what the supervisor saw herself
		d.becomes(&voice{agency: g, inspection: n}, "visit", at, d.atWork(at, 1), 0)
	}
}

// becomes registers a problem and has its letter written.
func (d *diaryWorld) becomes(v *voice, origin string, found, registered time.Time, wait int) {
	d.voices = append(d.voices, v)
	who := d.People["office"]
	d.later(registered, func() {
		v.id = d.register("office", func(r *problem.Registration) {
			r.Origin, r.AgencyID, r.FoundOn = origin, v.agency.id, deadline.Date(clock.Day(found))
		})
		v.version = 1
	})
	written := registered.Add(20 * time.Minute)
	if wait > 0 {
		written = d.atWork(registered, wait)
	}
	act := func(deed problem.Deed, in problem.Input) func() {
		by := who
		if deed == problem.Hasten {
			by = d.People["leader"]
		}
		return func() {
			id := uuid.MustParse(v.id)
			_, err := d.problems.Act(context.Background(), by, deed, id, v.version, in)
			d.Must(err)
			v.version++
		}
	}
	d.later(written, act(problem.Deidentify, problem.Input{Text: agencyText}))
	order := problem.Input{Rung: problem.FBK, ServedOn: deadline.Date(clock.Day(written)), Note: "请整改"}
	deed := problem.Order
	if v.public {
		deed = problem.Queue
	}
	d.later(written.Add(10*time.Minute), act(deed, order))
	if v.public && !v.agency.waits {
		d.later(written.Add(10*time.Minute), act(problem.Hasten, problem.Input{UrgentReason: "每一份都不等，看攻击者能不能猜中"}))
	}
}

// newDiary makes some agencies, each with its pace, and their year.
func newDiary(t *testing.T, waiting, open, weeks int) *diaryWorld {
	t.Helper()
	d := &diaryWorld{town: newTown(t), rng: rand.New(rand.NewPCG(15, 15))}
	d.Env.Clock.Set(diaryStart)
	for i := range waiting + open {
		g := &diarist{name: fmt.Sprintf("diary%d", i), id: uuid.New(), known: map[string]*voice{}, waits: i < waiting}
		d.Exec(`INSERT INTO agencies (id, name, kind, office_id) VALUES ($1, $2, 'township', $3)`, g.id, g.name, d.Office1)
		d.People[g.name] = actor.Actor{ID: uuid.New(), Role: actor.Agency, Name: g.name, AgencyID: worldtest.Some(g.id)}
		d.agencies = append(d.agencies, g)
		pace := 0.2 + 0.8*d.rng.Float64() // inspections a working day that we stand beside
		for day := range weeks * 7 {
			morning := diaryStart.AddDate(0, 0, day)
			if morning.Weekday() == time.Sunday || morning.Weekday() == time.Saturday && d.rng.IntN(4) > 0 {
				continue
			}
			var hours []int
			for p := pace; p > 0; p-- {
				if d.rng.Float64() < p {
					hours = append(hours, d.rng.IntN(8*60))
				}
			}
			sort.Ints(hours)
			for _, m := range hours {
				d.inspect(g, morning.Add(9*time.Hour+time.Duration(m)*time.Minute))
			}
		}
	}
	for day := range (weeks + 5) * 7 {
		morning := diaryStart.AddDate(0, 0, day)
		d.later(morning.Add(9*time.Hour+40*time.Second), func() { d.Must(d.problems.ReleaseOrders(context.Background())) })
		for _, g := range d.agencies {
			d.later(morning.Add(20*time.Hour), func() { d.read(g) })
		}
	}
	sort.SliceStable(d.steps, func(i, j int) bool { return d.steps[i].at.Before(d.steps[j].at) })
	return d
}

func (d *diaryWorld) run() {
	for _, s := range d.steps {
		d.Env.Clock.Set(s.at)
		s.do()
	}
}

// read is an agency's evening: whatever is new is read in every way there is.
func (d *diaryWorld) read(g *diarist) {
	d.Helper()
	seen := d.Env.Clock.Now()
	var fresh []*voice
	list := d.Want(200, g.name, "GET", "/api/problems?sort=new&limit=100", nil)["items"].([]any)
	for i, x := range list {
		item := x.(object)
		id := item["id"].(string)
		if g.known[id] != nil {
			continue
		}
		v := d.byID(id)
		v.seen, v.leaves = seen, map[string]float64{"list.new": float64(i)}
		g.known[id], g.order = v, append(g.order, v)
		fresh = append(fresh, v)
		flatten("item", item, v.leaves)
	}
	if len(fresh) == 0 {
		return
	}
	for i, x := range d.Want(200, g.name, "GET", "/api/problems?sort=due&limit=100", nil)["items"].([]any) {
		if v := g.known[x.(object)["id"].(string)]; v != nil && v.seen.Equal(seen) {
			v.leaves["list.due"] = float64(i)
		}
	}
	rows := d.workbook(g)
	for _, v := range fresh {
		one := d.Want(200, g.name, "GET", "/api/problems/"+v.id, nil)
		flatten("one", one, v.leaves)
		for name, said := range d.Raw(g.name, "GET", "/api/problems/"+v.id, "", nil).Header {
			if name != "Date" { // of her own asking, by the machine's clock
				flatten("header."+name, strings.Join(said, " "), v.leaves)
			}
		}
		v.leaves["sheet.row"] = float64(rows[one["number"].(string)])
	}
}

func (d *diaryWorld) workbook(g *diarist) map[string]int {
	code, raw := d.town.read(g.name, "/api/problems.xlsx")
	if code != 200 {
		d.Fatal(code, string(raw))
	}
	x, err := excelize.OpenReader(bytes.NewReader(raw))
	d.Must(err)
	defer func() { _ = x.Close() }()
	rows, err := x.GetRows(x.GetSheetName(0))
	d.Must(err)
	out := map[string]int{}
	for i, r := range rows {
		if len(r) > 0 {
			out[r[0]] = i
		}
	}
	return out
}

func (d *diaryWorld) byID(id string) *voice {
	for i := len(d.voices) - 1; i >= 0; i-- {
		if d.voices[i].id == id {
			return d.voices[i]
		}
	}
	d.Fatal("the agency reads a problem that nobody made")
	return nil
}

// TestDiary: with the letters sent one by one the diary finds the business that spoke far too often; with the release
// it does no better than naming any of the round's businesses.
func TestDiary(t *testing.T) {
	waiting, open, weeks := 4, 3, 26
	if os.Getenv("BALLOT") == "full" {
		waiting, open, weeks = 60, 6, 42
	}
	d := newDiary(t, waiting, open, weeks)
	d.run()
	if a := d.plain(false); a.z() < 3 {
		t.Errorf("the attacker is blind: of letters sent one by one it finds %s", a)
	} else {
		t.Logf("of letters sent one by one it finds %s", a)
	}
	if a := d.plain(true); a.z() > 3 {
		t.Errorf("the days alone tell who spoke: %s", a)
	} else {
		t.Logf("of letters that left together %s", a)
	}
	a := d.attack()
	t.Logf("ballot: diary n=%d right=%d chance=%.1f businesses>=%d sigma=%.1f by=%s", a.n, a.right, a.chance, a.fewest, a.z(), a.by)
	if a.n < 20 || a.fewest < 5 || a.z() > 3 {
		t.Errorf("the diary tells who spoke: %s", a)
	}
	d.everythingLeft()
}

// everythingLeft: the wait is bounded where five businesses come together.
func (d *diaryWorld) everythingLeft() {
	d.Helper()
	n := d.Count(`SELECT count(*) FROM problems p WHERE p.queued_at IS NOT NULL AND EXISTS (SELECT FROM release_rounds r WHERE r.agency_id = p.agency_id AND r.until >= p.found_on)`)
	if n > 0 {
		d.Errorf("%d orders still wait though their round is closed", n)
	}
	longest := 0.0
	for _, v := range d.voices {
		if v.public && v.agency.waits && !v.seen.IsZero() {
			longest = max(longest, v.seen.Sub(v.agency.inspections[v.inspection]).Hours()/24)
		}
	}
	d.Logf("from the visit to the letter at most %.0f days", longest)
}
