package visit

import (
	"suixing/internal/actor"
	"suixing/internal/fault"
)

// State is where a visit stands.
type State string

// The states of a visit.
const (
	Planned   State = "planned"
	Recorded  State = "recorded"
	Cancelled State = "cancelled"
)

// States are all there are, in order.
var States = []State{Planned, Recorded, Cancelled}

// Deed is what someone does to a visit.
type Deed string

// The deeds. Record is done by a sheet that arrives, never by a button.
const (
	Change Deed = "change"
	Cancel Deed = "cancel"
	Record Deed = "record"
	Accept Deed = "accept" // a cancelled visit took place after all: its sheet counts
)

// Deeds are all there are, in order.
var Deeds = []Deed{Change, Cancel, Record, Accept}

type step struct {
	deed     Deed
	from, to State
	who      []actor.Role
}

var (
	desk  = []actor.Role{actor.Office, actor.County}
	field = []actor.Role{actor.Supervisor, actor.Office}
)

var steps = []step{
	{Change, Planned, Planned, desk},
	{Cancel, Planned, Cancelled, []actor.Role{actor.Office, actor.County, actor.Supervisor}},
	{Record, Planned, Recorded, field},
	{Record, Recorded, Recorded, field},   // a second author, or a correction
	{Record, Cancelled, Cancelled, field}, // kept and flagged, never lost
	{Accept, Cancelled, Recorded, desk},
}

// Take tells the state a deed leads to, or why it may not be done. Pure.
func (s State) Take(d Deed, who actor.Role) (State, error) {
	mayElsewhere := false
	for _, st := range steps {
		if st.deed != d || !has(st.who, who) {
			continue
		}
		if st.from == s {
			return st.to, nil
		}
		mayElsewhere = true
	}
	if !mayElsewhere {
		return s, fault.Denied()
	}
	return s, fault.New(fault.Conflict, "state", stateWords[s])
}

var stateWords = map[State]string{
	Planned:   "这次监督还在计划中，现在不能办这一项。",
	Recorded:  "这次监督已有记录表，现在不能办这一项。",
	Cancelled: "这次监督已经取消，现在不能办这一项。",
}

// Allowed lists the deeds this role could do now, for the buttons of the desk.
func (s State) Allowed(who actor.Role, flagged bool) []Deed {
	out := []Deed{}
	for _, d := range []Deed{Change, Cancel, Accept} {
		if _, err := s.Take(d, who); err == nil && (d != Accept || flagged) {
			out = append(out, d)
		}
	}
	return out
}

func has(roles []actor.Role, r actor.Role) bool {
	for _, x := range roles {
		if x == r {
			return true
		}
	}
	return false
}
