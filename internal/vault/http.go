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
