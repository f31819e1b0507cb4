package vault

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

type sealedRow struct {
	ID       uuid.UUID `db:"id"`
	CaseKind string    `db:"case_kind"`
	CaseID   uuid.UUID `db:"case_id"`
	KeyID    string    `db:"key_id"`
	Wrapped  []byte    `db:"wrapped"`
	Sealed   []byte    `db:"sealed"`
}

const rowColumns = `v.id, v.case_kind, v.case_id, k.key_id, k.wrapped, v.sealed FROM vault.identities v JOIN vault.data_keys k ON k.identity_id = v.id`

// mayHandle says whether who handles the case. The revealing role sees of a case its id and its office, no more; who may
// see who spoke, its owner's function tells. Faults: NotFound out of sight, Forbidden for who is not on the case.
func mayHandle(ctx context.Context, tx *db.DB, who actor.Actor, caseKind string, caseID uuid.UUID) error {
	const q = `SELECT CASE $1 WHEN 'complaint' THEN complaint_handler($2, $3, $4, $5)
		ELSE feedback_handler($2, $3, $4, $5) END`
	var may *bool
	err := tx.Get(ctx, &may, q, caseKind, caseID, who.ID, string(who.Role), who.OfficeID)
	switch {
	case err != nil:
		return err
	case may == nil:
		return fault.Missing()
	case !*may:
		return fault.New(fault.Forbidden, "not_handler", "只有办这件事的人能看是谁反映的。要办这件事，先由本所或县司法局指定您为调查人员。")
	}
	return nil
}

// sealedOf reads what is sealed for a case, the newest days first; the order within a day is sealed inside.
func sealedOf(ctx context.Context, tx *db.DB, caseKind string, caseID uuid.UUID) ([]sealedRow, error) {
	const q = `SELECT ` + rowColumns + ` WHERE v.case_kind = $1 AND v.case_id = $2 ORDER BY v.sealed_on DESC, v.id LIMIT 100`
	var rows []sealedRow
	err := tx.Select(ctx, &rows, q, caseKind, caseID)
	if err == nil && len(rows) == 0 {
		err = fault.Missing()
	}
	return rows, err
}

func replaceIdentity(ctx context.Context, tx *db.DB, s Sealed) error {
	const q = `SELECT vault_replace($1, $2, $3, $4, $5, $6)`
	_, err := tx.Exec(ctx, q, s.ID, s.CaseKind, s.CaseID, s.KeyID, s.Bytes, s.On)
	return err
}

// shred deletes the data keys of a case: what is left of it anywhere opens no more.
func shred(ctx context.Context, tx *db.DB, caseKind string, caseID uuid.UUID, on string) (n int, err error) {
	const q = `SELECT vault_shred($1, $2, $3::date)`
	err = tx.Get(ctx, &n, q, caseKind, caseID, on)
	return n, err
}

func expired(ctx context.Context, d *db.DB, today string, most int) (rows []sealedRow, err error) {
	const q = `SELECT case_kind, case_id FROM vault_expired($1::date, $2)`
	err = d.Select(ctx, &rows, q, today, most)
	return rows, err
}

// notUnder are rows that lie under another key than the current one, after the id given.
func notUnder(ctx context.Context, d *db.DB, current string, after uuid.UUID, most int) (rows []sealedRow, err error) {
	const q = `SELECT ` + rowColumns + ` WHERE k.key_id <> $1 AND v.id > $2 ORDER BY v.id LIMIT $3`
	err = d.Select(ctx, &rows, q, current, after, most)
	return rows, err
}

func reseal(ctx context.Context, d *db.DB, row sealedRow, keyID string, sealed []byte) (done bool, err error) {
	const q = `SELECT vault_reseal($1, $2, $3, $4)`
	err = d.Get(ctx, &done, q, row.ID, row.KeyID, keyID, sealed)
	return done, err
}

// heldBy counts what lies under each key.
func heldBy(ctx context.Context, d *db.DB) (map[string]int, error) {
	var rows []struct {
		KeyID string `db:"key_id"`
		N     int    `db:"n"`
	}
	const q = `SELECT key_id, count(*) AS n FROM vault.data_keys GROUP BY key_id`
	if err := d.Select(ctx, &rows, q); err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.KeyID] = r.N
	}
	return out, nil
}

const requestColumns = `SELECT r.id, r.case_kind, r.case_id, COALESCE((SELECT c.number FROM complaints c WHERE c.id = r.case_id), '') AS number, r.asked_by, a.name AS asker, r.reason, r.asked_at, r.expires_at,
	COALESCE((SELECT d.name FROM accounts d WHERE d.id = r.decided_by), '') AS decider, r.decided_at, r.approved, r.why FROM reveal_requests r JOIN accounts a ON a.id = r.asked_by`

// keptOff leaves out the cases from which the reader stands back.
const keptOff = ` NOT COALESCE(r.case_kind = 'complaint' AND complaint_keeps_off(r.case_id, $1, $2), false)`

func insertRequest(ctx context.Context, tx *db.DB, r *Request) error {
	const q = `INSERT INTO reveal_requests (id, case_kind, case_id, asked_by, reason, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err := tx.Exec(ctx, q, r.ID, r.CaseKind, r.CaseID, r.AskedBy, r.Reason, r.AskedAt, r.ExpiresAt)
	return err
}

// openRequests are who's own for a case that still count: waiting, or agreed to.
func openRequests(ctx context.Context, tx *db.DB, who actor.Actor, caseKind string, caseID uuid.UUID, now time.Time) (rows []Request, err error) {
	const q = requestColumns + ` WHERE r.asked_by = $1 AND r.case_kind = $2 AND r.case_id = $3 AND r.expires_at > $4 AND r.approved IS DISTINCT FROM false ORDER BY r.asked_at DESC LIMIT 5`
	err = tx.Select(ctx, &rows, q, who.ID, caseKind, caseID, now)
	return rows, err
}

func lockRequest(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (*Request, error) {
	var r Request
	const q = requestColumns + ` WHERE` + keptOff + ` AND r.id = $3 FOR UPDATE OF r`
	return &r, tx.Get(ctx, &r, q, who.ID, who.OfficeID, id)
}

func saveRequest(ctx context.Context, tx *db.DB, who actor.Actor, r *Request) error {
	const q = `UPDATE reveal_requests SET decided_by = $2, decided_at = $3, approved = $4, why = $5, expires_at = $6 WHERE id = $1`
	_, err := tx.Exec(ctx, q, r.ID, who.ID, r.DecidedAt, r.Approved, r.Why, r.ExpiresAt)
	return err
}

// RequestFilter narrows the list of requests.
type RequestFilter struct {
	CaseID  string `query:"case_id" maxLength:"36"`
	Waiting string `query:"waiting" enum:"true,false" doc:"true: those the caller may decide on"`
}

// Requests lists what was asked, newest first, but for the cases from which who stands back.
func (s *Service) Requests(ctx context.Context, who actor.Actor, f RequestFilter) ([]Request, error) {
	out := []Request{}
	if !who.Is(actor.County, actor.Leader) {
		return out, fault.Denied()
	}
	if _, err := uuid.Parse(f.CaseID); f.CaseID != "" && err != nil {
		return out, fault.Field("case_id", "编号格式不对")
	}
	const q = requestColumns + ` WHERE` + keptOff + ` AND ($3 = '' OR r.case_id::text = $3) AND ($4 <> 'true' OR r.approved IS NULL AND r.expires_at > $5 AND r.asked_by <> $1) ORDER BY r.asked_at DESC, r.id LIMIT 100`
	if err := s.pool.Select(ctx, &out, q, who.ID, who.OfficeID, f.CaseID, f.Waiting, s.now()); err != nil {
		return out, err
	}
	for i := range out {
		out[i].seenBy(who, s.now())
	}
	return out, nil
}
