package vault

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

type sealedRow struct {
	ID     uuid.UUID `db:"id"`
	KeyID  string    `db:"key_id"`
	Sealed []byte    `db:"sealed"`
}

// sealedOf reads the sealed row of a case within who's scope. The revealing role sees of a case its id and its office, no more.
func sealedOf(ctx context.Context, tx *db.DB, who actor.Actor, caseKind string, caseID uuid.UUID) (sealedRow, error) {
	const q = `
SELECT v.id, v.key_id, v.sealed FROM vault.identities v
WHERE v.case_kind = $1 AND v.case_id = $2 AND ($3 OR EXISTS (
  SELECT FROM feedbacks f WHERE v.case_kind = 'feedback' AND f.id = v.case_id AND f.office_id = $4
  UNION ALL
  SELECT FROM complaints c WHERE v.case_kind = 'complaint' AND c.id = v.case_id AND c.office_id = $4))`
	var row sealedRow
	err := tx.Get(ctx, &row, q, caseKind, caseID, who.Is(actor.County), who.OfficeID)
	return row, err
}
