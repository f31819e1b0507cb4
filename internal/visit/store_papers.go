package visit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

func paperOfVisit(ctx context.Context, tx *db.DB, visit uuid.UUID) (made bool, err error) {
	return made, tx.Get(ctx, &made, `SELECT EXISTS (SELECT FROM papers WHERE visit_id = $1 AND NOT blank)`, visit)
}

func insertPaper(ctx context.Context, tx *db.DB, id uuid.UUID, code string, office uuid.UUID, visit uuid.NullUUID, by uuid.UUID, at time.Time) error {
	const q = `INSERT INTO papers (id, code, number, office_id, visit_id, blank, made_by, made_at) VALUES ($1, $2, next_code('ZZ' || $3), $4, $5::uuid, $5::uuid IS NULL, $6, $7)`
	_, err := tx.Exec(ctx, q, id, code, clock.Day(at)[:4], office, visit, by, at)
	return err
}

const paperColumns = `SELECT x.id, x.number, x.code, x.blank, x.office_id, o.name AS office_name, x.made_at, m.name AS made_by, x.visit_id,
		(SELECT count(*) FROM attachments t WHERE t.owner_kind = CASE WHEN x.visit_id IS NULL THEN 'paper' ELSE 'visit' END AND t.owner_id = COALESCE(x.visit_id, x.id) AND t.item = 'paper') AS photos
	FROM papers x JOIN offices o ON o.id = x.office_id JOIN accounts m ON m.id = x.made_by`

type paperFilter struct {
	visit  uuid.NullUUID // the paper printed for a visit
	maker  uuid.UUID     // what was just made
	since  time.Time
	limit  int
	open   bool // not tied to a visit, in the office's scope
	all    bool
	office uuid.NullUUID
}

func readPapers(ctx context.Context, d *db.DB, f paperFilter) ([]PaperPage, error) {
	rows := []PaperPage{}
	var w where
	switch {
	case f.visit.Valid:
		w.and("x.visit_id = ? AND NOT x.blank", f.visit)
	case f.open:
		w.and("x.visit_id IS NULL AND (? OR x.office_id = ?)", f.all, f.office)
	default:
		w.and("x.blank AND x.made_by = ? AND x.made_at >= ?", f.maker, f.since)
	}
	if f.limit == 0 {
		f.limit = 200
	}
	w.args = append(w.args, f.limit)
	return rows, d.Select(ctx, &rows, paperColumns+w.sql()+` ORDER BY x.made_at DESC, x.id DESC LIMIT $`+count(len(w.args)), w.args...)
}

// seesPaper limits a query over papers x: an office and its supervisors their own, and who is on its visit.
func (w *where) seesPaper(who actor.Actor) {
	switch {
	case who.SeesCounty():
		w.parts = append(w.parts, "true")
	case who.Is(actor.Office):
		w.and("x.office_id = ?", who.OfficeID)
	case who.Is(actor.Supervisor):
		w.and("(x.visit_id IS NULL AND x.office_id = ? OR EXISTS (SELECT FROM visit_supervisors m WHERE m.visit_id = x.visit_id AND m.account_id = ?))", who.OfficeID, who.ID)
	default:
		w.parts = append(w.parts, "false")
	}
}

func paperByCode(ctx context.Context, d *db.DB, who actor.Actor, code string) (PaperPage, error) {
	var p PaperPage
	var w where
	w.and("x.code = ?", code)
	w.seesPaper(who)
	return p, d.Get(ctx, &p, paperColumns+w.sql(), w.args...)
}

func lockPaper(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (PaperPage, error) {
	var p PaperPage
	var w where
	w.and("x.id = ?", id)
	w.seesPaper(who)
	return p, tx.Get(ctx, &p, `SELECT x.id, x.number, x.visit_id, x.office_id FROM papers x`+w.sql()+` FOR UPDATE`, w.args...)
}

func bindPaper(ctx context.Context, tx *db.DB, id, visit uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE papers SET visit_id = $2 WHERE id = $1`, id, visit)
	return err
}

func paperPhotos(ctx context.Context, tx *db.DB, kind string, id uuid.UUID) ([]string, error) {
	var shas []string
	return shas, tx.Select(ctx, &shas, `SELECT sha256 FROM attachments WHERE owner_kind = $1 AND owner_id = $2 AND item = 'paper'`, kind, id)
}

func declaredOn(ctx context.Context, tx *db.DB, kind string, id uuid.UUID) ([]evidence.Declared, error) {
	var rows []struct {
		SHA256 string `db:"sha256"`
		Size   int64  `db:"size"`
		Source string `db:"source"`
	}
	const q = `SELECT sha256, size, source FROM attachments WHERE owner_kind = $1 AND owner_id = $2 AND item = 'paper' ORDER BY position`
	if err := tx.Select(ctx, &rows, q, kind, id); err != nil {
		return nil, err
	}
	out := make([]evidence.Declared, 0, len(rows))
	for _, r := range rows {
		out = append(out, evidence.Declared{Item: onPaper, SHA256: r.SHA256, Size: r.Size, Source: r.Source})
	}
	return out, nil
}
