package complaint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/deadline"
	"suixing/internal/lifecycle"
	"suixing/internal/vault"
)

// ComplaintItem is a complaint in a list. No identity: that is the vault's.
type ComplaintItem struct {
	ID          uuid.UUID     `db:"id" json:"id"`
	Number      string        `db:"number" json:"number"`
	Channel     string        `db:"channel" json:"channel"`
	OfficeID    uuid.NullUUID `db:"office_id" json:"office_id"`
	Office      string        `db:"office" json:"office"`
	AgencyID    uuid.NullUUID `db:"agency_id" json:"agency_id"`
	Target      string        `db:"target" json:"target"`
	Category    string        `db:"category" json:"category"`
	Subcategory string        `db:"subcategory" json:"subcategory"`
	Urgency     string        `db:"urgency" json:"urgency"`
	Fact        string        `db:"fact" json:"fact"`
	Anonymous   bool          `db:"anonymous" json:"anonymous"`
	HasContact  bool          `db:"has_contact" json:"has_contact"`
	Suspect     bool          `db:"suspect" json:"suspect"`
	State       State         `db:"state" json:"state"`
	ReceivedAt  time.Time     `db:"received_at" json:"received_at"`
	DueRule     string        `db:"due_rule" json:"due_rule"`
	DueOn       deadline.Date `db:"due_on" json:"due_on"`
	PlatformDue deadline.Date `db:"platform_due_on" json:"platform_due_on" doc:"of a ticket of 12345 that has no answer yet: when the platform is to have one or an explanation (DL15); empty otherwise"`
	Clock       string        `db:"-" json:"clock" enum:"none,running,near,overdue"`
	Handler     string        `db:"handler" json:"handler"`
	Unsettled   int           `db:"unsettled" json:"unsettled" doc:"versions with other words that wait for a person"`
	Retaliation bool          `db:"retaliation" json:"retaliation"`
	Reopened    int           `db:"reopened" json:"reopened"`
	Version     int           `db:"version" json:"version"`
	LeadID      uuid.NullUUID `db:"lead_id" json:"lead_id"`
	Lead        string        `db:"lead" json:"lead_number"`
	LeadState   string        `db:"lead_state" json:"lead_state"`
}

// ComplaintDetail is one complaint whole, but for who spoke.
type ComplaintDetail struct {
	ComplaintItem
	Officer        string              `db:"officer" json:"officer"`
	Happened       string              `db:"happened" json:"happened"`
	Place          string              `db:"place" json:"place"`
	Request        string              `db:"request" json:"request"`
	Already        string              `db:"already" json:"already"`
	Confidential   bool                `db:"confidential" json:"confidential"`
	ReplyWanted    bool                `db:"reply_wanted" json:"reply_wanted"`
	OuterNumber    string              `db:"outer_number" json:"outer_number"`
	TakenBy        string              `db:"taken_by" json:"taken_by"`
	About          string              `db:"about" json:"about" enum:"agency,office,bureau"`
	Finding        string              `db:"finding" json:"finding"`
	Ground         string              `db:"refused_ground" json:"refused_ground"`
	ReferredTo     string              `db:"referred_to" json:"referred_to"`
	Answer         string              `db:"answer" json:"answer" doc:"what the person reads by the receipt's code"`
	AcceptedAt     *time.Time          `db:"accepted_at" json:"accepted_at"`
	DecidedAt      *time.Time          `db:"decided_at" json:"decided_at"`
	AnsweredAt     *time.Time          `db:"answered_at" json:"answered_at"`
	ClosedAt       *time.Time          `db:"closed_at" json:"closed_at"`
	Extended       bool                `db:"extended" json:"extended"`
	ExtensionAsked bool                `db:"extension_asked" json:"extension_asked"`
	PausedOn       deadline.Date       `db:"paused_on" json:"paused_on" doc:"the day the clock was stopped; empty: it runs"`
	PauseGround    string              `db:"pause_ground" json:"pause_ground" enum:",completion,appraisal,other_organ"`
	Asks           string              `db:"asks" json:"asks" doc:"what the person is asked to complete; read by the receipt's code"`
	Outcome        string              `db:"outcome" json:"outcome" enum:",done,declined,silent" doc:"of the organ it was sent to"`
	ShreddedOn     deadline.Date       `db:"shredded_on" json:"shredded_on" doc:"the day who spoke was erased"`
	ProblemID      uuid.NullUUID       `db:"problem_id" json:"problem_id"`
	ProblemNumber  string              `db:"problem_number" json:"problem_number"`
	DueSum         *deadline.DueSum    `db:"-" json:"due_sum"`
	Photos         []ComplaintPicture  `db:"-" json:"photos" nullable:"false"`
	Events         []CaseEvent         `db:"-" json:"events" nullable:"false"`
	Investigators  []CasePerson        `db:"-" json:"investigators" nullable:"false"`
	Recused        []CasePerson        `db:"-" json:"recused" nullable:"false"`
	People         []CasePerson        `db:"-" json:"people" nullable:"false" doc:"who may be appointed; what the person fields of a deed choose from"`
	Versions       []CaseVersion       `db:"-" json:"versions" nullable:"false"`
	Deeds          []lifecycle.Allowed `db:"-" json:"deeds" nullable:"false"`
	Blocked        []lifecycle.Blocked `db:"-" json:"blocked" nullable:"false"`
	MayReveal      bool                `db:"-" json:"may_reveal"`
	MayRelease     bool                `db:"-" json:"may_release"`
	Identity       *vault.Revealed     `db:"-" json:"identity,omitempty" doc:"only in the answer of the deed give-access"`
}

// ComplaintPicture is a photo, a recording or a paper that came with a complaint; its bytes are at /api/photos/{sha256}.
type ComplaintPicture struct {
	SHA256    string `db:"sha256" json:"sha256"`
	Size      int64  `db:"size" json:"size"`
	MediaType string `db:"media_type" json:"media_type" doc:"empty: not held yet"`
}

// CaseEvent is one line of the time line, newest first.
type CaseEvent struct {
	Deed  Deed            `db:"deed" json:"deed"`
	State State           `db:"state" json:"state"`
	At    time.Time       `db:"at" json:"at"`
	Actor string          `db:"actor_name" json:"actor_name"`
	Role  string          `db:"actor_role" json:"actor_role"`
	Text  string          `db:"text" json:"text"`
	Data  json.RawMessage `db:"data" json:"data"`
}

// CasePerson is someone on the case, or someone who keeps off it.
type CasePerson struct {
	ID     uuid.UUID  `db:"id" json:"id"`
	Name   string     `db:"name" json:"name"`
	Role   string     `db:"role" json:"role"`
	Reason string     `db:"reason" json:"reason,omitempty"`
	At     *time.Time `db:"at" json:"at,omitempty"`
}

// CaseVersion is what came in under the same number with other words. Body has the fields of the complaint, never who spoke.
type CaseVersion struct {
	ID         uuid.UUID       `db:"id" json:"id"`
	Way        string          `db:"way" json:"way" enum:"public,desk,12345"`
	Body       json.RawMessage `db:"body" json:"body"`
	HasContact bool            `db:"has_contact" json:"has_contact"`
	At         time.Time       `db:"at" json:"at"`
	By         string          `db:"by_name" json:"by_name"`
	Settled    string          `db:"settled" json:"settled" doc:"empty: waits for a person; first, other, both"`
}

// CaseCounts are the numbers above the desk's list.
type CaseCounts struct {
	Received      int `db:"received" json:"received"`
	Accepted      int `db:"accepted" json:"accepted"`
	Investigating int `db:"investigating" json:"investigating"`
	Proposed      int `db:"proposed" json:"proposed" doc:"decisions that wait for the leader"`
	Paused        int `db:"paused" json:"paused" doc:"whose clock stands still"`
	Decided       int `db:"decided" json:"decided"`
	Answered      int `db:"answered" json:"answered"`
	Overdue       int `db:"overdue" json:"overdue"`
	Near          int `db:"near" json:"near"`
	Suspect       int `db:"suspect" json:"suspect"`
	Extension     int `db:"extension" json:"extension"`
	Unsettled     int `db:"unsettled" json:"unsettled"`
}

// Filter is what the desk's list can be narrowed by.
type Filter struct {
	State     string `query:"state" enum:"received,accepted,investigating,proposed,decided,answered,closed,refused,transferred"`
	Channel   string `query:"channel" maxLength:"20"`
	Category  string `query:"category" maxLength:"20"`
	OfficeID  string `query:"office_id" maxLength:"36"`
	AgencyID  string `query:"agency_id" maxLength:"36"`
	Due       string `query:"due" enum:"overdue,near"`
	Mine      string `query:"mine" enum:"true,false"`
	Suspect   string `query:"suspect" enum:"true,false"`
	Unsettled string `query:"unsettled" enum:"true,false"`
	Q         string `query:"q" maxLength:"60"`
	After     string `query:"after" maxLength:"200"`
}

// days are today and the last day that counts as near due: within three working days, or five days where the calendar ends.
func (s *Service) days(ctx context.Context) (today, near deadline.Date) {
	today = deadline.DayOf(s.now())
	if cal, err := s.deadlines.Calendar(ctx, today); err == nil {
		if d, err := cal.WorkingDaysAfter(today, 3); err == nil {
			return today, d
		}
	}
	return today, today.Add(5)
}

func clockOf(due, today, near deadline.Date) string {
	switch {
	case due == "":
		return "none"
	case due < today:
		return "overdue"
	case due <= near:
		return "near"
	}
	return "running"
}

// sumOf is how the due date was counted. The first one is counted inside the statement that files; its sum is drawn here.
func (s *Service) sumOf(ctx context.Context, c Case) *deadline.DueSum {
	var sum *deadline.DueSum
	if err := json.Unmarshal(c.DueSum, &sum); err == nil && sum != nil {
		return sum
	}
	if c.DueOn == "" {
		return nil
	}
	first, err := s.deadlines.DueTo(ctx, s.db, c.DueRule, deadline.DayOf(c.ReceivedAt), c.DueOn)
	if err != nil {
		return nil
	}
	first.Set = false // nobody wrote the day: the rule gave it
	return &first
}
