package feedback

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

// chi counts how often each set of 3 out of 7 is drawn, and says how far the counts are from even (34 degrees of freedom).
func chi(dice rand.Source, draws int, draw func(rand.Source, int, int) []int) float64 {
	seen := map[string]int{}
	for range draws {
		set := draw(dice, 7, 3)
		slices.Sort(set)
		seen[fmt.Sprint(set)]++
	}
	even, sum := float64(draws)/35, 0.0
	for a := range 7 {
		for b := a + 1; b < 7; b++ {
			for c := b + 1; c < 7; c++ {
				d := float64(seen[fmt.Sprint([]int{a, b, c})]) - even
				sum += d * d / even
			}
		}
	}
	return sum
}

// Every set of visits is as likely as any other: at 34 degrees of freedom 65.2 is passed once in a thousand seeds.
func TestCallbackDrawIsEven(t *testing.T) {
	const draws = 70_000
	if sum := chi(rand.NewPCG(7, 2026), draws, sample); sum > 65.2 {
		t.Errorf("chi-square %.1f over %d draws", sum, draws)
	}
	if sum := chi(systemDice{}, draws, sample); sum > 110 { // once in ten thousand million runs
		t.Errorf("the system's dice: chi-square %.1f", sum)
	}
	// The control: the shuffle that everybody gets wrong once is found out by the same measure.
	wrong := func(dice rand.Source, n, k int) []int {
		r, all := rand.New(dice), []int{0, 1, 2, 3, 4, 5, 6}
		for i := range n {
			j := r.IntN(n)
			all[i], all[j] = all[j], all[i]
		}
		return all[:k]
	}
	if sum := chi(rand.NewPCG(7, 2026), draws, wrong); sum < 65.2 {
		t.Errorf("the measure does not find an uneven draw: %.1f", sum)
	}
	if got := sample(systemDice{}, 3, 3); len(got) != 3 || got[0]+got[1]+got[2] != 3 {
		t.Error("a draw of all:", got)
	}
}

func TestCallbackShare(t *testing.T) {
	for _, c := range []struct{ share, least, n, want int }{
		{10, 1, 0, 0}, {10, 1, 1, 1}, {10, 1, 10, 1}, {10, 1, 11, 2}, {10, 1, 200, 20}, {25, 3, 2, 2}, {25, 3, 8, 3}, {100, 1, 8, 8},
	} {
		if got := (CallbackSettings{Share: c.share, Least: c.least}).of(c.n); got != c.want {
			t.Errorf("%d%%, at least %d, of %d: %d, want %d", c.share, c.least, c.n, got, c.want)
		}
	}
}

func TestCallbackMonths(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		newest, now string
		want        []string
	}{
		{"", "2026-05-06 10:00", []string{"2026-04"}},
		{"2026-04", "2026-05-31 23:59", nil},
		{"2026-04", "2026-06-01 00:59", nil}, // what is under way at midnight still belongs to May
		{"2026-04", "2026-06-01 01:00", []string{"2026-05"}},
		{"2026-01", "2026-05-06 10:00", []string{"2026-02", "2026-03", "2026-04"}},
		{"2025-06", "2026-02-06 10:00", []string{"2025-11", "2025-12", "2026-01"}},
	} {
		if got := dueMonths(c.newest, at(c.now)); !slices.Equal(got, c.want) {
			t.Errorf("after %q at %s: %v, want %v", c.newest, c.now, got, c.want)
		}
	}
}

func TestCallbackRules(t *testing.T) {
	open := Callback{State: callOpen, Version: 1}
	tried := Callback{State: callOpen, Version: 2, Tries: 2, TriedOn: "2026-05-07"}
	call := func(result string, version int, said ...string) *Call {
		in := &Call{Result: result, Contact: "门头电话", Version: version}
		for i, s := range said {
			*[]*string{&in.Seen, &in.Filled, &in.Beside}[i] = s
		}
		return in
	}
	for _, c := range []struct {
		name  string
		from  Callback
		in    *Call
		want  string // state after, or code of the fault
		tries int
	}{
		{"reached", open, call("reached", 1, "yes", "own", "no"), callReached, 0},
		{"declined", open, call("declined", 1), callDeclined, 0},
		{"in vain", open, call("unreached", 1), callOpen, 1},
		{"the third time in vain", tried, call("unreached", 2), callUnreached, 3},
		{"in vain twice a day", Callback{State: callOpen, Version: 2, Tries: 1, TriedOn: "2026-05-08"}, call("unreached", 2), "tried_today", 1},
		{"in vain and then reached on one day", Callback{State: callOpen, Version: 2, Tries: 1, TriedOn: "2026-05-08"}, call("reached", 2, "no"), callReached, 1},
		{"closed", Callback{State: callDeclined, Version: 1}, call("reached", 1, "yes"), "closed", 0},
		{"changed by another", tried, call("reached", 1, "yes"), "stale", 2},
	} {
		after, err := c.from.after(c.in, "2026-05-08")
		if got := fault.CodeOf(err); err != nil && got != c.want || err == nil && after.State != c.want || after.Tries != c.tries {
			t.Errorf("%s: %+v %v", c.name, after, err)
		}
		if err == nil && after.State != callOpen && after.Contact != "" {
			t.Errorf("%s: the number outlives the call-back", c.name)
		}
	}
	for name, in := range map[string]*Call{
		"no contact": {Result: "reached", Seen: "yes"}, "reached and nothing said": call("reached", 1), "not reached and something said": call("unreached", 1, "yes"),
		"nobody filled it and someone stood beside": call("reached", 1, "yes", "nobody", "yes"),
	} {
		if fault.KindOf(in.check()) != fault.Invalid {
			t.Error("taken:", name)
		}
	}
}

// What was recorded wrongly is taken back: closed or not, the call-back is open again and the day with it.
func TestCallbackUndoRules(t *testing.T) {
	for _, c := range []struct {
		from  Callback
		tries int
	}{
		{Callback{State: callReached, Seen: "no", Filled: "nobody", Tries: 1, TriedOn: "2026-05-07"}, 1}, {Callback{State: callDeclined}, 0},
		{Callback{State: callUnreached, Tries: 3, TriedOn: "2026-05-08"}, 2}, {Callback{State: callOpen, Tries: 1, TriedOn: "2026-05-08", Contact: "门头电话"}, 0},
	} {
		after, err := c.from.undone(0)
		if err != nil || after.State != callOpen || after.Tries != c.tries || after.Seen+after.Filled+after.Beside+after.Contact != "" {
			t.Errorf("%+v → %+v %v", c.from, after, err)
		}
		if after.TriedOn != "" && c.from.State != callReached {
			t.Errorf("%+v: the day stays shut", c.from)
		}
	}
	if _, err := (Callback{State: callOpen}).undone(0); fault.CodeOf(err) != "nothing_recorded" {
		t.Error(err)
	}
}
