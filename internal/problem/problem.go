// Package problem is the register of what was found wrong in enforcement (问题台账) and the life-cycle of its
// rectification: ordered, answered, verified and closed by someone other than who reported it (DOMAIN G).
// The enforcement agency sees its own problems only from the order on, and never where they came from.
package problem

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

// State is where a problem stands. Overdue is derived from it, never one of them.
type State string

// The states of DOMAIN G.2; 待核实 is a lead, in triage.
const (
	Confirmed  State = "confirmed"  // 已确认
	Rectifying State = "rectifying" // 整改中
	Submitted  State = "submitted"  // 待复核
	Disputed   State = "disputed"   // 异议复核
	Closed     State = "closed"     // 已销号
	Withdrawn  State = "withdrawn"  // 已办结-撤回
	Referred   State = "referred"   // 已移送
)

// States lists them in the order of the life-cycle; the database's CHECK holds the same list.
var States = []State{Confirmed, Rectifying, Submitted, Disputed, Closed, Withdrawn, Referred}

// Severity of a problem: 红线, 一般, 瑕疵.
const (
	Redline = "redline"
	General = "general"
	Minor   = "minor"
)

// Rung is a step of the ladder of letters (DOMAIN C.1).
type Rung string

// The rungs that must be answered, mildest first.
const (
	FBK Rung = "FBK" // 问题反馈单
	TXH Rung = "TXH" // 提醒函
	DBH Rung = "DBH" // 督办函
	YJS Rung = "YJS" // 意见书
	JDS Rung = "JDS" // 决定书
)

// Rungs is the ladder.
var Rungs = []Rung{FBK, TXH, DBH, YJS, JDS}

// Rule is the deadline rule that prefills the answer to a letter of this rung.
func (r Rung) Rule() string {
	switch r {
	case DBH:
		return "DL12"
	case YJS:
		return "DL06"
	case JDS:
		return "DL07"
	default:
		return "DL11"
	}
}

// next is the rung that an unanswered letter leads to; empty at the top.
func (r Rung) next() Rung {
	for i, x := range Rungs {
		if x == r && i+1 < len(Rungs) {
			return Rungs[i+1]
		}
	}
	return ""
}

// Problem is one row of the register. It never leaves this package as it is: people get a View, agencies an AgencyView.
type Problem struct {
	ID             uuid.UUID       `db:"id"`
	Number         string          `db:"number"`
	AgencyNumber   string          `db:"agency_number"`
	OfficeID       uuid.NullUUID   `db:"office_id"`
	AgencyID       uuid.UUID       `db:"agency_id"`
	Origin         string          `db:"origin"`
	Severity       string          `db:"severity"`
	Category       string          `db:"category"`
	Tag            string          `db:"tag"`
	Nature         string          `db:"nature"`
	Common         bool            `db:"common"`
	Item           string          `db:"item"`
	Fact           string          `db:"fact"`
	Basis          string          `db:"basis"`
	FoundOn        deadline.Date   `db:"found_on"`
	AgencyText     string          `db:"agency_text"`
	DeidentifiedBy uuid.NullUUID   `db:"deidentified_by"`
	DeidentifiedAt *time.Time      `db:"deidentified_at"`
	State          State           `db:"state"`
	Rung           Rung            `db:"rung"`
	ServedOn       deadline.Date   `db:"served_on"`
	DueOn          deadline.Date   `db:"due_on"`
	DueRule        string          `db:"due_rule"`
	DueSum         json.RawMessage `db:"due_sum"`
	OriginalDueOn  deadline.Date   `db:"original_due_on"`
	YJSDueOn       deadline.Date   `db:"yjs_due_on"`
	Extended       bool            `db:"extended"`
	ExtensionAsked deadline.Date   `db:"extension_asked"`
	Accountability bool            `db:"accountability"`
	Reopened       int             `db:"reopened"`
	Round          int             `db:"round"`
	ReporterID     uuid.NullUUID   `db:"reporter_id"` // who registered it
	ToldBy         string          `db:"told_by"`     // who wrote the leads behind it: ids, a blank between two
	OwnVisit       bool            `db:"own_visit"`   // what was said of a visit that the reader stood beside
	VerifierID     uuid.NullUUID   `db:"verifier_id"`
	HandlerID      uuid.NullUUID   `db:"handler_id"`
	RegisteredAt   time.Time       `db:"registered_at"`
	OrderedAt      *time.Time      `db:"ordered_at"`
	SubmittedAt    *time.Time      `db:"submitted_at"`
	ClosedAt       *time.Time      `db:"closed_at"`
	LookBackOn     deadline.Date   `db:"look_back_on"`
	QueuedRung     Rung            `db:"queued_rung"`
	QueuedNote     string          `db:"queued_note"`
	QueuedBy       uuid.NullUUID   `db:"queued_by"`
	QueuedAt       *time.Time      `db:"queued_at"`
	QueuedRole     actor.Role      `db:"queued_role"`   // the post of whoever handed it in, as it was that day
	QueuedOffice   uuid.NullUUID   `db:"queued_office"` // and her office
	QueueFault     string          `db:"queue_fault"`   // why it could not leave with the others
	Letter         string          `db:"letter_number"` // of the referral
	OutcomeRule    string          `db:"outcome_rule"`
	OutcomeFrom    deadline.Date   `db:"outcome_from"`
	OutcomeDueOn   deadline.Date   `db:"outcome_due_on"` // when the organ it was referred to owes a written outcome
	Outcome        string          `db:"outcome"`
	Version        int             `db:"version"`
	AgencyVersion  int             `db:"agency_version"` // counts from the order on what the agency reads: the office's own deeds tell where a problem came from
}

// Overdue tells whether the agency's answer is due and the day has passed; the clock runs on during a dispute.
func (p Problem) Overdue(today deadline.Date) bool {
	return (p.State == Rectifying || p.State == Disputed) && p.DueOn != "" && p.DueOn < today
}

// Open tells whether somebody still has to do something.
func (p Problem) Open() bool { return p.ClosedAt == nil }

// setDue puts a counted or written date in force.
func (p *Problem) setDue(s deadline.DueSum) {
	p.DueOn, p.DueRule = s.Due, s.Rule
	p.DueSum, _ = json.Marshal(s) // a struct of strings and numbers always encodes
	if p.Rung == YJS {
		p.YJSDueOn = s.Due
	}
}

// Event is what a deed leaves in the time line: the state after it, and what was said.
type Event struct {
	Deed  Deed
	State State
	// Text is for whoever may see the event; Data is for the office and the county alone.
	Text      string
	ForAgency bool
	Data      map[string]any
}
