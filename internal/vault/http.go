package vault

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// Routes adds the one way to see an identity again.
func (s *Service) Routes(r *web.Router) {
	web.Post(r, "/api/vault/reveal", web.Roles(actor.Office, actor.County), "See who spoke in a case one handles; needs a reason, leaves a row in the trail", s.reveal)
	seconds := web.Roles(actor.County, actor.Leader)
	web.Get(r, "/api/vault/requests", seconds, "Wishes to see who spoke, and what became of them", s.getRequests)
	web.Post(r, "/api/vault/requests", web.Roles(actor.County), "Ask a second person to agree that one sees who spoke", s.postRequest)
	web.Post(r, "/api/vault/requests/{id}/approve", seconds, "Agree, as a second person; needs a reason", s.decide(true))
	web.Post(r, "/api/vault/requests/{id}/decline", seconds, "Decline, with a reason", s.decide(false))
	s.noticeRoutes(r)
	web.Post(r, "/api/vault/keys/rotate", web.Roles(actor.Admin), "Make a new key; what lies under the old ones is resealed", s.postRotate)
	web.Post(r, "/api/vault/keys/reseal", web.Roles(actor.Admin), "Reseal for a moment and tell how far it has come", s.postReseal)
	web.Get(r, "/api/vault/keys", web.Roles(actor.Admin, actor.Auditor), "The vault's keys by id, and how many identities lie under each: how far a rotation has come", s.getKeys)
}

type keysOutput struct {
	Body struct {
		Keys []KeyState `json:"keys" nullable:"false"`
	}
}

func (s *Service) getKeys(ctx context.Context, who actor.Actor, _ *struct{}) (*keysOutput, error) {
	states, err := s.Keys(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &keysOutput{}
	out.Body.Keys = states
	return out, nil
}

type rotateInput struct {
	Body struct {
		Algorithm string `json:"algorithm,omitempty" enum:",aes-256-gcm,sm4-gcm" doc:"empty: as the key that seals now"`
		Reason    string `json:"reason" maxLength:"400"`
	}
}

func (s *Service) postRotate(ctx context.Context, who actor.Actor, in *rotateInput) (*keysOutput, error) {
	if err := s.RotateKey(ctx, who, in.Body.Algorithm, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.getKeys(ctx, who, nil)
}

func (s *Service) postReseal(ctx context.Context, who actor.Actor, _ *struct{}) (*keysOutput, error) {
	if err := s.resealFor(ctx, resealMoment); err != nil {
		return nil, err
	}
	return s.getKeys(ctx, who, nil)
}

type revealInput struct {
	Body struct {
		CaseKind string    `json:"case_kind" enum:"feedback,complaint"`
		CaseID   uuid.UUID `json:"case_id"`
		Reason   string    `json:"reason" maxLength:"400"`
	}
}

type revealOutput struct{ Body *Revealed }

func (s *Service) reveal(ctx context.Context, who actor.Actor, in *revealInput) (*revealOutput, error) {
	out, err := s.Reveal(ctx, who, in.Body.CaseKind, in.Body.CaseID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &revealOutput{Body: out}, nil
}

type requestsOutput struct {
	Body struct {
		Items []Request `json:"items" nullable:"false"`
	}
}

func (s *Service) getRequests(ctx context.Context, who actor.Actor, in *RequestFilter) (*requestsOutput, error) {
	list, err := s.Requests(ctx, who, *in)
	if err != nil {
		return nil, err
	}
	out := &requestsOutput{}
	out.Body.Items = list
	return out, nil
}

type requestOutput struct{ Body *Request }

func (s *Service) postRequest(ctx context.Context, who actor.Actor, in *revealInput) (*requestOutput, error) {
	r, err := s.Ask(ctx, who, in.Body.CaseKind, in.Body.CaseID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &requestOutput{r}, nil
}

type decideInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason" maxLength:"400"`
	}
}

func (s *Service) decide(agree bool) func(context.Context, actor.Actor, *decideInput) (*requestOutput, error) {
	return func(ctx context.Context, who actor.Actor, in *decideInput) (*requestOutput, error) {
		id, err := web.ID(in.ID)
		if err != nil {
			return nil, err
		}
		r, err := s.Decide(ctx, who, id, agree, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &requestOutput{r}, nil
	}
}
