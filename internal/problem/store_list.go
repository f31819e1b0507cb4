package problem

import (
	"context"
	"strings"
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// page reads one page of rows and the cursor of the next.
func (s *Service) page(ctx context.Context, who actor.Actor, f Filter, near deadline.Date, limit int) ([]row, string, error) {
	if err := f.check(who); err != nil {
		return nil, "", err
	}
	var at *position
	var p position
	if ok, err := web.DecodeCursor(f.After, &p); err != nil {
		return nil, "", err
	} else if ok {
		if !p.fits(f.byDue()) {
			return nil, "", fault.Field("after", "翻页的位置不对，请从第一页看起")
		}
		at = &p
	}
	var rows []row
	for _, newest := range []bool{true, false} {
		if newest && f.Q == "" || len(rows) > limit {
			continue
		}
		rows = nil
		q, list := listQuery(who, f, deadline.DayOf(s.now()), near, at, limit, newest)
		if err := s.db.Select(ctx, &rows, q, list...); err != nil {
			return nil, "", err
		}
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = web.EncodeCursor(rows[limit-1].position(who, f.byDue()))
	}
	return rows, next, nil
}

// fits tells whether a cursor belongs to this order; one from the other order is refused, not fed to the database.
func (p position) fits(byDue bool) bool {
	if byDue {
		return p.Key == "infinity" || p.Key == "-infinity" || deadline.Date(p.Key).Valid()
	}
	_, err := time.Parse(time.RFC3339Nano, p.Key)
	return err == nil
}

// List is one page of the register for the office, the county and the leader.
func (s *Service) List(ctx context.Context, who actor.Actor, f Filter) (web.Page[Item], error) {
	out := web.Page[Item]{Items: []Item{}}
	if who.Is(actor.Agency) {
		return out, fault.Missing()
	}
	near, cal, err := s.near(ctx, deadline.DayOf(s.now()))
	if err != nil {
		return out, err
	}
	rows, next, err := s.page(ctx, who, f, near, f.limit())
	for _, r := range rows {
		out.Items = append(out.Items, r.item(clockOf(r.State, r.DueOn, deadline.DayOf(s.now()), near, cal)))
	}
	out.Next = next
	return out, err
}

// AgencyList is one page of what was ordered of the agency.
func (s *Service) AgencyList(ctx context.Context, who actor.Actor, f Filter) (web.Page[AgencyItem], error) {
	out := web.Page[AgencyItem]{Items: []AgencyItem{}}
	if !who.Is(actor.Agency) {
		return out, fault.Missing()
	}
	near, cal, err := s.near(ctx, deadline.DayOf(s.now()))
	if err != nil {
		return out, err
	}
	rows, next, err := s.page(ctx, who, f, near, f.limit())
	for _, r := range rows {
		out.Items = append(out.Items, r.agencyItem(clockOf(r.State, r.DueOn, deadline.DayOf(s.now()), near, cal)))
	}
	out.Next = next
	return out, err
}

// RegisterCounts is what stands beside the queue's filters. Every figure has its list: Overdue is due=overdue, and so on.
type RegisterCounts struct {
	Open       int            `json:"open"`
	Overdue    int            `json:"overdue"`
	Near       int            `json:"near"`
	NoDate     int            `json:"no_date"`
	Awaited    int            `json:"awaited" doc:"referred, and no written outcome yet: due=outcome"`
	AwaitedBy  int            `json:"awaited_overdue"`
	Waiting    int            `json:"redline_waiting" doc:"red lines that nobody has ordered yet: state=confirmed, severity=redline"`
	Asked      int            `json:"extension_asked"`
	Incomplete int            `json:"incomplete" doc:"open ones from a record whose photos have not all arrived"`
	ByState    map[string]int `json:"by_state"`
	BySeverity map[string]int `json:"by_severity"`
	ByOrigin   map[string]int `json:"by_origin,omitempty"`
}

// Counts counts what is open in the actor's scope; an agency is not told origins.
func (s *Service) Counts(ctx context.Context, who actor.Actor) (RegisterCounts, error) {
	c := RegisterCounts{ByState: map[string]int{}, BySeverity: map[string]int{}}
	today := deadline.DayOf(s.now())
	near, _, err := s.near(ctx, today)
	if err != nil {
		return c, err
	}
	a := &args{}
	own := ownVisit(who, a.add)
	q := `SELECT p.state, p.severity, CASE WHEN ` + own + ` THEN '' ELSE p.origin END AS origin, count(*) AS n,
			count(*) FILTER (WHERE p.due_key < ` + a.add(string(today)) + ` AND p.state IN ('rectifying', 'disputed')) AS overdue,
			count(*) FILTER (WHERE p.due_key BETWEEN ` + a.add(string(today)) + ` AND ` + a.add(string(near)) + ` AND p.state IN ('rectifying', 'disputed', 'submitted')) AS near,
			count(*) FILTER (WHERE p.due_key = 'infinity') AS nodate, count(*) FILTER (WHERE p.due_key = '-infinity') AS waiting, count(*) FILTER (WHERE p.extension_asked IS NOT NULL) AS asked
		FROM problems p WHERE p.closed_at IS NULL AND ` + strings.TrimSpace(scope(who, a.add)) + ` GROUP BY 1, 2, 3`
	var rows []struct {
		State    string `db:"state"`
		Severity string `db:"severity"`
		Origin   string `db:"origin"`
		N        int    `db:"n"`
		Overdue  int    `db:"overdue"`
		Near     int    `db:"near"`
		NoDate   int    `db:"nodate"`
		Waiting  int    `db:"waiting"`
		Asked    int    `db:"asked"`
	}
	if err := s.db.Select(ctx, &rows, q, a.list...); err != nil {
		return c, err
	}
	if !who.Is(actor.Agency) {
		c.ByOrigin = map[string]int{}
	}
	for _, r := range rows {
		c.Open, c.Overdue, c.Near, c.NoDate, c.Waiting, c.Asked = c.Open+r.N, c.Overdue+r.Overdue, c.Near+r.Near, c.NoDate+r.NoDate, c.Waiting+r.Waiting, c.Asked+r.Asked
		c.ByState[r.State] += r.N
		c.BySeverity[r.Severity] += r.N
		if c.ByOrigin != nil && r.Origin != "" {
			c.ByOrigin[r.Origin] += r.N
		}
	}
	if who.Is(actor.Agency) {
		return c, nil
	}
	b := &args{} // begins at the few sheets that wait
	q = `SELECT count(DISTINCT p.id) FROM sheets s JOIN leads l ON l.origin = 'visit' AND l.origin_id = s.visit_id JOIN problems p ON p.id = l.problem_id
		WHERE s.complete_at IS NULL AND visit_incomplete(s.visit_id) AND p.closed_at IS NULL AND ` + strings.TrimSpace(scope(who, b.add))
	if err := s.db.Get(ctx, &c.Incomplete, q, b.list...); err != nil {
		return c, err
	}
	return c, s.owed(ctx, who, today, &c)
}

// owed counts what was referred and has no written outcome yet.
func (s *Service) owed(ctx context.Context, who actor.Actor, today deadline.Date, c *RegisterCounts) error {
	a := &args{}
	q := `SELECT count(*) AS awaited, count(*) FILTER (WHERE p.outcome_due_on < ` + a.add(string(today)) + `::date) AS late FROM problems p WHERE p.outcome_due_on IS NOT NULL AND ` + scope(who, a.add)
	var n struct {
		Awaited int `db:"awaited"`
		Late    int `db:"late"`
	}
	err := s.db.Get(ctx, &n, q, a.list...)
	c.Awaited, c.AwaitedBy = n.Awaited, n.Late
	return err
}
