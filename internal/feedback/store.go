package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// answerSQL is the whole write of one answer in one prepared statement; migrations/0010 says what feedback_keep does.
const answerSQL = `SELECT complete, kept, crowded, ticket, office, agency, checked_on FROM feedback_keep($1, $28, $2, $3, $4::date, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
	$20, $21, $22, $23, $24, $25, $26::date, $27, $29)`

// answerRow is what the statement tells.
type answerRow struct {
	Complete  bool      `db:"complete"`
	Kept      bool      `db:"kept"`
	Crowded   bool      `db:"crowded"`
	Ticket    uuid.UUID `db:"ticket"`
	Office    string    `db:"office"`
	Agency    string    `db:"agency"`
	CheckedOn string    `db:"checked_on"`
}

// record is an answer ready to be kept.
type record struct {
	id            uuid.UUID
	answer        *Answer
	sealed        vault.Sealed
	receipt, body []byte    // hashes
	at            time.Time // only for whether the ticket still runs; what is kept is the hour
	hour          time.Time
	many          int  // later answers of the ticket from which on it wants proof of work; 0 with proof
	held          bool // a person looks first
}

func (r *record) args(p pass) []any {
	a := r.answer
	return []any{
		p.hash, r.at, a.AgencyID, day(a.CheckedOn), a.Matter, r.id, a.Suspect, FormVersion, a.Scale, a.Business, a.Kind,
		a.factsJSON(), a.ratingsJSON(), a.Ratings["R0"], a.Bad(), a.Problem, a.Advice, a.Reply, r.sealed.Valid, r.receipt, r.body, r.hour,
		r.sealed.ID, r.sealed.KeyID, r.sealed.Bytes, day(r.sealed.On), r.many, p.typed, r.held,
	}
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
	Spent    bool      `db:"spent"` // answered on an earlier day: anybody may read so
}

// one query for every ticket, good or not: what is unknown, expired or revoked gives no row.
const ticketSQL = `
SELECT k.id, k.office_id, o.name AS office, COALESCE(a.name, '') AS agency,
       COALESCE(to_char(COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on), 'YYYY-MM-DD'), '') AS day, COALESCE(v.matter, '') AS matter,
       COALESCE(b.name, '') AS bureau, COALESCE(b.hotline, '') AS hotline,
       k.answered AND EXISTS (SELECT FROM feedbacks f WHERE f.ticket_id = k.id AND f.counted AND f.received_hour < date_trunc('day', $2::timestamptz AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai') AS spent
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
		Again   bool       `db:"again"`
	}
	const q = `SELECT id, received_hour, reply, replied_at, state = 'answered' AND more_hour IS NULL AS again FROM feedbacks WHERE receipt_hash = $1`
	if err := d.Select(ctx, &rows, q, door.Hash(code)); err != nil || len(rows) == 0 {
		return door.Status{}, false, err
	}
	f := rows[0]
	var steps []door.Step
	const progress = `SELECT step, at, due FROM public_progress('feedback', $1) ORDER BY at`
	if err := d.Select(ctx, &steps, progress, f.ID); err != nil {
		return door.Status{}, false, err
	}
	return door.Status{Received: f.Hour, Steps: door.Steps(steps), Reply: f.Reply, Replied: f.Replied, Again: f.Again}, true, nil
}
