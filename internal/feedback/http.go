package feedback

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// Routes adds the public pages and the desk's routes. The supervisor sees no rating of her own visit and the agency none
// that has a record behind it: neither reads answers, and the agency only sums of five and more.
func (s *Service) Routes(r *web.Router) {
	r.Plain("GET", "/f", web.Anyone, "Type a ticket's short code", s.getCode)
	r.Plain("POST", "/f", web.Anyone, "Type a ticket's short code", s.postCode)
	r.Plain("GET", "/f/{ticket}", web.Anyone, "Feedback form of a ticket", s.getForm)
	r.Plain("POST", "/f/{ticket}", web.Anyone, "Give the answer of a ticket", s.postForm)
	r.Plain("GET", "/f/done/{sealed}", web.Anyone, "Receipt of an answer, for an hour", s.getDone)

	field, desk := web.Roles(actor.Supervisor, actor.Office), web.Roles(actor.Office, actor.County, actor.Leader)
	web.Post(r, "/api/tickets", field, "Issue a batch of tickets to this phone; the secrets are told once", s.postTickets)
	web.Get(r, "/api/tickets/stock", field, "How many tickets are unused", s.getStock)
	web.Post(r, "/api/tickets/revoke", field, "Make unused tickets useless", s.postRevoke)
	web.Get(r, "/api/feedback", desk, "Answers, newest first", s.getList)
	web.Get(r, "/api/feedback/summary", web.Roles(actor.Office, actor.County, actor.Leader, actor.Agency), "Sums by agency and month; an agency its own ended months of five and more", s.getSummary)
	web.Post(r, "/api/feedback/paper", web.Roles(actor.Office), "Enter a form filled on paper", s.postPaper)
	web.Get(r, "/api/feedback/{id}", desk, "One answer", s.getOne)
	web.Post(r, "/api/feedback/{id}/answer", web.Roles(actor.Office, actor.County), "Say what was found; shown where the receipt code is asked", s.postAnswer)
}

type ticketsInput struct {
	Body struct {
		RequestID uuid.UUID `json:"request_id"`
		Count     int       `json:"count" minimum:"1" maximum:"50"`
	}
}

type batchOutput struct{ Body *Batch }

func (s *Service) postTickets(ctx context.Context, who actor.Actor, in *ticketsInput) (*batchOutput, error) {
	b, err := s.IssueTickets(ctx, who, in.Body.RequestID, in.Body.Count)
	if err != nil {
		return nil, err
	}
	return &batchOutput{b}, nil
}

type nothing struct{}

type stockOutput struct{ Body *Stock }

func (s *Service) getStock(ctx context.Context, who actor.Actor, _ *nothing) (*stockOutput, error) {
	b, err := s.TicketStock(ctx, who)
	if err != nil {
		return nil, err
	}
	return &stockOutput{b}, nil
}

type revokeInput struct {
	Body struct {
		IDs []uuid.UUID `json:"ids,omitempty" maxItems:"200"`
		All bool        `json:"all,omitempty"`
	}
}

type revokeOutput struct {
	Body struct {
		Revoked int64 `json:"revoked"`
	}
}

func (s *Service) postRevoke(ctx context.Context, who actor.Actor, in *revokeInput) (*revokeOutput, error) {
	n, err := s.RevokeTickets(ctx, who, in.Body.IDs, in.Body.All)
	if err != nil {
		return nil, err
	}
	out := &revokeOutput{}
	out.Body.Revoked = n
	return out, nil
}

type listOutput struct{ Body web.Page[AnswerItem] }

func (s *Service) getList(ctx context.Context, who actor.Actor, in *Filter) (*listOutput, error) {
	page, err := s.List(ctx, who, in)
	if err != nil {
		return nil, err
	}
	return &listOutput{page}, nil
}

type idInput struct {
	ID uuid.UUID `path:"id"`
}

type oneOutput struct{ Body *AnswerDetail }

func (s *Service) getOne(ctx context.Context, who actor.Actor, in *idInput) (*oneOutput, error) {
	d, err := s.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &oneOutput{d}, nil
}

type answerInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Text string `json:"text" maxLength:"1000"`
	}
}

func (s *Service) postAnswer(ctx context.Context, who actor.Actor, in *answerInput) (*oneOutput, error) {
	if err := s.Answer(ctx, who, in.ID, in.Body.Text); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}

type paperInput struct{ Body Paper }

type paperOutput struct{ Body *PaperKept }

func (s *Service) postPaper(ctx context.Context, who actor.Actor, in *paperInput) (*paperOutput, error) {
	k, err := s.EnterPaper(ctx, who, &in.Body)
	if err != nil {
		return nil, err
	}
	return &paperOutput{k}, nil
}

type summaryInput struct {
	From string `query:"from" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" doc:"first month, 2026-01"`
	To   string `query:"to" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" doc:"last month"`
}

type summaryOutput struct {
	Body struct {
		Items []Month `json:"items" nullable:"false"`
	}
}

func (s *Service) getSummary(ctx context.Context, who actor.Actor, in *summaryInput) (*summaryOutput, error) {
	if in.From != "" && in.To != "" && in.From > in.To {
		return nil, fault.Field("from", "开始的月份晚于结束的月份。")
	}
	months, err := s.Summary(ctx, who, in.From, in.To)
	if err != nil {
		return nil, err
	}
	out := &summaryOutput{}
	out.Body.Items = months
	return out, nil
}
