package feedback

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"suixing/internal/platform/db"
)

// together keeps answers that arrive while both its writers are busy in one transaction: that is what lets a market day's
// answers through (docs/adr/0006). One that comes alone is kept at once, by itself. Every answer is kept before its person
// is told so, and none waits for more than the write before its own.
type together struct {
	db *db.DB

	mu      sync.Mutex
	waiting []*asking
	writers int
}

// asking is an answer whose person waits.
type asking struct {
	p    pass
	r    *record
	row  answerRow
	err  error
	done chan struct{}
}

const (
	togetherMost    = 64 // answers of one transaction; more wait for the next
	togetherWriters = 2  // at a time: while one waits for the disk, the other has work for the processors
)

// keep returns when the answer is kept or refused. A request that ends before leaves its answer to be kept all the same:
// sent again, it gets the receipt it would have got.
func (t *together) keep(ctx context.Context, p pass, r *record) (answerRow, error) {
	w := &asking{p: p, r: r, done: make(chan struct{})}
	t.mu.Lock()
	t.waiting = append(t.waiting, w)
	begin := t.writers < togetherWriters
	if begin {
		t.writers++
	}
	t.mu.Unlock()
	if begin {
		go t.run(context.WithoutCancel(ctx))
	}
	select {
	case <-w.done:
		return w.row, w.err
	case <-ctx.Done():
		return answerRow{}, ctx.Err()
	}
}

// run writes until nobody waits.
func (t *together) run(ctx context.Context) {
	for {
		t.mu.Lock()
		n := min(len(t.waiting), togetherMost)
		batch := t.waiting[:n:n]
		t.waiting = t.waiting[n:]
		if n == 0 {
			t.writers--
		}
		t.mu.Unlock()
		if n == 0 {
			return
		}
		t.write(ctx, batch)
	}
}

func (t *together) write(ctx context.Context, batch []*asking) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	rest := batch
	if len(batch) > 1 {
		rest = t.first(ctx, batch)
	}
	for _, w := range rest {
		w.err = t.db.GetP(ctx, &w.row, answerSQL, w.r.args(w.p)...)
		close(w.done)
	}
}

// first keeps those that are the first of their ticket, and returns the others. When one of them cannot be kept so, none
// is, and each is asked for by itself.
func (t *together) first(ctx context.Context, batch []*asking) (rest []*asking) {
	kept, err := keepFirst(ctx, t.db, batch)
	if err != nil {
		slog.WarnContext(ctx, "answers are kept one by one", "count", len(batch), "error", err)
		return batch
	}
	for _, k := range kept {
		w := batch[k.A]
		w.row = answerRow{Complete: true, Kept: true, Ticket: k.Ticket, Office: k.Office, Agency: k.Agency, CheckedOn: k.CheckedOn}
		close(w.done)
		batch[k.A] = nil
	}
	for _, w := range batch {
		if w != nil {
			rest = append(rest, w)
		}
	}
	return rest
}
