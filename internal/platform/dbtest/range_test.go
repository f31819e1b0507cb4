package dbtest

import (
	"context"
	"testing"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

// What reads as a number, a date or an id and yet fits no column is the sender's to put right, never a fault of ours.
func TestOutOfRangeIsInvalid(t *testing.T) {
	e := New(t)
	for name, one := range map[string]struct {
		query string
		value any
	}{
		"number": {`SELECT $1::int`, "99999999999"},
		"day":    {`SELECT $1::date`, "0000-01-01"},
		"zone":   {`SELECT $1::timestamptz`, "2026-11-20 00:00:00+23:59"},
		"words":  {`SELECT $1::timestamptz`, "soon"},
		"id":     {`SELECT $1::uuid`, "urn:uuid:00000000-0000-0000-0000-000000000001"},
		"nul":    {`SELECT $1::text`, "a\x00b"},
	} {
		if _, err := e.DB.Exec(context.Background(), one.query, one.value); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := clock.ParseDay("0000-01-01"); err == nil {
		t.Error("the year 0 is taken for one")
	}
}
