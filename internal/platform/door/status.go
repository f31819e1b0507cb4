package door

import (
	"time"

	"suixing/internal/platform/clock"
)

// Step is one thing that happened with what someone sent in: a code, a day, and a due day where one runs.
type Step struct {
	Code string    `db:"step"`
	At   time.Time `db:"at"`
	Due  *time.Time
}

// Status is what a receipt code shows: steps and days, our answer, never what was written or who wrote it.
type Status struct {
	Received time.Time
	Steps    []Step // oldest first
	Reply    string
	Asks     string // what the person is asked to add, while we wait for it
	Replied  *time.Time
	Again    bool // one more word may follow our answer (追评), at /f/more
}

// Steps orders what happened and leaves out what says nothing new: the same step again on the same day.
func Steps(rows []Step) []Step {
	out := []Step{}
	for _, s := range rows {
		if n := len(out); n > 0 && out[n-1].Code == s.Code && clock.Day(out[n-1].At) == clock.Day(s.At) {
			out[n-1].Due = s.Due
			continue
		}
		out = append(out, s)
	}
	return out
}

// Chinese is a day as people write it: 2026年5月6日.
func Chinese(t time.Time) string { return t.In(clock.Shanghai).Format("2006年1月2日") }

// ChineseDay is Chinese for a day as 2026-05-06; "" for anything else.
func ChineseDay(day string) string {
	t, err := clock.ParseDay(day)
	if err != nil {
		return ""
	}
	return Chinese(t)
}

// Hour is t without its minutes: all that is kept of when someone without a name spoke.
func Hour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }
