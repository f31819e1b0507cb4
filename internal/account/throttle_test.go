package account

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

func TestTakeGrowsAndForgets(t *testing.T) {
	now := time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC)
	var x tries
	var waits []time.Duration
	for range 16 {
		var w time.Duration
		if x, w = x.take(now); w > 0 {
			t.Fatalf("waited %v though the time was over", w)
		}
		_, w = x.take(now)
		waits = append(waits, w)
		now = now.Add(w)
	}
	for i, w := range waits {
		want := delay(i+1, pairFree, 2*time.Second, pairCap)
		if w != want {
			t.Errorf("after %d mistakes %v, want %v", i+1, w, want)
		}
	}
	if waits[3] != 0 || waits[4] == 0 || waits[15] != pairCap {
		t.Errorf("%v", waits)
	}
	if _, w := x.take(now.Add(pairMemory + pairCap + time.Second)); w != 0 {
		t.Error("nothing is forgotten")
	}
}

func TestAttackedAccountHearsTheFirstTryFromElsewhere(t *testing.T) {
	now := time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC)
	stormed := tally{Failures: 10_000, LastAt: now, FreeAt: now}
	x, w := tries{account: stormed}.take(now)
	if w != 0 {
		t.Fatal("the owner is shut out")
	}
	if _, w = x.take(now); w == 0 {
		t.Error("an attacked account gives a strange address five tries")
	}
	x, _ = tries{account: stormed, known: true}.take(now)
	if _, w = x.take(now); w != 0 {
		t.Error("the owner's own place is slowed after one mistake")
	}
}

func TestBruteForceIsSlowedAndTheOwnerGetsIn(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	h.login(t, "office") // from 10.0.0.1: a place that is known
	res := response{}
	for range 30 {
		res = h.do(t, "", "POST", "/api/session", m{"username": "office", "password": "wrong"})
	}
	if res.status != 429 || res.header.Get("Retry-After") == "" || res.body["code"] != "slow_down" || !strings.Contains(res.body["detail"].(string), "再试") {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	checked := h.count(t, `SELECT count(*) FROM audit_log WHERE deed = 'session.refuse'`)
	if checked > pairFree {
		t.Errorf("%d passwords were looked at", checked)
	}
	for _, address := range []string{"10.0.0.1", "10.0.0.2", "2001:db8:1::5"} {
		if _, err := h.s.Login(bg, Credentials{Username: "office", Password: good, Address: address}); err != nil {
			t.Errorf("the owner at %s: %v", address, err)
		}
	}
	if res := h.do(t, "", "POST", "/api/session", m{"username": "office", "password": good}); res.status != 429 {
		t.Error("the attacker's address is heard again at once")
	}
	h.after(pairCap + time.Second)
	if res := h.do(t, "", "POST", "/api/session", m{"username": "office", "password": good}); res.status != 200 {
		t.Errorf("never heard again: %s", res.raw)
	}
}

func TestManyAtOnceCannotSlipThrough(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() { _, _ = h.s.Login(bg, Credentials{Username: "office", Password: "wrong", Address: "10.9.9.9"}) })
	}
	wg.Wait()
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE deed = 'session.refuse'`); n != pairFree {
		t.Errorf("%d of 60 parallel tries were looked at, want %d", n, pairFree)
	}
}

// A browser with several windows, a script of the office: one account logs in many times at once, from a place that is known
// and from one that is not. What is under way is no mistake.
func TestRightLoginsAtOnceAllPass(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	for _, address := range []string{"10.9.9.9", "10.9.9.9", "10.9.9.8"} {
		var wg sync.WaitGroup
		failed := make(chan error, 8)
		for range cap(failed) {
			wg.Go(func() {
				if _, err := h.s.Login(bg, Credentials{Username: "office", Password: good, Address: address}); err != nil {
					failed <- err
				}
			})
		}
		wg.Wait()
		close(failed)
		for err := range failed {
			t.Error(address, err)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM login_throttle WHERE failures > 0 OR under > 0`); n != 0 {
		t.Errorf("%d tallies are left over", n)
	}
}

// Forty people of an office that was never seen log in for the first time, all at nine o'clock and behind one address.
func TestAnOfficeLogsInAtOnce(t *testing.T) {
	h := newHouse(t)
	var wg sync.WaitGroup
	failed := make(chan error, 40)
	for i := range cap(failed) {
		h.person(t, fmt.Sprintf("clerk%d", i), actor.Office)
	}
	for i := range cap(failed) {
		wg.Go(func() {
			if _, err := h.s.Login(bg, Credentials{Username: fmt.Sprintf("clerk%d", i), Password: good, Address: "10.9.9.9"}); err != nil {
				failed <- err
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
}

// A hundred wrong tries at once, among them the right password late: what waits for an answer finds a mistake, and is told
// to wait longer. A server that fell over with tries under way holds nobody for long.
func TestWrongTriesAtOnceAreSlowed(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	for round := range 2 {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { _, _ = h.s.Login(bg, Credentials{Username: "office", Password: "wrong", Address: "10.9.9.9"}) })
		}
		wg.Wait()
		if n := h.count(t, `SELECT count(*) FROM audit_log WHERE deed = 'session.refuse'`); n > pairFree+round {
			t.Errorf("%d of %d parallel tries were looked at", n, 100*(round+1))
		}
		h.after(delay(pairFree+round, pairFree, 2*time.Second, pairCap))
	}
	h.exec(t, `UPDATE login_throttle SET under = 3, free_at = $1`, h.Clock.Now().Add(20*time.Second))
	h.after(underMost + time.Second)
	if _, err := h.s.Login(bg, Credentials{Username: "office", Password: good, Address: "10.9.9.9"}); err != nil {
		t.Error(err)
	}
}

func TestSprayingFromOneAddressIsSlowed(t *testing.T) {
	h := newHouse(t)
	h.person(t, "victim", actor.Office)
	h.person(t, "colleague", actor.Office)
	if _, err := h.s.Login(bg, Credentials{Username: "colleague", Password: good, Address: "10.9.9.9"}); err != nil {
		t.Fatal(err)
	}
	heard := 0
	for i := range 60 {
		if _, err := h.s.Login(bg, Credentials{Username: fmt.Sprintf("user%d", i), Password: "Summer-2026", Address: "10.9.9.9"}); fault.KindOf(err) == fault.Unauthenticated {
			heard++
		}
	}
	if heard > addressFree {
		t.Errorf("%d accounts tried from one address", heard)
	}
	if _, err := h.s.Login(bg, Credentials{Username: "colleague", Password: good, Address: "10.9.9.9"}); err != nil {
		t.Errorf("a colleague behind the same address is shut out: %v", err)
	}
	if _, err := h.s.Login(bg, Credentials{Username: "victim", Password: good, Address: "10.9.9.8"}); err != nil {
		t.Errorf("the victim elsewhere: %v", err)
	}
}

func TestTheThrottleNamesNobody(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	_, _ = h.s.Login(bg, Credentials{Username: "office", Password: "wrong", Address: "10.77.66.55"})
	var rows []string
	if err := h.DB.Select(bg, &rows, `SELECT t::text || encode(key, 'escape') FROM login_throttle t`); err != nil || len(rows) != 3 {
		t.Fatalf("%v %d rows", err, len(rows))
	}
	if s := strings.Join(rows, " "); strings.Contains(s, "office") || strings.Contains(s, "10.77") {
		t.Error(s)
	}
}

// Two hundred people log in at once: they wait in line, and the hashing never takes more than a few times 19 MiB.
func TestLoginFloodKeepsMemory(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(2 * time.Millisecond):
				var s runtime.MemStats
				runtime.ReadMemStats(&s)
				most = max(most, s.HeapInuse)
			}
		}
	}()
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := map[string]int{}
	for i := range 200 {
		wg.Go(func() {
			if _, err := h.s.Login(bg, Credentials{Username: "office", Password: good, Address: fmt.Sprintf("10.3.%d.1", i)}); err != nil {
				if fault.CodeOf(err) == "busy" { // a slow machine says so in time, and nobody is charged for it
					return
				}
				mu.Lock()
				failed[err.Error()]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	close(stop)
	if most := <-peak; most > 250<<20 {
		t.Errorf("the heap grew to %d MiB", most>>20)
	}
	if len(failed) > 0 {
		t.Errorf("%v", failed)
	}
}
