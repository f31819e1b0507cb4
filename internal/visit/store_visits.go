package visit

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// hold makes everything about one visit take turns, before the visit's row exists too.
func hold(ctx context.Context, tx *db.DB, visitID uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('visit' || $1::text, 0))`, visitID)
	return err
}

// head is what a change to a visit needs to know of it.
type head struct {
	ID         uuid.UUID     `db:"id"`
	Number     string        `db:"number"`
	State      State         `db:"state"`
	Flagged    bool          `db:"flagged"`
	OfficeID   uuid.UUID     `db:"office_id"`
	AgencyID   uuid.UUID     `db:"agency_id"`
	BusinessID uuid.NullUUID `db:"business_id"`
	PlanDigest string        `db:"plan_digest"`
	Version    int           `db:"version"`
	Mine       bool          `db:"mine"`   // who is among its supervisors
	Former     bool          `db:"former"` // who was, and was taken off
}

// lockVisit reads a visit for a change. Scope is the caller's to hold: see sees and MayRecord.
func lockVisit(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (head, error) {
	var h head
	const q = `SELECT v.id, v.number, v.state, v.flagged, v.office_id, v.agency_id, v.business_id, v.plan_digest, v.version,
		EXISTS (SELECT 1 FROM visit_supervisors m WHERE m.visit_id = v.id AND m.account_id = $2) AS mine,
		EXISTS (SELECT 1 FROM visit_former f WHERE f.visit_id = v.id AND f.account_id = $2) AS former FROM visits v WHERE v.id = $1 FOR UPDATE`
	return h, tx.Get(ctx, &h, q, id, who.ID)
}

// newVisit is a row to be made.
type newVisit struct {
	ID                                  uuid.UUID
	Origin, Method                      string
	State                               State
	OfficeID, AgencyID                  uuid.UUID
	BusinessID                          uuid.NullUUID
	Business                            Business
	Matter, Notice, External, PlannedOn string
	PlannedBy                           uuid.NullUUID
	PlanDigest                          string
	CreatedAt                           time.Time
}

// insertVisit takes the next number of the year and makes the row in the same transaction, so that none is skipped.
func insertVisit(ctx context.Context, tx *db.DB, v newVisit) (number string, err error) {
	const q = `INSERT INTO visits (id, number, origin, method, state, office_id, agency_id, business_id, business_name, business_uscc, business_address,
			matter, notice_number, external_code, planned_on, planned_by, plan_digest, created_at)
		VALUES ($1, next_code('BS' || $2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULLIF($15, '')::date, $16, $17, $18)
		RETURNING number`
	return number, tx.Get(ctx, &number, q, v.ID, clock.Day(v.CreatedAt)[:4], v.Origin, v.Method, v.State, v.OfficeID, v.AgencyID, v.BusinessID,
		v.Business.Name, v.Business.USCC, v.Business.Address, v.Matter, v.Notice, v.External, v.PlannedOn, v.PlannedBy, v.PlanDigest, v.CreatedAt)
}

func updatePlan(ctx context.Context, tx *db.DB, v newVisit) error {
	const q = `UPDATE visits SET agency_id = $2, business_id = $3, business_name = $4, business_uscc = $5, business_address = $6, matter = $7,
		notice_number = $8, external_code = $9, planned_on = $10::date, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, v.ID, v.AgencyID, v.BusinessID, v.Business.Name, v.Business.USCC, v.Business.Address, v.Matter, v.Notice, v.External, v.PlannedOn)
	return err
}

func setState(ctx context.Context, tx *db.DB, id uuid.UUID, to State, cancelReason string, flagged bool) error {
	const q = `UPDATE visits SET state = $2, cancel_reason = $3, flagged = $4, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, to, cancelReason, flagged)
	return err
}

func appendEvent(ctx context.Context, tx *db.DB, id uuid.UUID, deed Deed, state State, at time.Time, who actor.Actor, text string) error {
	const q = `INSERT INTO visit_events (visit_id, deed, state, at, actor_id, actor_role, text) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err := tx.Exec(ctx, q, id, deed, state, at, who.Account(), string(who.Role), text)
	return err
}

// didBefore tells whether this person did this deed to the visit already, with the same words.
func didBefore(ctx context.Context, tx *db.DB, id uuid.UUID, deed Deed, who actor.Actor, text string) (yes bool, err error) {
	const q = `SELECT EXISTS (SELECT FROM visit_events WHERE visit_id = $1 AND deed = $2 AND actor_id = $3 AND text = $4)`
	return yes, tx.Get(ctx, &yes, q, id, deed, who.Account(), text)
}

// addSupervisors adds those who are not on the visit yet.
func addSupervisors(ctx context.Context, tx *db.DB, id uuid.UUID, ids []uuid.UUID) error {
	const q = `INSERT INTO visit_supervisors (visit_id, account_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING`
	_, err := tx.Exec(ctx, q, id, pq.Array(ids))
	return err
}

// dropSupervisors takes people off a plan and remembers that they were on it: a phone that has not heard of it yet may
// hold a sealed record.
func dropSupervisors(ctx context.Context, tx *db.DB, id uuid.UUID, keep []uuid.UUID, now time.Time) error {
	const q = `WITH off AS (DELETE FROM visit_supervisors WHERE visit_id = $1 AND NOT account_id = ANY($2::uuid[]) RETURNING account_id)
		INSERT INTO visit_former (visit_id, account_id, off_at) SELECT $1, account_id, $3 FROM off ON CONFLICT (visit_id, account_id) DO UPDATE SET off_at = excluded.off_at`
	_, err := tx.Exec(ctx, q, id, pq.Array(keep), now)
	return err
}

// certifiedOn tells whether an account's supervision certificate held on a day.
func certifiedOn(ctx context.Context, d *db.DB, id uuid.UUID, day string) (yes bool, err error) {
	const q = `SELECT certificate <> '' AND (certificate_until IS NULL OR certificate_until >= $2::date) FROM accounts WHERE id = $1`
	return yes, d.Get(ctx, &yes, q, id, day)
}

// recorders are those among ids that are people who may go along: supervisors and offices. Where it need not be today any
// more, also those who have since left or moved up: a sealed record is not refused for what became of its people.
func recorders(ctx context.Context, d *db.DB, ids []uuid.UUID, active bool) (map[uuid.UUID]uuid.UUID, error) {
	var rows []struct {
		ID       uuid.UUID `db:"id"`
		OfficeID uuid.UUID `db:"office_id"`
	}
	const q = `SELECT id, COALESCE(office_id, '00000000-0000-0000-0000-000000000000') AS office_id FROM accounts
		WHERE id = ANY($1::uuid[]) AND CASE WHEN $2 THEN active AND role IN ('supervisor', 'office') ELSE role <> 'agency' END`
	if err := d.Select(ctx, &rows, q, pq.Array(ids), active); err != nil {
		return nil, err
	}
	out := map[uuid.UUID]uuid.UUID{}
	for _, r := range rows {
		out[r.ID] = r.OfficeID
	}
	return out, nil
}

type agencyRow struct {
	ID       uuid.UUID     `db:"id"`
	OfficeID uuid.NullUUID `db:"office_id"`
	Active   bool          `db:"active"`
}

func readAgency(ctx context.Context, d *db.DB, id uuid.UUID) (agencyRow, error) {
	var a agencyRow
	const q = `SELECT id, office_id, active FROM agencies WHERE id = $1`
	return a, d.Get(ctx, &a, q, id)
}

func readBusiness(ctx context.Context, d *db.DB, id uuid.UUID) (Business, error) {
	var b Business
	const q = `SELECT name, COALESCE(uscc, '') AS uscc, address, kind FROM businesses WHERE id = $1`
	return b, d.Get(ctx, &b, q, id)
}

// businessMet finds a business without a code by name and address in a township: each visit to it is not a new one.
func businessMet(ctx context.Context, tx *db.DB, office uuid.UUID, name, address string) (id uuid.UUID, found bool, err error) {
	const q = `SELECT id FROM businesses WHERE active AND office_id = $1 AND name = $2 AND address = $3 ORDER BY confirmed DESC, id LIMIT 1`
	err = tx.Get(ctx, &id, q, office, strings.TrimSpace(name), strings.TrimSpace(address))
	return maybe(id, err)
}

// HandOver gives the planned visits of someone who leaves to a successor, or only takes him off them; what he has
// recorded stays his. It tells how many visits it touched. Visits are held in the order of their ids, and each before any
// row of it, as a sheet that arrives at the same moment holds its own.
func (s *Service) HandOver(ctx context.Context, tx *db.DB, who actor.Actor, from uuid.UUID, to uuid.NullUUID) (n int, err error) {
	var ids []uuid.UUID
	const q = `SELECT v.id FROM visit_supervisors s JOIN visits v ON v.id = s.visit_id WHERE v.state = 'planned' AND s.account_id = $1 ORDER BY v.id`
	if err := tx.Select(ctx, &ids, q, from); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := hold(ctx, tx, id); err != nil {
			return n, err
		}
		off, err := takeOff(ctx, tx, id, from, s.now())
		if err != nil {
			return n, err
		}
		if !off { // his sheet came meanwhile
			continue
		}
		if to.Valid {
			if err := addSupervisors(ctx, tx, id, []uuid.UUID{to.UUID}); err != nil {
				return n, err
			}
		}
		if err := s.mark(ctx, tx, who, id, "hand_over", Planned, ""); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// takeOff takes one person off a visit that is still planned; false if it no longer is.
func takeOff(ctx context.Context, tx *db.DB, id, account uuid.UUID, now time.Time) (bool, error) {
	const q = `WITH off AS (DELETE FROM visit_supervisors s USING visits v WHERE v.id = s.visit_id AND v.state = 'planned' AND v.id = $1 AND s.account_id = $2 RETURNING s.account_id)
		INSERT INTO visit_former (visit_id, account_id, off_at) SELECT $1, account_id, $3 FROM off ON CONFLICT (visit_id, account_id) DO UPDATE SET off_at = excluded.off_at`
	n, err := tx.Exec(ctx, q, id, account, now)
	return n == 1, err
}
