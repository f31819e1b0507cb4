package visit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// ownDevice makes sure that a phone is enrolled in this person's name.
func ownDevice(ctx context.Context, tx *db.DB, account, device uuid.UUID) error {
	var own bool
	if err := tx.Get(ctx, &own, `SELECT EXISTS (SELECT FROM devices WHERE id = $1 AND account_id = $2)`, device, account); err != nil || own {
		return err
	}
	return fault.Field("device_id", "这部手机还没有登记在您名下。")
}

// goodDevice is ownDevice for a phone that is not reported lost.
func goodDevice(ctx context.Context, tx *db.DB, account, device uuid.UUID) error {
	var lost bool
	err := tx.Get(ctx, &lost, `SELECT revoked_at IS NOT NULL FROM devices WHERE id = $1 AND account_id = $2`, device, account)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return fault.Field("device_id", "这部手机还没有登记在您名下。")
	case err == nil && lost:
		return fault.New(fault.Forbidden, "device_revoked", "这部手机已挂失，不能用登录密码开锁。请联系司法所。")
	}
	return err
}

// insertDiscard tells whether it was new.
func insertDiscard(ctx context.Context, tx *db.DB, device uuid.UUID, d ReportDiscards, now time.Time) (bool, error) {
	const q = `INSERT INTO phone_discards (device_id, id, visit_id, day, said_at, reason, noted_at)
		SELECT $1, $2, (SELECT visit_id FROM phone_items WHERE device_id = $1 AND id = $2), COALESCE((SELECT day FROM phone_items WHERE device_id = $1 AND id = $2), ''), $3, $4, $5
		ON CONFLICT (device_id, id) DO NOTHING`
	n, err := tx.Exec(ctx, q, device, d.ID, d.At, d.Reason, now)
	return n == 1, err
}

// phoneRow is what a phone last said.
type phoneRow struct {
	DeviceID   uuid.UUID `db:"device_id"`
	AccountID  uuid.UUID `db:"account_id"`
	Epoch      uuid.UUID `db:"epoch"`
	AppVersion string    `db:"app_version"`
	Persisted  *bool     `db:"persisted"`
	Installed  bool      `db:"installed"`
	Drafts     int       `db:"drafts"`
	Photos     int       `db:"photos"`
	SaidAt     time.Time `db:"said_at"`
	FirstAt    time.Time `db:"first_at"`
	SeenAt     time.Time `db:"seen_at"`
}

// lockPhone reads what a phone said before; firstTime if it never has.
func lockPhone(ctx context.Context, tx *db.DB, device uuid.UUID, now time.Time) (p phoneRow, firstTime bool, err error) {
	err = tx.Get(ctx, &p, `SELECT epoch, said_at, first_at FROM phones WHERE device_id = $1 FOR UPDATE`, device)
	if fault.KindOf(err) == fault.NotFound {
		return phoneRow{FirstAt: now}, true, nil
	}
	return p, false, err
}

func savePhone(ctx context.Context, tx *db.DB, p phoneRow) error {
	const q = `INSERT INTO phones (device_id, account_id, epoch, app_version, persisted, installed, drafts, photos, said_at, first_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (device_id) DO UPDATE SET epoch = excluded.epoch, app_version = excluded.app_version, persisted = excluded.persisted, installed = excluded.installed,
			drafts = excluded.drafts, photos = excluded.photos, said_at = excluded.said_at, seen_at = excluded.seen_at`
	_, err := tx.Exec(ctx, q, p.DeviceID, p.AccountID, p.Epoch, p.AppVersion, p.Persisted, p.Installed, p.Drafts, p.Photos, p.SaidAt, p.FirstAt, p.SeenAt)
	return err
}

const outColumns = `i.id, i.kind, i.visit_id, i.day, i.version, i.photos`

func outOf(ctx context.Context, tx *db.DB, device uuid.UUID) ([]Out, error) {
	var out []Out
	return out, tx.Select(ctx, &out, `SELECT `+outColumns+` FROM phone_items i WHERE i.device_id = $1 ORDER BY i.since, i.id`, device)
}

// replaceItems makes the list the reported one; since stays what it was for what stays.
func replaceItems(ctx context.Context, tx *db.DB, device uuid.UUID, items []ReportItem, now time.Time) error {
	rows, err := json.Marshal(items)
	if err != nil {
		return err
	}
	const gone = `DELETE FROM phone_items WHERE device_id = $1 AND NOT id IN (SELECT x.id FROM jsonb_to_recordset($2::jsonb) AS x(id uuid))`
	if _, err := tx.Exec(ctx, gone, device, rows); err != nil {
		return err
	}
	const q = `INSERT INTO phone_items (device_id, id, kind, visit_id, day, version, photos, photos_here, bytes, sealed_at, state, why, since)
		SELECT DISTINCT ON (x.id) $1, x.id, x.kind, x.visit_id, x.day, x.version, x.photos, x.photos_here, x.bytes, x.created_at, x.state, x.why, $3
		FROM jsonb_to_recordset($2::jsonb) AS x(id uuid, kind text, visit_id uuid, day text, version int, photos int, photos_here int, bytes bigint, created_at timestamptz, state text, why text)
		ON CONFLICT (device_id, id) DO UPDATE SET photos = excluded.photos, photos_here = excluded.photos_here, bytes = excluded.bytes, state = excluded.state, why = excluded.why`
	_, err = tx.Exec(ctx, q, device, rows, now)
	return err
}

// othersOf are the other phones of a person that hold something.
func othersOf(ctx context.Context, tx *db.DB, account, but uuid.UUID) ([]mute, error) {
	var rows []struct {
		DeviceID uuid.UUID `db:"device_id"`
		SeenAt   time.Time `db:"seen_at"`
		Alarmed  bool      `db:"alarmed"`
		SameMake bool      `db:"same_make"`
		Out
	}
	const q = `SELECT f.device_id, f.seen_at, EXISTS (SELECT FROM phone_losses l WHERE l.device_id = f.device_id AND l.noticed_at > f.seen_at) AS alarmed,
			COALESCE(d.name = (SELECT name FROM devices WHERE id = $2), false) AS same_make, ` + outColumns + `
		FROM phones f JOIN phone_items i ON i.device_id = f.device_id LEFT JOIN devices d ON d.id = f.device_id WHERE f.account_id = $1 AND f.device_id <> $2 ORDER BY f.device_id, i.since, i.id`
	if err := tx.Select(ctx, &rows, q, account, but); err != nil {
		return nil, err
	}
	var out []mute
	for _, r := range rows {
		if n := len(out); n == 0 || out[n-1].DeviceID != r.DeviceID {
			out = append(out, mute{DeviceID: r.DeviceID, SeenAt: r.SeenAt, Alarmed: r.Alarmed, SameMake: r.SameMake})
		}
		last := &out[len(out)-1]
		last.Out = append(last.Out, r.Out)
	}
	return out, nil
}

func idsOf(list []Out) any {
	out := make([]uuid.UUID, len(list))
	for i, o := range list {
		out[i] = o.ID
	}
	return pq.Array(out)
}

// receivedOf tells which of the records the server holds for good: complete, kept beside another, decided on in
// quarantine or whole there, or a cancellation that has nothing left to cancel.
func receivedOf(ctx context.Context, tx *db.DB, account uuid.UUID, asked []Out) (ids, error) {
	var got []uuid.UUID
	const q = `SELECT s.id FROM sheets s WHERE s.id = ANY ($2::uuid[]) AND s.complete_at IS NOT NULL
		UNION SELECT (convert_from(c.raw, 'UTF8')::jsonb->>'id')::uuid FROM sheet_conflicts c WHERE c.author_id = $1 AND c.settled_at IS NOT NULL
		UNION SELECT h.sheet_id FROM held_sheets h WHERE h.account_id = $1 AND h.sheet_id = ANY ($2::uuid[])
			AND (h.kept IS false OR h.kept IS NULL AND NOT EXISTS (SELECT FROM unnest(h.photos) x WHERE NOT EXISTS (SELECT FROM photos p WHERE p.sha256 = x)))`
	if err := tx.Select(ctx, &got, q, account, idsOf(asked)); err != nil {
		return nil, err
	}
	out := setOf(got...)
	var planned []uuid.UUID
	visits := make([]uuid.UUID, 0, len(asked))
	for _, o := range asked {
		if o.Kind == "cancel" {
			visits = append(visits, o.VisitID)
		}
	}
	if err := tx.Select(ctx, &planned, `SELECT id FROM visits WHERE id = ANY ($1::uuid[]) AND state = 'planned'`, pq.Array(visits)); err != nil {
		return nil, err
	}
	open := setOf(planned...)
	for _, o := range asked {
		if o.Kind == "cancel" && !open[o.VisitID] {
			out[o.ID] = true
		}
	}
	return out, nil
}

func discardedOf(ctx context.Context, tx *db.DB, account uuid.UUID, asked []Out) (ids, error) {
	var got []uuid.UUID
	const q = `SELECT d.id FROM phone_discards d JOIN phones f ON f.device_id = d.device_id WHERE f.account_id = $1 AND d.id = ANY ($2::uuid[])`
	err := tx.Select(ctx, &got, q, account, idsOf(asked))
	return setOf(got...), err
}

// reportedSince is what phones of a person that spoke lately hold, and the phone where it is one alone.
func reportedSince(ctx context.Context, tx *db.DB, account uuid.UUID, since time.Time) (ids, map[uuid.UUID]uuid.UUID, error) {
	var got []struct {
		ID       uuid.UUID `db:"id"`
		DeviceID uuid.UUID `db:"device_id"`
	}
	const q = `SELECT i.id, i.device_id FROM phone_items i JOIN phones f ON f.device_id = i.device_id WHERE f.account_id = $1 AND f.seen_at > $2`
	err := tx.Select(ctx, &got, q, account, since)
	reported, sole := ids{}, map[uuid.UUID]uuid.UUID{}
	for _, g := range got {
		if sole[g.ID] = g.DeviceID; reported[g.ID] {
			delete(sole, g.ID) // several have it
		}
		reported[g.ID] = true
	}
	return reported, sole, err
}

// wantedOf are those of the receipts whose record the server does not hold complete: it was put back to an earlier day.
func wantedOf(ctx context.Context, tx *db.DB, account uuid.UUID, receipts []ReportReceipt) ([]uuid.UUID, error) {
	out := []uuid.UUID{}
	rows, err := json.Marshal(receipts)
	if err != nil {
		return nil, err
	}
	const q = `SELECT x.id FROM jsonb_to_recordset($2::jsonb) AS x(id uuid, digest text)
		WHERE NOT EXISTS (SELECT FROM sheets s WHERE s.id = x.id AND s.author_id = $1 AND s.digest = x.digest AND s.complete_at IS NOT NULL)
		  AND NOT EXISTS (SELECT FROM sheet_conflicts c JOIN sheets s ON s.id = c.result_id WHERE c.author_id = $1 AND c.digest = x.digest AND s.complete_at IS NOT NULL)`
	return out, tx.Select(ctx, &out, q, account, rows)
}

// ticketsGone are those of the tickets a phone carries that open no form: this server has never given them to this
// person, or they were revoked.
func ticketsGone(ctx context.Context, tx *db.DB, account uuid.UUID, carried []uuid.UUID) ([]uuid.UUID, error) {
	out := []uuid.UUID{}
	if len(carried) == 0 {
		return out, nil
	}
	const q = `SELECT DISTINCT x.id FROM unnest($2::uuid[]) AS x(id) WHERE NOT EXISTS (SELECT FROM tickets k WHERE k.id = x.id AND k.issued_to = $1 AND k.revoked_at IS NULL)`
	return out, tx.Select(ctx, &out, q, account, pq.Array(carried))
}

func insertLoss(ctx context.Context, tx *db.DB, id, device, account uuid.UUID, cause string, gone []Out, now time.Time) error {
	list, err := json.Marshal(gone)
	if err != nil {
		return err
	}
	const q = `INSERT INTO phone_losses (id, device_id, account_id, cause, items, noticed_at) VALUES ($1, $2, $3, $4, $5, $6)`
	_, err = tx.Exec(ctx, q, id, device, account, cause, list, now)
	return err
}

// openLosses are the alarms about a person's phones that nobody has settled.
func openLosses(ctx context.Context, tx *db.DB, account uuid.UUID) ([]Loss, error) {
	var rows []Loss
	const q = `SELECT id, device_id, cause, items FROM phone_losses WHERE account_id = $1 AND settled_at IS NULL FOR UPDATE`
	if err := tx.Select(ctx, &rows, q, account); err != nil {
		return nil, err
	}
	for i := range rows {
		if err := json.Unmarshal(rows[i].Raw, &rows[i].Missing); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func settleLoss(ctx context.Context, tx *db.DB, id uuid.UUID, by uuid.NullUUID, reason string, turnedUp bool, now time.Time) error {
	const q = `UPDATE phone_losses SET settled_at = $2, settled_by = $3, reason = $4, found = $5 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, now, by, reason, turnedUp)
	return err
}

func lockLoss(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (device uuid.UUID, settled bool, err error) {
	var row struct {
		DeviceID uuid.UUID `db:"device_id"`
		Settled  bool      `db:"settled"`
	}
	var w where
	w.and("l.id = ?", id)
	w.seesPhones(who)
	q := `SELECT l.device_id, l.settled_at IS NOT NULL AS settled FROM phone_losses l JOIN accounts p ON p.id = l.account_id` + w.sql() + ` FOR UPDATE OF l`
	err = tx.Get(ctx, &row, q, w.args...)
	return row.DeviceID, row.Settled, err
}
