package visit

import (
	"context"

	"suixing/internal/platform/db"
)

type checkedSheet struct {
	ID     string `db:"id"`
	Raw    []byte `db:"raw"`
	Body   []byte `db:"body"`
	Digest string `db:"digest"`
}

// sheetsAfter pages through all sealed records, for CheckSheets.
func sheetsAfter(ctx context.Context, d *db.DB, after string) ([]checkedSheet, error) {
	var out []checkedSheet
	const q = `SELECT id::text, raw, body::text AS body, digest FROM sheets WHERE $1 = '' OR id > NULLIF($1, '')::uuid ORDER BY id LIMIT 200`
	return out, d.Select(ctx, &out, q, after)
}
