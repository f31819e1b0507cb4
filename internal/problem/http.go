package problem

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// Routes: reading is for the desk and the agency, each in its scope; one route a deed, made from the life-cycle's table.
func (s *Service) Routes(r *web.Router) {
	readers := web.Roles(actor.County, actor.Leader, actor.Office, actor.Agency)
	web.Get(r, "/api/problems", readers, "the register, or what was ordered of the agency", s.getList)
	web.Get(r, "/api/problems/counts", readers, "how many are open, overdue, near due", s.getCounts)
	r.Plain("GET", "/api/problems.xlsx", readers, "the register as a workbook, same filters", s.getWorkbook)
	web.Get(r, "/api/problems/{id}", readers, "one problem, its time line, photos and the deeds allowed", s.getOne)
	for _, st := range steps {
		web.Post(r, "/api/problems/{id}/"+string(st.Deed), web.Roles(st.Who...), "deed of the life-cycle: "+string(st.Deed), s.postDeed(st.Deed))
	}
}

type anyOut struct{ Body any }

func (s *Service) getList(ctx context.Context, who actor.Actor, in *Filter) (*anyOut, error) {
	if who.Is(actor.Agency) {
		page, err := s.AgencyList(ctx, who, *in)
		return &anyOut{page}, err
	}
	page, err := s.List(ctx, who, *in)
	return &anyOut{page}, err
}

type countsOut struct{ Body RegisterCounts }

func (s *Service) getCounts(ctx context.Context, who actor.Actor, _ *struct{}) (*countsOut, error) {
	c, err := s.Counts(ctx, who)
	return &countsOut{c}, err
}

type oneIn struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) getOne(ctx context.Context, who actor.Actor, in *oneIn) (*anyOut, error) {
	id, err := web.ID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.Seen(ctx, who, id)
	return &anyOut{v}, err
}

type problemDeedIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int `json:"version"`
		Input
	}
}

func (s *Service) postDeed(d Deed) func(context.Context, actor.Actor, *problemDeedIn) (*anyOut, error) {
	return func(ctx context.Context, who actor.Actor, in *problemDeedIn) (*anyOut, error) {
		id, err := web.ID(in.ID)
		if err != nil {
			return nil, err
		}
		v, err := s.Act(ctx, who, d, id, in.Body.Version, in.Body.Input)
		return &anyOut{v}, err
	}
}

func (s *Service) getWorkbook(c *fiber.Ctx) error {
	q := func(name string) string { return c.Query(name) }
	open, _ := strconv.ParseBool(q("open"))
	f := Filter{State: q("state"), Severity: q("severity"), Due: q("due"), OfficeID: q("office_id"), AgencyID: q("agency_id"), Origin: q("origin"),
		Category: q("category"), Q: q("q"), Open: open, Sort: q("sort")}
	body, err := s.Workbook(c.UserContext(), web.ActorOf(c), f)
	if err != nil {
		return err
	}
	name := "问题台账" + string(s.deadlines.Today()) + ".xlsx"
	c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="register.xlsx"; filename*=UTF-8''%s`, url.PathEscape(name)))
	return c.Send(body)
}
