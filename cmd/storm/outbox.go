package main

import (
	"math"
	"slices"

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
	Text        string      `json:"text"`
	Label       any         `json:"label"`
	Day         string      `json:"day"`
	VisitID     string      `json:"visit_id"`
	Version     int         `json:"version"`
	Digest      string      `json:"digest"`
	Size        int64       `json:"size"`
	Photos      []itemPhoto `json:"photos"`
	SheetHeld   bool        `json:"sheet_held"`
	As          *adoption   `json:"as"`
	State       string      `json:"state"` // pending sending waiting held attention sent
	Why         string      `json:"why"`
	Words       string      `json:"words"`
	Status      int         `json:"status"`
	Tries       int         `json:"tries"`
	NextAt      int64       `json:"next_at"`
	CreatedAt   int64       `json:"created_at"`
	SentAt      int64       `json:"sent_at"`
	ReceivedAt  int64       `json:"received_at"`
}

// adoption: the office settled a conflict for these bytes; the server keeps them under this id and version.
type adoption struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

type step struct {
	Do     string `json:"do"` // sheet photo cancel nothing
	SHA256 string `json:"sha256,omitempty"`
}

type receiptCheck struct {
	OK         bool   `json:"ok"`
	Why        string `json:"why,omitempty"` // form key signature id version digest photos
	ReceivedAt string `json:"received_at,omitempty"`
}

type outcome struct {
	Kind       string        `json:"kind"` // answer nobody slow locked lost broken
	Status     int           `json:"status,omitempty"`
	JSON       any           `json:"json,omitempty"`
	RetryAfter float64       `json:"retry_after,omitempty"`
	Receipt    *receiptCheck `json:"receipt,omitempty"`
	Done       bool          `json:"done,omitempty"`
	ServerNow  int64         `json:"server_now,omitempty"`
}

const (
	weekMS    = int64(7 * 24 * 3600_000)
	never     = int64(1)<<53 - 1
	longest   = int64(900_000)
	tornTries = 3 // of a body that arrived torn, and of a store that could not be read
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

// due: one left in sending by a page that died is due at once; a wait that is too long to be true is over.
func due(it item, now int64, accounts ...string) bool {
	if !slices.Contains(accounts, it.AccountID) || (it.State == "sending" && defect.On("phone_forgets_sending")) {
		return false
	}
	if it.State == "pending" || it.State == "sending" {
		return true
	}
	if it.State != "waiting" && it.State != "held" {
		return false
	}
	return it.NextAt != never && (it.NextAt <= now || it.NextAt > now+longest)
}

func backOff(tries int, random float64) int64 {
	return int64(math.Floor(min(5000*math.Pow(2, float64(min(tries, 20))), 690_000)*(0.7+0.6*random) + 0.5))
}

func wait(it item, why string, now int64, random, atLeast float64) item {
	it.State, it.Why, it.NextAt = "waiting", why, now+min(max(backOff(it.Tries, random), int64(atLeast*1000)), longest)
	it.Tries++
	return it
}

func holdOn(it item, why string) item {
	it.State, it.Why, it.NextAt = "waiting", why, never
	return it
}

func attend(it item, why string) item {
	it.State, it.Why, it.NextAt = "attention", why, 0
	return it
}

func goOn(it item) item {
	it.State, it.Why, it.Words, it.Tries, it.NextAt = "sending", "", "", 0, 0
	return it
}

// withOffice: a person of the office decides; asked again now and then.
func withOffice(it item, why string, now int64, random float64) item {
	it.State, it.Why, it.Tries, it.NextAt = "held", why, 0, now+backOff(20, random)
	return it
}

func sent(it item, now, receivedAt int64) item {
	it.State, it.Why, it.Words, it.SentAt, it.ReceivedAt, it.NextAt, it.SheetHeld = "sent", "", "", now, receivedAt, 0, true
	it.Photos = allPhotos(it.Photos, "held")
	return it
}

func allPhotos(list []itemPhoto, state string) []itemPhoto {
	out := slices.Clone(list)
	for i := range out {
		out[i].State, out[i].Why, out[i].Words = state, "", ""
	}
	return out
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

// sendAgain: a server that was put back to an earlier day has lost what it had signed for; the bytes are still here.
func sendAgain(it item) item {
	if it.Kind != "sheet" || it.State != "sent" {
		return it
	}
	it.State, it.Why, it.Words, it.Tries, it.NextAt, it.SentAt, it.ReceivedAt, it.SheetHeld, it.As = "pending", "", "", 0, 0, 0, 0, false, nil
	it.Photos = allPhotos(it.Photos, "here")
	return it
}

// wakes: does this event make the item worth trying at once?
func wakes(it item, event string) bool {
	if it.State != "waiting" {
		return false
	}
	switch event {
	case "unlock":
		return it.Why == "locked"
	case "login":
		return it.Why == "login" || it.Why == "password" || it.Why == "device_revoked"
	}
	return it.Why == "nobody" || it.Why == "slow" || it.Why == "gate"
}

// spent: seven days after the receipt by the server's clock alone, as far as it has been heard.
func spent(it item, serverSeen int64) bool {
	return it.State == "sent" && it.ReceivedAt > 0 && serverSeen-it.ReceivedAt > weekMS
}
