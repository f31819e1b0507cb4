package feedback

import (
	"time"

	"github.com/google/uuid"
)

// The rules of 疑似代评, pure. Each sign has a weight; none that an honest business may show is enough alone. One sign is: the
// business itself says otherwise, later and from elsewhere, than who scanned its code first.

const (
	window    = 24 * time.Hour
	sameDesk  = 2 * time.Hour    // one network and one kind of phone
	sameHand  = 15 * time.Minute // one kind of phone, whatever the network
	sameRound = 10 * time.Minute // tickets of one carrier
	quick     = 20               // seconds in which nobody reads seventeen questions
	inhuman   = 8                // seconds in which nobody taps them
	enough    = 3.0
	nearest   = 200 // of what shares a sign, so many are looked at
	apart     = 2   // steps between two overall marks that are no change of mood
)

// judge gives the answers among day that are to be flagged, as far as the unseen ones have to do with them.
func judge(day, unseen []trace) []uuid.UUID {
	b := shelve(day)
	again := map[uuid.UUID]trace{}
	for _, t := range unseen {
		again[t.ID] = t
		for _, o := range b.near(t) {
			again[o.ID] = o
		}
	}
	var out []uuid.UUID
	for id, t := range again {
		if b.weigh(t) >= enough {
			out = append(out, id)
		}
	}
	return out
}

// shelf holds the day's traces by what they may have in common. All signs are about one agency: its score is what is raised.
type shelf struct{ by map[string][]trace }

func shelve(day []trace) shelf {
	s := shelf{map[string][]trace{}}
	for _, t := range day {
		for _, k := range t.keys() {
			s.by[k] = append(s.by[k], t)
		}
	}
	return s
}

func (t *trace) keys() []string {
	a := t.Agency.String()
	out := []string{"ticket " + t.Ticket.String(), "net " + a + t.Net + t.Agent, "hand " + a + t.Agent, "round " + a + t.Holder.String()}
	if t.Device != "" {
		out = append(out, "device "+a+t.Device)
	}
	return out
}

func (s shelf) near(t trace) (out []trace) {
	for _, k := range t.keys() {
		list := s.by[k]
		out = append(out, list[max(0, len(list)-nearest):]...)
	}
	return out
}

// others counts the other tickets that share a sign with t within a time.
func (s shelf) others(t trace, key string, within time.Duration) int {
	tickets := map[uuid.UUID]bool{}
	list := s.by[key]
	for _, o := range list[max(0, len(list)-nearest):] {
		if d := o.At - t.At; o.Ticket != t.Ticket && d <= int64(within/time.Second) && -d <= int64(within/time.Second) {
			tickets[o.Ticket] = true
		}
	}
	return len(tickets)
}

// weigh adds up what speaks for another hand than the business's.
func (s shelf) weigh(t trace) (sum float64) {
	if s.gainsaid(t) {
		return enough
	}
	a := t.Agency.String()
	phone := 0.0
	if t.Device != "" { // a neighbour's or a son's may serve two, not three
		phone = step(s.others(t, "device "+a+t.Device, window), 2, 3)
	}
	sum = max(phone, step(s.others(t, "net "+a+t.Net+t.Agent, sameDesk), 1, 2.5, 3)) // one phone has one network, most of the time
	sum += step(s.others(t, "hand "+a+t.Agent, sameHand), 0, 1)
	sum += step(s.others(t, "round "+a+t.Holder.String(), sameRound), 0, 1, 1, 2)
	switch {
	case t.Open > 0 && t.Open < inhuman:
		sum += 3
	case t.Open > 0 && t.Open < quick:
		sum++
	}
	if t.Top {
		sum += 0.5
	}
	return sum
}

// gainsaid tells whether a later answer of the same ticket, from another phone, says the contrary. Who is right nobody
// knows by that: the first is flagged, and both stand side by side for a person to ask.
func (s shelf) gainsaid(t trace) bool {
	if !t.First {
		return false
	}
	list := s.by["ticket "+t.Ticket.String()]
	for _, o := range list[max(0, len(list)-nearest):] {
		if !o.First && o.elsewhere(t) && o.contrary(t) {
			return true
		}
	}
	return false
}

// elsewhere: another phone. The mark of a day may be gone on the same one (a private window), network and kind are then both
// the same; and one phone changes its network on the way.
func (t *trace) elsewhere(o trace) bool {
	if t.Device != "" && t.Device == o.Device {
		return false
	}
	return t.Net != o.Net || t.Agent != o.Agent
}

func (t *trace) contrary(o trace) bool {
	if d := t.Mark - o.Mark; d >= apart || -d >= apart {
		return true
	}
	for i := range min(len(t.Facts), len(o.Facts)) {
		if a, b := t.Facts[i], o.Facts[i]; a == 'y' && b == 'n' || a == 'n' && b == 'y' {
			return true
		}
	}
	return false
}

// step is the weight for n others: the last one stands for all more.
func step(n int, weights ...float64) float64 {
	if n == 0 {
		return 0
	}
	return weights[min(n, len(weights))-1]
}
