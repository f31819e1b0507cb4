package complaint

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// useSignature writes a nonce down and names the source; no row for a revoked key and for a nonce that was used.
func useSignature(ctx context.Context, d *db.DB, key uuid.UUID, nonce []byte, at time.Time) (source uuid.UUID, err error) {
	const q = `
WITH k AS (SELECT id, source_id FROM outer_keys WHERE id = $1 AND revoked_at IS NULL),
fresh AS (INSERT INTO outer_nonces (key_id, nonce, seen_at) SELECT k.id, $2, $3 FROM k ON CONFLICT DO NOTHING RETURNING key_id),
used AS (UPDATE outer_keys SET used_at = $3 WHERE id IN (SELECT key_id FROM fresh))
SELECT k.source_id FROM k JOIN fresh ON fresh.key_id = k.id`
	err = d.Get(ctx, &source, q, key, nonce, at)
	return source, err
}

// sourceNamed is the platform registered under a name; not valid when there is none.
func sourceNamed(ctx context.Context, d *db.DB, name string) (source uuid.NullUUID, err error) {
	if name == "" {
		return source, nil
	}
	err = d.Get(ctx, &source, `SELECT (SELECT id FROM outer_sources WHERE name = $1)`, name)
	return source, err
}

// adopt gives an imported ticket that named no platform to the one that pushes it with the same words.
func adopt(ctx context.Context, d *db.DB, id uuid.UUID, source uuid.NullUUID, at time.Time) error {
	const q = `UPDATE complaints SET outer_source = $2, changed_at = $3 WHERE id = $1 AND channel = '12345' AND outer_source IS NULL`
	_, err := d.Exec(ctx, q, id, source, at)
	return err
}

func insertKey(ctx context.Context, tx *db.DB, who actor.Actor, k *OuterKey) (source uuid.UUID, err error) {
	const q = `
WITH s AS (INSERT INTO outer_sources (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING id)
INSERT INTO outer_keys (id, source_id, created_at, created_by) SELECT $4, s.id, $3, $5 FROM s RETURNING source_id`
	err = tx.Get(ctx, &source, q, uuid.New(), k.Source, k.CreatedAt, k.ID, who.ID)
	return source, err
}

func revokeKey(ctx context.Context, tx *db.DB, id uuid.UUID, at time.Time) (bool, error) {
	const q = `UPDATE outer_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`
	n, err := tx.Exec(ctx, q, id, at)
	if err != nil || n == 1 {
		return n == 1, err
	}
	var known bool
	if err := tx.Get(ctx, &known, `SELECT EXISTS (SELECT FROM outer_keys WHERE id = $1)`, id); err != nil {
		return false, err
	}
	if !known {
		return false, fault.Missing()
	}
	return false, nil
}

// OuterKeys lists the keys, newest first; never a secret.
func (s *Service) OuterKeys(ctx context.Context, _ actor.Actor) ([]OuterKey, error) {
	out := []OuterKey{}
	const q = `SELECT k.id, k.source_id, s.name AS source, k.created_at, k.used_at, k.revoked_at FROM outer_keys k JOIN outer_sources s ON s.id = k.source_id ORDER BY k.created_at DESC, k.id LIMIT 200`
	return out, s.db.Select(ctx, &out, q)
}

// OuterResult is what became of a ticket, for the platform it came from: no name, no word of the person, nothing that waits for
// the leader.
type OuterResult struct {
	OuterNumber string        `db:"outer_number" json:"outer_number"`
	Number      string        `db:"number" json:"number"`
	State       State         `db:"state" json:"state"`
	Finding     string        `db:"finding" json:"finding"`
	Ground      string        `db:"refused_ground" json:"refused_ground"`
	ReferredTo  string        `db:"referred_to" json:"referred_to"`
	Answer      string        `db:"answer" json:"answer"`
	Asks        string        `db:"asks" json:"asks" doc:"what the person is asked to complete, while the clock stands still"`
	DueOn       deadline.Date `db:"due_on" json:"due_on"`
	ChangedAt   time.Time     `db:"changed_at" json:"changed_at"`
	ID          uuid.UUID     `db:"id" json:"-"`
}

const (
	// what waits for the leader is still being looked into, for everybody outside
	resultColumnsSQL = `c.id, c.outer_number, c.number, CASE c.state WHEN 'proposed' THEN 'investigating' ELSE c.state END AS state, CASE c.state WHEN 'proposed' THEN '' ELSE c.finding END AS finding,
    c.refused_ground, c.referred_to, c.answer, c.asks, COALESCE(to_char(c.due_on, 'YYYY-MM-DD'), '') AS due_on, c.changed_at`
	resultsAtOnce = 200
	// resultsLag keeps a change out of the list until everything begun before it has surely ended: a place in the list,
	// once fetched past, is never filled afterwards.
	resultsLag = 10 * time.Second
)

// Results lists what changed in a source's tickets after a place in the list, oldest first. Next leads on from there, also
// when nothing more is there now.
func (s *Service) Results(ctx context.Context, source uuid.UUID, since string, who actor.Actor) (web.Page[OuterResult], error) {
	page := web.Page[OuterResult]{Items: []OuterResult{}, Next: since}
	var after position
	if t, err := time.Parse(time.RFC3339, since); err == nil {
		after.At = t
	} else if _, err := web.DecodeCursor(since, &after); err != nil {
		return page, err
	}
	if !who.Is(actor.SystemRole) {
		return page, fault.Denied()
	}
	const q = `SELECT ` + resultColumnsSQL + ` FROM complaints c
    WHERE channel = '12345' AND outer_number <> '' AND outer_source = $1 AND (changed_at, id) > ($2, $3) AND changed_at <= $4 ORDER BY changed_at, id LIMIT $5`
	if err := s.db.Select(ctx, &page.Items, q, source, after.At, after.ID, s.now().Add(-resultsLag), resultsAtOnce); err != nil {
		return page, err
	}
	if n := len(page.Items); n > 0 {
		page.Next = web.EncodeCursor(position{page.Items[n-1].ChangedAt, page.Items[n-1].ID})
	}
	return page, nil
}

// ticketResults are the results of all tickets in who's scope that changed on a day or later, oldest first.
func (s *Service) ticketResults(ctx context.Context, who actor.Actor, since deadline.Date) ([]OuterResult, error) {
	var out []OuterResult
	const q = `SELECT ` + resultColumnsSQL + ` FROM complaints c
    WHERE` + inScope + ` AND c.channel = '12345' AND c.outer_number <> '' AND ($4 = '' OR (c.changed_at AT TIME ZONE 'Asia/Shanghai')::date >= NULLIF($4, '')::date) ORDER BY c.changed_at, c.id LIMIT $5`
	err := s.db.Select(ctx, &out, q, append(scope(who), string(since), resultRowsMost)...)
	return out, err
}
