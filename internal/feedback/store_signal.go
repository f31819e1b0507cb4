package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/platform/db"
)

// answersAbout tells of answers by ticket which visit's agency and whose ticket they are, what they say in short, and
// whether that is nothing but the best.
func answersAbout(ctx context.Context, d *db.DB, ids []uuid.UUID) (map[uuid.UUID]trace, error) {
	const q = `
SELECT f.id, f.ticket_id, f.agency_id, k.issued_to, NOT f.bad AND f.overall = 5 AND f.problem_text = '' AND f.advice = '' AND f.ratings = '{"R0":5,"R1":5,"R2":5,"R3":5,"R4":5,"R5":5}'::jsonb AS top,
  f.counted AS first, f.overall AS mark, (SELECT string_agg(left(COALESCE(f.facts->>('F' || n), '-'), 1), '' ORDER BY n) FROM generate_series(1, 10) n) AS facts
FROM feedbacks f JOIN tickets k ON k.id = f.ticket_id WHERE f.id = ANY ($1::uuid[])`
	var rows []struct {
		ID     uuid.UUID `db:"id"`
		Ticket uuid.UUID `db:"ticket_id"`
		Agency uuid.UUID `db:"agency_id"`
		Holder uuid.UUID `db:"issued_to"`
		Top    bool      `db:"top"`
		First  bool      `db:"first"`
		Mark   int       `db:"mark"`
		Facts  string    `db:"facts"`
	}
	if err := d.Select(ctx, &rows, q, pq.Array(texts(ids))); err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]trace, len(rows))
	for _, r := range rows {
		out[r.ID] = trace{ID: r.ID, Ticket: r.Ticket, Agency: r.Agency, Holder: r.Holder, Top: r.Top, First: r.First, Mark: r.Mark, Facts: r.Facts}
	}
	return out, nil
}

func insertTraces(ctx context.Context, d *db.DB, hour time.Time, boxes [][]byte) error {
	const q = `INSERT INTO ballot_traces (hour, box) SELECT $1, u.box FROM unnest($2::bytea[]) AS u (box) ORDER BY random()`
	_, err := d.Exec(ctx, q, hour, pq.ByteaArray(boxes))
	return err
}

type traceRow struct {
	N   int64  `db:"n"`
	Box []byte `db:"box"`
}

// tracesSince reads what came after n, and a little before it: numbers may be committed out of their order. After a crash of
// the database the table is empty and its numbers begin anew.
func tracesSince(ctx context.Context, d *db.DB, n int64) ([]traceRow, error) {
	const q = `SELECT n, box FROM ballot_traces WHERE n > least($1, COALESCE((SELECT max(n) FROM ballot_traces), 0)) - 1000 ORDER BY n`
	var out []traceRow
	err := d.Select(ctx, &out, q, n)
	return out, err
}

func deleteTraces(ctx context.Context, d *db.DB, before time.Time) (int64, error) {
	const q = `DELETE FROM ballot_traces WHERE hour < $1`
	return d.Exec(ctx, q, before)
}

// flagAnswers sets the flag; a settled answer is settled anew, so that its place does not tell when it was flagged.
func flagAnswers(ctx context.Context, d *db.DB, ids []uuid.UUID) error {
	const q = `UPDATE feedbacks SET suspect = true, settled = CASE WHEN settled = 2 THEN 1 ELSE settled END WHERE id = ANY ($1::uuid[]) AND NOT suspect`
	return d.InTx(ctx, func(tx *db.DB) error {
		if err := holdSettlement(ctx, tx); err != nil { // which writes rows anew: an update that waits for one finds it gone
			return err
		}
		_, err := tx.Exec(ctx, q, pq.Array(texts(ids)))
		return err
	})
}
