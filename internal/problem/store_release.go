package problem

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

const officeKey = `COALESCE(p.office_id, '00000000-0000-0000-0000-000000000000')`

func placesQueued(ctx context.Context, d *db.DB, before time.Time) ([]place, error) {
	const q = `SELECT DISTINCT p.agency_id, ` + officeKey + ` AS office_id FROM problems p WHERE p.queued_at < $1`
	var out []place
	return out, d.Select(ctx, &out, q, before)
}

// lockRelease lets one server at a time close rounds and serve what waits.
func lockRelease(ctx context.Context, tx *db.DB) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('problem.release'))`)
	return err
}

// lockQueued holds a place's orders whose day lies in a closed round.
func lockQueued(ctx context.Context, tx *db.DB, pl place, before time.Time, until deadline.Date) ([]Problem, error) {
	const q = `SELECT ` + columns + ` FROM problems p WHERE p.agency_id = $1 AND ` + officeKey + ` = $2 AND p.queued_at < $3 AND p.found_on <= $4::date ORDER BY p.id FOR UPDATE`
	var out []Problem
	return out, tx.Select(ctx, &out, q, pl.AgencyID, pl.OfficeID, before, string(until))
}

// lastRound is the last day of a place's newest round, empty when it has none yet.
func lastRound(ctx context.Context, d *db.DB, pl place) (deadline.Date, error) {
	const q = `SELECT COALESCE(to_char(max(until), 'YYYY-MM-DD'), '') FROM release_rounds WHERE agency_id = $1 AND office_id = $2`
	var last deadline.Date
	return last, d.Get(ctx, &last, q, pl.AgencyID, pl.OfficeID)
}

// closedRound is the round that a day belongs to, where it is closed.
func closedRound(ctx context.Context, d *db.DB, pl place, day deadline.Date) (r Round, found bool, err error) {
	const q = `SELECT to_char(from_on, 'YYYY-MM-DD') AS from_on, to_char(until, 'YYYY-MM-DD') AS until, businesses FROM release_rounds
		WHERE agency_id = $1 AND office_id = $2 AND until >= $3::date ORDER BY until LIMIT 1`
	var row struct {
		From       deadline.Date `db:"from_on"`
		Until      deadline.Date `db:"until"`
		Businesses int           `db:"businesses"`
	}
	err = d.Get(ctx, &row, q, pl.AgencyID, pl.OfficeID, string(day))
	if fault.KindOf(err) == fault.NotFound {
		return r, false, nil
	}
	return Round{row.From, row.Until, row.Businesses}, err == nil, err
}

func insertRound(ctx context.Context, tx *db.DB, pl place, r Round, at time.Time) error {
	const q = `INSERT INTO release_rounds (agency_id, office_id, from_on, until, businesses, closed_at) VALUES ($1, $2, $3, $4, $5, $6)`
	_, err := tx.Exec(ctx, q, pl.AgencyID, pl.OfficeID, string(r.From), string(r.Until), r.Businesses, at)
	return err
}

// inspectedSince reads an agency's diary as we know it, a line for each week and business: what was recorded after a day and
// had arrived by a moment.
func inspectedSince(ctx context.Context, d *db.DB, pl place, after deadline.Date, by time.Time) ([]inspected, error) {
	const q = `SELECT DISTINCT to_char(date_trunc('week', v.happened_at AT TIME ZONE 'Asia/Shanghai') + interval '6 days', 'YYYY-MM-DD') AS week,
			COALESCE(v.business_id::text, 'name ' || v.business_name) AS business
		FROM visits v WHERE v.agency_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR v.office_id = $2) AND v.state = 'recorded' AND v.happened_at IS NOT NULL
			AND COALESCE(v.received_at, v.created_at) <= $4 AND ($3::text = '' OR (v.happened_at AT TIME ZONE 'Asia/Shanghai')::date > NULLIF($3::text, '')::date)`
	var out []inspected
	return out, d.Select(ctx, &out, q, pl.AgencyID, pl.OfficeID, string(after), by)
}

// alone does f by itself within the transaction: what fails is undone, and nothing before it.
func alone(ctx context.Context, tx *db.DB, f func() error) (failed, err error) {
	if _, err := tx.Exec(ctx, `SAVEPOINT alone`); err != nil {
		return nil, err
	}
	if failed = f(); failed != nil {
		_, err = tx.Exec(ctx, `ROLLBACK TO SAVEPOINT alone`)
		return failed, err
	}
	_, err = tx.Exec(ctx, `RELEASE SAVEPOINT alone`)
	return nil, err
}

// noteFault keeps why a letter could not leave; the same reason again is not written again.
func noteFault(ctx context.Context, tx *db.DB, id uuid.UUID, words string) error {
	_, err := tx.Exec(ctx, `UPDATE problems SET queue_fault = $2 WHERE id = $1 AND queue_fault <> $2`, id, words)
	return err
}
