package directory

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// CreateOfficer adds an officer with a credential.
func (s *Service) CreateOfficer(ctx context.Context, who actor.Actor, o Officer) (Officer, error) {
	if !keeper(who) {
		return o, fault.Denied()
	}
	o.ID, o.Version = uuid.Must(uuid.NewV7()), 1
	if o.Status == "" {
		o.Status = "active"
	}
	if err := o.check(); err != nil {
		return o, err
	}
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if err = insertOfficers(ctx, tx, []Officer{o}); err != nil {
			return err
		}
		if o, err = lockOfficer(ctx, tx, o.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "officer.create", "officer", o.ID, nil)
	})
	o.Now = o.Standing(s.now())
	return o, err
}

// OfficerPatch changes some fields of an officer; a credential is suspended or revoked by its status.
type OfficerPatch struct {
	AgencyID   *uuid.UUID `json:"agency_id,omitempty"`
	Name       *string    `json:"name,omitempty"`
	Credential *string    `json:"credential_number,omitempty"`
	ValidFrom  *string    `json:"valid_from,omitempty"`
	ValidTo    *string    `json:"valid_to,omitempty"`
	Status     *string    `json:"status,omitempty"`
	Version    int        `json:"version"`
}

// PatchOfficer changes an officer; Conflict when someone was faster.
func (s *Service) PatchOfficer(ctx context.Context, who actor.Actor, id uuid.UUID, p OfficerPatch) (Officer, error) {
	var o Officer
	if !keeper(who) {
		return o, fault.Denied()
	}
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if o, err = lockOfficer(ctx, tx, id); err != nil {
			return err
		}
		if o.Version != p.Version {
			return fault.Stale()
		}
		var ch changes
		set(&ch, "agency_id", &o.AgencyID, p.AgencyID)
		set(&ch, "name", &o.Name, p.Name)
		set(&ch, "credential_number", &o.Credential, p.Credential)
		set(&ch, "valid_from", &o.ValidFrom, p.ValidFrom)
		set(&ch, "valid_to", &o.ValidTo, p.ValidTo)
		set(&ch, "status", &o.Status, p.Status)
		if err = o.check(); err != nil {
			return err
		}
		if err = updateOfficer(ctx, tx, o); err != nil {
			return err
		}
		if o, err = lockOfficer(ctx, tx, id); err != nil { // the agency's name may have changed with it
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "officer.change", "officer", id, ch.detail())
	})
	o.Now = o.Standing(s.now())
	return o, err
}

// placeOf holds an office to its own township; the others may name any office, or none.
func placeOf(who actor.Actor, wanted uuid.NullUUID) (uuid.NullUUID, error) {
	switch {
	case keeper(who):
		return wanted, nil
	case who.Is(actor.Office) && (!wanted.Valid || wanted == who.OfficeID):
		return who.OfficeID, nil
	case who.Is(actor.Office):
		return wanted, fault.Field("office_id", "只能登记本司法所辖区的经营主体。")
	}
	return wanted, fault.Denied()
}

// CreateBusiness adds a business that the office has checked.
func (s *Service) CreateBusiness(ctx context.Context, who actor.Actor, b Business) (Business, error) {
	var err error
	if b.OfficeID, err = placeOf(who, b.OfficeID); err != nil {
		return b, err
	}
	b.ID, b.Active, b.Confirmed, b.Version = uuid.Must(uuid.NewV7()), true, true, 1
	if err := b.check(); err != nil {
		return b, err
	}
	return b, s.db.InTx(ctx, func(tx *db.DB) error {
		if err := insertBusinesses(ctx, tx, []Business{b}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "business.create", "business", b.ID, nil)
	})
}

// BusinessPatch changes some fields of a business. Confirmed true: the office has checked what was met on the spot.
type BusinessPatch struct {
	Name      *string        `json:"name,omitempty"`
	USCC      *string        `json:"uscc,omitempty"`
	Address   *string        `json:"address,omitempty"`
	Kind      *string        `json:"kind,omitempty"`
	Industry  *string        `json:"industry,omitempty"`
	OfficeID  *uuid.NullUUID `json:"office_id,omitempty" nullable:"true"`
	Active    *bool          `json:"active,omitempty"`
	Confirmed *bool          `json:"confirmed,omitempty"`
	Version   int            `json:"version"`
}

// PatchBusiness changes a business in the actor's scope; Conflict when someone was faster.
func (s *Service) PatchBusiness(ctx context.Context, who actor.Actor, id uuid.UUID, p BusinessPatch) (Business, error) {
	var b Business
	if !keeper(who) && !who.Is(actor.Office) {
		return b, fault.Denied()
	}
	return b, s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if b, err = lockBusiness(ctx, tx, who, id); err != nil {
			return err
		}
		if b.Version != p.Version {
			return fault.Stale()
		}
		var ch changes
		set(&ch, "name", &b.Name, p.Name)
		set(&ch, "uscc", &b.USCC, p.USCC)
		set(&ch, "address", &b.Address, p.Address)
		set(&ch, "kind", &b.Kind, p.Kind)
		set(&ch, "industry", &b.Industry, p.Industry)
		set(&ch, "office_id", &b.OfficeID, p.OfficeID)
		set(&ch, "active", &b.Active, p.Active)
		set(&ch, "confirmed", &b.Confirmed, p.Confirmed)
		// An office that changes a business nobody has takes it into its township.
		if b.OfficeID, err = placeOf(who, b.OfficeID); err != nil {
			return err
		}
		if err = b.check(); err != nil {
			return err
		}
		b.Version++
		if err = updateBusiness(ctx, tx, b); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "business.change", "business", id, ch.detail())
	})
}

// RegisterOnSpot takes a business that a visit met and the register lacks into it, unconfirmed, inside the visit's
// transaction. A known code gives the business that has it. A code that does not hold is left out rather than refused:
// the sealed sheet keeps what was typed, and the office sees the business among the unconfirmed.
func (s *Service) RegisterOnSpot(ctx context.Context, tx *db.DB, who actor.Actor, b Business) (uuid.UUID, error) {
	if !who.Is(actor.Supervisor, actor.Office, actor.County, actor.SystemRole) {
		return uuid.Nil, fault.Denied()
	}
	if b.Kind == "" {
		b.Kind = "other"
	}
	if b.USCC = NormalUSCC(b.USCC); CheckUSCC(b.USCC) != "" {
		b.USCC = ""
	}
	if who.OfficeID.Valid {
		b.OfficeID = who.OfficeID
	}
	if err := b.check(); err != nil {
		return uuid.Nil, err
	}
	b.ID = uuid.Must(uuid.NewV7())
	id, fresh, err := meetBusiness(ctx, tx, b)
	if err != nil || !fresh {
		return id, err
	}
	return id, audit.Append(ctx, tx, s.now(), who, "business.meet", "business", id, nil)
}
