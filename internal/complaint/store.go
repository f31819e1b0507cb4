package complaint

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/vault"
)

// record is a complaint ready to be kept.
type record struct {
	id, leadID           uuid.UUID
	in                   *Input
	sealed               vault.Sealed
	receipt, body, nonce []byte // hashes
	at                   time.Time
}

func nextNumber(ctx context.Context, tx *db.DB, at time.Time) (string, error) {
	var n int64
	const q = `SELECT next_number($1)`
	err := tx.Get(ctx, &n, q, "TS"+at.In(clock.Shanghai).Format("2006"))
	return number(at, n), err
}

// insertComplaint keeps the row and seals who spoke; false when it came before, by its words or by its number. The agency
// is the one named, or the one whose name was written exactly; its office gets the complaint, the county where there is
// none. A complaint about one of our own offices, or about the bureau, goes to the county: nobody gets his own (回避).
func insertComplaint(ctx context.Context, tx *db.DB, who actor.Actor, number string, r *record) (bool, error) {
	const q = `
WITH kept AS (
  INSERT INTO complaints (id, number, channel, office_id, agency_id, target, officer, happened, place, fact, request, category, already, urgency,
    anonymous, confidential, reply_wanted, has_contact, outer_number, receipt_hash, body_hash, taken_by, suspect, received_at,
    subcategory, nonce_hash, outer_source, about, about_office_id, due_rule, due_on, changed_at)
  SELECT $1, $2, $5, CASE WHEN y.about <> 'agency' THEN NULL ELSE COALESCE(y.agency_office, $6) END, y.agency_id,
    $4, $7, $8, $9, $10, $11, $12, $13, $14, NOT $15::bool, $16, $17, $15, $18, $19, $20, $21, $22, $23,
    $28, $29, $30, y.about, y.about_office_id,
    $31, deadline_due($31, ($23::timestamptz AT TIME ZONE 'Asia/Shanghai')::date), $23 FROM complaint_subject($3::uuid, $4) y
  ON CONFLICT DO NOTHING RETURNING id
)
SELECT count(*) AS n, count(CASE WHEN $15 THEN vault_seal($24, 'complaint', kept.id, $25, $26, $27::date) END) AS sealed FROM kept`
	in, s := r.in, r.sealed
	var row struct{ N, Sealed int }
	err := tx.Get(ctx, &row, q, r.id, number, in.AgencyID, in.Target, in.Channel, who.OfficeID, in.Officer, in.Happened, in.Place, in.Fact, in.Request,
		in.Category, in.Already, in.Urgency, in.Named, in.Identity.Confidential, in.Reply, in.OuterNumber, r.receipt, r.body, who.Account(), in.Suspect, r.at,
		s.ID, s.KeyID, s.Bytes, sealedOn(s), in.Subcategory, r.nonce, in.Source, firstRule(in.Channel))
	return row.N == 1, err
}

// firstRule: a ticket of 12345 is answered by its own rule, everything else is decided on by DL01.
func firstRule(channel string) string {
	if channel == "12345" {
		return "DL15"
	}
	return "DL01"
}

func sealedOn(s vault.Sealed) *string {
	if !s.Valid {
		return nil
	}
	return &s.On
}

// raiseLead raises the lead of a complaint; item is empty but for a complaint that is taken up again.
func raiseLead(ctx context.Context, tx *db.DB, id, leadID uuid.UUID, item, fact string, day *string, at time.Time) error {
	const q = `SELECT lead_raise($2, 'complaint', c.id, $6, c.office_id, c.agency_id, 'general', c.category, $3, $4::date, NULL, $5) FROM complaints c WHERE c.id = $1`
	_, err := tx.Exec(ctx, q, id, leadID, fact, day, at, item)
	return err
}

type before struct {
	ID     uuid.UUID `db:"id"`
	Number string    `db:"number"`
	State  State     `db:"state"`
	Same   bool      `db:"same"`
}

// keptBefore finds the complaint that a record runs into: the same words, the same id, form or outer ticket.
func keptBefore(ctx context.Context, d *db.DB, r *record) (before, error) {
	var b before
	const q = `SELECT id, number, state, body_hash = $1 AS same FROM complaints
		WHERE body_hash = $1 OR id = $2 OR nonce_hash = $3 OR receipt_hash = $4 OR (channel = '12345' AND outer_number = $5 AND $5 <> '' AND $6 = '12345')
		ORDER BY body_hash = $1 DESC LIMIT 1`
	return b, d.Get(ctx, &b, q, r.body, r.id, r.nonce, r.receipt, r.in.OuterNumber, r.in.Channel)
}

func lockSuspect(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (*Input, error) {
	var in Input
	const q = `SELECT c.suspect, c.target, c.officer, c.happened, c.place, c.fact, c.request FROM complaints c WHERE` + inScope + ` AND c.id = $4 FOR UPDATE`
	return &in, tx.Get(ctx, &in, q, append(scope(who), id)...)
}

func clearSuspect(ctx context.Context, tx *db.DB, id uuid.UUID) error {
	const q = `UPDATE complaints SET suspect = false, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id)
	return err
}

// around are the bureau that receives, and the names of agencies to choose from.
func (s *Service) around(ctx context.Context) (bureau, hotline string, agencies []string, err error) {
	var b struct{ Name, Hotline string }
	const q = `SELECT COALESCE(max(name), '') AS name, COALESCE(max(hotline), '') AS hotline FROM bureau`
	if err = s.db.GetP(ctx, &b, q); err != nil {
		return
	}
	const names = `SELECT name FROM agencies WHERE active ORDER BY kind DESC, name`
	err = s.db.Select(ctx, &agencies, names)
	return b.Name, b.Hotline, agencies, err
}

// keeping is how long identities are kept, by the rules as they are today, in the words of the notice.
func (s *Service) keeping(ctx context.Context) (map[string]string, error) {
	var rows []struct {
		Code  string `db:"code"`
		Value int    `db:"value"`
	}
	const q = `SELECT DISTINCT ON (code) code, value FROM deadline_rules WHERE code IN ('RT01', 'RT02', 'RT03') AND effective_from <= $1 ORDER BY code, effective_from DESC`
	if err := s.db.Select(ctx, &rows, q, clock.Day(s.now())); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.Code] = strconv.Itoa(r.Value) + "天"
		if r.Value > 0 && r.Value%365 == 0 {
			out[r.Code] = strconv.Itoa(r.Value/365) + "年"
		}
	}
	return out, nil
}
