package visit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/evidence"
	"suixing/internal/platform/db"
)

func numberOf(ctx context.Context, tx *db.DB, visitID uuid.UUID) (n string, err error) {
	return n, tx.Get(ctx, &n, `SELECT number FROM visits WHERE id = $1`, visitID)
}

// custodyOf sorts what a sheet declared into what is held and what is not.
func custodyOf(ctx context.Context, tx *db.DB, id uuid.UUID) (held []evidence.HeldPhoto, missing []string, err error) {
	var rows []struct {
		SHA256 string     `db:"sha256"`
		Size   int64      `db:"size"`
		HeldAt *time.Time `db:"held_at"`
	}
	const q = `SELECT DISTINCT a.sha256, COALESCE(p.size, 0) AS size, p.held_at FROM attachments a LEFT JOIN photos p ON p.sha256 = a.sha256
		WHERE a.owner_kind = 'sheet' AND a.owner_id = $1 ORDER BY a.sha256`
	if err := tx.Select(ctx, &rows, q, id); err != nil {
		return nil, nil, err
	}
	held, missing = []evidence.HeldPhoto{}, []string{}
	for _, r := range rows {
		if r.HeldAt == nil {
			missing = append(missing, r.SHA256)
		} else {
			held = append(held, evidence.HeldPhoto{SHA256: r.SHA256, Size: r.Size})
		}
	}
	return held, missing, nil
}

// sheetsWaitingFor are the sheets that declare a photo and are not complete.
func sheetsWaitingFor(ctx context.Context, d *db.DB, sha string) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	const q = `SELECT DISTINCT s.id FROM attachments a JOIN sheets s ON s.id = a.owner_id WHERE a.sha256 = $1 AND a.owner_kind = 'sheet' AND s.complete_at IS NULL`
	return ids, d.SelectP(ctx, &ids, q, sha)
}
