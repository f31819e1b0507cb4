package directory

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

const pageSize = 50

// byName is the keyset position of lists ordered by name.
type byName struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

// pattern makes a LIKE pattern of typed text: what the person typed stands for itself.
func pattern(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// OfficerFilter narrows the list of officers.
type OfficerFilter struct {
	Q        string // part of a name, or the beginning of a credential number
	AgencyID uuid.NullUUID
	Standing string // expired, suspended, revoked, valid, or all
	After    string
}

const officerColumns = `f.id, f.agency_id, a.name AS agency_name, f.name, f.credential_number,
	to_char(f.valid_from, 'YYYY-MM-DD') AS valid_from, to_char(f.valid_to, 'YYYY-MM-DD') AS valid_to, f.status, f.version`

// Officers lists officers by name. An agency sees its own only.
func (s *Service) Officers(ctx context.Context, who actor.Actor, in OfficerFilter) (web.Page[Officer], error) {
	var pos byName
	deeper, err := web.DecodeCursor(in.After, &pos)
	if err != nil {
		return web.Page[Officer]{}, err
	}
	rows := []Officer{}
	const q = `SELECT ` + officerColumns + ` FROM officers f JOIN agencies a ON a.id = f.agency_id
		WHERE ($1::uuid IS NULL OR f.agency_id = $1) AND ($2::uuid IS NULL OR f.agency_id = $2)
		  AND ($3 = '' OR (bigrams(f.name) @> bigrams($3) AND f.name ILIKE $4) OR (f.credential_number >= $5 AND f.credential_number < $5 || '~'))
		  AND (NOT $6 OR (f.name, f.id) > ($7, $8))
		  AND CASE $10 WHEN 'valid' THEN f.status = 'active' AND $9::date BETWEEN f.valid_from AND f.valid_to
		      WHEN 'expired' THEN f.status = 'active' AND $9::date NOT BETWEEN f.valid_from AND f.valid_to
		      WHEN 'suspended' THEN f.status = 'suspended' WHEN 'revoked' THEN f.status = 'revoked' ELSE true END
		ORDER BY f.name, f.id LIMIT $11`
	typed := tidy(in.Q)
	err = s.db.Select(ctx, &rows, q, who.AgencyID, in.AgencyID, typed, pattern(typed), NormalUSCC(typed), deeper, pos.Name, pos.ID,
		s.today(), in.Standing, pageSize+1)
	for i := range rows {
		rows[i].Now = rows[i].Standing(s.now())
	}
	page := web.Page[Officer]{Items: rows}
	page.Cut(pageSize, func(last Officer) any { return byName{last.Name, last.ID} })
	return page, err
}

func lockOfficer(ctx context.Context, tx *db.DB, id uuid.UUID) (Officer, error) {
	var o Officer
	const q = `SELECT ` + officerColumns + ` FROM officers f JOIN agencies a ON a.id = f.agency_id WHERE f.id = $1 FOR UPDATE OF f`
	return o, tx.Get(ctx, &o, q, id)
}

// insertOfficers writes one officer or a whole file in one statement.
func insertOfficers(ctx context.Context, tx *db.DB, list []Officer) error {
	cols := make([][]string, 7)
	for _, o := range list {
		for i, v := range []string{o.ID.String(), o.AgencyID.String(), o.Name, o.Credential, o.ValidFrom, o.ValidTo, o.Status} {
			cols[i] = append(cols[i], v)
		}
	}
	const q = `INSERT INTO officers (id, agency_id, name, credential_number, valid_from, valid_to, status)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[])`
	_, err := tx.Exec(ctx, q, pq.Array(cols[0]), pq.Array(cols[1]), pq.Array(cols[2]), pq.Array(cols[3]), pq.Array(cols[4]), pq.Array(cols[5]), pq.Array(cols[6]))
	return err
}

func updateOfficer(ctx context.Context, tx *db.DB, o Officer) error {
	const q = `UPDATE officers SET agency_id = $2, name = $3, credential_number = $4, valid_from = $5::date, valid_to = $6::date, status = $7,
		version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, o.ID, o.AgencyID, o.Name, o.Credential, o.ValidFrom, o.ValidTo, o.Status)
	return err
}

// takenCredentials tells which of the numbers are in the register already.
func takenCredentials(ctx context.Context, d *db.DB, numbers []string) (map[string]bool, error) {
	return takenKeys(ctx, d, `SELECT credential_number FROM officers WHERE credential_number = ANY($1)`, pq.Array(numbers))
}

func takenKeys(ctx context.Context, d *db.DB, q string, args ...any) (map[string]bool, error) {
	var found []string
	if err := d.Select(ctx, &found, q, args...); err != nil {
		return nil, err
	}
	taken := make(map[string]bool, len(found))
	for _, k := range found {
		taken[k] = true
	}
	return taken, nil
}
