package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

type ticketRow struct {
	ID          uuid.UUID
	Hash, Short []byte
}

// lockCarrier makes sure that a phone that is to carry tickets is one of who's own, and is not reported lost before it has them.
func lockCarrier(ctx context.Context, tx *db.DB, who actor.Actor, device uuid.NullUUID) error {
	if !device.Valid {
		return nil
	}
	var lost bool
	err := tx.Get(ctx, &lost, `SELECT revoked_at IS NOT NULL FROM devices WHERE id = $1 AND account_id = $2 FOR SHARE`, device, who.ID)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return fault.Field("device_id", "这部手机还没有登记在您名下，领不了评价码。")
	case err == nil && lost:
		return fault.New(fault.Conflict, "device_revoked", "这部手机已挂失，领不了评价码。手机找回来了，请退出后重新登录一次。")
	}
	return err
}

func insertTickets(ctx context.Context, tx *db.DB, who actor.Actor, in *TicketOrder, day string, rows []ticketRow) error {
	var ids []string
	var hashes, shorts pq.ByteaArray
	for _, r := range rows {
		ids, hashes, shorts = append(ids, r.ID.String()), append(hashes, r.Hash), append(shorts, r.Short)
	}
	const q = `
INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position, device_id)
SELECT u.id, u.hash, u.short, $4, $5, $6, $7, u.n, $8 FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) WITH ORDINALITY AS u (id, hash, short, n)`
	_, err := tx.Exec(ctx, q, pq.Array(ids), hashes, shorts, who.ID, who.OfficeID, day, in.RequestID, in.DeviceID)
	return err
}

func unusedOf(ctx context.Context, tx *db.DB, who actor.Actor) (int, error) {
	var n int
	err := tx.Get(ctx, &n, `SELECT count(*)`+ticketTables+` WHERE`+unusedTicket+` AND k.issued_to = $1`, who.ID)
	return n, err
}

const ticketTables = ` FROM tickets k JOIN accounts p ON p.id = k.issued_to LEFT JOIN devices d ON d.id = k.device_id`

// unusedTicket is one that may still be shown to somebody: not one on a phone that is reported lost, nor one of somebody
// who has left or does not go out any more.
const unusedTicket = ` k.visit_id IS NULL AND k.revoked_at IS NULL AND NOT k.answered AND d.revoked_at IS NULL AND p.active AND p.role IN ('supervisor', 'office')`

// TicketStock counts the tickets that a supervisor's phones carry; for an office those of all its phones, each phone by itself.
func (s *Service) TicketStock(ctx context.Context, who actor.Actor) (*Stock, error) {
	out := Stock{Phones: []PhoneStock{}}
	const byPhone = `
SELECT k.issued_to AS holder_id, p.name AS holder, k.device_id, COALESCE(d.name, '') AS device, count(*) AS unused` + ticketTables + ` WHERE` + unusedTicket + ` AND (k.issued_to = $1 OR $2 AND k.office_id = $3) GROUP BY 1, 2, 3, 4 ORDER BY 2, 4, 3 LIMIT 500`
	if err := s.db.Select(ctx, &out.Phones, byPhone, who.ID, who.Is(actor.Office), who.OfficeID); err != nil {
		return nil, err
	}
	for _, p := range out.Phones {
		out.Unused += p.Unused
	}
	const q = `SELECT count(*) FROM tickets k WHERE k.revoked_at IS NOT NULL AND (k.issued_to = $1 OR $2 AND k.office_id = $3 AND k.issued_to IN (SELECT id FROM accounts WHERE office_id = $3))`
	return &out, s.db.Get(ctx, &out.Revoked, q, who.ID, who.Is(actor.Office), who.OfficeID)
}

// revokeTickets ends what is named, wherever it is in who's scope; phones and all mean what is unused on them.
func revokeTickets(ctx context.Context, tx *db.DB, who actor.Actor, in *Revocation, at time.Time) (int64, error) {
	const q = `
UPDATE tickets k SET revoked_at = $1
WHERE k.revoked_at IS NULL AND NOT k.answered AND (k.issued_to = $2 OR $3 AND k.office_id = $4)
  AND CASE WHEN $5 THEN k.visit_id IS NULL WHEN $6::uuid IS NOT NULL THEN k.visit_id IS NULL AND k.issued_to = $6 AND k.device_id IS NOT DISTINCT FROM $7::uuid ELSE k.id = ANY ($8::uuid[]) END`
	return tx.Exec(ctx, q, at, who.ID, who.Is(actor.Office) && !in.own, who.OfficeID, in.All, in.HolderID, in.DeviceID, pq.Array(texts(in.IDs)))
}

func bindTicket(ctx context.Context, tx *db.DB, ticketID, visitID uuid.UUID, at, until time.Time) (bool, error) {
	const q = `
UPDATE tickets SET visit_id = $2, bound_at = $3, expires_at = $4
WHERE id = $1 AND visit_id IS NULL AND revoked_at IS NULL AND NOT EXISTS (SELECT FROM tickets o WHERE o.visit_id = $2 AND o.revoked_at IS NULL)`
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

// correctLeads tells the leads of answers that came before their visit whom they concern: the visitor had chosen it.
func correctLeads(ctx context.Context, tx *db.DB, ticketID uuid.UUID, at time.Time) error {
	const q = `SELECT count(lead_correct('feedback', f.id, f.office_id, f.agency_id, '评价的检查记录已送到，执法单位按记录更正。', $2)) FROM feedbacks f
WHERE f.ticket_id = $1 AND f.counted OR f.ticket_id = $1 AND NOT f.counted`
	_, err := tx.Exec(ctx, q, ticketID, at.Truncate(time.Hour))
	return err
}

// revokeCarried makes what a phone carries, or may carry, and nobody has used useless.
func revokeCarried(ctx context.Context, tx *db.DB, device uuid.UUID, at time.Time) (int64, error) {
	const q = `
UPDATE tickets SET revoked_at = $2 WHERE visit_id IS NULL AND revoked_at IS NULL AND NOT answered
  AND (device_id = $1 OR device_id IS NULL AND issued_to = (SELECT account_id FROM devices WHERE id = $1))`
	return tx.Exec(ctx, q, device, at)
}

// carryTickets locks the phone before the tickets, as the report of a loss does.
func carryTickets(ctx context.Context, tx *db.DB, who actor.Actor, device uuid.UUID, carried []uuid.UUID) error {
	const q = `
UPDATE tickets k SET device_id = d.id FROM (SELECT id FROM devices WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL FOR KEY SHARE) d
WHERE k.id = ANY ($3::uuid[]) AND k.issued_to = $1 AND k.device_id IS NULL AND k.visit_id IS NULL AND k.revoked_at IS NULL`
	_, err := tx.Exec(ctx, q, who.ID, device, pq.Array(texts(carried)))
	return err
}

// visitTicket is what a visit's good ticket is known by, for someone who may give out another one.
type visitTicket struct {
	Office   uuid.UUID     `db:"office_id"`
	Ticket   uuid.NullUUID `db:"ticket_id"`
	Answered bool          `db:"answered"`
}

// ticketToReplace finds a visit in who's scope and locks its good ticket: an office its township's visits, a supervisor her own.
func ticketToReplace(ctx context.Context, tx *db.DB, who actor.Actor, visit uuid.UUID) (visitTicket, error) {
	const find = `
SELECT v.office_id, k.id AS ticket_id, COALESCE(k.answered, false) AS answered
FROM visits v LEFT JOIN tickets k ON k.visit_id = v.id AND k.revoked_at IS NULL
WHERE v.id = $1 AND v.state = 'recorded' AND ($2 AND v.office_id = $3 OR EXISTS (SELECT FROM visit_supervisors m WHERE m.visit_id = v.id AND m.account_id = $4))`
	var out visitTicket
	if err := tx.Get(ctx, &out, find, visit, who.Is(actor.Office), who.OfficeID, who.ID); err != nil || !out.Ticket.Valid {
		return out, err
	}
	const lock = `SELECT answered FROM tickets WHERE id = $1 FOR UPDATE`
	return out, tx.Get(ctx, &out.Answered, lock, out.Ticket)
}

func revokeTicket(ctx context.Context, tx *db.DB, id uuid.NullUUID, at time.Time) error {
	const q = `UPDATE tickets SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`
	_, err := tx.Exec(ctx, q, id, at)
	return err
}

func insertBoundTicket(ctx context.Context, tx *db.DB, who actor.Actor, r ticketRow, office, visit uuid.UUID, at, until time.Time) error {
	const q = `
INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position, visit_id, bound_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $1, 1, $7, $8, $9)`
	_, err := tx.Exec(ctx, q, r.ID, r.Hash, r.Short, who.ID, office, clock.Day(at), visit, at, until)
	return err
}
