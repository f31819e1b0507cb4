package complaint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// readCase reads a complaint for its life-cycle, in who's scope; lock is " FOR UPDATE OF c" inside a deed.
func readCase(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID, lock string) (Case, error) {
	q := `SELECT c.id, c.number, c.channel, c.office_id, c.agency_id, c.target, c.officer, c.fact, c.category, c.subcategory, c.urgency, c.already, c.anonymous, c.has_contact, c.suspect, c.about, c.about_office_id,
    c.state, c.handler_id, c.due_rule, COALESCE(to_char(c.due_on, 'YYYY-MM-DD'), '') AS due_on, COALESCE(c.due_sum, 'null') AS due_sum, c.extended, c.extension_asked, c.finding, c.refused_ground,
    c.referred_to, c.answer, c.accepted_at, c.decided_at, c.answered_at, c.closed_at, c.reopened, c.retaliation, COALESCE(to_char(c.paused_on, 'YYYY-MM-DD'), '') AS paused_on, c.pause_ground,
    COALESCE(c.stopped_sum, 'null') AS stopped_sum, c.asks, c.asked_once, c.outcome, c.follow_tries, COALESCE(to_char(c.follow_tried_on, 'YYYY-MM-DD'), '') AS follow_tried_on, c.received_at, c.version, COALESCE(l.state, '') AS lead_state,
    EXISTS (SELECT FROM problems p WHERE p.id = l.problem_id AND p.state NOT IN ('closed', 'withdrawn', 'referred')) AS problem_open,
    c.shredded_on IS NOT NULL AND NOT EXISTS (SELECT FROM complaint_events e WHERE e.complaint_id = c.id AND e.deed = 'erase-person' AND (e.at AT TIME ZONE 'Asia/Shanghai')::date >= c.shredded_on) AS erase_untold,
    EXISTS (SELECT FROM problems p WHERE p.id = l.problem_id AND p.state = 'withdrawn') AS problem_withdrawn` +
		itemFrom + ` WHERE` + inScope + ` AND c.id = $4` + lock
	var c Case
	if err := d.Get(ctx, &c, q, append(scope(who), id)...); err != nil {
		return c, err
	}
	var people []struct {
		ID   uuid.UUID `db:"account_id"`
		Part string    `db:"part"`
	}
	const who2 = `SELECT account_id, part FROM complaint_people WHERE complaint_id = $1 ORDER BY at, account_id`
	if err := d.Select(ctx, &people, who2, id); err != nil {
		return c, err
	}
	for _, p := range people {
		if p.Part == "recused" {
			c.Recused = append(c.Recused, p.ID)
		} else {
			c.Investigators = append(c.Investigators, p.ID)
		}
	}
	return c, nil
}

// saveCase writes what a deed may change.
func saveCase(ctx context.Context, tx *db.DB, c Case, at time.Time) error {
	const q = `UPDATE complaints SET agency_id = $3, category = $4, subcategory = $5, urgency = $6, state = $7, handler_id = $8, due_rule = $9, due_on = NULLIF($10, '')::date, due_sum = $11::jsonb,
    extended = $12, extension_asked = $13, finding = $14, refused_ground = $15, referred_to = $16, answer = $17, accepted_at = $18, decided_at = $19, answered_at = $20, closed_at = $21,
    reopened = $22, retaliation = $23, changed_at = $24, paused_on = NULLIF($25, '')::date, pause_ground = $26, stopped_sum = $27::jsonb, asks = $28, asked_once = $29, outcome = $30, follow_tries = $31, follow_tried_on = NULLIF($32, '')::date, version = version + 1 WHERE id = $1 AND version = $2`
	n, err := tx.Exec(ctx, q, c.ID, c.Version, c.AgencyID, c.Category, c.Subcategory, c.Urgency, string(c.State), c.HandlerID, c.DueRule, string(c.DueOn), jsonOrNull(c.DueSum),
		c.Extended, c.ExtensionAsked, c.Finding, c.Ground, c.ReferredTo, c.Answer, c.AcceptedAt, c.DecidedAt, c.AnsweredAt, c.ClosedAt, c.Reopened, c.Retaliation, at,
		string(c.PausedOn), c.PauseGround, jsonOrNull(c.StoppedSum), c.Asks, c.AskedOnce, c.Outcome, c.FollowTries, string(c.FollowTriedOn))
	if err == nil && n != 1 {
		return fault.Stale()
	}
	return err
}

func jsonOrNull(raw json.RawMessage) any {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return string(raw)
}

func appendEvent(ctx context.Context, tx *db.DB, id uuid.UUID, who actor.Actor, e Event, at time.Time) error {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return err
	}
	if e.Data == nil {
		data = []byte("{}")
	}
	const q = `INSERT INTO complaint_events (complaint_id, deed, state, at, actor_id, actor_role, text, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	_, err = tx.Exec(ctx, q, id, string(e.Deed), string(e.State), at, who.Account(), string(who.Role), e.Text, data)
	return err
}

// savePeople writes who looks into the complaint and who keeps off. Who has stood back is never appointed again.
func savePeople(ctx context.Context, tx *db.DB, id uuid.UUID, e Event, at time.Time) error {
	if e.Appoint != nil {
		const clear = `DELETE FROM complaint_people WHERE complaint_id = $1 AND part = 'investigator'`
		if _, err := tx.Exec(ctx, clear, id); err != nil {
			return err
		}
	}
	const add = `INSERT INTO complaint_people (complaint_id, account_id, part, reason, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (complaint_id, account_id) DO UPDATE SET part = $3, reason = $4, at = $5`
	for _, who := range e.Appoint {
		if _, err := tx.Exec(ctx, add, id, who, "investigator", "", at); err != nil {
			return err
		}
	}
	if e.RecusalOf == uuid.Nil {
		return nil
	}
	_, err := tx.Exec(ctx, add, id, e.RecusalOf, "recused", e.Text, at)
	return err
}

func settleLead(ctx context.Context, tx *db.DB, who actor.Actor, c Case, e Event, at time.Time) error {
	const q = `SELECT lead_settle('complaint', $1, $2, $3, $4, $5, $6, $7)`
	reason := "投诉" + c.Number + stateWords[e.State]
	if g := groundWords(c.Ground); g != "" {
		reason += "：" + g
	}
	_, err := tx.Exec(ctx, q, c.ID, e.Settle, reason, c.ReferredTo, who.Account(), string(who.Role), at)
	return err
}

// factOf is what triage reads of a complaint that is taken up again.
func factOf(ctx context.Context, tx *db.DB, id uuid.UUID) (*Input, error) {
	var in Input
	const q = `SELECT target, officer, happened, place, fact, request FROM complaints WHERE id = $1`
	return &in, tx.Get(ctx, &in, q, id)
}

type statusRow struct {
	ID       uuid.UUID  `db:"id"`
	At       time.Time  `db:"received_at"`
	State    State      `db:"state"`
	Answer   string     `db:"answer"`
	Answered *time.Time `db:"answered_at"`
	Due      *time.Time `db:"due_on"`
	Rule     string     `db:"due_rule"`
	Asks     string     `db:"asks"`
}

// statusOf finds a complaint by its receipt's code, and what became of it; false when there is none.
func statusOf(ctx context.Context, d *db.DB, code string) (door.Status, bool, error) {
	var rows []statusRow
	const q = `SELECT id, received_at, state, answer, answered_at, due_on, due_rule, asks FROM complaints WHERE receipt_hash = $1
    UNION ALL SELECT c.id, c.received_at, c.state, c.answer, c.answered_at, c.due_on, c.due_rule, c.asks FROM complaint_versions v JOIN complaints c ON c.id = v.complaint_id WHERE v.receipt_hash = $1`
	if err := d.Select(ctx, &rows, q, door.Hash(code)); err != nil || len(rows) == 0 {
		return door.Status{}, false, err
	}
	r := rows[0]
	var steps []door.Step
	// A lead that ended with the complaint's own decision is told by that decision alone.
	const progress = `
WITH own AS (SELECT 'case.' || deed AS step, at, id FROM complaint_events WHERE complaint_id = $1 AND deed IN ('accept','refuse','transfer','assign','approve','ask-completion','stop-clock','run-on','outcome','answer','close','reopen'))
SELECT step, at, due FROM (SELECT step, at, NULL::date AS due, id FROM own
  UNION ALL SELECT p.step, p.at, p.due, 0 FROM public_progress('complaint', $1) p
  WHERE NOT (p.step IN ('lead.dismissed', 'lead.referred') AND EXISTS (SELECT FROM own WHERE own.at = p.at))) s ORDER BY at, id`
	if err := d.Select(ctx, &steps, progress, r.ID); err != nil {
		return door.Status{}, false, err
	}
	st := door.Status{Received: r.At, Steps: door.Steps(steps), Asks: r.Asks}
	if r.Due != nil {
		st.Steps = append(st.Steps, door.Step{Code: waitFor(r), At: r.At, Due: r.Due})
	}
	if r.Answered != nil {
		st.Reply = r.Answer // the step beside it says which answer that is
	}
	return st, true, nil
}

// waitFor names what the person waits for. That a leader still has to approve is our own affair.
func waitFor(r statusRow) string {
	switch {
	case r.Rule == "DL24" || r.Rule == "DL25":
		return "wait." + r.Rule
	case r.State == Proposed:
		return "wait." + string(Investigating)
	}
	return "wait." + string(r.State)
}

// handOver gives a leaver's part in open complaints to a successor. Who stood back from one, or is on it already, gets
// nothing of it: the place then stays empty until two are appointed again.
func handOver(ctx context.Context, tx *db.DB, from uuid.UUID, to uuid.NullUUID, at time.Time) (ids []uuid.UUID, err error) {
	const q = `
WITH mine AS (
  SELECT c.id FROM complaints c WHERE c.state <> 'closed' AND (c.handler_id = $1 OR EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.account_id = $1 AND p.part = 'investigator')) FOR UPDATE OF c
), free AS (
  SELECT m.id FROM mine m WHERE $2::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = m.id AND p.account_id = $2)
), left_part AS (
  DELETE FROM complaint_people p USING mine m WHERE p.complaint_id = m.id AND p.account_id = $1 AND p.part = 'investigator' RETURNING p.complaint_id
), joined AS (
  INSERT INTO complaint_people (complaint_id, account_id, part, at) SELECT l.complaint_id, $2, 'investigator', $3 FROM left_part l JOIN free f ON f.id = l.complaint_id
)
UPDATE complaints c SET handler_id = CASE WHEN c.handler_id = $1 THEN (SELECT $2::uuid FROM free f WHERE f.id = c.id) ELSE c.handler_id END, version = version + 1
FROM mine m WHERE c.id = m.id RETURNING c.id`
	return ids, tx.Select(ctx, &ids, q, from, to, at)
}
