package problem

import (
	"encoding/json"
	"slices"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
)

// What a business says of a visit must not reach those who stood beside it, or nobody would say it: neither where the problem
// came from, nor what was written before the text was made free of identity. Someone else writes that text and the letter.

// blind takes it from the view of whoever supervised the visit. What the agency reads, she may read.
func (v *View) blind() {
	v.Origin, v.Fact, v.Item, v.Release, v.Sources = "", "", "", nil, []Source{}
	for i := range v.Events {
		e := &v.Events[i]
		if e.Data = agencyData(*e); !e.ForAgency {
			e.Text = ""
		}
	}
	photos := []Photo{}
	for _, f := range v.Photos {
		if f.ForAgency || f.Deed != string(Registered) {
			photos = append(photos, f)
		}
	}
	v.Photos = photos
	v.Reused = slices.DeleteFunc(v.Reused, func(r evidence.Reuse) bool { return r.Kind == "visit" || r.Own }) // they lead to what was found
}

// agencyData is what the agency reads of an event's data.
func agencyData(e EventView) json.RawMessage {
	out := json.RawMessage("{}")
	if line, err := agencyEvent(e); err == nil && e.ForAgency {
		if data, err := json.Marshal(line.AgencyData); err == nil {
			out = data
		}
	}
	return out
}

// readyDeidentify: who may not read the fact cannot write what the agency reads instead of it.
func readyDeidentify(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.OwnVisit {
		return forbidden("own_visit", "这个问题说的是您参加的一次检查，由另一位同事去标识、发文书。")
	}
	return nil
}
