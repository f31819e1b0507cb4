package problem_test

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// flatten turns everything in an answer into numbers that an order or a time could be read from.
func flatten(path string, x any, out map[string]float64) {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			flatten(path+"."+k, v, out)
		}
	case []any:
		out[path+".len"] = float64(len(x))
		for i, v := range x {
			if i < 4 {
				flatten(fmt.Sprintf("%s.%d", path, i), v, out)
			}
		}
	case float64:
		out[path] = x
	case bool:
		out[path] = map[bool]float64{true: 1}[x]
	case string:
		out[path+".length"] = float64(len(x))
		if n, ok := numberIn(x); ok {
			out[path] = n
		}
	}
}

// numberIn reads a day, a moment, the time in a v7 id, the digits at the end of a number.
func numberIn(s string) (float64, bool) {
	if id, err := uuid.Parse(s); err == nil {
		if id.Version() == 7 {
			sec, nsec := id.Time().UnixTime()
			return float64(sec)/3600 + float64(nsec)/3.6e12, true
		}
		return float64(id[0])*256 + float64(id[1]), true
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.UnixMilli()) / 3.6e6, true
		}
	}
	digits := s[len(strings.TrimRight(s, "0123456789")):]
	n, err := strconv.ParseFloat(digits, 64)
	return n, err == nil
}

// round is a stretch of the diary that the published rule makes, told once more here: whole weeks until five businesses.
func (g *diarist) rounds() []int { // of each inspection; -1 while its round is open
	if len(g.lying) == len(g.inspections) {
		return g.lying
	}
	out := make([]int, len(g.inspections))
	week := func(i int) int { return int(g.inspections[i].Sub(diaryStart).Hours() / 24 / 7) }
	n, first := 0, 0
	for i := range out {
		out[i] = -1
		if i+1 < len(out) && week(i+1) == week(i) || i+1-first < 5 {
			continue
		}
		for j := first; j <= i; j++ {
			out[j] = n
		}
		n, first = n+1, i+1
	}
	g.lying = out
	return out
}

// cell says of a candidate how it lies to the moment a problem appeared, in one of the ways an attacker may look at it.
type cell func(g *diarist, rounds []int, seen time.Time, newest, i int) int

var looks = map[string]cell{
	"days": func(g *diarist, _ []int, seen time.Time, _, i int) int {
		return int(seen.Sub(g.inspections[i]).Hours() / 24)
	},
	"place": func(_ *diarist, _ []int, _ time.Time, newest, i int) int { return newest - i },
	"round": func(g *diarist, rounds []int, seen time.Time, newest, i int) int {
		first, last := slices.Index(rounds, rounds[i]), i
		for last+1 < len(rounds) && rounds[last+1] == rounds[i] {
			last++
		}
		back := 0
		for j := i; j < newest; j++ {
			if rounds[j] != rounds[j+1] {
				back++
			}
		}
		return back*10 + min(4, 5*(i-first)/(last-first+1))
	},
	"weekday": func(g *diarist, _ []int, seen time.Time, _, i int) int {
		return int(seen.Sub(g.inspections[i]).Hours()/24/7)*7 + int(g.inspections[i].Weekday())
	},
}

// trace is one number of every problem that might tell an order: as it stands against the moment, against what the agency
// knew of its other problems, and among those that came with it.
type trace struct {
	name string
	of   func(v *voice) (float64, bool)
}

func (d *diaryWorld) traces() []trace {
	names := map[string]bool{}
	for _, v := range d.voices {
		for k := range v.leaves {
			names[k] = true
		}
	}
	out := []trace{{"nothing", func(*voice) (float64, bool) { return 0, true }}}
	for k := range names {
		out = append(out,
			trace{k + " against the day", func(v *voice) (float64, bool) { x, ok := v.leaves[k]; return x - float64(v.seen.UnixMilli())/3.6e6, ok }},
			trace{k + " against what was known", func(v *voice) (float64, bool) { return v.against(k) }},
			trace{k + " among its own", func(v *voice) (float64, bool) { return v.among(k) }})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// against compares with the newest problem whose visit the agency knows: what its supervisor saw.
func (v *voice) against(k string) (float64, bool) {
	x, ok := v.leaves[k]
	for i := slices.Index(v.agency.order, v) - 1; i >= 0 && ok; i-- {
		if o := v.agency.order[i]; !o.public {
			y, known := o.leaves[k]
			return x - y, known
		}
	}
	return 0, false
}

func (v *voice) among(k string) (float64, bool) {
	x, ok := v.leaves[k]
	less, all := 0.0, 0.0
	for _, o := range v.agency.order {
		if o.public && o != v && o.seen.Equal(v.seen) {
			all++
			switch y := o.leaves[k]; {
			case y < x:
				less++
			case y == x:
				less += 0.5
			}
		}
	}
	if all == 0 {
		return 0.5, ok
	}
	return less / all, ok
}

// result is how an attack did on the half it was not told of.
type result struct {
	n, right, fewest         int
	chance, variance, likely float64 // likely: the logarithm of how likely it held the truth to be
	by                       string
}

func (r result) z() float64 { return (float64(r.right) - r.chance) / math.Sqrt(max(r.variance, 1e-9)) }

func (r result) String() string {
	return fmt.Sprintf("%d of %d, by chance %.1f (%.1f sigma, by %s)", r.right, r.n, r.chance, r.z(), r.by)
}

// heard are the voices that reached their agency, in the order in which they did.
func (d *diaryWorld) heard(waits bool) (all []*voice) {
	for _, v := range d.voices {
		if v.public && v.leaves != nil && v.agency.waits == waits && v.agency.rounds()[v.inspection] >= 0 {
			all = append(all, v)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].seen.Before(all[j].seen) })
	return all
}

// plain is the plainest attack, how many days ago, told of all whom it guesses: on letters sent one by one it is the control.
func (d *diaryWorld) plain(waits bool) result {
	all := d.heard(waits)
	return learn(trace{"nothing", func(*voice) (float64, bool) { return 0, true }}, "days", all).guess(all)
}

// attack learns on the first quarter, chooses on the second how to look, learns on both, and guesses on the rest.
func (d *diaryWorld) attack() result {
	all := d.heard(true)
	quarter := len(all) / 4
	best, most := (*learner)(nil), math.Inf(-1)
	for _, tr := range d.traces() {
		for _, name := range []string{"days", "place", "round", "weekday"} {
			l := learn(tr, name, all[:quarter])
			if p := l.guess(all[quarter : 2*quarter]).likely; p > most {
				best, most = l, p
			}
		}
	}
	return learn(best.trace, best.look, all[:2*quarter]).guess(all[2*quarter:])
}

// learner counts, for each bin of a trace, in which cell the business lay that spoke, and how many lay there at all.
type learner struct {
	trace      trace
	look       string
	cuts       []float64
	true, seen map[[2]int]float64
}

func (l *learner) name() string { return l.look + ", " + l.trace.name }

func learn(tr trace, look string, from []*voice) *learner {
	l := &learner{trace: tr, look: look, true: map[[2]int]float64{}, seen: map[[2]int]float64{}}
	var xs []float64
	for _, v := range from {
		if x, ok := tr.of(v); ok {
			xs = append(xs, x)
		}
	}
	sort.Float64s(xs)
	for i := 1; i < 5 && len(xs) > 0; i++ {
		l.cuts = append(l.cuts, xs[i*len(xs)/5])
	}
	for _, v := range from {
		bin := l.bin(v)
		for i, c := range l.cells(v) {
			for _, b := range []int{bin, -9} { // -9: whatever the bin
				l.count([2]int{b, c}, i == v.inspection, 1)
				if look == "days" || look == "place" { // a day more or less is nearly the same
					l.count([2]int{b, c - 1}, i == v.inspection, 0.5)
					l.count([2]int{b, c + 1}, i == v.inspection, 0.5)
				}
			}
		}
	}
	return l
}

func (l *learner) count(k [2]int, spoke bool, weight float64) {
	l.seen[k] += weight
	if spoke {
		l.true[k] += weight
	}
}

func (l *learner) bin(v *voice) int {
	x, ok := l.trace.of(v)
	if !ok {
		return -1
	}
	return sort.SearchFloat64s(l.cuts, x)
}

// cells of the inspections of the ten weeks before a problem appeared, by their place in the diary.
func (l *learner) cells(v *voice) map[int]int {
	g, out := v.agency, map[int]int{}
	rounds := g.rounds()
	newest := sort.Search(len(g.inspections), func(i int) bool { return g.inspections[i].After(v.seen) }) - 1
	for i := newest; i >= 0 && v.seen.Sub(g.inspections[i]) < 70*24*time.Hour; i-- {
		out[i] = looks[l.look](g, rounds, v.seen, newest, i)
	}
	return out
}

// guess names the likeliest business for each problem; equally likely ones share the hit.
func (l *learner) guess(of []*voice) result {
	r := result{by: l.name(), fewest: math.MaxInt}
	hits := 0.0
	for _, v := range of {
		bin, best, ties, mine := l.bin(v), -1.0, 0.0, false
		sum, truth := 0.0, 1e-9
		for i, c := range l.cells(v) {
			k, whole := [2]int{bin, c}, [2]int{-9, c}
			prior := (l.true[whole] + 0.02) / (l.seen[whole] + 1)
			p := (l.true[k] + 4*prior) / (l.seen[k] + 4)
			sum += p
			if i == v.inspection {
				truth = p
			}
			switch {
			case p > best:
				best, ties, mine = p, 1, i == v.inspection
			case p == best:
				ties++
				mine = mine || i == v.inspection
			}
		}
		if mine {
			hits += 1 / ties
		}
		r.likely += math.Log(truth / max(sum, truth))
		rounds, n := v.agency.rounds(), 0
		for _, x := range rounds {
			if x == rounds[v.inspection] {
				n++
			}
		}
		r.n, r.fewest = r.n+1, min(r.fewest, n)
		r.chance += 1 / float64(n)
		r.variance += 1 / float64(n) * (1 - 1/float64(n))
	}
	r.right = int(math.Round(hits))
	return r
}
