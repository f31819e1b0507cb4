package vault

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// insertNotice keeps that who looked; approved is the request under which, if one was needed.
func insertNotice(ctx context.Context, tx *db.DB, who actor.Actor, caseKind string, caseID uuid.UUID, reason string, under *Request, at time.Time) error {
	var request uuid.NullUUID
	if under != nil {
		request = uuid.NullUUID{UUID: under.ID, Valid: true}
	}
	const q = `INSERT INTO reveals (id, case_kind, case_id, account_id, role, reason, at, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	_, err := tx.Exec(ctx, q, uuid.New(), caseKind, caseID, who.ID, string(who.Role), reason, at, request)
	return err
}

// notices are the reveals in the reader's sight, and whether each waits for him. A leader sees what the county sees; the
// owner of a case tells who is in sight of it and who handles it.
const notices = `SELECT r.id, r.case_kind, r.case_id, COALESCE((SELECT c.number FROM complaints c WHERE c.id = r.case_id), '') AS number, a.name AS by_name, r.role, r.reason, r.at,
	COALESCE((SELECT d.name FROM reveal_requests q JOIN accounts d ON d.id = q.decided_by WHERE q.id = r.request_id), '') AS approved_by,
	COALESCE((SELECT d.name FROM accounts d WHERE d.id = r.read_by), '') AS read_by, r.read_at, r.account_id = $1 AS mine,
	r.read_at IS NULL AND r.account_id <> $1 AND ($2 = 'leader' OR $2 = 'county' AND r.role = 'office' OR $2 = r.role AND h.handles) AS may_read
	FROM reveals r JOIN accounts a ON a.id = r.account_id CROSS JOIN LATERAL (SELECT CASE r.case_kind WHEN 'complaint' THEN complaint_handler(r.case_id, $1, $4, $3) ELSE feedback_handler(r.case_id, $1, $4, $3) END AS handles) h
	WHERE h.handles IS NOT NULL AND NOT COALESCE(r.case_kind = 'complaint' AND complaint_keeps_off(r.case_id, $1, $3), false)`

// reader are the first arguments of notices.
func reader(who actor.Actor) []any {
	sight := who.Role
	if who.Is(actor.Leader) {
		sight = actor.County
	}
	return []any{who.ID, string(who.Role), who.OfficeID, string(sight)}
}

const noticePage = 50

// wanted are the notices of one case where one is given, or those that wait for who.
const wanted = `FROM (` + notices + ` AND ($5::uuid IS NULL OR r.case_id = $5) AND (NOT $6 OR r.read_at IS NULL)) n WHERE (NOT $6 OR n.may_read)`

// readNotices reads one more than a page, after a position.
func readNotices(ctx context.Context, d *db.DB, who actor.Actor, one uuid.NullUUID, waiting, deeper bool, after noticePosition) ([]Notice, error) {
	const q = `SELECT * ` + wanted + ` AND (NOT $7 OR (n.may_read, n.at, n.id) < ($8, $9, $10)) ORDER BY n.may_read DESC, n.at DESC, n.id DESC LIMIT $11`
	out := []Notice{}
	return out, d.Select(ctx, &out, q, append(reader(who), one, waiting, deeper, after.MayRead, after.At, after.ID, noticePage+1)...)
}

func countNotices(ctx context.Context, d *db.DB, who actor.Actor, one uuid.NullUUID, waiting bool) (int, error) {
	var n int
	err := d.Get(ctx, &n, `SELECT count(*) `+wanted, append(reader(who), one, waiting)...)
	return n, err
}

func lockNotice(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (*Notice, error) {
	var n Notice
	const q = notices + ` AND r.id = $5 FOR UPDATE OF r`
	return &n, tx.Get(ctx, &n, q, append(reader(who), id)...)
}

func saveConfirmed(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, at time.Time) error {
	const q = `UPDATE reveals SET read_by = $2, read_at = $3 WHERE id = $1 AND read_at IS NULL`
	_, err := tx.Exec(ctx, q, id, who.ID, at)
	return err
}
