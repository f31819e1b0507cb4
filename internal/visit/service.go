package visit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/directory"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Deps are what a visit sets in motion elsewhere, in its own transaction; app hands them over.
type Deps struct {
	Directory *directory.Service
	Evidence  *evidence.Service
	// RaiseLead raises a lead, and registers a red line at once.
	RaiseLead func(ctx context.Context, tx *db.DB, who actor.Actor, in LeadInput) (uuid.UUID, error)
	// BindTicket ties the feedback ticket shown on the spot to its visit.
	BindTicket func(ctx context.Context, tx *db.DB, ticketID, visitID uuid.UUID, at time.Time) error
	// CarryTickets notes which phone carries tickets that were fetched without saying so.
	CarryTickets func(ctx context.Context, tx *db.DB, who actor.Actor, device uuid.UUID, carried []uuid.UUID) error
	// TieDevice notes which phone a login is on; ProvePassword asks for a person's own password once more, with the
	// brakes of a login.
	TieDevice     func(ctx context.Context, who actor.Actor, token string, device uuid.UUID) error
	ProvePassword func(ctx context.Context, who actor.Actor, address, password string) error
	// PublicURL is what QR codes point at.
	PublicURL string
}

// Service holds the use-cases.
type Service struct {
	db    *db.DB
	now   clock.Clock
	deps  Deps
	lists sync.Map // version to Checklist
}

// New makes the service.
func New(d *db.DB, now clock.Clock, deps Deps) *Service {
	db.Constraint("visits_agency_id_fkey", "agency_id", "没有这个执法单位。")
	return &Service{db: d, now: now, deps: deps}
}

// Plan writes down a visit to come. The same id with the same words is the same plan again; with other words a Conflict.
func (s *Service) Plan(ctx context.Context, who actor.Actor, id uuid.UUID, p Plan) (v Visit, fresh bool, err error) {
	now := s.now()
	if err := p.Check(now); err != nil {
		return v, false, err
	}
	digest, err := p.digest()
	if err != nil {
		return v, false, err
	}
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if err := hold(ctx, tx, id); err != nil {
			return err
		}
		h, err := lockVisit(ctx, tx, who, id)
		switch {
		case err == nil && (!reaches(who, h) || h.PlanDigest != digest):
			return fault.New(fault.Conflict, "id_taken", "这个编号已经用于另一次监督。没有保存，请重新打开再填。")
		case err == nil:
			return nil // the same again
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		row, err := s.planned(ctx, tx, who, id, p)
		if err != nil {
			return err
		}
		row.PlanDigest, row.CreatedAt, row.PlannedBy = digest, now, who.Account()
		if _, err := insertVisit(ctx, tx, row); err != nil {
			return err
		}
		if err := addSupervisors(ctx, tx, id, p.SupervisorIDs); err != nil {
			return err
		}
		fresh = true
		return s.mark(ctx, tx, who, id, "plan", Planned, "")
	})
	if err != nil {
		return v, false, err
	}
	v, err = readVisit(ctx, s.db, who, id)
	return v, fresh, err
}

// planned turns a plan into a row: the office it belongs to, the business as the register has it.
func (s *Service) planned(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, p Plan) (newVisit, error) {
	row := newVisit{ID: id, Origin: "planned", Method: "accompanied", State: Planned, AgencyID: p.AgencyID, Matter: p.Matter,
		Notice: p.NoticeNumber, External: p.ExternalCode, PlannedOn: p.PlannedOn}
	agency, err := readAgency(ctx, tx, p.AgencyID)
	if fault.KindOf(err) == fault.NotFound || (err == nil && !agency.Active) {
		return row, fault.Field("agency_id", "没有这个执法单位，或者它已停用。")
	} else if err != nil {
		return row, err
	}
	offices, err := s.checkPeople(ctx, tx, "supervisor_ids", p.SupervisorIDs, true)
	if err != nil {
		return row, err
	}
	switch {
	case who.OfficeID.Valid:
		row.OfficeID = who.OfficeID.UUID
	case agency.OfficeID.Valid:
		row.OfficeID = agency.OfficeID.UUID
	default:
		row.OfficeID = offices[p.SupervisorIDs[0]] // a county agency: the office of the first supervisor
	}
	row.BusinessID, row.Business, err = s.business(ctx, tx, who, row.OfficeID, p.BusinessID, p.Business)
	return row, err
}

// checkPeople refuses ids that are no supervisors or office staff, by their place in the list.
func (s *Service) checkPeople(ctx context.Context, tx *db.DB, field string, ids []uuid.UUID, active bool) (map[uuid.UUID]uuid.UUID, error) {
	known, err := recorders(ctx, tx, ids, active)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if _, ok := known[id]; !ok {
			return nil, fault.Field(at(field, i), "没有这名监督人员，或者已经离任。")
		}
	}
	return known, nil
}

// business finds the business in the register, or takes it in unconfirmed.
func (s *Service) business(ctx context.Context, tx *db.DB, who actor.Actor, office uuid.UUID, id *uuid.UUID, met *Business) (uuid.NullUUID, Business, error) {
	if id != nil {
		b, err := readBusiness(ctx, tx, *id)
		if err == nil {
			return uuid.NullUUID{UUID: *id, Valid: true}, b, nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return uuid.NullUUID{}, Business{}, err
		}
		if met == nil {
			return uuid.NullUUID{}, Business{}, fault.Field("business_id", "名录里没有这一家。")
		}
	}
	if met.USCC == "" { // met here before, under the same name and address
		if known, found, err := businessMet(ctx, tx, office, met.Name, met.Address); err != nil || found {
			return uuid.NullUUID{UUID: known, Valid: found}, *met, err
		}
	}
	made, err := s.deps.Directory.RegisterOnSpot(ctx, tx, who, directory.Business{Name: met.Name, USCC: met.USCC, Address: met.Address, Kind: met.Kind,
		OfficeID: uuid.NullUUID{UUID: office, Valid: true}})
	return uuid.NullUUID{UUID: made, Valid: err == nil}, *met, err
}

// Change rewrites a plan. Fault Conflict when somebody changed it first.
func (s *Service) Change(ctx context.Context, who actor.Actor, id uuid.UUID, version int, p Plan) (Visit, error) {
	if err := p.Check(s.now()); err != nil {
		return Visit{}, err
	}
	return s.act(ctx, who, id, Change, version, "", func(tx *db.DB, h head) error {
		row, err := s.planned(ctx, tx, who, id, p)
		if err != nil {
			return err
		}
		if err := updatePlan(ctx, tx, row); err != nil {
			return err
		}
		if err := dropSupervisors(ctx, tx, id, p.SupervisorIDs, s.now()); err != nil {
			return err
		}
		return addSupervisors(ctx, tx, id, p.SupervisorIDs)
	})
}

// Cancel calls a planned visit off, with a reason. The same person's same words again are the same deed: a phone whose
// answer was lost says them once more, and gets the visit as it now stands.
func (s *Service) Cancel(ctx context.Context, who actor.Actor, id uuid.UUID, reason string) (Visit, error) {
	var c check
	c.text("reason", reason, 2, 500)
	if err := c.err(); err != nil {
		return Visit{}, err
	}
	return s.act(ctx, who, id, Cancel, 0, reason, func(tx *db.DB, h head) error {
		return setState(ctx, tx, id, Cancelled, reason, false)
	})
}

// Accept lets a cancelled visit count after all, because its record sheet came.
func (s *Service) Accept(ctx context.Context, who actor.Actor, id uuid.UUID) (Visit, error) {
	return s.act(ctx, who, id, Accept, 0, "", func(tx *db.DB, h head) error {
		if !h.Flagged {
			return fault.New(fault.Conflict, "no_sheet", "这次监督没有收到记录表，不能认可。")
		}
		return setState(ctx, tx, id, Recorded, "", false)
	})
}

// act does one deed of the table: lock, scope, rule, change, event, audit.
func (s *Service) act(ctx context.Context, who actor.Actor, id uuid.UUID, d Deed, version int, text string, change func(*db.DB, head) error) (Visit, error) {
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		if err := hold(ctx, tx, id); err != nil {
			return err
		}
		h, err := lockVisit(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !reaches(who, h) {
			return fault.Missing()
		}
		to, err := h.State.Take(d, who.Role)
		if err != nil && d == Cancel {
			if done, err := didBefore(ctx, tx, id, d, who, text); err != nil || done {
				return err
			}
		}
		if err != nil {
			return err
		}
		if version != 0 && version != h.Version {
			return fault.Stale()
		}
		if err := change(tx, h); err != nil {
			return err
		}
		return s.mark(ctx, tx, who, id, d, to, text)
	})
	if err != nil {
		return Visit{}, err
	}
	return readVisit(ctx, s.db, who, id)
}

// mark leaves the event and the audit row of a deed.
func (s *Service) mark(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, d Deed, state State, text string) error {
	if err := appendEvent(ctx, tx, id, d, state, s.now(), who, text); err != nil {
		return err
	}
	return audit.Append(ctx, tx, s.now(), who, "visit."+string(d), "visit", id, map[string]any{"state": state})
}

// reaches is the scope of a locked visit, in the same terms as where.sees. Pure.
func reaches(who actor.Actor, h head) bool {
	switch {
	case who.SeesCounty():
		return true
	case who.Is(actor.Office):
		return who.OfficeID.Valid && who.OfficeID.UUID == h.OfficeID
	case who.Is(actor.Supervisor):
		return h.Mine
	}
	return false
}

func (p Plan) digest() (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return digestOf(b), nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
