package problem

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/evidence"
	"suixing/internal/platform/db"
)

// declaredParts gives the photos as some record declares them, else as they are held.
func declaredParts(ctx context.Context, tx *db.DB, hashes []string) ([]evidence.Declared, error) {
	const q = `SELECT DISTINCT ON (sha256) sha256, size, source, taken_at, lat, lng, accuracy, datum, caption FROM (
			SELECT sha256, size, source, taken_at, lat, lng, accuracy, datum, caption, declared_at AS at FROM attachments WHERE sha256 = ANY(string_to_array($1, ','))
			UNION ALL SELECT sha256, size, 'desk', NULL, NULL, NULL, NULL, '', '', held_at + interval '1000 years' FROM photos WHERE sha256 = ANY(string_to_array($1, ','))
		) known ORDER BY sha256, at`
	var found []struct {
		SHA256   string     `db:"sha256"`
		Size     int64      `db:"size"`
		Source   string     `db:"source"`
		TakenAt  *time.Time `db:"taken_at"`
		Lat      *float64   `db:"lat"`
		Lng      *float64   `db:"lng"`
		Accuracy *float64   `db:"accuracy"`
		Datum    string     `db:"datum"`
		Caption  string     `db:"caption"`
	}
	if err := tx.Select(ctx, &found, q, strings.Join(hashes, ",")); err != nil {
		return nil, err
	}
	out := make([]evidence.Declared, len(found))
	for i, f := range found {
		out[i] = evidence.Declared{SHA256: f.SHA256, Size: f.Size, Source: f.Source, TakenAt: f.TakenAt, Lat: f.Lat, Lng: f.Lng, Accuracy: f.Accuracy, Datum: f.Datum, Caption: f.Caption}
	}
	return out, nil
}

// mayUse finds those of a deed's photos that the person brought, or that already hang on this problem where the person
// may see them: nobody gets at a photo by naming its hash.
func mayUse(ctx context.Context, tx *db.DB, account, id uuid.UUID, agency bool, hashes []string) (map[string]int64, error) {
	const q = `SELECT p.sha256, p.size FROM photos p WHERE p.sha256 = ANY(string_to_array($1, ',')) AND (
		EXISTS (SELECT FROM photo_uploads u WHERE u.sha256 = p.sha256 AND u.account_id = $2)
		OR EXISTS (SELECT FROM attachments t WHERE t.sha256 = p.sha256 AND t.owner_kind = 'problem' AND t.owner_id = $3 AND (t.for_agency OR NOT $4)))`
	var rows []struct {
		SHA256 string `db:"sha256"`
		Size   int64  `db:"size"`
	}
	if err := tx.Select(ctx, &rows, q, strings.Join(hashes, ","), account, id, agency); err != nil {
		return nil, err
	}
	sizes := make(map[string]int64, len(rows))
	for _, r := range rows {
		sizes[r.SHA256] = r.Size
	}
	return sizes, nil
}
