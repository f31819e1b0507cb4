package deadline

import (
	"fmt"
	"sort"
	"strings"

	"suixing/internal/fault"
)

// SumDay is one day of a sum as people see it: its ordinal when it counts, else why it does not.
type SumDay struct {
	Day     Date   `json:"day"`
	Working bool   `json:"working"`
	Ordinal int    `json:"ordinal"` // 0: does not count
	Name    string `json:"name"`    // 劳动节, 劳动节调休 …; empty on an ordinary day
	Stopped bool   `json:"stopped,omitempty" doc:"the clock stood still on this day"`
}

// Stop is a time in which the clock stands still: the days after From, up to and with Until. As with an event, the day of
// From itself has run; the day after Until runs again.
type Stop struct {
	From  Date   `json:"from"`
	Until Date   `json:"until"`
	Why   string `json:"why"`
}

func (s Stop) holds(d Date) bool { return d > s.From && d <= s.Until }

// Shift moves a day that a later period is counted from, when the clock before it stood still.
func (s Stop) Shift(d Date) Date {
	if d <= s.From || s.Until <= s.From {
		return d
	}
	return d.Add(int(s.Until.Time().Sub(s.From.Time()).Hours() / 24))
}

// DueSum is a due date with the sum that led to it.
type DueSum struct {
	Rule  string `json:"rule"`
	From  Date   `json:"from"`
	Value int    `json:"value"`
	Unit  string `json:"unit"`
	Due   Date   `json:"due"`
	Basis string `json:"basis"`
	// Strength of the basis; Statutory is false where people must read 不是法定期限.
	Strength  string `json:"strength"`
	Statutory bool   `json:"statutory"`
	// Set: the day was written into the letter by a person; Value says how many days that makes.
	Set             bool     `json:"set"`
	Days            []SumDay `json:"days"`
	Stops           []Stop   `json:"stops,omitempty" doc:"times in which the clock stood still"`
	CalendarVersion string   `json:"calendar_version"` // 2026.1, or 2026.1+2027.2 over a year's end
}

// The longest sum that is listed day by day; longer ones show their ends only.
const maxListed = 120

// Sum counts rule from the day of the event; the next day is day one (民法典第二百零一条). Working days leave out
// weekends and public holidays and count 调休 working days; natural days count every day and end where they end.
// A year whose holidays are not loaded is refused, never taken for one without holidays.
func Sum(rule Rule, from Date, cal Calendar) (DueSum, error) { return SumStopped(rule, from, nil, cal) }

// SumStopped is Sum with the clock standing still in between; the days it stood still are listed and do not count.
func SumStopped(rule Rule, from Date, stops []Stop, cal Calendar) (DueSum, error) {
	if !from.Valid() {
		return DueSum{}, fault.Field("from", "日期要写成2026-05-14这样")
	}
	s := begin(rule, from)
	s.Stops = stops
	if rule.Value == 0 {
		s.Due = from
		return s, nil
	}
	for d, n := from.Add(1), 0; ; d = d.Add(1) {
		day, err := look(cal, d, rule.Unit)
		if err != nil {
			return DueSum{}, err
		}
		day.Stopped = stoppedOn(stops, d)
		if !day.Stopped && (rule.Unit == NaturalDays || day.Working) {
			n++
			day.Ordinal = n
		}
		s.Days = append(s.Days, day)
		if n == rule.Value {
			s.Due = d
			return finish(s, cal), nil
		}
	}
}

// SumTo lists the days up to a due date that a letter sets itself, in the rule's unit, so that it too shows its sum.
func SumTo(rule Rule, from, due Date, cal Calendar) (DueSum, error) {
	if !from.Valid() {
		return DueSum{}, fault.Field("from", "日期要写成2026-05-14这样")
	}
	if !due.Valid() || due < from || due > from.Add(3650) {
		return DueSum{}, fault.Field("due_on", "期限不能早于送达的那一天")
	}
	s := begin(rule, from)
	s.Due, s.Set, s.Value = due, true, 0
	for d := from.Add(1); d <= due; d = d.Add(1) {
		day, err := look(cal, d, rule.Unit)
		if err != nil {
			return DueSum{}, err
		}
		if rule.Unit == NaturalDays || day.Working {
			s.Value++
			day.Ordinal = s.Value
		}
		s.Days = append(s.Days, day)
	}
	return finish(s, cal), nil
}

func stoppedOn(stops []Stop, d Date) bool {
	for _, s := range stops {
		if s.holds(d) {
			return true
		}
	}
	return false
}

func begin(r Rule, from Date) DueSum {
	return DueSum{Rule: r.Code, From: from, Value: r.Value, Unit: r.Unit, Basis: r.Basis, Strength: r.Strength, Statutory: r.Statutory(), Days: []SumDay{}}
}

// look refuses a year without data when working days are counted; natural days need no calendar and only lose the names.
func look(cal Calendar, d Date, unit string) (SumDay, error) {
	if !cal.Covers(d.Year()) {
		if unit == WorkingDays {
			return SumDay{}, NoCalendar(d.Year())
		}
		return SumDay{Day: d, Name: "节假日未载入"}, nil
	}
	working, name := cal.Working(d)
	return SumDay{Day: d, Working: working, Name: name}, nil
}

// NoCalendar is the refusal to count working days in a year whose holidays are not known.
func NoCalendar(year int) error {
	return fault.New(fault.Conflict, "no_calendar",
		fmt.Sprintf("%d年的节假日和调休还没有载入，算不出工作日，什么都没有保存。请县司法局在“期限与日历”里补上%d年。", year, year))
}

func finish(s DueSum, cal Calendar) DueSum {
	used := map[int]bool{}
	for _, d := range s.Days {
		if cal.Covers(d.Day.Year()) {
			used[d.Day.Year()] = true
		}
	}
	var parts []string
	for y := range used {
		parts = append(parts, fmt.Sprintf("%d.%d", y, cal.years[y]))
	}
	sort.Strings(parts)
	s.CalendarVersion = strings.Join(parts, "+")
	if len(s.Days) > maxListed {
		s.Days = append(s.Days[:5:5], s.Days[len(s.Days)-5:]...)
	}
	return s
}

// WorkingDaysAfter is the n-th working day after d, the one question that needs no rule.
func (c Calendar) WorkingDaysAfter(d Date, n int) (Date, error) {
	s, err := Sum(Rule{Value: n, Unit: WorkingDays}, d, c)
	return s.Due, err
}

// WorkingDaysBetween counts the working days after from up to and including to; false where the calendar does not reach.
func (c Calendar) WorkingDaysBetween(from, to Date) (int, bool) {
	if to > from.Add(3660) {
		return 0, false
	}
	n := 0
	for d := from.Add(1); d <= to; d = d.Add(1) {
		if !c.Covers(d.Year()) {
			return 0, false
		}
		if working, _ := c.Working(d); working {
			n++
		}
	}
	return n, true
}
