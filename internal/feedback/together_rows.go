package feedback

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// keptRow is one answer as feedback_keep_first reads it.
type keptRow struct {
	A        int             `json:"a"`
	Hash     bytea           `json:"hash"`
	Agency   uuid.NullUUID   `json:"agency"`
	Day      *string         `json:"day"`
	Matter   string          `json:"matter"`
	ID       uuid.UUID       `json:"id"`
	Suspect  bool            `json:"suspect"`
	Scale    int             `json:"scale"`
	Business string          `json:"business"`
	Kind     string          `json:"kind"`
	Facts    json.RawMessage `json:"facts"`
	Ratings  json.RawMessage `json:"ratings"`
	Overall  int             `json:"overall"`
	Bad      bool            `json:"bad"`
	Problem  string          `json:"problem"`
	Advice   string          `json:"advice"`
	Reply    bool            `json:"reply"`
	Contact  bool            `json:"contact"`
	Receipt  bytea           `json:"receipt"`
	Body     bytea           `json:"body"`
	Hour     time.Time       `json:"hour"`
	Vault    *uuid.UUID      `json:"vault,omitempty"`
	Key      string          `json:"key,omitempty"`
	Sealed   bytea           `json:"sealed,omitempty"`
	SealedOn *string         `json:"sealed_on,omitempty"`
}

// bytea is bytes as PostgreSQL reads them from text.
type bytea []byte

// MarshalText writes them so.
func (b bytea) MarshalText() ([]byte, error) { return hex.AppendEncode([]byte(`\x`), b), nil }

// rows are the answers of a batch that were given by a scanned code; a typed one is looked for elsewhere, and kept by itself.
func rows(batch []*asking) []keptRow {
	out := make([]keptRow, 0, len(batch))
	for i, w := range batch {
		if w.p.typed {
			continue
		}
		a, r := w.r.answer, w.r
		k := keptRow{
			A: i, Hash: w.p.hash, Agency: a.AgencyID, Day: day(a.CheckedOn), Matter: a.Matter, ID: r.id, Suspect: a.Suspect, Scale: a.Scale, Business: a.Business, Kind: a.Kind,
			Facts: json.RawMessage(a.factsJSON()), Ratings: json.RawMessage(a.ratingsJSON()), Overall: a.Ratings["R0"], Bad: a.Bad(), Problem: a.Problem, Advice: a.Advice,
			Reply: a.Reply, Contact: r.sealed.Valid, Receipt: r.receipt, Body: r.body, Hour: r.hour,
		}
		if r.sealed.Valid {
			k.Vault, k.Key, k.Sealed, k.SealedOn = &r.sealed.ID, r.sealed.KeyID, r.sealed.Bytes, day(r.sealed.On)
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b keptRow) int { return bytes.Compare(a.Hash, b.Hash) }) // two batches hold tickets in one order
	return out
}
