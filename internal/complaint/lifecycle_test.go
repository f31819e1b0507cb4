package complaint

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
	noon   = time.Date(2026, 5, 20, 4, 0, 0, 0, time.UTC)
	second = actor.Actor{ID: uuid.New(), Role: actor.County, Name: "测试员乙"}
	third  = actor.Actor{ID: uuid.New(), Role: actor.County, Name: "测试员丙"}
	home   = uuid.NullUUID{UUID: uuid.New(), Valid: true}
)

// documented is DOMAIN B.4 W1 and F.3 written down a second time: deed, from, to, who. The table in the code must say the same.
const documented = `
classify          received,accepted,investigating                  -             office,county
supplement        received,accepted,investigating,proposed,decided,answered - office,county,hotline
accept            received                                         accepted      office,county
refuse            received                                         refused       office,county
transfer          received,accepted,investigating                  transferred   office,county
assign            accepted,investigating                           investigating office,county
recuse            received,accepted,investigating                  -             office,county
ask-completion    received,accepted,investigating                  -             office,county
stop-clock        received,accepted,investigating                  -             office,county
run-on            received,accepted,investigating                  -             office,county
ask-extension     accepted,investigating                           -             office,county
extend            accepted,investigating                           -             leader
decline-extension accepted,investigating                           -             leader
decide            investigating                                    proposed      office,county
approve           proposed                                         decided       leader
send-back         proposed                                         investigating leader
press             transferred                                      -             office,county
outcome           transferred                                      -             office,county
answer            decided                                          answered      office,county
follow-up         answered,closed                                  -             office,county
close             answered,refused,transferred                     closed        office,county
reopen            answered,closed,refused,transferred              accepted      office,county
give-access       *                                                -             office,county
correct-person    *                                                -             office,county
erase-person      *                                                -             office,county
`

// ripe is a complaint in a state, with everything a deed's guard may ask for, on which who works.
func ripe(s State, d Deed, who actor.Actor) Case {
	c := Case{ID: uuid.New(), Number: "TS2026-0001", Channel: "phone", OfficeID: home, Target: "示例镇A综合执法大队", Officer: "执法员老李", Already: "none", Urgency: "normal", Category: "manner",
		HasContact: true, About: AboutAgency, State: s, DueRule: "DL02", DueOn: "2026-06-05", ReceivedAt: noon.AddDate(0, 0, -14), Version: 3, LeadState: "open"}
	if s != Received {
		c.Investigators = []uuid.UUID{who.ID, second.ID}
	} else if who.Role == actor.County {
		c.OfficeID = uuid.NullUUID{}
	}
	c.ExtensionAsked = d == Extend || d == DeclineExtension
	if d == RunOn {
		c.PausedOn, c.PauseGround, c.StoppedSum = "2026-05-18", groundAppraisal, []byte(`{"rule":"DL02","from":"2026-05-06","due":"2026-06-05"}`)
	}
	if d == Close {
		c.Outcome = "done"
	}
	return c
}

// full is an input that gives every deed what it asks for.
func full(who actor.Actor) Decision {
	return Decision{Text: "已经核实，照此办理", Reason: "情况复杂，要再调取录像", Ground: "settled", Remedies: "可以在六十日内申请行政复议", To: "县市场监管局", FirstID: &who.ID, SecondID: &second.ID,
		Stop: groundAppraisal, ArrivedOn: "2026-05-19", Outcome: "done", Photos: []string{strings.Repeat("a", 64)},
		AccountID: &who.ID, Finding: "unfounded", How: "phone", ToldOn: "2026-05-20", Deidentified: true, GotAnswer: "yes", Satisfied: "fair", Retaliation: "no", Category: "procedure", Subcategory: "no_badge",
		Urgency: "urgent", Verified: "回拨登记的电话", Name: "王小满", Phone: "13800000000", People: []actor.Actor{who, second, third},
		Sum: deadline.DueSum{Rule: "DL02", Due: "2026-06-19"}}
}

// Every state, every deed, every role: what the documented table allows works, all else is refused in the right way.
func TestEveryTriple(t *testing.T) {
	lifecycletest.Every(t, steps, States, documented, func(s State, d Deed, r actor.Role) lifecycletest.Tried[Deed, State] {
		who := actor.Actor{ID: uuid.New(), Role: r, Name: "测试员甲"}
		if r == actor.Office {
			who.OfficeID = home
		}
		c := ripe(s, d, who)
		may, _ := c.Offers(who)
		got, ev, err := c.Take(d, who, full(who), noon)
		if err != nil && got.DueOn != c.DueOn {
			t.Errorf("%s × %s × %s was refused and changed the complaint", s, d, r)
		}
		return lifecycletest.Tried[Deed, State]{State: got.State, EventState: ev.State, EventDeed: ev.Deed, Offered: may, Err: err}
	})
}

func TestGuards(t *testing.T) {
	me := actor.Actor{ID: uuid.New(), Role: actor.Office, Name: "测试员甲", OfficeID: home}
	chief := actor.Actor{ID: uuid.New(), Role: actor.County, Name: "测试员丁"}
	for _, one := range []struct {
		name string
		deed Deed
		from State
		who  actor.Actor
		c    func(*Case)
		in   func(*Decision)
		want string // field or code; empty: works
	}{
		{"accepts what lies with a court, without saying why", Accept, Received, me, func(c *Case) { c.Already = "suit" }, func(in *Decision) { in.Reason = "" }, "reason"},
		{"accepts what lies with a court, the person insists", Accept, Received, me, func(c *Case) { c.Already = "suit" }, nil, ""},
		{"accepts a machine's", Accept, Received, me, func(c *Case) { c.Suspect = true }, nil, "suspect"},
		{"refuses a machine's", Refuse, Received, me, func(c *Case) { c.Suspect = true }, nil, ""},
		{"refuses without a ground", Refuse, Received, me, nil, func(in *Decision) { in.Ground = "busy" }, "ground"},
		{"refuses a named one for want of a clue", Refuse, Received, me, nil, func(in *Decision) { in.Ground = "no_clue" }, "ground"},
		{"refuses a nameless one for want of a clue", Refuse, Received, me, func(c *Case) { c.Anonymous = true }, func(in *Decision) { in.Ground = "no_clue" }, ""},
		{"refuses without remedies", Refuse, Received, me, nil, func(in *Decision) { in.Remedies = "" }, "remedies"},
		{"refuses without the tick", Refuse, Received, me, nil, func(in *Decision) { in.Deidentified = false }, "deidentified"},
		{"refuses what triage found true", Refuse, Received, me, func(c *Case) { c.LeadState = "registered" }, nil, "registered"},
		{"told tomorrow", Refuse, Received, me, nil, func(in *Decision) { in.ToldOn = "2026-05-21" }, "told_on"},
		{"told before it came in", Refuse, Received, me, nil, func(in *Decision) { in.ToldOn = "2026-05-01" }, "told_on"},
		{"transfers to the very agency", Transfer, Received, me, nil, func(in *Decision) { in.To = "示例镇A综合执法大队" }, "to"},
		{"one investigator", Assign, Accepted, me, nil, func(in *Decision) { in.SecondID = nil }, "second_id"},
		{"the same investigator twice", Assign, Accepted, me, nil, func(in *Decision) { in.SecondID = in.FirstID }, "second_id"},
		{"an investigator from elsewhere", Assign, Accepted, me, nil, func(in *Decision) { id := uuid.New(); in.SecondID = &id }, "second_id"},
		{"an investigator who stood back", Assign, Accepted, me, func(c *Case) { c.Recused = []uuid.UUID{second.ID} }, nil, "second_id"},
		{"an investigator named in the complaint", Assign, Accepted, me, func(c *Case) { c.Officer = "测试员乙" }, nil, "second_id"},
		{"three investigators", Assign, Accepted, me, nil, func(in *Decision) { in.ThirdID = &third.ID }, ""},
		{"his own unit", Accept, Received, me, func(c *Case) { c.About, c.AboutOfficeID = AboutOffice, home }, nil, "own_unit"},
		{"another office's unit, by the county", Accept, Received, chief, func(c *Case) { c.About, c.AboutOfficeID = AboutOffice, home }, nil, ""},
		{"the bureau itself", Accept, Received, chief, func(c *Case) { c.About = AboutBureau }, nil, "own_unit"},
		{"the bureau itself refuses", Refuse, Received, chief, func(c *Case) { c.About = AboutBureau }, nil, "own_unit"},
		{"the bureau itself, sent up", Transfer, Received, chief, func(c *Case) { c.About = AboutBureau }, nil, ""},
		{"himself", Accept, Received, me, func(c *Case) { c.Officer = "司法所的测试员甲" }, nil, "own_name"},
		{"stood back", Accept, Received, me, func(c *Case) { c.Recused = []uuid.UUID{me.ID} }, nil, "recused"},
		{"recuses another", Recuse, Accepted, me, nil, func(in *Decision) { in.AccountID = &second.ID }, "recusal"},
		{"the county recuses another", Recuse, Accepted, chief, nil, func(in *Decision) { in.AccountID = &second.ID }, ""},
		{"recuses a stranger", Recuse, Accepted, chief, nil, func(in *Decision) { id := uuid.New(); in.AccountID = &id }, "account_id"},
		{"recuses without a reason", Recuse, Accepted, me, nil, func(in *Decision) { in.Reason = "" }, "reason"},
		{"asks twice", AskExtension, Investigating, me, func(c *Case) { c.ExtensionAsked = true }, nil, "asked"},
		{"asks a second extension", AskExtension, Investigating, me, func(c *Case) { c.Extended = true }, nil, "extended"},
		{"extends what nobody asked", Extend, Investigating, actor.Actor{ID: uuid.New(), Role: actor.Leader}, func(c *Case) { c.ExtensionAsked = false }, nil, "not_asked"},
		{"decides alone", Decide, Investigating, me, func(c *Case) { c.Investigators = []uuid.UUID{me.ID} }, nil, "investigators"},
		{"decides after the other stood back", Decide, Investigating, me, func(c *Case) { c.Investigators, c.Recused = []uuid.UUID{me.ID}, []uuid.UUID{second.ID} }, nil, "investigators"},
		{"decides without being on it", Decide, Investigating, chief, func(c *Case) { c.Investigators = []uuid.UUID{me.ID, second.ID} }, nil, "not_investigator"},
		{"found true, and the lead still waits", Decide, Investigating, me, nil, func(in *Decision) { in.Finding = "founded" }, "lead_open"},
		{"found true, and triage set the lead aside", Decide, Investigating, me, func(c *Case) { c.LeadState = "dismissed" }, func(in *Decision) { in.Finding = "founded" }, "lead_ended"},
		{"partly true, and the lead was sent away", Decide, Investigating, me, func(c *Case) { c.LeadState = "referred" }, func(in *Decision) { in.Finding = "partly" }, "lead_ended"},
		{"found true, joined to a problem", Decide, Investigating, me, func(c *Case) { c.LeadState = "attached" }, func(in *Decision) { in.Finding = "founded" }, ""},
		{"found untrue, and there is a problem", Decide, Investigating, me, func(c *Case) { c.LeadState = "registered" }, nil, "registered"},
		{"cannot be told, and it joined a problem", Decide, Investigating, me, func(c *Case) { c.LeadState = "attached" }, func(in *Decision) { in.Finding = "unverifiable" }, "registered"},
		{"found untrue after the problem was withdrawn", Decide, Investigating, me, func(c *Case) { c.LeadState, c.ProblemWithdrawn = "registered", true }, nil, ""},
		{"found true after the problem was withdrawn", Decide, Investigating, me, func(c *Case) { c.LeadState, c.ProblemWithdrawn = "registered", true }, func(in *Decision) { in.Finding = "founded" }, "problem_withdrawn"},
		{"found untrue, and triage set the lead aside", Decide, Investigating, me, func(c *Case) { c.LeadState = "dismissed" }, nil, ""},
		{"found true, registered", Decide, Investigating, me, func(c *Case) { c.LeadState = "registered" }, func(in *Decision) { in.Finding = "partly" }, ""},
		{"decides while the clock stands still", Decide, Investigating, me, func(c *Case) { c.PausedOn = "2026-05-18" }, nil, "paused"},
		{"asks to complete twice", AskCompletion, Investigating, me, func(c *Case) { c.AskedOnce = true }, nil, "asked_once"},
		{"asks to complete in the person's own words", AskCompletion, Accepted, me, func(c *Case) { c.Fact = "两个人进店没有出示证件，拿走两箱货。" }, func(in *Decision) { in.Text = "您说两个人进店没有出示证件，拿走，请补照片。" }, "text"},
		{"asks to complete without the tick", AskCompletion, Accepted, me, nil, func(in *Decision) { in.Deidentified = false }, "deidentified"},
		{"stops a clock that has run out", StopClock, Accepted, me, func(c *Case) { c.DueOn = "2026-05-19" }, nil, "overdue"},
		{"stops a clock without a paper", StopClock, Accepted, me, nil, func(in *Decision) { in.Photos = nil }, "photos"},
		{"stops a clock that stands", StopClock, Accepted, me, func(c *Case) { c.PausedOn = "2026-05-18" }, nil, "paused"},
		{"runs a clock on from before it stood", RunOn, Accepted, me, nil, func(in *Decision) { in.ArrivedOn = "2026-05-17" }, "arrived_on"},
		{"runs a clock on from tomorrow", RunOn, Accepted, me, nil, func(in *Decision) { in.ArrivedOn = "2026-05-21" }, "arrived_on"},
		{"extends a clock that stands still", Extend, Accepted, actor.Actor{ID: uuid.New(), Role: actor.Leader}, func(c *Case) { c.PausedOn = "2026-05-18" }, nil, "paused"},
		{"approves about himself", Approve, Proposed, actor.Actor{ID: uuid.New(), Role: actor.Leader, Name: "执法员老李"}, nil, nil, "own_name"},
		{"sends back without a reason", SendBack, Proposed, actor.Actor{ID: uuid.New(), Role: actor.Leader, Name: "测试员戊"}, nil, func(in *Decision) { in.Reason = "" }, "reason"},
		{"says nothing came, before it was due", Outcome, Transferred, me, nil, func(in *Decision) { in.Outcome = "silent" }, "outcome"},
		{"says nothing came, after it was due", Outcome, Transferred, me, func(c *Case) { c.DueOn = "2026-05-19" }, func(in *Decision) { in.Outcome = "silent" }, ""},
		{"puts away what was sent on and not answered", Close, Transferred, me, func(c *Case) { c.Outcome = "" }, nil, "no_outcome"},
		{"answers without the tick", Tell, Decided, me, nil, func(in *Decision) { in.Deidentified = false }, "deidentified"},
		{"answers in the person's own words", Tell, Decided, me, func(c *Case) { c.Fact = "两个人进店没有出示证件，拿走两箱货。" }, func(in *Decision) { in.Text = "您说：两个人进店没有出示证件，拿走，属实。" }, "text"},
		{"answers naming the unit", Tell, Decided, me, func(c *Case) { c.Fact = "示例镇A综合执法大队的人来了，没有出示证件。" }, func(in *Decision) { in.Text = "示例镇A综合执法大队已经改正。" }, ""},
		{"answers by pigeon", Tell, Decided, me, nil, func(in *Decision) { in.How = "pigeon" }, "how"},
		{"retaliation without words", FollowUp, Closed, me, nil, func(in *Decision) { in.Retaliation, in.Text = "yes", "" }, "text"},
		{"closes while the problem is open", Close, Answered, me, func(c *Case) { c.ProblemOpen = true }, nil, "problem_open"},
		{"a subclass of another class", Classify, Received, me, nil, func(in *Decision) { in.Subcategory = "bribes" }, "subcategory"},
		{"access without proof of person", GiveAccess, Closed, me, nil, func(in *Decision) { in.Verified = "" }, "verified"},
		{"access by who is not on the case", GiveAccess, Closed, me, func(c *Case) { c.Investigators = []uuid.UUID{second.ID, third.ID} }, nil, "not_handler"},
		{"erases twice", ErasePerson, Closed, me, func(c *Case) { c.HasContact = false }, nil, "no_person"},
		{"corrects to no number", CorrectPerson, Closed, me, nil, func(in *Decision) { in.Phone = "1" }, "phone"},
	} {
		c, in := ripe(one.from, one.deed, one.who), full(one.who)
		if one.c != nil {
			one.c(&c)
		}
		if one.in != nil {
			one.in(&in)
		}
		_, _, err := c.Take(one.deed, one.who, in, noon)
		if got := lifecycletest.Blame(err); got != one.want {
			t.Errorf("%s: %q, want %q (%v)", one.name, got, one.want, err)
		}
	}
}

func TestLifecycleGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The life-cycle of a complaint\n\nPrinted from the table in `internal/complaint/lifecycle.go`; a test holds the two together (`-update` rewrites this page).\n" +
		"Overdue is derived (`due_on` before today), never a state. Every deed leaves an event with the state after it and an audit row.\n\n```mermaid\nstateDiagram-v2\n  [*] --> received: file\n")
	for _, s := range steps {
		for _, from := range s.From {
			if s.To == same {
				continue
			}
			fmt.Fprintf(&b, "  %s --> %s: %s\n", from, s.To, s.Deed)
		}
	}
	b.WriteString("```\n\n| deed | from | to | who | due by | needs |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, s := range steps {
		to, due := string(s.To), Case{Channel: "phone", DueOn: "2026-05-20", HasContact: true}.dueFor(s.Deed, Decision{ToldOn: "2026-05-20"}, "2026-05-20")
		if s.To == same {
			to = "(same)"
		}
		by := due.rule
		if s.Deed == RunOn {
			by = "runs on"
		} else if due.ends {
			by = "ends"
		}
		from := lifecycletest.Names(s.From, " ")
		if len(s.From) == len(States) {
			from = "any"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", s.Deed, from, to, lifecycletest.Names(s.Who, " "), by, lifecycletest.Asks(s.Needs, " "))
	}
	b.WriteString("\nReceived: DL01 (DL15 for a ticket of 12345). Decided: DL05 where a higher organ handed it down. The leader approves every decision; until then it is `proposed`, and only then does what came to nothing end its lead.\n" +
		"While the clock stands still (`paused_on`) DL24 or DL25 says until when someone must look; `run-on` counts its own rule anew and leaves out the days between. A person is asked once to complete, and the clock stands no longer than DL24. The rules and their legal basis are data (`deadline_rules`).\n" +
		"The call after the answer (DL23) is owed to whoever left something to be called by: it runs on through `close`, until she was reached or was not on three days (`follow-up` with got_answer unreached).\n" +
		"Outside the table: `release` lets a complaint held back as a machine's raise its lead; `versions/{id}/settle` says which of two versions stands.\n\n" +
		"Who is in conflict keeps off every deed but standing back: who stood back, whose own unit or name is complained of. The hotline may always write down what a caller adds. A complaint about the bureau itself can only be transferred and followed up, by the county.\n" +
		"What is found true stands as a problem; what is not found true does not. Appointed anew after triage ended the lead, the inquiry has a lead again.\n")
	lifecycletest.Golden(t, "complaint-lifecycle.md", b.String(), *update)
}
