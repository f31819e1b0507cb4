package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/web"
)

// TrailRow is one row of the audit trail, as the auditor reads it.
type TrailRow struct {
	ID            int64           `db:"id" json:"id"`
	At            time.Time       `db:"at" json:"at"`
	ActorID       uuid.NullUUID   `db:"actor_id" json:"actor_id"`
	ActorName     string          `db:"actor_name" json:"actor_name"`
	ActorUsername string          `db:"actor_username" json:"actor_username"`
	ActorRole     string          `db:"actor_role" json:"actor_role"`
	Deed          string          `db:"deed" json:"deed"`
	SubjectKind   string          `db:"subject_kind" json:"subject_kind"`
	SubjectID     uuid.NullUUID   `db:"subject_id" json:"subject_id"`
	Detail        json.RawMessage `db:"detail" json:"detail"`
	Sealed        bool            `db:"sealed" json:"sealed"`
}

// TrailFilter narrows the trail: a deed or its first word, who did it by name or username, days of Shanghai.
type TrailFilter struct {
	Deed, Actor, SubjectID, From, To, After string
}

const trailPage = 100

// Trail reads the audit trail, newest first.
func (s *Service) Trail(ctx context.Context, who actor.Actor, in TrailFilter) (web.Page[TrailRow], error) {
	var page web.Page[TrailRow]
	if !who.Is(actor.Auditor, actor.SystemRole) {
		return page, fault.Denied()
	}
	var before int64
	deeper, err := web.DecodeCursor(in.After, &before)
	if err != nil {
		return page, err
	}
	page.Items, err = readTrail(ctx, s.db, in, before, deeper, trailPage+1)
	page.Cut(trailPage, func(last TrailRow) any { return last.ID })
	return page, err
}

// TrailHead is the newest seal over the trail. Zero while nothing is sealed.
func (s *Service) TrailHead(ctx context.Context, who actor.Actor) (audit.Head, error) {
	if !who.Is(actor.Auditor, actor.SystemRole) {
		return audit.Head{}, fault.Denied()
	}
	h, err := audit.ReadHead(ctx, s.db)
	if fault.KindOf(err) == fault.NotFound {
		return audit.Head{}, nil
	}
	return h, err
}
