// Package clock is the one source of time (invariant 8): a parameter, so that tests and demo data can set it.
package clock

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // a server without zone files still knows Shanghai
)

// Clock gives the time.
type Clock func() time.Time

// Shanghai is the zone in which days, hours and deadlines are counted.
var Shanghai = mustLoad("Asia/Shanghai")

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // tzdata is linked in
	}
	return loc
}

// Real is the machine's clock to the microsecond, the precision PostgreSQL keeps.
func Real() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Day is the calendar day of t in Shanghai, as 2026-05-14.
func Day(t time.Time) string { return t.In(Shanghai).Format(time.DateOnly) }

// ParseDay reads 2026-05-14 as midnight in Shanghai. There is no year 0, here as in the database.
func ParseDay(s string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Shanghai)
	if err == nil && t.Year() < 1 {
		err = errors.New("clock: no such year")
	}
	return t, err
}

// Manual is a clock that moves when told to.
type Manual struct {
	mu sync.Mutex
	t  time.Time
}

// NewManual starts at t.
func NewManual(t time.Time) *Manual { return &Manual{t: t.UTC()} }

// Now is the time it was set to; the method value is a Clock.
func (m *Manual) Now() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.t }

// Set moves the clock to t; Add moves it by d.
func (m *Manual) Set(t time.Time) { m.mu.Lock(); defer m.mu.Unlock(); m.t = t.UTC() }

// Add moves the clock by d.
func (m *Manual) Add(d time.Duration) { m.mu.Lock(); defer m.mu.Unlock(); m.t = m.t.Add(d) }
