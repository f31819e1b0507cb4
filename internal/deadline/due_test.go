package deadline

import (
	"testing"
	"time"

	"suixing/internal/fault"
)

func known2426(t *testing.T) Calendar {
	t.Helper()
	years, days := map[int]int{}, []Exception{}
	for y := 2024; y <= 2026; y++ {
		years[y] = 1
		days = append(days, Known(y)...)
	}
	return NewCalendar(years, days)
}

// The feedback sheet of DOMAIN K.14: served on Wednesday 2026-05-06, seven working days.
func TestSampleK14(t *testing.T) {
	rule := Rule{Code: "DL11", Value: 7, Unit: WorkingDays, Strength: "inferred"}
	s, err := Sum(rule, "2026-05-06", known2426(t))
	if err != nil || s.Due != "2026-05-14" {
		t.Fatalf("with 调休: %s %v, want 2026-05-14", s.Due, err)
	}
	if s.Statutory || s.CalendarVersion != "2026.1" || len(s.Days) != 8 {
		t.Errorf("sum = %+v", s)
	}
	if sat := s.Days[2]; sat.Day != "2026-05-09" || !sat.Working || sat.Ordinal != 3 || sat.Name != "劳动节调休" {
		t.Errorf("Saturday 05-09 = %+v", sat)
	}
	if sun := s.Days[3]; sun.Working || sun.Ordinal != 0 {
		t.Errorf("Sunday 05-10 = %+v", sun)
	}
	plain, err := Sum(rule, "2026-05-06", NewCalendar(map[int]int{2026: 1}, nil))
	if err != nil || plain.Due != "2026-05-15" {
		t.Errorf("without 调休: %s %v, want 2026-05-15", plain.Due, err)
	}
}

func TestBoundaries(t *testing.T) {
	cal := known2426(t)
	for _, c := range []struct {
		from  Date
		value int
		unit  string
		want  Date
	}{
		{"2026-04-30", 1, WorkingDays, "2026-05-06"}, // over the May holiday
		{"2026-05-01", 1, WorkingDays, "2026-05-06"}, // from within it
		{"2026-05-08", 1, WorkingDays, "2026-05-09"}, // to a working Saturday
		{"2025-12-31", 1, WorkingDays, "2026-01-04"}, // over the year's end, to a working Sunday
		{"2024-02-28", 1, WorkingDays, "2024-02-29"}, // leap day
		{"2026-03-02", 30, NaturalDays, "2026-04-01"},
		{"2024-09-09", 90, NaturalDays, "2024-12-08"},
		{"2026-12-30", 30, NaturalDays, "2027-01-29"}, // natural days need no calendar
		{"2026-05-06", 0, WorkingDays, "2026-05-06"},
		{"2025-12-31", 31, NaturalDays, "2026-01-31"},
	} {
		s, err := Sum(Rule{Value: c.value, Unit: c.unit}, c.from, cal)
		if err != nil || s.Due != c.want {
			t.Errorf("%s + %d %s = %s %v, want %s", c.from, c.value, c.unit, s.Due, err, c.want)
		}
	}
	_, err := Sum(Rule{Value: 2, Unit: WorkingDays}, "2026-12-30", cal)
	if fault.CodeOf(err) != "no_calendar" {
		t.Errorf("2027 must be refused, got %v", err)
	}
	if s, err := Sum(Rule{Value: 1, Unit: WorkingDays}, "2026-12-30", cal); err != nil || s.Due != "2026-12-31" {
		t.Errorf("the last day of a known year still counts: %v %v", s.Due, err)
	}
	if _, err := Sum(Rule{Value: 1, Unit: WorkingDays}, "2026-02-30", cal); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a day that does not exist: %v", err)
	}
}

func TestWorkingWeekendsOf2026(t *testing.T) {
	var got []Date
	for _, d := range Known(2026) {
		if w := d.Day.Time().Weekday(); d.Working && (w == time.Saturday || w == time.Sunday) {
			got = append(got, d.Day)
		}
	}
	want := []Date{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if len(Known(2027)) != 0 {
		t.Error("the library knows 2027 now: add it to the migration and to this test")
	}
}

// Counted another way: list all days that people work, then index into the list.
func TestAgainstBruteForce(t *testing.T) {
	cal := known2426(t)
	off, on := map[string]bool{}, map[string]bool{}
	for y := 2024; y <= 2026; y++ {
		for _, x := range Known(y) {
			if x.Working {
				on[string(x.Day)] = true
			} else {
				off[string(x.Day)] = true
			}
		}
	}
	var work []string
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := 0; n < 366+365+365; n++ {
		day := first.AddDate(0, 0, n)
		s := day.Format(time.DateOnly)
		weekend := day.Weekday() == 0 || day.Weekday() == 6
		if on[s] || (!weekend && !off[s]) {
			work = append(work, s)
		}
	}
	checked := 0
	for n := 0; n < 366+365+365-1; n++ {
		from := first.AddDate(0, 0, n).Format(time.DateOnly)
		next := 0
		for next < len(work) && work[next] <= from {
			next++
		}
		for _, v := range []int{1, 3, 5, 7, 10, 15, 20} {
			s, err := Sum(Rule{Value: v, Unit: WorkingDays}, Date(from), cal)
			if i := next + v - 1; i < len(work) {
				if err != nil || string(s.Due) != work[i] {
					t.Fatalf("%s + %d wd = %s %v, want %s", from, v, s.Due, err, work[i])
				}
			} else if fault.CodeOf(err) != "no_calendar" {
				t.Fatalf("%s + %d wd runs into 2027 and gave %s", from, v, s.Due)
			}
			checked++
		}
	}
	if checked < 7000 {
		t.Errorf("only %d sums compared", checked)
	}
}

func TestSumToALettersOwnDate(t *testing.T) {
	s, err := SumTo(Rule{Code: "DL06", Value: 30, Unit: NaturalDays, Strength: "henan"}, "2026-03-02", "2026-03-20", known2426(t))
	if err != nil || s.Due != "2026-03-20" || s.Value != 18 || !s.Set || !s.Statutory {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := SumTo(Rule{Unit: NaturalDays}, "2026-03-02", "2026-03-01", known2426(t)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("before it was served: %v", err)
	}
}

// 补正: asked on the Wednesday, answered the Monday after; the days between are listed and do not count.
func TestTheClockStands(t *testing.T) {
	cal := known2426(t)
	wd := Rule{Code: "DL01", Value: 5, Unit: WorkingDays}
	plain, err := Sum(wd, "2026-05-11", cal)
	if err != nil || plain.Due != "2026-05-18" {
		t.Fatal(plain.Due, err)
	}
	stop := Stop{From: "2026-05-13", Until: "2026-05-18", Why: "completion"}
	s, err := SumStopped(wd, "2026-05-11", []Stop{stop}, cal)
	if err != nil || s.Due != "2026-05-21" || len(s.Stops) != 1 {
		t.Fatalf("due %s, %v", s.Due, err)
	}
	stood, counted := 0, 0
	for _, d := range s.Days {
		if d.Stopped {
			stood++
		}
		if d.Ordinal > 0 {
			counted++
		}
		if d.Stopped && d.Ordinal > 0 {
			t.Errorf("%s stood still and counts", d.Day)
		}
	}
	if stood != 5 || counted != 5 {
		t.Errorf("%d stood, %d counted", stood, counted)
	}
	if s, err = SumStopped(Rule{Value: 30, Unit: NaturalDays}, "2026-05-11", []Stop{stop}, cal); err != nil || s.Due != "2026-06-15" {
		t.Errorf("natural days: %s %v, want five more than 2026-06-10", s.Due, err)
	}
	for from, want := range map[Date]Date{"2026-05-11": "2026-05-11", "2026-05-13": "2026-05-13", "2026-06-10": "2026-06-15"} {
		if got := stop.Shift(from); got != want {
			t.Errorf("%s moves to %s, want %s", from, got, want)
		}
	}
	if got := (Stop{From: "2026-05-13", Until: "2026-05-13"}).Shift("2026-06-10"); got != "2026-06-10" {
		t.Errorf("a stop of no days moves to %s", got)
	}
}
