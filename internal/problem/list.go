package problem

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
)

// Filter narrows the register. The zero value is the whole register in the actor's scope, newest first.
type Filter struct {
	State    string `query:"state" maxLength:"16"`
	Severity string `query:"severity" maxLength:"16"`
	Due      string `query:"due" maxLength:"16" doc:"overdue, near, none; or outcome: referred, and no written outcome yet"`
	OfficeID string `query:"office_id" maxLength:"36"`
	AgencyID string `query:"agency_id" maxLength:"36"`
	Origin   string `query:"origin" maxLength:"16"`
	Category string `query:"category" maxLength:"16"`
	Q        string `query:"q" maxLength:"60" doc:"number or words of fact, agency text and business, two characters at least; an agency asks its own text only"`
	Open     bool   `query:"open"`
	Sort     string `query:"sort" maxLength:"8" doc:"due or new"`
	After    string `query:"after" maxLength:"200"`
	Limit    int    `query:"limit" doc:"1 to 100, 50 when left out"`
}

// byDue tells whether the list is the queue by due date: what is open, the most urgent first, a red line that nobody has ordered yet before all, without a date last.
func (f Filter) byDue() bool {
	if f.Due != "" || f.Sort == "due" {
		return true
	}
	return f.Open && f.Sort == ""
}

func (f Filter) limit() int {
	if f.Limit < 1 || f.Limit > 100 {
		return 50
	}
	return f.Limit
}

// check refuses what is no filter, and for an agency those filters that would answer what it may not ask:
// a list that shrinks when one asks for an origin tells the origin.
func (f Filter) check(who actor.Actor) error {
	var bad faults
	states := make([]string, len(States))
	for i, s := range States {
		states[i] = string(s)
	}
	one := func(field, value string, list []string) {
		bad.add(value != "" && !listed(list, value), field, "没有这个筛选项")
	}
	one("state", f.State, states)
	one("severity", f.Severity, severities)
	one("due", f.Due, []string{"overdue", "near", "none", "outcome"})
	one("origin", f.Origin, Origins)
	one("category", f.Category, Categories)
	one("sort", f.Sort, []string{"due", "new"})
	for field, id := range map[string]string{"office_id": f.OfficeID, "agency_id": f.AgencyID} {
		if id != "" {
			_, err := uuid.Parse(id)
			bad.add(err != nil, field, "编号格式不对")
		}
	}
	if who.Is(actor.Agency) {
		bad.add(f.Origin != "", "origin", "没有这个筛选项")
		bad.add(f.Due == "outcome", "due", "没有这个筛选项")
		bad.add(f.OfficeID != "" || f.AgencyID != "", "agency_id", "没有这个筛选项")
	}
	bad.add(f.Q != "" && !searchable(f.Q), "q", "至少写两个字")
	return bad.err()
}

// terms are the words of a search; every one of them must be found.
func terms(q string) []string { return strings.Fields(strings.ReplaceAll(q, "\x00", "")) }

func searchable(q string) bool {
	all := terms(q)
	for _, t := range all {
		if utf8.RuneCountInString(t) < 2 {
			return false
		}
	}
	return len(all) > 0 && len(all) <= 5
}

// like makes a pattern that finds term as it is typed: its % and _ are letters.
func like(term string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(term) + "%"
}

// Item is a line of the office's and the county's lists; AgencyItem of the agency's.
type Item struct {
	ID             uuid.UUID     `json:"id"`
	Number         string        `json:"number"`
	OfficeID       *uuid.UUID    `json:"office_id"`
	OfficeName     string        `json:"office_name"`
	AgencyID       uuid.UUID     `json:"agency_id"`
	AgencyName     string        `json:"agency_name"`
	Origin         string        `json:"origin"`
	Severity       string        `json:"severity"`
	Category       string        `json:"category"`
	Tag            string        `json:"tag"`
	Nature         string        `json:"nature"`
	Fact           string        `json:"fact"` // its first 80 characters
	FoundOn        deadline.Date `json:"found_on"`
	State          State         `json:"state"`
	Rung           Rung          `json:"rung"`
	ServedOn       deadline.Date `json:"served_on"`
	DueOn          deadline.Date `json:"due_on"`
	Clock          Clock         `json:"clock"`
	ExtensionAsked deadline.Date `json:"extension_asked"`
	Accountability bool          `json:"accountability"`
	Reopened       int           `json:"reopened"`
	Round          int           `json:"round"`
	RegisteredAt   time.Time     `json:"registered_at"`
	ClosedAt       *time.Time    `json:"closed_at"`
	Version        int           `json:"version"`
	Incomplete     bool          `json:"incomplete"` // photos of a record behind it have not all arrived
	AgencyNumber   string        `json:"agency_number"`
	Queued         bool          `json:"queued"` // its letter is written and waits for its release
	OwnVisit       bool          `json:"own_visit" doc:"what was said of a visit that the reader stood beside: no origin, and the agency's text as fact"`
	OutcomeDueOn   deadline.Date `json:"outcome_due_on" doc:"of a referral: when a written outcome is due"`
	Outcome        string        `json:"outcome"`
}

// AgencyItem holds only what AgencyView holds too.
type AgencyItem struct {
	ID             uuid.UUID     `json:"id"`
	Number         string        `json:"number"`
	State          State         `json:"state"`
	Severity       string        `json:"severity"`
	Rung           Rung          `json:"rung"`
	Category       string        `json:"category"`
	AgencyText     string        `json:"agency_text"`
	OfficeName     string        `json:"office_name"`
	ServedOn       deadline.Date `json:"served_on"`
	DueOn          deadline.Date `json:"due_on"`
	Clock          Clock         `json:"clock"`
	ExtensionAsked deadline.Date `json:"extension_asked"`
	Round          int           `json:"round"`
	ClosedOn       deadline.Date `json:"closed_on"`
	Version        int           `json:"version"`
}

func (r row) item(c Clock) Item {
	return Item{r.ID, r.Number, r.OfficeID, deref(r.OfficeName), r.AgencyID, r.AgencyName, r.Origin, r.Severity, r.Category, r.Tag, r.Nature, r.Fact, r.FoundOn,
		r.State, r.Rung, r.ServedOn, r.DueOn, c, r.ExtensionAsked, r.Accountability, r.Reopened, r.Round, r.RegisteredAt, r.ClosedAt, r.Version, r.Incomplete, r.AgencyNumber, r.Queued, r.OwnVisit, r.OutcomeDueOn, r.Outcome}
}

func (r row) agencyItem(c Clock) AgencyItem {
	return AgencyItem{r.ID, r.AgencyNumber, r.State, r.Severity, r.Rung, r.Category, r.AgencyText, deref(r.OfficeName), r.ServedOn, r.DueOn, c,
		r.ExtensionAsked, r.Round, day(r.ClosedAt), r.AgencyVersion}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

var errFull = fault.New(fault.Invalid, "too_many_rows", "超过5万件，一张表放不下。请先按单位或状态筛选，再导出。")
