package visit

import (
	"time"

	"suixing/internal/platform/clock"
)

// Failed is a line of a sheet that was not complied with.
type Failed struct {
	Item   Item
	Note   string
	OnSpot bool // a flaw, pointed out and put right at once
	Photos []string
}

// Findings are the failed lines of a sheet in the order of the checklist. Pure.
func (s Sheet) Findings(list Checklist) []Failed {
	byCode := map[string]Answer{}
	for _, a := range s.Answers {
		byCode[a.Code] = a
	}
	var out []Failed
	for _, it := range list.Items {
		if a, ok := byCode[it.Code]; ok && a.Result == "no" {
			out = append(out, Failed{Item: it, Note: a.Note, OnSpot: a.Corrected, Photos: a.Photos})
		}
	}
	return out
}

// Standing is an officer's credential by the register, beside what the phone claimed.
type Standing struct {
	Name             string `json:"name"`
	CredentialNumber string `json:"credential_number"`
	Claimed          string `json:"claimed"`
	Found            string `json:"found" doc:"valid expired suspended unknown"`
	ValidTo          string `json:"valid_to,omitempty"`
	OtherAgency      bool   `json:"other_agency,omitempty"`
	OtherName        bool   `json:"other_name,omitempty"`
}

// registered is what the register knows of a credential number.
type registered struct {
	Number    string `db:"credential_number"`
	Name      string `db:"name"`
	AgencyID  string `db:"agency_id"`
	ValidFrom string `db:"valid_from"`
	ValidTo   string `db:"valid_to"`
	Status    string `db:"status"`
}

// judge compares the officers a sheet names with the register on the day it happened. Pure.
func judge(s Sheet, known map[string]registered) []Standing {
	day := clock.Day(s.StartedAt.Time)
	out := make([]Standing, 0, len(s.Officers))
	for _, o := range s.Officers {
		st := Standing{Name: o.Name, CredentialNumber: o.CredentialNumber, Claimed: o.Standing, Found: "unknown"}
		if r, ok := known[o.CredentialNumber]; ok && o.CredentialNumber != "" {
			st.ValidTo = r.ValidTo
			st.OtherAgency = r.AgencyID != s.Visit.AgencyID.String()
			st.OtherName = r.Name != o.Name
			switch {
			case r.Status != "active":
				st.Found = "suspended"
			case day < r.ValidFrom || day > r.ValidTo:
				st.Found = "expired"
			default:
				st.Found = "valid"
			}
		}
		out = append(out, st)
	}
	return out
}

// remarks are what the server points out on a record without refusing it. Codes; the words are the front end's. Pure.
func remarks(s Sheet, found []Standing, received time.Time) []string {
	out := []string{}
	say := func(when bool, code string) {
		if when {
			out = append(out, code)
		}
	}
	seen := map[string]bool{}
	for _, st := range found {
		seen[st.Found] = true
		seen["differs"] = seen["differs"] || st.OtherAgency || st.OtherName
	}
	say(len(s.Visit.SupervisorIDs) == 1, "single_supervisor")
	say(seen["expired"], "officer_expired")
	say(seen["suspended"], "officer_suspended")
	say(seen["unknown"], "officer_unknown")
	say(seen["differs"], "officer_differs")
	say(len(s.Officers) < 2, "few_officers")
	say(s.SealedAt.After(received.Add(10*time.Minute)), "clock_ahead")
	late := s.SealedAt.Sub(s.EndedAt.Time) > 24*time.Hour
	say(late && s.LateReason == "", "late_unexplained")
	say(late && s.LateReason != "", "late")
	return out
}
