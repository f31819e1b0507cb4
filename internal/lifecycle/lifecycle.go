// Package lifecycle is what the life-cycles share: a pure table that says which deed takes which states to which, by whom.
// What a deed asks of the record and changes in it is its feature's.
package lifecycle

import (
	"errors"
	"slices"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

// Step is one line of a table, with the feature's own rules for the deed.
type Step[D, S ~string, R any] struct {
	Deed  D
	From  []S
	To    S // empty: the deed leaves the state as it is
	Who   []actor.Role
	Needs []Need
	Rules R
}

// Row writes a step as the line of a table that it is.
func Row[D, S ~string, R any](deed D, from []S, to S, who []actor.Role, needs []Need, rules R) Step[D, S, R] {
	return Step[D, S, R]{deed, from, to, who, needs, rules}
}

// Table is a life-cycle in the order of the work.
type Table[D, S ~string, R any] []Step[D, S, R]

// Need is one field of a deed's form: what the person must give, for the desk to draw it.
type Need struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind" enum:"text,date,bool,photos,choice,problem,agency,person"`
	Required bool     `json:"required"`
	Max      int      `json:"max,omitempty"`
	Choices  []string `json:"choices,omitempty"`
}

// Allowed is a deed the person may do now, with what it asks for.
type Allowed struct {
	Deed     string `json:"deed"`
	LabelKey string `json:"label_key"`
	Fields   []Need `json:"fields" nullable:"false"`
}

// Blocked is a deed of this role and state that something still stands in the way of, in words.
type Blocked struct {
	Deed     string `json:"deed"`
	LabelKey string `json:"label_key"`
	Why      string `json:"why"`
}

// Find is the line by which who may do the deed from a state. stuck is said where others than this state allow it.
func (t Table[D, S, R]) Find(d D, from S, who actor.Actor, stuck string) (Step[D, S, R], error) {
	err := fault.Missing()
	for _, s := range t {
		switch {
		case s.Deed != d:
		case !who.Is(s.Who...):
			err = fault.Denied()
		case !slices.Contains(s.From, from):
			err = fault.New(fault.Conflict, "state", stuck)
		default:
			return s, nil
		}
	}
	return Step[D, S, R]{}, err
}

// Offers says what who may do from a state, and what is in the way of the rest. ask gives the fields of a deed's form, or
// what is in its way; without both the deed is not shown.
func (t Table[D, S, R]) Offers(feature string, from S, who actor.Actor, ask func(Step[D, S, R]) ([]Need, error)) ([]Allowed, []Blocked) {
	may, blocked := []Allowed{}, []Blocked{}
	for _, s := range t {
		if !who.Is(s.Who...) || !slices.Contains(s.From, from) {
			continue
		}
		deed, key := string(s.Deed), feature+"."+string(s.Deed)
		fields, err := ask(s)
		var f *fault.Error
		switch {
		case errors.As(err, &f):
			blocked = append(blocked, Blocked{deed, key, f.Words})
		case err == nil && fields != nil:
			may = append(may, Allowed{deed, key, fields})
		}
	}
	return may, blocked
}

// Withhold takes a deed from those offered and says what is in its way, where only a look into the database tells.
func Withhold(may []Allowed, blocked []Blocked, deed string, why error) ([]Allowed, []Blocked) {
	i := slices.IndexFunc(may, func(a Allowed) bool { return a.Deed == deed })
	var f *fault.Error
	if i < 0 || !errors.As(why, &f) {
		return may, blocked
	}
	blocked = append(blocked, Blocked{deed, may[i].LabelKey, f.Words})
	return slices.Delete(may, i, i+1), blocked
}
