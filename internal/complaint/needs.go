package complaint

import "suixing/internal/lifecycle"

var (
	findings  = []string{"founded", "partly", "unfounded", "unverifiable"}
	stopped   = []string{groundAppraisal, groundOrgan}
	outcomes  = []string{"done", "declined", "silent"}
	ways      = []string{"phone", "letter", "in_person", "online", "12345"}
	yesNo     = []string{"yes", "no", "unsure"}
	got       = []string{"yes", "no", "unsure", unreached}
	grades    = []string{"satisfied", "fair", "unsatisfied", "unsure"}
	urgencies = []string{"normal", "urgent", "critical"}
)

func listed(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func needText(name string, limit int) []lifecycle.Need {
	return []lifecycle.Need{{Name: name, Kind: "text", Required: true, Max: limit}}
}

func needReason(required bool) []lifecycle.Need {
	return []lifecycle.Need{{Name: "reason", Kind: "text", Required: required, Max: 1000}}
}

func choice(name string, of []string) lifecycle.Need {
	return lifecycle.Need{Name: name, Kind: "choice", Required: true, Choices: of}
}

func firstLevel() []string {
	out := make([]string, len(Classes))
	for i, c := range Classes {
		out[i] = c.Code
	}
	return out
}

var (
	told         = []lifecycle.Need{choice("how", ways), {Name: "told_on", Kind: "date", Required: true}, {Name: "deidentified", Kind: "bool", Required: true}}
	needClassify = []lifecycle.Need{choice("category", firstLevel()), {Name: "subcategory", Kind: "text", Max: 30}, choice("urgency", urgencies), {Name: "agency_id", Kind: "agency"}}
	needRefuse   = append([]lifecycle.Need{choice("ground", codes(Grounds)), {Name: "text", Kind: "text", Required: true, Max: 2000}, {Name: "remedies", Kind: "text", Required: true, Max: 500}}, told...)
	needTransfer = append([]lifecycle.Need{{Name: "to", Kind: "text", Required: true, Max: 100}, {Name: "reason", Kind: "text", Required: true, Max: 1000}}, told...)
	needAssign   = []lifecycle.Need{{Name: "first_id", Kind: "person", Required: true}, {Name: "second_id", Kind: "person", Required: true}, {Name: "third_id", Kind: "person"}}
	needRecuse   = []lifecycle.Need{{Name: "account_id", Kind: "person", Required: true}, {Name: "reason", Kind: "text", Required: true, Max: 1000}}
	needDecide   = []lifecycle.Need{choice("finding", findings), {Name: "text", Kind: "text", Required: true, Max: 2000}}
	needAsk      = append([]lifecycle.Need{{Name: "text", Kind: "text", Required: true, Max: 2000}}, told...)
	needStop     = []lifecycle.Need{choice("stop", stopped), {Name: "reason", Kind: "text", Required: true, Max: 1000}, {Name: "photos", Kind: "photos", Required: true, Max: MaxPhotos}}
	needRunOn    = []lifecycle.Need{{Name: "arrived_on", Kind: "date", Required: true}, {Name: "text", Kind: "text", Required: true, Max: 2000}, {Name: "photos", Kind: "photos", Max: MaxPhotos}}
	needPress    = []lifecycle.Need{{Name: "text", Kind: "text", Required: true, Max: 2000}, {Name: "handled_on", Kind: "date"}}
	needOutcome  = []lifecycle.Need{choice("outcome", outcomes), {Name: "text", Kind: "text", Required: true, Max: 2000}, {Name: "photos", Kind: "photos", Max: MaxPhotos}}
	needTell     = append([]lifecycle.Need{{Name: "text", Kind: "text", Required: true, Max: 2000}}, told...)
	needFollowUp = []lifecycle.Need{choice("got_answer", got), choice("satisfied", grades), choice("retaliation", yesNo), {Name: "text", Kind: "text", Max: 2000}}
	needRight    = []lifecycle.Need{{Name: "verified", Kind: "text", Required: true, Max: 200}, {Name: "reason", Kind: "text", Required: true, Max: 1000}}
	needCorrect  = append(append([]lifecycle.Need{}, needRight...), lifecycle.Need{Name: "name", Kind: "text", Required: true, Max: 30},
		lifecycle.Need{Name: "phone", Kind: "text", Required: true, Max: 30}, lifecycle.Need{Name: "address", Kind: "text", Max: 100}, lifecycle.Need{Name: "id_number", Kind: "text", Max: 30})
)

// narrow fits a deed's form to this complaint.
func (c Case) narrow(s step) []lifecycle.Need {
	out := make([]lifecycle.Need, 0, len(s.Needs))
	for _, n := range s.Needs {
		switch {
		case s.Deed == Accept && n.Name == "reason":
			n.Required = c.Already != "none"
		case s.Deed == Refuse && n.Name == "ground" && !c.Anonymous:
			var fit []string
			for _, g := range n.Choices {
				if g != "no_clue" {
					fit = append(fit, g)
				}
			}
			n.Choices = fit
		}
		out = append(out, n)
	}
	return out
}
