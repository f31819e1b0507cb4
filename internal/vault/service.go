package vault

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// Reveal opens the identity of a case for one of its handlers: the office it lies with, or the county.
// The trail's row is in the same transaction as the reading: no row, no reading.
// Faults: Invalid without a reason, Forbidden for other roles, NotFound for a case out of sight or without an identity.
func (s *Service) Reveal(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, reason string) (*Revealed, error) {
	if !who.Is(actor.Office, actor.County) {
		return nil, fault.Denied()
	}
	if caseKind != Feedback && caseKind != Complaint {
		return nil, fault.Field("case_kind", "只能是feedback或complaint。")
	}
	reason, err := checkReason(reason)
	if err != nil {
		return nil, err
	}
	at := s.now()
	out := &Revealed{ViewedBy: who.Name, ViewedAt: at}
	err = s.pool.InTx(ctx, func(tx *db.DB) error {
		row, err := sealedOf(ctx, tx, who, caseKind, caseID)
		if err != nil {
			return err
		}
		if out.Identity, err = s.keys.open(row.KeyID, row.ID, caseKind, caseID, row.Sealed); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "vault.reveal", caseKind, caseID, map[string]string{"reason": reason})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
