package feedback

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
)

// kept is an answer that feedback_keep_first kept; A is its place in the batch.
type kept struct {
	A         int       `db:"a"`
	Ticket    uuid.UUID `db:"ticket"`
	Office    string    `db:"office"`
	Agency    string    `db:"agency"`
	CheckedOn string    `db:"checked_on"`
}

// keepFirst keeps the first answers of their tickets among a batch, in one transaction; none when one of them cannot be kept.
func keepFirst(ctx context.Context, d *db.DB, batch []*asking) (out []kept, err error) {
	body, err := json.Marshal(rows(batch))
	if err != nil {
		return nil, err
	}
	const q = `SELECT a, ticket, office, agency, checked_on FROM feedback_keep_first($1, $2, $3)`
	return out, d.SelectP(ctx, &out, q, string(body), batch[0].r.at, FormVersion)
}
