package feedback

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
)

// The published simulator of stuffed ballots (T05). A county of ten agencies and twenty supervisors answers honestly for sixty
// days, with all that makes honest people look alike: operators' shared addresses, a market's one network, the phones everybody
// has, sons who fill in for their mothers, contentment, second thoughts. Into it six ways of cheating are sown, 200 visits each; the
// sixth is in preempt_test.go. Every answer goes through the real form, the real traces and the real judgement.

type ballotSim struct {
	*world
	rng     *rand.Rand
	holders []uuid.UUID
	agency  []uuid.UUID
	phones  []string
	casts   []cast
}

// cast is one answer to come.
type cast struct {
	at             time.Time
	open           time.Duration
	agency, holder uuid.UUID
	net, phone     string
	device         string
	top            bool
	pattern        int // 0 honest
	id, of         int // of: a later answer of that one's ticket
	mark           int // R0, where it is not as top says
	no             string
}

const patterns = 5

func newSim(t *testing.T) *ballotSim {
	s := &ballotSim{world: newWorld(t), rng: rand.New(rand.NewPCG(5, 2026))}
	for i := range 10 {
		id := uuid.New()
		s.Exec(`INSERT INTO agencies (id, name, kind, office_id) VALUES ($1, $2, 'township', $3)`, id, fmt.Sprint("第", i, "执法队"), s.Office1)
		s.agency = append(s.agency, id)
	}
	for i := range 20 {
		id := uuid.New()
		s.Exec(`INSERT INTO accounts (id, username, name, role, office_id, password_hash, created_at) VALUES ($1, $2, $2, 'supervisor', $3, 'x', now())`, id, fmt.Sprint("sim", i), s.Office1)
		s.holders = append(s.holders, id)
	}
	for i := range 400 {
		s.phones = append(s.phones, fmt.Sprint("Mozilla/5.0 (Linux; Android 1", i%4, "; Model-", i, ") MicroMessenger/8.0.", i%9))
	}
	return s
}

// phone draws a kind of phone: a few are everywhere, most are rare.
func (s *ballotSim) phone() string {
	return s.phones[min(len(s.phones)-1, int(math.Pow(s.rng.Float64(), 2.2)*float64(len(s.phones))))]
}

func (s *ballotSim) someone() string { return fmt.Sprintf("%016x", s.rng.Uint64()) }

// network draws where an honest answer comes from: an operator's shared address, a line of one's own, or IPv6.
func (s *ballotSim) network() string {
	switch p := s.rng.Float64(); {
	case p < 0.5:
		return fmt.Sprintf("100.64.0.%d", s.rng.IntN(30))
	case p < 0.85:
		return fmt.Sprintf("10.%d.%d.%d", s.rng.IntN(250), s.rng.IntN(250), s.rng.IntN(250))
	}
	return fmt.Sprintf("2409:8a00:%x:%x::%x", s.rng.IntN(65536), s.rng.IntN(65536), s.rng.IntN(65536))
}

// honestDay is a supervisor's day with one agency: visits forty minutes and more apart, in a market one after the other.
func (s *ballotSim) honestDay(day time.Time, holder, agency uuid.UUID) {
	visits, gap, market := 2+s.rng.IntN(4), 40, ""
	if s.rng.IntN(12) == 0 {
		visits, gap, market = 8+s.rng.IntN(5), 18, fmt.Sprintf("172.16.%d.1", s.rng.IntN(5))
	}
	at := day.Add(9 * time.Hour)
	var before cast
	for i := range visits {
		at = at.Add(time.Duration(gap+s.rng.IntN(gap)) * time.Minute)
		c := cast{agency: agency, holder: holder, net: s.network(), phone: s.phone(), device: s.someone(), top: s.rng.Float64() < 0.6,
			open: time.Duration(25+math.Exp(s.rng.NormFloat64()*0.6+4)) * time.Second,
			at:   at.Add(time.Duration(math.Exp(s.rng.NormFloat64()*1.4+3)) * time.Minute)}
		if market != "" && s.rng.IntN(3) > 0 {
			c.net = market
		}
		if s.rng.IntN(30) == 0 { // a private window
			c.device = ""
		}
		if i > 0 && s.rng.IntN(25) == 0 { // the neighbour's phone
			c.net, c.phone, c.device = before.net, before.phone, before.device
		}
		if s.rng.IntN(40) == 0 { // who comes back to a half-filled form, or reads fast
			c.open = time.Duration(12+s.rng.IntN(14)) * time.Second
		}
		s.casts, before = append(s.casts, c), c
	}
}

// cheat sows groups of one pattern until there are n.
func (s *ballotSim) cheat(pattern, n int, first time.Time, days int) {
	for left := n; left > 0; {
		group := min(left, []int{0, 10, 10, 20, 8, 6}[pattern])
		if left-group < 4 {
			group = left
		}
		s.group(pattern, group, first.AddDate(0, 0, s.rng.IntN(days)).Add(time.Duration(10+s.rng.IntN(7))*time.Hour))
		left -= group
	}
}

func (s *ballotSim) group(pattern, n int, at time.Time) {
	agency, holder := s.agency[s.rng.IntN(10)], s.holders[s.rng.IntN(20)]
	net, phone, device := fmt.Sprintf("10.9.%d.%d", s.rng.IntN(250), s.rng.IntN(250)), s.phone(), s.someone()
	desk := []cast{{phone: phone, device: device}, {phone: s.phone(), device: s.someone()}, {phone: s.phone(), device: s.someone()}}
	for i := range n {
		c := cast{agency: agency, holder: holder, net: net, phone: phone, device: device, top: s.rng.IntN(10) > 0, pattern: pattern, open: time.Duration(12+s.rng.IntN(30)) * time.Second}
		switch pattern {
		case 1: // one phone at a desk, one ticket after the other
			at = at.Add(time.Duration(60+s.rng.IntN(120)) * time.Second)
		case 2: // the same with the marks wiped each time
			c.device = ""
			at = at.Add(time.Duration(60+s.rng.IntN(180)) * time.Second)
		case 3: // three colleagues in one office take turns, slowly
			who := desk[i%3]
			c.phone, c.device = who.phone, who.device
			c.open = time.Duration(30+s.rng.IntN(60)) * time.Second
			at = at.Add(time.Duration(3+s.rng.IntN(9)) * time.Minute)
		case 4: // another address each time, no marks, in a hurry
			c.net, c.device = s.network(), ""
			c.open = time.Duration(9+s.rng.IntN(10)) * time.Second
			at = at.Add(time.Duration(40+s.rng.IntN(80)) * time.Second)
		case 5: // the officer scans before handing over, at each shop of the day, on the operator's network
			c.net = s.network()
			c.open = time.Duration(15+s.rng.IntN(25)) * time.Second
			at = at.Add(time.Duration(25+s.rng.IntN(35)) * time.Minute)
		}
		c.at = at
		s.casts = append(s.casts, c)
	}
}

// run sends everything in the order of time, judging every few answers as the server does every two seconds.
func (s *ballotSim) run() {
	s.Helper()
	ctx := context.Background()
	slices.SortFunc(s.casts, func(a, b cast) int { return a.at.Compare(b.at) })
	tickets := map[uuid.UUID][]string{}
	count := map[uuid.UUID]int{}
	for _, c := range s.casts {
		if c.of == 0 {
			count[c.holder]++
		}
	}
	for h, n := range count {
		tickets[h], _ = s.batch(h, n)
	}
	sent := map[int]string{}
	for i, c := range s.casts {
		path := sent[c.of]
		if c.of == 0 {
			path, tickets[c.holder] = tickets[c.holder][0], tickets[c.holder][1:]
			sent[c.id] = path
		}
		p, _ := readPass(path[len("/f/"):])
		s.Env.Clock.Set(c.at.Add(-c.open))
		v := with(good(), "agency", c.agency.String(), "day", clock.Day(c.at), "matter", "food", "o", s.s.openedMark(p.hash), "business", fmt.Sprint("#", c.pattern, ".", i))
		if !c.top {
			v = with(v, "R3", "4", "R0", "4")
		}
		v = c.says(v)
		s.Env.Clock.Set(c.at)
		s.receiptless(s.from(s.Base, path, v, c.net, c.phone, c.device))
		if i%5 == 4 {
			s.Must(s.s.Judge(ctx))
		}
		if i%500 == 499 {
			s.Must(s.s.SweepTraces(ctx))
			s.Must(s.s.Settle(ctx, false))
		}
	}
	s.Must(s.s.Judge(ctx))
}

func TestStuffing(t *testing.T) {
	s := newSim(t)
	days, each := size(15, 60), size(60, 200)
	first := time.Date(2026, 3, 2, 0, 0, 0, 0, clock.Shanghai)
	for d := range days {
		for _, h := range s.holders {
			s.honestDay(first.AddDate(0, 0, d), h, s.agency[s.rng.IntN(10)])
		}
	}
	s.again()
	for p := 1; p <= patterns; p++ {
		s.cheat(p, each, first, days)
	}
	s.preempt(each, first, days)
	s.run()
	var rows []struct {
		Pattern int `db:"pattern"`
		N       int `db:"n"`
		Flagged int `db:"flagged"`
	}
	s.Must(s.Env.Owner.Select(context.Background(), &rows, `SELECT substr(business_name, 2, 1)::int AS pattern, count(*) AS n, count(*) FILTER (WHERE suspect) AS flagged FROM feedbacks WHERE counted GROUP BY 1 ORDER BY 1`))
	caught, cheats, honest, wrong, worst := 0, 0, 0, 0, 1.0
	for _, r := range rows {
		rate := float64(r.Flagged) / float64(r.N)
		t.Logf("pattern %d: %d answers, %.1f %% flagged", r.Pattern, r.N, 100*rate)
		if r.Pattern == 0 {
			honest, wrong = r.N, r.Flagged
			continue
		}
		cheats, caught, worst = cheats+r.N, caught+r.Flagged, min(worst, rate)
	}
	later := s.Count(`SELECT count(*) FROM feedbacks WHERE NOT counted`)
	recall, mistaken := float64(caught)/float64(cheats), float64(wrong)/float64(honest)
	t.Logf("ballot: recall=%.4f false=%.4f patterns=%d visits=%d honest=%d later=%d worst_pattern=%.4f dropped=%d", recall, mistaken, patterns+1, cheats, honest, later, worst, len(s.casts)-cheats-honest-later)
	if recall < 0.95 || mistaken > 0.02 || worst < 0.9 || cheats+honest+later != len(s.casts) {
		t.Error("the detector does not hold what is promised")
	}
	s.Must(s.s.SweepTraces(context.Background()))
	if n := s.Count(`SELECT count(*) FROM ballot_traces WHERE hour < $1`, s.Env.Clock.Now().Add(-25*time.Hour)); n != 0 {
		t.Error("traces live longer than a day:", n)
	}
	for who, sees := range map[string]bool{"county": true, "leader": true, "office": false} {
		var list struct{ Items []AnswerItem }
		s.As(who, "GET", "/api/feedback?flagged=true", nil, &list)
		if (len(list.Items) > 0) != sees {
			t.Errorf("%s sees %d flagged answers", who, len(list.Items))
		}
	}
}
