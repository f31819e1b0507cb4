// Package deadline counts how long someone has (DOMAIN B.3): the rules and the working-day calendar are data
// that the county keeps, each rule with its legal basis, and every due date comes with the sum that led to it
// (invariant 7). Working days know 调休: a weekend on which people work, a weekday on which they do not.
package deadline

import (
	"time"

	"suixing/internal/fault"
)

// Date is a calendar day in Shanghai, 2026-05-14. Empty means none. Such text sorts as days do.
type Date string

// Valid tells whether d is a real day between 2000 and 2099.
func (d Date) Valid() bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Year() >= 2000 && t.Year() < 2100
}

// Time is d at midnight UTC, for arithmetic; the zero time when d is no day.
func (d Date) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Add is n days after d.
func (d Date) Add(n int) Date { return Date(d.Time().AddDate(0, 0, n).Format(time.DateOnly)) }

// Year is the year of d.
func (d Date) Year() int { return d.Time().Year() }

// The units a rule counts in.
const (
	WorkingDays = "wd"
	NaturalDays = "d"
)

// Rule says how long after an event something is due, and by what authority.
type Rule struct {
	Code          string `db:"code" json:"code"`
	EffectiveFrom Date   `db:"effective_from" json:"effective_from"`
	Event         string `db:"event" json:"event"`
	Value         int    `db:"value" json:"value"`
	Unit          string `db:"unit" json:"unit"`
	Basis         string `db:"basis" json:"basis"`
	// Strength: national and henan are law here; local, other, template and inferred are not, and people are told so.
	Strength string `db:"strength" json:"strength"`
	// Version counts the changes of the code's rules; Reason is why the newest was made.
	Version int    `db:"version" json:"version"`
	Reason  string `db:"reason" json:"reason"`
}

// Statutory tells whether the period is set by law that binds a Henan county; where not, people read 不是法定期限.
func (r Rule) Statutory() bool { return r.Strength == "national" || r.Strength == "henan" }

// The strengths a rule may have, strongest first.
var strengths = []string{"national", "henan", "local", "other", "template", "inferred"}

func (r Rule) check() error {
	var bad []fault.FieldError
	add := func(field, words string) { bad = append(bad, fault.FieldError{Field: field, Message: words}) }
	if r.Value < 0 || r.Value > 3650 {
		add("value", "天数要在0到3650之间")
	}
	if r.Unit != WorkingDays && r.Unit != NaturalDays {
		add("unit", "单位只能是工作日（wd）或自然日（d）")
	}
	if n := len([]rune(r.Basis)); n < 2 || n > 400 {
		add("basis", "写明依据，2到400字")
	}
	if len([]rune(r.Reason)) > 200 {
		add("reason", "理由最多200字")
	}
	if !known(strengths, r.Strength) {
		add("strength", "没有这种依据类别")
	}
	if !r.EffectiveFrom.Valid() {
		add("effective_from", "生效日期要写成2026-05-14这样")
	}
	return fault.Invalidf(bad...)
}

func known(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Exception is a day that is not what its weekday says.
type Exception struct {
	Day     Date   `db:"day" json:"day"`
	Working bool   `db:"working" json:"working"`
	Name    string `db:"name" json:"name"`
}

// Calendar is what is known of some years: their exceptions, and which years have been loaded at all.
type Calendar struct {
	years map[int]int // year to version
	days  map[Date]Exception
}

// NewCalendar builds a calendar from the loaded years, with their versions, and their exceptions.
func NewCalendar(years map[int]int, days []Exception) Calendar {
	c := Calendar{years: years, days: make(map[Date]Exception, len(days))}
	for _, d := range days {
		c.days[d.Day] = d
	}
	return c
}

// Covers tells whether the year's holidays are known.
func (c Calendar) Covers(year int) bool { return c.years[year] > 0 }

// Working tells whether people work on d, and the name of the holiday or 调休 if it is one. The year must be covered.
func (c Calendar) Working(d Date) (bool, string) {
	if x, ok := c.days[d]; ok {
		return x.Working, x.Name
	}
	w := d.Time().Weekday()
	return w != time.Saturday && w != time.Sunday, ""
}
