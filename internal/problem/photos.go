package problem

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// attach hangs a deed's photos on the problem. They must be held, and be the person's own or already on this problem.
func (s *Service) attach(ctx context.Context, tx *db.DB, who actor.Actor, p Problem, hashes []string, d Deed, forAgency bool) error {
	if len(hashes) == 0 {
		return nil
	}
	sizes, err := mayUse(ctx, tx, who.ID, p.ID, who.Is(actor.Agency), hashes)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		if _, ok := sizes[h]; !ok {
			return fault.Field("photos", "有一张照片还没有传上来，先传照片再提交。已填的都留着。")
		}
	}
	list := make([]evidence.Declared, len(hashes))
	for i, h := range hashes {
		list[i] = evidence.Declared{Item: itemOf(d, p.Version), Position: i, SHA256: h, Size: sizes[h], Source: "desk", ForAgency: forAgency}
	}
	return s.evidence.Declare(ctx, tx, who, evidence.OnProblem, p.ID, list)
}

// adopt hangs the photos of a lead's record on the problem it became, with the time and place they were taken. They may
// still be on the phone: a red line is registered as soon as the sheet arrives, and its manifest comes before its photos.
func (s *Service) adopt(ctx context.Context, tx *db.DB, who actor.Actor, p Problem, hashes []string) error {
	if len(hashes) == 0 {
		return nil
	}
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
		return err
	}
	at := map[string]int{}
	for i, h := range hashes {
		at[h] = i
	}
	if len(found) < len(at) {
		return fault.Field("photos", "选的照片不在这条线索的记录里，请重新选择。")
	}
	list := make([]evidence.Declared, len(found))
	for i, f := range found {
		list[i] = evidence.Declared{Item: itemOf(Registered, p.Version), Position: at[f.SHA256], SHA256: f.SHA256, Size: f.Size, Source: f.Source,
			TakenAt: f.TakenAt, Lat: f.Lat, Lng: f.Lng, Accuracy: f.Accuracy, Datum: f.Datum, Caption: f.Caption}
	}
	return s.evidence.Declare(ctx, tx, who, evidence.OnProblem, p.ID, list)
}

// itemOf names what a photo came with; the version keeps the rounds of one deed apart.
func itemOf(d Deed, version int) string { return fmt.Sprintf("%s/%d", d, version) }

// deedOf takes the version off an attachment's item again.
func deedOf(item string) string {
	d, _, _ := strings.Cut(item, "/")
	return d
}

// dated gives photos the moment of the event they came with, so that a time line can show them there.
func dated(photos []Photo, events []EventView) {
	for i := range photos {
		f := &photos[i]
		f.Deed = deedOf(f.Deed)
		best := time.Minute
		at := f.At
		for _, e := range events {
			if string(e.Deed) != f.Deed {
				continue
			}
			if gap := at.Sub(e.At).Abs(); gap < best {
				best, f.At = gap, e.At
			}
		}
	}
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
