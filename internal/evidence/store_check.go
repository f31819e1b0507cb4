package evidence

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
)

// Everything once, in pages: Check reads for hours, and holds no transaction meanwhile.

func photosAfter(ctx context.Context, d *db.DB, after string) ([]Photo, error) {
	var out []Photo
	const q = `SELECT sha256, size, media_type, width, height, held_at, preview FROM photos WHERE sha256 > $1 ORDER BY sha256 LIMIT 500`
	return out, d.Select(ctx, &out, q, after)
}

type checkedCopy struct {
	SHA256 string `db:"sha256"`
	Kind   string `db:"kind"`
	Size   int64  `db:"size"`
	Digest string `db:"digest"`
}

func copiesAfter(ctx context.Context, d *db.DB, sha, kind string) ([]checkedCopy, error) {
	var out []checkedCopy
	const q = `SELECT sha256, kind, size, digest FROM derivatives WHERE (sha256, kind) > ($1, $2) ORDER BY sha256, kind LIMIT 500`
	return out, d.Select(ctx, &out, q, sha, kind)
}

// checkedReceipt is a receipt with the fingerprint of the record it signs for and the photos that are held of it.
type checkedReceipt struct {
	receiptRow
	VisitID uuid.NullUUID `db:"visit_id"`
	Digest  string        `db:"digest"`
	Held    []byte        `db:"held"`
}

func receiptsAfter(ctx context.Context, d *db.DB, after string) ([]checkedReceipt, error) {
	var out []checkedReceipt
	const q = `SELECT r.code, r.sheet_id, r.version, r.body, r.key_id, r.algorithm, r.signature, r.issued_at, COALESCE(s.digest, '') AS digest, s.visit_id,
			COALESCE((SELECT jsonb_object_agg(p.sha256, p.size) FROM attachments a JOIN photos p ON p.sha256 = a.sha256 WHERE a.owner_kind = 'sheet' AND a.owner_id = r.sheet_id), '{}')::text AS held
		FROM receipts r LEFT JOIN sheets s ON s.id = r.sheet_id WHERE r.code > $1 ORDER BY r.code LIMIT 500`
	return out, d.Select(ctx, &out, q, after)
}
