package lead

import (
	"cmp"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lifecycle/lifecycletest"
	"suixing/internal/problem"
)

var update = flag.Bool("update", false, "write the golden page")

// documented is DOMAIN G.2's first lines and DESIGN section 3 written a second time.
const documented = `
register open registered office,county
attach   open attached   office,county
dismiss  open dismissed  office,county
refer    open referred   county
press    referred -      county
outcome  referred -      county
`

func TestEveryTriple(t *testing.T) {
	lifecycletest.Every(t, steps, States, documented, func(s State, d Deed, r actor.Role) lifecycletest.Tried[Deed, State] {
		agency, pid, second := uuid.New(), uuid.New(), uuid.New()
		in := Decision{Severity: problem.Redline, Basis: "条例", AgencyID: &agency, ProblemID: &pid, SecondID: &second, Reason: "无可查线索", To: "信访局", Letter: "示司移〔2026〕1号", Text: "电话催问", Outcome: "done", Awaited: Awaited{Rule: "DL26", Due: "2026-06-03"}}
		l, who := Lead{ID: uuid.New(), State: s, Severity: problem.General, Version: 1}, actor.Actor{ID: uuid.New(), Role: r}
		may, _ := l.Offers(who)
		got, ev, err := l.Take(d, who, in, time.Date(2026, 5, 20, 4, 0, 0, 0, time.UTC))
		if err == nil && s == Open && (got.DecidedBy.UUID != who.ID || got.DecidedAt == nil) {
			t.Errorf("%s × %s × %s: not decided by the one who decided: %+v", s, d, r, got)
		}
		return lifecycletest.Tried[Deed, State]{State: got.State, EventState: ev.State, EventDeed: ev.Deed, Offered: may, Err: err}
	})
}

func TestGuards(t *testing.T) {
	me, agency, pid := uuid.New(), uuid.New(), uuid.New()
	ok := Decision{Severity: problem.General, Basis: "条例", AgencyID: &agency, ProblemID: &pid, Reason: "无可查线索", To: "信访局", Letter: "示司移〔2026〕1号", Text: "电话催问", Outcome: "done", Awaited: Awaited{Rule: "DL26", Due: "2026-06-03"}}
	const said = "反馈表反映：总体评价“很不满意”。本人写道：示例镇A综合执法大队的人拿走两箱东西没有写单子"
	sent := func(l *Lead) {
		at := time.Now()
		l.State, l.DecidedAt, l.Due = Referred, &at, deadline.DayOf(at).Add(14)
	}
	redline := func(l *Lead) { l.Severity = problem.Redline }
	voice := func(l *Lead) { l.Origin, l.Fact = "feedback", said }
	for _, c := range []struct {
		name string
		deed Deed
		role actor.Role
		l    func(*Lead)
		in   func(*Decision)
		want string
	}{
		{"no basis", Register, actor.Office, nil, func(d *Decision) { d.Basis = " " }, "basis"},
		{"no severity", Register, actor.Office, nil, func(d *Decision) { d.Severity = "" }, "severity"},
		{"no agency", Register, actor.Office, nil, func(d *Decision) { d.AgencyID = nil }, "agency_id"},
		{"a red line alone", Register, actor.Office, nil, func(d *Decision) { d.Severity = problem.Redline }, "second_id"},
		{"a red line with oneself", Register, actor.County, nil, func(d *Decision) { d.Severity = problem.Redline; d.SecondID = &me }, "second_id"},
		{"dismissed without a reason", Dismiss, actor.Office, nil, func(d *Decision) { d.Reason = "" }, "reason"},
		{"the office sets a red line aside", Dismiss, actor.Office, func(l *Lead) { l.Severity = problem.Redline }, nil, "redline_county"},
		{"the county sets a red line aside", Dismiss, actor.County, func(l *Lead) { l.Severity = problem.Redline }, nil, ""},
		{"who reported a red line sets it aside", Dismiss, actor.County, func(l *Lead) { l.Severity = problem.Redline; l.ReporterID = null(me) }, nil, "own_report"},
		{"the office registers a red line as less", Register, actor.Office, redline, nil, "redline_county"},
		{"the office registers a red line as a minor one", Register, actor.Office, redline, func(d *Decision) { d.Severity = problem.Minor }, "redline_county"},
		{"the office registers a red line as one", Register, actor.Office, redline, func(d *Decision) { d.Severity, d.SecondID = problem.Redline, &pid }, ""},
		{"the county registers a red line as less", Register, actor.County, redline, nil, ""},
		{"the office registers a general one as a red line", Register, actor.Office, nil, func(d *Decision) { d.Severity, d.SecondID = problem.Redline, &pid }, ""},
		{"the office attaches a red line to less", Attach, actor.Office, redline, func(d *Decision) { d.Target = problem.General }, "redline_county"},
		{"the office attaches a red line to one", Attach, actor.Office, redline, func(d *Decision) { d.Target = problem.Redline }, ""},
		{"the county attaches a red line to less", Attach, actor.County, redline, func(d *Decision) { d.Target = problem.General }, ""},
		{"the office attaches a general one", Attach, actor.Office, nil, func(d *Decision) { d.Target = problem.General }, ""},
		{"by hand without a file", Register, actor.Office, func(l *Lead) { l.Origin = "casefile" }, nil, "photos"},
		{"a transfer without a file", Register, actor.County, func(l *Lead) { l.Origin = "transfer" }, nil, "photos"},
		{"by hand with a file", Register, actor.Office, func(l *Lead) { l.Origin = "contact" }, func(d *Decision) { d.Photos = []string{"a hash"} }, ""},
		{"a visit: its sealed sheet is there", Register, actor.Office, func(l *Lead) { l.Origin = "visit" }, nil, ""},
		{"an answer without a fact of one's own", Register, actor.Office, voice, nil, "fact"},
		{"a complaint without a fact of one's own", Register, actor.Office, func(l *Lead) { l.Origin = "complaint" }, nil, "fact"},
		{"an answer repeated", Register, actor.Office, voice, func(d *Decision) { d.Fact = "核实：" + said }, "fact"},
		{"the rating repeated", Register, actor.Office, voice, func(d *Decision) { d.Fact = "企业总体评价“很不满意”，经核实属实" }, "fact"},
		{"eight characters repeated", Register, actor.Office, voice, func(d *Decision) { d.Fact = "进店时说着拿走两箱东西没有写" }, "fact"},
		{"seven characters repeated", Register, actor.Office, voice, func(d *Decision) { d.Fact = "查明：拿走两箱东西没，无清单" }, ""},
		{"the unit's name is no quotation", Register, actor.Office, voice, func(d *Decision) {
			d.Fact, d.Agency = "示例镇A综合执法大队扣押物品未开清单", "示例镇A综合执法大队"
		}, ""},
		{"a visit's words may stay", Register, actor.Office, func(l *Lead) { l.Origin, l.Fact = "visit", said }, func(d *Decision) { d.Fact = said }, ""},
		{"referred to nobody", Refer, actor.County, nil, func(d *Decision) { d.To = "" }, "to"},
		{"referred without a letter's number", Refer, actor.County, nil, func(d *Decision) { d.Letter = " " }, "letter_number"},
		{"no day for the outcome", Refer, actor.County, nil, func(d *Decision) { d.Awaited = Awaited{} }, "letter_number"},
		{"pressed without words", Press, actor.County, sent, func(d *Decision) { d.Text = "" }, "text"},
		{"handled tomorrow", Press, actor.County, sent, func(d *Decision) { d.HandledOn = deadline.DayOf(time.Now()).Add(1) }, "handled_on"},
		{"handled before it was sent", Press, actor.County, sent, func(d *Decision) { d.HandledOn = "2026-01-01" }, "handled_on"},
		{"no outcome chosen", Outcome, actor.County, sent, func(d *Decision) { d.Outcome = "" }, "outcome"},
		{"silent before it is due", Outcome, actor.County, sent, func(d *Decision) { d.Outcome = "silent" }, "outcome"},
		{"silent after", Outcome, actor.County, func(l *Lead) { sent(l); l.Due = "2026-01-01" }, func(d *Decision) { d.Outcome = "silent" }, ""},
		{"a second outcome", Outcome, actor.County, func(l *Lead) { sent(l); l.Outcome = "done" }, nil, "outcome"},
		{"the office writes an outcome", Outcome, actor.Office, sent, nil, "forbidden"},
		{"attached to nothing", Attach, actor.Office, nil, func(d *Decision) { d.ProblemID = nil }, "problem_id"},
	} {
		l, in := Lead{State: Open, Severity: problem.General}, ok
		if c.l != nil {
			c.l(&l)
		}
		if c.in != nil {
			c.in(&in)
		}
		_, _, err := l.Take(c.deed, actor.Actor{ID: me, Role: c.role}, in, time.Now())
		if got := lifecycletest.Blame(err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestGoldenPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Triage of a lead\n\nPrinted from the table in `internal/lead/triage.go`; a test holds the two together (`-update` rewrites this page).\nEvery origin raises a lead; the same origin raises the same lead again. A red line seen on a visit is registered at once by the system.\n\n```mermaid\nstateDiagram-v2\n  [*] --> open: raise\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "  %s --> %s: %s\n", s.From[0], cmp.Or(s.To, s.From[0]), s.Deed)
	}
	b.WriteString("```\n\n| deed | from | to | who | asks for |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.Deed, s.From[0], cmp.Or(s.To, "(same)"), lifecycletest.Names(s.Who, ", "), lifecycletest.Asks(s.Needs, ", "))
	}
	b.WriteString("\n- **register** of a red line takes two people (second_id); made less than a red line by the county alone. It needs evidence (docs/adr/0017), and of what people told us a fact in words of one's own. Its reporters are who registers it and who wrote the leads behind it: someone else must close it.\n- **attach** needs an open problem in the person's scope; a red line joins what is none by the county alone.\n- **dismiss** needs a written reason; a red line is set aside by the county alone, never by who reported it.\n- **refer** is the county's: the matter belongs to another organ. It needs the number of the letter; a written outcome is due by DL26. **press** asks for it anew; said to be handled, it is due by DL10. **outcome** writes down what came; that nothing came, only after the day it was due. As of complaints.\n")
	lifecycletest.Golden(t, "lead-lifecycle.md", b.String(), *update)
}
