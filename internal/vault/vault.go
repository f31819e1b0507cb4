// Package vault keeps who complained and who answered apart from everything else (invariant 4).
// Anyone's intake may seal an identity, inside its own statement; only a handler of the case may see it again,
// over a pool of its own, for a reason, and leaves a row in the trail.
package vault

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Case kinds that can hold an identity.
const (
	Feedback  = "feedback"
	Complaint = "complaint"
)

// Identity is who a person is and how to reach them. Only the person's own words; nothing is derived from it.
type Identity struct {
	Name         string `json:"name"`
	Phone        string `json:"phone"`
	Address      string `json:"address,omitempty"`
	IDNumber     string `json:"id_number,omitempty"`
	Confidential bool   `json:"confidential"` // asks to be kept secret from the agency (P5)
}

// Sealed are the arguments of the SQL function vault_seal, in its order. The zero value has Valid false.
type Sealed struct {
	ID       uuid.UUID
	CaseKind string
	CaseID   uuid.UUID
	KeyID    string
	Bytes    []byte
	On       string // day, not time
	Valid    bool
}

// Service seals and reveals.
type Service struct {
	pool *db.DB // the revealing role's, not the app's
	keys *Keyring
	now  clock.Clock
}

// New takes the pool of the role suixing_vault, never the app's own.
func New(pool *db.DB, keys *Keyring, now clock.Clock) *Service {
	return &Service{pool: pool, keys: keys, now: now}
}

// Seal encrypts an identity for one case. The caller hands the result to vault_seal in the statement that makes the case.
func (s *Service) Seal(caseKind string, caseID uuid.UUID, who Identity) (Sealed, error) {
	in := inside{Identity: who}
	if caseKind == Complaint { // an answer has one identity, and its time is nobody's to know
		in.Came = s.now().UnixMicro()
	}
	plain, err := json.Marshal(in)
	if err != nil {
		return Sealed{}, err
	}
	out := Sealed{ID: uuid.New(), CaseKind: caseKind, CaseID: caseID, On: clock.Day(s.now()), Valid: true}
	r, err := s.keys.sealing()
	if err != nil {
		return Sealed{}, err
	}
	out.KeyID = r.current
	out.Bytes, err = r.keys[r.current].seal(plain, bound(out.KeyID, out.ID, caseKind, caseID))
	return out, err
}

// inside is what is sealed: who spoke, and when that came, so that of two of one day the later is known to who may open
// them and to nobody else; the table tells the day alone.
type inside struct {
	Identity
	Came int64 `json:"came,omitempty"` // microseconds since 1970; 0 in what was sealed before this was kept
}

// open gives the identity of a row, whatever key of the ring it lies under.
func (k *Keyring) open(row sealedRow) (inside, error) {
	var who inside
	under, ok := k.ring().keys[row.KeyID]
	if !ok {
		return who, errOpen
	}
	plain, err := under.open(row.Wrapped, row.Sealed, bound(row.KeyID, row.ID, row.CaseKind, row.CaseID))
	if err != nil {
		return who, err
	}
	return who, json.Unmarshal(plain, &who)
}

// bound is what the ciphertext is tied to: moved to another row or case, it does not open.
func bound(keyID string, id uuid.UUID, caseKind string, caseID uuid.UUID) []byte {
	return []byte(strings.Join([]string{"suixing vault 1", keyID, id.String(), caseKind, caseID.String()}, "|"))
}

// Revealed is an identity with the mark the screen must carry: who looked, when, and why.
type Revealed struct {
	Identity
	ViewedBy   string    `json:"viewed_by"`
	ViewedAt   time.Time `json:"viewed_at"`
	Reason     string    `json:"reason"`
	Mark       string    `json:"mark"` // to be written across what is shown
	ApprovedBy string    `json:"approved_by" doc:"at county level: the second person"`
	// Earlier are what the same person gave before, where a form came in twice with other words.
	Earlier []Identity `json:"earlier" nullable:"false"`
}

func newRevealed(who actor.Actor, at time.Time, reason string) *Revealed {
	return &Revealed{ViewedBy: who.Name, ViewedAt: at, Reason: reason, Earlier: []Identity{},
		Mark: who.Name + " " + at.In(clock.Shanghai).Format("2006-01-02 15:04") + " 查看 · " + reason}
}

func (r *Revealed) agreed(under *Request) {
	r.ApprovedBy = under.Decider
	r.Mark += " · " + under.Decider + "同意"
}

const minReason, maxReason = 5, 200

func checkReason(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	switch n := utf8.RuneCountInString(reason); {
	case n < minReason:
		return "", fault.Field("reason", "请写明为什么要看，至少5个字。")
	case n > maxReason:
		return "", fault.Field("reason", "理由最多200字。")
	}
	return reason, nil
}
