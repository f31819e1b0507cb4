package directory

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// Everything is the bureau with its offices and agencies, small enough for one answer.
type Everything struct {
	Bureau   *Bureau  `json:"bureau"` // null until the county has been set up
	Offices  []Office `json:"offices"`
	Agencies []Agency `json:"agencies"`
}

const officeColumns = `o.id, o.name, o.township, o.prefix, o.phone, to_char(o.plaque_on, 'YYYY-MM-DD') AS plaque_on, o.active, o.version`
const agencyColumns = `a.id, a.name, a.kind, a.office_id, a.phone, a.active, a.version`

// Directory reads the bureau, the offices and the agencies. An agency sees itself and the office above it.
func (s *Service) Directory(ctx context.Context, who actor.Actor) (Everything, error) {
	all := Everything{Offices: []Office{}, Agencies: []Agency{}}
	var bureaus []Bureau
	const qb = `SELECT id, name, county, prefix, hotline, version FROM bureau`
	if err := s.db.Select(ctx, &bureaus, qb); err != nil {
		return all, err
	}
	if len(bureaus) > 0 {
		all.Bureau = &bureaus[0]
	}
	const qo = `SELECT ` + officeColumns + ` FROM offices o
		WHERE $1::uuid IS NULL OR o.id = (SELECT office_id FROM agencies WHERE id = $1) ORDER BY o.township, o.id`
	if err := s.db.Select(ctx, &all.Offices, qo, who.AgencyID); err != nil {
		return all, err
	}
	const qa = `SELECT ` + agencyColumns + ` FROM agencies a WHERE $1::uuid IS NULL OR a.id = $1 ORDER BY a.kind DESC, a.name, a.id`
	return all, s.db.Select(ctx, &all.Agencies, qa, who.AgencyID)
}

func readBureau(ctx context.Context, tx *db.DB) (Bureau, error) {
	var b Bureau
	const q = `SELECT id, name, county, prefix, hotline, version FROM bureau FOR UPDATE`
	return b, tx.Get(ctx, &b, q)
}

func saveBureau(ctx context.Context, tx *db.DB, b Bureau) (int64, error) {
	const q = `INSERT INTO bureau (id, name, county, prefix, hotline, version) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (only_one) DO UPDATE SET name = $2, county = $3, prefix = $4, hotline = $5, version = bureau.version + 1
		WHERE bureau.version = $6`
	return tx.Exec(ctx, q, b.ID, b.Name, b.County, b.Prefix, b.Hotline, b.Version)
}

func lockOffice(ctx context.Context, tx *db.DB, id uuid.UUID) (Office, error) {
	var o Office
	const q = `SELECT ` + officeColumns + ` FROM offices o WHERE o.id = $1 FOR UPDATE`
	return o, tx.Get(ctx, &o, q, id)
}

func insertOffice(ctx context.Context, tx *db.DB, o Office) error {
	const q = `INSERT INTO offices (id, name, township, prefix, phone, plaque_on, active) VALUES ($1, $2, $3, $4, $5, $6::date, true)`
	_, err := tx.Exec(ctx, q, o.ID, o.Name, o.Township, o.Prefix, o.Phone, o.PlaqueOn)
	return err
}

func updateOffice(ctx context.Context, tx *db.DB, o Office) error {
	const q = `UPDATE offices SET name = $2, township = $3, prefix = $4, phone = $5, plaque_on = $6::date, active = $7, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, o.ID, o.Name, o.Township, o.Prefix, o.Phone, o.PlaqueOn, o.Active)
	return err
}

// busyOffice counts what still hangs on an office: agencies in service and people who can log in.
func busyOffice(ctx context.Context, tx *db.DB, id uuid.UUID) (agencies, people int, err error) {
	if err = tx.Get(ctx, &agencies, `SELECT count(*) FROM agencies WHERE office_id = $1 AND active`, id); err != nil {
		return 0, 0, err
	}
	return agencies, people, tx.Get(ctx, &people, `SELECT count(*) FROM accounts WHERE office_id = $1 AND active`, id)
}

func lockAgency(ctx context.Context, tx *db.DB, id uuid.UUID) (Agency, error) {
	var a Agency
	const q = `SELECT ` + agencyColumns + ` FROM agencies a WHERE a.id = $1 FOR UPDATE`
	return a, tx.Get(ctx, &a, q, id)
}

func insertAgency(ctx context.Context, tx *db.DB, a Agency) error {
	const q = `INSERT INTO agencies (id, name, kind, office_id, phone, active) VALUES ($1, $2, $3, $4, $5, true)`
	_, err := tx.Exec(ctx, q, a.ID, a.Name, a.Kind, a.OfficeID, a.Phone)
	return err
}

func updateAgency(ctx context.Context, tx *db.DB, a Agency) error {
	const q = `UPDATE agencies SET name = $2, kind = $3, office_id = $4, phone = $5, active = $6, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, a.ID, a.Name, a.Kind, a.OfficeID, a.Phone, a.Active)
	return err
}
