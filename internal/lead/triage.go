package lead

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/lifecycle"
	"suixing/internal/problem"
)

// Deed is something a person does to an open lead; it is also the last part of its route.
type Deed string

// The deeds of triage. Raise is how a lead begins: no route of its own here.
const (
	Raise    Deed = "raise"
	Register Deed = "register" // 登记为问题
	Attach   Deed = "attach"   // 并入
	Dismiss  Deed = "dismiss"  // 不予登记
	Refer    Deed = "refer"    // 移送
	Press    Deed = "press"    // 催问移送的机关
	Outcome  Deed = "outcome"  // 移送的机关的书面结果
)

// Decision is what a person gives with a deed; each deed reads its own part.
type Decision struct {
	Severity  string        `json:"severity,omitempty" maxLength:"16"`
	Category  string        `json:"category,omitempty" maxLength:"16"`
	Tag       string        `json:"tag,omitempty" maxLength:"3"`
	Nature    string        `json:"nature,omitempty" maxLength:"16"`
	Common    bool          `json:"common,omitempty"`
	Fact      string        `json:"fact,omitempty" maxLength:"4000"`
	Basis     string        `json:"basis,omitempty" maxLength:"1000"`
	AgencyID  *uuid.UUID    `json:"agency_id,omitempty"`
	Photos    []string      `json:"photos,omitempty" maxItems:"30"`
	SecondID  *uuid.UUID    `json:"second_id,omitempty" doc:"who verified it too; a red line takes two people"`
	ProblemID *uuid.UUID    `json:"problem_id,omitempty"`
	Reason    string        `json:"reason,omitempty" maxLength:"2000"`
	To        string        `json:"to,omitempty" maxLength:"100"`
	Letter    string        `json:"letter_number,omitempty" maxLength:"60" doc:"of the letter of referral"`
	Text      string        `json:"text,omitempty" maxLength:"2000"`
	HandledOn deadline.Date `json:"handled_on,omitempty" maxLength:"10" doc:"the day the organ says it has handled the matter"`
	Outcome   string        `json:"outcome,omitempty" maxLength:"20"`
	Awaited   Awaited       `json:"-"` // counted by the service: when the outcome is due
	Target    string        `json:"-"` // read by the service: how severe the problem is that a red line is to join
	Agency    string        `json:"-"` // and what the agency is called: its name is nobody's own words
}

// rules are what a deed asks of the lead.
type rules struct {
	ready func(l Lead, who actor.Actor) error
	check func(l Lead, who actor.Actor, in Decision) error
}

type step = lifecycle.Step[Deed, State, rules]

var line = lifecycle.Row[Deed, State, rules]

var (
	open     = []State{Open}
	referred = []State{Referred}
	county   = []actor.Role{actor.County}
	desk     = []actor.Role{actor.Office, actor.County}
)

// steps is triage. docs/lead-lifecycle.md is printed from it, routes and buttons are made from it.
var steps = lifecycle.Table[Deed, State, rules]{
	line(Register, open, Registered, desk, registerNeeds, rules{nil, checkRegister}),
	line(Attach, open, Attached, desk, []lifecycle.Need{{Name: "problem_id", Kind: "problem", Required: true}}, rules{nil, checkAttach}),
	line(Dismiss, open, Dismissed, desk, []lifecycle.Need{{Name: "reason", Kind: "text", Required: true, Max: 2000}}, rules{readyDismiss, checkReason}),
	line(Refer, open, Referred, county, problem.NeedRefer, rules{nil, checkRefer}),
	line(Press, referred, "", county, problem.NeedPress, rules{readyPress, checkPress}),
	line(Outcome, referred, "", county, problem.NeedOutcome, rules{readyPress, checkOutcome}),
}

var registerNeeds = []lifecycle.Need{
	{Name: "severity", Kind: "choice", Required: true, Choices: []string{problem.Redline, problem.General, problem.Minor}},
	{Name: "category", Kind: "choice", Required: true, Choices: problem.Categories}, {Name: "nature", Kind: "choice", Choices: problem.Natures},
	{Name: "tag", Kind: "text", Max: 3}, {Name: "agency_id", Kind: "agency", Required: true}, {Name: "fact", Kind: "text", Required: true, Max: 4000},
	{Name: "basis", Kind: "text", Required: true, Max: 1000}, {Name: "photos", Kind: "photos", Max: 30}, {Name: "second_id", Kind: "person"},
}

// Deeds lists the deeds in the order of the table.
func Deeds() (out []Deed) {
	for _, s := range steps {
		out = append(out, s.Deed)
	}
	return out
}

// Check tells whether who may decide the lead so.
func (l Lead) Check(d Deed, who actor.Actor, in Decision) error {
	_, err := l.step(d, who, in)
	return err
}

func (l Lead) step(d Deed, who actor.Actor, in Decision) (step, error) {
	s, err := steps.Find(d, l.State, who, "这条线索现在是“"+stateWords[l.State]+"”，不能办这一项。")
	if err == nil && s.Rules.ready != nil {
		err = s.Rules.ready(l, who)
	}
	if err == nil {
		err = s.Rules.check(l, who, in)
	}
	return s, err
}

// Take decides the lead: it gives the lead after it and the event it leaves. Pure. For register and attach the caller
// sets in.ProblemID to the problem it became or joined.
func (l Lead) Take(d Deed, who actor.Actor, in Decision, now time.Time) (Lead, Event, error) {
	s, err := l.step(d, who, in)
	if err != nil {
		return l, Event{}, err
	}
	switch d {
	case Register, Attach:
		if in.ProblemID == nil {
			return l, Event{}, fault.Field("problem_id", "写明是哪个问题")
		}
		l.ProblemID = uuid.NullUUID{UUID: *in.ProblemID, Valid: true}
	case Dismiss:
		l.Reason = in.Reason
	default:
		return l.takeReferral(s, who, in, now)
	}
	l.State = s.To
	return l.decided(who, now), Event{Deed: d, State: l.State, Text: in.Reason}, nil
}

// Offers says what who may decide now, and what stands in the way of the rest.
func (l Lead) Offers(who actor.Actor) ([]lifecycle.Allowed, []lifecycle.Blocked) {
	return steps.Offers("lead", l.State, who, func(s step) ([]lifecycle.Need, error) {
		if s.Rules.ready != nil {
			return s.Needs, s.Rules.ready(l, who)
		}
		return l.narrow(s, who), nil
	})
}

// narrow fits a deed's form to this lead and this person.
func (l Lead) narrow(s step, who actor.Actor) []lifecycle.Need {
	out := append([]lifecycle.Need{}, s.Needs...)
	for i := range out {
		switch {
		case out[i].Name == "severity" && mayLessen(l, who, problem.Minor) != nil:
			out[i].Choices = []string{problem.Redline}
		case s.Deed == Register && out[i].Name == "photos":
			out[i].Required = listed(byHand, l.Origin)
		}
	}
	return out
}

// checkRegister leaves the fields of a problem to problem.Register; here stands what is triage's own.
func checkRegister(l Lead, who actor.Actor, in Decision) error {
	if err := mayLessen(l, who, in.Severity); err != nil {
		return err
	}
	switch {
	case in.Severity == "":
		return fault.Field("severity", "选一个严重程度")
	case strings.TrimSpace(in.Basis) == "":
		return fault.Field("basis", "写明依据的条款")
	case in.AgencyID == nil:
		return fault.Field("agency_id", "写明是哪个执法单位")
	case in.Severity == problem.Redline && in.SecondID == nil:
		return fault.Field("second_id", "红线问题要两个人核实，请选另一位核实人")
	case in.SecondID != nil && *in.SecondID == who.ID:
		return fault.Field("second_id", "另一位核实人不能是您自己")
	case len(in.Photos) == 0 && listed(byHand, l.Origin):
		return fault.Field("photos", "至少附一件证据：照片、文书、案卷的复印件都行。先上传，再登记")
	}
	return checkFact(l, in)
}

func checkAttach(l Lead, who actor.Actor, in Decision) error {
	if in.ProblemID == nil {
		return fault.Field("problem_id", "选一个要并入的问题")
	}
	return mayLessen(l, who, in.Target)
}

// mayLessen: that a red line is none after all is the county's to say, whatever way it is said (DOMAIN G.2: R1 countersigns).
func mayLessen(l Lead, who actor.Actor, severity string) error {
	if l.Severity != problem.Redline || severity == problem.Redline || severity == "" || who.Is(actor.County) {
		return nil
	}
	return fault.New(fault.Forbidden, "redline_county", "这是红线线索。登记成一般或者瑕疵、并入不是红线的问题，要由县司法局决定。")
}

// readyDismiss: a red line is set aside only by the county (DOMAIN G.2: R1 countersigns), never by who reported it.
func readyDismiss(l Lead, who actor.Actor) error {
	switch {
	case l.Severity == problem.Redline && !who.Is(actor.County):
		return fault.New(fault.Forbidden, "redline_county", "红线线索不予登记，要由县司法局决定。")
	case l.Severity == problem.Redline && l.ReporterID.Valid && l.ReporterID.UUID == who.ID:
		return fault.New(fault.Forbidden, "own_report", "这条线索是您报的，不予登记要换一个人决定。")
	}
	return nil
}

func checkReason(_ Lead, _ actor.Actor, in Decision) error {
	if strings.TrimSpace(in.Reason) == "" {
		return fault.Field("reason", "写明理由，理由会留在记录里")
	}
	if utf8.RuneCountInString(in.Reason) > 2000 {
		return fault.Field("reason", "太长了，请精简后再提交")
	}
	return nil
}

var stateWords = map[State]string{Open: "待核实", Registered: "已登记为问题", Attached: "已并入问题", Dismissed: "不予登记", Referred: "已移送"}
