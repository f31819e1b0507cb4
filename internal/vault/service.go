package vault

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Reveal opens the identity of a case for one of its handlers; at county level once a second person has agreed. The trail's
// row and the notice to the others (Notices) are in the same transaction as the reading: no row, no reading.
// Faults: Invalid without a reason, Forbidden for other roles and for who is not on the case, NotFound for a case out of
// sight or without an identity.
func (s *Service) Reveal(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, reason string) (*Revealed, error) {
	reason, err := s.may(who, caseKind, reason)
	if err != nil {
		return nil, err
	}
	out := newRevealed(who, s.now(), reason)
	err = s.pool.InTx(ctx, func(tx *db.DB) error {
		if err := mayHandle(ctx, tx, who, caseKind, caseID); err != nil {
			return err
		}
		under, err := second(ctx, tx, who, caseKind, caseID, out.ViewedAt)
		if err != nil {
			return err
		}
		rows, err := sealedOf(ctx, tx, caseKind, caseID)
		if err != nil {
			return err
		}
		if err := s.openAll(rows, out); err != nil {
			return err
		}
		told := out.without(reason)
		if err := insertNotice(ctx, tx, who, caseKind, caseID, told, under, out.ViewedAt); err != nil {
			return err
		}
		detail := map[string]any{"reason": told}
		if under != nil {
			out.agreed(under)
			detail["request"], detail["approved_by"] = under.ID, under.Decider
		}
		return audit.Append(ctx, tx, out.ViewedAt, who, "vault.reveal", caseKind, caseID, detail)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// openAll opens the rows of a case: what came last stands, the rest is earlier, newest first.
func (s *Service) openAll(rows []sealedRow, out *Revealed) error {
	all := make([]inside, len(rows))
	for i, row := range rows {
		one, err := s.keys.open(row)
		if err != nil {
			return err
		}
		all[i] = one
	}
	slices.SortStableFunc(all, func(a, b inside) int { return cmp.Compare(b.Came, a.Came) })
	for i, one := range all {
		if i == 0 {
			out.Identity = one.Identity
			continue
		}
		out.Earlier = append(out.Earlier, one.Identity)
	}
	return nil
}

// may holds role, kind and reason of whoever wants something with an identity.
func (s *Service) may(who actor.Actor, caseKind, reason string) (string, error) {
	if !who.Is(actor.Office, actor.County) {
		return "", fault.Denied()
	}
	if caseKind != Feedback && caseKind != Complaint {
		return "", fault.Field("case_kind", "只能是feedback或complaint。")
	}
	return checkReason(reason)
}

// Correct puts another identity in the place of what is sealed for a case, at the person's own wish (PIPL 46). The trail
// names the deed and the reason, no value.
func (s *Service) Correct(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, to Identity, reason string) error {
	reason, err := s.may(who, caseKind, reason)
	if err != nil {
		return err
	}
	sealed, err := s.Seal(caseKind, caseID, to)
	if err != nil {
		return err
	}
	return s.change(ctx, who, caseKind, caseID, "vault.correct", reason, func(tx *db.DB) error { return replaceIdentity(ctx, tx, sealed) })
}

// Erase shreds what is sealed for a case at the person's own wish (PIPL 47). Doing it again changes nothing.
func (s *Service) Erase(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, reason string) error {
	reason, err := s.may(who, caseKind, reason)
	if err != nil {
		return err
	}
	return s.change(ctx, who, caseKind, caseID, "vault.erase", reason, func(tx *db.DB) error {
		_, err := shred(ctx, tx, caseKind, caseID, clock.Day(s.now()))
		return err
	})
}

func (s *Service) change(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, deed, reason string, do func(tx *db.DB) error) error {
	return s.pool.InTx(ctx, func(tx *db.DB) error {
		if err := mayHandle(ctx, tx, who, caseKind, caseID); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, deed, caseKind, caseID, map[string]string{"reason": reason})
	})
}

// expireAtOnce bounds one round of the retention job.
const expireAtOnce = 200

// Expire shreds the identities whose retention is over, by the rules RT01 and RT03, and tells how many cases that were.
func (s *Service) Expire(ctx context.Context) (int, error) {
	today, n := clock.Day(s.now()), 0
	for {
		rows, err := expired(ctx, s.pool, today, expireAtOnce)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		for _, row := range rows {
			if err := s.expire(ctx, row, today); err != nil {
				return n, err
			}
			n++
		}
	}
}

func (s *Service) expire(ctx context.Context, row sealedRow, today string) error {
	return s.pool.InTx(ctx, func(tx *db.DB) error {
		keys, err := shred(ctx, tx, row.CaseKind, row.CaseID, today)
		if err != nil {
			return err
		}
		subject := row.CaseID
		if row.CaseKind == Feedback {
			subject = uuid.Nil // the trail does not lead to an answer
		}
		return audit.Append(ctx, tx, s.now(), actor.System, "vault.expire", row.CaseKind, subject, map[string]int{"keys": keys})
	})
}
