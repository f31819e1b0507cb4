package visit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// SheetView is one sealed version as a reader sees it.
type SheetView struct {
	ID               uuid.UUID             `db:"id" json:"id"`
	VisitID          uuid.UUID             `db:"visit_id" json:"visit_id"`
	VisitNumber      string                `db:"visit_number" json:"visit_number"`
	AuthorID         uuid.UUID             `db:"author_id" json:"author_id"`
	AuthorName       string                `db:"author_name" json:"author_name"`
	Version          int                   `db:"version" json:"version"`
	Supersedes       uuid.NullUUID         `db:"supersedes" json:"supersedes"`
	SupersededBy     uuid.NullUUID         `db:"superseded_by" json:"superseded_by"`
	Reason           string                `db:"reason" json:"reason"`
	ChecklistVersion int                   `db:"checklist_version" json:"checklist_version"`
	Mode             string                `db:"mode" json:"mode"`
	Overall          string                `db:"overall" json:"overall"`
	Stopped          bool                  `db:"stopped" json:"stopped"`
	LateReason       string                `db:"late_reason" json:"late_reason"`
	Digest           string                `db:"digest" json:"digest"`
	Standings        Standings             `db:"standings" json:"standings"`
	Remarks          pq.StringArray        `db:"remarks" json:"remarks"`
	HappenedAt       time.Time             `db:"happened_at" json:"happened_at"`
	EndedAt          time.Time             `db:"ended_at" json:"ended_at"`
	SealedAt         time.Time             `db:"sealed_at" json:"sealed_at"`
	ReceivedAt       time.Time             `db:"received_at" json:"received_at"`
	CompleteAt       *time.Time            `db:"complete_at" json:"complete_at"`
	Declared         int                   `db:"declared" json:"declared" doc:"photos the sheet lists"`
	Held             int                   `db:"held" json:"held" doc:"photos that have arrived"`
	PhotosTotal      int                   `db:"photos_total" json:"photos_total"`
	PhotosDue        int                   `db:"photos_due" json:"photos_due" doc:"photos that have not arrived"`
	ReceiptCode      string                `db:"receipt_code" json:"receipt_code"`
	Body             *Sheet                `db:"body" json:"body,omitempty"`
	Items            []Item                `db:"-" json:"items,omitempty" doc:"the checklist version it was filled by"`
	Quick            []string              `db:"-" json:"quick,omitempty"`
	Photos           []evidence.Attachment `db:"-" json:"photos,omitempty"`
	Findings         []Finding             `db:"-" json:"findings,omitempty"`
	Twins            []evidence.Twin       `db:"-" json:"twins,omitempty" doc:"photos that another record has too; the office and the county are told"`
}

const sheetColumns = `s.id, s.visit_id, v.number AS visit_number, s.author_id, p.name AS author_name, s.version, s.supersedes,
	(SELECT n.id FROM sheets n WHERE n.supersedes = s.id) AS superseded_by, s.reason, s.checklist_version, s.mode, s.overall, s.stopped, s.late_reason, s.digest,
	s.standings, s.remarks, s.happened_at, s.ended_at, s.sealed_at, s.received_at, s.complete_at, x.declared, x.held, x.declared AS photos_total, x.declared - x.held AS photos_due, COALESCE(r.code, '') AS receipt_code`

const sheetTables = ` FROM sheets s JOIN visits v ON v.id = s.visit_id JOIN accounts p ON p.id = s.author_id LEFT JOIN receipts r ON r.sheet_id = s.id
	CROSS JOIN LATERAL (SELECT count(DISTINCT t.sha256) AS declared, count(DISTINCT h.sha256) AS held FROM attachments t LEFT JOIN photos h ON h.sha256 = t.sha256
		WHERE t.owner_kind = 'sheet' AND t.owner_id = s.id) x`

// SheetsOf lists the versions of a visit's sheets, newest first, without their bodies.
func (s *Service) SheetsOf(ctx context.Context, who actor.Actor, visitID uuid.UUID) ([]SheetView, error) {
	if _, err := readVisit(ctx, s.db, who, visitID); err != nil {
		return nil, err
	}
	out := []SheetView{}
	const q = `SELECT ` + sheetColumns + sheetTables + ` WHERE s.visit_id = $1 ORDER BY s.received_at DESC, s.id DESC`
	return out, s.db.Select(ctx, &out, q, visitID)
}

// Sheet reads one version whole: body, checklist, photos, findings. Fault NotFound when out of sight.
func (s *Service) Sheet(ctx context.Context, who actor.Actor, id uuid.UUID) (SheetView, error) {
	var v SheetView
	var w where
	w.and("s.id = ?", id)
	w.sees(who)
	if err := s.db.Get(ctx, &v, `SELECT `+sheetColumns+`, s.body`+sheetTables+w.sql(), w.args...); fault.KindOf(err) == fault.NotFound {
		return s.ownHeldView(ctx, who, id)
	} else if err != nil {
		return v, err
	}
	list, err := s.checklist(ctx, s.db, v.ChecklistVersion)
	if err != nil {
		return v, err
	}
	v.Items, v.Quick = list.Items, list.Quick
	if v.Photos, err = s.deps.Evidence.Attachments(ctx, who, s.db, evidence.OnSheet, id); err != nil {
		return v, err
	}
	if v.Twins, err = s.deps.Evidence.Twins(ctx, who, id); err != nil {
		return v, err
	}
	v.Findings = []Finding{}
	const q = findingColumns + ` WHERE f.sheet_id = $1 ORDER BY f.item`
	return v, s.db.Select(ctx, &v.Findings, q, id)
}

// ownHeldView is a record in quarantine as its author reads it, to write a correction from it: the phone itself cannot read
// what it has sealed.
func (s *Service) ownHeldView(ctx context.Context, who actor.Actor, id uuid.UUID) (v SheetView, err error) {
	h, found, err := ownHeld(ctx, s.db, who.ID, id)
	if err == nil && !found {
		err = fault.Missing()
	}
	if err != nil {
		return v, err
	}
	body, err := readLoosely(h.Raw)
	v = SheetView{ID: h.SheetID, VisitID: h.VisitID, AuthorID: who.ID, AuthorName: who.Name, Version: h.Version, Reason: body.Reason, ChecklistVersion: body.ChecklistVersion, Mode: body.Mode,
		Overall: body.Overall, Stopped: body.Stop != nil, LateReason: body.LateReason, Digest: h.Digest, Standings: Standings{}, Remarks: pq.StringArray{"held"}, HappenedAt: body.StartedAt.Time,
		EndedAt: body.EndedAt.Time, SealedAt: body.SealedAt.Time, ReceivedAt: h.Received, Body: &body, Photos: []evidence.Attachment{}, Findings: []Finding{}}
	return v, err
}

// Clash is a second sealed record for one place, waiting for a person.
type Clash struct {
	ID          uuid.UUID       `db:"id" json:"id"`
	Kind        string          `db:"kind" json:"kind" enum:"same_id,same_version"`
	SheetID     uuid.UUID       `db:"sheet_id" json:"sheet_id"`
	VisitID     uuid.UUID       `db:"visit_id" json:"visit_id"`
	VisitNumber string          `db:"visit_number" json:"visit_number"`
	AuthorName  string          `db:"author_name" json:"author_name"`
	Version     int             `db:"version" json:"version"`
	FirstAt     time.Time       `db:"first_at" json:"first_at"`
	ReceivedAt  time.Time       `db:"received_at" json:"received_at"`
	Kept        string          `db:"kept" json:"kept"`
	First       *Sheet          `db:"first" json:"first"`
	Raw         json.RawMessage `db:"raw" json:"-"`
	Other       *Sheet          `db:"-" json:"other"`
}

// Clashes lists what waits for a choice, oldest first.
func (s *Service) Clashes(ctx context.Context, who actor.Actor, after string) (web.Page[Clash], error) {
	page := web.Page[Clash]{Items: []Clash{}}
	var w where
	w.sees(who)
	w.parts = append(w.parts, "c.settled_at IS NULL")
	var last position
	if more, err := web.DecodeCursor(after, &last); err != nil {
		return page, err
	} else if more {
		w.and("(c.received_at, c.id) > (?, ?)", last.At, last.ID)
	}
	q := `SELECT c.id, c.kind, c.sheet_id, s.visit_id, v.number AS visit_number, p.name AS author_name, s.version, s.received_at AS first_at, c.received_at, c.kept, s.body AS first, c.raw
		FROM sheet_conflicts c JOIN sheets s ON s.id = c.sheet_id JOIN visits v ON v.id = s.visit_id JOIN accounts p ON p.id = c.author_id` + w.sql() + fmt.Sprintf(` ORDER BY c.received_at, c.id LIMIT %d`, pageSize+1)
	if err := s.db.Select(ctx, &page.Items, q, w.args...); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last Clash) any { return position{last.ReceivedAt, last.ID} })
	for i := range page.Items {
		other, err := readLoosely(page.Items[i].Raw)
		if err != nil {
			return page, err
		}
		page.Items[i].Other = &other
	}
	return page, nil
}

type clashRow struct {
	SheetID  uuid.UUID `db:"sheet_id"`
	VisitID  uuid.UUID `db:"visit_id"`
	AuthorID uuid.UUID `db:"author_id"`
	Raw      []byte    `db:"raw"`
	Digest   string    `db:"digest"`
	Kept     string    `db:"kept"`
}

func lockClash(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (clashRow, error) {
	var c clashRow
	var w where
	w.and("c.id = ?", id)
	w.sees(who)
	q := `SELECT c.sheet_id, s.visit_id, c.author_id, c.raw, c.digest, c.kept FROM sheet_conflicts c JOIN sheets s ON s.id = c.sheet_id JOIN visits v ON v.id = s.visit_id` + w.sql() + ` FOR UPDATE OF c`
	return c, tx.Get(ctx, &c, q, w.args...)
}

func settleClash(ctx context.Context, tx *db.DB, id uuid.UUID, keep string, result, by uuid.UUID, now time.Time) error {
	const q = `UPDATE sheet_conflicts SET kept = $2, result_id = $3, settled_by = $4, settled_at = $5 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, keep, uuid.NullUUID{UUID: result, Valid: result != uuid.Nil}, by, now)
	return err
}
