package complaint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// insertVersion keeps other words beside a complaint and seals who spoke them; false when the same were kept before.
func insertVersion(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, r *record) (bool, error) {
	way := "desk"
	switch {
	case r.in.Source.Valid:
		way = "12345"
	case r.in.Channel == "web":
		way = "public"
	}
	body, err := json.Marshal(r.in.words())
	if err != nil {
		return false, err
	}
	var own []byte // whoever else hands a version in is told of the one there is, and gets no code
	if way == "public" {
		own = r.receipt
	}
	const q = `
WITH kept AS (
  INSERT INTO complaint_versions (id, complaint_id, way, body, body_hash, has_contact, at, by_account, receipt_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $13)
  ON CONFLICT (complaint_id, body_hash) DO NOTHING RETURNING id
), seen AS (UPDATE complaints SET version = version + 1, changed_at = $7, has_contact = has_contact OR $6 WHERE id = $2 AND EXISTS (SELECT FROM kept))
SELECT count(*) AS n, count(CASE WHEN $6 THEN vault_seal($9, 'complaint', $2, $10, $11, $12::date) END) AS sealed FROM kept`
	s := r.sealed
	var row struct{ N, Sealed int }
	err = tx.Get(ctx, &row, q, uuid.New(), id, way, body, r.body, r.in.Named, r.at, who.Account(), s.ID, s.KeyID, s.Bytes, sealedOn(s), own)
	if err != nil || row.N != 1 {
		return false, err
	}
	return true, keepFromOwn(ctx, tx, id)
}

// keepFromOwn moves a case to the county as soon as any of its versions, settled or not, is about one of our own: an
// office must not read what was said about it, whichever version stands.
func keepFromOwn(ctx context.Context, tx *db.DB, id uuid.UUID) error {
	const q = `SELECT complaint_to_county(c.id) FROM complaints c WHERE c.id = $1 AND (c.about <> 'agency' OR EXISTS (
    SELECT FROM complaint_versions v CROSS JOIN LATERAL complaint_subject((v.body->>'agency_id')::uuid, v.body->>'target') y WHERE v.complaint_id = c.id AND y.about <> 'agency'))`
	_, err := tx.Exec(ctx, q, id)
	return err
}

type versionRow struct {
	Settled    string `db:"settled"`
	Body       []byte `db:"body"`
	HasContact bool   `db:"has_contact"`
	words      words
}

func lockVersion(ctx context.Context, tx *db.DB, id, version uuid.UUID) (row versionRow, err error) {
	const q = `SELECT settled, body, has_contact FROM complaint_versions WHERE id = $1 AND complaint_id = $2 FOR UPDATE`
	if err = tx.Get(ctx, &row, q, version, id); err != nil {
		return row, err
	}
	return row, json.Unmarshal(row.Body, &row.words)
}

func wordsOfCase(ctx context.Context, tx *db.DB, id uuid.UUID) (w words, err error) {
	const q = `SELECT agency_id, target, officer, happened, place, fact, request, category, subcategory, already, urgency FROM complaints WHERE id = $1`
	err = tx.Get(ctx, &w, q, id)
	return w, err
}

// saveWords puts other words in the place of a complaint's, with what they are about and where that lies. A unit that a
// person has chosen stays while the target is the same.
func saveWords(ctx context.Context, tx *db.DB, id uuid.UUID, w words) error {
	const q = `UPDATE complaints c SET agency_id = COALESCE(y.agency_id, CASE WHEN c.target = $3 THEN c.agency_id END), about = y.about, about_office_id = y.about_office_id,
    office_id = CASE WHEN y.about <> 'agency' OR c.office_id IS NULL THEN NULL ELSE COALESCE(y.agency_office, c.office_id) END,
    target = $3, officer = $4, happened = $5, place = $6, fact = $7, request = $8, category = $9, subcategory = $10, already = $11, urgency = $12
    FROM complaint_subject($2::uuid, $3) y WHERE c.id = $1`
	_, err := tx.Exec(ctx, q, id, w.AgencyID, w.Target, w.Officer, w.Happened, w.Place, w.Fact, w.Request, w.Category, w.Subcategory, w.Already, w.Urgency)
	return err
}

func settleVersion(ctx context.Context, tx *db.DB, who actor.Actor, version uuid.UUID, keep string, other words, at time.Time) error {
	body, err := json.Marshal(other)
	if err != nil {
		return err
	}
	const q = `UPDATE complaint_versions SET settled = $2, body = $3, settled_at = $4, settled_by = $5 WHERE id = $1`
	_, err = tx.Exec(ctx, q, version, keep, body, at, who.ID)
	return err
}

// saveCaseTouched counts the version up; what came with a name makes a nameless complaint one that has a contact.
func saveCaseTouched(ctx context.Context, tx *db.DB, c Case, contact bool, at time.Time) error {
	const q = `UPDATE complaints SET version = version + 1, changed_at = $2, has_contact = has_contact OR $3, anonymous = anonymous AND NOT $3 WHERE id = $1`
	_, err := tx.Exec(ctx, q, c.ID, at, contact)
	return err
}
