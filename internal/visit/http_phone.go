package visit

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
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
	r.Plain("POST", "/api/rescue", planners, "take in a phone's rescue file, at most 1 GiB; the same again changes nothing", s.postRescue)
	describeRescue(r)
	web.Get(r, "/api/held-sheets", deskReads, "sealed records in quarantine: from phones reported lost, from people who left, against a rule", s.getHeldSheets)
	web.Get(r, "/api/held-sheets/{id}", deskReads, "one of them with its content", s.getHeldSheet)
	web.Post(r, "/api/held-sheets/{id}/settle", planners, "let it in as its author's record, or not, with a reason", s.settleHeldSheet)
}

func (s *Service) getHeldSheets(ctx context.Context, who actor.Actor, in *struct {
	Settled bool   `query:"settled"`
	After   string `query:"after" maxLength:"300"`
}) (*out[web.Page[Held]], error) {
	page, err := s.HeldSheets(ctx, who, in.Settled, in.After)
	return &out[web.Page[Held]]{page}, err
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

// postRescue is a plain handler: a week of photos is streamed, never held.
func (s *Service) postRescue(c *fiber.Ctx) error {
	file, err := web.Body(c, MaxRescue)
	if err != nil {
		return err
	}
	list, err := s.Rescue(c.UserContext(), web.ActorOf(c), file)
	if err != nil {
		return err
	}
	return c.JSON(items[Rescued]{list})
}

func describeRescue(r *web.Router) {
	doc := r.API.OpenAPI()
	answer := doc.Components.Schemas.Schema(reflect.TypeOf(items[Rescued]{}), true, "RescuedItems")
	doc.AddOperation(&huma.Operation{
		OperationID: "post-api-rescue", Method: http.MethodPost, Path: "/api/rescue", Tags: []string{"rescue"}, Summary: "take in a phone's rescue file; the same again changes nothing",
		Description: "Who: " + planners.String() + ". The file as the phone wrote it (.sxr). Records are saved as their authors', one answer each.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}},
		Responses: map[string]*huma.Response{"200": {Description: "what became of each record", Content: map[string]*huma.MediaType{"application/json": {Schema: answer}}},
			"413": {Description: "over 1 GiB"}, "422": {Description: "no rescue file"}},
	})
}
