package problem

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

const columns = `p.id, p.number, p.agency_number, p.queued_rung, p.queued_note, p.queued_by, p.queued_at, p.queued_role, p.queued_office, p.queue_fault, p.office_id, p.agency_id, p.origin, p.severity, p.category, p.tag, p.nature, p.common, p.item, p.fact, p.basis,
	to_char(p.found_on, 'YYYY-MM-DD') AS found_on, p.agency_text, p.deidentified_by, p.deidentified_at, p.state, p.rung,
	COALESCE(to_char(p.served_on, 'YYYY-MM-DD'), '') AS served_on, COALESCE(to_char(p.due_on, 'YYYY-MM-DD'), '') AS due_on, p.due_rule, COALESCE(p.due_sum, 'null') AS due_sum,
	COALESCE(to_char(p.original_due_on, 'YYYY-MM-DD'), '') AS original_due_on, COALESCE(to_char(p.yjs_due_on, 'YYYY-MM-DD'), '') AS yjs_due_on,
	p.extended, COALESCE(to_char(p.extension_asked, 'YYYY-MM-DD'), '') AS extension_asked, p.accountability, p.reopened, p.round,
	p.reporter_id, ` + toldBy + ` AS told_by, p.verifier_id, p.handler_id, p.registered_at, p.ordered_at, p.submitted_at, p.closed_at, COALESCE(to_char(p.look_back_on, 'YYYY-MM-DD'), '') AS look_back_on, p.letter_number, p.outcome_rule, p.outcome,
	COALESCE(to_char(p.outcome_from, 'YYYY-MM-DD'), '') AS outcome_from, COALESCE(to_char(p.outcome_due_on, 'YYYY-MM-DD'), '') AS outcome_due_on, p.version, p.agency_version`

// toldBy is read from the leads each time: whoever writes one that comes to the problem later is a reporter like the first.
const toldBy = `(SELECT COALESCE(string_agg(DISTINCT l.reporter_id::text, ' '), '') FROM leads l WHERE l.problem_id = p.id)`

// scope is who sees which problems, for the WHERE clause (invariant 6): county and leader all, an office its own,
// an agency its own from the first letter on. Nobody else sees any.
func scope(who actor.Actor, arg func(any) string) string {
	switch {
	case who.SeesCounty():
		return "TRUE"
	case who.Is(actor.Office) && who.OfficeID.Valid:
		return "p.office_id = " + arg(who.OfficeID.UUID)
	case who.Is(actor.Agency) && who.AgencyID.Valid:
		return "p.agency_id = " + arg(who.AgencyID.UUID) + " AND p.ordered_at IS NOT NULL"
	default:
		return "FALSE"
	}
}

// ownVisit tells of a problem that it came out of an answer about a visit that who stood beside (see blind).
func ownVisit(who actor.Actor, arg func(any) string) string {
	if who.Is(actor.Agency) {
		return "FALSE"
	}
	return "(p.origin = 'feedback' AND rates_own_visit(p.id, " + arg(who.ID) + "))"
}

// args collects a statement's parameters and gives their placeholders.
type args struct{ list []any }

func (a *args) add(v any) string {
	a.list = append(a.list, v)
	return fmt.Sprintf("$%d", len(a.list))
}

func lockProblem(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (Problem, error) {
	return readProblem(ctx, tx, who, id, " FOR UPDATE")
}

func readProblem(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID, lock string) (Problem, error) {
	a := &args{}
	q := `SELECT ` + columns + `, ` + ownVisit(who, a.add) + ` AS own_visit FROM problems p WHERE p.id = ` + a.add(id) + ` AND ` + scope(who, a.add) + lock
	var p Problem
	return p, d.Get(ctx, &p, q, a.list...)
}

// The register's series, and the one an agency reads.
const (
	seriesRegister = "WT"
	seriesAgency   = "ZG"
)

// takeNumber gives WT2026-0001 and on, without gaps: the counter stays locked until the transaction ends.
func takeNumber(ctx context.Context, tx *db.DB, kind string, now time.Time) (string, error) {
	series := kind + now.In(clock.Shanghai).Format("2006")
	var n int64
	err := tx.Get(ctx, &n, `SELECT next_number($1)`, series)
	return fmt.Sprintf("%s-%04d", series, n), err
}

func insertProblem(ctx context.Context, tx *db.DB, p Problem, business string) error {
	const q = `INSERT INTO problems (id, number, office_id, agency_id, origin, severity, category, tag, nature, common, item, fact, basis, found_on, state,
			reporter_id, verifier_id, handler_id, registered_at, business)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`
	_, err := tx.Exec(ctx, q, p.ID, p.Number, p.OfficeID, p.AgencyID, p.Origin, p.Severity, p.Category, p.Tag, p.Nature, p.Common, p.Item, p.Fact, p.Basis,
		string(p.FoundOn), string(p.State), p.ReporterID, p.VerifierID, p.HandlerID, p.RegisteredAt, business)
	return err
}

// saveProblem writes what deeds change, if nobody else has written since p was read.
func saveProblem(ctx context.Context, tx *db.DB, p Problem) error {
	const q = `UPDATE problems SET agency_text = $3, deidentified_by = $4, deidentified_at = $5, state = $6, rung = $7,
			served_on = NULLIF($8, '')::date, due_on = NULLIF($9, '')::date, due_rule = $10, due_sum = NULLIF($11, 'null')::jsonb,
			original_due_on = NULLIF($12, '')::date, yjs_due_on = NULLIF($13, '')::date, extended = $14, extension_asked = NULLIF($15, '')::date,
			accountability = $16, reopened = $17, round = $18, verifier_id = $19, handler_id = $20, ordered_at = $21, submitted_at = $22,
			closed_at = $23, look_back_on = NULLIF($24, '')::date, agency_number = $25, queued_rung = $26, queued_note = $27, queued_by = $28, queued_at = $29,
			letter_number = $30, outcome_rule = $31, outcome_from = NULLIF($32, '')::date, outcome_due_on = NULLIF($33, '')::date, outcome = $34, agency_version = $35, queued_role = $36, queued_office = $37, queue_fault = $38, version = version + 1
		WHERE id = $1 AND version = $2`
	n, err := tx.Exec(ctx, q, p.ID, p.Version, p.AgencyText, p.DeidentifiedBy, p.DeidentifiedAt, string(p.State), string(p.Rung),
		string(p.ServedOn), string(p.DueOn), p.DueRule, string(p.DueSum), string(p.OriginalDueOn), string(p.YJSDueOn), p.Extended, string(p.ExtensionAsked),
		p.Accountability, p.Reopened, p.Round, p.VerifierID, p.HandlerID, p.OrderedAt, p.SubmittedAt, p.ClosedAt, string(p.LookBackOn),
		p.AgencyNumber, string(p.QueuedRung), p.QueuedNote, p.QueuedBy, p.QueuedAt, p.Letter, p.OutcomeRule, string(p.OutcomeFrom), string(p.OutcomeDueOn), p.Outcome, p.AgencyVersion,
		string(p.QueuedRole), p.QueuedOffice, p.QueueFault)
	if err == nil && n != 1 {
		return fault.Stale()
	}
	return err
}

func appendEvent(ctx context.Context, tx *db.DB, id uuid.UUID, who actor.Actor, e Event, at time.Time) error {
	data := []byte("{}")
	if e.Data != nil {
		var err error
		if data, err = json.Marshal(e.Data); err != nil {
			return err
		}
	}
	const q = `INSERT INTO problem_events (problem_id, deed, state, at, actor_id, actor_role, text, for_agency, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	_, err := tx.Exec(ctx, q, id, string(e.Deed), string(e.State), at, who.Account(), string(who.Role), e.Text, e.ForAgency, data)
	return err
}

func handOver(ctx context.Context, tx *db.DB, from uuid.UUID, to uuid.NullUUID) ([]uuid.UUID, error) {
	const q = `UPDATE problems SET handler_id = $2 WHERE handler_id = $1 AND closed_at IS NULL RETURNING id`
	var ids []uuid.UUID
	return ids, tx.Select(ctx, &ids, q, from, to)
}
