package problem

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/lifecycle"
)

// AgencyView is a problem as the agency sees it: a type of its own, so that a field reaches the agency only by being
// written here. No origin, no fact as found, no business, no reporter, no day of finding or registration (invariant 4).
type AgencyView struct {
	ID             uuid.UUID           `json:"id"`
	Number         string              `json:"number"`
	OfficeName     string              `json:"office_name"`
	Severity       string              `json:"severity"`
	Category       string              `json:"category"`
	Basis          string              `json:"basis"`
	AgencyText     string              `json:"agency_text"`
	State          State               `json:"state"`
	Rung           Rung                `json:"rung"`
	ServedOn       deadline.Date       `json:"served_on"`
	DueOn          deadline.Date       `json:"due_on"`
	DueSum         *deadline.DueSum    `json:"due_sum"`
	Clock          Clock               `json:"clock"`
	Extended       bool                `json:"extended"`
	ExtensionAsked deadline.Date       `json:"extension_asked"`
	ExtensionLimit deadline.Date       `json:"extension_limit"`
	Round          int                 `json:"round"`
	ClosedOn       deadline.Date       `json:"closed_on"`
	Version        int                 `json:"version"`
	Events         []AgencyEvent       `json:"events" nullable:"false"`
	Photos         []AgencyPhoto       `json:"photos" nullable:"false"`
	Deeds          []lifecycle.Allowed `json:"deeds" nullable:"false"`
	Blocked        []lifecycle.Blocked `json:"blocked" nullable:"false"`
}

// AgencyData are the particulars of an event that the agency may read; nothing else of its data comes through.
type AgencyData struct {
	Rung        Rung          `json:"rung,omitempty"`
	ServedOn    deadline.Date `json:"served_on,omitempty"`
	DueOn       deadline.Date `json:"due_on,omitempty"`
	Until       deadline.Date `json:"until,omitempty"`
	Round       int           `json:"round,omitempty"`
	Measures    string        `json:"measures,omitempty"`
	Result      string        `json:"result,omitempty"`
	Responsible string        `json:"responsible,omitempty"`
}

// AgencyEvent is one line of the agency's time line. By is the side that acted, never a name.
type AgencyEvent struct {
	Deed  Deed       `json:"deed"`
	State State      `json:"state"`
	At    time.Time  `json:"at"`
	By    actor.Role `json:"by"`
	Text  string     `json:"text"`
	AgencyData
}

// AgencyPhoto is a photo the agency brought, or one that was chosen for it when the text was made free of identity.
type AgencyPhoto struct {
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	Ours      bool   `json:"ours"`
}

// tellAgency counts what the agency can read, from the order on. Its version says no more than its time line: a voice has
// more of the office's own deeds before the order than a sighting has.
func (p *Problem) tellAgency(was Problem, ev Event) {
	switch {
	case p.OrderedAt == nil:
	case was.OrderedAt == nil:
		p.AgencyVersion = 1
	case ev.ForAgency || p.AgencyText != was.AgencyText:
		p.AgencyVersion++
	}
}

// versionFor is the version that who was shown.
func (p Problem) versionFor(who actor.Actor) int {
	if who.Is(actor.Agency) {
		return p.AgencyVersion
	}
	return p.Version
}

// side is who the agency deals with: who of them agreed that a letter leaves before its time is the office's own business.
func (p Problem) side() actor.Role {
	if p.OfficeID.Valid {
		return actor.Office
	}
	return actor.County
}

// ForAgency reads one problem for the agency it was ordered of.
func (s *Service) ForAgency(ctx context.Context, who actor.Actor, id uuid.UUID) (AgencyView, error) {
	if !who.Is(actor.Agency) {
		return AgencyView{}, fault.Missing()
	}
	p, err := readProblem(ctx, s.db, who, id, "")
	if err != nil {
		return AgencyView{}, err
	}
	today := deadline.DayOf(s.now())
	near, cal, err := s.near(ctx, today)
	if err != nil {
		return AgencyView{}, err
	}
	v := AgencyView{
		ID: p.ID, Number: p.AgencyNumber, Severity: p.Severity, Category: p.Category, Basis: p.Basis, AgencyText: p.AgencyText, State: p.State, Rung: p.Rung,
		ServedOn: p.ServedOn, DueOn: p.DueOn, DueSum: p.sum(), Clock: p.clock(today, near, cal), Extended: p.Extended, ExtensionAsked: p.ExtensionAsked,
		Round: p.Round, ClosedOn: day(p.ClosedAt), Version: p.AgencyVersion, Events: []AgencyEvent{}, Photos: []AgencyPhoto{},
	}
	if p.OriginalDueOn != "" && !p.Extended {
		v.ExtensionLimit = p.OriginalDueOn.Add(maxExtension)
	}
	v.Deeds, v.Blocked = p.Deeds(who, today)
	return v, s.agencyParts(ctx, p, &v)
}
