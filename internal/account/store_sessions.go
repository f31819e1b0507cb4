package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// standing is a session with the person behind it and the settings in force, read in one query for every request.
type standing struct {
	SessionID        uuid.UUID       `db:"session_id"`
	Kind             string          `db:"kind"`
	SeenAt           time.Time       `db:"seen_at"`
	EndsAt           time.Time       `db:"ends_at"`
	ID               uuid.UUID       `db:"id"`
	Role             actor.Role      `db:"role"`
	Name             string          `db:"name"`
	OfficeID         uuid.NullUUID   `db:"office_id"`
	AgencyID         uuid.NullUUID   `db:"agency_id"`
	Certificate      string          `db:"certificate"`
	CertificateUntil *string         `db:"certificate_until"`
	MustChange       bool            `db:"must_change"`
	TOTP             bool            `db:"totp"`
	Settings         json.RawMessage `db:"settings"`
}

func readStanding(ctx context.Context, d *db.DB, hash []byte, now time.Time) (standing, error) {
	var st standing
	const q = `SELECT s.id AS session_id, s.kind, s.seen_at, s.ends_at, a.id, a.role, a.name, a.office_id, a.agency_id, a.certificate,
			to_char(a.certificate_until, 'YYYY-MM-DD') AS certificate_until, a.must_change, a.totp_confirmed_at IS NOT NULL AS totp,
			COALESCE((SELECT value FROM settings WHERE key = 'security'), '{}') AS settings
		FROM sessions s JOIN accounts a ON a.id = s.account_id
		WHERE s.token_hash = $1 AND a.active AND s.ends_at > $2 AND s.idle_until > $2`
	return st, d.GetP(ctx, &st, q, hash, now)
}

// touch moves a session on, at most once a minute.
func touch(ctx context.Context, d *db.DB, hash []byte, now, idleUntil time.Time) error {
	const q = `UPDATE sessions SET seen_at = $2, idle_until = $3 WHERE token_hash = $1 AND seen_at <= $4`
	_, err := d.ExecP(ctx, q, hash, now, idleUntil, now.Add(-touchEvery))
	return err
}

func insertSession(ctx context.Context, tx *db.DB, hash []byte, n newSession) error {
	const q = `INSERT INTO sessions (token_hash, id, account_id, kind, label, created_at, seen_at, idle_until, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)`
	_, err := tx.Exec(ctx, q, hash, n.id, n.account, n.kind, n.label, n.at, n.idleUntil, n.endsAt)
	return err
}

func markLogin(ctx context.Context, tx *db.DB, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE accounts SET last_login_at = $2 WHERE id = $1`, id, at)
	return err
}

// Session is a login of one's own, as the person sees it.
type Session struct {
	ID        uuid.UUID `db:"id" json:"id"`
	Kind      string    `db:"kind" json:"kind"`
	Label     string    `db:"label" json:"label"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
	SeenAt    time.Time `db:"seen_at" json:"seen_at"`
	Current   bool      `db:"current" json:"current"`
}

func listSessions(ctx context.Context, d *db.DB, account uuid.UUID, current []byte, now time.Time) ([]Session, error) {
	rows := []Session{}
	const q = `SELECT id, kind, label, created_at, seen_at, token_hash = $2 AS current FROM sessions
		WHERE account_id = $1 AND ends_at > $3 AND idle_until > $3 ORDER BY seen_at DESC, id LIMIT 200`
	return rows, d.Select(ctx, &rows, q, account, current, now)
}

func deleteSession(ctx context.Context, tx *db.DB, account, id uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sessions WHERE account_id = $1 AND id = $2`, account, id)
}

func deleteSessionByHash(ctx context.Context, tx *db.DB, hash []byte) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sessions WHERE token_hash = $1`, hash)
}

// endSessions ends every session of an account but the kept one.
func endSessions(ctx context.Context, tx *db.DB, account uuid.UUID, keep []byte) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sessions WHERE account_id = $1 AND ($2::bytea IS NULL OR token_hash <> $2)`, account, keep)
}

func sweepSessions(ctx context.Context, d *db.DB, now time.Time) error {
	_, err := d.Exec(ctx, `DELETE FROM sessions WHERE ends_at <= $1 OR idle_until <= $1`, now)
	return err
}
