package account

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// login is what a login needs of an account; it never leaves this package.
type login struct {
	ID          uuid.UUID      `db:"id"`
	Username    string         `db:"username"`
	Hash        string         `db:"password_hash"`
	Old         pq.StringArray `db:"old_hashes"`
	Secret      []byte         `db:"totp_secret"`
	ConfirmedAt *time.Time     `db:"totp_confirmed_at"`
	Active      bool           `db:"active"`
}

const loginColumns = `id, username, password_hash, old_hashes, totp_secret, totp_confirmed_at, active`

func readLogin(ctx context.Context, d *db.DB, username string) (login, error) {
	var l login
	return l, d.Get(ctx, &l, `SELECT `+loginColumns+` FROM accounts WHERE username = $1`, username)
}

func lockLogin(ctx context.Context, tx *db.DB, id uuid.UUID) (login, error) {
	var l login
	return l, tx.Get(ctx, &l, `SELECT `+loginColumns+` FROM accounts WHERE id = $1 FOR UPDATE`, id)
}

const accountColumns = `a.id, a.username, a.name, a.role, a.office_id, COALESCE(o.name, '') AS office_name, a.agency_id, COALESCE(g.name, '') AS agency_name,
	a.certificate, to_char(a.certificate_until, 'YYYY-MM-DD') AS certificate_until, a.must_change, a.totp_confirmed_at IS NOT NULL AS totp, a.active,
	a.left_on, COALESCE(n.name, '') AS successor_name, a.last_login_at, a.version`

const accountFrom = ` FROM accounts a LEFT JOIN offices o ON o.id = a.office_id LEFT JOIN agencies g ON g.id = a.agency_id LEFT JOIN accounts n ON n.id = a.successor_id`

// byName is the keyset position of lists ordered by name.
type byName struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

func listAccounts(ctx context.Context, d *db.DB, in Filter, pos byName, deeper bool, limit int) ([]Account, error) {
	rows := []Account{}
	const q = `SELECT ` + accountColumns + accountFrom + `
		WHERE ($1 = '' OR a.name ILIKE $2 OR a.username ILIKE $2) AND ($3 = '' OR a.role = $3)
		  AND CASE $4 WHEN 'true' THEN a.active WHEN 'false' THEN NOT a.active ELSE true END
		  AND (NOT $5 OR (a.name, a.id) > ($6, $7)) ORDER BY a.name, a.id LIMIT $8`
	return rows, d.Select(ctx, &rows, q, in.Q, pattern(in.Q), string(in.Role), in.Active, deeper, pos.Name, pos.ID, limit)
}

func readAccount(ctx context.Context, d *db.DB, id uuid.UUID) (Account, error) {
	var a Account
	return a, d.Get(ctx, &a, `SELECT `+accountColumns+accountFrom+` WHERE a.id = $1`, id)
}

// lockAccount holds an account against other changes, not against records that are written in its name meanwhile: those
// hold their visit first and would wait for this one, which waits for visits when it hands them over.
func lockAccount(ctx context.Context, tx *db.DB, id uuid.UUID) (Account, error) {
	var a Account
	return a, tx.Get(ctx, &a, `SELECT `+accountColumns+accountFrom+` WHERE a.id = $1 FOR NO KEY UPDATE OF a`, id)
}

// lockRole holds every active account of a role, so that two administrators cannot leave at the same moment.
func lockRole(ctx context.Context, tx *db.DB, role actor.Role) (int, error) {
	var ids []uuid.UUID
	err := tx.Select(ctx, &ids, `SELECT id FROM accounts WHERE role = $1 AND active ORDER BY id FOR UPDATE`, string(role))
	return len(ids), err
}

func insertAccount(ctx context.Context, tx *db.DB, id uuid.UUID, f Form, hash string, mustChange bool, at time.Time) error {
	const q = `INSERT INTO accounts (id, username, name, role, office_id, agency_id, certificate, certificate_until, password_hash, must_change, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8::date, $9, $10, $11)`
	_, err := tx.Exec(ctx, q, id, f.Username, f.Name, string(f.Role), f.OfficeID, f.AgencyID, f.Certificate, f.CertificateUntil, hash, mustChange, at)
	return err
}

func updateAccount(ctx context.Context, tx *db.DB, id uuid.UUID, f Form) error {
	const q = `UPDATE accounts SET name = $2, role = $3, office_id = $4, agency_id = $5, certificate = $6, certificate_until = $7::date, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, f.Name, string(f.Role), f.OfficeID, f.AgencyID, f.Certificate, f.CertificateUntil)
	return err
}

func savePassword(ctx context.Context, tx *db.DB, id uuid.UUID, hash string, old []string, mustChange bool) error {
	const q = `UPDATE accounts SET password_hash = $2, old_hashes = $3, must_change = $4, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, hash, pq.StringArray(old), mustChange)
	return err
}

func saveLeave(ctx context.Context, tx *db.DB, id uuid.UUID, successor uuid.NullUUID, at time.Time) error {
	const q = `UPDATE accounts SET active = false, left_on = $3, successor_id = $2, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id, successor, at)
	return err
}

func saveReturn(ctx context.Context, tx *db.DB, id uuid.UUID) error {
	const q = `UPDATE accounts SET active = true, left_on = NULL, successor_id = NULL, totp_secret = NULL, totp_confirmed_at = NULL, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id)
	return err
}

// saveSecret keeps totp_last_step: an old code of a former secret must not work again by chance.
func saveSecret(ctx context.Context, tx *db.DB, id uuid.UUID, sealed []byte) error {
	_, err := tx.Exec(ctx, `UPDATE accounts SET totp_secret = $2, totp_confirmed_at = NULL, version = version + 1 WHERE id = $1`, id, sealed)
	return err
}

// useStep takes a code's time step once; false when it, or a later one, was used before.
func useStep(ctx context.Context, d *db.DB, id uuid.UUID, step int64) (bool, error) {
	n, err := d.Exec(ctx, `UPDATE accounts SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2`, id, step)
	return n == 1, err
}

func confirmTOTP(ctx context.Context, tx *db.DB, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE accounts SET totp_confirmed_at = $2, version = version + 1 WHERE id = $1`, id, at)
	return err
}

// Colleague is what colleagues may know of each other.
type Colleague struct {
	ID          uuid.UUID     `db:"id" json:"id"`
	Name        string        `db:"name" json:"name"`
	Role        actor.Role    `db:"role" json:"role"`
	OfficeID    uuid.NullUUID `db:"office_id" json:"office_id"`
	Certificate string        `db:"certificate" json:"certificate"`
}

// Colleagues lists the active people of a role, by name. A township's people see those of their township; an agency and
// the roles without cases see nobody.
func (s *Service) Colleagues(ctx context.Context, who actor.Actor, role actor.Role) (web.Page[Colleague], error) {
	rows := []Colleague{}
	const q = `SELECT a.id, a.name, a.role, a.office_id, a.certificate FROM accounts a
		WHERE a.active AND ($1 = '' OR a.role = $1) AND a.role IN ('county','leader','office','supervisor')
		  AND ($2 OR ($3::uuid IS NOT NULL AND a.office_id = $3)) ORDER BY a.name, a.id LIMIT 500`
	err := s.db.Select(ctx, &rows, q, string(role), who.SeesCounty(), who.OfficeID)
	return web.Page[Colleague]{Items: rows}, err
}

func readTownship(ctx context.Context, d *db.DB, office uuid.UUID) (township string, err error) {
	return township, d.Get(ctx, &township, `SELECT township FROM offices WHERE id = $1`, office)
}

func readByHash(ctx context.Context, d *db.DB, hash string) ([]string, error) {
	var names []string
	return names, d.Select(ctx, &names, `SELECT username FROM accounts WHERE active AND password_hash = $1 ORDER BY username`, hash)
}
