package deadline

import (
	"strings"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
)

// Source names where the loader's days come from, in the words the calendar shows: lunar-go v1.4.6 carries the State
// Council's yearly notices and nothing else. A year the county wrote names its own source.
const Source = "国务院办公厅放假安排"

// Known gives the exceptions of a year as the library knows them; none means the year is unknown to it.
func Known(year int) []Exception {
	var days []Exception
	for t := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() == year; t = t.AddDate(0, 0, 1) {
		h := HolidayUtil.GetHolidayByYmd(t.Year(), int(t.Month()), t.Day())
		if h == nil {
			continue
		}
		name := strings.Replace(h.GetName(), "元旦节", "元旦", 1)
		if h.IsWork() {
			name += "调休"
		}
		days = append(days, Exception{Day: Date(t.Format(time.DateOnly)), Working: h.IsWork(), Name: name})
	}
	return days
}
