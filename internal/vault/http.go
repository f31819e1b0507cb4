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
