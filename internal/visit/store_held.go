package visit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// heldRow is a record to be held.
type heldRow struct {
	ID                 uuid.UUID
	Sheet              Sheet
	AccountID          uuid.UUID
	DeviceID, OfficeID uuid.NullUUID
	Why                string
	Faults             string
	Raw                []byte
	Digest             string
	ReceivedAt         time.Time
}

// insertHeld tells whether the record was new. An account without an office has it held where its visit is.
func insertHeld(ctx context.Context, tx *db.DB, r heldRow) (bool, error) {
	s := r.Sheet
	const q = `INSERT INTO held_sheets (id, sheet_id, visit_id, version, account_id, device_id, office_id, why, faults, raw, digest, photos, photo_bytes, business_name, happened_at, received_at)
		VALUES ($1, $2, $3, $4, $5, $6, COALESCE($7, (SELECT office_id FROM visits WHERE id = $3)), $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (account_id, digest) DO NOTHING`
	n, err := tx.Exec(ctx, q, r.ID, s.ID.UUID, s.VisitID.UUID, versionIn(s.Version), r.AccountID, r.DeviceID, r.OfficeID, r.Why, r.Faults, r.Raw, r.Digest,
		pq.Array(s.hashes()), s.photoBytes(), s.Visit.Business.Name, s.happened(r.ReceivedAt), r.ReceivedAt)
	return n == 1, err
}

func heldLoad(ctx context.Context, tx *db.DB, account uuid.UUID) (n int, bytes int64, err error) {
	var row struct {
		N     int   `db:"n"`
		Bytes int64 `db:"bytes"`
	}
	const q = `SELECT count(*) AS n, COALESCE(sum(photo_bytes), 0) AS bytes FROM held_sheets WHERE account_id = $1 AND settled_at IS NULL`
	err = tx.Get(ctx, &row, q, account)
	return row.N, row.Bytes, err
}

// heldKnown is a held record as far as deciding on it goes.
type heldKnown struct {
	ID        uuid.UUID     `db:"id"`
	SheetID   uuid.UUID     `db:"sheet_id"`
	AccountID uuid.UUID     `db:"account_id"`
	OfficeID  uuid.NullUUID `db:"office_id"`
	Raw       []byte        `db:"raw"`
	Digest    string        `db:"digest"`
	Why       string        `db:"why"`
	Faults    string        `db:"faults"`
	Kept      *bool         `db:"kept"`
	Reason    string        `db:"reason"`
	Corrected bool          `db:"corrected"`
	Version   int           `db:"version"`
	VisitID   uuid.UUID     `db:"visit_id"`
	Received  time.Time     `db:"received_at"`
}

const heldColumns = `h.id, h.sheet_id, h.account_id, h.office_id, h.raw, h.digest, h.why, h.faults, h.kept, h.reason, h.corrected, h.version, h.visit_id, h.received_at`

func heldByDigest(ctx context.Context, d *db.DB, account uuid.UUID, digest string) (h heldKnown, found bool, err error) {
	err = d.Get(ctx, &h, `SELECT `+heldColumns+` FROM held_sheets h WHERE h.account_id = $1 AND h.digest = $2`, account, digest)
	return maybe(h, err)
}

// heldBefore tells whether the version that this one corrects was held, and never accepted.
func heldBefore(ctx context.Context, tx *db.DB, account uuid.UUID, s Sheet) (held bool, err error) {
	const q = `SELECT EXISTS (SELECT FROM held_sheets WHERE account_id = $1 AND sheet_id = $2 AND visit_id = $3 AND version < $4 AND kept IS NOT true)`
	return held, tx.Get(ctx, &held, q, account, s.Supersedes.UUID, s.VisitID.UUID, s.Version)
}

// closeHeld: what its author has corrected needs no decision any more. Its bytes stay.
func closeHeld(ctx context.Context, tx *db.DB, account uuid.UUID, s Sheet, by uuid.UUID, now time.Time) error {
	if s.Version == 1 {
		return nil
	}
	const q = `UPDATE held_sheets SET corrected = true, kept = false, settled_at = COALESCE(settled_at, $4), settled_by = COALESCE(settled_by, $5), reason = COALESCE(NULLIF(reason, ''), $6)
		WHERE account_id = $1 AND visit_id = $2 AND version < $3 AND kept IS NOT true`
	_, err := tx.Exec(ctx, q, account, s.VisitID.UUID, s.Version, now, by, "本人写了更正，由第"+count(s.Version)+"版代替。")
	return err
}

// ownHeld is what its author sealed and what waits in quarantine, or was returned from there: it is corrected from it.
func ownHeld(ctx context.Context, d *db.DB, account, sheet uuid.UUID) (h heldKnown, found bool, err error) {
	err = d.Get(ctx, &h, `SELECT `+heldColumns+` FROM held_sheets h WHERE h.account_id = $1 AND h.sheet_id = $2 ORDER BY h.received_at DESC LIMIT 1`, account, sheet)
	return maybe(h, err)
}

// seesHeld limits a query over held_sheets h to what who may decide on.
func (w *where) seesHeld(who actor.Actor) {
	switch {
	case who.SeesCounty():
		w.parts = append(w.parts, "true")
	case who.Is(actor.Office):
		w.and("h.office_id = ?", who.OfficeID)
	default:
		w.parts = append(w.parts, "false")
	}
}

func lockHeld(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (heldKnown, error) {
	var h heldKnown
	var w where
	w.and("h.id = ?", id)
	w.seesHeld(who)
	return h, tx.Get(ctx, &h, `SELECT `+heldColumns+` FROM held_sheets h`+w.sql()+` FOR UPDATE`, w.args...)
}

func settleHeld(ctx context.Context, tx *db.DB, id uuid.UUID, keep bool, reason, outcome string, by uuid.UUID, now time.Time) error {
	const q = `UPDATE held_sheets SET kept = $2, reason = $3, outcome = $4, settled_by = $5, settled_at = $6 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, keep, reason, outcome, by, now)
	return err
}

const heldView = `SELECT h.id, h.sheet_id, h.visit_id, COALESCE(v.number, '') AS visit_number, h.version, h.account_id, p.name AS account_name, h.device_id, COALESCE(d.name, '') AS device_name,
		h.why, h.faults, h.corrected, h.business_name, h.happened_at, h.received_at, h.digest, cardinality(h.photos) AS photos, (SELECT count(*) FROM photos x WHERE x.sha256 = ANY (h.photos)) AS photos_here,
		h.settled_at, COALESCE(b.name, '') AS settled_by, h.kept, h.reason, h.outcome
	FROM held_sheets h JOIN accounts p ON p.id = h.account_id LEFT JOIN devices d ON d.id = h.device_id LEFT JOIN visits v ON v.id = h.visit_id LEFT JOIN accounts b ON b.id = h.settled_by`

func listHeld(ctx context.Context, d *db.DB, who actor.Actor, settled bool, after string) (web.Page[Held], error) {
	page := web.Page[Held]{Items: []Held{}}
	var w where
	w.seesHeld(who)
	w.and("(h.settled_at IS NOT NULL) = ?", settled)
	if err := d.Get(ctx, &page.Total, `SELECT count(*) FROM (SELECT FROM held_sheets h`+w.sql()+fmt.Sprintf(` LIMIT %d) x`, countUpTo+1), w.args...); err != nil {
		return page, err
	}
	var last position
	if more, err := web.DecodeCursor(after, &last); err != nil {
		return page, err
	} else if more {
		w.and("(h.received_at, h.id) < (?, ?)", last.At, last.ID)
	}
	if err := d.Select(ctx, &page.Items, heldView+w.sql()+fmt.Sprintf(` ORDER BY h.received_at DESC, h.id DESC LIMIT %d`, pageSize+1), w.args...); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last Held) any { return position{last.ReceivedAt, last.ID} })
	return page, nil
}

func readHeld(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (h Held, raw []byte, err error) {
	var w where
	w.and("h.id = ?", id)
	w.seesHeld(who)
	if err := d.Get(ctx, &h, heldView+w.sql(), w.args...); err != nil {
		return h, nil, err
	}
	return h, raw, d.Get(ctx, &raw, `SELECT raw FROM held_sheets WHERE id = $1`, id)
}

// authorOf is the person a record is saved for when the office lets it in: also one who has left or moved up.
func authorOf(ctx context.Context, d *db.DB, id uuid.UUID) (actor.Actor, error) {
	var row struct {
		Name     string        `db:"name"`
		OfficeID uuid.NullUUID `db:"office_id"`
	}
	err := d.Get(ctx, &row, `SELECT name, office_id FROM accounts WHERE id = $1`, id)
	return actor.Actor{ID: id, Role: actor.Supervisor, Name: row.Name, OfficeID: row.OfficeID}, err
}

// heldOf tells which of a person's records are in quarantine, and which were refused there.
func heldOf(ctx context.Context, d *db.DB, account uuid.UUID) (held, refused []uuid.UUID, err error) {
	var rows []struct {
		SheetID uuid.UUID `db:"sheet_id"`
		Kept    *bool     `db:"kept"`
	}
	const q = `SELECT sheet_id, kept FROM held_sheets WHERE account_id = $1 AND kept IS NOT true ORDER BY received_at DESC LIMIT 200`
	if err := d.Select(ctx, &rows, q, account); err != nil {
		return nil, nil, err
	}
	held, refused = []uuid.UUID{}, []uuid.UUID{}
	for _, r := range rows {
		if r.Kept == nil {
			held = append(held, r.SheetID)
		} else {
			refused = append(refused, r.SheetID)
		}
	}
	return held, refused, nil
}
