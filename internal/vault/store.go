package vault

import (
	"context"

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

// mayHandle says whether who handles the case. The revealing role sees of a case its id and its office, no more; who works
// on a complaint its owner's function tells. Faults: NotFound out of sight, Forbidden for who is not on the case.
func mayHandle(ctx context.Context, tx *db.DB, who actor.Actor, caseKind string, caseID uuid.UUID) error {
	const q = `SELECT CASE $1 WHEN 'complaint' THEN complaint_handler($2, $3, $4, $5)
		ELSE (SELECT true FROM feedbacks f WHERE f.id = $2 AND ($4 = 'county' OR f.office_id = $5)) END`
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

// sealedOf reads what is sealed for a case, newest first.
func sealedOf(ctx context.Context, tx *db.DB, caseKind string, caseID uuid.UUID) ([]sealedRow, error) {
	const q = `SELECT ` + rowColumns + ` WHERE v.case_kind = $1 AND v.case_id = $2 ORDER BY v.sealed_on DESC, v.id LIMIT 20`
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
