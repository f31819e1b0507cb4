package problem

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/lifecycle"
)

// View is a problem as the office and the county see it.
type View struct {
	ID             uuid.UUID           `json:"id"`
	Number         string              `json:"number"`
	AgencyNumber   string              `json:"agency_number"` // what the agency calls it, from the order on
	OfficeID       *uuid.UUID          `json:"office_id"`
	OfficeName     string              `json:"office_name"`
	AgencyID       uuid.UUID           `json:"agency_id"`
	AgencyName     string              `json:"agency_name"`
	Origin         string              `json:"origin"`
	Severity       string              `json:"severity"`
	Category       string              `json:"category"`
	Tag            string              `json:"tag"`
	Nature         string              `json:"nature"`
	Common         bool                `json:"common"`
	Item           string              `json:"item"`
	Fact           string              `json:"fact"`
	Basis          string              `json:"basis"`
	FoundOn        deadline.Date       `json:"found_on"`
	AgencyText     string              `json:"agency_text"`
	Deidentified   bool                `json:"deidentified"`
	State          State               `json:"state"`
	Rung           Rung                `json:"rung"`
	ServedOn       deadline.Date       `json:"served_on"`
	DueOn          deadline.Date       `json:"due_on"`
	DueSum         *deadline.DueSum    `json:"due_sum"`
	Clock          Clock               `json:"clock"`
	OriginalDueOn  deadline.Date       `json:"original_due_on"`
	Extended       bool                `json:"extended"`
	ExtensionAsked deadline.Date       `json:"extension_asked"`
	Accountability bool                `json:"accountability"`
	Reopened       int                 `json:"reopened"`
	Round          int                 `json:"round"`
	ReporterName   string              `json:"reporter_name"`
	ReporterIsMe   bool                `json:"reporter_is_me"`
	VerifierName   string              `json:"verifier_name"`
	HandlerName    string              `json:"handler_name"`
	RegisteredAt   time.Time           `json:"registered_at"`
	SubmittedAt    *time.Time          `json:"submitted_at"`
	ClosedAt       *time.Time          `json:"closed_at"`
	LookBackOn     deadline.Date       `json:"look_back_on"`
	Version        int                 `json:"version"`
	Incomplete     bool                `json:"incomplete"` // photos of a record behind it have not all arrived
	Queued         bool                `json:"queued"`     // its letter is written and waits for its release
	Letter         string              `json:"letter_number" doc:"of the letter of referral"`
	OutcomeRule    string              `json:"outcome_rule"`
	OutcomeFrom    deadline.Date       `json:"outcome_from"`
	OutcomeDueOn   deadline.Date       `json:"outcome_due_on"`
	Outcome        string              `json:"outcome" enum:",done,declined,silent" doc:"of the organ it was referred to"`
	OwnVisit       bool                `json:"own_visit" doc:"what was said of a visit that the reader stood beside: no origin, no fact, no sources"`
	Release        *Release            `json:"release" doc:"of a problem out of a public voice that was not ordered yet: in whose company it leaves, and when"`
	Sources        []Source            `json:"sources" nullable:"false"`
	Events         []EventView         `json:"events" nullable:"false"`
	Photos         []Photo             `json:"photos" nullable:"false"`
	Reused         []evidence.Reuse    `json:"reused" nullable:"false" doc:"photos of the answer that were there before, here or elsewhere"`
	Deeds          []lifecycle.Allowed `json:"deeds" nullable:"false"`
	Blocked        []lifecycle.Blocked `json:"blocked" nullable:"false"`
}

// Clock says how much time is left, in words a list can colour: overdue by natural days, or working days left.
type Clock struct {
	Overdue     bool `json:"overdue"`
	OverdueDays int  `json:"overdue_days"`
	// WorkingDaysLeft counts today's rest as none; null when nothing is due or the calendar ends before the date.
	WorkingDaysLeft *int `json:"working_days_left"`
	Near            bool `json:"near"`
}

// Source is a lead that led here.
type Source struct {
	LeadID   uuid.UUID  `db:"id" json:"lead_id"`
	Number   string     `db:"number" json:"number"`
	Origin   string     `db:"origin" json:"origin"`
	OriginID *uuid.UUID `db:"origin_id" json:"origin_id"`
	Item     string     `db:"origin_item" json:"item"`
	RaisedAt time.Time  `db:"raised_at" json:"raised_at"`
}

// EventView is one line of the time line for the office and the county.
type EventView struct {
	Deed      Deed            `db:"deed" json:"deed"`
	State     State           `db:"state" json:"state"`
	At        time.Time       `db:"at" json:"at"`
	ActorName string          `db:"actor_name" json:"actor_name"`
	ActorRole actor.Role      `db:"actor_role" json:"actor_role"`
	Text      string          `db:"text" json:"text"`
	ForAgency bool            `db:"for_agency" json:"for_agency"`
	Data      json.RawMessage `db:"data" json:"data"`
}

// Photo is a piece of evidence on a problem. Deed says with which deed it came.
type Photo struct {
	SHA256    string     `db:"sha256" json:"sha256"`
	Deed      string     `db:"item" json:"deed"`
	MediaType string     `db:"media_type" json:"media_type"`
	Size      int64      `db:"size" json:"size"`
	TakenAt   *time.Time `db:"taken_at" json:"taken_at"`
	ForAgency bool       `db:"for_agency" json:"for_agency"`
	At        time.Time  `db:"declared_at" json:"at"`
	Held      bool       `db:"held" json:"held"` // false: still on the phone
}

// Get reads one problem for the office or the county, with all that hangs on it.
func (s *Service) Get(ctx context.Context, who actor.Actor, id uuid.UUID) (View, error) {
	if who.Is(actor.Agency) {
		return View{}, fault.Missing()
	}
	p, err := readProblem(ctx, s.db, who, id, "")
	if err != nil {
		return View{}, err
	}
	today := deadline.DayOf(s.now())
	near, cal, err := s.near(ctx, today)
	if err != nil {
		return View{}, err
	}
	v := p.view(who, today)
	v.Clock = p.clock(today, near, cal)
	if v.Release, err = s.release(ctx, p); err != nil {
		return View{}, err
	}
	if v.Release != nil && v.Release.Businesses < enough {
		v.Deeds, v.Blocked = lifecycle.Withhold(v.Deeds, v.Blocked, string(Order), loneVoice(v.Release.Words))
	}
	if err := s.fill(ctx, who, p, &v); err != nil {
		return View{}, err
	}
	if v.OwnVisit = p.OwnVisit; v.OwnVisit {
		v.blind()
	}
	return v, nil
}

func (p Problem) view(who actor.Actor, today deadline.Date) View {
	v := View{
		ID: p.ID, Number: p.Number, AgencyNumber: p.AgencyNumber, OfficeID: pointer(p.OfficeID), AgencyID: p.AgencyID, Origin: p.Origin, Severity: p.Severity, Category: p.Category,
		Tag: p.Tag, Nature: p.Nature, Common: p.Common, Item: p.Item, Fact: p.Fact, Basis: p.Basis, FoundOn: p.FoundOn, AgencyText: p.AgencyText,
		Deidentified: p.DeidentifiedAt != nil, State: p.State, Rung: p.Rung, ServedOn: p.ServedOn, DueOn: p.DueOn, DueSum: p.sum(),
		OriginalDueOn: p.OriginalDueOn, Extended: p.Extended, ExtensionAsked: p.ExtensionAsked, Accountability: p.Accountability, Reopened: p.Reopened,
		Round: p.Round, ReporterIsMe: p.reported(who), RegisteredAt: p.RegisteredAt, SubmittedAt: p.SubmittedAt,
		ClosedAt: p.ClosedAt, LookBackOn: p.LookBackOn, Version: p.Version, Queued: p.QueuedAt != nil, Letter: p.Letter, OutcomeRule: p.OutcomeRule, OutcomeFrom: p.OutcomeFrom, OutcomeDueOn: p.OutcomeDueOn, Outcome: p.Outcome, Sources: []Source{}, Events: []EventView{}, Photos: []Photo{}, Reused: []evidence.Reuse{},
	}
	v.Deeds, v.Blocked = p.Deeds(who, today)
	return v
}

func (p Problem) sum() *deadline.DueSum {
	var s *deadline.DueSum
	if len(p.DueSum) > 0 {
		_ = json.Unmarshal(p.DueSum, &s) // what setDue wrote
	}
	return s
}

func (p Problem) clock(today, near deadline.Date, cal deadline.Calendar) Clock {
	return clockOf(p.State, p.DueOn, today, near, cal)
}

func clockOf(state State, due, today, near deadline.Date, cal deadline.Calendar) Clock {
	var c Clock
	if due == "" || (state != Rectifying && state != Disputed && state != Submitted) {
		return c
	}
	c.Overdue = Problem{State: state, DueOn: due}.Overdue(today)
	if c.Overdue {
		c.OverdueDays = int(today.Time().Sub(due.Time()).Hours() / 24)
		return c
	}
	c.Near = due >= today && due <= near
	if n, ok := cal.WorkingDaysBetween(today, due); ok {
		c.WorkingDaysLeft = &n
	}
	return c
}

func pointer(id uuid.NullUUID) *uuid.UUID {
	if !id.Valid {
		return nil
	}
	return &id.UUID
}
