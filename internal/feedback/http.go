package feedback

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// What the desk's pages read and send, each a Go type of this package:
//
//	GET  /api/feedback                  ?state&agency_id&from&to&bad&channel&quarantined&flagged&after → {items:[AnswerItem],next,total}
//	GET  /api/feedback/{id}             → AnswerDetail
//	POST /api/feedback/{id}/answer      Words → AnswerDetail        what was found; shown to whoever has the receipt code
//	POST /api/feedback/{id}/agency-text Words → AnswerDetail        what the rated agency may read of the words
//	POST /api/feedback/{id}/release     → AnswerDetail               an answer leaves quarantine
//	POST /api/feedback/{id}/correct-contact Correction, …/erase-contact Wish → AnswerDetail   the person's rights; 409 no_contact
//	POST /api/feedback/paper            Paper → PaperKept            409 paper_twice: the same id with other words, both are kept
//	GET  /api/feedback/summary          ?from&to (months) → {items:[Month]}   an agency: published periods only
//	GET  /api/feedback/rates            ?from&to (days) → Rates      how often the code was handed out and answered
//	POST /api/tickets, /api/tickets/rotate  TicketOrder → Batch      rotate revokes what is unused
//	POST /api/tickets/reissue           {visit_id} → Ticket          409 answered
//	GET  /api/tickets/stock             → Stock
//	POST /api/tickets/revoke            {ids|holder_id,device_id|all} → {revoked}
//	GET  /api/walls                     ?business_id&after → {items:[Wall],next}
//	POST /api/walls                     {business_id} → Wall         ends the business's older code
//	POST /api/walls/{id}/revoke         → Wall
//	GET  /api/walls/{id}/poster.pdf     ?size=a4|a6 → PDF

// Routes adds the public pages and the desk's routes. The supervisor sees no rating of her own visit and the agency none
// that has a record behind it: neither reads answers, and the agency only sums of five and more.
func (s *Service) Routes(r *web.Router) {
	r.Plain("GET", "/f", web.Anyone, "Type a ticket's short code", s.getCode)
	r.Plain("POST", "/f", web.Anyone, "Type a ticket's short code", s.postCode)
	r.Plain("GET", "/f/more", web.Anyone, "One more word after the office's answer", s.getMore)
	r.Plain("POST", "/f/more", web.Anyone, "One more word after the office's answer", s.postMore)
	r.Plain("GET", "/f/{ticket}", web.Anyone, "Feedback form of a ticket", s.getForm)
	r.Plain("POST", "/f/{ticket}", web.Anyone, "Give the answer of a ticket", s.postForm)
	r.Plain("GET", "/f/done/{sealed}", web.Anyone, "Receipt of an answer, for an hour", s.getDone)
	r.Plain("GET", "/w/{code}", web.Anyone, "Form of a wall code", s.getWall)
	r.Plain("POST", "/w/{code}", web.Anyone, "Give an answer by wall code", s.postWall)

	field, desk := web.Roles(actor.Supervisor, actor.Office), web.Roles(actor.Office, actor.County, actor.Leader)
	does := web.Roles(actor.Office, actor.County)
	web.Post(r, "/api/tickets", field, "Issue a batch of tickets to this phone; the secrets are told once", s.postTickets)
	web.Post(r, "/api/tickets/rotate", field, "Revoke what is unused and issue a batch in its place", s.postRotate)
	web.Post(r, "/api/tickets/reissue", field, "Another ticket for a visit, in place of one that nobody has answered", s.postReissue)
	web.Get(r, "/api/tickets/stock", field, "How many tickets are unused", s.getStock)
	web.Post(r, "/api/tickets/revoke", field, "Make unused tickets useless", s.postRevoke)
	web.Get(r, "/api/feedback", desk, "Answers, newest first", s.getList)
	web.Get(r, "/api/feedback/summary", web.Roles(actor.Office, actor.County, actor.Leader, actor.Agency), "Sums by agency and month; an agency its published periods of five and more", s.getSummary)
	web.Get(r, "/api/feedback/rates", desk, "How often codes are handed out and answered, by agency and supervisor", s.getRates)
	web.Post(r, "/api/feedback/paper", web.Roles(actor.Office), "Enter a form filled on paper", s.postPaper)
	web.Get(r, "/api/feedback/{id}", desk, "One answer", s.getOne)
	web.Post(r, "/api/feedback/{id}/answer", does, "Say what was found; shown where the receipt code is asked", s.postAnswer)
	web.Post(r, "/api/feedback/{id}/agency-text", does, "What the rated agency may read of the words", s.postAgencyText)
	web.Post(r, "/api/feedback/{id}/release", does, "Let an answer out of quarantine", s.postRelease)
	web.Post(r, "/api/feedback/{id}/correct-contact", does, "Correct the contact of an answer, at the person's wish", s.postCorrect)
	web.Post(r, "/api/feedback/{id}/erase-contact", does, "Erase the contact of an answer, at the person's wish", s.postErase)
	web.Get(r, "/api/walls", desk, "Wall codes that are good", s.getWalls)
	web.Post(r, "/api/walls", does, "Give a business a wall code, or a new one", s.postWallCode)
	web.Post(r, "/api/walls/{id}/revoke", does, "End a wall code", s.postWallRevoke)
	r.Plain("GET", "/api/walls/{id}/poster.pdf", desk, "Poster (a4) or table card (a6) of a wall code", s.getPoster)
}

type ticketsInput struct{ Body TicketOrder }

type batchOutput struct{ Body *Batch }

func (s *Service) postTickets(ctx context.Context, who actor.Actor, in *ticketsInput) (*batchOutput, error) {
	b, err := s.Issue(ctx, who, &in.Body)
	return &batchOutput{b}, err
}

func (s *Service) postRotate(ctx context.Context, who actor.Actor, in *ticketsInput) (*batchOutput, error) {
	b, err := s.RotateTickets(ctx, who, &in.Body)
	return &batchOutput{b}, err
}

type reissueInput struct {
	Body struct {
		VisitID uuid.UUID `json:"visit_id"`
	}
}

type ticketOutput struct{ Body *Ticket }

func (s *Service) postReissue(ctx context.Context, who actor.Actor, in *reissueInput) (*ticketOutput, error) {
	t, err := s.ReissueTicket(ctx, who, in.Body.VisitID)
	return &ticketOutput{t}, err
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

type revokeInput struct{ Body Revocation }

type revokeOutput struct {
	Body struct {
		Revoked int64 `json:"revoked"`
	}
}

func (s *Service) postRevoke(ctx context.Context, who actor.Actor, in *revokeInput) (*revokeOutput, error) {
	n, err := s.RevokeTickets(ctx, who, &in.Body)
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
	Body Words
}

func (s *Service) postAnswer(ctx context.Context, who actor.Actor, in *answerInput) (*oneOutput, error) {
	if err := s.Answer(ctx, who, in.ID, in.Body); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}

func (s *Service) postAgencyText(ctx context.Context, who actor.Actor, in *answerInput) (*oneOutput, error) {
	if err := s.LetAgencyRead(ctx, who, in.ID, in.Body); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}

func (s *Service) postRelease(ctx context.Context, who actor.Actor, in *idInput) (*oneOutput, error) {
	if err := s.Release(ctx, who, in.ID); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, in)
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
