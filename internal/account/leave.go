package account

import (
	"context"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// Work is one open record in a person's name. The administrator sees its number and nothing of the case.
type Work struct {
	ID     uuid.UUID `db:"id" json:"id"`
	Number string    `db:"number" json:"number"`
	DueOn  *string   `db:"due_on" json:"due_on"`
}

// OpenWork is what a person would leave behind. Leads stay with the office's queue; they are named for information.
type OpenWork struct {
	Visits   []Work `json:"visits" nullable:"false"`
	Leads    []Work `json:"leads" nullable:"false"`
	Problems []Work `json:"problems" nullable:"false"`
	// Complaints are those of which the person is handler or investigator.
	Complaints []Work `json:"complaints" nullable:"false"`
	// Drafts are complaints begun and not filed: nobody else reads them, and they are swept after some days.
	Drafts int `json:"drafts"`
}

// personal counts what needs a successor.
func (w OpenWork) personal() int {
	return len(w.Visits) + len(w.Problems) + len(w.Complaints) + w.Drafts
}

// OpenWork lists what is open in a person's name.
func (s *Service) OpenWork(ctx context.Context, who actor.Actor, id uuid.UUID) (OpenWork, error) {
	if !manager(who) {
		return OpenWork{}, fault.Denied()
	}
	if _, err := readAccount(ctx, s.db, id); err != nil {
		return OpenWork{}, err
	}
	return readOpenWork(ctx, s.db, id)
}

// Leave ends a person's login. Open work goes to the successor in the same transaction, through the features' hand-overs;
// without a successor it is a Conflict while there is any. What was done stays under the name of who did it.
func (s *Service) Leave(ctx context.Context, who actor.Actor, id uuid.UUID, successor uuid.NullUUID, reason string) (moved int, err error) {
	if !manager(who) {
		return 0, fault.Denied()
	}
	if reason = tidy(reason); reason == "" || utf8.RuneCountInString(reason) > 200 {
		return 0, fault.Field("reason", "请写明停用的原因，最多200个字。")
	}
	if id == who.ID {
		return 0, fault.New(fault.Conflict, "own_account", "不能停用自己的账号，请另一位管理员来办。")
	}
	return moved, s.db.InTx(ctx, func(tx *db.DB) error {
		a, err := lockAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		if !a.Active {
			return fault.New(fault.Conflict, "left", "这个账号已经停用了。")
		}
		if err := mayLoseAdmin(ctx, tx, a); err != nil {
			return err
		}
		if moved, err = s.handOver(ctx, tx, a, successor); err != nil {
			return err
		}
		if err := saveLeave(ctx, tx, id, successor, s.now()); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, id, nil); err != nil {
			return err
		}
		if err := s.revokeAll(ctx, tx, who, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "account.leave", "account", id, map[string]any{"successor": successor, "moved": moved, "reason": reason})
	})
}

func (s *Service) handOver(ctx context.Context, tx *db.DB, a Account, successor uuid.NullUUID) (moved int, err error) {
	if successor.Valid {
		next, err := lockAccount(ctx, tx, successor.UUID)
		if fault.KindOf(err) == fault.NotFound {
			return 0, fault.Field("successor_id", "找不到接手的人。")
		}
		if err != nil {
			return 0, err
		}
		if why := maySucceed(a, next); why != "" {
			return 0, fault.Field("successor_id", why)
		}
		for _, h := range s.opt.HandOvers {
			n, err := h(ctx, tx, a.ID, next.ID, s.now())
			if err != nil {
				return 0, err
			}
			moved += n
		}
	}
	left, err := readOpenWork(ctx, tx, a.ID)
	if err == nil && left.personal() > 0 {
		err = openWork(left.personal())
	}
	return moved, err
}

// maySucceed: the successor must be able to see and do the work; a supervisor's may go to the office's own people.
func maySucceed(a, next Account) string {
	sameRole := next.Role == a.Role || a.Role == actor.Supervisor && next.Role == actor.Office
	switch {
	case next.ID == a.ID:
		return "接手的人不能是本人。"
	case !next.Active:
		return "接手的人已经停用，请另选一位。"
	case !sameRole:
		return "接手的人要在同一类岗位上。"
	case next.OfficeID != a.OfficeID || next.AgencyID != a.AgencyID:
		return "接手的人要在同一个司法所或单位，否则看不到这些工作。"
	}
	return ""
}
