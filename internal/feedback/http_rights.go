package feedback

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
)

type correctInput struct {
	ID   uuid.UUID `path:"id"`
	Body Correction
}

func (s *Service) postCorrect(ctx context.Context, who actor.Actor, in *correctInput) (*oneOutput, error) {
	if err := s.CorrectContact(ctx, who, in.ID, &in.Body); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}

type eraseInput struct {
	ID   uuid.UUID `path:"id"`
	Body Wish
}

func (s *Service) postErase(ctx context.Context, who actor.Actor, in *eraseInput) (*oneOutput, error) {
	if err := s.EraseContact(ctx, who, in.ID, &in.Body); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}
