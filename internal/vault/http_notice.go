package vault

import (
	"context"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

func (s *Service) noticeRoutes(r *web.Router) {
	desk := web.Roles(actor.Office, actor.County, actor.Leader)
	web.Get(r, "/api/vault/reveals", desk, "Who looked at who spoke, when and why; which of it waits for one's 已阅", s.getNotices)
	web.Post(r, "/api/vault/reveals/{id}/read", desk, "Confirm that one has read that somebody else looked", s.postConfirm)
}

type noticesOutput struct{ Body web.Page[Notice] }

func (s *Service) getNotices(ctx context.Context, who actor.Actor, in *NoticeFilter) (*noticesOutput, error) {
	page, err := s.Notices(ctx, who, *in)
	return &noticesOutput{page}, err
}

type noticeInput struct {
	ID string `path:"id" maxLength:"64"`
}

type noticeOutput struct{ Body *Notice }

func (s *Service) postConfirm(ctx context.Context, who actor.Actor, in *noticeInput) (*noticeOutput, error) {
	id, err := web.ID(in.ID)
	if err != nil {
		return nil, err
	}
	n, err := s.Confirm(ctx, who, id)
	if err != nil {
		return nil, err
	}
	return &noticeOutput{n}, nil
}
