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
	const q = `SELECT key, failures, last_at, free_at, under FROM login_throttle WHERE key = ANY($1) ORDER BY key FOR UPDATE`
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
	const q = `UPDATE login_throttle SET failures = $2, last_at = $3, free_at = $4, under = $5 WHERE key = $1`
	for _, t := range list {
		if _, err := tx.Exec(ctx, q, t.Key, t.Failures, t.LastAt, t.FreeAt, t.Under); err != nil {
			return err
		}
	}
	return nil
}

// held reads the rows of some keys in the order in which charges hold them too.
const held = `WITH h AS (SELECT key FROM login_throttle WHERE key = ANY($1) ORDER BY key FOR UPDATE) UPDATE login_throttle t `

// endTries ends one try on each row.
func endTries(ctx context.Context, d *db.DB, keys ...[]byte) error {
	_, err := d.Exec(ctx, held+`SET under = GREATEST(t.under - 1, 0) FROM h WHERE t.key = h.key`, pq.ByteaArray(keys))
	return err
}

// refund ends one try on each row and takes its failure back; they were free when they were charged.
func refund(ctx context.Context, tx *db.DB, now time.Time, keys ...[]byte) error {
	const q = held + `SET under = GREATEST(t.under - 1, 0), failures = GREATEST(t.failures - 1, 0), free_at = LEAST(t.free_at, $2) FROM h WHERE t.key = h.key`
	_, err := tx.Exec(ctx, q, pq.ByteaArray(keys), now)
	return err
}

// makeKnown forgets the pair's mistakes; its row stays while other tries of it are under way.
func makeKnown(ctx context.Context, tx *db.DB, pair, known []byte, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM login_throttle WHERE key = $1 AND under = 0`, pair); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE login_throttle SET failures = 0, free_at = $2 WHERE key = $1`, pair, now); err != nil {
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
