package complaint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// deskRoutes are what the hotline's desk works with while a complaint is being written down.
func (s *Service) deskRoutes(r *web.Router, readers, takers web.Who) {
	web.Get(r, "/api/complaints/counts", readers, "How many complaints wait for what", s.getCounts)
	web.Get(r, "/api/complaints/classes", readers, "The two levels of classification, and the grounds for refusing", s.getClasses)
	web.Get(r, "/api/complaints/targets", takers, "Agencies, officers and offices by what has been typed so far", s.getTargets)
	web.Post(r, "/api/complaints/similar", takers, "Complaints like the one being written", s.postSimilar)
	web.Get(r, "/api/complaints/drafts", takers, "My own drafts", s.getDrafts)
	web.Get(r, "/api/complaints/drafts/{id}", takers, "One of my drafts", s.getDraft)
	web.Put(r, "/api/complaints/drafts/{id}", takers, "Save a draft, at every pause", s.putDraft)
	web.Delete(r, "/api/complaints/drafts/{id}", takers, "Throw a draft away", s.deleteDraft)
	r.Plain("POST", "/api/complaints/import", web.Roles(actor.Hotline, actor.County), "Tickets of 12345 from an .xlsx file: preview, or all or nothing", s.postImport)
	r.Plain("GET", "/api/complaints/import/template", web.Roles(actor.Hotline, actor.County), "The table to fill in", s.getTemplate)
	r.Plain("GET", "/api/complaints/results.xlsx", web.Roles(actor.Hotline, actor.County), "What became of the tickets of 12345, by their own numbers, for platforms that take files", s.getResultsBook)
}

type countsOutput struct{ Body *CaseCounts }

func (s *Service) getCounts(ctx context.Context, who actor.Actor, _ *struct{}) (*countsOutput, error) {
	c, err := s.Counts(ctx, who)
	if err != nil {
		return nil, err
	}
	return &countsOutput{c}, nil
}

type classesOutput struct {
	Body struct {
		Classes []Class  `json:"classes" nullable:"false"`
		Grounds []Ground `json:"grounds" nullable:"false"`
	}
}

func (s *Service) getClasses(context.Context, actor.Actor, *struct{}) (*classesOutput, error) {
	out := &classesOutput{}
	out.Body.Classes, out.Body.Grounds = Classes, Grounds
	return out, nil
}

type targetsInput struct {
	Q string `query:"q" maxLength:"60"`
}

type targetsOutput struct {
	Body struct {
		Items []Target `json:"items" nullable:"false"`
	}
}

func (s *Service) getTargets(ctx context.Context, who actor.Actor, in *targetsInput) (*targetsOutput, error) {
	list, err := s.Targets(ctx, who, in.Q)
	if err != nil {
		return nil, err
	}
	out := &targetsOutput{}
	out.Body.Items = list
	return out, nil
}

type similarInput struct{ Body Sketch }

type similarOutput struct {
	Body struct {
		Items []Similar `json:"items" nullable:"false"`
	}
}

func (s *Service) postSimilar(ctx context.Context, who actor.Actor, in *similarInput) (*similarOutput, error) {
	list, err := s.Alike(ctx, who, in.Body)
	if err != nil {
		return nil, err
	}
	out := &similarOutput{}
	out.Body.Items = list
	return out, nil
}

// DraftItem is a draft in the list of its writer.
type DraftItem struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title" doc:"the target as far as it was written"`
	SavedAt time.Time `json:"saved_at"`
}

type draftsOutput struct {
	Body struct {
		Items []DraftItem `json:"items" nullable:"false"`
	}
}

func (s *Service) getDrafts(ctx context.Context, who actor.Actor, _ *struct{}) (*draftsOutput, error) {
	list, err := s.Drafts(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &draftsOutput{}
	out.Body.Items = list
	return out, nil
}

// Draft is what a clerk has typed so far: the fields of Taken, any of them, as JSON.
type Draft struct {
	ID      uuid.UUID       `json:"id"`
	Version int             `json:"version"`
	SavedAt time.Time       `json:"saved_at"`
	Form    json.RawMessage `json:"form,omitempty"`
}

type draftOutput struct{ Body *Draft }

func (s *Service) getDraft(ctx context.Context, who actor.Actor, in *idInput) (*draftOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.Draft(ctx, who, id)
	if err != nil {
		return nil, err
	}
	return &draftOutput{d}, nil
}

type draftInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Form DraftForm `json:"form"`
	}
}

// DraftForm has the fields of Taken, none of them required.
type DraftForm struct {
	Channel     string `json:"channel,omitempty" maxLength:"20"`
	AgencyID    string `json:"agency_id,omitempty" maxLength:"36"`
	Target      string `json:"target,omitempty" maxLength:"60"`
	Officer     string `json:"officer,omitempty" maxLength:"40"`
	Happened    string `json:"happened,omitempty" maxLength:"40"`
	Place       string `json:"place,omitempty" maxLength:"80"`
	Fact        string `json:"fact,omitempty" maxLength:"2000"`
	Request     string `json:"request,omitempty" maxLength:"500"`
	Category    string `json:"category,omitempty" maxLength:"20"`
	Subcategory string `json:"subcategory,omitempty" maxLength:"30"`
	Already     string `json:"already,omitempty" maxLength:"20"`
	Urgency     string `json:"urgency,omitempty" maxLength:"20"`
	Anonymous   *bool  `json:"anonymous,omitempty" required:"false"`
	Name        string `json:"name,omitempty" maxLength:"30"`
	Phone       string `json:"phone,omitempty" maxLength:"30"`
	Address     string `json:"address,omitempty" maxLength:"100"`
	IDNumber    string `json:"id_number,omitempty" maxLength:"30"`
	Open        *bool  `json:"not_confidential,omitempty" required:"false"`
	Reply       *bool  `json:"reply_wanted,omitempty" required:"false"`
	OuterNumber string `json:"outer_number,omitempty" maxLength:"60"`
	// Photos are what was PUT to /api/photos meanwhile, by SHA-256.
	Photos []string `json:"photos,omitempty" maxItems:"9" required:"false" nullable:"false"`
}

func (s *Service) putDraft(ctx context.Context, who actor.Actor, in *draftInput) (*draftOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.SaveDraft(ctx, who, id, in.Body.Form)
	if err != nil {
		return nil, err
	}
	return &draftOutput{d}, nil
}

func (s *Service) deleteDraft(ctx context.Context, who actor.Actor, in *idInput) (*struct{}, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.DropDraft(ctx, who, id)
}
