package visit

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// phoneRoutes are what phones say of themselves and what the office makes of it.
func (s *Service) phoneRoutes(r *web.Router) {
	web.Post(r, "/api/field/contact", recording.OrHeldDevice(), "what this phone still holds; the answer says what to send again", s.postContact)
	web.Post(r, "/api/field/unlock", recording, "open the key to this phone's drafts, for a PIN that was forgotten; asks for the password", s.postUnlock)
	web.Get(r, "/api/phones", deskReads, "what each phone still holds, and what is suspected to be lost", s.getPhones)
	web.Post(r, "/api/phones/losses/{id}/settle", planners, "note what was found out about an alarm", s.settleLossOf)
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

func (s *Service) postContact(ctx context.Context, who actor.Actor, in *struct{ Body Report }) (*out[ReportAnswer], error) {
	a, err := s.Contact(ctx, who, web.SessionIn(ctx), in.Body)
	return &out[ReportAnswer]{a}, err
}

// UnlockForm is a locked phone's box, and the person's password.
type UnlockForm struct {
	DeviceID uuid.UUID `json:"device_id" format:"uuid"`
	Box      string    `json:"box" maxLength:"20000" doc:"base64 of an envelope that holds {account_id, device_id, keys}"`
	Password string    `json:"password" maxLength:"1000"`
}

// Unlocked are the keys of a phone's drafts, as the phone sealed them to the server.
type Unlocked struct {
	Keys string `json:"keys"`
}

func (s *Service) postUnlock(ctx context.Context, who actor.Actor, in *struct{ Body UnlockForm }) (*out[Unlocked], error) {
	keys, err := s.Unlock(ctx, who, web.Address(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return &out[Unlocked]{Unlocked{keys}}, nil
}

func (s *Service) getPhones(ctx context.Context, who actor.Actor, _ *struct{}) (*out[Radar], error) {
	radar, err := s.Phones(ctx, who)
	return &out[Radar]{radar}, err
}

func (s *Service) settleLossOf(ctx context.Context, who actor.Actor, in *reasonIn) (*struct{}, error) {
	return nil, s.SettleLoss(ctx, who, in.ID, in.Body.Reason)
}
