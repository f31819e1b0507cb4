package door

import (
	"context"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Slow makes guessing slow without shutting anyone out: an address that missed often waits a little longer each time.
// The table holds a keyed hash of day and address and lives a day; all instances share it.
type Slow struct {
	db    *db.DB
	keys  Keys
	now   clock.Clock
	rooms chan struct{}
}

const (
	freeHits  = 20 // so many a day cost nothing: a family, a village office behind one address
	longest   = 4 * time.Second
	stepUp    = 200 * time.Millisecond
	maxAtOnce = 64 // waiting at once; beyond it only the addresses that must wait are turned away
)

// NewSlow takes the app's pool.
func NewSlow(d *db.DB, keys Keys, now clock.Clock) *Slow {
	return &Slow{db: d, keys: keys, now: now, rooms: make(chan struct{}, maxAtOnce)}
}

func (s *Slow) key(ctx context.Context, scope, day string) []byte {
	return s.keys.mac("slow", []byte(scope), []byte(day), []byte(web.Address(ctx)))
}

// Wait holds the request of an address that has used up what is free. Call it before the look-up, so that a hit is as slow as a miss.
func (s *Slow) Wait(ctx context.Context, scope string) error {
	var hits int
	const q = `SELECT COALESCE((SELECT hits FROM public_slowdown WHERE key = $1), 0)`
	if err := s.db.Get(ctx, &hits, q, s.key(ctx, scope, clock.Day(s.now()))); err != nil {
		return err
	}
	d := delayFor(hits)
	if d == 0 {
		return nil
	}
	select {
	case s.rooms <- struct{}{}:
		defer func() { <-s.rooms }()
	default:
		return &fault.Error{Kind: fault.TooMany, Code: "slow_down", Words: "试得太多了，请过一会儿再来。没有办成的事都没有记录。", RetryAfter: 10}
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func delayFor(hits int) time.Duration {
	if hits < freeHits {
		return 0
	}
	return min(time.Duration(hits-freeHits+1)*stepUp, longest)
}

// Hit counts one try of this address, and clears away what is older than today.
func (s *Slow) Hit(ctx context.Context, scope string) error {
	day := clock.Day(s.now())
	const q = `
WITH old AS (DELETE FROM public_slowdown WHERE day < $2)
INSERT INTO public_slowdown (key, day, hits) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET hits = public_slowdown.hits + 1`
	_, err := s.db.Exec(ctx, q, s.key(ctx, scope, day), day)
	return err
}
