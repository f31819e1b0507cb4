package directory

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// BusinessFilter narrows the list of businesses.
type BusinessFilter struct {
	Q         string // part of a name, or the beginning of a code
	OfficeID  uuid.NullUUID
	Confirmed string // yes, no, or all
	After     string
}

const businessColumns = `b.id, b.name, COALESCE(b.uscc, '') AS uscc, b.address, b.kind, b.industry, b.office_id, b.active, b.confirmed, b.version`

// A township's people see the businesses of their township and those that no office has; the others see all.
const businessScope = `($1::uuid IS NULL OR b.office_id = $1 OR b.office_id IS NULL)`

// Businesses lists businesses by name. Agencies have no business register: whom the office met is not theirs to know.
func (s *Service) Businesses(ctx context.Context, who actor.Actor, in BusinessFilter) (web.Page[Business], error) {
	var pos byName
	deeper, err := web.DecodeCursor(in.After, &pos)
	if err != nil {
		return web.Page[Business]{}, err
	}
	if who.Is(actor.Agency, actor.PublicRole, "") {
		return web.Page[Business]{}, fault.Denied()
	}
	rows := []Business{}
	typed := tidy(in.Q)
	args := []any{who.OfficeID, in.OfficeID, in.Confirmed, deeper, pos.Name, pos.ID, pageSize + 1}
	where := ``
	if typed != "" {
		// Found by the two indexes first: a name by its bigrams, a code by its beginning.
		where = ` AND b.id IN (SELECT id FROM businesses WHERE bigrams(name) @> bigrams($8) AND name ILIKE $9
			UNION SELECT id FROM businesses WHERE uscc >= $10 AND uscc < $10 || '~')`
		args = append(args, typed, pattern(typed), NormalUSCC(typed))
	}
	q := `SELECT ` + businessColumns + ` FROM businesses b WHERE ` + businessScope + ` AND ($2::uuid IS NULL OR b.office_id = $2)
		AND CASE $3 WHEN 'yes' THEN b.confirmed WHEN 'no' THEN NOT b.confirmed ELSE true END
		AND (NOT $4 OR (b.name, b.id) > ($5, $6))` + where + ` ORDER BY b.name, b.id LIMIT $7`
	err = s.db.Select(ctx, &rows, q, args...)
	page := web.Page[Business]{Items: rows}
	page.Cut(pageSize, func(last Business) any { return byName{last.Name, last.ID} })
	return page, err
}

func lockBusiness(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (Business, error) {
	var b Business
	const q = `SELECT ` + businessColumns + ` FROM businesses b WHERE ` + businessScope + ` AND b.id = $2 FOR UPDATE`
	return b, tx.Get(ctx, &b, q, who.OfficeID, id)
}

// insertBusinesses writes one business or a whole file in one statement.
func insertBusinesses(ctx context.Context, tx *db.DB, list []Business) error {
	cols := make([][]string, 6)
	offices := make([]*string, 0, len(list))
	confirmed := make([]bool, 0, len(list))
	for _, b := range list {
		for i, v := range []string{b.ID.String(), b.Name, b.USCC, b.Address, b.Kind, b.Industry} {
			cols[i] = append(cols[i], v)
		}
		offices = append(offices, nullID(b.OfficeID))
		confirmed = append(confirmed, b.Confirmed)
	}
	const q = `INSERT INTO businesses (id, name, uscc, address, kind, industry, office_id, confirmed)
		SELECT i, n, NULLIF(u, ''), a, k, y, o, c
		FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::bool[]) AS t (i, n, u, a, k, y, o, c)`
	_, err := tx.Exec(ctx, q, pq.Array(cols[0]), pq.Array(cols[1]), pq.Array(cols[2]), pq.Array(cols[3]), pq.Array(cols[4]), pq.Array(cols[5]),
		pq.Array(offices), pq.Array(confirmed))
	return err
}

func nullID(id uuid.NullUUID) *string {
	if !id.Valid {
		return nil
	}
	s := id.UUID.String()
	return &s
}

func updateBusiness(ctx context.Context, tx *db.DB, b Business) error {
	const q = `UPDATE businesses SET name = $2, uscc = NULLIF($3, ''), address = $4, kind = $5, industry = $6, office_id = $7, active = $8, confirmed = $9,
		version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, b.ID, b.Name, b.USCC, b.Address, b.Kind, b.Industry, b.OfficeID, b.Active, b.Confirmed)
	return err
}

// meetBusiness writes a business met on the spot unless its code is known; it gives the id that stands in the register.
func meetBusiness(ctx context.Context, tx *db.DB, b Business) (id uuid.UUID, fresh bool, err error) {
	const ins = `INSERT INTO businesses (id, name, uscc, address, kind, industry, office_id, confirmed) VALUES ($1, $2, NULLIF($3, ''), $4, $5, $6, $7, false)
		ON CONFLICT (uscc) DO NOTHING`
	n, err := tx.Exec(ctx, ins, b.ID, b.Name, b.USCC, b.Address, b.Kind, b.Industry, b.OfficeID)
	if err != nil || n == 1 {
		return b.ID, n == 1, err
	}
	return id, false, tx.Get(ctx, &id, `SELECT id FROM businesses WHERE uscc = $1`, b.USCC)
}

func takenCodes(ctx context.Context, d *db.DB, codes []string) (map[string]bool, error) {
	return takenKeys(ctx, d, `SELECT uscc FROM businesses WHERE uscc = ANY($1)`, pq.Array(codes))
}

// takenNames tells which name-and-address pairs are there already, for those without a code.
func takenNames(ctx context.Context, d *db.DB, names, addresses []string) (map[string]bool, error) {
	const q = `SELECT b.name || chr(9) || b.address FROM businesses b JOIN unnest($1::text[], $2::text[]) AS t (n, a) ON b.name = t.n AND b.address = t.a`
	return takenKeys(ctx, d, q, pq.Array(names), pq.Array(addresses))
}
