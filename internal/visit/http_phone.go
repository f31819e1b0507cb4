package visit

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// phoneRoutes are what phones say of themselves and what the office makes of it.
func (s *Service) phoneRoutes(r *web.Router) {
	web.Get(r, "/api/held-sheets", deskReads, "sealed records in quarantine: from phones reported lost, from people who left", s.getHeldSheets)
	web.Get(r, "/api/held-sheets/{id}", deskReads, "one of them with its content", s.getHeldSheet)
	web.Post(r, "/api/held-sheets/{id}/settle", planners, "let it in as its author's record, or not, with a reason", s.settleHeldSheet)
}

func (s *Service) getHeldSheets(ctx context.Context, who actor.Actor, in *struct {
	Settled bool `query:"settled"`
}) (*out[items[Held]], error) {
	list, err := s.HeldSheets(ctx, who, in.Settled)
	return &out[items[Held]]{items[Held]{list}}, err
}

func (s *Service) getHeldSheet(ctx context.Context, who actor.Actor, in *byID) (*out[Held], error) {
	h, err := s.HeldSheet(ctx, who, in.ID)
	return &out[Held]{h}, err
}

func (s *Service) settleHeldSheet(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Keep   bool   `json:"keep"`
		Reason string `json:"reason" maxLength:"500"`
	}
}) (*struct{}, error) {
	return nil, s.SettleHeld(ctx, who, in.ID, in.Body.Keep, in.Body.Reason)
}
