package vault

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Whoever looks is seen (T16): each reveal leaves a notice, and another who answers for the case reads it and says so. Of a
// township's reveal that is whoever else handles the case there, the county or a leader; of the county's a leader, or the
// other investigator. Nobody confirms his own. A notice tells who looked, when and why, never what was seen.

// Notice is one reveal, as those read it who answer for the case with whoever looked.
type Notice struct {
	ID         uuid.UUID  `db:"id" json:"id"`
	CaseKind   string     `db:"case_kind" json:"case_kind" enum:"feedback,complaint"`
	CaseID     uuid.UUID  `db:"case_id" json:"case_id"`
	Number     string     `db:"number" json:"number" doc:"of the complaint; empty for feedback"`
	By         string     `db:"by_name" json:"by"`
	Role       string     `db:"role" json:"role" enum:"office,county"`
	Reason     string     `db:"reason" json:"reason"`
	At         time.Time  `db:"at" json:"at"`
	ApprovedBy string     `db:"approved_by" json:"approved_by" doc:"at county level: the second person"`
	ReadBy     string     `db:"read_by" json:"read_by" doc:"empty: nobody has confirmed yet"`
	ReadAt     *time.Time `db:"read_at" json:"read_at"`
	Mine       bool       `db:"mine" json:"mine"`
	MayRead    bool       `db:"may_read" json:"may_read" doc:"waits for the caller's 已阅"`
}

// reasonNamed stands in a notice for a reason that names who was seen.
const reasonNamed = "理由里写到了这个人，这里不显示。"

// without is a reason that others may read: one that names the person is kept from them.
func (r *Revealed) without(reason string) string {
	if r.namedIn(reason) {
		return reasonNamed
	}
	for _, was := range r.Earlier {
		if was.namedIn(reason) {
			return reasonNamed
		}
	}
	return reason
}

// NoticeFilter narrows the list of notices.
type NoticeFilter struct {
	CaseID  string `query:"case_id" maxLength:"36"`
	Waiting string `query:"waiting" enum:"true,false" doc:"true: those that wait for the caller's 已阅"`
	After   string `query:"after" maxLength:"300"`
}

// noticePosition is the place of a notice in the list.
type noticePosition struct {
	MayRead bool      `json:"m"`
	At      time.Time `json:"t"`
	ID      uuid.UUID `json:"i"`
}

// Notices lists who looked, first what waits for the caller, then newest first: an office's its own cases, all for county and
// leader, but for the cases from which the reader stands back.
func (s *Service) Notices(ctx context.Context, who actor.Actor, f NoticeFilter) (web.Page[Notice], error) {
	page := web.Page[Notice]{Items: []Notice{}}
	if !who.Is(actor.Office, actor.County, actor.Leader) {
		return page, fault.Denied()
	}
	var one uuid.NullUUID
	if f.CaseID != "" {
		if err := one.Scan(f.CaseID); err != nil {
			return page, fault.Field("case_id", "编号格式不对")
		}
	}
	var after noticePosition
	deeper, err := web.DecodeCursor(f.After, &after)
	if err != nil {
		return page, err
	}
	page.Items, err = readNotices(ctx, s.pool, who, one, f.Waiting == "true", deeper, after)
	if err != nil {
		return page, err
	}
	page.Cut(noticePage, func(last Notice) any { return noticePosition{last.MayRead, last.At, last.ID} })
	page.Total = len(page.Items)
	if page.Next != "" || deeper {
		page.Total, err = countNotices(ctx, s.pool, who, one, f.Waiting == "true")
	}
	return page, err
}

// Confirm says that who has read a notice. Doing it again, or after another, changes nothing.
// Faults: NotFound out of sight, Forbidden for who looked himself and for who does not answer for the case.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, id uuid.UUID) (*Notice, error) {
	if !who.Is(actor.Office, actor.County, actor.Leader) {
		return nil, fault.Denied()
	}
	now := s.now()
	var out *Notice
	err := s.pool.InTx(ctx, func(tx *db.DB) error {
		n, err := lockNotice(ctx, tx, who, id)
		if err != nil {
			return err
		}
		switch {
		case n.Mine:
			return fault.New(fault.Forbidden, "own_reveal", "这是您自己查看的，要另一个人来阅。")
		case n.ReadAt != nil:
			out = n
			return nil
		case !n.MayRead:
			return fault.New(fault.Forbidden, "not_second", "县级查看的，由局领导或者这件事的另一名调查人员来阅；所里查看的，由这件事的其他经办人来阅。")
		}
		if err := saveConfirmed(ctx, tx, who, id, now); err != nil {
			return err
		}
		n.ReadBy, n.ReadAt, n.MayRead = who.Name, &now, false
		out = n
		return audit.Append(ctx, tx, now, who, "vault.confirm_reveal", n.CaseKind, n.CaseID, map[string]any{"reveal": n.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
