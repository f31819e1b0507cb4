package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"suixing/internal/platform/audit"
)

// plan is how hard it blows.
type plan struct {
	syncs, phones int
	rate          float64  // of a phone's requests in trouble
	only          []string // troubles; empty: all
	weather       []string // faults of the machines, in turn; empty: all
	events        int      // how many of them
	early, fails  int      // one in so many
	rivals        int
	stuck         time.Duration
	restore       bool // put the database back to an earlier day once
}

// storm is one run.
type storm struct {
	bed     *bed
	room    *darkroom
	portal  *portal
	plan    plan
	seed    uint64
	ledgers string
	phones  []*phone
	out     io.Writer
	faults  *tallies
	skipped map[string]string

	drawn, allowed     atomic.Int64
	requests, readBack atomic.Int64
	taps, sweeps       atomic.Int64
	contacts, wanted   atomic.Int64
	calm               atomic.Bool
	strays             sync.WaitGroup
	public             sync.RWMutex
	began              time.Time

	mu                   sync.Mutex
	records              map[string]*record // by digest
	codes                map[string]string  // receipt code to sheet
	receipts             map[string]string  // sheet to receipt code
	times                []time.Duration
	heads                []audit.Head
	violations           map[string][]string
	answers              int // feedback answers, each counted once whatever became of its first tries
	bad                  int // of these, with something wrong
	backedUp             time.Time
	backup               atomic.Bool // has begun: for the phones, which run beside
	restored             time.Time
	answersGone, badGone int
	void                 map[string]bool // receipt codes that went with a restore; the phones brought their records again
}

func (s *storm) keepRecord(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[r.Digest] = r
}

// receipt holds every receipt ever seen against all others: one sheet, one code, for good. What a network in between says
// again of a server that was since put back proves nothing.
func (s *storm) receipt(sheet, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.void[code] {
		return
	}
	if was, ok := s.receipts[sheet]; ok && was != code {
		s.note("doubled", fmt.Sprintf("sheet %s has receipts %s and %s", sheet, was, code))
	}
	if was, ok := s.codes[code]; ok && was != sheet {
		s.note("doubled", fmt.Sprintf("receipt %s went to sheets %s and %s", code, was, sheet))
	}
	s.receipts[sheet], s.codes[code] = code, sheet
}

func (s *storm) violation(kind, words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(kind, words)
}

func (s *storm) note(kind, words string) {
	if len(s.violations[kind]) < 10_000 {
		s.violations[kind] = append(s.violations[kind], words)
	}
}

func (s *storm) took(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, d)
}

func (s *storm) quantile(q float64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.times))
	return sorted[int(q*float64(len(sorted)-1))].Round(time.Millisecond)
}

// run lets it blow, then waits until every phone has got rid of everything, and looks what is there.
func (s *storm) run(ctx context.Context) error {
	s.began = time.Now()
	for i := range s.plan.phones {
		p, err := s.newPhone(i)
		if err != nil {
			return err
		}
		if err := p.prepare(ctx); err != nil {
			return fmt.Errorf("phone %d: %w", i, err)
		}
		s.phones = append(s.phones, p)
	}
	s.say("phones ready after %s", time.Since(s.began).Round(time.Second))
	blowing, stop := context.WithCancel(ctx)
	defer stop()
	var weather, phones sync.WaitGroup
	weather.Go(func() { s.weather(blowing) })
	var watch sync.WaitGroup
	watch.Go(func() { s.watch(blowing) })
	watch.Go(func() { s.progress(blowing) })
	for _, p := range s.phones {
		phones.Go(func() { p.live(ctx) })
	}
	weather.Wait()
	s.calm.Store(true)
	s.allowed.Store(int64(s.plan.syncs))
	phones.Wait()
	s.strays.Wait()
	stop()
	watch.Wait()
	s.say("phones done after %s, %d requests, %d taps of 重新发送", time.Since(s.began).Round(time.Second), s.requests.Load(), s.taps.Load())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.check(ctx)
}

// draw gives a phone its next record to write, as far as the weather has come.
func (s *storm) draw() bool {
	for {
		n := s.drawn.Load()
		if n >= s.allowed.Load() {
			return false
		}
		if s.drawn.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *storm) finished() bool { return s.drawn.Load() >= int64(s.plan.syncs) }

// watch sweeps and seals while it blows, as a third server would, and takes the trail's heads to a safe place.
func (s *storm) watch(ctx context.Context) {
	sweep, done, err := s.sweeper(ctx, stormOrphan, stormTrash)
	for err != nil && ctx.Err() == nil { // the database may be down at this moment
		pause(ctx, 100*time.Millisecond)
		sweep, done, err = s.sweeper(ctx, stormOrphan, stormTrash)
	}
	if err != nil {
		return
	}
	defer done()
	for ctx.Err() == nil {
		if err := sweep(ctx); err == nil {
			s.sweeps.Add(1)
		}
		if _, err := audit.Seal(ctx, s.bed.owner, time.Now().UTC(), 10_000); err == nil {
			if h, err := audit.ReadHead(ctx, s.bed.owner); err == nil {
				s.mu.Lock()
				s.heads = append(s.heads, h)
				s.mu.Unlock()
			}
		}
		pause(ctx, 1500*time.Millisecond)
	}
}

// progress says every half minute how far it has come: the longest storm takes half an hour.
func (s *storm) progress(ctx context.Context) {
	for pause(ctx, 30*time.Second); ctx.Err() == nil; pause(ctx, 30*time.Second) {
		s.say("%s: %d of %d records written, %d faults", time.Since(s.began).Round(time.Second), s.drawn.Load(), s.plan.syncs, s.faults.sum())
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (s *storm) say(format string, args ...any) { fmt.Fprintf(s.out, "# "+format+"\n", args...) }

// newStorm lays the bed.
func newStorm(ctx context.Context, b *bed, pl plan, seed uint64, out io.Writer) (*storm, error) {
	room, err := newDarkroom()
	if err != nil {
		return nil, err
	}
	gate, err := newPortal(ctx)
	if err != nil {
		return nil, err
	}
	b.on(func() { _ = gate.server.Close() })
	return &storm{bed: b, room: room, portal: gate, plan: pl, seed: seed, ledgers: filepath.Join(b.dir, "ledgers"), out: out, faults: &tallies{n: map[string]int{}}, skipped: map[string]string{},
		records: map[string]*record{}, codes: map[string]string{}, receipts: map[string]string{}, violations: map[string][]string{}, void: map[string]bool{}}, nil
}

// live is a phone's day: records are written, sent when there is a network, tapped again when they ask for a hand.
func (p *phone) live(ctx context.Context) {
	s := p.storm
	chains := map[string]*record{}
	var stuck time.Time
	for ctx.Err() == nil {
		if p.mayBeEvicted() {
			clear(chains) // what it could correct went with the rest
		}
		p.mayEnrol(ctx)
		p.mayLogIn(ctx)
		for range 1 + p.rng.IntN(3) {
			if !s.draw() {
				break
			}
			if err := p.writeNext(ctx, chains); err != nil {
				s.violation("lost", "a phone could not seal: "+err.Error())
				return
			}
		}
		if err := p.pass(ctx); errors.Is(err, errCrash) {
			p.net.drop()
		}
		p.serveCustomers(ctx)
		p.person()
		p.contact(ctx)
		open := p.list(func(it item) bool { return it.State != "sent" && !p.final(it) })
		if len(open) == 0 && s.finished() && s.calm.Load() && p.device != "" {
			if p.lastWord(ctx); len(p.list(func(it item) bool { return it.State != "sent" && !p.final(it) })) == 0 {
				return
			}
		}
		if s.calm.Load() && stuck.IsZero() {
			stuck = time.Now()
		}
		if !stuck.IsZero() && time.Since(stuck) > s.plan.stuck {
			s.diagnose(ctx, p)
			for _, it := range open {
				s.violation("lost", fmt.Sprintf("%s never arrives: %s %s %d %s", it.ID, it.State, it.Why, it.Status, it.Words))
			}
			return
		}
		pause(ctx, time.Duration(5+p.rng.IntN(40))*time.Millisecond)
	}
}

// lastWord is the report of an empty outbox, as many times as its receipts need turns; a server that was put back may still
// want something.
func (p *phone) lastWord(ctx context.Context) {
	p.reported, p.left = "", 0
	for range 3 + len(p.outbox)/receiptsMost {
		p.contact(ctx)
		if p.reported != "" && p.left == 0 {
			return
		}
	}
}

// final: other bytes under a taken id wait for the office; nothing frees them.
func (p *phone) final(it item) bool {
	_, rec, _ := p.get(it.ID)
	if rec == nil || !rec.Rival {
		return false
	}
	return it.State == "held" && it.Why == "conflict" || p.storm.beforeRestore(rec.SealedAt)
}

// beforeRestore: after a restore the other tab's bytes could come before the first ones do, and take their place. Both are
// kept then too, but which is which is another story than the one the ledger tells: such a tab stays closed.
func (s *storm) beforeRestore(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.restored.IsZero() && at.Before(s.restored)
}

// holds: has the server, as it stands since the last restore, given a receipt for it?
func (s *storm) holds(sheet string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.receipts[sheet]
	return ok
}

// person taps 重新发送 on what asks for a hand, and the network's coming back wakes what waited for it.
func (p *phone) person() {
	for _, it := range p.list(func(it item) bool { return it.State == "attention" && !p.final(it) }) {
		if p.rng.IntN(3) == 0 {
			p.storm.taps.Add(1)
			p.save(again(it))
		}
	}
	if p.rng.IntN(10) == 0 {
		for _, it := range p.list(func(it item) bool { return wakes(it, "network") }) {
			p.save(again(it))
		}
	}
}

// mayLogIn: a session that was ended is begun again, and what waited for it goes on.
func (p *phone) mayLogIn(ctx context.Context) {
	waiting := p.list(func(it item) bool { return wakes(it, "login") })
	if len(waiting) == 0 {
		return
	}
	if err := p.login(ctx); err != nil {
		return
	}
	for _, it := range waiting {
		p.save(again(it))
	}
}

// shuffled gives the names in another order each time, every name once a round.
func shuffled(r *rand.Rand, names []string, n int) []string {
	var out []string
	for len(out) < n {
		for _, i := range r.Perm(len(names)) {
			out = append(out, names[i])
		}
	}
	return out[:n]
}
