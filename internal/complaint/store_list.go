package complaint

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
)

const (
	itemColumns = `c.id, c.number, c.channel, c.office_id, COALESCE((SELECT o.name FROM offices o WHERE o.id = c.office_id), '') AS office, c.agency_id, c.target, c.category, c.subcategory,
  c.urgency, c.anonymous, c.has_contact, c.suspect, c.state, c.received_at, c.due_rule, COALESCE(to_char(c.due_on, 'YYYY-MM-DD'), '') AS due_on, ` + platformDue + `, c.retaliation, c.reopened, c.version,
  COALESCE((SELECT a.name FROM accounts a WHERE a.id = c.handler_id), '') AS handler, (SELECT count(*) FROM complaint_versions v WHERE v.complaint_id = c.id AND v.settled = '') AS unsettled,
  l.id AS lead_id, COALESCE(l.number, '') AS lead, COALESCE(l.state, '') AS lead_state`
	itemFrom = ` FROM complaints c LEFT JOIN LATERAL (SELECT x.id, x.number, x.state, x.problem_id FROM leads x WHERE x.origin = 'complaint' AND x.origin_id = c.id ORDER BY x.raised_at DESC, x.number DESC LIMIT 1) l ON true`
	// platformDue: a ticket of 12345 is answered there within its own days, however long the inquiry takes.
	platformDue = `COALESCE(to_char(CASE WHEN c.channel = '12345' AND c.due_rule <> 'DL15' AND c.state IN ('accepted', 'investigating', 'proposed', 'decided')
		THEN deadline_due('DL15', (c.received_at AT TIME ZONE 'Asia/Shanghai')::date) END, 'YYYY-MM-DD'), '') AS platform_due_on`
	// county and leader see all, an office its own, the hotline what it took
	inScope = ` ($1 OR c.office_id = $2 OR c.taken_by = $3)`
)

func scope(who actor.Actor) []any {
	taken := uuid.NullUUID{}
	if who.Is(actor.Hotline) {
		taken = who.Account()
	}
	return []any{who.SeesCounty(), who.OfficeID, taken}
}

type position struct {
	At time.Time `json:"t"`
	ID uuid.UUID `json:"i"`
}

const pageSize = 50

type query struct {
	where []string
	args  []any
}

func (q *query) add(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *query) eq(column, value string) {
	if value != "" {
		q.where = append(q.where, "c."+column+" = "+q.add(value))
	}
}

// scope is inScope written out for one role, so that each has an index that serves its list.
func (q *query) scope(who actor.Actor) {
	switch {
	case who.SeesCounty():
		q.where = append(q.where, "true")
	case who.Is(actor.Hotline):
		q.where = append(q.where, "c.taken_by = "+q.add(who.ID))
	default:
		q.where = append(q.where, "c.office_id = "+q.add(who.OfficeID))
	}
}

func (q *query) text() string { return " WHERE " + strings.Join(q.where, " AND ") }

// narrowed is the filter as conditions. Searching goes by bigrams, which an index serves.
func (f *Filter) narrowed(who actor.Actor, today, near deadline.Date) (*query, error) {
	q := &query{}
	q.scope(who)
	for field, id := range map[string]string{"office_id": f.OfficeID, "agency_id": f.AgencyID} {
		if _, err := uuid.Parse(id); id != "" && err != nil {
			return nil, fault.Field(field, "编号格式不对")
		}
	}
	q.eq("state", f.State)
	q.eq("channel", f.Channel)
	q.eq("category", f.Category)
	q.eq("office_id", f.OfficeID)
	q.eq("agency_id", f.AgencyID)
	if f.Suspect != "" {
		q.where = append(q.where, "c.suspect = ("+q.add(f.Suspect)+" = 'true')")
	}
	switch f.Due {
	case "overdue":
		q.where = append(q.where, "c.due_on < "+q.add(string(today)))
	case "near":
		q.where = append(q.where, "c.due_on BETWEEN "+q.add(string(today))+" AND "+q.add(string(near)))
	}
	if f.Mine == "true" {
		me := q.add(who.ID)
		q.where = append(q.where, "(c.handler_id = "+me+" OR c.taken_by = "+me+" OR EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.account_id = "+me+" AND p.part = 'investigator'))")
	}
	if f.Unsettled == "true" {
		q.where = append(q.where, "EXISTS (SELECT FROM complaint_versions v WHERE v.complaint_id = c.id AND v.settled = '')")
	}
	const searched = "(c.number || ' ' || c.target || ' ' || c.fact)"
	for _, t := range strings.Fields(door.OneLine(f.Q)) {
		pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(t) + "%"
		q.where = append(q.where, "bigrams"+searched+" @> bigrams("+q.add(t)+")", searched+" ILIKE "+q.add(pattern))
	}
	return q, nil
}

// List reads complaints, newest first.
func (s *Service) List(ctx context.Context, who actor.Actor, in *Filter) (web.Page[ComplaintItem], error) {
	page := web.Page[ComplaintItem]{Items: []ComplaintItem{}}
	var after position
	more, err := web.DecodeCursor(in.After, &after)
	if err != nil {
		return page, err
	}
	today, near := s.days(ctx)
	q, err := in.narrowed(who, today, near)
	if err != nil {
		return page, err
	}
	count := `SELECT count(*) FROM (SELECT FROM complaints c` + q.text() + ` LIMIT 1000) n` // beyond a thousand nobody counts
	if err := s.db.Get(ctx, &page.Total, count, q.args...); err != nil {
		return page, err
	}
	if more {
		q.where = append(q.where, "(c.received_at, c.id) < ("+q.add(after.At)+"::timestamptz, "+q.add(after.ID)+"::uuid)")
	}
	list := `SELECT ` + itemColumns + `, left(c.fact, 80) AS fact` + itemFrom + q.text() + ` ORDER BY c.received_at DESC, c.id DESC LIMIT ` + q.add(pageSize+1)
	if err := s.db.Select(ctx, &page.Items, list, q.args...); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last ComplaintItem) any { return position{last.ReceivedAt, last.ID} })
	for i := range page.Items {
		page.Items[i].Clock = clockOf(page.Items[i].DueOn, today, near)
	}
	return page, nil
}

// Counts tells how many complaints wait for what, in who's scope.
func (s *Service) Counts(ctx context.Context, who actor.Actor) (*CaseCounts, error) {
	today, near := s.days(ctx)
	var out CaseCounts
	const q = `SELECT count(*) FILTER (WHERE c.state = 'received') AS received, count(*) FILTER (WHERE c.state = 'accepted') AS accepted,
    count(*) FILTER (WHERE c.state = 'investigating') AS investigating, count(*) FILTER (WHERE c.state = 'proposed') AS proposed, count(*) FILTER (WHERE c.paused_on IS NOT NULL) AS paused,
    count(*) FILTER (WHERE c.state = 'decided') AS decided,
    count(*) FILTER (WHERE c.state = 'answered') AS answered, count(*) FILTER (WHERE c.due_on < $4) AS overdue,
    count(*) FILTER (WHERE c.due_on BETWEEN $4 AND $5) AS near, count(*) FILTER (WHERE c.suspect) AS suspect,
    count(*) FILTER (WHERE c.extension_asked) AS extension,
    count(*) FILTER (WHERE EXISTS (SELECT FROM complaint_versions v WHERE v.complaint_id = c.id AND v.settled = '')) AS unsettled
  FROM complaints c WHERE` + inScope + ` AND (c.state IN ('received', 'accepted', 'investigating', 'proposed', 'decided', 'answered', 'transferred') OR c.suspect OR c.due_on IS NOT NULL)`
	return &out, s.db.Get(ctx, &out, q, append(scope(who), string(today), string(near))...)
}

// Get reads one complaint in who's scope, with its time line, its people and what may be done with it.
func (s *Service) Get(ctx context.Context, who actor.Actor, id uuid.UUID) (*ComplaintDetail, error) {
	const q = `SELECT ` + itemColumns + `, c.fact, c.officer, c.happened, c.place, c.request, c.already, c.confidential, c.reply_wanted, c.outer_number, c.about, c.finding, c.refused_ground,
    c.referred_to, c.answer, c.accepted_at, c.decided_at, c.answered_at, c.closed_at, c.extended, c.extension_asked, COALESCE(to_char(c.paused_on, 'YYYY-MM-DD'), '') AS paused_on, c.pause_ground, c.asks, c.outcome,
    COALESCE(to_char(c.shredded_on, 'YYYY-MM-DD'), '') AS shredded_on,
    COALESCE((SELECT t.name FROM accounts t WHERE t.id = c.taken_by), '') AS taken_by, l.problem_id,
    COALESCE((SELECT p.number FROM problems p WHERE p.id = l.problem_id), '') AS problem_number` +
		itemFrom + ` WHERE` + inScope + ` AND c.id = $4`
	d := ComplaintDetail{Photos: []ComplaintPicture{}, Events: []CaseEvent{}, Investigators: []CasePerson{}, Recused: []CasePerson{}, People: []CasePerson{}, Versions: []CaseVersion{}}
	if err := s.db.Get(ctx, &d, q, append(scope(who), id)...); err != nil {
		return nil, err
	}
	return &d, s.fill(ctx, who, &d)
}

func (s *Service) fill(ctx context.Context, who actor.Actor, d *ComplaintDetail) error {
	c, err := readCase(ctx, s.db, who, d.ID, "")
	if err != nil {
		return err
	}
	today, near := s.days(ctx)
	d.Clock, d.DueSum = clockOf(d.DueOn, today, near), s.sumOf(ctx, c)
	d.MayReveal = d.HasContact && c.handles(who)
	d.MayRelease = d.Suspect && who.Is(desk...) && c.conflict(who) == nil
	d.Deeds, d.Blocked = c.Offers(who)
	const photos = `SELECT a.sha256, a.size, COALESCE(p.media_type, '') AS media_type FROM attachments a LEFT JOIN photos p ON p.sha256 = a.sha256
    WHERE a.owner_kind = 'complaint' AND a.owner_id = $1 ORDER BY a.declared_at, a.position, a.sha256`
	if err := s.db.Select(ctx, &d.Photos, photos, d.ID); err != nil {
		return err
	}
	// That somebody looked at who spoke stands among the deeds, in the state in which the case was.
	const events = `SELECT e.deed, e.state, e.at, COALESCE(a.name, '') AS actor_name, e.actor_role, e.text, e.data FROM (
      SELECT id, deed, state, at, actor_id, actor_role, text, data FROM complaint_events WHERE complaint_id = $1
      UNION ALL SELECT (SELECT COALESCE(max(b.id), 0) FROM complaint_events b WHERE b.complaint_id = $1 AND b.at <= r.at), 'reveal',
        COALESCE((SELECT b.state FROM complaint_events b WHERE b.complaint_id = $1 AND b.at <= r.at ORDER BY b.id DESC LIMIT 1), 'received'), r.at, r.account_id, r.role, r.reason,
        jsonb_build_object('read_by', COALESCE((SELECT n.name FROM accounts n WHERE n.id = r.read_by), ''), 'read_at', r.read_at)
      FROM reveals r WHERE r.case_kind = 'complaint' AND r.case_id = $1) e LEFT JOIN accounts a ON a.id = e.actor_id
    ORDER BY e.id DESC, e.at DESC LIMIT 200`
	if err := s.db.Select(ctx, &d.Events, events, d.ID); err != nil {
		return err
	}
	const versions = `SELECT v.id, v.way, v.body, v.has_contact, v.at, v.settled, COALESCE(a.name, '') AS by_name FROM complaint_versions v LEFT JOIN accounts a ON a.id = v.by_account
    WHERE v.complaint_id = $1 ORDER BY v.at DESC, v.id LIMIT 50`
	if err := s.db.Select(ctx, &d.Versions, versions, d.ID); err != nil {
		return err
	}
	return s.persons(ctx, who, c, d)
}

func (s *Service) persons(ctx context.Context, who actor.Actor, c Case, d *ComplaintDetail) error {
	const q = `SELECT p.account_id AS id, a.name, a.role, p.reason, p.at FROM complaint_people p JOIN accounts a ON a.id = p.account_id WHERE p.complaint_id = $1 AND p.part = $2 ORDER BY p.at, a.name`
	if err := s.db.Select(ctx, &d.Investigators, q, c.ID, "investigator"); err != nil {
		return err
	}
	if err := s.db.Select(ctx, &d.Recused, q, c.ID, "recused"); err != nil {
		return err
	}
	if !who.Is(desk...) {
		return nil
	}
	people, err := eligible(ctx, s.db, c)
	for _, p := range people {
		if c.conflict(p) == nil {
			d.People = append(d.People, CasePerson{ID: p.ID, Name: p.Name, Role: string(p.Role)})
		}
	}
	return err
}

// eligible are who may be appointed to look into a complaint: of the office it lies with, and of the county.
func eligible(ctx context.Context, d *db.DB, c Case) ([]actor.Actor, error) {
	var rows []struct {
		ID       uuid.UUID     `db:"id"`
		Name     string        `db:"name"`
		Role     string        `db:"role"`
		OfficeID uuid.NullUUID `db:"office_id"`
	}
	const q = `SELECT id, name, role, office_id FROM accounts WHERE active AND (role = 'county' OR role = 'office' AND office_id = $1) ORDER BY role DESC, name LIMIT 100`
	if err := d.Select(ctx, &rows, q, c.OfficeID); err != nil {
		return nil, err
	}
	out := make([]actor.Actor, len(rows))
	for i, r := range rows {
		out[i] = actor.Actor{ID: r.ID, Name: r.Name, Role: actor.Role(r.Role), OfficeID: r.OfficeID}
	}
	return out, nil
}
