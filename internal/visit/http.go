package visit

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/platform/web"
)

var (
	readers   = web.Roles(actor.County, actor.Leader, actor.Office, actor.Supervisor)
	planners  = web.Roles(actor.Office, actor.County)
	cancelers = web.Roles(actor.Office, actor.County, actor.Supervisor)
	recording = web.Roles(actor.Supervisor, actor.Office)
	deskReads = web.Roles(actor.County, actor.Leader, actor.Office)
)

// Routes adds the feature's routes.
func (s *Service) Routes(r *web.Router) {
	web.Get(r, "/api/visits", readers, "visits in sight, newest first", s.getVisits)
	web.Get(r, "/api/visits/counts", readers, "figures beside the filters", s.getCounts) // before {id}
	web.Get(r, "/api/supervisors", planners, "who may go along on a visit", s.getCompanions)
	web.Get(r, "/api/visits/{id}", readers, "one visit with its time line", s.getVisit)
	web.Put(r, "/api/visits/{id}", planners, "plan a visit; the client makes the id", s.putVisit)
	web.Patch(r, "/api/visits/{id}", planners, "change a plan", s.patchVisit)
	web.Post(r, "/api/visits/{id}/cancel", cancelers.OrDevice(), "call a planned visit off", s.cancelVisit)
	web.Post(r, "/api/visits/{id}/accept", planners, "let a cancelled visit count whose sheet came", s.acceptVisit)
	web.Get(r, "/api/visits/{id}/sheets", readers, "the versions of its record sheets", s.getSheets)
	r.Plain("PUT", "/api/sheets/{id}", recording.OrHeldDevice(), "take in a sealed record sheet, at most 1 MiB; same id and bytes, same answer", s.putSheet)
	web.Get(r, "/api/sheets/{id}", readers, "one sealed version, whole", s.getSheet)
	web.Get(r, "/api/sheets/{id}/receipt", readers, "its custody receipt, once everything is held", s.getReceipt)
	web.Get(r, "/api/my/findings", recording, "what became of each failed item of my sheets", s.getMyFindings)
	web.Get(r, "/api/findings", deskReads, "failed items in force; offered=true those undecided", s.getFindings)
	web.Post(r, "/api/findings/{id}/raise", planners, "make a lead of a failed item", s.raiseFinding)
	web.Post(r, "/api/findings/{id}/waive", planners, "let a failed item rest, with a reason", s.waiveFinding)
	web.Get(r, "/api/sheet-conflicts", deskReads, "two sealed records for one place, to choose from", s.getClashes)
	web.Post(r, "/api/sheet-conflicts/{id}/settle", planners, "choose one; the other is kept", s.settleClash)
	web.Get(r, "/api/field/pack", recording, "everything a phone needs offline, with ETag", s.getPack)
	s.phoneRoutes(r)
	s.paperRoutes(r)
	describeSheet(r)
}

// byID is not embedded elsewhere: huma overlooks what an embedded private struct holds.
type byID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type out[T any] struct {
	Body T
}

type made[T any] struct {
	Status int
	Body   T
}

type items[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

func created(fresh bool) int {
	if fresh {
		return http.StatusCreated
	}
	return http.StatusOK
}

type listIn struct {
	State    string `query:"state" enum:"planned,recorded,cancelled"`
	Flagged  bool   `query:"flagged"`
	Late     bool   `query:"late" doc:"only late entries"`
	Waiting  bool   `query:"waiting" doc:"only those whose photos have not all arrived"`
	Q        string `query:"q" maxLength:"60"`
	OfficeID string `query:"office_id" format:"uuid"`
	AgencyID string `query:"agency_id" format:"uuid"`
	From     string `query:"from" maxLength:"10"`
	To       string `query:"to" maxLength:"10"`
	After    string `query:"after" maxLength:"300"`
}

func nullID(s string) uuid.NullUUID {
	id, err := uuid.Parse(s)
	return uuid.NullUUID{UUID: id, Valid: err == nil}
}

func (s *Service) getVisits(ctx context.Context, who actor.Actor, in *listIn) (*out[web.Page[Visit]], error) {
	page, err := s.Visits(ctx, who, Filter{State: in.State, Flagged: in.Flagged, Late: in.Late, Waiting: in.Waiting, Q: in.Q, OfficeID: nullID(in.OfficeID), AgencyID: nullID(in.AgencyID), From: in.From, To: in.To, After: in.After})
	return &out[web.Page[Visit]]{page}, err
}

func (s *Service) getVisit(ctx context.Context, who actor.Actor, in *byID) (*out[Visit], error) {
	v, err := s.Visit(ctx, who, in.ID)
	return &out[Visit]{v}, err
}

func (s *Service) getCounts(ctx context.Context, who actor.Actor, _ *struct{}) (*out[Counts], error) {
	c, err := s.Counts(ctx, who)
	return &out[Counts]{c}, err
}

func (s *Service) getCompanions(ctx context.Context, who actor.Actor, _ *struct{}) (*out[items[Companion]], error) {
	list, err := s.Companions(ctx, who)
	return &out[items[Companion]]{items[Companion]{list}}, err
}

type planIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body Plan
}

func (s *Service) putVisit(ctx context.Context, who actor.Actor, in *planIn) (*made[Visit], error) {
	v, fresh, err := s.Plan(ctx, who, in.ID, in.Body)
	return &made[Visit]{created(fresh), v}, err
}

type changeIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Plan
		Version int `json:"version" minimum:"1"`
	}
}

func (s *Service) patchVisit(ctx context.Context, who actor.Actor, in *changeIn) (*out[Visit], error) {
	v, err := s.Change(ctx, who, in.ID, in.Body.Version, in.Body.Plan)
	return &out[Visit]{v}, err
}

type reasonIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Reason string `json:"reason" maxLength:"500"`
	}
}

func (s *Service) cancelVisit(ctx context.Context, who actor.Actor, in *reasonIn) (*out[Visit], error) {
	v, err := s.Cancel(ctx, who, in.ID, in.Body.Reason)
	return &out[Visit]{v}, err
}

func (s *Service) acceptVisit(ctx context.Context, who actor.Actor, in *byID) (*out[Visit], error) {
	v, err := s.Accept(ctx, who, in.ID)
	return &out[Visit]{v}, err
}

func (s *Service) getSheets(ctx context.Context, who actor.Actor, in *byID) (*out[items[SheetView]], error) {
	list, err := s.SheetsOf(ctx, who, in.ID)
	return &out[items[SheetView]]{items[SheetView]{list}}, err
}

func (s *Service) getSheet(ctx context.Context, who actor.Actor, in *byID) (*out[SheetView], error) {
	v, err := s.Sheet(ctx, who, in.ID)
	return &out[SheetView]{v}, err
}

func (s *Service) getReceipt(ctx context.Context, who actor.Actor, in *byID) (*out[evidence.Receipt], error) {
	rc, err := s.Receipt(ctx, who, in.ID)
	return &out[evidence.Receipt]{rc}, err
}

type afterIn struct {
	After string `query:"after" maxLength:"300"`
}

func (s *Service) getMyFindings(ctx context.Context, who actor.Actor, in *afterIn) (*out[web.Page[Finding]], error) {
	page, err := s.MyFindings(ctx, who, in.After)
	return &out[web.Page[Finding]]{page}, err
}

type findingsIn struct {
	After   string `query:"after" maxLength:"300"`
	Offered bool   `query:"offered"`
	VisitID string `query:"visit_id" format:"uuid"`
}

func (s *Service) getFindings(ctx context.Context, who actor.Actor, in *findingsIn) (*out[web.Page[Finding]], error) {
	page, err := s.Findings(ctx, who, in.Offered, nullID(in.VisitID), in.After)
	return &out[web.Page[Finding]]{page}, err
}

type leadOut struct {
	LeadID uuid.UUID `json:"lead_id"`
}

func (s *Service) raiseFinding(ctx context.Context, who actor.Actor, in *byID) (*out[leadOut], error) {
	id, err := s.Raise(ctx, who, in.ID)
	return &out[leadOut]{leadOut{id}}, err
}

func (s *Service) waiveFinding(ctx context.Context, who actor.Actor, in *reasonIn) (*struct{}, error) {
	return nil, s.Waive(ctx, who, in.ID, in.Body.Reason)
}

func (s *Service) getClashes(ctx context.Context, who actor.Actor, in *afterIn) (*out[web.Page[Clash]], error) {
	page, err := s.Clashes(ctx, who, in.After)
	return &out[web.Page[Clash]]{page}, err
}

type settleIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Keep string `json:"keep" enum:"first,other"`
	}
}

func (s *Service) settleClash(ctx context.Context, who actor.Actor, in *settleIn) (*struct{}, error) {
	return nil, s.Settle(ctx, who, in.ID, in.Body.Keep)
}
