package visit

import (
	"suixing/internal/actor"
	"suixing/internal/lifecycle"
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

var (
	desk  = []actor.Role{actor.Office, actor.County}
	field = []actor.Role{actor.Supervisor, actor.Office}
)

var (
	planned   = []State{Planned}
	recorded  = []State{Recorded}
	cancelled = []State{Cancelled}
)

var steps = lifecycle.Table[Deed, State, struct{}]{
	{Deed: Change, From: planned, To: Planned, Who: desk},
	{Deed: Cancel, From: planned, To: Cancelled, Who: []actor.Role{actor.Office, actor.County, actor.Supervisor}},
	{Deed: Record, From: planned, To: Recorded, Who: field},
	{Deed: Record, From: recorded, To: Recorded, Who: field},   // a second author, or a correction
	{Deed: Record, From: cancelled, To: Cancelled, Who: field}, // kept and flagged, never lost
	{Deed: Accept, From: cancelled, To: Recorded, Who: desk},
}

// Take tells the state a deed leads to, or why it may not be done. Pure.
func (s State) Take(d Deed, who actor.Role) (State, error) {
	st, err := steps.Find(d, s, actor.Actor{Role: who}, stateWords[s])
	if err != nil {
		return s, err
	}
	return st.To, nil
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
