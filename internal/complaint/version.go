package complaint

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// words are the fields of a complaint as a version keeps them: everything but who spoke.
type words struct {
	AgencyID    uuid.NullUUID `json:"agency_id" db:"agency_id"`
	Target      string        `json:"target" db:"target"`
	Officer     string        `json:"officer" db:"officer"`
	Happened    string        `json:"happened" db:"happened"`
	Place       string        `json:"place" db:"place"`
	Fact        string        `json:"fact" db:"fact"`
	Request     string        `json:"request" db:"request"`
	Category    string        `json:"category" db:"category"`
	Subcategory string        `json:"subcategory" db:"subcategory"`
	Already     string        `json:"already" db:"already"`
	Urgency     string        `json:"urgency" db:"urgency"`
}

func (in *Input) words() words {
	return words{in.AgencyID, in.Target, in.Officer, in.Happened, in.Place, in.Fact, in.Request, in.Category, in.Subcategory, in.Already, in.Urgency}
}

// Settle says which of two versions of a complaint stands: the first, the other, or both together. With the other the two
// change places, so that neither is lost. Faults: NotFound out of sight, Conflict when it was settled before.
func (s *Service) Settle(ctx context.Context, who actor.Actor, id, version uuid.UUID, keep string) error {
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		c, err := readCase(ctx, tx, who, id, " FOR UPDATE OF c")
		if err != nil {
			return err
		}
		if err := c.conflict(who); err != nil {
			return err
		}
		v, err := lockVersion(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if v.Settled != "" {
			return fault.New(fault.Conflict, "settled", "这一份已经核对过了。")
		}
		first, err := wordsOfCase(ctx, tx, id)
		if err != nil {
			return err
		}
		if keep == "other" {
			if err := saveWords(ctx, tx, id, v.words); err != nil {
				return err
			}
			v.words = first
		}
		if err := settleVersion(ctx, tx, who, version, keep, v.words, at); err != nil {
			return err
		}
		if err := keepFromOwn(ctx, tx, id); err != nil { // both are about it, or the other was
			return err
		}
		if err := saveCaseTouched(ctx, tx, c, v.HasContact, at); err != nil {
			return err
		}
		if err := appendEvent(ctx, tx, id, who, Event{Deed: "settle", State: c.State, Data: map[string]any{"keep": keep}}, at); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "complaint.settle_version", "complaint", id, map[string]any{"keep": keep})
	})
}
