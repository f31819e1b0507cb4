package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

type ticketRow struct {
	ID          uuid.UUID
	Hash, Short []byte
}

func insertTickets(ctx context.Context, tx *db.DB, who actor.Actor, requestID uuid.UUID, day string, rows []ticketRow) error {
	var ids []string
	var hashes, shorts pq.ByteaArray
	for _, r := range rows {
		ids, hashes, shorts = append(ids, r.ID.String()), append(hashes, r.Hash), append(shorts, r.Short)
	}
	const q = `
INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position)
SELECT u.id, u.hash, u.short, $4, $5, $6, $7, u.n FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) WITH ORDINALITY AS u (id, hash, short, n)`
	_, err := tx.Exec(ctx, q, pq.Array(ids), hashes, shorts, who.ID, who.OfficeID, day, requestID)
	return err
}

func unusedOf(ctx context.Context, tx *db.DB, who actor.Actor) (int, error) {
	var n int
	const q = `SELECT count(*) FROM tickets WHERE issued_to = $1 AND visit_id IS NULL AND revoked_at IS NULL AND NOT answered`
	err := tx.Get(ctx, &n, q, who.ID)
	return n, err
}

// TicketStock counts the tickets issued to who.
func (s *Service) TicketStock(ctx context.Context, who actor.Actor) (*Stock, error) {
	var out Stock
	const q = `
SELECT count(*) FILTER (WHERE visit_id IS NULL AND revoked_at IS NULL AND NOT answered) AS unused, count(*) FILTER (WHERE revoked_at IS NOT NULL) AS revoked
FROM tickets WHERE issued_to = $1`
	err := s.db.Get(ctx, &out, q, who.ID)
	return &out, err
}

func revokeTickets(ctx context.Context, tx *db.DB, who actor.Actor, ids []uuid.UUID, all bool, at time.Time) (int64, error) {
	named := make([]string, len(ids))
	for i, id := range ids {
		named[i] = id.String()
	}
	const q = `
UPDATE tickets SET revoked_at = $1
WHERE revoked_at IS NULL AND NOT answered AND (issued_to = $2 OR $3 AND office_id = $4)
  AND CASE WHEN $5 THEN issued_to = $2 AND visit_id IS NULL ELSE id = ANY ($6::uuid[]) END`
	return tx.Exec(ctx, q, at, who.ID, who.Is(actor.Office), who.OfficeID, all, pq.Array(named))
}

func bindTicket(ctx context.Context, tx *db.DB, ticketID, visitID uuid.UUID, at, until time.Time) (bool, error) {
	const q = `
UPDATE tickets SET visit_id = $2, bound_at = $3, expires_at = $4
WHERE id = $1 AND visit_id IS NULL AND revoked_at IS NULL AND NOT EXISTS (SELECT FROM tickets o WHERE o.visit_id = $2)`
	n, err := tx.Exec(ctx, q, ticketID, visitID, at, until)
	return n == 1, err
}

// settleAnswers gives answers that came before their visit the visit's agency, office, day and matter.
func settleAnswers(ctx context.Context, tx *db.DB, ticketID uuid.UUID) error {
	const q = `
UPDATE feedbacks f SET agency_id = v.agency_id, office_id = v.office_id, matter = v.matter,
  checked_on = COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on, f.checked_on)
FROM tickets k JOIN visits v ON v.id = k.visit_id
WHERE k.id = $1 AND (f.ticket_id = $1 AND f.counted OR f.ticket_id = $1 AND NOT f.counted)` // each half has its index
	_, err := tx.Exec(ctx, q, ticketID)
	return err
}
