package vault

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// At county level nobody looks alone (T16): who handles a case asks with a reason, another of the county or a leader agrees
// with a reason, and then the one who asked may look for a day. In a township the handler looks by himself.
const (
	askLife  = 72 * time.Hour // a weekend and a day: then it must be asked anew
	openLife = 24 * time.Hour
)

// Request is a wish to see who spoke, and what became of it. It holds no word of the person.
type Request struct {
	ID        uuid.UUID  `db:"id" json:"id"`
	CaseKind  string     `db:"case_kind" json:"case_kind" enum:"feedback,complaint"`
	CaseID    uuid.UUID  `db:"case_id" json:"case_id"`
	Number    string     `db:"number" json:"number" doc:"of the complaint; empty for feedback"`
	AskedBy   uuid.UUID  `db:"asked_by" json:"-"`
	Asker     string     `db:"asker" json:"asked_by"`
	Reason    string     `db:"reason" json:"reason"`
	AskedAt   time.Time  `db:"asked_at" json:"asked_at"`
	ExpiresAt time.Time  `db:"expires_at" json:"expires_at"`
	Decider   string     `db:"decider" json:"decided_by"`
	DecidedAt *time.Time `db:"decided_at" json:"decided_at"`
	Approved  *bool      `db:"approved" json:"-"`
	Why       string     `db:"why" json:"why"`
	State     string     `db:"-" json:"state" enum:"pending,approved,declined,expired"`
	Mine      bool       `db:"-" json:"mine"`
	MayDecide bool       `db:"-" json:"may_decide"`
}

func (r *Request) seenBy(who actor.Actor, now time.Time) {
	switch {
	case r.Approved != nil && !*r.Approved:
		r.State = "declined"
	case !now.Before(r.ExpiresAt):
		r.State = "expired"
	case r.Approved != nil:
		r.State = "approved"
	default:
		r.State = "pending"
	}
	r.Mine = r.AskedBy == who.ID
	r.MayDecide = r.State == "pending" && !r.Mine && who.Is(actor.County, actor.Leader)
}

func noSecond() error {
	return fault.New(fault.Forbidden, "second_person", "县级要看是谁反映的，先写明理由提出申请，由县司法局另一个人或者局领导同意以后，才能看。")
}

// Ask makes a request of the county's handler of a case. Faults: Conflict while one of his is still open.
func (s *Service) Ask(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, reason string) (*Request, error) {
	reason, err := s.may(who, caseKind, reason)
	if err != nil {
		return nil, err
	}
	if !who.Is(actor.County) {
		return nil, fault.Denied()
	}
	now := s.now()
	r := &Request{ID: uuid.New(), CaseKind: caseKind, CaseID: caseID, AskedBy: who.ID, Reason: reason, AskedAt: now, ExpiresAt: now.Add(askLife)}
	err = s.pool.InTx(ctx, func(tx *db.DB) error {
		if err := mayHandle(ctx, tx, who, caseKind, caseID); err != nil {
			return err
		}
		open, err := openRequests(ctx, tx, who, caseKind, caseID, now)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return fault.New(fault.Conflict, "asked", "您的申请已经提出或者已经同意，不用再提。")
		}
		if err := insertRequest(ctx, tx, r); err != nil {
			return err
		}
		if r, err = lockRequest(ctx, tx, who, r.ID); err != nil {
			return err
		}
		r.seenBy(who, now)
		return audit.Append(ctx, tx, now, who, "vault.ask_reveal", caseKind, caseID, map[string]any{"request": r.ID, "reason": reason})
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Decide agrees to a request or declines it, with a reason. Nobody decides on his own, nor who stands back from the case.
func (s *Service) Decide(ctx context.Context, who actor.Actor, id uuid.UUID, agree bool, why string) (*Request, error) {
	why, err := checkReason(why)
	if err != nil {
		return nil, err
	}
	if !who.Is(actor.County, actor.Leader) {
		return nil, fault.Denied()
	}
	now := s.now()
	var out *Request
	err = s.pool.InTx(ctx, func(tx *db.DB) error {
		r, err := lockRequest(ctx, tx, who, id)
		if err != nil {
			return err
		}
		r.seenBy(who, now)
		switch {
		case r.Mine:
			return fault.New(fault.Forbidden, "own_request", "自己提的申请，要另一个人来同意。")
		case r.State == "expired":
			return fault.New(fault.Conflict, "expired", "这个申请已经过期，请他重新提出。")
		case r.State != "pending":
			return fault.New(fault.Conflict, "decided", "这个申请已经有人答复过了。")
		}
		r.Approved, r.Decider, r.DecidedAt, r.Why = &agree, who.Name, &now, why
		deed := "vault.decline_reveal"
		if agree {
			deed, r.ExpiresAt = "vault.approve_reveal", now.Add(openLife)
		}
		if err := saveRequest(ctx, tx, who, r); err != nil {
			return err
		}
		r.seenBy(who, now)
		out = r
		return audit.Append(ctx, tx, now, who, deed, r.CaseKind, r.CaseID, map[string]any{"request": r.ID, "asked_by": r.AskedBy, "reason": why})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// second is the request under which who may look now; none is needed outside the county.
func second(ctx context.Context, tx *db.DB, who actor.Actor, caseKind string, caseID uuid.UUID, now time.Time) (*Request, error) {
	if !who.Is(actor.County) {
		return nil, nil
	}
	open, err := openRequests(ctx, tx, who, caseKind, caseID, now)
	if err != nil {
		return nil, err
	}
	for i := range open {
		if open[i].Approved != nil {
			return &open[i], nil
		}
	}
	return nil, noSecond()
}
