package complaint

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
	"suixing/internal/vault"
)

// Routes adds the public pages and the desk's routes. No agency and no supervisor reads a complaint.
func (s *Service) Routes(r *web.Router) {
	r.Plain("GET", "/c", web.Anyone, "Complaint form", s.getForm)
	r.Plain("POST", "/c", web.Anyone, "File a complaint", s.postForm)
	r.Plain("GET", "/c/done/{sealed}", web.Anyone, "Receipt of a complaint, for an hour", s.getDone)
	r.Plain("GET", "/t", web.Anyone, "Ask what became of a receipt", s.getTrack)
	r.Plain("POST", "/t", web.Anyone, "Ask what became of a receipt", s.postTrack)

	desk := web.Roles(actor.Office, actor.County, actor.Leader, actor.Hotline)
	web.Get(r, "/api/complaints", desk, "Complaints, newest first; the hotline sees those it took", s.getList)
	web.Post(r, "/api/complaints", web.Roles(actor.Hotline, actor.Office, actor.County), "Take a complaint by telephone, letter or at the counter", s.postTaken)
	web.Get(r, "/api/complaints/{id}", desk, "One complaint, without who spoke", s.getOne)
	web.Post(r, "/api/complaints/{id}/release", web.Roles(actor.Office, actor.County), "A complaint held back as a machine's is a person's: raise its lead", s.postRelease)
}

type listOutput struct{ Body web.Page[ComplaintItem] }

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

type oneOutput struct{ Body *ComplaintDetail }

func (s *Service) getOne(ctx context.Context, who actor.Actor, in *idInput) (*oneOutput, error) {
	d, err := s.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &oneOutput{d}, nil
}

func (s *Service) postRelease(ctx context.Context, who actor.Actor, in *idInput) (*oneOutput, error) {
	if err := s.Release(ctx, who, in.ID); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, in)
}

// Taken is a complaint that a clerk writes down. The client makes the id, so that sending it twice is one complaint.
type Taken struct {
	ID          uuid.UUID     `json:"id"`
	Channel     string        `json:"channel" enum:"phone,visit,letter,mail,12345,superior,transfer,contact,supervisor"`
	AgencyID    uuid.NullUUID `json:"agency_id,omitempty" required:"false"`
	Target      string        `json:"target" maxLength:"60"`
	Officer     string        `json:"officer,omitempty" required:"false" maxLength:"40"`
	Happened    string        `json:"happened" maxLength:"40"`
	Place       string        `json:"place" maxLength:"80"`
	Fact        string        `json:"fact" maxLength:"2000"`
	Request     string        `json:"request,omitempty" required:"false" maxLength:"500"`
	Category    string        `json:"category,omitempty" required:"false" maxLength:"20"`
	Already     string        `json:"already,omitempty" required:"false" maxLength:"20"`
	Urgency     string        `json:"urgency,omitempty" required:"false" maxLength:"20"`
	Anonymous   bool          `json:"anonymous"`
	Name        string        `json:"name,omitempty" required:"false" maxLength:"30"`
	Phone       string        `json:"phone,omitempty" required:"false" maxLength:"30"`
	Address     string        `json:"address,omitempty" required:"false" maxLength:"100"`
	IDNumber    string        `json:"id_number,omitempty" required:"false" maxLength:"30"`
	Open        bool          `json:"not_confidential,omitempty" required:"false" doc:"the person does not mind being known"`
	Reply       bool          `json:"reply_wanted,omitempty" required:"false"`
	OuterNumber string        `json:"outer_number,omitempty" required:"false" maxLength:"60"`
}

func (t *Taken) input() (*Input, error) {
	in := &Input{
		Nonce: t.ID.String(), Channel: t.Channel, AgencyID: t.AgencyID, Target: door.OneLine(t.Target), Officer: door.OneLine(t.Officer), Happened: door.OneLine(t.Happened),
		Place: door.OneLine(t.Place), Fact: door.Clean(t.Fact), Request: door.Clean(t.Request), Category: t.Category, Already: t.Already, Urgency: t.Urgency,
		Named: !t.Anonymous, Reply: t.Reply, Consent: true, OuterNumber: door.OneLine(t.OuterNumber),
		Identity: vault.Identity{Name: door.OneLine(t.Name), Phone: door.OneLine(t.Phone), Address: door.OneLine(t.Address), IDNumber: door.OneLine(t.IDNumber), Confidential: !t.Open},
	}
	if in.Already == "" {
		in.Already = "none"
	}
	switch {
	case t.ID == uuid.Nil:
		return nil, fault.Field("id", "缺编号。")
	case !channels[t.Channel]:
		return nil, fault.Field("channel", "请选来源。")
	case t.Category != "" && !categories[t.Category]:
		return nil, fault.Field("category", "没有这个分类。")
	case t.Urgency != "" && !urgencies[t.Urgency]:
		return nil, fault.Field("urgency", "没有这个紧急程度。")
	}
	return in, nil
}

type takenInput struct{ Body Taken }

type keptOutput struct{ Body *Filed }

func (s *Service) postTaken(ctx context.Context, who actor.Actor, in *takenInput) (*keptOutput, error) {
	c, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	kept, err := s.File(ctx, who, c)
	if err != nil {
		return nil, onWire(err)
	}
	kept.Receipt = door.Group(kept.Receipt)
	return &keptOutput{kept}, nil
}

// onWire gives the form's fields the names of the wire.
func onWire(err error) error {
	names := map[string]string{"unit": "target", "man": "officer", "day": "happened", "ask": "request", "stage": "already", "P2": "name", "P3": "phone"}
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // our own, just made
		for i, one := range f.Fields {
			if names[one.Field] != "" {
				f.Fields[i].Field = names[one.Field]
			}
		}
	}
	return err
}
