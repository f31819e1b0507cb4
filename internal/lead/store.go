package lead

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

const columns = `l.id, l.number, l.origin, l.origin_id, l.origin_item, l.office_id, l.agency_id, l.severity, l.category, l.fact,
	COALESCE(to_char(l.happened_on, 'YYYY-MM-DD'), '') AS happened_on, l.reporter_id, l.raised_at, l.state, l.problem_id, l.reason, l.referred_to, l.letter_number, l.outcome, l.outcome_rule,
	COALESCE(to_char(l.outcome_from, 'YYYY-MM-DD'), '') AS outcome_from, COALESCE(to_char(l.outcome_due_on, 'YYYY-MM-DD'), '') AS outcome_due_on,
	COALESCE(to_char(l.due_on, 'YYYY-MM-DD'), '') AS due_on, l.decided_at, l.decided_by, l.version`

// scope is who sees which leads, for the WHERE clause: county and leader all, an office its own, and nobody the lead of an
// answer about a visit that she herself supervised: another person of the office has it, or the county. Nobody else any:
// a supervisor follows findings, an agency must not even know that a lead is there.
func scope(who actor.Actor, arg func(any) string) string {
	switch {
	case who.Is(actor.SystemRole):
		return "TRUE"
	case who.SeesCounty():
		return independent(who, arg)
	case who.Is(actor.Office) && who.OfficeID.Valid:
		return "l.office_id = " + arg(who.OfficeID.UUID) + " AND " + independent(who, arg)
	default:
		return "FALSE"
	}
}

// ofVisit finds the visit that an answer's ticket f speaks of; supervised whether account m stood beside it. A ticket that
// is tied to no visit yet is of whoever it was issued to.
const ofVisit = `FROM feedbacks f JOIN tickets k ON k.id = f.ticket_id LEFT JOIN visit_supervisors m ON m.visit_id = k.visit_id AND m.account_id = `

// independent keeps from a person the leads that rate her own visit (the feedback list does the same with the answers).
func independent(who actor.Actor, arg func(any) string) string {
	me := arg(who.ID)
	return "(l.origin <> 'feedback' OR NOT EXISTS (SELECT " + ofVisit + me + " WHERE f.id = l.origin_id AND (m.account_id IS NOT NULL OR k.visit_id IS NULL AND k.issued_to = " + me + ")))"
}

type args struct{ list []any }

func (a *args) add(v any) string {
	a.list = append(a.list, v)
	return fmt.Sprintf("$%d", len(a.list))
}

func lockLead(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (Lead, error) {
	return readLead(ctx, tx, who, id, " FOR UPDATE")
}

func readLead(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID, lock string) (Lead, error) {
	a := &args{}
	q := `SELECT ` + columns + ` FROM leads l WHERE l.id = ` + a.add(id) + ` AND ` + scope(who, a.add) + lock
	var l Lead
	return l, d.Get(ctx, &l, q, a.list...)
}

func null(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

// raise calls lead_raise, as intake does inside its own statements; fresh tells whether the lead is new.
func raise(ctx context.Context, tx *db.DB, in Input, at time.Time) (uuid.UUID, bool, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return id, false, err
	}
	var got uuid.UUID
	const q = `SELECT lead_raise($1, $2, $3, $4, $5, $6, $7, $8, $9, NULLIF($10, '')::date, $11, $12)`
	err = tx.Get(ctx, &got, q, id, in.Origin, null(in.OriginID), in.Item, null(in.OfficeID), null(in.AgencyID), in.Severity, in.Category, in.Fact, in.HappenedOn, null(in.ReporterID), at)
	return got, got == id, err
}

func raiseByHand(ctx context.Context, tx *db.DB, id uuid.UUID, in Input, at time.Time) error {
	const q = `SELECT lead_raise($1, $2, NULL, '', $3, $4, $5, $6, $7, NULLIF($8, '')::date, $9, $10)`
	_, err := tx.Exec(ctx, q, id, in.Origin, null(in.OfficeID), null(in.AgencyID), in.Severity, in.Category, in.Fact, in.HappenedOn, null(in.ReporterID), at)
	return err
}

// sameByHand tells whether this id was entered before, and whether with the same words.
func sameByHand(ctx context.Context, tx *db.DB, id uuid.UUID, who actor.Actor, in Input) (there, same bool, err error) {
	files := slices.Sorted(slices.Values(in.Photos))
	err = tx.Get(ctx, &same, `SELECT reporter_id = $2 AND fact = $3 AND origin = $4 AND severity = $5 AND category = $6 AND agency_id IS NOT DISTINCT FROM $7 AND office_id IS NOT DISTINCT FROM $8
		AND happened_on IS NOT DISTINCT FROM NULLIF($9, '')::date
		AND COALESCE((SELECT string_agg(t.sha256, ',' ORDER BY t.sha256 COLLATE "C") FROM attachments t WHERE t.owner_kind = 'lead' AND t.owner_id = $1 AND t.item = ''), '') = $10 FROM leads WHERE id = $1`, id, who.ID, in.Fact, in.Origin, in.Severity, in.Category, null(in.AgencyID), null(in.OfficeID), in.HappenedOn, strings.Join(files, ","))
	if fault.KindOf(err) == fault.NotFound {
		return false, false, nil
	}
	return err == nil, same, err
}

// noteOnce writes down the words that came second under a lead's id; false when they stand there already.
func noteOnce(ctx context.Context, tx *db.DB, l Lead, who actor.Actor, in Input, at time.Time) (bool, error) {
	const q = `INSERT INTO lead_events (lead_id, deed, state, at, actor_id, actor_role, text)
		SELECT $1, 'second', $2, $3, $4, $5, t.text FROM (SELECT '同一编号的另一份，' || $6 || '，' || COALESCE((SELECT name FROM agencies WHERE id = $7) || '，', '')
			|| COALESCE(NULLIF($8, '') || '，', '') || $9 || CASE WHEN $11 > 0 THEN '，材料' || $11 || '件' ELSE '' END || '：' || $10 AS text) t
		WHERE NOT EXISTS (SELECT FROM lead_events e WHERE e.lead_id = $1 AND e.deed = 'second' AND e.text = t.text) AND (SELECT count(*) FROM lead_events e WHERE e.lead_id = $1) < 90`
	n, err := tx.Exec(ctx, q, l.ID, string(l.State), at, who.Account(), string(who.Role), in.Severity, null(in.AgencyID), in.HappenedOn, in.Category, in.Fact, len(in.Photos))
	return n == 1, err
}

// businessOf is the business a lead's record speaks of; empty where it names none.
func businessOf(ctx context.Context, tx *db.DB, l Lead) (string, error) {
	const q = `SELECT COALESCE(CASE $1::text WHEN 'visit' THEN (SELECT business_name FROM visits WHERE id = $2)
		WHEN 'feedback' THEN (SELECT COALESCE(NULLIF(f.business_name, ''), v.business_name) FROM feedbacks f LEFT JOIN tickets k ON k.id = f.ticket_id LEFT JOIN visits v ON v.id = k.visit_id WHERE f.id = $2) END, '')`
	var name string
	return name, tx.Get(ctx, &name, q, l.Origin, l.OriginID)
}

func saveLead(ctx context.Context, tx *db.DB, l Lead) error {
	const q = `UPDATE leads SET state = $3, problem_id = $4, reason = $5, referred_to = $6, decided_at = $7, decided_by = $8,
		letter_number = $9, outcome = $10, outcome_rule = $11, outcome_from = NULLIF($12, '')::date, outcome_due_on = NULLIF($13, '')::date, version = version + 1 WHERE id = $1 AND version = $2`
	n, err := tx.Exec(ctx, q, l.ID, l.Version, string(l.State), l.ProblemID, l.Reason, l.ReferredTo, l.DecidedAt, l.DecidedBy, l.Letter, l.Outcome, l.Rule, string(l.From), string(l.Due))
	if err == nil && n != 1 {
		return fault.Stale()
	}
	return err
}

func appendEvent(ctx context.Context, tx *db.DB, id uuid.UUID, who actor.Actor, e Event, at time.Time) error {
	const q = `INSERT INTO lead_events (lead_id, deed, state, at, actor_id, actor_role, text) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err := tx.Exec(ctx, q, id, string(e.Deed), string(e.State), at, who.Account(), string(who.Role), e.Text)
	return err
}

// ofRecord holds an attachment t to the record a lead came from: the visit's sheets, the form, the complaint.
const ofRecord = `CASE $1::text WHEN 'visit' THEN t.owner_kind = 'sheet' AND t.owner_id IN (SELECT s.id FROM sheets s WHERE s.visit_id = $2)
	WHEN 'feedback' THEN t.owner_kind = 'feedback' AND t.owner_id = $2 WHEN 'complaint' THEN t.owner_kind = 'complaint' AND t.owner_id = $2
	ELSE t.owner_kind = 'lead' AND t.owner_id = $2 END`

// record is what the files of a lead hang on: where it came from, or the lead itself where a person entered it.
func (l Lead) record() uuid.UUID {
	if l.OriginID.Valid {
		return l.OriginID.UUID
	}
	return l.ID
}

// declared gives those of the hashes that the lead's own record declares.
func declared(ctx context.Context, tx *db.DB, l Lead, hashes []string) ([]string, error) {
	var out []string
	if len(hashes) == 0 {
		return out, nil
	}
	const q = `SELECT DISTINCT t.sha256 FROM attachments t WHERE t.sha256 = ANY(string_to_array($3, ',')) AND ` + ofRecord
	return out, tx.Select(ctx, &out, q, l.Origin, l.record(), strings.Join(hashes, ","))
}

// basisOf is the article behind a checklist item, from the newest checklist.
func basisOf(ctx context.Context, tx *db.DB, item string) (string, error) {
	const q = `SELECT COALESCE((SELECT i->>'basis' FROM (SELECT body FROM checklists ORDER BY version DESC LIMIT 1) c, jsonb_array_elements(c.body->'items') i
		WHERE i->>'code' = $1 AND i->>'basis' <> '' LIMIT 1), '伴随式监督检查清单第' || $1 || '项')`
	var basis string
	return basis, tx.Get(ctx, &basis, q, item)
}

// asSecond are the accounts a that may verify a lead with another person: of the county or of the lead's office ($2), in
// service, and not beside the visit that the answer ($3) behind it rates.
const asSecond = `a.active AND (a.role = 'county' OR (a.role = 'office' AND a.office_id = $2)) AND NOT EXISTS (SELECT ` + ofVisit + `a.id
	WHERE f.id = $3 AND (m.account_id IS NOT NULL OR k.visit_id IS NULL AND k.issued_to = a.id))`

// maySecond holds the second person to those.
func maySecond(ctx context.Context, tx *db.DB, l Lead, id uuid.UUID) error {
	var n int
	const q = `SELECT count(*) FROM accounts a WHERE a.id = $1 AND ` + asSecond
	if err := tx.Get(ctx, &n, q, id, l.OfficeID, l.OriginID); err != nil {
		return err
	}
	if n == 0 {
		return fault.Field("second_id", "另一位核实人要是本所或县司法局的在职人员")
	}
	return nil
}

func sizesOf(ctx context.Context, tx *db.DB, hashes []string) (map[string]int64, error) {
	var rows []struct {
		SHA256 string `db:"sha256"`
		Size   int64  `db:"size"`
	}
	if err := tx.Select(ctx, &rows, `SELECT sha256, size FROM photos WHERE sha256 = ANY(string_to_array($1, ','))`, strings.Join(hashes, ",")); err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.SHA256] = r.Size
	}
	return out, nil
}

func agencyName(ctx context.Context, tx *db.DB, id uuid.UUID) (string, error) {
	var name string
	return name, tx.Get(ctx, &name, `SELECT COALESCE((SELECT name FROM agencies WHERE id = $1), '')`, id)
}

// officeFor is the office that handles the problem: the lead's, else the agency's, else none and the county does.
func officeFor(ctx context.Context, tx *db.DB, l Lead, agency uuid.UUID) (uuid.NullUUID, error) {
	if l.OfficeID.Valid {
		return l.OfficeID, nil
	}
	var id uuid.NullUUID
	err := tx.Get(ctx, &id, `SELECT office_id FROM agencies WHERE id = $1`, agency)
	if fault.KindOf(err) == fault.NotFound {
		return id, fault.Field("agency_id", "没有这个执法单位")
	}
	return id, err
}
