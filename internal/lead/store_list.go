package lead

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/web"
)

const itemColumns = `l.id, l.number, l.origin, l.origin_id, l.origin_item, l.office_id, COALESCE((SELECT o.name FROM offices o WHERE o.id = l.office_id), '') AS office_name,
	l.agency_id, COALESCE((SELECT g.name FROM agencies g WHERE g.id = l.agency_id), '') AS agency_name, l.severity, l.category, left(l.fact, 80) AS fact,
	COALESCE(to_char(l.happened_on, 'YYYY-MM-DD'), '') AS happened_on, l.raised_at, l.state, COALESCE(to_char(CASE l.state WHEN 'referred' THEN l.outcome_due_on ELSE l.due_on END, 'YYYY-MM-DD'), '') AS due_on, l.outcome,
	` + dueRule + ` AS due_rule, l.problem_id, COALESCE((SELECT p.number FROM problems p WHERE p.id = l.problem_id), '') AS problem_number, l.version,
	(l.origin = 'visit' AND visit_incomplete(l.origin_id)) AS incomplete`

// dueRule names the rule a lead's date was counted by; lead_raise (migrations/0008) chooses it.
const dueRule = `CASE WHEN l.state = 'referred' THEN l.outcome_rule WHEN l.due_on IS NULL THEN '' ELSE COALESCE(CASE l.origin WHEN 'feedback' THEN 'DL13' WHEN 'complaint' THEN 'DL01' WHEN 'transfer' THEN 'DL15' END, '') END`

// position is a place in the list; Due only in the queue by its deadlines.
type position struct {
	At  time.Time `json:"t"`
	ID  uuid.UUID `json:"i"`
	Due string    `json:"d,omitempty"`
}

// fits tells whether a cursor belongs to this order.
func (p position) fits(byDue bool) bool {
	return byDue == (p.Due != "") && (p.Due == "" || p.Due == "infinity" || deadline.Date(p.Due).Valid())
}

func listQuery(who actor.Actor, f Filter, at *position, limit int) (string, []any) {
	a := &args{}
	w := []string{scope(who, a.add)}
	eq := func(column, value string) {
		if value != "" {
			w = append(w, "l."+column+" = "+a.add(value))
		}
	}
	if f.State == string(Open) {
		w = append(w, "l.state = 'open'") // written out: the partial indexes want it so
	} else {
		eq("state", f.State)
	}
	eq("office_id", f.OfficeID)
	eq("agency_id", f.AgencyID)
	eq("origin", f.Origin)
	eq("severity", f.Severity)
	eq("category", f.Category)
	for _, t := range strings.Fields(f.Q) {
		pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(t) + "%"
		w = append(w, "bigrams(l.number || ' ' || l.fact) @> bigrams("+a.add(t)+")", "(l.number || ' ' || l.fact) ILIKE "+a.add(pattern))
	}
	order, than := "l.raised_at DESC, l.id DESC", "<"
	if f.State == string(Open) {
		order, than = "l.raised_at, l.id", ">"
	}
	key := "l.due_key"
	if f.awaited() { // outcomes that are still to come, the most urgent first
		key = "l.outcome_due_on"
		w = append(w, key+" IS NOT NULL")
	}
	if f.byDue() {
		order = key + ", l.raised_at, l.id"
	}
	if at != nil && f.byDue() {
		w = append(w, fmt.Sprintf("("+key+", l.raised_at, l.id) > (%s::date, %s::timestamptz, %s)", a.add(at.Due), a.add(at.At), a.add(at.ID)))
	} else if at != nil {
		w = append(w, fmt.Sprintf("(l.raised_at, l.id) %s (%s::timestamptz, %s)", than, a.add(at.At), a.add(at.ID)))
	}
	return `SELECT ` + itemColumns + ` FROM leads l WHERE ` + strings.Join(w, " AND ") + ` ORDER BY ` + order + ` LIMIT ` + a.add(limit+1), a.list
}

// List is one page of the queue or of what was decided, in the actor's scope.
func (s *Service) List(ctx context.Context, who actor.Actor, f Filter) (web.Page[LeadItem], error) {
	out := web.Page[LeadItem]{Items: []LeadItem{}}
	if err := f.check(); err != nil {
		return out, err
	}
	var at *position
	var p position
	if ok, err := web.DecodeCursor(f.After, &p); err != nil {
		return out, err
	} else if ok {
		if !p.fits(f.byDue()) {
			return out, fault.Field("after", "翻页的位置不对，请从第一页看起")
		}
		at = &p
	}
	limit := f.limit()
	q, list := listQuery(who, f, at, limit)
	if err := s.db.Select(ctx, &out.Items, q, list...); err != nil {
		return out, err
	}
	out.Cut(limit, func(last LeadItem) any {
		p := position{At: last.RaisedAt.UTC(), ID: last.ID}
		if f.byDue() {
			p.Due = cmp.Or(string(last.DueOn), "infinity")
		}
		return p
	})
	today := deadline.DayOf(s.now())
	for i := range out.Items {
		out.Items[i].Overdue = out.Items[i].late(today)
	}
	return out, nil
}

func (i LeadItem) late(today deadline.Date) bool {
	return (i.State == Open || i.State == Referred) && i.DueOn != "" && i.DueOn < today
}

// QueueCounts is what stands beside the queue. The decided are those raised since the year began.
type QueueCounts struct {
	Open       int            `json:"open"`
	DueToday   int            `json:"due_today"`
	Overdue    int            `json:"overdue"`
	Redline    int            `json:"redline"`
	ByOrigin   map[string]int `json:"by_origin"`
	Registered int            `json:"registered"`
	Attached   int            `json:"attached"`
	Dismissed  int            `json:"dismissed"`
	Referred   int            `json:"referred"`
	Decided    int            `json:"decided"`
	Awaited    int            `json:"awaited" doc:"referred, and no outcome yet: state=referred, sort=due"`
	AwaitedBy  int            `json:"awaited_overdue"`
}

// Counts counts in the actor's scope.
func (s *Service) Counts(ctx context.Context, who actor.Actor) (QueueCounts, error) {
	c := QueueCounts{ByOrigin: map[string]int{}}
	now := s.now()
	a := &args{}
	today := a.add(string(deadline.DayOf(now)))
	q := `SELECT l.origin, count(*) AS n, count(*) FILTER (WHERE l.due_on = ` + today + `) AS today, count(*) FILTER (WHERE l.due_on < ` + today + `) AS late,
		count(*) FILTER (WHERE l.severity = 'redline') AS redline FROM leads l WHERE l.state = 'open' AND ` + scope(who, a.add) + ` GROUP BY l.origin`
	var open []struct {
		Origin  string `db:"origin"`
		N       int    `db:"n"`
		Today   int    `db:"today"`
		Late    int    `db:"late"`
		Redline int    `db:"redline"`
	}
	if err := s.db.Select(ctx, &open, q, a.list...); err != nil {
		return c, err
	}
	for _, o := range open {
		c.ByOrigin[o.Origin] = o.N
		c.Open, c.DueToday, c.Overdue, c.Redline = c.Open+o.N, c.DueToday+o.Today, c.Overdue+o.Late, c.Redline+o.Redline
	}
	b := &args{}
	year := time.Date(now.In(clock.Shanghai).Year(), 1, 1, 0, 0, 0, 0, clock.Shanghai)
	q = `SELECT l.state, count(*) AS n FROM leads l WHERE l.state <> 'open' AND l.raised_at >= ` + b.add(year) + ` AND ` + scope(who, b.add) + ` GROUP BY l.state`
	var done []struct {
		State State `db:"state"`
		N     int   `db:"n"`
	}
	if err := s.db.Select(ctx, &done, q, b.list...); err != nil {
		return c, err
	}
	into := map[State]*int{Registered: &c.Registered, Attached: &c.Attached, Dismissed: &c.Dismissed, Referred: &c.Referred}
	for _, d := range done {
		if n := into[d.State]; n != nil {
			*n = d.N
		}
		c.Decided += d.N
	}
	e := &args{}
	day := e.add(string(deadline.DayOf(now)))
	q = `SELECT count(*) AS awaited, count(*) FILTER (WHERE l.outcome_due_on < ` + day + `::date) AS awaitedby FROM leads l WHERE l.outcome_due_on IS NOT NULL AND ` + scope(who, e.add)
	err := s.db.Get(ctx, &c, q, e.list...)
	return c, err
}
