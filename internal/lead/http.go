package lead

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
	"suixing/internal/problem"
)

// Routes: the queue is the office's and the county's; the leader looks. One route a deed, made from triage's table.
func (s *Service) Routes(r *web.Router) {
	readers := web.Roles(actor.County, actor.Leader, actor.Office)
	web.Get(r, "/api/leads", readers, "the triage queue", s.getList)
	web.Get(r, "/api/leads/counts", readers, "how many wait, how many are decided", s.getCounts)
	web.Get(r, "/api/leads/{id}", readers, "one lead, its origin, possible duplicates and the deeds allowed", s.getOne)
	web.Post(r, "/api/leads", web.Roles(actor.County, actor.Office), "enter a lead by hand", s.post)
	for _, st := range steps {
		web.Post(r, "/api/leads/{id}/"+string(st.Deed), web.Roles(st.Who...), "deed of triage: "+string(st.Deed), s.postDeed(st.Deed))
	}
}

type listOut struct{ Body web.Page[LeadItem] }

func (s *Service) getList(ctx context.Context, who actor.Actor, in *Filter) (*listOut, error) {
	page, err := s.List(ctx, who, *in)
	return &listOut{page}, err
}

type countsOut struct{ Body QueueCounts }

func (s *Service) getCounts(ctx context.Context, who actor.Actor, _ *struct{}) (*countsOut, error) {
	c, err := s.Counts(ctx, who)
	return &countsOut{c}, err
}

type oneIn struct {
	ID string `path:"id" maxLength:"64"`
}
type oneOut struct{ Body LeadView }

func (s *Service) getOne(ctx context.Context, who actor.Actor, in *oneIn) (*oneOut, error) {
	id, err := web.ID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.Get(ctx, who, id)
	return &oneOut{v}, err
}

type leadPostIn struct{ Body ByHand }

func (s *Service) post(ctx context.Context, who actor.Actor, in *leadPostIn) (*oneOut, error) {
	l, err := s.Create(ctx, who, in.Body)
	if err != nil {
		return nil, err
	}
	v, err := s.Get(ctx, who, l.ID)
	return &oneOut{v}, err
}

type leadDeedIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int `json:"version"`
		Decision
	}
}

// DecidedProblem answers register and attach: the problem as it now stands. The rest answer with the lead.
type DecidedProblem struct {
	ProblemID uuid.UUID `json:"problem_id"`
	problem.View
}
type anyOut struct{ Body any }

func (s *Service) postDeed(d Deed) func(context.Context, actor.Actor, *leadDeedIn) (*anyOut, error) {
	return func(ctx context.Context, who actor.Actor, in *leadDeedIn) (*anyOut, error) {
		id, err := web.ID(in.ID)
		if err != nil {
			return nil, err
		}
		pid, err := s.Act(ctx, who, d, id, in.Body.Version, in.Body.Decision)
		if err != nil {
			return nil, err
		}
		if pid != uuid.Nil {
			v, err := s.problems.Get(ctx, who, pid)
			return &anyOut{DecidedProblem{pid, v}}, err
		}
		v, err := s.Get(ctx, who, id)
		return &anyOut{v}, err
	}
}
