package jobs_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/jobs"
)

// A job that panics is tried again like one that fails; the others are done, and the server lives.
func TestAPanicIsTheJobsOwn(t *testing.T) {
	e := dbtest.New(t)
	r := jobs.New(e.DB, e.Clock.Now, slog.New(slog.DiscardHandler))
	done := 0
	r.Handle("draw", func(_ context.Context, key string) error {
		if key == "bad" {
			panic("a picture nobody can draw")
		}
		done++
		return nil
	})
	for i, key := range []string{"bad", "good"} {
		if err := ask(t, e, "draw", key, e.Clock.Now().Add(time.Duration(i)*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
	e.Clock.Add(time.Second)
	if err := r.Drain(t.Context()); err == nil || !strings.Contains(err.Error(), "a picture nobody can draw") {
		t.Errorf("the panic is not the job's error: %v", err)
	}
	if err := r.Drain(t.Context()); err != nil || done != 1 {
		t.Errorf("%d done after it, %v", done, err)
	}
	var waits int
	if err := e.DB.Get(t.Context(), &waits, `SELECT count(*) FROM jobs WHERE key = 'bad' AND leased_until IS NULL AND last_error <> ''`); err != nil || waits != 1 {
		t.Errorf("%d wait for another try, %v", waits, err)
	}
}
