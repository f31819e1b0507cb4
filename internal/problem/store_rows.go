package problem

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

type position struct {
	Key string    `json:"k"`
	ID  uuid.UUID `json:"i"`
}

// listQuery builds one page of the list: scope, filters, keyset, order, limit+1. The order always has an index behind it.
func listQuery(who actor.Actor, f Filter, today, near deadline.Date, at *position, limit int, newest bool) (string, []any) {
	a := &args{}
	w := []string{scope(who, a.add)}
	if m := strings.TrimSpace(agencyNumber.FindString(f.Q)); m != "" && !who.Is(actor.Agency) { // what an agency calls it over the telephone: its own index
		w = append(w, "p.agency_number = "+a.add(strings.ToUpper(m)))
		f.Q = ""
	}
	own, key := ownVisit(who, a.add), "p.due_key"
	if f.Due == "outcome" {
		key = "p.outcome_due_on"
	}
	w = append(w, filters(who, f, today, near, own, a)...)
	since := sinceColumn(who)
	order := since + " DESC, p.id DESC"
	if f.byDue() {
		order = key + ", p.id"
	}
	if at != nil && f.byDue() {
		w = append(w, fmt.Sprintf("("+key+", p.id) > (%s::date, %s)", a.add(at.Key), a.add(at.ID)))
	} else if at != nil {
		w = append(w, fmt.Sprintf("(%s, p.id) < (%s::timestamptz, %s)", since, a.add(at.Key), a.add(at.ID)))
	}
	from := "problems p"
	if newest && f.Q != "" {
		from = "(SELECT * FROM problems p WHERE " + strings.Join(w, " AND ") + " ORDER BY " + order + " LIMIT " + a.add(window) + ") p"
		w = nil
	}
	if found := search(who, f.Q, !newest, own, a); newest || who.Is(actor.Agency) {
		w = append(w, found...)
	} else if len(found) > 0 { // apart, or the planner gathers a quarter of the register by its day and joins that with two hundred hits
		from = "(SELECT * FROM problems p WHERE " + strings.Join(found, " AND ") + " OFFSET 0) p"
	}
	return `SELECT ` + rowColumns(limit > 100, own, key) + ` FROM ` + from + ` WHERE ` + strings.Join(w, " AND ") + ` ORDER BY ` + order + ` LIMIT ` + a.add(limit+1), a.list
}

func filters(who actor.Actor, f Filter, today, near deadline.Date, own string, a *args) (w []string) {
	for _, eq := range [][2]string{{"state", f.State}, {"severity", f.Severity}, {"office_id", f.OfficeID}, {"agency_id", f.AgencyID}, {"origin", f.Origin}, {"category", f.Category}} {
		if eq[1] != "" {
			w = append(w, "p."+eq[0]+" = "+a.add(eq[1]))
		}
	}
	if f.Origin != "" && !who.Is(actor.Agency) {
		w = append(w, "NOT "+own) // a list that grows by asking for an origin tells the origin
	}
	if f.Due == "outcome" { // referred, and the organ has not answered in writing yet
		w = append(w, "p.outcome_due_on IS NOT NULL")
	} else if f.Open || f.byDue() {
		w = append(w, "p.closed_at IS NULL")
	}
	switch f.Due {
	case "overdue":
		w = append(w, "p.due_key < "+a.add(string(today)), "p.due_key > '-infinity'", "p.state NOT IN ('confirmed', 'submitted')") // not IN: the planner then keeps the index's order
	case "near":
		w = append(w, "p.due_key BETWEEN "+a.add(string(today))+" AND "+a.add(string(near)), "p.state <> 'confirmed'")
	case "none":
		w = append(w, "p.due_key = 'infinity'")
	}
	return w
}

var agencyNumber = regexp.MustCompile(`^\s*(?i:ZG)\d{4}-\d{4,}\s*$`)

// window is how many rows from the top of the list a search looks through letter by letter before it asks the bigram
// index: a common word fills its page from these, where the index would gather and sort a tenth of the register.
const window = 2000

// sinceColumn orders the list by age. An agency's is by the day of the order: its cursor must not carry the time of registration.
func sinceColumn(who actor.Actor) string {
	if who.Is(actor.Agency) {
		return "p.ordered_at"
	}
	return "p.registered_at"
}

// search finds by number and text through the bigram index and looks again letter by letter. The agency is asked only
// about what it can read: searching the fact or the business would tell it, word by word, what they say.
func search(who actor.Actor, q string, index bool, own string, a *args) []string {
	if q == "" {
		return nil
	}
	text := "(p.number || ' ' || p.fact || ' ' || p.agency_text || ' ' || p.business)"
	if who.Is(actor.Agency) {
		text = "(p.agency_number || ' ' || p.agency_text)"
	}
	var w []string
	for _, t := range terms(q) {
		if index && !who.Is(actor.Agency) {
			w = append(w, "bigrams(p.number || ' ' || p.fact || ' ' || p.agency_text || ' ' || p.business) @> bigrams("+a.add(t)+")")
		}
		pattern := a.add(like(t))
		w = append(w, text+" ILIKE "+pattern)
		if !who.Is(actor.Agency) { // whose own visit it was finds it by what she may read of it
			w = append(w, "(NOT "+own+" OR (p.number || ' ' || p.agency_text) ILIKE "+pattern+")")
		}
	}
	return w
}

// rowColumns names places by subselects, not joins: the planner then never trades the index's order for a sort.
// Lists cut long text, the workbook does not.
func rowColumns(whole bool, own, key string) string {
	fact, ours := "left(p.fact, 80)", "left(p.agency_text, 80)"
	if whole {
		fact, ours = "p.fact", "p.agency_text"
	}
	text := own + " AS own_visit, CASE WHEN " + own + " THEN '' ELSE p.origin END AS origin, CASE WHEN " + own + " THEN " + ours + " ELSE " + fact + " END AS fact, " + ours + " AS agency_text"
	return `p.id, p.number, p.agency_number, p.queued_at IS NOT NULL AS queued, p.state, p.office_id, p.agency_id, p.nature, to_char(p.found_on, 'YYYY-MM-DD') AS found_on, p.reopened, p.severity, p.rung, p.category, p.tag, p.common, ` + text + `,
	(SELECT o.name FROM offices o WHERE o.id = p.office_id) AS office_name, (SELECT g.name FROM agencies g WHERE g.id = p.agency_id) AS agency_name,
	COALESCE(to_char(p.served_on, 'YYYY-MM-DD'), '') AS served_on, COALESCE(to_char(p.due_on, 'YYYY-MM-DD'), '') AS due_on, COALESCE(` + key + `::text, '') AS due_key, COALESCE(to_char(p.outcome_due_on, 'YYYY-MM-DD'), '') AS outcome_due_on, p.outcome,
	COALESCE(to_char(p.extension_asked, 'YYYY-MM-DD'), '') AS extension_asked, p.accountability, p.round, p.registered_at, p.ordered_at, p.closed_at, p.version, p.agency_version,
	` + incomplete + ` AS incomplete`
}

// incomplete: a record sheet behind the problem still waits for photos. Never told to an agency: it names the origin.
const incomplete = `COALESCE((SELECT bool_or(visit_incomplete(l.origin_id)) FROM leads l WHERE l.problem_id = p.id AND l.origin = 'visit'), false)`

// row is a problem as a list reads it; it becomes an Item or an AgencyItem.
type row struct {
	ID             uuid.UUID     `db:"id"`
	Number         string        `db:"number"`
	State          State         `db:"state"`
	OfficeID       *uuid.UUID    `db:"office_id"`
	AgencyID       uuid.UUID     `db:"agency_id"`
	Nature         string        `db:"nature"`
	FoundOn        deadline.Date `db:"found_on"`
	Reopened       int           `db:"reopened"`
	Severity       string        `db:"severity"`
	Rung           Rung          `db:"rung"`
	Category       string        `db:"category"`
	Tag            string        `db:"tag"`
	Origin         string        `db:"origin"`
	Fact           string        `db:"fact"`
	AgencyText     string        `db:"agency_text"`
	OfficeName     *string       `db:"office_name"`
	AgencyName     string        `db:"agency_name"`
	ServedOn       deadline.Date `db:"served_on"`
	DueOn          deadline.Date `db:"due_on"`
	DueKey         string        `db:"due_key"`
	OutcomeDueOn   deadline.Date `db:"outcome_due_on"`
	Outcome        string        `db:"outcome"`
	ExtensionAsked deadline.Date `db:"extension_asked"`
	Accountability bool          `db:"accountability"`
	Round          int           `db:"round"`
	RegisteredAt   time.Time     `db:"registered_at"`
	OrderedAt      *time.Time    `db:"ordered_at"`
	ClosedAt       *time.Time    `db:"closed_at"`
	Version        int           `db:"version"`
	AgencyVersion  int           `db:"agency_version"`
	Incomplete     bool          `db:"incomplete"`
	AgencyNumber   string        `db:"agency_number"`
	Queued         bool          `db:"queued"`
	OwnVisit       bool          `db:"own_visit"`
	Common         bool          `db:"common"`
}

func (r row) position(who actor.Actor, byDue bool) position {
	since := r.RegisteredAt
	if who.Is(actor.Agency) && r.OrderedAt != nil {
		since = *r.OrderedAt
	}
	if byDue {
		return position{r.DueKey, r.ID}
	}
	return position{since.UTC().Format(time.RFC3339Nano), r.ID}
}
