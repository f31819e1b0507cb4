package visit

import (
	"slices"
	"time"

	"suixing/internal/platform/clock"
)

// Failed is a line of a sheet that was not complied with.
type Failed struct {
	Item   Item
	Note   string
	OnSpot bool // a flaw, pointed out, put right at once and acknowledged by the unit (DOMAIN D.2); else the office decides
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
			out = append(out, Failed{Item: it, Note: a.Note, OnSpot: a.Corrected && s.OfficerSign.Stance == "accept", Photos: a.Photos})
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
func judge(s Sheet, known map[string]registered, received time.Time) []Standing {
	day := clock.Day(s.happened(received))
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
	say(senseless(s.StartedAt, received) || senseless(s.EndedAt, received) || senseless(s.SealedAt, received), "clock_wrong")
	say(s.EndedAt.Before(s.StartedAt.Time) || s.SealedAt.Before(s.StartedAt.Time), "times_crossed")
	say(s.EndedAt.Sub(s.StartedAt.Time) > 72*time.Hour, "long_visit")
	say(slices.ContainsFunc(s.Photos, func(p Photo) bool { return senseless(p.TakenAt, received) }), "photo_time")
	say(slices.ContainsFunc(s.Photos, func(p Photo) bool { return !p.ExifAt.IsZero() && p.TakenAt.Sub(p.ExifAt.Time) > 24*time.Hour }), "photo_old")
	late := s.SealedAt.Sub(s.EndedAt.Time) > 24*time.Hour
	say(late && s.LateReason == "", "late_unexplained")
	say(late && s.LateReason != "", "late")
	return out
}

// before is a day on which nothing of this was in use: a time before it, or more than a day to come, says that the clock
// was wrong, not when something was.
var before = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func senseless(t Stamp, received time.Time) bool {
	return t.Before(before) || t.After(received.Add(24*time.Hour))
}

// happened is the time of the visit as far as it can be believed; else when the server received the record. Pure.
func (s Sheet) happened(received time.Time) time.Time {
	if senseless(s.StartedAt, received) {
		return received
	}
	return s.StartedAt.Time
}
