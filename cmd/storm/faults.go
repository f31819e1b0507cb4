package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// tallies counts every fault once, when it has truly been done.
type tallies struct {
	mu sync.Mutex
	n  map[string]int
}

func (t *tallies) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n[name]++
}

func (t *tallies) sum() (total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.n {
		total += n
	}
	return total
}

// absent gives those kinds of which nothing happened; one that ends in a dot stands for all that begin so.
func (t *tallies) absent(kinds ...string) (out []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range kinds {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(t.n)), func(n string) bool { return n == k || strings.HasSuffix(k, ".") && strings.HasPrefix(n, k) }) {
			out = append(out, k)
		}
	}
	return out
}

// tooQuiet says what a whole storm lacked: it proves nothing about faults that did not happen. Empty: nothing, or it was
// asked for some of them only.
func (s *storm) tooQuiet() string {
	if s.plan.syncs < 200 || len(s.plan.only) > 0 || len(s.plan.weather) > 0 {
		return ""
	}
	if n := s.faults.sum(); n < s.plan.syncs/10 {
		return fmt.Sprintf("%d faults for %d records", n, s.plan.syncs)
	}
	kinds := []string{"answer.lost", "cut.", "portal.", "duplicate", "reorder", "phone.crash", "clock.years_off", "app.", "db.", "store."}
	if s.plan.syncs >= 1000 {
		kinds = append(kinds, "app.kill", "app.pause", "db.kill", "db.pause", "db.full", "store.kill", "store.pause", "store.full", "phone.evicted.reported", "same_id_other_bytes", "flip", "slow")
	}
	kinds = slices.DeleteFunc(s.faults.absent(kinds...), func(k string) bool { return s.skipped[strings.TrimSuffix(k, ".full")+" disk full"] != "" })
	return strings.Join(kinds, ", ")
}

func (t *tallies) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, k := range slices.Sorted(maps.Keys(t.n)) {
		out = append(out, fmt.Sprintf("%s=%d", k, t.n[k]))
	}
	return strings.Join(out, " ")
}

// trouble is what may happen to one request of a phone, with how often it does in comparison.
type trouble struct {
	name   string
	weight int
}

var troubles = []trouble{
	{"cut.headers", 6}, {"cut.boundary", 8}, {"cut.middle", 10}, {"cut.last", 10}, {"answer.lost", 24}, {"duplicate", 16}, {"slow", 3}, {"flip", 8}, {"crash", 8},
	{"portal.page", 4}, {"portal.empty", 2}, {"portal.object", 3}, {"portal.moved", 2}, {"portal.denied", 3}, {"portal.stale", 5},
}

// draw picks one by weight; only keeps to those names if it is not empty.
func draw(r *rand.Rand, only []string) string {
	list := troubles
	if len(only) > 0 {
		list = slices.DeleteFunc(slices.Clone(troubles), func(t trouble) bool { return !slices.Contains(only, t.name) })
	}
	total := 0
	for _, t := range list {
		total += t.weight
	}
	if total == 0 {
		return ""
	}
	n := r.IntN(total)
	for _, t := range list {
		if n -= t.weight; n < 0 {
			return t.name
		}
	}
	return ""
}

// cutPoint is after how many bytes the line breaks, swept over the places where a server may stumble.
func cutPoint(r *rand.Rand, name string, head, all int) int {
	body := all - head
	switch name {
	case "cut.headers":
		return 1 + r.IntN(head-1)
	case "cut.boundary":
		return min(all-1, head-2+r.IntN(5))
	case "cut.middle":
		return head + r.IntN(max(1, body-1))
	}
	return all - 1 // cut.last: everything but one byte
}

// troubled sends a request through trouble. It tells what the phone got to know, and counts what was truly done.
func (p *phone) troubled(ctx context.Context, name string, rq request) (*reply, error) {
	s := p.storm
	raw, head := rq.bytes()
	kind, _, _ := strings.Cut(name, ".")
	switch kind {
	case "cut":
		return p.spoiled(ctx, rq, name, "limit_data", "upstream", map[string]any{"bytes": cutPoint(p.rng, name, head, len(raw))}, true)
	case "answer":
		return p.spoiled(ctx, rq, name, "limit_data", "downstream", map[string]any{"bytes": []int{0, 1, 12, 60, 200, 420}[p.rng.IntN(6)]}, true)
	case "slow":
		if p.rng.IntN(2) == 0 {
			return p.spoiled(ctx, rq, name, "bandwidth", "upstream", map[string]any{"rate": 20 + p.rng.IntN(60)}, false)
		}
		return p.spoiled(ctx, rq, name, "slicer", "upstream", map[string]any{"average_size": 100 + p.rng.IntN(900), "size_variation": 50, "delay": 300}, false)
	case "duplicate":
		s.faults.add(name)
		return p.doubled(ctx, rq)
	case "portal":
		s.faults.add(name)
		rq.portal = name
		l := line{addr: addrOf(portPortal)}
		defer l.drop()
		return l.ask(ctx, rq)
	case "flip":
		if len(rq.body) > 40 {
			s.faults.add(name)
			rq.body = slices.Clone(rq.body)
			rq.body[20+p.rng.IntN(len(rq.body)-20)] ^= 1 << p.rng.IntN(8)
		}
	}
	return p.net.ask(ctx, rq)
}

// spoiled sends over the phone's own line while a toxic is on it, on a connection of its own.
func (p *phone) spoiled(ctx context.Context, rq request, name, kind, stream string, attributes map[string]any, breaks bool) (*reply, error) {
	p.net.drop()
	if err := p.storm.bed.toxi.toxic(ctx, phoneLine(p.index), kind, stream, attributes); err != nil {
		return nil, err
	}
	l := line{addr: addrOf(portPhones + p.index)}
	res, err := l.ask(ctx, rq)
	l.drop()
	if healed := p.storm.bed.toxi.heal(ctx, phoneLine(p.index), kind); healed != nil {
		return nil, healed
	}
	if err != nil || !breaks {
		p.storm.faults.add(name)
	}
	return res, err
}

// doubled sends copies to both instances before, with or after the phone's own request; what they answer is compared.
func (p *phone) doubled(ctx context.Context, rq request) (*reply, error) {
	copies := 1 + p.rng.IntN(4)
	order := p.rng.IntN(3)
	run := func(i int) {
		l := line{addr: addrOf(portApp + i%2)}
		defer l.drop()
		if res, err := l.ask(ctx, rq); err == nil {
			p.seen(res.json)
		}
	}
	if order == 0 {
		run(0)
	}
	for i := range copies {
		if order == 1 {
			p.storm.strays.Go(func() { run(i) })
		}
		if order == 2 { // a copy that was held up somewhere and arrives late
			p.storm.strays.Go(func() { time.Sleep(time.Duration(100+i*300) * time.Millisecond); run(i) })
		}
	}
	return p.net.ask(ctx, rq)
}
