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

// The desk's routes and their JSON (types: view.go, here, http_desk.go, http_outer.go).
//
//	GET  /api/complaints?state&channel&category&office_id&agency_id&due=overdue|near&mine=true&suspect&unsettled&q&after
//	     → {items:[ComplaintItem], next, total}            GET /api/complaints/counts → CaseCounts
//	GET  /api/complaints/classes → {classes:[{code,words,under:[{code,words}]}], grounds:[{code,words}]}
//	GET  /api/complaints/{id} → ComplaintDetail: …, clock none|running|near|overdue, due_on, due_sum (as of a problem), events newest first,
//	     investigators, recused, people (choices of every field of kind "person"), versions, deeds:[{deed,label_key:"complaint.accept",fields:[Need]}],
//	     blocked:[{deed,label_key,why}], finding, refused_ground, referred_to, answer, problem_id …
//	POST /api/complaints/{id}/{deed} {version, …fields of the deed} → ComplaintDetail. Deeds and fields:
//	     classify {category,subcategory?,urgency,agency_id?} · supplement {text} · accept {reason?} ·
//	     refuse {ground,text,remedies,how,told_on,deidentified} · transfer {to,reason,how,told_on,deidentified} ·
//	     assign {first_id,second_id,third_id?} · recuse {account_id,reason} · ask-extension {reason} · extend {} · decline-extension {reason} ·
//	     ask-completion {text,how,told_on,deidentified} · stop-clock {stop,reason,photos} · run-on {arrived_on,text,photos?} (while the clock stands still
//	     paused_on and pause_ground are set; due_sum then carries stops:[{from,until,why}] and days with stopped:true) ·
//	     decide {finding,text} (state proposed) · approve {} · send-back {reason} (the leader) · press {text,handled_on?} · outcome {outcome,text,photos?} (transferred) · answer {text,how,told_on,deidentified} · follow-up {got_answer,satisfied,retaliation,text?} (got_answer unreached: a try, one a day; DL23 runs on, through close too, until she was reached or tried three times) · close {text} ·
//	     reopen {reason} · give-access {verified,reason} (the answer carries identity) · correct-person {verified,reason,name,phone,address?,id_number?} ·
//	     erase-person {verified,reason}
//	     how: phone letter in_person online 12345 · finding: founded partly unfounded unverifiable · got_answer, retaliation: yes no unsure ·
//	     satisfied: satisfied fair unsatisfied unsure · ground: not_enforcement elsewhere no_clue nothing_new settled
//	     stop: appraisal other_organ · outcome: done declined silent
//	     deidentified is the tick "已去标识": what the person reads by the receipt's code names nobody. States: received accepted investigating proposed
//	     decided answered closed refused transferred.
//	POST /api/complaints/{id}/versions/{version_id}/settle {keep:"first"|"other"|"both"} → ComplaintDetail
//	POST /api/complaints Taken (photos: sha256 of what was PUT to /api/photos before) → {id,number,receipt}; 409 kept_both: the other version is kept with the complaint named in the words
//	GET  /api/complaints/drafts → {items:[{id,title,saved_at}]}  GET|PUT|DELETE /api/complaints/drafts/{id} (PUT {form} → {id,version,saved_at}; form is
//	     Taken with any field left out; the id becomes the complaint's when it is posted with it, and the draft goes)
//	GET  /api/complaints/targets?q= → {items:[{kind:"agency"|"officer"|"office",id,agency_id,name,note}]}
//	POST /api/complaints/similar {target,agency_id?,happened?,place?,fact?} → {items:[{id,number,target,happened,state,received_on,fact,score,why:["unit","day","place","words"]}]}: of the caller's own list
//	POST /api/complaints/import?commit=false|true (.xlsx body) → {total,good,bad,committed,rows:[{row,ok,errors:[{field,message}],number,target,outer_number}]}
//	GET  /api/complaints/import/template → .xlsx     GET /api/complaints/results.xlsx?since=2026-05-14 → what became of them, by their own numbers
//	GET|POST /api/12345/keys, POST /api/12345/keys/{id}/revoke (admin); POST /api/12345/tickets, GET /api/12345/results (signed, see http_outer.go)
//	POST /api/vault/reveal → {name,phone,address,id_number,confidential,viewed_by,viewed_at,reason,mark,earlier:[{name,…}]}; 403 not_handler
//	GET  /api/vault/keys (admin, auditor) → {keys:[{id,algorithm,current,retired_on,held}]}

// Routes adds the public pages and the desk's routes. No agency and no supervisor reads a complaint.
func (s *Service) Routes(r *web.Router) {
	r.Plain("GET", "/c", web.Anyone, "Complaint form", s.getForm)
	r.Plain("POST", "/c", web.Anyone, "File a complaint", s.postForm)
	r.Plain("GET", "/c/done/{sealed}", web.Anyone, "Receipt of a complaint, for an hour", s.getDone)
	r.Plain("GET", "/c/notice", web.Anyone, "How personal information is handled, and what anyone may ask for", s.getNotice)
	r.Plain("GET", "/t", web.Anyone, "Ask what became of a receipt", s.getTrack)
	r.Plain("POST", "/t", web.Anyone, "Ask what became of a receipt", s.postTrack)

	readers := web.Roles(actor.Office, actor.County, actor.Leader, actor.Hotline)
	takers := web.Roles(actor.Hotline, actor.Office, actor.County)
	s.deskRoutes(r, readers, takers)
	s.outerRoutes(r)
	web.Get(r, "/api/complaints", readers, "Complaints, newest first; the hotline sees those it took", s.getList)
	web.Post(r, "/api/complaints", takers, "Take a complaint by telephone, letter or at the counter", s.postTaken)
	web.Get(r, "/api/complaints/{id}", readers, "One complaint, without who spoke", s.getOne)
	web.Post(r, "/api/complaints/{id}/release", web.Roles(desk...), "A complaint held back as a machine's is a person's: raise its lead", s.postRelease)
	web.Post(r, "/api/complaints/{id}/versions/{version_id}/settle", web.Roles(desk...), "Say which of two versions of a complaint stands", s.postSettle)
	for _, st := range steps {
		web.Post(r, "/api/complaints/{id}/"+string(st.Deed), web.Roles(st.Who...), "deed of the life-cycle: "+string(st.Deed), s.postDeed(st.Deed))
	}
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
	ID string `path:"id" maxLength:"64"`
}

// An id that is no id is not found, in the same words as one that is out of sight.
func idOf(raw string) (uuid.UUID, error) {
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != 36 {
		return uuid.Nil, fault.Missing()
	}
	return id, nil
}

type oneOutput struct{ Body *ComplaintDetail }

func (s *Service) getOne(ctx context.Context, who actor.Actor, in *idInput) (*oneOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	return &oneOutput{d}, nil
}

func (s *Service) postRelease(ctx context.Context, who actor.Actor, in *idInput) (*oneOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Release(ctx, who, id); err != nil {
		return nil, err
	}
	return s.getOne(ctx, who, in)
}

type caseDeedInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int `json:"version"`
		Decision
	}
}

func (s *Service) postDeed(d Deed) func(context.Context, actor.Actor, *caseDeedInput) (*oneOutput, error) {
	return func(ctx context.Context, who actor.Actor, in *caseDeedInput) (*oneOutput, error) {
		id, err := idOf(in.ID)
		if err != nil {
			return nil, err
		}
		out, err := s.Act(ctx, who, d, id, in.Body.Version, in.Body.Decision)
		if err != nil {
			return nil, err
		}
		return &oneOutput{out}, nil
	}
}

type settleInput struct {
	ID        string `path:"id" maxLength:"64"`
	VersionID string `path:"version_id" maxLength:"64"`
	Body      struct {
		Keep string `json:"keep" enum:"first,other,both"`
	}
}

func (s *Service) postSettle(ctx context.Context, who actor.Actor, in *settleInput) (*oneOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	version, err := idOf(in.VersionID)
	if err != nil {
		return nil, err
	}
	if err := s.Settle(ctx, who, id, version, in.Body.Keep); err != nil {
		return nil, err
	}
	out, err := s.Get(ctx, who, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.Conflict, "moved", "核对好了。按核对的内容，这件投诉由别的单位办理，不再在您的范围内。")
	}
	if err != nil {
		return nil, err
	}
	return &oneOutput{out}, nil
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
	Subcategory string        `json:"subcategory,omitempty" required:"false" maxLength:"30"`
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
	Photos      []string      `json:"photos,omitempty" required:"false" maxItems:"9" doc:"what the clerk has brought to /api/photos: the scanned letter, pictures"`
}

func (t *Taken) input() (*Input, error) {
	in := &Input{
		Nonce: t.ID.String(), Channel: t.Channel, AgencyID: t.AgencyID, Target: door.OneLine(t.Target), Officer: door.OneLine(t.Officer), Happened: door.OneLine(t.Happened),
		Place: door.OneLine(t.Place), Fact: door.Clean(t.Fact), Request: door.Clean(t.Request), Category: t.Category, Subcategory: t.Subcategory, Already: t.Already, Urgency: t.Urgency,
		Named: !t.Anonymous, Reply: t.Reply, Consent: true, OuterNumber: door.OneLine(t.OuterNumber),
		Identity: vault.Identity{Name: door.OneLine(t.Name), Phone: door.OneLine(t.Phone), Address: door.OneLine(t.Address), IDNumber: door.OneLine(t.IDNumber), Confidential: !t.Open},
	}
	if in.Already == "" {
		in.Already = "none"
	}
	switch {
	case t.ID == uuid.Nil:
		return nil, fault.Field("id", "缺编号。")
	case !listed(channels, t.Channel):
		return nil, fault.Field("channel", "请选来源。")
	}
	return in, checkClasses(in.Category, in.Subcategory, in.Urgency)
}

// checkClasses holds category, subcategory and urgency to what there is; each may be left open.
func checkClasses(category, subcategory, urgency string) error {
	switch {
	case category != "" && !classed(category, ""):
		return fault.Field("category", "没有这个分类。")
	case subcategory != "" && !classed(category, subcategory):
		return fault.Field("subcategory", "这一类下面没有这一项。")
	case urgency != "" && !listed(urgencies, urgency):
		return fault.Field("urgency", "没有这个紧急程度。")
	}
	return nil
}

type takenInput struct{ Body Taken }

type keptOutput struct{ Body *Filed }

func (s *Service) postTaken(ctx context.Context, who actor.Actor, in *takenInput) (*keptOutput, error) {
	c, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	if c.Photos, err = s.brought(ctx, s.db, who, in.Body.Photos); err != nil {
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
