package problem

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lifecycle/lifecycletest"
)

var update = flag.Bool("update", false, "write the golden pages")

var (
	noon  = time.Date(2026, 5, 20, 4, 0, 0, 0, time.UTC)
	today = deadline.Date("2026-05-20")
	hash  = strings.Repeat("ab", 32)
)

// documented is DOMAIN G.2 written down a second time: deed, from, to, who. The table in the code must say the same.
const documented = `
deidentify        confirmed,rectifying,submitted,disputed,closed -          office,county
queue             confirmed                                      -          office,county
order             confirmed                                      rectifying office,county
hasten            confirmed                                      rectifying county,leader
correct-on-spot   confirmed                                      submitted  office
submit            rectifying                                     submitted  agency
ask-extension     rectifying                                     -          agency
extend            rectifying                                     -          office,county,leader
decline-extension rectifying                                     -          office,county,leader
object            rectifying                                     disputed   agency
uphold            disputed                                       rectifying county,leader
amend             disputed                                       rectifying county,leader
withdraw          disputed                                       withdrawn  county,leader
escalate          rectifying                                     -          county,leader
close             submitted                                      closed     office,county
return            submitted                                      rectifying office,county
reopen            closed                                         rectifying county
refer             confirmed,rectifying,submitted,disputed        referred   county
press             referred                                       -          county
outcome           referred                                       -          county
accountability    confirmed,rectifying,submitted,disputed        -          county,leader
`

// ripe is a problem in a state, with everything a deed's guard may ask for.
func ripe(s State, d Deed) Problem {
	at := noon.AddDate(0, 0, -14)
	p := Problem{ID: uuid.New(), OfficeID: uuid.NullUUID{UUID: uuid.New(), Valid: true}, State: s, Severity: Minor, FoundOn: "2026-05-01", AgencyText: "某日检查一事",
		DeidentifiedAt: &at, Rung: FBK, ServedOn: "2026-05-06", DueOn: "2026-05-14", OriginalDueOn: "2026-05-14", OrderedAt: &at, Round: 1, Version: 3}
	if s == Confirmed {
		p.Rung, p.ServedOn, p.DueOn, p.OrderedAt = "", "", "", nil
	}
	if p.Origin = "visit"; d == Queue || d == Hasten {
		p.Origin = "complaint"
	}
	if d == Hasten {
		p.QueuedRung, p.QueuedBy, p.QueuedAt = FBK, uuid.NullUUID{UUID: uuid.New(), Valid: true}, &at
	}
	if d == Extend || d == DeclineExtension {
		p.ExtensionAsked = "2026-05-25"
	}
	if s == Closed || s == Withdrawn || s == Referred {
		p.ClosedAt = &at
	}
	return p
}

// full is an input that gives every deed what it asks for.
func full(d Deed, role actor.Role) Input {
	in := Input{Text: "维持原意见", Rung: TXH, ServedOn: "2026-05-19", Note: "请整改", Acknowledged: true, Photos: []string{hash}, Measures: "培训", Result: "考核合格",
		Responsible: "批评教育", Until: "2026-05-25", Reason: "场地未定", OverrideReason: "情况紧急", Conclusion: "现场复查，已改正", LookBackOn: "2026-08-20", UrgentReason: "明天还要上门，不能等", To: "县纪委监委", Letter: "示司移〔2026〕1号", Outcome: "done",
		DueOn: "2026-05-29", Sum: deadline.DueSum{Rule: "DL11", Due: "2026-05-29"}}
	switch {
	case (d == Order || d == Queue) && role == actor.County:
		in.Rung = DBH
	case d == Escalate && role == actor.Leader:
		in.Rung = JDS
	}
	return in
}

// Every state, every deed, every role: what the documented table allows works, all else is refused in the right way.
func TestEveryTriple(t *testing.T) {
	lifecycletest.Every(t, steps, States, documented, func(s State, d Deed, r actor.Role) lifecycletest.Tried[Deed, State] {
		p, who := ripe(s, d), actor.Actor{ID: uuid.New(), Role: r}
		may, _ := p.Deeds(who, today)
		got, ev, err := p.Take(d, who, full(d, r), noon)
		if ended := got.State == Closed || got.State == Withdrawn || got.State == Referred; (got.ClosedAt != nil) != ended || err != nil && got.Version != p.Version {
			t.Errorf("%s × %s × %s: closed_at %v, version %d (%v)", s, d, r, got.ClosedAt, got.Version, err)
		}
		if d == Hasten && ev.Deed == Order { // on the time line it is an order: the agency reads no difference
			ev.Deed = Hasten
		}
		return lifecycletest.Tried[Deed, State]{State: got.State, EventState: ev.State, EventDeed: ev.Deed, Offered: may, Err: err}
	})
}

func TestGuards(t *testing.T) {
	me := uuid.New()
	for _, c := range []struct {
		name string
		deed Deed
		from State
		role actor.Role
		p    func(*Problem)
		in   func(*Input)
		want string // field or code; empty: works
	}{
		{"order without a text free of identity", Order, Confirmed, actor.Office, func(p *Problem) { p.AgencyText = "" }, nil, "not_deidentified"},
		{"office orders an opinion", Order, Confirmed, actor.Office, nil, func(in *Input) { in.Rung = YJS }, "rung"},
		{"county orders a feedback sheet over the office's head", Order, Confirmed, actor.County, nil, func(in *Input) { in.Rung = FBK }, "rung"},
		{"county orders a feedback sheet where there is no office", Order, Confirmed, actor.County, func(p *Problem) { p.OfficeID.Valid = false }, func(in *Input) { in.Rung = FBK }, ""},
		{"nobody orders a decision first", Order, Confirmed, actor.County, nil, func(in *Input) { in.Rung = JDS }, "rung"},
		{"served tomorrow", Order, Confirmed, actor.Office, nil, func(in *Input) { in.ServedOn = "2026-05-21" }, "served_on"},
		{"served before it was found", Order, Confirmed, actor.Office, nil, func(in *Input) { in.ServedOn = "2026-04-30" }, "served_on"},
		{"due before served", Order, Confirmed, actor.Office, nil, func(in *Input) { in.DueOn = "2026-05-18" }, "due_on"},
		{"on the spot, but general", CorrectOnSpot, Confirmed, actor.Office, func(p *Problem) { p.Severity = General }, nil, "not_minor"},
		{"on the spot, not acknowledged", CorrectOnSpot, Confirmed, actor.Office, nil, func(in *Input) { in.Acknowledged = false }, "acknowledged"},
		{"on the spot, no photo", CorrectOnSpot, Confirmed, actor.Office, nil, func(in *Input) { in.Photos = nil }, "photos"},
		{"report without measures", Submit, Rectifying, actor.Agency, nil, func(in *Input) { in.Measures = " \n " }, "measures"},
		{"report without evidence", Submit, Rectifying, actor.Agency, nil, func(in *Input) { in.Photos = nil }, "photos"},
		{"report with a hash that is none", Submit, Rectifying, actor.Agency, nil, func(in *Input) { in.Photos = []string{"../../etc"} }, "photos"},
		{"red line without who is responsible", Submit, Rectifying, actor.Agency, func(p *Problem) { p.Severity = Redline }, func(in *Input) { in.Responsible = "" }, "responsible"},
		{"general without who is responsible", Submit, Rectifying, actor.Agency, func(p *Problem) { p.Severity = General }, func(in *Input) { in.Responsible = "" }, ""},
		{"extension of 20 days", AskExtension, Rectifying, actor.Agency, nil, func(in *Input) { in.Until = "2026-06-03" }, ""},
		{"extension of 21 days", AskExtension, Rectifying, actor.Agency, nil, func(in *Input) { in.Until = "2026-06-04" }, "until"},
		{"extension that is none", AskExtension, Rectifying, actor.Agency, nil, func(in *Input) { in.Until = "2026-05-14" }, "until"},
		{"extension to a day gone by", AskExtension, Rectifying, actor.Agency, nil, func(in *Input) { in.Until = "2026-05-19" }, "until"},
		{"extension to today", AskExtension, Rectifying, actor.Agency, nil, func(in *Input) { in.Until = "2026-05-20" }, ""},
		{"granted to a day gone by", Extend, Rectifying, actor.Office, nil, func(in *Input) { in.Until = "2026-05-19" }, "until"},
		{"a second extension", AskExtension, Rectifying, actor.Agency, func(p *Problem) { p.Extended = true }, nil, "extended"},
		{"asked twice", AskExtension, Rectifying, actor.Agency, func(p *Problem) { p.ExtensionAsked = "2026-05-25" }, nil, "asked"},
		{"granted, not asked", Extend, Rectifying, actor.Office, func(p *Problem) { p.ExtensionAsked = "" }, nil, "not_asked"},
		{"granted for too long", Extend, Rectifying, actor.Office, nil, func(in *Input) { in.Until = "2026-06-04" }, "until"},
		{"escalate before it is overdue", Escalate, Rectifying, actor.County, func(p *Problem) { p.DueOn = "2026-05-20" }, nil, "not_overdue"},
		{"escalate the day after", Escalate, Rectifying, actor.County, func(p *Problem) { p.DueOn = "2026-05-19" }, func(in *Input) { in.ServedOn = "2026-05-20" }, ""},
		{"a reminder served on the day the sheet was due", Escalate, Rectifying, actor.County, nil, func(in *Input) { in.ServedOn = "2026-05-14" }, "served_on"},
		{"a reminder served the day after", Escalate, Rectifying, actor.County, nil, func(in *Input) { in.ServedOn = "2026-05-15" }, ""},
		{"a supervision letter served before the reminder was due", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung = TXH }, func(in *Input) { in.Rung, in.ServedOn = DBH, "2026-05-13" }, "served_on"},
		{"an opinion served before the supervision letter was due", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung = DBH }, func(in *Input) { in.Rung, in.ServedOn = YJS, "2026-05-14" }, "served_on"},
		{"a decision served before the opinion was due", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung, p.YJSDueOn = YJS, "2026-05-14" }, func(in *Input) { in.Rung, in.ServedOn = JDS, "2026-05-10" }, "served_on"},
		{"a decision served on the day the opinion was due", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung, p.YJSDueOn, p.DueOn = YJS, "2026-05-16", "2026-05-14" }, func(in *Input) { in.Rung, in.ServedOn = JDS, "2026-05-16" }, "served_on"},
		{"the leader does not wait for a date", Escalate, Rectifying, actor.Leader, nil, func(in *Input) { in.ServedOn = "2026-05-10" }, ""},
		{"the leader's decision served before the letter under it", Escalate, Rectifying, actor.Leader, nil, func(in *Input) { in.ServedOn = "2026-05-05" }, "served_on"},
		{"escalate two rungs", Escalate, Rectifying, actor.County, nil, func(in *Input) { in.Rung = DBH }, "next_rung"},
		{"decision without an opinion", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung = DBH }, func(in *Input) { in.Rung = JDS }, "no_opinion"},
		{"decision after the opinion's date", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung, p.YJSDueOn = YJS, "2026-05-14" }, func(in *Input) { in.Rung = JDS }, ""},
		{"decision while the opinion runs", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung, p.YJSDueOn = YJS, "2026-05-20" }, func(in *Input) { in.Rung = JDS }, "opinion_running"},
		{"the leader overrides with a reason", Escalate, Rectifying, actor.Leader, func(p *Problem) { p.DueOn = "2026-06-30" }, nil, ""},
		{"the leader overrides without", Escalate, Rectifying, actor.Leader, nil, func(in *Input) { in.OverrideReason = "" }, "override_reason"},
		{"the leader takes a lower rung", Escalate, Rectifying, actor.Leader, nil, func(in *Input) { in.Rung = DBH }, "rung"},
		{"nothing above a decision", Escalate, Rectifying, actor.County, func(p *Problem) { p.Rung = JDS }, nil, "top"},
		{"the reporter closes", Close, Submitted, actor.Office, func(p *Problem) { p.ReporterID = uuid.NullUUID{UUID: me, Valid: true} }, nil, "own_report"},
		{"the county's reporter closes", Close, Submitted, actor.County, func(p *Problem) { p.ReporterID = uuid.NullUUID{UUID: me, Valid: true} }, nil, "own_report"},
		{"who told of it closes", Close, Submitted, actor.Office, func(p *Problem) { p.ToldBy = uuid.NewString() + " " + me.String() }, nil, "own_report"},
		{"who told of it closes a red line", Close, Submitted, actor.County, func(p *Problem) { p.Severity, p.ToldBy = Redline, me.String() }, nil, "own_report"},
		{"others told of it", Close, Submitted, actor.Office, func(p *Problem) { p.ToldBy = uuid.NewString() }, nil, ""},
		{"the office closes a red line", Close, Submitted, actor.Office, func(p *Problem) { p.Severity = Redline }, nil, "redline_county"},
		{"the county closes a red line", Close, Submitted, actor.County, func(p *Problem) { p.Severity = Redline }, nil, ""},
		{"a red line closed without a look back", Close, Submitted, actor.County, func(p *Problem) { p.Severity = Redline }, func(in *Input) { in.LookBackOn = "" }, "look_back_on"},
		{"a look back today", Close, Submitted, actor.County, nil, func(in *Input) { in.LookBackOn = "2026-05-20" }, "look_back_on"},
		{"no look back on a minor one", Close, Submitted, actor.Office, nil, func(in *Input) { in.LookBackOn = "" }, ""},
		{"closed without a conclusion", Close, Submitted, actor.Office, nil, func(in *Input) { in.Conclusion = "" }, "conclusion"},
		{"returned without a reason", Return, Submitted, actor.Office, nil, func(in *Input) { in.Reason = "" }, "reason"},
		{"returned for yesterday", Return, Submitted, actor.Office, nil, func(in *Input) { in.DueOn = "2026-05-19" }, "due_on"},
		{"the office returns a red line", Return, Submitted, actor.Office, func(p *Problem) { p.Severity = Redline }, nil, "redline_county"},
		{"returned to an agency that has no text", Return, Submitted, actor.Office, func(p *Problem) { p.AgencyText = "" }, nil, "not_deidentified"},
		{"referred to nobody", Refer, Submitted, actor.County, nil, func(in *Input) { in.To = "" }, "to"},
		{"referred without a letter's number", Refer, Submitted, actor.County, nil, func(in *Input) { in.Letter = "" }, "letter_number"},
		{"pressed without words", Press, Referred, actor.County, nil, func(in *Input) { in.Text = " " }, "text"},
		{"handled tomorrow", Press, Referred, actor.County, nil, func(in *Input) { in.HandledOn = "2026-05-21" }, "handled_on"},
		{"handled before it was sent", Press, Referred, actor.County, nil, func(in *Input) { in.HandledOn = "2026-05-01" }, "handled_on"},
		{"handled since", Press, Referred, actor.County, nil, func(in *Input) { in.HandledOn = "2026-05-19" }, ""},
		{"pressed after the outcome", Press, Referred, actor.County, func(p *Problem) { p.Outcome = "done" }, nil, "outcome"},
		{"no outcome chosen", Outcome, Referred, actor.County, nil, func(in *Input) { in.Outcome = "fine" }, "outcome"},
		{"silent on the day it is due", Outcome, Referred, actor.County, func(p *Problem) { p.OutcomeDueOn = "2026-05-20" }, func(in *Input) { in.Outcome = "silent" }, "outcome"},
		{"silent the day after", Outcome, Referred, actor.County, func(p *Problem) { p.OutcomeDueOn = "2026-05-19" }, func(in *Input) { in.Outcome = "silent" }, ""},
		{"marked twice", Accountability, Submitted, actor.County, func(p *Problem) { p.Accountability = true }, nil, "marked"},
		{"objects without a statement", Object, Rectifying, actor.Agency, nil, func(in *Input) { in.Text = "" }, "text"},
		{"a text without end", Object, Rectifying, actor.Agency, nil, func(in *Input) { in.Text = strings.Repeat("长", 4001) }, "text"},
	} {
		p, in := ripe(c.from, c.deed), full(c.deed, c.role)
		if c.p != nil {
			c.p(&p)
		}
		if c.in != nil {
			c.in(&in)
		}
		_, _, err := p.Take(c.deed, actor.Actor{ID: me, Role: c.role}, in, noon)
		if got := lifecycletest.Blame(err); got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.name, got, err, c.want)
		}
	}
}

func TestOverdueIsDerived(t *testing.T) {
	for _, c := range []struct {
		s    State
		due  deadline.Date
		want bool
	}{
		{Rectifying, "2026-05-19", true}, {Rectifying, "2026-05-20", false}, {Rectifying, "", false},
		{Disputed, "2026-05-19", true}, {Submitted, "2026-05-19", false}, {Closed, "2026-05-19", false}, {Confirmed, "", false},
	} {
		if got := (Problem{State: c.s, DueOn: c.due}).Overdue(today); got != c.want {
			t.Errorf("%s due %q: overdue %v", c.s, c.due, got)
		}
	}
}

// What deeds leave behind, step by step over two rounds.
func TestWhatDeedsChange(t *testing.T) {
	p := ripe(Rectifying, AskExtension)
	agencyMan, officeMan := actor.Actor{ID: uuid.New(), Role: actor.Agency}, actor.Actor{ID: uuid.New(), Role: actor.Office}
	do := func(d Deed, who actor.Actor) Event {
		t.Helper()
		in := full(d, who.Role)
		got, ev, err := p.Take(d, who, in, noon)
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		p = got
		return ev
	}
	if ev := do(AskExtension, agencyMan); p.ExtensionAsked != "2026-05-25" || p.DueOn != "2026-05-14" || !ev.ForAgency {
		t.Errorf("asked: %+v", p)
	}
	do(Extend, officeMan)
	if !p.Extended || p.ExtensionAsked != "" || p.DueOn != "2026-05-29" || p.OriginalDueOn != "2026-05-14" {
		t.Errorf("extended: %+v", p)
	}
	do(Submit, agencyMan)
	do(Return, officeMan)
	if p.Round != 2 || !p.Extended || p.OriginalDueOn != "2026-05-29" {
		t.Errorf("returned: %+v", p)
	}
	do(Submit, agencyMan)
	if ev := do(Close, officeMan); ev.Text != "" || !ev.ForAgency || ev.Data["conclusion"] == nil || p.VerifierID.UUID != officeMan.ID {
		t.Errorf("closed: the conclusion is not for the agency: %+v", ev)
	}
	do(Reopen, actor.Actor{ID: uuid.New(), Role: actor.County})
	if p.Reopened != 1 || p.ClosedAt != nil || p.Extended || p.Round != 3 || p.DueOn == "" {
		t.Errorf("reopened: %+v", p)
	}
	if ev := do(Refer, actor.Actor{ID: uuid.New(), Role: actor.County}); ev.ForAgency {
		t.Error("where a matter goes is not the agency's to read")
	}
}

func TestGoldenPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The life-cycle of a problem\n\nPrinted from the table in `internal/problem/lifecycle.go`; a test holds the two together (`-update` rewrites this page).\nOverdue is derived (`due_on` before today while rectifying or disputed), never a state. Every deed leaves an event with the state after it and an audit row.\n\n```mermaid\nstateDiagram-v2\n  [*] --> confirmed: register\n")
	for _, s := range steps {
		for _, from := range s.From {
			to := s.To
			if to == same {
				to = from
			}
			fmt.Fprintf(&b, "  %s --> %s: %s\n", from, to, s.Deed)
		}
	}
	b.WriteString("  closed --> [*]\n  withdrawn --> [*]\n  referred --> [*]\n```\n\n| deed | from | to | who | asks for |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range steps {
		to := string(s.To)
		if s.To == same {
			to = "(same)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.Deed, lifecycletest.Names(s.From, ", "), to, lifecycletest.Names(s.Who, ", "), lifecycletest.Asks(s.Needs, ", "))
	}
	lifecycletest.Golden(t, "problem-lifecycle.md", b.String()+guardsPage, *update)
}

const guardsPage = `
Beyond the table, the guards (` + "`internal/problem/guards.go`" + `, DOMAIN G.2):

- **order** needs a text free of identity (deidentify) first. The office begins with FBK or TXH, the county with DBH or YJS; where no office stands between, the county with any of the four.
- What people told us (feedback, complaint, contact, transfer, activity) leaves in company (` + "`docs/adr/0015`" + `): **queue** hands the letter in, and it is served on the Monday two weeks after its round, among at least five businesses. **order** sends it at once only where it stands among five, with a written reason. Among fewer one person does not decide: what was handed in leaves at once when another of the county, or a leader, agrees with a written reason (**hasten**; on the time line it is an order).
- **correct-on-spot** is for minor ones that a supervisor saw herself, with the agency's acknowledgment and a photo.
- **submit** needs measures, result and at least one piece of evidence; for a red line also what became of those responsible.
- **ask-extension, extend** once, to at most 20 days after the original date and not to a day gone by.
- **escalate** when overdue, to the next rung, served on a day after the one before it was due. JDS needs a YJS that was served and whose date has passed; the leader may go to JDS at once, with a written reason.
- **close** by someone other than the reporters (who registered it, who wrote a lead behind it); a red line by the county, with a date to look back on. **return** of a red line is the county's too.
- **refer** needs the number of the letter; a written outcome is due by DL26. **press** asks for it anew; said to be handled, it is due by DL10. **outcome** writes down what came; that nothing came, only after the day it was due. None of it is the agency's to read.
- **deidentify, queue, order, hasten** are another person's, where the problem is what was said of a visit that one stood beside: its origin, fact and sources are not shown to her.
- **accountability** is a mark, set once.
`
