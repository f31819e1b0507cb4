package lead

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/problem"
)

var update = flag.Bool("update", false, "write the golden page")

// documented is DOMAIN G.2's first lines and DESIGN section 3 written a second time.
var documented = map[Deed]struct {
	to  State
	who string
}{
	Register: {Registered, "office,county"},
	Attach:   {Attached, "office,county"},
	Dismiss:  {Dismissed, "office,county"},
	Refer:    {Referred, "county"},
}

func TestEveryTriple(t *testing.T) {
	if len(documented) != len(steps) {
		t.Fatalf("%d documented, %d in the table", len(documented), len(steps))
	}
	roles := append(append([]actor.Role{}, actor.Roles...), actor.PublicRole, actor.SystemRole)
	n, now := 0, time.Date(2026, 5, 20, 4, 0, 0, 0, time.UTC)
	for _, s := range States {
		for _, d := range Deeds() {
			for _, r := range roles {
				n++
				name := fmt.Sprintf("%s × %s × %s", s, d, r)
				agency, pid, second := uuid.New(), uuid.New(), uuid.New()
				in := Decision{Severity: problem.Redline, Basis: "条例", AgencyID: &agency, ProblemID: &pid, SecondID: &second, Reason: "无可查线索", To: "信访局"}
				l := Lead{ID: uuid.New(), State: s, Severity: problem.General, Version: 1}
				who := actor.Actor{ID: uuid.New(), Role: r}
				got, ev, err := l.Take(d, who, in, now)
				doc, ok := documented[d]
				if !ok {
					t.Fatalf("%s is not documented", d)
				}
				mine := strings.Contains(","+doc.who+",", ","+string(r)+",")
				switch {
				case !mine && fault.KindOf(err) != fault.Forbidden:
					t.Errorf("%s: %v, want forbidden", name, err)
				case mine && s != Open && fault.KindOf(err) != fault.Conflict:
					t.Errorf("%s: %v, want conflict", name, err)
				case mine && s == Open && (err != nil || got.State != doc.to || ev.State != doc.to || got.DecidedBy.UUID != who.ID || got.DecidedAt == nil):
					t.Errorf("%s: %v %+v %+v", name, err, got, ev)
				case err != nil && got.State != s:
					t.Errorf("%s was refused and changed the lead", name)
				}
				may, _ := l.Offers(who)
				offered := false
				for _, a := range may {
					offered = offered || string(a.Deed) == string(d)
				}
				if offered != (err == nil) {
					t.Errorf("%s: offered %v, done %v", name, offered, err)
				}
			}
		}
	}
	if n != 5*4*10 {
		t.Errorf("%d triples", n)
	}
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
		got := ""
		var f *fault.Error
		if errors.As(err, &f) {
			if got = f.Code; len(f.Fields) > 0 {
				got = f.Fields[0].Field
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestGoldenPage(t *testing.T) {
	const path = "../../docs/lead-lifecycle.md"
	var b strings.Builder
	b.WriteString("# Triage of a lead\n\nPrinted from the table in `internal/lead/triage.go`; a test holds the two together (`-update` rewrites this page).\nEvery origin raises a lead; the same origin raises the same lead again. A red line seen on a visit is registered at once by the system.\n\n```mermaid\nstateDiagram-v2\n  [*] --> open: raise\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "  open --> %s: %s\n", s.to, s.deed)
	}
	b.WriteString("```\n\n| deed | from | to | who | asks for |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range steps {
		var who, needs []string
		for _, r := range s.who {
			who = append(who, string(r))
		}
		for _, n := range s.needs {
			if n.Required {
				needs = append(needs, n.Name)
			} else {
				needs = append(needs, n.Name+"?")
			}
		}
		fmt.Fprintf(&b, "| %s | open | %s | %s | %s |\n", s.deed, s.to, strings.Join(who, ", "), strings.Join(needs, ", "))
	}
	b.WriteString("\n- **register** of a red line takes two people (second_id); the reporter of the problem is who registers it, so someone else must close it.\n- **attach** needs an open problem in the person's scope.\n- **dismiss** needs a written reason; a red line is set aside by the county alone, never by who reported it.\n- **refer** is the county's: the matter belongs to another organ.\n")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != b.String() {
		t.Errorf("%s is not what the table says; run: go test ./internal/lead -run GoldenPage -update (%v)", path, err)
	}
}
