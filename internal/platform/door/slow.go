package door

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Slow makes guessing slow without shutting anyone out: a network that missed often waits a little longer each time.
// The table holds a keyed hash of day and network and lives a day; all instances share it.
type Slow struct {
	db   *db.DB
	keys Keys
	now  clock.Clock

	mu    sync.Mutex
	rooms map[string]int // who is waiting here, by room
	all   int
}

const (
	freeHits  = 20 // so many a day cost nothing: a family, a village office behind one address
	longest   = 4 * time.Second
	stepUp    = 200 * time.Millisecond
	maxAtOnce = 16   // of one network waiting at once, in each kind of room
	maxInAll  = 2048 // waiting here at once
)

// NewSlow takes the app's pool.
func NewSlow(d *db.DB, keys Keys, now clock.Clock) *Slow {
	return &Slow{db: d, keys: keys, now: now, rooms: map[string]int{}}
}

// Network is what counts as one place to come from: an IPv4 address, or the half of an IPv6 address that a household or a
// server gets as a whole.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

func (s *Slow) key(scope, day, what string) []byte {
	return s.keys.mac("slow", []byte(scope), []byte(day), []byte(what))
}

func (s *Slow) here(ctx context.Context, scope string) []byte {
	return s.key(scope, clock.Day(s.now()), Network(web.Address(ctx)))
}

func (s *Slow) hits(ctx context.Context, key []byte) (hits int, err error) {
	const q = `SELECT COALESCE((SELECT hits FROM public_slowdown WHERE key = $1), 0)`
	err = s.db.Get(ctx, &hits, q, key)
	return hits, err
}

// Wait holds the request of a program whose network has used up what is free. Only for what has already proved wrong, by a
// proof that nobody guesses; people's codes ask the gate (Try) before the look-up, and it turns nobody away.
func (s *Slow) Wait(ctx context.Context, scope string) error {
	key := s.here(ctx, scope)
	hits, err := s.hits(ctx, key)
	if err != nil {
		return err
	}
	d := delayFor(hits)
	if d == 0 {
		return nil
	}
	in, err := s.stay(ctx, string(key), maxAtOnce, d)
	if err == nil && !in {
		return &fault.Error{Kind: fault.TooMany, Code: "slow_down", Words: "这个网络试得太多了，请过一会儿再来，或换手机流量打开。没有办成的事都没有记录。", RetryAfter: 10}
	}
	return err
}

// stay waits for d in one of so many rooms of that name; false at once when all are taken.
func (s *Slow) stay(ctx context.Context, name string, rooms int, d time.Duration) (bool, error) {
	if !s.enter(name, rooms) {
		return false, nil
	}
	defer s.leave(name)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (s *Slow) enter(key string, rooms int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[key] >= rooms || s.all >= maxInAll {
		return false
	}
	s.rooms[key]++
	s.all++
	return true
}

func (s *Slow) leave(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.rooms[key]--; s.rooms[key] == 0 {
		delete(s.rooms, key)
	}
}

func delayFor(hits int) time.Duration {
	if hits < freeHits {
		return 0
	}
	return min(time.Duration(hits-freeHits+1)*stepUp, longest)
}

// Hit counts one miss of this network, and clears away what is older than today.
func (s *Slow) Hit(ctx context.Context, scope string) error {
	_, err := s.count(ctx, s.here(ctx, scope))
	return err
}

// Count counts one use of what today, and tells how many there were with it.
func (s *Slow) Count(ctx context.Context, scope, what string) (int, error) {
	return s.count(ctx, s.key(scope, clock.Day(s.now()), what))
}

func (s *Slow) count(ctx context.Context, key []byte) (n int, err error) {
	const q = `
WITH old AS (DELETE FROM public_slowdown WHERE day < $2)
INSERT INTO public_slowdown (key, day, hits) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET hits = public_slowdown.hits + 1 RETURNING hits`
	err = s.db.Get(ctx, &n, q, key, clock.Day(s.now()))
	return n, err
}
