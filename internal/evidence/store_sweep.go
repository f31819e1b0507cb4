package evidence

import (
	"context"
	"time"

	"suixing/internal/platform/db"
)

// unclaimed: nobody brought it under a name, and no record declares it.
const (
	unclaimed      = `NOT EXISTS (SELECT FROM photo_uploads u WHERE u.sha256 = p.sha256) AND NOT EXISTS (SELECT FROM attachments a WHERE a.sha256 = p.sha256)`
	unclaimedPhoto = `NOT EXISTS (SELECT FROM photo_uploads u WHERE u.sha256 = photos.sha256) AND NOT EXISTS (SELECT FROM attachments a WHERE a.sha256 = photos.sha256)`
)

func abandoned(ctx context.Context, d *db.DB, before time.Time, limit int) ([]string, error) {
	var out []string
	const q = `SELECT p.sha256 FROM photos p WHERE p.held_at < $1 AND ` + unclaimed + ` LIMIT $2`
	return out, d.Select(ctx, &out, q, before, limit)
}

// forgetPhoto takes the lock that a manifest in the making holds, and looks again once it has it.
func forgetPhoto(ctx context.Context, tx *db.DB, sha string) error {
	const lock = `SELECT pg_advisory_xact_lock(('x' || left($1, 16))::bit(64)::bigint)`
	if _, err := tx.Exec(ctx, lock, sha); err != nil {
		return err
	}
	const copies = `DELETE FROM derivatives d USING photos p WHERE d.sha256 = $1 AND p.sha256 = $1 AND ` + unclaimed
	if _, err := tx.Exec(ctx, copies, sha); err != nil {
		return err
	}
	const photo = `DELETE FROM photos p WHERE p.sha256 = $1 AND ` + unclaimed
	_, err := tx.Exec(ctx, photo, sha)
	return err
}
