package visit

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestWhatIsLost(t *testing.T) {
	x, y := uuid.New(), uuid.New()
	out := []Out{{ID: x, Kind: "sheet"}, {ID: y, Kind: "sheet"}}
	none := accounted{}
	for name, c := range map[string]struct {
		before []Out
		same   bool
		a      accounted
		want   int
		cause  string
	}{
		"nothing was out":                {nil, true, none, 0, ""},
		"still reported":                 {out, true, accounted{reported: setOf(x, y)}, 0, ""},
		"one gone":                       {out, true, accounted{reported: setOf(x)}, 1, Dropped},
		"both gone":                      {out, true, none, 2, Dropped},
		"received meanwhile":             {out, true, accounted{received: setOf(x, y)}, 0, ""},
		"a receipt is on the phone":      {out, true, accounted{receipted: setOf(x, y)}, 0, ""},
		"given up by the person":         {out, true, accounted{discarded: setOf(x), received: setOf(y)}, 0, ""},
		"wiped with two out":             {out, false, none, 2, Wiped},
		"wiped, one had been received":   {out, false, accounted{received: setOf(x)}, 1, Wiped},
		"wiped, imported from a file":    {out, false, accounted{reported: setOf(x, y)}, 0, ""},
		"wiped with nothing out":         {nil, false, none, 0, ""},
		"another's report explains none": {out, true, accounted{reported: setOf(uuid.New()), received: setOf(uuid.New())}, 2, Dropped},
	} {
		gone, cause := lost(c.before, c.same, c.a)
		if len(gone) != c.want || cause != c.cause {
			t.Errorf("%s: %d lost by %q, want %d by %q", name, len(gone), cause, c.want, c.cause)
		}
	}
}

func TestReplacedPhone(t *testing.T) {
	x := uuid.New()
	seen := time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)
	old := mute{SeenAt: seen, Out: []Out{{ID: x}}}
	for name, c := range map[string]struct {
		old      mute
		newFirst time.Duration // after the old one's last word
		now      time.Duration
		a        accounted
		want     int
	}{
		"a new phone, the old silent for two days":   {old, time.Hour, 48 * time.Hour, accounted{}, 1},
		"a new phone, the old silent for an hour":    {old, 30 * time.Minute, time.Hour, accounted{}, 0},
		"the same make, a minute later":              {mute{SeenAt: seen, SameMake: true, Out: old.Out}, 30 * time.Second, time.Minute, accounted{}, 1},
		"the same make, both in use before":          {mute{SeenAt: seen, SameMake: true, Out: old.Out}, -time.Hour, time.Minute, accounted{}, 0},
		"exactly a day":                              {old, time.Hour, 24 * time.Hour, accounted{}, 1},
		"both were in use before":                    {old, -time.Hour, 48 * time.Hour, accounted{}, 0},
		"the old one's record has been received":     {old, time.Hour, 48 * time.Hour, accounted{received: setOf(x)}, 0},
		"the new phone has it, from a rescue file":   {old, time.Hour, 48 * time.Hour, accounted{reported: setOf(x)}, 0},
		"alarmed before":                             {mute{SeenAt: seen, Alarmed: true, Out: old.Out}, time.Hour, 48 * time.Hour, accounted{}, 0},
		"the old one holds nothing":                  {mute{SeenAt: seen}, time.Hour, 48 * time.Hour, accounted{}, 0},
		"given up":                                   {old, time.Hour, 48 * time.Hour, accounted{discarded: setOf(x)}, 0},
		"the new phone's clock plays no part at all": {old, time.Second, 25 * time.Hour, accounted{}, 1},
	} {
		if got := replaced(c.old, seen.Add(c.newFirst), seen.Add(c.now), c.a); len(got) != c.want {
			t.Errorf("%s: %d, want %d", name, len(got), c.want)
		}
	}
}

func TestOvertakenReports(t *testing.T) {
	known := time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		same bool
		said time.Duration
		want bool
	}{
		"newer": {true, time.Second, false}, "the same": {true, 0, false}, "sent a moment earlier": {true, -time.Minute, true},
		"the clock was set back by years": {true, -3 * 365 * 24 * time.Hour, false}, "another database": {false, -time.Minute, false},
	} {
		if got := overtaken(c.same, known, known.Add(c.said)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
