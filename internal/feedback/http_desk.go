package feedback

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/feedback/poster"
	"suixing/internal/platform/web"
)

type ratesInput struct {
	From string `query:"from" format:"date" doc:"first day; three months ago if empty"`
	To   string `query:"to" format:"date" doc:"last day; today if empty"`
}

type ratesOutput struct{ Body *Rates }

func (s *Service) getRates(ctx context.Context, who actor.Actor, in *ratesInput) (*ratesOutput, error) {
	if in.From != "" && in.To != "" && in.From > in.To {
		return nil, fault.Field("from", "开始的日期晚于结束的日期。")
	}
	out, err := s.Rates(ctx, who, in.From, in.To)
	return &ratesOutput{out}, err
}

type wallsOutput struct{ Body web.Page[Wall] }

func (s *Service) getWalls(ctx context.Context, who actor.Actor, in *WallFilter) (*wallsOutput, error) {
	page, err := s.Walls(ctx, who, in)
	return &wallsOutput{page}, err
}

type wallInput struct {
	Body struct {
		BusinessID uuid.UUID `json:"business_id"`
	}
}

type wallOutput struct{ Body *Wall }

func (s *Service) postWallCode(ctx context.Context, who actor.Actor, in *wallInput) (*wallOutput, error) {
	w, err := s.MakeWall(ctx, who, in.Body.BusinessID)
	return &wallOutput{w}, err
}

func (s *Service) postWallRevoke(ctx context.Context, who actor.Actor, in *idInput) (*wallOutput, error) {
	if err := s.RevokeWall(ctx, who, in.ID); err != nil {
		return nil, err
	}
	w, err := s.WallOf(ctx, who, in.ID)
	return &wallOutput{w}, err
}

// getPoster draws the paper anew each time: nothing is kept but the code's own id.
func (s *Service) getPoster(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return fault.Missing()
	}
	size := poster.Size(strings.ToLower(c.Query("size", "a4")))
	if size != poster.A4 && size != poster.A6 {
		return fault.Field("size", "大小只有a4和a6。")
	}
	ctx := c.UserContext()
	w, err := s.WallOf(ctx, web.ActorOf(c), id)
	if err != nil {
		return err
	}
	if w.RevokedAt != nil {
		return fault.New(fault.Conflict, "revoked", "这个墙上码已经作废，不能再打印。请给这家重新做一个。")
	}
	bureau, hotline, err := bureauOf(ctx, s.db)
	if err != nil {
		return err
	}
	host := s.publicURL[strings.Index(s.publicURL, "//")+2:]
	raw, err := poster.Draw(size, poster.Content{URL: w.URL, Address: host + "/f", Short: w.Short, Hotline: hotline, Bureau: bureau, Office: w.Office, Business: w.Business})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, `inline; filename="poster-`+string(size)+`.pdf"`)
	return c.Send(raw)
}
