package account

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/netip"
	"sort"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// The throttle slows guessing and never locks the owner out. What is counted:
//   - the pair of account and address: five free mistakes, then a delay that doubles up to ten minutes;
//   - the address: twenty free mistakes an hour over all accounts, then a delay up to five minutes; it does not bind a
//     pair that has logged in before, because a whole office may stand behind one address;
//   - the account: sixty mistakes an hour from anywhere shorten the free mistakes of a pair that never logged in to one.
//     The first try from an address is always heard, so the right person gets in from another place.
//
// A try is charged before the password is looked at, so that many at once cannot slip through together; one that finds the
// free mistakes taken by tries that have no answer yet waits for theirs, because right ones are given back.
const (
	pairFree, pairCap       = 5, 10 * time.Minute
	addressFree, addressCap = 20, 5 * time.Minute
	accountFree             = 60
	pairMemory              = 24 * time.Hour
	wideMemory              = time.Hour
	knownMemory             = 90 * 24 * time.Hour

	turnWait  = 10 * time.Second // so long a try waits for those of the same pair that have no answer yet
	turnsMost = 128              // so many wait here at once
	underMost = 30 * time.Second // what has no answer by then, never gets one: its server is gone
)

// tally is a row of the throttle's table.
type tally struct {
	Key      []byte    `db:"key"`
	Failures int       `db:"failures"`
	LastAt   time.Time `db:"last_at"`
	FreeAt   time.Time `db:"free_at"`
	Under    int       `db:"under"` // charged, and no answer yet
}

// fresh forgets what is long ago.
func (t tally) fresh(now time.Time, memory time.Duration) tally {
	if now.Sub(t.LastAt) > memory {
		t.Failures, t.FreeAt = 0, now
	}
	if now.Sub(t.LastAt) > underMost {
		t.Under = 0
	}
	return t
}

// tries are the three counts that one login touches, and whether this pair has logged in before.
type tries struct {
	pair, address, account tally
	known                  bool
}

// take charges one try. Wait above zero: not now, and nothing is charged.
func (t tries) take(now time.Time) (after tries, wait time.Duration) {
	t.pair, t.address, t.account = t.pair.fresh(now, pairMemory), t.address.fresh(now, wideMemory), t.account.fresh(now, wideMemory)
	wait = t.pair.FreeAt.Sub(now)
	if !t.known {
		wait = max(wait, t.address.FreeAt.Sub(now))
	}
	if wait > 0 {
		return t, wait
	}
	t.pair.Failures++
	t.address.Failures++
	t.account.Failures++
	free := pairFree
	if !t.known && t.account.Failures > accountFree {
		free = 1
	}
	t.pair.FreeAt = now.Add(delay(t.pair.Failures, free, 2*time.Second, pairCap))
	t.address.FreeAt = now.Add(delay(t.address.Failures, addressFree, time.Second, addressCap))
	t.account.FreeAt = now
	for _, one := range []*tally{&t.pair, &t.address, &t.account} {
		one.LastAt = now
		one.Under++
	}
	return t, 0
}

// turn tells whether what refused a try may be lifted by an answer that others still wait for.
func (t tries) turn(now time.Time) bool {
	blocks := func(one tally) bool { return one.FreeAt.After(now) }
	pair, address := blocks(t.pair), !t.known && blocks(t.address)
	return (!pair || t.pair.Under > 0) && (!address || t.address.Under > 0)
}

// delay is nothing for the free mistakes, then first, then twice that, and so on up to most.
func delay(failures, free int, first, most time.Duration) time.Duration {
	if failures < free {
		return 0
	}
	d := float64(first) * math.Pow(2, float64(failures-free))
	return time.Duration(min(d, float64(most)))
}

// place shortens an IPv6 address to its /64: one household or phone has all the rest.
func place(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap(); a.Is6() {
		p, _ := a.Prefix(64) // 64 bits always fit
		return p.String()
	}
	return a.String()
}

// ticket is a charged try, to be given back when the password was right.
type ticket struct{ pair, address, account, known []byte }

func (s *Service) ticketFor(username, address string) ticket {
	at := place(address)
	return ticket{s.keys.tag("pair", username, at), s.keys.tag("address", at), s.keys.tag("account", username), s.keys.tag("known", username, at)}
}

// charge counts the try before the password is looked at. Where only the tries of others that are under way stand in its
// way, it waits for their answers.
func (s *Service) charge(ctx context.Context, username, address string) (ticket, error) {
	t := s.ticketFor(username, address)
	wait, turn, err := s.try(ctx, t)
	if err != nil || wait == 0 {
		return t, err
	}
	if !turn || len(s.turns) == cap(s.turns) {
		return t, tooSoon(wait)
	}
	s.turns <- struct{}{}
	defer func() { <-s.turns }()
	pause := 40 * time.Millisecond
	for waited := time.Duration(0); turn && waited < turnWait; waited += pause {
		select {
		case <-ctx.Done():
			return t, tooSoon(wait)
		case <-time.After(pause):
		}
		if wait, turn, err = s.try(ctx, t); err != nil || wait == 0 {
			return t, err
		}
		pause = min(pause*3/2, 300*time.Millisecond)
	}
	return t, tooSoon(wait)
}

func (s *Service) try(ctx context.Context, t ticket) (wait time.Duration, turn bool, err error) {
	now := s.now()
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		rows, err := lockTallies(ctx, tx, now, t.pair, t.address, t.account)
		if err != nil {
			return err
		}
		known, err := isKnown(ctx, tx, t.known, now.Add(-knownMemory))
		if err != nil {
			return err
		}
		var after tries
		after, wait = tries{rows[string(t.pair)], rows[string(t.address)], rows[string(t.account)], known}.take(now)
		if wait > 0 {
			turn = after.turn(now)
			return nil
		}
		return saveTallies(ctx, tx, after.pair, after.address, after.account)
	})
	return wait, turn, err
}

// keep ends a try that was a mistake: it stays charged, and who waited for its answer need not any longer. It is done even
// where nobody waits for the request any more.
func (s *Service) keep(ctx context.Context, t ticket) {
	_ = endTries(context.WithoutCancel(ctx), s.db, t.pair, t.address, t.account) // what is not ended here ends by itself
}

// giveBack undoes a charge; right says that the password was right, and the pair is known from now on.
func (s *Service) giveBack(ctx context.Context, t ticket, right bool) error {
	return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.DB) error {
		if err := refund(ctx, tx, s.now(), t.pair, t.address, t.account); err != nil || !right {
			return err
		}
		return makeKnown(ctx, tx, t.pair, t.known, s.now())
	})
}

func tooSoon(wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	span := fmt.Sprintf("%d秒", seconds)
	if seconds > 90 {
		span = fmt.Sprintf("%d分钟", (seconds+59)/60)
	}
	return &fault.Error{Kind: fault.TooMany, Code: "slow_down", RetryAfter: seconds,
		Words: "试错的次数多了，请过" + span + "再试。忘了密码，请找管理员重置；不是本人在试，也请告诉管理员。"}
}

func sorted(keys [][]byte) [][]byte {
	sort.Slice(keys, func(i, j int) bool { return bytes.Compare(keys[i], keys[j]) < 0 })
	return keys
}
