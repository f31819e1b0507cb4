package lead

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
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
`

func TestEveryTriple(t *testing.T) {
	lifecycletest.Every(t, steps, States, documented, func(s State, d Deed, r actor.Role) lifecycletest.Tried[Deed, State] {
		agency, pid, second := uuid.New(), uuid.New(), uuid.New()
		in := Decision{Severity: problem.Redline, Basis: "条例", AgencyID: &agency, ProblemID: &pid, SecondID: &second, Reason: "无可查线索", To: "信访局"}
		l, who := Lead{ID: uuid.New(), State: s, Severity: problem.General, Version: 1}, actor.Actor{ID: uuid.New(), Role: r}
		may, _ := l.Offers(who)
		got, ev, err := l.Take(d, who, in, time.Date(2026, 5, 20, 4, 0, 0, 0, time.UTC))
		if err == nil && (got.DecidedBy.UUID != who.ID || got.DecidedAt == nil) {
			t.Errorf("%s × %s × %s: not decided by the one who decided: %+v", s, d, r, got)
		}
		return lifecycletest.Tried[Deed, State]{State: got.State, EventState: ev.State, EventDeed: ev.Deed, Offered: may, Err: err}
	})
}

func TestGuards(t *testing.T) {
	me, agency, pid := uuid.New(), uuid.New(), uuid.New()
	ok := Decision{Severity: problem.General, Basis: "条例", AgencyID: &agency, ProblemID: &pid, Reason: "无可查线索", To: "信访局"}
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
		{"referred to nobody", Refer, actor.County, nil, func(d *Decision) { d.To = "" }, "to"},
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
		fmt.Fprintf(&b, "  open --> %s: %s\n", s.To, s.Deed)
	}
	b.WriteString("```\n\n| deed | from | to | who | asks for |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "| %s | open | %s | %s | %s |\n", s.Deed, s.To, lifecycletest.Names(s.Who, ", "), lifecycletest.Asks(s.Needs, ", "))
	}
	b.WriteString("\n- **register** of a red line takes two people (second_id); the reporter of the problem is who registers it, so someone else must close it.\n- **attach** needs an open problem in the person's scope.\n- **dismiss** needs a written reason; a red line is set aside by the county alone, never by who reported it.\n- **refer** is the county's: the matter belongs to another organ.\n")
	lifecycletest.Golden(t, "lead-lifecycle.md", b.String(), *update)
}
