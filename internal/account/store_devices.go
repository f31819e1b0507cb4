package account

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

type deviceStanding struct {
	DeviceID         uuid.UUID     `db:"device_id"`
	SeenAt           time.Time     `db:"seen_at"`
	RevokedAt        *time.Time    `db:"revoked_at"`
	ID               uuid.UUID     `db:"id"`
	Role             actor.Role    `db:"role"`
	Name             string        `db:"name"`
	OfficeID         uuid.NullUUID `db:"office_id"`
	Certificate      string        `db:"certificate"`
	CertificateUntil *string       `db:"certificate_until"`
	Active           bool          `db:"active"`
}

func readDeviceStanding(ctx context.Context, d *db.DB, hash []byte) (deviceStanding, error) {
	var st deviceStanding
	const q = `SELECT d.id AS device_id, d.seen_at, d.revoked_at, a.id, a.role, a.name, a.office_id, a.certificate,
			to_char(a.certificate_until, 'YYYY-MM-DD') AS certificate_until, a.active
		FROM devices d JOIN accounts a ON a.id = d.account_id WHERE d.secret_hash = $1`
	return st, d.GetP(ctx, &st, q, hash)
}

func touchDevice(ctx context.Context, d *db.DB, id uuid.UUID, now time.Time) error {
	_, err := d.ExecP(ctx, `UPDATE devices SET seen_at = $2 WHERE id = $1 AND seen_at <= $3`, id, now, now.Add(-touchEvery))
	return err
}

const deviceColumns = `d.id, d.account_id, p.name AS account_name, p.office_id, d.name, d.created_at, GREATEST(d.seen_at, f.seen_at) AS seen_at, d.revoked_at, d.revoked_reason,
	(SELECT count(*) FROM tickets t WHERE t.device_id = d.id AND t.visit_id IS NULL AND t.revoked_at IS NULL AND NOT t.answered) AS unused_tickets`

const deviceTables = ` FROM devices d JOIN accounts p ON p.id = d.account_id LEFT JOIN phones f ON f.device_id = d.id`

// deviceSight is whose phones a person may see: their own, their office's people's, or all. $1 all, $2 office, $3 account.
const deviceSight = `($1 OR p.office_id = $2::uuid OR d.account_id = $3)`

func deviceSightOf(who actor.Actor) []any {
	office := uuid.NullUUID{}
	if who.Is(actor.Office) {
		office = who.OfficeID
	}
	return []any{who.Is(actor.County, actor.Admin, actor.SystemRole), office, who.ID}
}

func listDevices(ctx context.Context, d *db.DB, who actor.Actor) ([]Device, error) {
	rows := []Device{}
	const q = `SELECT ` + deviceColumns + deviceTables + ` WHERE ` + deviceSight + ` ORDER BY d.revoked_at IS NOT NULL, p.name, d.created_at DESC, d.id LIMIT 1000`
	return rows, d.Select(ctx, &rows, q, deviceSightOf(who)...)
}

func lockDevice(ctx context.Context, tx *db.DB, id uuid.UUID) (d Device, found bool, err error) {
	const q = `SELECT id, account_id, revoked_at FROM devices WHERE id = $1 FOR UPDATE`
	err = tx.Get(ctx, &d, q, id)
	if fault.KindOf(err) == fault.NotFound {
		return d, false, nil
	}
	return d, err == nil, err
}

func lockDeviceInSight(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (Device, error) {
	var d Device
	const q = `SELECT d.id, d.account_id, d.revoked_at FROM devices d JOIN accounts p ON p.id = d.account_id WHERE ` + deviceSight + ` AND d.id = $4 FOR UPDATE OF d`
	return d, tx.Get(ctx, &d, q, append(deviceSightOf(who), id)...)
}

func lockDevicesOf(ctx context.Context, tx *db.DB, account uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	return ids, tx.Select(ctx, &ids, `SELECT id FROM devices WHERE account_id = $1 AND revoked_at IS NULL ORDER BY id FOR UPDATE`, account)
}

func countDevices(ctx context.Context, tx *db.DB, account uuid.UUID) (n int, err error) {
	return n, tx.Get(ctx, &n, `SELECT count(*) FROM devices WHERE account_id = $1 AND revoked_at IS NULL`, account)
}

func saveDevice(ctx context.Context, tx *db.DB, id, account uuid.UUID, name string, hash []byte, now time.Time) error {
	const q = `INSERT INTO devices (id, account_id, name, secret_hash, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, secret_hash = excluded.secret_hash, seen_at = excluded.seen_at, revoked_at = NULL, revoked_by = NULL, revoked_reason = ''`
	_, err := tx.Exec(ctx, q, id, account, name, hash, now)
	return err
}

func markRevoked(ctx context.Context, tx *db.DB, id uuid.UUID, by uuid.NullUUID, reason string, now time.Time) error {
	const q = `UPDATE devices SET revoked_at = $2, revoked_by = $3, revoked_reason = $4 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, now, by, reason)
	return err
}

func endDeviceSessions(ctx context.Context, tx *db.DB, id uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sessions WHERE device_id = $1`, id)
}

// sessionBegan is when the login of a token began; long ago for none.
func sessionBegan(ctx context.Context, tx *db.DB, hash []byte) (at time.Time, err error) {
	err = tx.Get(ctx, &at, `SELECT created_at FROM sessions WHERE token_hash = $1`, hash)
	if fault.KindOf(err) == fault.NotFound {
		return time.Time{}, nil
	}
	return at, err
}

func tieSession(ctx context.Context, tx *db.DB, hash []byte, device uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE sessions SET device_id = $2 WHERE token_hash = $1`, hash, device)
	return err
}

func tieOwnSession(ctx context.Context, d *db.DB, hash []byte, account, device uuid.UUID) error {
	const q = `UPDATE sessions SET device_id = $3 WHERE token_hash = $1 AND account_id = $2 AND device_id IS DISTINCT FROM $3 AND EXISTS (SELECT FROM devices WHERE id = $3 AND account_id = $2)`
	_, err := d.ExecP(ctx, q, hash, account, device)
	return err
}
