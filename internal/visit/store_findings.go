package visit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Finding is a failed item and what became of it.
type Finding struct {
	ID            uuid.UUID     `db:"id" json:"id"`
	SheetID       uuid.UUID     `db:"sheet_id" json:"sheet_id"`
	VisitID       uuid.UUID     `db:"visit_id" json:"visit_id"`
	VisitNumber   string        `db:"visit_number" json:"visit_number"`
	AgencyName    string        `db:"agency_name" json:"agency_name"`
	BusinessName  string        `db:"business_name" json:"business_name"`
	Item          string        `db:"item" json:"item"`
	Text          string        `db:"text" json:"text"`
	Severity      string        `db:"severity" json:"severity"`
	Note          string        `db:"note" json:"note"`
	OnSpot        bool          `db:"on_spot" json:"on_spot"`
	InForce       bool          `db:"in_force" json:"in_force"`
	HappenedAt    time.Time     `db:"happened_at" json:"happened_at"`
	ReceivedAt    time.Time     `db:"received_at" json:"received_at"`
	LeadID        uuid.NullUUID `db:"lead_id" json:"lead_id"`
	LeadNumber    string        `db:"lead_number" json:"lead_number"`
	ProblemID     uuid.NullUUID `db:"problem_id" json:"problem_id"`
	ProblemNumber string        `db:"problem_number" json:"problem_number"`
	Outcome       string        `db:"outcome" json:"outcome" enum:"superseded,corrected,offered,waived,received,not_registered,referred,registered,rectifying,submitted,disputed,closed,withdrawn"`
	Reason        string        `db:"reason" json:"reason" doc:"why it was not registered or let rest"`
}

// The outcome is told in words of the register, never who else spoke: origin and reporter stay out.
const findingColumns = `SELECT f.id, f.sheet_id, f.visit_id, v.number AS visit_number, a.name AS agency_name, v.business_name, f.item, f.text, f.severity, f.note, f.on_spot, f.in_force,
	s.happened_at, s.received_at, f.lead_id, COALESCE(l.number, '') AS lead_number, l.problem_id, COALESCE(p.number, '') AS problem_number,
	CASE WHEN p.state IN ('rectifying', 'submitted', 'disputed', 'closed', 'withdrawn', 'referred') THEN p.state
		WHEN p.id IS NOT NULL THEN 'registered'
		WHEN l.state = 'dismissed' THEN 'not_registered'
		WHEN l.state = 'referred' THEN 'referred'
		WHEN l.id IS NOT NULL THEN 'received'
		WHEN NOT f.in_force THEN 'superseded'
		WHEN f.waived_at IS NOT NULL THEN 'waived'
		WHEN f.on_spot THEN 'corrected'
		ELSE 'offered' END AS outcome,
	CASE WHEN l.state = 'dismissed' THEN l.reason ELSE f.waived_reason END AS reason
	FROM findings f JOIN sheets s ON s.id = f.sheet_id JOIN visits v ON v.id = f.visit_id JOIN agencies a ON a.id = v.agency_id
	LEFT JOIN leads l ON l.id = f.lead_id LEFT JOIN problems p ON p.id = l.problem_id`

// MyFindings tells a supervisor what became of each failed item of her own sheets, newest first.
func (s *Service) MyFindings(ctx context.Context, who actor.Actor, after string) (web.Page[Finding], error) {
	var w where
	w.and("s.author_id = ?", who.ID)
	w.parts = append(w.parts, "(f.in_force OR f.lead_id IS NOT NULL)")
	return s.findings(ctx, w, after)
}

// Findings lists findings in force; offered only those nobody has decided on.
func (s *Service) Findings(ctx context.Context, who actor.Actor, offered bool, visitID uuid.NullUUID, after string) (web.Page[Finding], error) {
	var w where
	w.sees(who)
	w.parts = append(w.parts, "f.in_force")
	if offered {
		w.parts = append(w.parts, "f.lead_id IS NULL AND f.waived_at IS NULL AND NOT f.on_spot")
	}
	if visitID.Valid {
		w.and("f.visit_id = ?", visitID)
	}
	return s.findings(ctx, w, after)
}

func (s *Service) findings(ctx context.Context, w where, after string) (web.Page[Finding], error) {
	page := web.Page[Finding]{Items: []Finding{}}
	const count = `SELECT count(*) FROM (SELECT 1 FROM findings f JOIN sheets s ON s.id = f.sheet_id JOIN visits v ON v.id = f.visit_id`
	if err := s.db.Get(ctx, &page.Total, count+w.sql()+fmt.Sprintf(` LIMIT %d) x`, countUpTo+1), w.args...); err != nil {
		return page, err
	}
	var last uuid.UUID
	if more, err := web.DecodeCursor(after, &last); err != nil {
		return page, err
	} else if more {
		w.and("f.id < ?", last)
	}
	if err := s.db.Select(ctx, &page.Items, findingColumns+w.sql()+fmt.Sprintf(` ORDER BY f.id DESC LIMIT %d`, pageSize+1), w.args...); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last Finding) any { return last.ID })
	return page, nil
}

// open is a finding locked for a decision, with its visit.
type open struct {
	ID         uuid.UUID     `db:"id"`
	SheetID    uuid.UUID     `db:"sheet_id"`
	Item       string        `db:"item"`
	Severity   string        `db:"severity"`
	Category   string        `db:"category"`
	Text       string        `db:"text"`
	Note       string        `db:"note"`
	LeadID     uuid.NullUUID `db:"lead_id"`
	WaivedAt   *time.Time    `db:"waived_at"`
	InForce    bool          `db:"in_force"`
	VisitID    uuid.UUID     `db:"visit_id"`
	OfficeID   uuid.UUID     `db:"office_id"`
	AgencyID   uuid.UUID     `db:"agency_id"`
	AuthorID   uuid.UUID     `db:"author_id"`
	HappenedAt time.Time     `db:"happened_at"`
}

func lockFinding(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (open, error) {
	var f open
	var w where
	w.and("f.id = ?", id)
	w.sees(who)
	q := `SELECT f.id, f.sheet_id, f.item, f.severity, f.category, f.text, f.note, f.lead_id, f.waived_at, f.in_force, f.visit_id, v.office_id, v.agency_id, s.author_id, s.happened_at
		FROM findings f JOIN visits v ON v.id = f.visit_id JOIN sheets s ON s.id = f.sheet_id` + w.sql() + ` FOR UPDATE OF f`
	return f, tx.Get(ctx, &f, q, w.args...)
}

// photosOf are the photos a sheet declared for an item, in order.
func photosOf(ctx context.Context, tx *db.DB, sheetID uuid.UUID, item string) ([]string, error) {
	out := []string{}
	const q = `SELECT sha256 FROM attachments WHERE owner_kind = 'sheet' AND owner_id = $1 AND item = $2 ORDER BY position, sha256`
	return out, tx.Select(ctx, &out, q, sheetID, item)
}

// setLead ties every finding in force of this item on this visit to the lead: two supervisors saw the same thing.
func setLead(ctx context.Context, tx *db.DB, f open, lead uuid.UUID, now time.Time) error {
	const q = `UPDATE findings SET lead_id = $3, raised_at = $4 WHERE visit_id = $1 AND item = $2 AND in_force AND lead_id IS NULL`
	_, err := tx.Exec(ctx, q, f.VisitID, f.Item, lead, now)
	return err
}

func setWaived(ctx context.Context, tx *db.DB, id uuid.UUID, reason string, by uuid.UUID, now time.Time) error {
	const q = `UPDATE findings SET waived_reason = $2, waived_by = $3, waived_at = $4 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, reason, by, now)
	return err
}
