package feedback

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// Routes: the county's and nobody else's. There is no route that draws: the job does, when the month is over, and nobody
// can ask for another draw.
//
//	GET  /api/callbacks            ?state&from&to&agency_id&seen&filled&after → {items:[Callback],next,total}
//	GET  /api/callbacks/report     ?from&to (months) → CallbackReport
//	GET  /api/callbacks/settings   → CallbackSettings
//	PUT  /api/callbacks/settings   CallbackSettings → CallbackSettings
//	GET  /api/callbacks/{id}       → CallbackDetail
//	POST /api/callbacks/{id}/call  Call → CallbackDetail
//	POST /api/callbacks/{id}/undo  {reason,version} → CallbackDetail
//	POST /api/callbacks/{id}/lead  CallbackLead → {number}
func (s *Callbacks) Routes(r *web.Router) {
	county := web.Roles(actor.County)
	web.Get(r, "/api/callbacks", county, "Visits drawn for a call-back", s.getList)
	web.Get(r, "/api/callbacks/report", county, "What the calls came to, by agency", s.getReport)
	web.Get(r, "/api/callbacks/settings", county, "How many visits are drawn", s.getSettings)
	web.Put(r, "/api/callbacks/settings", county, "Change how many visits the next draws take", s.putSettings)
	web.Get(r, "/api/callbacks/{id}", county, "One drawn visit", s.getOne)
	web.Post(r, "/api/callbacks/{id}/call", county, "Record one call", s.postCall)
	web.Post(r, "/api/callbacks/{id}/undo", county, "Take back what was recorded last", s.postUndo)
	web.Post(r, "/api/callbacks/{id}/lead", county, "Raise a lead from what was told, without the teller", s.postLead)
}

type callbacksOutput struct{ Body web.Page[Callback] }

func (s *Callbacks) getList(ctx context.Context, who actor.Actor, in *CallbackFilter) (*callbacksOutput, error) {
	if in.From != "" && in.To != "" && in.From > in.To {
		return nil, fault.Field("from", "开始的月份晚于结束的月份。")
	}
	page, err := s.List(ctx, who, in)
	return &callbacksOutput{page}, err
}

type callbackReportOutput struct{ Body *CallbackReport }

func (s *Callbacks) getReport(ctx context.Context, who actor.Actor, in *summaryInput) (*callbackReportOutput, error) {
	if in.From != "" && in.To != "" && in.From > in.To {
		return nil, fault.Field("from", "开始的月份晚于结束的月份。")
	}
	out, err := s.Report(ctx, who, in.From, in.To)
	return &callbackReportOutput{out}, err
}

type callbackSettingsOutput struct{ Body CallbackSettings }

func (s *Callbacks) getSettings(ctx context.Context, who actor.Actor, _ *nothing) (*callbackSettingsOutput, error) {
	out, err := s.Settings(ctx, who)
	return &callbackSettingsOutput{out}, err
}

type callbackSettingsInput struct{ Body CallbackSettings }

func (s *Callbacks) putSettings(ctx context.Context, who actor.Actor, in *callbackSettingsInput) (*callbackSettingsOutput, error) {
	if err := s.SaveSettings(ctx, who, in.Body); err != nil {
		return nil, err
	}
	return s.getSettings(ctx, who, nil)
}

type callbackOutput struct{ Body *CallbackDetail }

func (s *Callbacks) getOne(ctx context.Context, who actor.Actor, in *idInput) (*callbackOutput, error) {
	d, err := s.Get(ctx, who, in.ID)
	return &callbackOutput{d}, err
}

type callInput struct {
	ID   uuid.UUID `path:"id"`
	Body Call
}

func (s *Callbacks) postCall(ctx context.Context, who actor.Actor, in *callInput) (*callbackOutput, error) {
	if err := s.Record(ctx, who, in.ID, &in.Body); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}

type callUndoInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Reason  string `json:"reason" maxLength:"400"`
		Version int    `json:"version"`
	}
}

func (s *Callbacks) postUndo(ctx context.Context, who actor.Actor, in *callUndoInput) (*callbackOutput, error) {
	if err := s.Undo(ctx, who, in.ID, in.Body.Version, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, &idInput{in.ID})
}

type callLeadInput struct {
	ID   uuid.UUID `path:"id"`
	Body CallbackLead
}

type callLeadOutput struct {
	Body struct {
		Number string `json:"number"`
	}
}

func (s *Callbacks) postLead(ctx context.Context, who actor.Actor, in *callLeadInput) (*callLeadOutput, error) {
	number, err := s.RaiseLead(ctx, who, in.ID, &in.Body)
	if err != nil {
		return nil, err
	}
	out := &callLeadOutput{}
	out.Body.Number = number
	return out, nil
}
