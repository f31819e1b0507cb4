package directory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Service is the directory's use-cases.
type Service struct {
	db        *db.DB
	now       clock.Clock
	importing chan struct{} // one file at a time: reading a hostile one may take much memory
}

// New makes the service on a pool and a clock.
func New(d *db.DB, now clock.Clock) *Service {
	db.Constraint("offices_name_key", "name", "已经有一个同名的司法所。")
	db.Constraint("agencies_name_key", "name", "已经有一个同名的单位。")
	db.Constraint("agencies_office_id_fkey", "office_id", "找不到这个司法所。")
	db.Constraint("officers_credential_number_key", "credential_number", "这个执法证号已经登记过了。")
	db.Constraint("officers_agency_id_fkey", "agency_id", "找不到这个执法单位。")
	db.Constraint("businesses_uscc_key", "uscc", "这个统一社会信用代码已经登记过了。")
	db.Constraint("businesses_office_id_fkey", "office_id", "找不到这个司法所。")
	return &Service{db: d, now: now, importing: make(chan struct{}, 1)}
}

func (s *Service) today() string { return clock.Day(s.now()) }

// keepers may write the directory.
func keeper(who actor.Actor) bool { return who.Is(actor.Admin, actor.County, actor.SystemRole) }

// SaveBureau writes the bureau, the first time too.
func (s *Service) SaveBureau(ctx context.Context, who actor.Actor, b Bureau) (Bureau, error) {
	if !keeper(who) {
		return b, fault.Denied()
	}
	if err := b.check(); err != nil {
		return b, err
	}
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		old, err := readBureau(ctx, tx)
		switch {
		case err == nil:
			b.ID = old.ID
		case fault.KindOf(err) == fault.NotFound:
			b.ID = uuid.Must(uuid.NewV7())
		default:
			return err
		}
		n, err := saveBureau(ctx, tx, b)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Stale()
		}
		b.Version++
		if old.ID == uuid.Nil {
			b.Version = 1
		}
		return audit.Append(ctx, tx, s.now(), who, "bureau.save", "bureau", b.ID, nil)
	})
	return b, err
}

// CreateOffice adds a judicial office.
func (s *Service) CreateOffice(ctx context.Context, who actor.Actor, o Office) (Office, error) {
	if !keeper(who) {
		return o, fault.Denied()
	}
	o.ID, o.Active, o.Version = uuid.Must(uuid.NewV7()), true, 1
	if err := o.check(); err != nil {
		return o, err
	}
	return o, s.db.InTx(ctx, func(tx *db.DB) error {
		if err := insertOffice(ctx, tx, o); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "office.create", "office", o.ID, nil)
	})
}

// OfficePatch changes some fields of an office.
type OfficePatch struct {
	Name     *string `json:"name,omitempty"`
	Township *string `json:"township,omitempty"`
	Prefix   *string `json:"prefix,omitempty"`
	Phone    *string `json:"phone,omitempty"`
	PlaqueOn *string `json:"plaque_on,omitempty"`
	Active   *bool   `json:"active,omitempty"`
	Version  int     `json:"version"`
}

// PatchOffice changes an office; Conflict when someone was faster or when it is closed with people and agencies in it.
func (s *Service) PatchOffice(ctx context.Context, who actor.Actor, id uuid.UUID, p OfficePatch) (Office, error) {
	var o Office
	if !keeper(who) {
		return o, fault.Denied()
	}
	return o, s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if o, err = lockOffice(ctx, tx, id); err != nil {
			return err
		}
		if o.Version != p.Version {
			return fault.Stale()
		}
		var ch changes
		set(&ch, "name", &o.Name, p.Name)
		set(&ch, "township", &o.Township, p.Township)
		set(&ch, "prefix", &o.Prefix, p.Prefix)
		set(&ch, "phone", &o.Phone, p.Phone)
		set(&ch, "active", &o.Active, p.Active)
		if p.PlaqueOn != nil {
			o.PlaqueOn = p.PlaqueOn
			ch = append(ch, "plaque_on")
		}
		if err := o.check(); err != nil {
			return err
		}
		if p.Active != nil && !*p.Active {
			if err := mayClose(ctx, tx, id); err != nil {
				return err
			}
		}
		o.Version++
		if err := updateOffice(ctx, tx, o); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "office.change", "office", id, ch.detail())
	})
}

func mayClose(ctx context.Context, tx *db.DB, id uuid.UUID) error {
	agencies, people, err := busyOffice(ctx, tx, id)
	if err == nil && agencies+people > 0 {
		err = fault.New(fault.Conflict, "in_use", fmt.Sprintf("这个司法所还有%d个监督单位、%d个在用账号，先改到别的司法所，再停用。", agencies, people))
	}
	return err
}

// CreateAgency adds an enforcement agency.
func (s *Service) CreateAgency(ctx context.Context, who actor.Actor, a Agency) (Agency, error) {
	if !keeper(who) {
		return a, fault.Denied()
	}
	a.ID, a.Active, a.Version = uuid.Must(uuid.NewV7()), true, 1
	if err := a.check(); err != nil {
		return a, err
	}
	return a, s.db.InTx(ctx, func(tx *db.DB) error {
		if err := insertAgency(ctx, tx, a); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "agency.create", "agency", a.ID, nil)
	})
}

// AgencyPatch changes some fields of an agency.
type AgencyPatch struct {
	Name     *string        `json:"name,omitempty"`
	Kind     *string        `json:"kind,omitempty"`
	OfficeID *uuid.NullUUID `json:"office_id,omitempty" nullable:"true"`
	Phone    *string        `json:"phone,omitempty"`
	Active   *bool          `json:"active,omitempty"`
	Version  int            `json:"version"`
}

// PatchAgency changes an agency; Conflict when someone was faster.
func (s *Service) PatchAgency(ctx context.Context, who actor.Actor, id uuid.UUID, p AgencyPatch) (Agency, error) {
	var a Agency
	if !keeper(who) {
		return a, fault.Denied()
	}
	return a, s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if a, err = lockAgency(ctx, tx, id); err != nil {
			return err
		}
		if a.Version != p.Version {
			return fault.Stale()
		}
		var ch changes
		set(&ch, "name", &a.Name, p.Name)
		set(&ch, "kind", &a.Kind, p.Kind)
		set(&ch, "office_id", &a.OfficeID, p.OfficeID)
		if a.Kind == "county" { // the bureau supervises it
			a.OfficeID = uuid.NullUUID{}
		}
		set(&ch, "phone", &a.Phone, p.Phone)
		set(&ch, "active", &a.Active, p.Active)
		if err := a.check(); err != nil {
			return err
		}
		a.Version++
		if err := updateAgency(ctx, tx, a); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "agency.change", "agency", id, ch.detail())
	})
}

// changes are the names of the fields that a patch really changed, for the trail.
type changes []string

func (c changes) detail() map[string]any { return map[string]any{"fields": []string(c)} }

func set[T comparable](c *changes, name string, field, value *T) {
	if value != nil && *field != *value {
		*field = *value
		*c = append(*c, name)
	}
}
