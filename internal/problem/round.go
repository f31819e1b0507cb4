package problem

import (
	"fmt"
	"sort"
	"time"

	"suixing/internal/deadline"
	"suixing/internal/platform/clock"
)

// What people told us must not lead the agency back to whoever spoke, and the agency knows its own diary: whom it inspected
// when. An order that follows a visit by days points at the visit. So orders out of public voices leave in company: the weeks
// of an agency's inspections are joined into rounds of at least five businesses, and what came of a round leaves on the
// Monday a fixed time after it, whoever spoke first. Within a round nothing the agency reads depends on who it was
// (docs/adr/0015).

const (
	// enough is how many businesses a voice must stand among.
	enough = 5
	// holdDays is how long after a round's last Sunday its orders leave: the days in which an answer comes (a ticket is good
	// for seven), is looked into and written up. What comes later leaves with a later Monday.
	holdDays = 15
	// releaseHour is the hour of that Monday.
	releaseHour = 9
	// longWait is after how many days the desk is asked to decide, where five businesses do not come together.
	longWait = 30
)

// FromVoice tells whether somebody outside told of it, who could be harmed by being known.
func (p Problem) FromVoice() bool {
	switch p.Origin {
	case "feedback", "complaint", "contact", "transfer", "activity":
		return true
	default:
		return false
	}
}

// Round is the company in which a voice leaves. Until is empty while fewer than five businesses have come together.
type Round struct {
	From       deadline.Date
	Until      deadline.Date
	Businesses int
}

// Words tells in plain words how few there are.
func (r Round) Words() string {
	if r.Until != "" {
		return fmt.Sprintf("这个问题是群众或企业反映的。这个单位%s到%s查过%d家，现在单独发出去，容易猜到是谁反映的。", r.From, r.Until, r.Businesses)
	}
	if r.From == "" {
		return "这个问题是群众或企业反映的。这个单位近来没有检查过别的企业，现在发出去，一看就知道是谁反映的。"
	}
	return fmt.Sprintf("这个问题是群众或企业反映的。这个单位从%s到现在只查过%d家，现在发出去，很容易猜到是谁反映的。", r.From, r.Businesses)
}

// Leaves is the Monday on which what belongs to the round leaves; empty while the round is open.
func (r Round) Leaves() deadline.Date {
	if r.Until == "" {
		return ""
	}
	return r.Until.Add(holdDays)
}

// holds tells whether what happened that day belongs to the round. What is older than the first one leaves with it.
func (r Round) holds(day deadline.Date) bool { return r.Until == "" || day <= r.Until }

// inspected is one business an agency inspected in the week that ends on a Sunday.
type inspected struct {
	Week     deadline.Date `db:"week"`
	Business string        `db:"business"`
}

// join makes rounds of whole weeks: each ends with the first week that brings it to five businesses. The last may be open.
func join(all []inspected) []Round {
	sort.SliceStable(all, func(i, j int) bool { return all[i].Week < all[j].Week })
	var out []Round
	seen, from := map[string]bool{}, deadline.Date("")
	for i, x := range all {
		if from == "" {
			from = x.Week.Add(-6)
		}
		seen[x.Business] = true
		if last := i+1 == len(all) || all[i+1].Week != x.Week; last && len(seen) >= enough {
			out = append(out, Round{from, x.Week, len(seen)})
			seen, from = map[string]bool{}, x.Week.Add(1)
		}
	}
	if from != "" {
		out = append(out, Round{from, "", len(seen)})
	}
	return out
}

// lastRelease is the Monday hour at or before now.
func lastRelease(now time.Time) time.Time {
	t := now.In(clock.Shanghai)
	back := (int(t.Weekday()) + 6) % 7
	m := time.Date(t.Year(), t.Month(), t.Day()-back, releaseHour, 0, 0, 0, clock.Shanghai)
	if m.After(now) {
		m = m.AddDate(0, 0, -7)
	}
	return m
}

// Release tells the desk in whose company a problem leaves.
type Release struct {
	Queued     bool          `json:"queued"`
	Rung       Rung          `json:"rung"`
	QueuedAt   *time.Time    `json:"queued_at"`
	Businesses int           `json:"businesses" doc:"how many businesses the agency inspected in the round of that day, so far"`
	Needed     int           `json:"needed"`
	From       deadline.Date `json:"from"`
	Until      deadline.Date `json:"until" doc:"empty while fewer than needed have come together"`
	LeavesOn   deadline.Date `json:"leaves_on" doc:"the day it leaves, once it is handed in; empty while the round is open"`
	LongWait   bool          `json:"long_wait" doc:"handed in a month ago, and still too few: a person decides"`
	Words      string        `json:"words"`
	Fault      string        `json:"fault" doc:"why it could not leave with the others; empty: nothing is in the way"`
}
