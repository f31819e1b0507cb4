package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/jobs"
)

// ask asks for work as the features do, inside their own statements.
func ask(t *testing.T, e *dbtest.Env, kind, key string, at time.Time) error {
	_, err := e.DB.Exec(t.Context(), `SELECT job_enqueue($1, $2, $3)`, kind, key, at)
	return err
}

func TestSameWorkIsAskedForOnce(t *testing.T) {
	e := dbtest.New(t)
	r := jobs.New(e.DB, e.Clock.Now, slog.New(slog.DiscardHandler))
	var did []string
	r.Handle("draw", func(_ context.Context, key string) error { did = append(did, key); return nil })
	for _, key := range []string{"a", "b", "a"} {
		if err := ask(t, e, "draw", key, e.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(t, e, "draw", "later", e.Clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := r.Drain(t.Context()); err != nil || len(did) != 2 {
		t.Fatalf("%v %v", did, err)
	}
	e.Clock.Add(2 * time.Hour)
	if err := r.Drain(t.Context()); err != nil || len(did) != 3 {
		t.Fatalf("%v %v", did, err)
	}
}

func TestFailedWorkWaitsAndIsTriedAgain(t *testing.T) {
	e := dbtest.New(t)
	r := jobs.New(e.DB, e.Clock.Now, slog.New(slog.DiscardHandler))
	tries := 0
	r.Handle("draw", func(context.Context, string) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err := ask(t, e, "draw", "a", e.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_ = r.Drain(t.Context())
		_ = r.Drain(t.Context()) // at once again: it waits for its time
		e.Clock.Add(time.Minute)
	}
	var left int
	if err := e.DB.Get(t.Context(), &left, `SELECT count(*) FROM jobs`); err != nil || left != 0 || tries != 3 {
		t.Errorf("%d tries, %d left (%v)", tries, left, err)
	}
}

// Two servers on one queue: each job is done once; what a dead server had leased comes back.
func TestTwoRunnersShareAQueue(t *testing.T) {
	e := dbtest.New(t)
	var mu sync.Mutex
	seen := map[string]int{}
	do := func(_ context.Context, key string) error {
		mu.Lock()
		defer mu.Unlock()
		seen[key]++
		return nil
	}
	for i := range 40 {
		if err := ask(t, e, "draw", string(rune('A'+i)), e.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.DB.Exec(t.Context(), `UPDATE jobs SET leased_until = $1 WHERE key = 'A'`, e.Clock.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 {
		r := jobs.New(e.DB, e.Clock.Now, slog.New(slog.DiscardHandler))
		r.Handle("draw", do)
		wg.Add(1)
		go func() { defer wg.Done(); _ = r.Drain(t.Context()) }()
	}
	wg.Wait()
	if len(seen) != 39 || seen["A"] != 0 {
		t.Fatalf("%d done, A %d times", len(seen), seen["A"])
	}
	for k, n := range seen {
		if n != 1 {
			t.Errorf("%s done %d times", k, n)
		}
	}
	e.Clock.Add(2 * time.Minute)
	r := jobs.New(e.DB, e.Clock.Now, slog.New(slog.DiscardHandler))
	r.Handle("draw", do)
	if err := r.Drain(t.Context()); err != nil || seen["A"] != 1 {
		t.Errorf("the leased job did not come back: %v", err)
	}
}
