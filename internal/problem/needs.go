package problem

import (
	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lifecycle"
)

// Input is what a person gives with a deed; each deed reads its own part.
type Input struct {
	Text           string          `json:"text,omitempty" maxLength:"4000"`
	Rung           Rung            `json:"rung,omitempty" maxLength:"3"`
	ServedOn       deadline.Date   `json:"served_on,omitempty" maxLength:"10"`
	DueOn          deadline.Date   `json:"due_on,omitempty" maxLength:"10"`
	Note           string          `json:"note,omitempty" maxLength:"2000" doc:"what is asked of the agency; it reads this"`
	Acknowledged   bool            `json:"acknowledged,omitempty"`
	Photos         []string        `json:"photos,omitempty" maxItems:"30"`
	Measures       string          `json:"measures,omitempty" maxLength:"4000"`
	Result         string          `json:"result,omitempty" maxLength:"4000"`
	Responsible    string          `json:"responsible,omitempty" maxLength:"2000"`
	Until          deadline.Date   `json:"until,omitempty" maxLength:"10"`
	Reason         string          `json:"reason,omitempty" maxLength:"2000"`
	OverrideReason string          `json:"override_reason,omitempty" maxLength:"2000"`
	UrgentReason   string          `json:"urgent_reason,omitempty" maxLength:"2000" doc:"why an order out of a public voice cannot wait for its release"`
	Conclusion     string          `json:"conclusion,omitempty" maxLength:"4000"`
	LookBackOn     deadline.Date   `json:"look_back_on,omitempty" maxLength:"10"`
	To             string          `json:"to,omitempty" maxLength:"100"`
	Letter         string          `json:"letter_number,omitempty" maxLength:"60" doc:"of the letter of referral"`
	HandledOn      deadline.Date   `json:"handled_on,omitempty" maxLength:"10" doc:"the day the organ says it has handled the matter"`
	Outcome        string          `json:"outcome,omitempty" maxLength:"20"`
	Sum            deadline.DueSum `json:"-"` // counted by the service from the rule and the calendar
	Round          Round           `json:"-"` // read by the service: how many businesses a public voice stands among
	Released       bool            `json:"-"` // set by the release: the order waited its turn
}

func needText(name string, limit int, photos ...string) []lifecycle.Need {
	n := []lifecycle.Need{{Name: name, Kind: "text", Required: true, Max: limit}}
	for _, p := range photos {
		n = append(n, lifecycle.Need{Name: p, Kind: "photos", Max: maxPhotos})
	}
	return n
}

func needDue(name string, limit int) []lifecycle.Need {
	return []lifecycle.Need{{Name: name, Kind: "text", Required: true, Max: limit}, {Name: "due_on", Kind: "date", Required: true}}
}

func needUntil(reason string) []lifecycle.Need {
	n := []lifecycle.Need{{Name: "until", Kind: "date", Required: true}}
	if reason != "" {
		n = append(n, lifecycle.Need{Name: reason, Kind: "text", Required: true, Max: 1000})
	}
	return n
}

func needOrder(rungs ...Rung) []lifecycle.Need {
	return []lifecycle.Need{
		{Name: "rung", Kind: "choice", Required: true, Choices: words(rungs)}, {Name: "served_on", Kind: "date", Required: true},
		{Name: "due_on", Kind: "date"}, {Name: "note", Kind: "text", Max: 2000},
	}
}

var (
	needQueue  = []lifecycle.Need{{Name: "rung", Kind: "choice", Required: true, Choices: words([]Rung{FBK, TXH, DBH, YJS})}, {Name: "note", Kind: "text", Max: 2000}}
	needOnSpot = []lifecycle.Need{{Name: "acknowledged", Kind: "bool", Required: true}, {Name: "photos", Kind: "photos", Required: true, Max: maxPhotos}, {Name: "note", Kind: "text", Max: 2000}}
	needSubmit = []lifecycle.Need{
		{Name: "measures", Kind: "text", Required: true, Max: 4000}, {Name: "result", Kind: "text", Required: true, Max: 4000},
		{Name: "responsible", Kind: "text", Max: 2000}, {Name: "photos", Kind: "photos", Required: true, Max: maxPhotos},
	}
	needClose = []lifecycle.Need{{Name: "conclusion", Kind: "text", Required: true, Max: 4000}, {Name: "look_back_on", Kind: "date"}}
)

const maxPhotos = 30

func words(rungs []Rung) []string {
	out := make([]string, len(rungs))
	for i, r := range rungs {
		out[i] = string(r)
	}
	return out
}

// narrow fits a deed's form to this problem and this person: the rungs they may choose, what a red line asks on top.
func (p Problem) narrow(s step, who actor.Actor) []lifecycle.Need {
	out := make([]lifecycle.Need, 0, len(s.Needs)+1)
	for _, n := range s.Needs {
		switch {
		case (s.Deed == Order || s.Deed == Queue) && n.Name == "rung":
			n.Choices = words(p.orderable(who))
		case s.Deed == Escalate && n.Name == "rung":
			n.Choices = words(p.climbable(who))
		case n.Name == "responsible" || n.Name == "look_back_on":
			n.Required = p.Severity == Redline
		}
		out = append(out, n)
	}
	if s.Deed == Order && p.FromVoice() {
		out = append(out, lifecycle.Need{Name: "urgent_reason", Kind: "text", Required: true, Max: 2000})
	}
	if s.Deed == Escalate && who.Is(actor.Leader) {
		out = append(out, lifecycle.Need{Name: "override_reason", Kind: "text", Required: true, Max: 2000})
	}
	return out
}
