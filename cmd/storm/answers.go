package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"suixing/internal/platform/defect"
)

// settle says what an outcome makes of an item: the other half of outbox.ts.
func settle(it item, st step, out outcome, now int64, random float64) item {
	if st.Do == "nothing" || it.State == "sent" {
		return it
	}
	switch out.Kind {
	case "nobody", "slow":
		it.Status, it.Words = 0, ""
		return wait(it, out.Kind, now, random, 0)
	case "locked":
		it.Words = ""
		return holdOn(it, "locked")
	case "broken":
		it.Words = ""
		if it.Tries >= tornTries {
			return attend(it, "phone")
		}
		it.Status = 0
		return wait(it, "phone", now, random, 0)
	case "lost":
		it.Words = ""
		if st.Do == "photo" {
			return refusePhoto(it, st.SHA256, "lost_photo")
		}
		return attend(it, "lost_sheet")
	}
	it.Status, it.Words = out.Status, detailOf(out.JSON)
	return answered(it, st, out, now, random)
}

func answered(it item, st step, out outcome, now int64, random float64) item {
	s := out.Status
	body, object := out.JSON.(map[string]any)
	code := codeOf(body)
	switch {
	case s == 200 && defect.On("phone_any_200"), s >= 400 && s < 500 && defect.On("phone_drops_4xx"):
		return sent(it, now, 0)
	case s == 200 || s == 201 || (s == 204 && st.Do == "cancel"):
		return accepted(it, st, out, now, random)
	case s == 202:
		return quarantined(it, st, body, now, random)
	case (s == 401 || s == 403) && code == "device_revoked":
		return holdOn(it, "device_revoked")
	case s == 401 && code != "":
		return holdOn(it, "login")
	case s == 401: // of a gate in between
		return wait(it, "gate", now, random, 0)
	case s == 403 && (code == "must_change" || code == "totp_setup"):
		return holdOn(it, "password")
	case s == 403 && code == "device_only":
		return holdOn(it, "login")
	case s == 408 || s == 425 || s == 429 || s == 503:
		return wait(it, "busy", now, random, out.RetryAfter)
	case s >= 500:
		return wait(it, "server", now, random, 0)
	case s < 400:
		return wait(it, "gate", now, random, 0)
	case !object && s == 413:
		return refuseWith(it, st, "too_large")
	case !object: // a proxy's or a login page's 4xx is no verdict
		return wait(it, "gate", now, random, 0)
	}
	return refusedBy(it, st, s, code, now, random)
}

// refusedBy: our server said no, and why.
func refusedBy(it item, st step, s int, code string, now int64, random float64) item {
	switch {
	case s == 413:
		return refuseWith(it, st, "too_large")
	case s == 409 && code == "held_refused":
		return attend(it, "held_refused")
	case s == 409 && code == "held_corrected":
		return attend(it, "corrected")
	case s == 409 && code == "conflict_settled":
		return attend(it, "settled")
	case s == 409 && code == "sheet_conflict":
		return withOffice(it, "conflict", now, random)
	case s == 409 && code == "order":
		return wait(it, "order", now, random, 0)
	case s == 422 && code == "seal_key":
		return refuseWith(it, st, "seal_key")
	case s == 422 && code == "sealed" && it.Tries < tornTries:
		return wait(it, "sealed", now, random, 0)
	case s == 422 && code == "sealed":
		return refuseWith(it, st, "sealed")
	case st.Do == "photo":
		return refusePhoto(it, st.SHA256, "photo")
	case s == 403:
		return attend(it, "refused")
	case s == 404 || s == 410:
		return attend(it, "not_found")
	case s == 409:
		return attend(it, "conflict")
	}
	return attend(it, "invalid")
}

// quarantined: taken, but the office decides whether it counts. There is no receipt, and nothing is freed.
func quarantined(it item, st step, j map[string]any, now int64, random float64) item {
	if j["state"] != "held" {
		return wait(it, "gate", now, random, 0)
	}
	if st.Do == "photo" {
		if j["sha256"] == st.SHA256 {
			return after(withPhoto(it, st.SHA256, "held", "", ""))
		}
		return wait(it, "gate", now, random, 0)
	}
	if st.Do == "sheet" && j["id"] != it.ID {
		return wait(it, "gate", now, random, 0)
	}
	here := slices.ContainsFunc(it.Photos, func(p itemPhoto) bool { return p.State == "here" })
	before := it.SheetHeld
	it.SheetHeld = true
	if !before && here {
		return goOn(it)
	}
	if j["why"] == "invalid" {
		return withOffice(it, "held_invalid", now, random)
	}
	return withOffice(it, "held_for_office", now, random)
}

func accepted(it item, st step, out outcome, now int64, random float64) item {
	if st.Do == "cancel" {
		if out.Done {
			return sent(it, now, out.ServerNow)
		}
		return wait(it, "gate", now, random, 0)
	}
	as := it.As
	if st.Do == "sheet" {
		as = adopted(it, out.JSON)
	}
	if out.Receipt != nil && out.Receipt.OK {
		it.As = as
		at, _ := time.Parse(time.RFC3339, out.Receipt.ReceivedAt)
		return sent(it, now, max(at.UnixMilli(), out.ServerNow, 0))
	}
	if out.Receipt != nil {
		return attend(it, "receipt")
	}
	j, object := out.JSON.(map[string]any)
	if !object {
		return wait(it, "gate", now, random, 0)
	}
	if st.Do == "photo" {
		i := slices.IndexFunc(it.Photos, func(p itemPhoto) bool { return p.SHA256 == st.SHA256 })
		size, _ := j["size"].(float64)
		if j["sha256"] != st.SHA256 || i < 0 || int64(size) != it.Photos[i].Size {
			return wait(it, "gate", now, random, 0)
		}
		return after(withPhoto(it, st.SHA256, "held", "", ""))
	}
	named := j["id"] == it.ID || (as != nil && j["id"] == as.ID)
	if !named || (j["state"] != "waiting" && j["state"] != "complete") {
		return wait(it, "gate", now, random, 0)
	}
	it.As = as
	return sheetKnown(it, j, now, random)
}

// adopted reads under which id the server keeps these very bytes, when a conflict was settled for them.
func adopted(it item, v any) *adoption {
	j, _ := v.(map[string]any)
	as, _ := j["as"].(map[string]any)
	id, ok1 := as["id"].(string)
	version, ok2 := as["version"].(float64)
	if !ok1 || !ok2 || as["digest"] != it.Digest {
		return nil
	}
	return &adoption{id, int(version), it.Digest}
}

// sheetKnown takes over which photos the server has.
func sheetKnown(it item, j map[string]any, now int64, random float64) item {
	missing, _ := j["missing"].([]any)
	photos := slices.Clone(it.Photos)
	here, all := false, true
	for i, p := range photos {
		switch {
		case !slices.Contains(missing, any(p.SHA256)):
			photos[i].State, photos[i].Why, photos[i].Words = "held", "", ""
		case p.State != "refused":
			photos[i].State = "here"
		}
		here = here || photos[i].State == "here"
		all = all && photos[i].State == "held"
	}
	before := it.SheetHeld
	it.SheetHeld, it.Photos = true, photos
	if all || (before && here) { // complete without a receipt, or turning in a circle: pause
		return wait(it, "receipt_due", now, random, 0)
	}
	return after(it)
}

// after a step that brought something: go on, or stop when only refused photos are left.
func after(it item) item {
	refused := -1
	for i, p := range it.Photos {
		if p.State == "here" {
			return goOn(it)
		}
		if p.State == "refused" && refused < 0 {
			refused = i
		}
	}
	if refused < 0 {
		return goOn(it)
	}
	it = attend(it, it.Photos[refused].Why)
	it.Words = it.Photos[refused].Words
	return it
}

func refusePhoto(it item, sha, why string) item {
	return after(withPhoto(it, sha, "refused", why, it.Words))
}

func refuseWith(it item, st step, why string) item {
	if st.Do == "photo" {
		return refusePhoto(it, st.SHA256, why)
	}
	return attend(it, why)
}

func withPhoto(it item, sha, state, why, words string) item {
	it.Photos = slices.Clone(it.Photos)
	for i := range it.Photos {
		if it.Photos[i].SHA256 == sha {
			it.Photos[i].State, it.Photos[i].Why, it.Photos[i].Words = state, why, words
		}
	}
	return it
}

func codeOf(j map[string]any) string {
	s, _ := j["code"].(string)
	return s
}

func detailOf(v any) string {
	j, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	var all []string
	add := func(v any) {
		if s, _ := v.(string); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	add(j["detail"])
	errs, _ := j["errors"].([]any)
	for _, e := range errs {
		if m, ok := e.(map[string]any); ok {
			add(m["message"])
		}
	}
	words := []rune(strings.Join(all, " "))
	return string(words[:min(len(words), 500)])
}

func parseJSON(raw []byte) any {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return v
}
