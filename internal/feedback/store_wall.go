package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

const wallColumns = `SELECT w.id, w.business_id, b.name AS business, w.office_id, o.name AS office, to_char(w.created_on, 'YYYY-MM-DD') AS created_on, w.revoked_at
FROM wall_codes w JOIN businesses b ON b.id = w.business_id JOIN offices o ON o.id = w.office_id WHERE ($1 OR w.office_id = $2)`

func wallByID(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (*Wall, error) {
	var w Wall
	err := d.Get(ctx, &w, wallColumns+` AND w.id = $3`, who.SeesCounty(), who.OfficeID, id)
	return &w, err
}

// WallFilter narrows the list of wall codes.
type WallFilter struct {
	BusinessID string `query:"business_id" format:"uuid"`
	After      string `query:"after" maxLength:"200"`
}

// Walls lists the wall codes that are good.
func (s *Service) Walls(ctx context.Context, who actor.Actor, in *WallFilter) (web.Page[Wall], error) {
	page := web.Page[Wall]{Items: []Wall{}}
	var after uuid.UUID
	if _, err := web.DecodeCursor(in.After, &after); err != nil {
		return page, err
	}
	const q = wallColumns + ` AND w.revoked_at IS NULL AND ($3 = '' OR w.business_id::text = $3) AND w.id > $4 ORDER BY w.id LIMIT $5`
	if err := s.db.Select(ctx, &page.Items, q, who.SeesCounty(), who.OfficeID, in.BusinessID, after, pageSize+1); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last Wall) any { return last.ID })
	for i := range page.Items {
		s.tell(&page.Items[i])
	}
	return page, nil
}

func revokeWallsOf(ctx context.Context, tx *db.DB, who actor.Actor, business uuid.UUID, at time.Time) error {
	const q = `UPDATE wall_codes SET revoked_at = $4 WHERE business_id = $3 AND revoked_at IS NULL AND ($1 OR office_id = $2)`
	_, err := tx.Exec(ctx, q, who.SeesCounty(), who.OfficeID, business, at)
	return err
}

func insertWall(ctx context.Context, tx *db.DB, who actor.Actor, id, business uuid.UUID, hash, short []byte, day string) error {
	const q = `
INSERT INTO wall_codes (id, business_id, office_id, hash, short_hash, created_on, created_by)
SELECT $3, b.id, b.office_id, $5, $6, $7, $8 FROM businesses b WHERE b.id = $4 AND ($1 OR b.office_id = $2)`
	n, err := tx.Exec(ctx, q, who.SeesCounty(), who.OfficeID, id, business, hash, short, day, who.ID)
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

// wallInfo is what the form of a wall shows.
type wallInfo struct {
	ID       uuid.UUID `db:"id"`
	OfficeID uuid.UUID `db:"office_id"`
	Office   string    `db:"office"`
	Bureau   string    `db:"bureau"`
	Hotline  string    `db:"hotline"`
}

const (
	wallSQL = `
SELECT w.id, w.office_id, o.name AS office, COALESCE(b.name, '') AS bureau, COALESCE(b.hotline, '') AS hotline
FROM wall_codes w JOIN offices o ON o.id = w.office_id LEFT JOIN bureau b ON true WHERE w.revoked_at IS NULL AND w.`
	wallScanned = wallSQL + `hash = $1`
	wallByShort = wallSQL + `short_hash = $1`
)

func wallByHash(ctx context.Context, d *db.DB, p pass) (*wallInfo, error) {
	q := wallScanned
	if p.typed {
		q = wallByShort
	}
	var w wallInfo
	err := d.GetP(ctx, &w, q, p.hash)
	return &w, err
}

// insertWallAnswer keeps what came by a wall. Where a township has one good wall, the township names the business: below
// wallsEnough neither it nor an agency of its own is kept, and only the county reads the answer.
func insertWallAnswer(ctx context.Context, d *db.DB, office uuid.UUID, r *record, quarantined, burst bool) error {
	a := r.answer
	const q = `
INSERT INTO feedbacks (id, channel, agency_id, office_id, counted, suspect, quarantined, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad,
  problem_text, advice, receipt_hash, body_hash, state, received_hour)
SELECT $1, 'wall', CASE WHEN live.enough OR g.office_id IS NULL THEN g.id END, CASE WHEN live.enough THEN $3::uuid END, false, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, CASE WHEN $14 AND NOT $5 THEN 'checking' ELSE 'received' END, $19
FROM agencies g, (SELECT count(*) >= $20 AS enough FROM wall_codes w WHERE w.office_id = $3 AND w.revoked_at IS NULL) live WHERE g.id = $2 ON CONFLICT (receipt_hash) DO NOTHING`
	n, err := d.Exec(ctx, q, r.id, a.AgencyID, office, a.Suspect || burst, quarantined, FormVersion, a.Scale, a.CheckedOn, a.Kind, a.Matter, a.factsJSON(), a.ratingsJSON(), a.Ratings["R0"], a.Bad(),
		a.Problem, a.Advice, r.receipt, r.body, r.hour, wallsEnough)
	if err != nil || n > 0 {
		return err
	}
	var there bool // the same form once more
	if err := d.Get(ctx, &there, `SELECT EXISTS (SELECT FROM feedbacks WHERE receipt_hash = $1)`, r.receipt); err != nil || there {
		return err
	}
	return fault.Field("agency", "请选来检查的单位")
}

// release makes a quarantined answer an ordinary one; the next settlement raises its lead.
func release(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) error {
	const q = `UPDATE feedbacks f SET quarantined = false, settled = CASE WHEN f.settled = 0 THEN 0 ELSE 1 END, state = CASE WHEN f.bad AND f.state = 'received' THEN 'checking' ELSE f.state END
WHERE` + inScope + ` AND f.id = $4 AND f.quarantined`
	n, err := tx.Exec(ctx, q, who.SeesCounty(), who.OfficeID, who.ID, id)
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

// bureauOf is who asks, and the number to call.
func bureauOf(ctx context.Context, d *db.DB) (name, hotline string, err error) {
	var rows []struct {
		Name    string `db:"name"`
		Hotline string `db:"hotline"`
	}
	if err := d.Select(ctx, &rows, `SELECT name, hotline FROM bureau`); err != nil {
		return "", "", err
	}
	name, hotline = "县司法局", "12345"
	if len(rows) > 0 {
		name = rows[0].Name
		if rows[0].Hotline != "" {
			hotline = rows[0].Hotline
		}
	}
	return name, hotline, nil
}

// flagBursts flags the whole day of a township at whose walls there was a burst, when that day is settled: which of them came
// in it nobody knows, and what is flagged is not held back.
func flagBursts(ctx context.Context, tx *db.DB, day time.Time) error {
	const q = `
UPDATE feedbacks f SET suspect = true
FROM (SELECT o.office_id FROM feedbacks o WHERE o.channel = 'wall' AND o.received_hour = $1 GROUP BY 1 HAVING count(*) > $2 AND bool_or(o.suspect)) b
WHERE f.channel = 'wall' AND f.received_hour = $1 AND f.settled = 0 AND NOT f.suspect AND f.office_id IS NOT DISTINCT FROM b.office_id`
	_, err := tx.Exec(ctx, q, day, wallSoft)
	return err
}
