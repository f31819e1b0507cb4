package account

import (
	"context"
	"time"

	"github.com/lib/pq"

	"suixing/internal/platform/db"
)

// lockTallies reads the rows of the keys, new ones at zero, and holds them; always in the same order, so that two logins
// cannot wait for each other.
func lockTallies(ctx context.Context, tx *db.DB, now time.Time, keys ...[]byte) (map[string]tally, error) {
	list := pq.ByteaArray(sorted(append([][]byte(nil), keys...)))
	const ins = `INSERT INTO login_throttle (key, failures, last_at, free_at) SELECT k, 0, $2, $2 FROM unnest($1::bytea[]) k ON CONFLICT DO NOTHING`
	if _, err := tx.Exec(ctx, ins, list, now); err != nil {
		return nil, err
	}
	var rows []tally
	const q = `SELECT key, failures, last_at, free_at FROM login_throttle WHERE key = ANY($1) ORDER BY key FOR UPDATE`
	if err := tx.Select(ctx, &rows, q, list); err != nil {
		return nil, err
	}
	out := make(map[string]tally, len(rows))
	for _, r := range rows {
		out[string(r.Key)] = r
	}
	return out, nil
}

func isKnown(ctx context.Context, tx *db.DB, key []byte, since time.Time) (known bool, err error) {
	const q = `SELECT EXISTS (SELECT FROM login_throttle WHERE key = $1 AND last_at > $2)`
	return known, tx.Get(ctx, &known, q, key, since)
}

func saveTallies(ctx context.Context, tx *db.DB, list ...tally) error {
	const q = `UPDATE login_throttle SET failures = $2, last_at = $3, free_at = $4 WHERE key = $1`
	for _, t := range list {
		if _, err := tx.Exec(ctx, q, t.Key, t.Failures, t.LastAt, t.FreeAt); err != nil {
			return err
		}
	}
	return nil
}

// refund takes one failure back from rows that were free when they were charged.
func refund(ctx context.Context, tx *db.DB, now time.Time, keys ...[]byte) error {
	for _, k := range sorted(keys) {
		const q = `UPDATE login_throttle SET failures = GREATEST(failures - 1, 0), free_at = LEAST(free_at, $2) WHERE key = $1`
		if _, err := tx.Exec(ctx, q, k, now); err != nil {
			return err
		}
	}
	return nil
}

func makeKnown(ctx context.Context, tx *db.DB, pair, known []byte, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM login_throttle WHERE key = $1`, pair); err != nil {
		return err
	}
	const q = `INSERT INTO login_throttle (key, failures, last_at, free_at) VALUES ($1, 0, $2, $2) ON CONFLICT (key) DO UPDATE SET last_at = $2`
	_, err := tx.Exec(ctx, q, known, now)
	return err
}

func sweepThrottle(ctx context.Context, d *db.DB, before, knownBefore time.Time) error {
	// A known pair has no failures and is kept longer; it is told apart by that alone, since keys say nothing.
	const q = `DELETE FROM login_throttle WHERE last_at < CASE WHEN failures > 0 THEN $1::timestamptz ELSE $2::timestamptz END`
	_, err := d.Exec(ctx, q, before, knownBefore)
	return err
}
