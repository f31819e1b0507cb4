package complaint

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

type draftRow struct {
	ID      uuid.UUID `db:"id"`
	Body    string    `db:"body"`
	Version int       `db:"version"`
	SavedAt time.Time `db:"saved_at"`
}

func countDrafts(ctx context.Context, tx *db.DB, who actor.Actor, besides uuid.UUID) (n int, err error) {
	const q = `SELECT count(*) FROM complaint_drafts WHERE account_id = $1 AND id <> $2`
	err = tx.Get(ctx, &n, q, who.ID, besides)
	return n, err
}

func saveDraft(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, body string, at time.Time) (version int, err error) {
	const q = `INSERT INTO complaint_drafts (id, account_id, body, saved_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET body = $3, saved_at = $4, version = complaint_drafts.version + 1 WHERE complaint_drafts.account_id = $2 RETURNING version`
	err = tx.Get(ctx, &version, q, id, who.ID, body, at)
	if fault.KindOf(err) == fault.NotFound {
		return 0, fault.New(fault.Conflict, "taken", "这个编号已经有人用了，请重新打开一张再填。")
	}
	return version, err
}

func readDraft(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (row draftRow, err error) {
	const q = `SELECT id, body, version, saved_at FROM complaint_drafts WHERE id = $1 AND account_id = $2`
	err = d.Get(ctx, &row, q, id, who.ID)
	return row, err
}

func readDrafts(ctx context.Context, d *db.DB, who actor.Actor) (rows []draftRow, err error) {
	const q = `SELECT id, body, version, saved_at FROM complaint_drafts WHERE account_id = $1 ORDER BY saved_at DESC, id LIMIT 50`
	err = d.Select(ctx, &rows, q, who.ID)
	return rows, err
}

// dropDraft removes a draft of who's; named that is no id is none.
func dropDraft(ctx context.Context, d *db.DB, who actor.Actor, named string) error {
	id, err := uuid.Parse(named)
	if err != nil {
		return nil // what has no id of its own was no draft
	}
	const q = `DELETE FROM complaint_drafts WHERE id = $1 AND account_id = $2`
	_, err = d.Exec(ctx, q, id, who.ID)
	return err
}

func lockDrafts(ctx context.Context, tx *db.DB, account uuid.UUID) (rows []draftRow, err error) {
	const q = `SELECT id, body, version, saved_at FROM complaint_drafts WHERE account_id = $1 ORDER BY id FOR UPDATE`
	err = tx.Select(ctx, &rows, q, account)
	return rows, err
}

func moveDraft(ctx context.Context, tx *db.DB, row draftRow, to uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE complaint_drafts SET account_id = $2, body = $3 WHERE id = $1`, row.ID, to, row.Body)
	return err
}

func sweep(ctx context.Context, d *db.DB, now, signed time.Time) error {
	const drafts = `DELETE FROM complaint_drafts WHERE deadline_due('RT02', (saved_at AT TIME ZONE 'Asia/Shanghai')::date) < $1`
	if _, err := d.Exec(ctx, drafts, clock.Day(now)); err != nil {
		return err
	}
	const nonces = `DELETE FROM outer_nonces WHERE seen_at < $1`
	_, err := d.Exec(ctx, nonces, signed)
	return err
}
