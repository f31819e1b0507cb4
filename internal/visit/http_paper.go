package visit

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// paperRoutes are the bridge to paper: a printed sheet with a code, and photos of it that find their visit.
func (s *Service) paperRoutes(r *web.Router) {
	web.Get(r, "/api/visits/{id}/paper", cancelers, "a sheet of paper for this visit, with its code", s.getVisitPaper)
	r.Plain("POST", "/api/visits/{id}/paper", cancelers, "attach a photo of a paper sheet by hand, at most 20 MiB", s.postVisitPaper)
	r.Plain("POST", "/api/paper", cancelers, "a photo of a paper sheet, at most 20 MiB: the code in it says where it belongs", s.postPaper)
	web.Get(r, "/api/papers", cancelers, "blank sheets of the office that are not tied to a visit", s.getPapers)
	web.Post(r, "/api/papers", recording, "make blank numbered sheets", s.postPapers)
	web.Post(r, "/api/papers/{id}/bind", cancelers, "tie a blank sheet and its photos to a visit", s.postBindPaper)
	describePaper(r)
}

// describePaper writes into the OpenAPI document what plain handlers leave out.
func describePaper(r *web.Router) {
	doc := r.API.OpenAPI()
	answer := map[string]*huma.MediaType{"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeOf(PaperAnswer{}), true, "PaperAnswer")}}
	photo := &huma.RequestBody{Required: true, Description: "The photo's bytes, at most 20 MiB", Content: map[string]*huma.MediaType{"image/*": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
	for path, words := range map[string]string{
		"/api/paper":             "a photo of a paper sheet: the code in it says where it belongs",
		"/api/visits/{id}/paper": "attach a photo of a paper sheet by hand",
	} {
		op := &huma.Operation{Method: http.MethodPost, Path: path, OperationID: "post" + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path), Tags: []string{"paper"}, Summary: words, Description: "Who: " + cancelers.String(),
			RequestBody: photo, Responses: map[string]*huma.Response{
				"200": {Description: "kept, and where", Content: answer},
				"413": {Description: "over 20 MiB"},
				"422": {Description: "qr_not_found, qr_unknown: nothing is kept, attach it by hand; or no photo"},
			}}
		if strings.Contains(path, "{id}") {
			op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
		}
		doc.AddOperation(op)
	}
}

func (s *Service) getVisitPaper(ctx context.Context, who actor.Actor, in *byID) (*out[PaperPage], error) {
	p, err := s.VisitPaper(ctx, who, in.ID)
	return &out[PaperPage]{p}, err
}

func (s *Service) getPapers(ctx context.Context, who actor.Actor, _ *struct{}) (*out[items[PaperPage]], error) {
	list, err := s.Papers(ctx, who)
	return &out[items[PaperPage]]{items[PaperPage]{list}}, err
}

func (s *Service) postPapers(ctx context.Context, who actor.Actor, in *struct {
	Body struct {
		Count int `json:"count" minimum:"1" maximum:"20"`
	}
}) (*out[items[PaperPage]], error) {
	list, err := s.BlankPapers(ctx, who, in.Body.Count)
	return &out[items[PaperPage]]{items[PaperPage]{list}}, err
}

func (s *Service) postBindPaper(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		VisitID uuid.UUID `json:"visit_id" format:"uuid"`
	}
}) (*out[PaperAnswer], error) {
	a, err := s.BindPaper(ctx, who, in.ID, in.Body.VisitID)
	return &out[PaperAnswer]{a}, err
}

func photoBytes(c *fiber.Ctx) ([]byte, error) {
	body, err := web.Body(c, evidence.MaxPhoto)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(body)
}

func (s *Service) postPaper(c *fiber.Ctx) error {
	data, err := photoBytes(c)
	if err != nil {
		return err
	}
	a, err := s.TakePaper(c.UserContext(), web.ActorOf(c), data)
	if err != nil {
		return err
	}
	return c.JSON(a)
}

func (s *Service) postVisitPaper(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return fault.Missing()
	}
	data, err := photoBytes(c)
	if err != nil {
		return err
	}
	a, err := s.AttachPaper(c.UserContext(), web.ActorOf(c), id, data)
	if err != nil {
		return err
	}
	return c.JSON(a)
}
