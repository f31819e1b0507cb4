package visit

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// sheetIn takes the bytes as they are: they are kept and signed for, so nothing may rewrite them on the way in.
type sheetIn struct {
	byID
	RawBody []byte `contentType:"application/json"`
}

func (s *Service) putSheet(ctx context.Context, who actor.Actor, in *sheetIn) (*made[SheetAnswer], error) {
	a, fresh, err := s.SaveSheet(ctx, who, in.ID, append([]byte(nil), in.RawBody...)) // huma takes its buffer back
	return &made[SheetAnswer]{created(fresh), a}, err
}

// describeSheet writes the sheet's schema into the OpenAPI document, which a raw body leaves out.
func describeSheet(r *web.Router) {
	doc := r.API.OpenAPI()
	op := doc.Paths["/api/sheets/{id}"].Put
	schema := doc.Components.Schemas.Schema(reflect.TypeOf(Sheet{}), true, "Sheet")
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}

type packIn struct {
	IfNoneMatch string `header:"If-None-Match" maxLength:"100"`
}

type packOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *Pack
}

func (s *Service) getPack(ctx context.Context, who actor.Actor, in *packIn) (*packOut, error) {
	p, etag, err := s.FieldPack(ctx, who)
	if err != nil {
		return nil, err
	}
	if in.IfNoneMatch == etag || in.IfNoneMatch == "W/"+etag {
		return &packOut{Status: http.StatusNotModified, ETag: etag}, nil
	}
	return &packOut{Status: http.StatusOK, ETag: etag, Body: &p}, nil
}
