package feedback

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// answerSQL is the whole write of one answer, one statement that the server has planned before: it uses the ticket up,
// keeps the answer (the first one counts, a later one is kept beside it, the same one again changes nothing), seals the
// contact, raises the lead and leaves a row in the trail that names no record. All times in it are whole hours.
//
// A bound ticket's visit says agency, day and matter, whatever was sent. No row: no such ticket. complete is false where an
// unbound ticket's answer names no agency.
const answerSQL = `
WITH t AS MATERIALIZED (
  SELECT k.id, COALESCE(v.office_id, k.office_id) AS office_id,
         COALESCE(v.agency_id, (SELECT a.id FROM agencies a WHERE a.id = $3 AND a.active)) AS agency_id,
         COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on, $4::date) AS checked_on, COALESCE(v.matter, $5) AS matter
  FROM tickets k LEFT JOIN visits v ON v.id = k.visit_id
  WHERE k.%s = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
), ok AS (
  SELECT * FROM t WHERE agency_id IS NOT NULL AND checked_on IS NOT NULL AND matter <> ''
), used AS (
  UPDATE tickets SET answered = true WHERE id = (SELECT id FROM ok) AND NOT answered RETURNING id
), kept AS (
  INSERT INTO feedbacks (id, ticket_id, channel, agency_id, office_id, counted, suspect, form_version, scale, checked_on, business_name, kind, matter,
    facts, ratings, overall, bad, problem_text, advice, reply_wanted, has_contact, receipt_hash, body_hash, state, received_hour)
  SELECT $6, ok.id, 'ticket', ok.agency_id, ok.office_id, EXISTS (SELECT FROM used), $7, $8, $9, ok.checked_on, $10, $11, ok.matter,
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, CASE WHEN $15 THEN 'checking' ELSE 'received' END, $22
  FROM ok ON CONFLICT (receipt_hash) DO NOTHING
  RETURNING id, office_id, agency_id, checked_on
), done AS (
  SELECT CASE WHEN $19 THEN vault_seal($23, 'feedback', kept.id, $24, $25, $26::date) END AS sealed,
         CASE WHEN $15 THEN lead_raise($27, 'feedback', kept.id, '', kept.office_id, kept.agency_id, 'general', $28, $29, kept.checked_on, NULL, $22) END AS lead,
         audit_append($22, NULL, 'public', 'feedback.submit', '', NULL, '{}') AS trail
  FROM kept
)
SELECT EXISTS (SELECT FROM ok) AS complete, (SELECT count(sealed) + count(lead) + count(trail) FROM done) > 0 AS kept,
  COALESCE((SELECT name FROM offices WHERE id = t.office_id), '') AS office, COALESCE((SELECT name FROM agencies WHERE id = t.agency_id), '') AS agency,
  COALESCE(to_char(t.checked_on, 'YYYY-MM-DD'), '') AS checked_on FROM t`

// answerRow is what the statement tells.
type answerRow struct {
	Complete  bool   `db:"complete"`
	Kept      bool   `db:"kept"`
	Office    string `db:"office"`
	Agency    string `db:"agency"`
	CheckedOn string `db:"checked_on"`
}

// record is an answer ready to be kept.
type record struct {
	id, leadID    uuid.UUID
	answer        *Answer
	sealed        vault.Sealed
	receipt, body []byte    // hashes
	at            time.Time // only for whether the ticket still runs; what is kept is the hour
	hour          time.Time
}

func (r *record) args(p pass) ([]any, error) {
	a := r.answer
	facts, err := json.Marshal(a.Facts)
	if err != nil {
		return nil, err
	}
	marks, err := json.Marshal(a.Ratings)
	if err != nil {
		return nil, err
	}
	return []any{
		p.hash, r.at, a.AgencyID, day(a.CheckedOn), a.Matter, r.id, a.Suspect, FormVersion, a.Scale, a.Business, a.Kind,
		string(facts), string(marks), a.Ratings["R0"], a.Bad(), a.Problem, a.Advice, a.Reply, r.sealed.Valid, r.receipt, r.body, r.hour,
		r.sealed.ID, r.sealed.KeyID, r.sealed.Bytes, day(r.sealed.On), r.leadID, a.leadCategory(), a.leadFact(),
	}, nil
}

// day is a calendar day as an argument; what is no day is none.
func day(s string) *string {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return nil
	}
	return &s
}

// ticketInfo is what the form shows of a ticket that is good.
type ticketInfo struct {
	ID       uuid.UUID `db:"id"`
	OfficeID uuid.UUID `db:"office_id"`
	Office   string    `db:"office"`
	Agency   string    `db:"agency"`
	Day      string    `db:"day"`
	Matter   string    `db:"matter"`
	Bureau   string    `db:"bureau"`
	Hotline  string    `db:"hotline"`
}

// one query for every ticket, good or not: what is unknown, expired or revoked gives no row.
const ticketSQL = `
SELECT k.id, k.office_id, o.name AS office, COALESCE(a.name, '') AS agency,
       COALESCE(to_char(COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on), 'YYYY-MM-DD'), '') AS day, COALESCE(v.matter, '') AS matter,
       COALESCE(b.name, '') AS bureau, COALESCE(b.hotline, '') AS hotline
FROM tickets k JOIN offices o ON o.id = k.office_id LEFT JOIN visits v ON v.id = k.visit_id LEFT JOIN agencies a ON a.id = v.agency_id LEFT JOIN bureau b ON true
WHERE k.%s = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)`

// choice is an agency to choose where the ticket does not say it yet.
type choice struct {
	ID   uuid.UUID `db:"id"`
	Name string    `db:"name"`
}

// agenciesNear are those the office supervises, then the county's.
func agenciesNear(ctx context.Context, d *db.DB, office uuid.UUID) ([]choice, error) {
	const q = `SELECT id, name FROM agencies WHERE active AND (office_id = $1 OR office_id IS NULL) ORDER BY office_id IS NULL, name`
	var out []choice
	err := d.Select(ctx, &out, q, office)
	return out, err
}

// statusOf finds an answer by its receipt's code, and what became of it; false when there is none.
func statusOf(ctx context.Context, d *db.DB, code string) (door.Status, bool, error) {
	var rows []struct {
		ID      uuid.UUID  `db:"id"`
		Hour    time.Time  `db:"received_hour"`
		Reply   string     `db:"reply"`
		Replied *time.Time `db:"replied_at"`
	}
	const q = `SELECT id, received_hour, reply, replied_at FROM feedbacks WHERE receipt_hash = $1`
	if err := d.Select(ctx, &rows, q, door.Hash(code)); err != nil || len(rows) == 0 {
		return door.Status{}, false, err
	}
	f := rows[0]
	var steps []door.Step
	const progress = `SELECT step, at, due FROM public_progress('feedback', $1) ORDER BY at`
	if err := d.Select(ctx, &steps, progress, f.ID); err != nil {
		return door.Status{}, false, err
	}
	return door.Status{Received: f.Hour, Steps: door.Steps(steps), Reply: f.Reply, Replied: f.Replied}, true, nil
}
