package main

import (
	"context"
	"time"

	"suixing/internal/evidence"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// aged makes objects look older than they are, so that the sweep's week passes in seconds while uploads are under way.
// What protects a running upload is that its bytes are first set aside, and decided on only after longer than any
// request lasts; so here too the second wait is longer than a request that was frozen in the middle.
type aged struct {
	blob.Store
	orphan, trash time.Duration
}

const (
	stormOrphan = 4 * time.Second
	stormTrash  = 45 * time.Second
)

// Walk tells later dates than are true.
func (a aged) Walk(ctx context.Context, prefix string, fn func(key string, size int64, mod time.Time) error) error {
	shift := 7*24*time.Hour - a.orphan
	if prefix == "derived/trash/" {
		shift = 24*time.Hour - a.trash
	}
	return a.Store.Walk(ctx, prefix, func(key string, size int64, mod time.Time) error { return fn(key, size, mod.Add(-shift)) })
}

// sweeper is the product's own sweep on the database and the store themselves.
func (s *storm) sweeper(ctx context.Context, orphan, trash time.Duration) (sweep func(context.Context) error, done func(), err error) {
	d, err := db.Open(ctx, s.bed.pg.url("suixing_app", database, portDB), 2)
	if err != nil {
		return nil, nil, err
	}
	e := evidence.New(d, clock.Real, aged{s.bed.store, orphan, trash}, nil)
	return e.Sweep, func() { _ = d.Close() }, nil
}
