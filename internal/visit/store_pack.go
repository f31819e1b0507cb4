package visit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
)

// Pack is all a phone needs to work without a network for days.
type Pack struct {
	At          time.Time      `json:"at"`
	Me          PackPerson     `json:"me"`
	Bureau      *PackBureau    `json:"bureau"`
	Offices     []PackOffice   `json:"offices"`
	Agencies    []PackAgency   `json:"agencies"`
	Officers    []PackOfficer  `json:"officers"`
	Businesses  []PackBusiness `json:"businesses"`
	Supervisors []PackPerson   `json:"supervisors"`
	Checklist   Checklist      `json:"checklist"`
	Visits      []Visit        `json:"visits"`
	PublicURL   string         `json:"public_url"`
	ReceiptKey  PackKey        `json:"receipt_key"`
	SealKey     PackKey        `json:"seal_key" doc:"what the phone seals records and photos to"`
}

// PackPerson is somebody who may go along on a visit.
type PackPerson struct {
	ID          uuid.UUID     `db:"id" json:"id"`
	Name        string        `db:"name" json:"name"`
	Role        string        `db:"role" json:"role"`
	OfficeID    uuid.NullUUID `db:"office_id" json:"office_id"`
	Certificate string        `db:"certificate" json:"certificate" doc:"number of a supervision certificate that is valid today"`
}

// PackBureau, PackOffice and the rest are the register as a phone carries it.
type PackBureau struct {
	Name    string `db:"name" json:"name"`
	County  string `db:"county" json:"county"`
	Hotline string `db:"hotline" json:"hotline"`
}

// PackOffice is a judicial office.
type PackOffice struct {
	ID       uuid.UUID `db:"id" json:"id"`
	Name     string    `db:"name" json:"name"`
	Township string    `db:"township" json:"township"`
}

// PackAgency is an enforcement agency.
type PackAgency struct {
	ID       uuid.UUID     `db:"id" json:"id"`
	Name     string        `db:"name" json:"name"`
	Kind     string        `db:"kind" json:"kind"`
	OfficeID uuid.NullUUID `db:"office_id" json:"office_id"`
}

// PackOfficer is an enforcement officer with the dates of the credential.
type PackOfficer struct {
	ID               uuid.UUID `db:"id" json:"id"`
	AgencyID         uuid.UUID `db:"agency_id" json:"agency_id"`
	Name             string    `db:"name" json:"name"`
	CredentialNumber string    `db:"credential_number" json:"credential_number"`
	ValidFrom        string    `db:"valid_from" json:"valid_from"`
	ValidTo          string    `db:"valid_to" json:"valid_to"`
	Status           string    `db:"status" json:"status"`
}

// PackBusiness is a business of the township.
type PackBusiness struct {
	ID      uuid.UUID `db:"id" json:"id"`
	Name    string    `db:"name" json:"name"`
	USCC    string    `db:"uscc" json:"uscc"`
	Address string    `db:"address" json:"address"`
	Kind    string    `db:"kind" json:"kind"`
}

// PackKey is a public key of the server: the one receipts are checked with, or the one records are sealed to.
type PackKey struct {
	ID        string `json:"id"`
	Algorithm string `json:"algorithm"`
	Public    string `json:"public"`
}

// maxPackBusinesses keeps a pack below a megabyte; a township has fewer.
const maxPackBusinesses = 5000

// FieldPack gathers the pack of who; etag stays the same while nothing in it changes.
func (s *Service) FieldPack(ctx context.Context, who actor.Actor) (p Pack, etag string, err error) {
	key, seal := s.deps.Evidence.ReceiptKey(), s.deps.Evidence.SealKey()
	p = Pack{Offices: []PackOffice{}, Agencies: []PackAgency{}, Officers: []PackOfficer{}, Businesses: []PackBusiness{}, Supervisors: []PackPerson{},
		PublicURL: s.deps.PublicURL, ReceiptKey: PackKey{ID: key.ID, Algorithm: key.Algorithm, Public: key.Raw()},
		SealKey: PackKey{ID: seal.ID, Algorithm: seal.Algorithm, Public: seal.Public}}
	today := clock.Day(s.now())
	if p.Checklist, err = s.current(ctx, today); err != nil {
		return p, "", err
	}
	if err = s.register(ctx, who, &p); err != nil {
		return p, "", err
	}
	const people = `SELECT id, name, role, office_id, CASE WHEN certificate_until IS NULL OR certificate_until >= $1::date THEN certificate ELSE '' END AS certificate
		FROM accounts WHERE active AND role IN ('supervisor', 'office') ORDER BY office_id = $2 DESC, name, id`
	if err = s.db.Select(ctx, &p.Supervisors, people, today, who.OfficeID); err != nil {
		return p, "", err
	}
	for _, m := range p.Supervisors {
		if m.ID == who.ID {
			p.Me = m
		}
	}
	if p.Visits, err = s.packVisits(ctx, who); err != nil {
		return p, "", err
	}
	body, err := json.Marshal(p) // At is still zero
	p.At = s.now()
	return p, `"` + digestOf(body)[:32] + `"`, err
}

func (s *Service) register(ctx context.Context, who actor.Actor, p *Pack) error {
	var bureau []PackBureau
	if err := s.db.Select(ctx, &bureau, `SELECT name, county, hotline FROM bureau`); err != nil {
		return err
	}
	if len(bureau) > 0 {
		p.Bureau = &bureau[0]
	}
	if err := s.db.Select(ctx, &p.Offices, `SELECT id, name, township FROM offices WHERE active ORDER BY township, id`); err != nil {
		return err
	}
	const agencies = `SELECT id, name, kind, office_id FROM agencies WHERE active ORDER BY office_id = $1 DESC NULLS LAST, kind DESC, name, id`
	if err := s.db.Select(ctx, &p.Agencies, agencies, who.OfficeID); err != nil {
		return err
	}
	const officers = `SELECT f.id, f.agency_id, f.name, f.credential_number, to_char(f.valid_from, 'YYYY-MM-DD') AS valid_from, to_char(f.valid_to, 'YYYY-MM-DD') AS valid_to, f.status
		FROM officers f JOIN agencies a ON a.id = f.agency_id WHERE a.active ORDER BY f.agency_id, f.name, f.id`
	if err := s.db.Select(ctx, &p.Officers, officers); err != nil {
		return err
	}
	const businesses = `SELECT id, name, COALESCE(uscc, '') AS uscc, address, kind FROM businesses WHERE active AND office_id = $1 ORDER BY name, id LIMIT $2`
	return s.db.Select(ctx, &p.Businesses, businesses, who.OfficeID, maxPackBusinesses)
}

// packVisits are the planned visits of who, and what was recorded in the last 30 days, at most 200.
func (s *Service) packVisits(ctx context.Context, who actor.Actor) ([]Visit, error) {
	out := []Visit{}
	var w where
	w.sees(who)
	w.and("(v.state = 'planned' OR v.created_at > ?)", s.now().AddDate(0, 0, -30))
	q := `SELECT ` + visitColumns + visitTables + w.sql() + ` ORDER BY v.state = 'planned' DESC, v.created_at DESC, v.id DESC LIMIT 200`
	if err := s.db.Select(ctx, &out, q, w.args...); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Warnings = Warnings(len(out[i].Supervisors))
	}
	return out, nil
}
