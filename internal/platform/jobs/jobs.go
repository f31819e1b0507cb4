// Package jobs runs work in the background: queued in the transaction that wants it, leased by one of the servers,
// tried again with back-off until it succeeds.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Handler does the work for key. An error has it tried again later.
type Handler func(ctx context.Context, key string) error

type periodic struct {
	name  string
	every time.Duration
	run   func(ctx context.Context) error
}

// Runner takes due jobs one at a time and runs what recurs.
type Runner struct {
	db       *db.DB
	now      clock.Clock
	log      *slog.Logger
	handlers map[string]Handler
	recur    []periodic
	wg       sync.WaitGroup
}

// New makes a runner; Handle and Every fill it before Start.
func New(d *db.DB, now clock.Clock, log *slog.Logger) *Runner {
	return &Runner{db: d, now: now, log: log, handlers: map[string]Handler{}}
}

// Handle says who does jobs of a kind.
func (r *Runner) Handle(kind string, h Handler) { r.handlers[kind] = h }

// Every runs f again and again on each server; f itself makes sure by a lock that one does the work.
func (r *Runner) Every(name string, every time.Duration, f func(ctx context.Context) error) {
	r.recur = append(r.recur, periodic{name, every, f})
}

// Start runs until ctx ends; Wait then waits for what is under way.
func (r *Runner) Start(ctx context.Context) {
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		for {
			for r.one(ctx) {
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(2 * time.Second):
			}
		}
	}()
	for _, p := range r.recur {
		r.wg.Add(1)
		go func() {
			defer r.wg.Done()
			r.repeat(ctx, p)
		}()
	}
}

// Wait returns when everything that Start began has ended.
func (r *Runner) Wait() { r.wg.Wait() }

func (r *Runner) repeat(ctx context.Context, p periodic) {
	t := time.NewTicker(p.every)
	defer t.Stop()
	for {
		if err := p.run(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("recurring work failed", "name", p.name, "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Drain does every job that is due now, for tests and for demo data; it stops at the first error.
func (r *Runner) Drain(ctx context.Context) error {
	for {
		did, err := r.take(ctx)
		if err != nil || !did {
			return err
		}
	}
}

func (r *Runner) one(ctx context.Context) bool {
	did, err := r.take(ctx)
	if err != nil && ctx.Err() == nil {
		r.log.Warn("job failed", "error", err.Error())
	}
	return did && ctx.Err() == nil
}

// take leases one due job and does it. The lease outlives a crash by five minutes, then another server takes over.
func (r *Runner) take(ctx context.Context) (bool, error) {
	var j struct {
		ID       int64  `db:"id"`
		Kind     string `db:"kind"`
		Key      string `db:"key"`
		Attempts int    `db:"attempts"`
	}
	now := r.now()
	const q = `UPDATE jobs SET leased_until = $2, attempts = attempts + 1 WHERE id = (
		SELECT id FROM jobs WHERE run_at <= $1 AND (leased_until IS NULL OR leased_until < $1) ORDER BY run_at FOR UPDATE SKIP LOCKED LIMIT 1)
		RETURNING id, kind, key, attempts`
	err := r.db.Get(ctx, &j, q, now, now.Add(5*time.Minute))
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err = r.run(ctx, j.Kind, j.Key); err == nil {
		_, err = r.db.Exec(ctx, `DELETE FROM jobs WHERE id = $1`, j.ID)
		return true, err
	}
	wait := min(time.Duration(1<<min(j.Attempts, 12))*time.Second, time.Hour)
	const again = `UPDATE jobs SET leased_until = NULL, run_at = $2, last_error = left($3, 500) WHERE id = $1`
	if _, e := r.db.Exec(context.WithoutCancel(ctx), again, j.ID, r.now().Add(wait), err.Error()); e != nil {
		return true, e
	}
	return true, err
}

// run does one job. A panic is that job's error, not the end of the server: a picture that a decoder stumbles over would
// otherwise take down every request, and again after each restart.
func (r *Runner) run(ctx context.Context, kind, key string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("panic in a job", "kind", kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%s: panic: %v", kind, p)
		}
	}()
	h := r.handlers[kind]
	if h == nil {
		return fault.New(fault.Internal, "job", "no handler for "+kind)
	}
	return h(ctx, key)
}
