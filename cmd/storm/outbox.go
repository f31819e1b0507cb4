package main

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"suixing/internal/platform/defect"
)

// The outbox of the field app (pwa/src/offline/outbox.ts), word for word: which request is next for an item, and what an
// answer makes of it. Both are held equal by pwa/test/vectors/outbox.json.

type itemPhoto struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
	State  string `json:"state"` // here held refused
	Why    string `json:"why"`
	Words  string `json:"words"`
}

type item struct {
	ID          string      `json:"id"`
	Kind        string      `json:"kind"` // sheet cancel
	AccountID   string      `json:"account_id"`
	AccountName string      `json:"account_name"`
	Title       string      `json:"title"`
	Day         string      `json:"day"`
	VisitID     string      `json:"visit_id"`
	Version     int         `json:"version"`
	Digest      string      `json:"digest"`
	Size        int64       `json:"size"`
	Photos      []itemPhoto `json:"photos"`
	SheetHeld   bool        `json:"sheet_held"`
	Text        string      `json:"text"`
	State       string      `json:"state"` // pending sending waiting attention sent
	Why         string      `json:"why"`
	Words       string      `json:"words"`
	Status      int         `json:"status"`
	Tries       int         `json:"tries"`
	NextAt      int64       `json:"next_at"`
	CreatedAt   int64       `json:"created_at"`
	SentAt      int64       `json:"sent_at"`
}

type step struct {
	Do     string `json:"do"` // sheet photo cancel nothing
	SHA256 string `json:"sha256,omitempty"`
}

type receiptCheck struct {
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty"` // form key signature id version digest photos
}

type outcome struct {
	Kind       string        `json:"kind"` // answer nobody slow lost
	Status     int           `json:"status,omitempty"`
	JSON       any           `json:"json,omitempty"`
	RetryAfter float64       `json:"retry_after,omitempty"`
	Receipt    *receiptCheck `json:"receipt,omitempty"`
	Done       bool          `json:"done,omitempty"`
}

const (
	weekMS = int64(7 * 24 * 3600_000)
	never  = int64(1)<<53 - 1
)

// nextStep is the request that brings an item further.
func nextStep(it item) step {
	if it.State == "sent" || it.State == "attention" {
		return step{Do: "nothing"}
	}
	if it.Kind == "cancel" {
		return step{Do: "cancel"}
	}
	if !it.SheetHeld {
		return step{Do: "sheet"}
	}
	for _, p := range it.Photos {
		if p.State == "here" {
			return step{Do: "photo", SHA256: p.SHA256}
		}
	}
	return step{Do: "sheet"} // the same bytes once more bring the receipt
}

// due: an item left in sending by a page that died is due at once.
func due(it item, now int64, account string) bool {
	if it.AccountID != account {
		return false
	}
	if it.State == "sending" && defect.On("phone_forgets_sending") {
		return false
	}
	return it.State == "pending" || it.State == "sending" || (it.State == "waiting" && it.NextAt <= now)
}

func backOff(tries int, random float64) int64 {
	return int64(math.Floor(min(5000*math.Pow(2, float64(min(tries, 20))), 900_000)*(0.7+0.6*random) + 0.5))
}

func wait(it item, why string, now int64, random, atLeast float64) item {
	it.State, it.Why, it.NextAt = "waiting", why, now+max(backOff(it.Tries, random), int64(atLeast*1000))
	it.Tries++
	return it
}

func holdOn(it item, why string) item {
	it.State, it.Why, it.NextAt = "waiting", why, never
	return it
}

func attend(it item, why string) item {
	it.State, it.Why = "attention", why
	return it
}

func goOn(it item) item {
	it.State, it.Why, it.Words, it.Tries, it.NextAt = "sending", "", "", 0, 0
	return it
}

// settle says what an outcome makes of an item.
func settle(it item, st step, out outcome, now int64, random float64) item {
	if st.Do == "nothing" || it.State == "sent" {
		return it
	}
	if out.Kind == "nobody" || out.Kind == "slow" {
		it.Status, it.Words = 0, ""
		return wait(it, out.Kind, now, random, 0)
	}
	if out.Kind == "lost" {
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
	switch {
	case s == 200 && defect.On("phone_any_200"):
		return sent(it, now)
	case s >= 400 && s < 500 && defect.On("phone_drops_4xx"):
		return sent(it, now)
	case s == 200 || s == 201 || (s == 204 && st.Do == "cancel"):
		return accepted(it, st, out, now, random)
	case s == 401:
		return holdOn(it, "login")
	case s == 403 && codeOf(body) == "must_change":
		return holdOn(it, "password")
	case s == 408 || s == 425 || s == 429 || s == 503:
		return wait(it, "busy", now, random, out.RetryAfter)
	case s >= 500:
		return wait(it, "server", now, random, 0)
	case s < 400:
		return wait(it, "gate", now, random, 0)
	case !object && s != 413: // a proxy's or a login page's 4xx is no verdict
		return wait(it, "gate", now, random, 0)
	case s == 413:
		return tooLarge(it, st)
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

func accepted(it item, st step, out outcome, now int64, random float64) item {
	if st.Do == "cancel" {
		if out.Done {
			return sent(it, now)
		}
		return wait(it, "gate", now, random, 0)
	}
	if out.Receipt != nil {
		if out.Receipt.OK {
			return sent(it, now)
		}
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
	if j["id"] != it.ID || (j["state"] != "waiting" && j["state"] != "complete") {
		return wait(it, "gate", now, random, 0)
	}
	return sheetKnown(it, j, now, random)
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

func tooLarge(it item, st step) item {
	if st.Do == "photo" {
		return refusePhoto(it, st.SHA256, "too_large")
	}
	return attend(it, "too_large")
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

func sent(it item, now int64) item {
	it.State, it.Why, it.Words, it.SentAt, it.NextAt = "sent", "", "", now, 0
	it.Photos = slices.Clone(it.Photos)
	for i := range it.Photos {
		it.Photos[i].State, it.Photos[i].Why, it.Photos[i].Words = "held", "", ""
	}
	return it
}

// again: the person taps 重新发送, or has logged in, or the network came back.
func again(it item) item {
	if it.State == "sent" {
		return it
	}
	it.State, it.Why, it.Words, it.Tries, it.NextAt = "pending", "", "", 0, 0
	it.Photos = slices.Clone(it.Photos)
	for i := range it.Photos {
		if it.Photos[i].State == "refused" {
			it.Photos[i].State, it.Photos[i].Why, it.Photos[i].Words = "here", "", ""
		}
	}
	return it
}

func wakes(it item, event string) bool {
	if it.State != "waiting" {
		return false
	}
	if event == "login" {
		return it.Why == "login" || it.Why == "password"
	}
	return it.Why == "nobody" || it.Why == "slow" || it.Why == "gate"
}

// spent: seven days after the verified receipt, never before.
func spent(it item, now int64) bool {
	return it.State == "sent" && it.SentAt > 0 && now-it.SentAt > weekMS
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
