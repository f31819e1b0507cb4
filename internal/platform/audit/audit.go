// Package audit keeps the trail of who did what (留痕): append-only rows in the transaction of the change,
// chained afterwards in batches so that writes never queue behind a chain (invariant 10).
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// Append records a deed, as "problem.close", on a subject. Detail holds ids and field names, never values of personal data.
// uuid.Nil as subject leaves it empty: anonymous intake names no record.
func Append(ctx context.Context, tx *db.DB, at time.Time, who actor.Actor, deed, subjectKind string, subjectID uuid.UUID, detail any) error {
	body, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("audit detail of %s: %w", deed, err)
	}
	if detail == nil {
		body = []byte("{}")
	}
	const q = `SELECT audit_append($1, $2, $3, $4, $5, $6, $7)`
	_, err = tx.Exec(ctx, q, at, who.Account(), string(who.Role), deed, subjectKind, uuid.NullUUID{UUID: subjectID, Valid: subjectID != uuid.Nil}, body)
	return err
}
