package lead

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/problem"
)

// Filter narrows the queue. state=open is the queue itself, oldest first, or by sort=due what must be decided first; the rest
// is newest first.
type Filter struct {
	State    string `query:"state" maxLength:"16"`
	OfficeID string `query:"office_id" maxLength:"36"`
	AgencyID string `query:"agency_id" maxLength:"36"`
	Origin   string `query:"origin" maxLength:"16"`
	Severity string `query:"severity" maxLength:"16"`
	Category string `query:"category" maxLength:"16"`
	Q        string `query:"q" maxLength:"60" doc:"number or words, two characters at least"`
	Sort     string `query:"sort" maxLength:"8" doc:"due: by deadline, for state=open, and for state=referred what still owes an outcome; new or nothing: by arrival"`
	After    string `query:"after" maxLength:"200"`
	Limit    int    `query:"limit" doc:"1 to 100, 50 when left out"`
}

// byDue tells whether the queue is read by its deadlines.
func (f Filter) byDue() bool { return f.Sort == "due" && f.State == string(Open) || f.awaited() }

// awaited tells whether what was referred is read by the day its outcome is due.
func (f Filter) awaited() bool { return f.Sort == "due" && f.State == string(Referred) }

func (f Filter) limit() int {
	if f.Limit < 1 || f.Limit > 100 {
		return 50
	}
	return f.Limit
}

func (f Filter) check() error {
	states := make([]string, len(States))
	for i, s := range States {
		states[i] = string(s)
	}
	for _, c := range []struct {
		field, value string
		list         []string
	}{
		{"state", f.State, states}, {"origin", f.Origin, problem.Origins}, {"category", f.Category, problem.Categories},
		{"severity", f.Severity, []string{problem.Redline, problem.General, problem.Minor}}, {"sort", f.Sort, []string{"due", "new"}},
	} {
		if c.value != "" && !listed(c.list, c.value) {
			return fault.Field(c.field, "没有这个筛选项")
		}
	}
	for field, id := range map[string]string{"office_id": f.OfficeID, "agency_id": f.AgencyID} {
		if id == "" {
			continue
		}
		if _, err := uuid.Parse(id); err != nil {
			return fault.Field(field, "编号格式不对")
		}
	}
	terms := strings.Fields(f.Q)
	for _, t := range terms {
		if utf8.RuneCountInString(t) < 2 {
			return fault.Field("q", "至少写两个字")
		}
	}
	if len(terms) > 5 || (f.Q != "" && len(terms) == 0) || strings.ContainsRune(f.Q, 0) {
		return fault.Field("q", "至少写两个字，最多五个词")
	}
	return nil
}

// LeadItem is a line of the queue.
type LeadItem struct {
	ID            uuid.UUID     `db:"id" json:"id"`
	Number        string        `db:"number" json:"number"`
	Origin        string        `db:"origin" json:"origin"`
	OriginID      *uuid.UUID    `db:"origin_id" json:"origin_id"`
	OriginItem    string        `db:"origin_item" json:"origin_item"`
	OfficeID      *uuid.UUID    `db:"office_id" json:"office_id"`
	OfficeName    string        `db:"office_name" json:"office_name"`
	AgencyID      *uuid.UUID    `db:"agency_id" json:"agency_id"`
	AgencyName    string        `db:"agency_name" json:"agency_name"`
	Severity      string        `db:"severity" json:"severity"`
	Category      string        `db:"category" json:"category"`
	Fact          string        `db:"fact" json:"fact"`
	HappenedOn    deadline.Date `db:"happened_on" json:"happened_on"`
	RaisedAt      time.Time     `db:"raised_at" json:"raised_at"`
	State         State         `db:"state" json:"state"`
	DueOn         deadline.Date `db:"due_on" json:"due_on"`
	DueRule       string        `db:"due_rule" json:"due_rule" doc:"GET /api/deadlines/due with it and due_from, or the day of raising, shows the sum"`
	Outcome       string        `db:"outcome" json:"outcome" enum:",done,declined,silent" doc:"of the organ it was referred to"`
	Overdue       bool          `db:"-" json:"overdue"`
	ProblemID     *uuid.UUID    `db:"problem_id" json:"problem_id"`
	ProblemNumber string        `db:"problem_number" json:"problem_number"`
	Version       int           `db:"version" json:"version"`
	Incomplete    bool          `db:"incomplete" json:"incomplete" doc:"photos of the record sheet behind it have not all arrived"`
}
