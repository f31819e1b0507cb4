package account

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

func (s *Service) deviceRoutes(r *web.Router) {
	web.Post(r, "/api/devices", web.Roles(actor.Supervisor, actor.Office), "give this phone a credential that can only submit; the secret is told once", s.postDevice)
	web.Get(r, "/api/devices", web.Roles(actor.Supervisor, actor.Office, actor.County, actor.Admin), "phones that may submit: mine, my office's, all", s.getDevices)
	web.Post(r, "/api/devices/{id}/revoke", web.Roles(actor.Supervisor, actor.Office, actor.County, actor.Admin), "report a phone lost: its credential, its logins and its unused tickets end", s.postRevoke)
}

// DeviceForm is what a phone enrols with.
type DeviceForm struct {
	ID   uuid.UUID `json:"id" doc:"made by the phone"`
	Name string    `json:"name" maxLength:"200"`
}

// DeviceSecret goes into the header "Authorization: Device <secret>". It is nowhere to be read again.
type DeviceSecret struct {
	ID     uuid.UUID `json:"id"`
	Secret string    `json:"secret"`
}

type enrolled struct {
	Status int
	Body   DeviceSecret
}

func (s *Service) postDevice(ctx context.Context, who actor.Actor, in *struct{ Body DeviceForm }) (*enrolled, error) {
	secret, fresh, err := s.Enrol(ctx, who, web.SessionIn(ctx).Token, in.Body.ID, in.Body.Name)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	return &enrolled{status, DeviceSecret{in.Body.ID, secret}}, nil
}

func (s *Service) getDevices(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[list[Device]], error) {
	items, err := s.Devices(ctx, who)
	return reply(list[Device]{items}, err)
}

func (s *Service) postRevoke(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Reason string `json:"reason" maxLength:"1000"`
	}
}) (*struct{}, error) {
	return none(s.Revoke(ctx, who, in.ID, in.Body.Reason))
}
