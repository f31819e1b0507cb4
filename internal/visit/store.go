package visit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Person is somebody named on a record.
type Person struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	Role        string    `json:"role"`
	Certificate string    `json:"certificate"`
}

// Visit is one outing as the desk and the phone see it.
type Visit struct {
	ID              uuid.UUID     `db:"id" json:"id"`
	Number          string        `db:"number" json:"number"`
	Origin          string        `db:"origin" json:"origin" enum:"planned,spot"`
	Method          string        `db:"method" json:"method"`
	State           State         `db:"state" json:"state" enum:"planned,recorded,cancelled"`
	Flagged         bool          `db:"flagged" json:"flagged" doc:"cancelled, and a record sheet came all the same"`
	OfficeID        uuid.UUID     `db:"office_id" json:"office_id"`
	OfficeName      string        `db:"office_name" json:"office_name"`
	AgencyID        uuid.UUID     `db:"agency_id" json:"agency_id"`
	AgencyName      string        `db:"agency_name" json:"agency_name"`
	BusinessID      uuid.NullUUID `db:"business_id" json:"business_id"`
	BusinessName    string        `db:"business_name" json:"business_name"`
	BusinessUSCC    string        `db:"business_uscc" json:"business_uscc"`
	BusinessAddress string        `db:"business_address" json:"business_address"`
	BusinessKind    string        `db:"business_kind" json:"business_kind"`
	Matter          string        `db:"matter" json:"matter"`
	NoticeNumber    string        `db:"notice_number" json:"notice_number"`
	ExternalCode    string        `db:"external_code" json:"external_code"`
	PlannedOn       *string       `db:"planned_on" json:"planned_on"`
	CancelReason    string        `db:"cancel_reason" json:"cancel_reason"`
	HappenedAt      *time.Time    `db:"happened_at" json:"happened_at"`
	RecordedAt      *time.Time    `db:"recorded_at" json:"recorded_at"`
	ReceivedAt      *time.Time    `db:"received_at" json:"received_at"`
	Late            bool          `db:"late" json:"late" doc:"written down more than a day after it happened (补录)"`
	LateReason      string        `db:"late_reason" json:"late_reason"`
	Overall         string        `db:"overall" json:"overall"`
	Supervisors     People        `db:"supervisors" json:"supervisors"`
	Sheets          int           `db:"sheets" json:"sheets" doc:"record sheets in force"`
	Waiting         int           `db:"waiting" json:"waiting" doc:"of these, sheets whose photos have not all arrived"`
	PhotosTotal     int           `db:"photos_total" json:"photos_total" doc:"photos that its sheets in force declare"`
	PhotosDue       int           `db:"photos_due" json:"photos_due" doc:"of these, photos that have not arrived"`
	Redlines        int           `db:"redlines" json:"redlines"`
	Failed          int           `db:"failed" json:"failed" doc:"failed items in force, red lines among them"`
	Offered         int           `db:"offered" json:"offered" doc:"failed items nobody has decided on"`
	Warnings        []string      `db:"-" json:"warnings"`
	Deeds           []Deed        `db:"-" json:"deeds,omitempty"`
	Events          []Event       `db:"-" json:"events,omitempty"`
	Papers          []PaperPhoto  `db:"-" json:"papers,omitempty" doc:"photos of its paper sheet"`
	CreatedAt       time.Time     `db:"created_at" json:"created_at"`
	Version         int           `db:"version" json:"version"`
}

// PaperPhoto is a photo of a visit's paper sheet.
type PaperPhoto struct {
	SHA256 string    `db:"sha256" json:"sha256"`
	At     time.Time `db:"declared_at" json:"at"`
	By     string    `db:"by_name" json:"by"`
}

// Event is one deed in the life of a visit, with the state after it.
type Event struct {
	Deed  string    `db:"deed" json:"deed"`
	State State     `db:"state" json:"state"`
	At    time.Time `db:"at" json:"at"`
	By    string    `db:"by_name" json:"by"`
	Role  string    `db:"actor_role" json:"role"`
	Text  string    `db:"text" json:"text"`
}

const visitColumns = `v.id, v.number, v.origin, v.method, v.state, v.flagged, v.office_id, o.name AS office_name, v.agency_id, a.name AS agency_name,
	v.business_id, v.business_name, v.business_uscc, v.business_address, COALESCE(b.kind, '') AS business_kind, v.matter, v.notice_number, v.external_code,
	to_char(v.planned_on, 'YYYY-MM-DD') AS planned_on, v.cancel_reason, v.happened_at, v.recorded_at, v.received_at, v.late, v.late_reason, v.overall, v.created_at, v.version,
	(SELECT COALESCE(json_agg(json_build_object('id', p.id, 'name', p.name, 'role', p.role, 'certificate', p.certificate) ORDER BY p.name, p.id), '[]')
		FROM visit_supervisors vs JOIN accounts p ON p.id = vs.account_id WHERE vs.visit_id = v.id) AS supervisors,
	s.sheets, s.waiting, h.photos_total, h.photos_due, f.redlines, f.failed, f.offered`

const visitTables = ` FROM visits v JOIN offices o ON o.id = v.office_id JOIN agencies a ON a.id = v.agency_id LEFT JOIN businesses b ON b.id = v.business_id
	CROSS JOIN LATERAL (SELECT count(*) AS sheets, count(*) FILTER (WHERE s.complete_at IS NULL) AS waiting FROM sheets s
		WHERE s.visit_id = v.id AND NOT EXISTS (SELECT 1 FROM sheets n WHERE n.supersedes = s.id)) s
	CROSS JOIN LATERAL (SELECT count(DISTINCT t.sha256) AS photos_total, count(DISTINCT t.sha256) FILTER (WHERE p.sha256 IS NULL) AS photos_due
		FROM sheets s JOIN attachments t ON t.owner_kind = 'sheet' AND t.owner_id = s.id LEFT JOIN photos p ON p.sha256 = t.sha256
		WHERE s.visit_id = v.id AND NOT EXISTS (SELECT 1 FROM sheets n WHERE n.supersedes = s.id)) h
	CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE f.severity = 'redline') AS redlines, count(*) AS failed,
		count(*) FILTER (WHERE f.lead_id IS NULL AND f.waived_at IS NULL AND NOT f.on_spot) AS offered
		FROM findings f WHERE f.visit_id = v.id AND f.in_force) f`

// waiting begins at the few sheets that wait, whose index is small.
const waiting = `v.id IN (SELECT s.visit_id FROM sheets s WHERE s.complete_at IS NULL AND NOT EXISTS (SELECT 1 FROM sheets n WHERE n.supersedes = s.id))`

// where collects conditions and their arguments.
type where struct {
	parts []string
	args  []any
}

// and adds a condition; each ? in it becomes the place of the next argument.
func (w *where) and(cond string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.parts = append(w.parts, cond)
}

func (w *where) sql() string { return " WHERE " + strings.Join(w.parts, " AND ") }

// sees limits a query over visits v to what who may see (invariant 6).
func (w *where) sees(who actor.Actor) {
	switch {
	case who.SeesCounty():
		w.parts = append(w.parts, "true")
	case who.Is(actor.Office):
		w.and("v.office_id = ?", who.OfficeID)
	case who.Is(actor.Supervisor):
		w.and("EXISTS (SELECT 1 FROM visit_supervisors mine WHERE mine.visit_id = v.id AND mine.account_id = ?)", who.ID)
	default:
		w.parts = append(w.parts, "false")
	}
}

// Filter narrows a list of visits.
type Filter struct {
	State, Q, From, To, After string
	Flagged                   bool // only cancelled ones whose sheet came
	Late, Waiting             bool // only late entries; only those whose photos have not all arrived
	OfficeID, AgencyID        uuid.NullUUID
}

type position struct {
	At time.Time `json:"a"`
	ID uuid.UUID `json:"i"`
}

const pageSize, countUpTo = 30, 1000

// near is how many of the newest visits a search by text looks through before it asks the index: a word that stands in
// every other name fills its page from these, and the index would first gather all of its hits.
const near = 3000

// Visits lists what who may see, newest first. Total counts up to 1001, beyond that it is "more than a thousand"; it is
// left out for a word that the newest visits alone fill a page with.
func (s *Service) Visits(ctx context.Context, who actor.Actor, f Filter) (web.Page[Visit], error) {
	page := web.Page[Visit]{Items: []Visit{}}
	var w where
	w.sees(who)
	if err := w.filter(f); err != nil {
		return page, err
	}
	ids, total, err := s.visitIDs(ctx, w, f)
	if err != nil {
		return page, err
	}
	page.Total = total
	const q = `SELECT ` + visitColumns + visitTables + ` WHERE v.id = ANY($1) ORDER BY v.created_at DESC, v.id DESC`
	if err := s.db.Select(ctx, &page.Items, q, pq.Array(ids)); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last Visit) any { return position{last.CreatedAt, last.ID} })
	for i := range page.Items {
		page.Items[i].Warnings = Warnings(len(page.Items[i].Supervisors))
	}
	return page, nil
}

// visitIDs finds the page and one more, and counts.
func (s *Service) visitIDs(ctx context.Context, w where, f Filter) (ids []uuid.UUID, total int, err error) {
	var p position
	more, err := web.DecodeCursor(f.After, &p)
	if err != nil {
		return nil, 0, err
	}
	all := w.copy()
	if more {
		w.and("(v.created_at, v.id) < (?, ?)", p.At, p.ID)
	}
	const order = ` ORDER BY v.created_at DESC, v.id DESC LIMIT %d`
	if f.Q != "" {
		newest := w.copy()
		q := `SELECT v.id FROM (SELECT v.id, v.created_at, v.number, v.business_name FROM visits v` + w.sql() + fmt.Sprintf(order, near) + `) v`
		newest.parts = nil
		newest.and(matches, pattern(f.Q))
		if err = s.db.Select(ctx, &ids, q+newest.sql()+fmt.Sprintf(order, pageSize+1), newest.args...); err != nil || len(ids) > pageSize {
			return ids, 0, err
		}
	}
	count := `SELECT count(*) FROM (SELECT 1 FROM ` + all.found(f.Q) + all.sql() + fmt.Sprintf(` LIMIT %d) x`, countUpTo+1)
	if err = s.db.Get(ctx, &total, count, all.args...); err != nil {
		return nil, 0, err
	}
	ids = nil
	page := `SELECT v.id FROM ` + w.found(f.Q) + w.sql() + fmt.Sprintf(order, pageSize+1)
	err = s.db.Select(ctx, &ids, page, w.args...)
	return ids, total, err
}

// found is the visits in which a text stands, by the bigram index. Apart from every other condition, or the planner gathers
// a township's visits by their own index and joins them with the few hits.
func (w *where) found(q string) string {
	if q == "" {
		return "visits v"
	}
	text := where{args: w.args}
	text.and("bigrams(v.number || ' ' || v.business_name) @> bigrams(?)", q)
	text.and(matches, pattern(q))
	w.args = text.args
	return "(SELECT * FROM visits v" + text.sql() + " OFFSET 0) v"
}

const matches = "v.number || ' ' || v.business_name ILIKE ?"

func pattern(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

func (w where) copy() where {
	return where{parts: slices.Clone(w.parts), args: slices.Clone(w.args)}
}

func (w *where) filter(f Filter) error {
	var c check
	if f.State != "" {
		c.oneOf("state", f.State, []string{string(Planned), string(Recorded), string(Cancelled)})
		w.and("v.state = ?", f.State)
	}
	if f.Flagged {
		w.and("v.flagged")
	}
	if f.Late {
		w.and("v.late")
	}
	if f.Waiting {
		w.and(waiting)
	}
	if f.OfficeID.Valid {
		w.and("v.office_id = ?", f.OfficeID)
	}
	if f.AgencyID.Valid {
		w.and("v.agency_id = ?", f.AgencyID)
	}
	c.text("q", f.Q, 0, 60)
	for _, d := range []struct{ field, day, cond string }{
		{"from", f.From, "COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on) >= ?::date"},
		{"to", f.To, "COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on) <= ?::date"},
	} {
		if d.day == "" {
			continue
		}
		if _, err := clock.ParseDay(d.day); err != nil {
			c.add(d.field, "日期要写成2026-05-14这样。")
		}
		w.and(d.cond, d.day)
	}
	return c.err()
}

// Visit reads one, with its time line and the deeds who may do now. Fault NotFound when out of sight.
func (s *Service) Visit(ctx context.Context, who actor.Actor, id uuid.UUID) (Visit, error) {
	return readVisit(ctx, s.db, who, id)
}

func readVisit(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (Visit, error) {
	var v Visit
	var w where
	w.and("v.id = ?", id)
	w.sees(who)
	if err := d.Get(ctx, &v, `SELECT `+visitColumns+visitTables+w.sql(), w.args...); err != nil {
		return v, err
	}
	v.Warnings = Warnings(len(v.Supervisors))
	v.Deeds = v.State.Allowed(who.Role, v.Flagged)
	v.Events = []Event{}
	const q = `SELECT e.deed, e.state, e.at, e.actor_role, e.text, COALESCE(p.name, '') AS by_name
		FROM visit_events e LEFT JOIN accounts p ON p.id = e.actor_id WHERE e.visit_id = $1 ORDER BY e.id DESC LIMIT 200`
	if err := d.Select(ctx, &v.Events, q, id); err != nil {
		return v, err
	}
	const papers = `SELECT t.sha256, t.declared_at, COALESCE(p.name, '') AS by_name FROM attachments t LEFT JOIN accounts p ON p.id = t.by_account
		WHERE t.owner_kind = 'visit' AND t.owner_id = $1 AND t.item = 'paper' ORDER BY t.position, t.id LIMIT 100`
	return v, d.Select(ctx, &v.Papers, papers, id)
}

// checklist reads a version once and keeps it: versions never change.
func (s *Service) checklist(ctx context.Context, d *db.DB, version int) (Checklist, error) {
	if l, ok := s.lists.Load(version); ok {
		return l.(Checklist), nil
	}
	var body []byte
	const q = `SELECT body FROM checklists WHERE version = $1::bigint`
	if err := d.Get(ctx, &body, q, version); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return Checklist{}, fault.Field("checklist_version", "服务器没有这一版监督清单，请先更新手机上的程序。")
		}
		return Checklist{}, err
	}
	l, err := ReadChecklist(version, body)
	if err == nil {
		s.lists.Store(version, l)
	}
	return l, err
}

// current is the newest version in effect on a day.
func (s *Service) current(ctx context.Context, day string) (Checklist, error) {
	var version int
	const q = `SELECT version FROM checklists WHERE effective_from <= $1::date ORDER BY version DESC LIMIT 1`
	if err := s.db.Get(ctx, &version, q, day); err != nil {
		return Checklist{}, err
	}
	return s.checklist(ctx, s.db, version)
}
