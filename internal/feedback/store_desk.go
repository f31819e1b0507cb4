package feedback

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Filter is what the desk's list can be narrowed by.
type Filter struct {
	State    string `query:"state" enum:"received,checking,answered"`
	AgencyID string `query:"agency_id" format:"uuid"`
	From     string `query:"from" format:"date"`
	To       string `query:"to" format:"date"`
	Bad      bool   `query:"bad"`
	Channel  string `query:"channel" enum:"ticket,wall,paper"`
	Held     bool   `query:"quarantined" doc:"only what waits for a look"`
	Flagged  bool   `query:"flagged" doc:"only what others may have written (疑似代评); nothing for an office"`
	After    string `query:"after" maxLength:"200"`
}

type position struct {
	Hour time.Time `json:"h"`
	ID   uuid.UUID `json:"i"`
}

const pageSize = 50

// columns of a list row, and the scope that every desk read has: an office its own, county and leader everything, and nobody
// the rating of a visit that she herself supervised. What others may have written is for the county to know.
const (
	itemColumns = `f.id, f.channel, f.agency_id, COALESCE(a.name, '') AS agency, f.office_id, COALESCE(o.name, '') AS office, to_char(f.checked_on, 'YYYY-MM-DD') AS checked_on,
  f.matter, f.kind, f.overall, f.bad, f.counted, f.suspect AND $1 AS suspect, f.quarantined, f.more_hour IS NOT NULL AS more, f.has_contact, f.state, f.received_hour`
	itemFrom = ` FROM feedbacks f LEFT JOIN agencies a ON a.id = f.agency_id LEFT JOIN offices o ON o.id = f.office_id`
	inScope  = ` ($1 OR f.office_id = $2) AND NOT EXISTS (SELECT FROM tickets own LEFT JOIN visit_supervisors m ON m.visit_id = own.visit_id AND m.account_id = $3
  WHERE own.id = f.ticket_id AND (m.account_id IS NOT NULL OR own.visit_id IS NULL AND own.issued_to = $3))`
)

// narrowed is inScope and the filter, only what is asked, so that each list has an index that serves it; the first three
// arguments are the scope's.
func (f *Filter) narrowed(who actor.Actor) (string, []any) {
	where, args := ` WHERE`+inScope, []any{who.SeesCounty(), who.OfficeID, who.ID}
	if !who.SeesCounty() {
		where += ` AND f.office_id = $2`
	}
	add := func(cond, value string) {
		if value != "" {
			args = append(args, value)
			where += fmt.Sprintf(` AND f.`+cond, len(args))
		}
	}
	if f.State != "" && f.State != "received" {
		where += ` AND f.state <> 'received'` // written out: the partial index wants it so
	}
	add(`state = $%d`, f.State)
	add(`agency_id = $%d`, f.AgencyID)
	add(`checked_on >= $%d`, f.From)
	add(`checked_on <= $%d`, f.To)
	add(`channel = $%d`, f.Channel)
	flag := func(cond string, asked bool) {
		if asked {
			where += ` AND ` + cond
		}
	}
	flag(`f.bad`, f.Bad)
	flag(`f.quarantined`, f.Held)
	flag(`f.suspect AND $1`, f.Flagged)
	return where, args
}

// List reads answers, newest hour first.
func (s *Service) List(ctx context.Context, who actor.Actor, in *Filter) (web.Page[AnswerItem], error) {
	page := web.Page[AnswerItem]{Items: []AnswerItem{}}
	var after position
	more, err := web.DecodeCursor(in.After, &after)
	if err != nil {
		return page, err
	}
	where, args := in.narrowed(who)
	count := `SELECT count(*) FROM (SELECT FROM feedbacks f` + where + ` LIMIT 1000) n` // beyond a thousand nobody counts
	if err := s.db.Get(ctx, &page.Total, count, args...); err != nil {
		return page, err
	}
	if more {
		args = append(args, after.Hour, after.ID)
		where += fmt.Sprintf(` AND f.received_hour <= $%d AND (f.received_hour < $%[1]d OR f.id > $%d)`, len(args)-1, len(args))
	}
	if err := s.db.Select(ctx, &page.Items, `SELECT `+itemColumns+itemFrom+where+fmt.Sprintf(` ORDER BY f.received_hour DESC, f.id LIMIT %d`, pageSize+1), args...); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last AnswerItem) any { return position{last.Hour, last.ID} })
	return page, nil
}

// Get reads one answer in who's scope, with its pictures and what became of it.
func (s *Service) Get(ctx context.Context, who actor.Actor, id uuid.UUID) (*AnswerDetail, error) {
	const q = `SELECT ` + itemColumns + `, f.scale, f.business_name, f.facts, f.ratings, f.problem_text, f.advice, f.reply_wanted, f.reply, f.replied_at, f.agency_text, f.more_overall, f.more_text, f.twin_of,
  v.id AS visit_id, COALESCE(v.number, '') AS visit, l.id AS lead_id, COALESCE(l.number, '') AS lead, COALESCE(l.state, '') AS lead_state` + itemFrom + `
  LEFT JOIN tickets k ON k.id = f.ticket_id LEFT JOIN visits v ON v.id = k.visit_id LEFT JOIN leads l ON l.origin = 'feedback' AND l.origin_id = f.id
  WHERE` + inScope + ` AND f.id = $4`
	d := AnswerDetail{Photos: []AnswerPicture{}, Beside: []Beside{}, Looks: []Look{}}
	if err := s.db.Get(ctx, &d, q, who.SeesCounty(), who.OfficeID, who.ID, id); err != nil {
		return nil, err
	}
	d.MayAnswer = d.State != "answered" && who.Is(actor.Office, actor.County)
	d.MayReveal = d.HasContact && who.Is(actor.Office, actor.County)
	const beside = `SELECT f.id, f.counted, f.suspect AND $1 AS suspect, f.overall, f.scale, f.facts, f.ratings, f.problem_text, f.received_hour FROM feedbacks f
  WHERE` + inScope + ` AND f.ticket_id = (SELECT x.ticket_id FROM feedbacks x WHERE x.id = $4) AND f.id <> $4 ORDER BY f.counted DESC, f.received_hour, f.id LIMIT 20`
	if err := s.db.Select(ctx, &d.Beside, beside, who.SeesCounty(), who.OfficeID, who.ID, id); err != nil {
		return nil, err
	}
	const looks = `SELECT a.name AS by_name, r.role, r.reason, r.at, COALESCE((SELECT n.name FROM accounts n WHERE n.id = r.read_by), '') AS read_by, r.read_at
  FROM reveals r JOIN accounts a ON a.id = r.account_id WHERE r.case_kind = 'feedback' AND r.case_id = $1 ORDER BY r.at DESC LIMIT 100`
	if err := s.db.Select(ctx, &d.Looks, looks, id); err != nil {
		return nil, err
	}
	const photos = `SELECT sha256, size FROM attachments WHERE owner_kind = 'feedback' AND owner_id = $1 ORDER BY position, sha256`
	return &d, s.db.Select(ctx, &d.Photos, photos, id)
}

// lockState holds an answer. While its hour is being settled the row is written anew: a second look finds it.
func lockState(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (state string, err error) {
	const q = `SELECT f.state FROM feedbacks f WHERE` + inScope + ` AND f.id = $4 FOR UPDATE OF f`
	for range 2 {
		if err = tx.Get(ctx, &state, q, who.SeesCounty(), who.OfficeID, who.ID, id); fault.KindOf(err) != fault.NotFound {
			break
		}
	}
	return state, err
}

// said is what a text about an answer must not repeat.
type said struct {
	Problem  string `db:"problem_text"`
	Advice   string `db:"advice"`
	More     string `db:"more_text"`
	Business string `db:"business_name"`
	Visited  string `db:"visited"`
	Agency   string `db:"agency"`
	Office   string `db:"office"`
	Contact  bool   `db:"has_contact"`
}

func saidBy(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (about said, err error) {
	const q = `SELECT f.problem_text, f.advice, f.more_text, f.business_name, COALESCE(v.business_name, b.name, '') AS visited,
  COALESCE(a.name, '') AS agency, COALESCE(o.name, '') AS office, f.has_contact` + itemFrom + `
  LEFT JOIN tickets k ON k.id = f.ticket_id LEFT JOIN visits v ON v.id = k.visit_id LEFT JOIN businesses b ON b.id = v.business_id WHERE` + inScope + ` AND f.id = $4`
	return about, d.Get(ctx, &about, q, who.SeesCounty(), who.OfficeID, who.ID, id)
}

func saveReply(ctx context.Context, tx *db.DB, id uuid.UUID, text string, at time.Time) error {
	const q = `UPDATE feedbacks SET state = 'answered', reply = $2, replied_at = $3 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, text, at)
	return err
}

func saveAgencyText(ctx context.Context, tx *db.DB, id uuid.UUID, text string) error {
	const q = `UPDATE feedbacks SET agency_text = $2 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, text)
	return err
}

// ticketOfVisit is the ticket of a visit in who's scope; a visit that had none gets one that nobody can present.
func ticketOfVisit(ctx context.Context, tx *db.DB, who actor.Actor, visitID uuid.UUID, at time.Time) (uuid.NullUUID, error) {
	var visit uuid.UUID
	const look = `SELECT v.id FROM visits v WHERE v.id = $1 AND ($2 OR v.office_id = $3)`
	if err := tx.Get(ctx, &visit, look, visitID, who.SeesCounty(), who.OfficeID); err != nil {
		return uuid.NullUUID{}, err
	}
	secret := make([]byte, 64)
	if _, err := rand.Read(secret); err != nil {
		return uuid.NullUUID{}, err
	}
	const add = `
INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position, visit_id, bound_at, expires_at)
SELECT $1, $2, $3, $4, v.office_id, $5, $1, 1, v.id, $6, $6 FROM visits v WHERE v.id = $7 ON CONFLICT (visit_id) WHERE visit_id IS NOT NULL AND revoked_at IS NULL DO NOTHING`
	if _, err := tx.Exec(ctx, add, uuid.New(), secret[:32], secret[32:], who.ID, clock.Day(at), at, visit); err != nil {
		return uuid.NullUUID{}, err
	}
	var id uuid.NullUUID
	const q = `SELECT id FROM tickets WHERE visit_id = $1 AND revoked_at IS NULL`
	err := tx.Get(ctx, &id, q, visit)
	return id, err
}

// insertPaper does what feedback_keep does for paper: by ticket id, or by no ticket at all, and with the person who entered
// it. A desk's deed has its row in the trail and its lead at once.
func insertPaper(ctx context.Context, tx *db.DB, who actor.Actor, ticket uuid.NullUUID, twin uuid.NullUUID, r *record) error {
	a := r.answer
	const q = `
WITH t AS MATERIALIZED (
  SELECT k.id, v.office_id, v.agency_id, COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on, $3::date) AS checked_on, v.matter
  FROM tickets k JOIN visits v ON v.id = k.visit_id WHERE k.id = $1
  UNION ALL SELECT NULL, $4, $2, $3::date, $5 WHERE $1::uuid IS NULL
), used AS (
  UPDATE tickets SET answered = true WHERE id = $1 AND NOT answered AND $6::uuid IS NULL RETURNING id
), kept AS (
  INSERT INTO feedbacks (id, ticket_id, channel, agency_id, office_id, counted, form_version, scale, checked_on, business_name, kind, matter,
    facts, ratings, overall, bad, problem_text, advice, reply_wanted, has_contact, receipt_hash, body_hash, state, received_hour, entered_by, twin_of, settled)
  SELECT $7, t.id, 'paper', t.agency_id, t.office_id, $6::uuid IS NULL AND (t.id IS NULL OR EXISTS (SELECT FROM used)), $8, $9, t.checked_on, $10, $11, t.matter,
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, CASE WHEN $15 THEN 'checking' ELSE 'received' END, $22, $23, $6, 2
  FROM t ON CONFLICT (receipt_hash) DO NOTHING
  RETURNING id, office_id, agency_id, checked_on
)
SELECT CASE WHEN $19 THEN vault_seal($25, 'feedback', kept.id, $26, $27, $28::date) END,
  CASE WHEN $15 THEN lead_raise($29, 'feedback', kept.id, '', kept.office_id, kept.agency_id, 'general', $30, $31, kept.checked_on, NULL, $22) END,
  audit_append($22, $23, $24, 'feedback.paper', '', NULL, '{}')
FROM kept`
	_, err := tx.Exec(ctx, q, ticket, a.AgencyID, day(a.CheckedOn), who.OfficeID, a.Matter, twin, r.id, FormVersion, a.Scale, a.Business, a.Kind,
		a.factsJSON(), a.ratingsJSON(), a.Ratings["R0"], a.Bad(), a.Problem, a.Advice, a.Reply, r.sealed.Valid, r.receipt, r.body, r.hour,
		who.ID, string(who.Role), r.sealed.ID, r.sealed.KeyID, r.sealed.Bytes, day(r.sealed.On), uuid.New(), a.leadCategory(), a.leadFact())
	return err
}

type paperRow struct {
	ID      uuid.UUID `db:"id"`
	Counted bool      `db:"counted"`
}

func paperByReceipt(ctx context.Context, tx *db.DB, receipt []byte) (paperRow, error) {
	var row paperRow
	const q = `SELECT id, counted FROM feedbacks WHERE receipt_hash = $1`
	err := tx.Get(ctx, &row, q, receipt)
	return row, err
}
