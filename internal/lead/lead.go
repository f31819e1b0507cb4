// Package lead is triage (线索分流): what a visit, a form, a complaint or another organ brought in waits here for a person,
// who registers it as a problem, attaches it to one, dismisses it in writing, or refers it to the organ it belongs to.
// A red line seen on a visit is registered at once; everything else waits.
package lead

import (
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

// State is where a lead stands (DESIGN section 3).
type State string

// A lead is open until one deed decides it.
const (
	Open       State = "open"       // 待核实
	Registered State = "registered" // 已登记为问题
	Attached   State = "attached"   // 已并入问题
	Dismissed  State = "dismissed"  // 不予登记
	Referred   State = "referred"   // 已移送
)

// States lists them; the database's CHECK holds the same list.
var States = []State{Open, Registered, Attached, Dismissed, Referred}

// Input is what raises a lead. Origin, OriginID and Item together name where it came from: raising the same again gives the same lead.
type Input struct {
	Origin     string
	OriginID   uuid.UUID
	Item       string
	OfficeID   uuid.UUID
	AgencyID   uuid.UUID
	Severity   string
	Category   string
	Fact       string
	HappenedOn string
	ReporterID uuid.UUID
	// Photos of the origin's record; a red line takes them over as its evidence.
	Photos []string
}

// Lead is one row of the queue.
type Lead struct {
	ID         uuid.UUID     `db:"id"`
	Number     string        `db:"number"`
	Origin     string        `db:"origin"`
	OriginID   uuid.NullUUID `db:"origin_id"`
	OriginItem string        `db:"origin_item"`
	OfficeID   uuid.NullUUID `db:"office_id"`
	AgencyID   uuid.NullUUID `db:"agency_id"`
	Severity   string        `db:"severity"`
	Category   string        `db:"category"`
	Fact       string        `db:"fact"`
	HappenedOn deadline.Date `db:"happened_on"`
	ReporterID uuid.NullUUID `db:"reporter_id"`
	RaisedAt   time.Time     `db:"raised_at"`
	State      State         `db:"state"`
	ProblemID  uuid.NullUUID `db:"problem_id"`
	Reason     string        `db:"reason"`
	ReferredTo string        `db:"referred_to"`
	Letter     string        `db:"letter_number"`
	Awaited
	Outcome   string        `db:"outcome"`
	DueOn     deadline.Date `db:"due_on"`
	DecidedAt *time.Time    `db:"decided_at"`
	DecidedBy uuid.NullUUID `db:"decided_by"`
	Version   int           `db:"version"`
}

// Awaited is the written outcome that the organ a lead was referred to still owes: when it is due, by which rule, from when.
type Awaited struct {
	Rule string        `db:"outcome_rule"`
	From deadline.Date `db:"outcome_from"`
	Due  deadline.Date `db:"outcome_due_on"`
}

// Event is what a deed leaves: the state after it, and the words that belong to it.
type Event struct {
	Deed  Deed
	State State
	Text  string
}

func (l Lead) decided(who actor.Actor, now time.Time) Lead {
	l.DecidedAt, l.DecidedBy = &now, who.Account()
	return l
}

// foundOn is the day a problem's record begins with: the day it happened, or today where that is not known, lies ahead of
// our clock, or before any register. A sealed record is never refused for its phone's clock.
func (l Lead) foundOn(today deadline.Date) deadline.Date {
	if !l.HappenedOn.Valid() || l.HappenedOn > today {
		return today
	}
	return l.HappenedOn
}
