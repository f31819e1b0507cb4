package visit

import (
	"context"
	"io"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// putSheet is a plain handler: the bytes are kept and signed for, so nothing may rewrite them on the way in.
func (s *Service) putSheet(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return fault.Missing()
	}
	raw, err := s.readSheetBytes(c, id)
	if err != nil {
		return err
	}
	ctx, who := c.UserContext(), web.ActorOf(c)
	session := web.SessionIn(ctx)
	a, held, fresh, err := s.TakeSheet(ctx, who, session.DeviceID, session.Held, id, raw)
	switch {
	case err != nil:
		return err
	case a != nil:
		return c.Status(created(fresh)).JSON(a)
	}
	return c.Status(http.StatusAccepted).JSON(held)
}

// readSheetBytes reads what was sent, plain or in an envelope. What is kept and signed for is the plain bytes.
func (s *Service) readSheetBytes(c *fiber.Ctx, id uuid.UUID) ([]byte, error) {
	_, sealed := evidence.IsSealed(c.Get(fiber.HeaderContentType))
	limit := int64(MaxSheet)
	if sealed {
		limit = evidence.SealedSize(MaxSheet)
	}
	body, err := web.Body(c, limit)
	if err != nil {
		return nil, err
	}
	if sealed {
		body = s.deps.Evidence.OpenSealed(evidence.SheetInfo(id), body)
	}
	return io.ReadAll(body)
}

// describeSheet writes into the OpenAPI document what a plain handler leaves out.
func describeSheet(r *web.Router) {
	doc := r.API.OpenAPI()
	schema := func(v any, name string) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeOf(v), true, name)}}
	}
	doc.AddOperation(&huma.Operation{
		OperationID: "put-api-sheets-id", Method: http.MethodPut, Path: "/api/sheets/{id}", Tags: []string{"sheets"},
		Summary:     "take in a sealed record sheet, at most 1 MiB; same id and bytes, same answer",
		Description: "Who: " + recording.String() + ". The client makes the id, builds the bytes once at sealing and resends them unchanged. Other bytes under the same id: 409, both are kept.",
		Parameters:  []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}},
		RequestBody: &huma.RequestBody{Required: true, Description: "The sheet, or its envelope (" + evidence.SealedType + ")", Content: schema(Sheet{}, "Sheet")},
		Responses: map[string]*huma.Response{
			"200": {Description: "was here already: the same answer again", Content: schema(SheetAnswer{}, "SheetAnswer")},
			"201": {Description: "kept", Content: schema(SheetAnswer{}, "SheetAnswer")},
			"202": {Description: "held for the office: from a phone reported lost, from someone who has left, or against a rule of a record (why: invalid, detail says which)", Content: schema(HeldAnswer{}, "HeldAnswer")},
			"409": {Description: "sheet_conflict: both kept for a person; conflict_settled: another was chosen; order: an earlier version has not come yet; held_refused: the office did not take it; held_corrected: a correction took its place"},
			"413": {Description: "over 1 MiB"},
			"422": {Description: "no record at all: not JSON, another id; seal_key, sealed: the envelope does not open; nothing is kept"},
		},
	})
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
