package feedback

import (
	"context"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// moreOf is what is known of an answer for its one word after.
type moreOf struct {
	ID      string     `db:"id"`
	Replied *time.Time `db:"replied_at"`
	Said    bool       `db:"said"`
}

func answerByReceipt(ctx context.Context, tx *db.DB, code string) (f moreOf, err error) {
	const q = `SELECT id::text AS id, replied_at, more_hour IS NOT NULL AS said FROM feedbacks WHERE receipt_hash = $1 FOR UPDATE`
	for range 2 { // while its hour is settled the row is written anew: a second look finds it
		if err = tx.Get(ctx, &f, q, door.Hash(code)); fault.KindOf(err) != fault.NotFound {
			break
		}
	}
	return f, err
}

func saveMore(ctx context.Context, tx *db.DB, id string, overall int, text string, hour time.Time) error {
	const q = `UPDATE feedbacks SET more_overall = $2, more_text = $3, more_hour = $4, settled = CASE WHEN settled = 0 THEN 0 ELSE 3 END WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, overall, text, hour)
	return err
}
