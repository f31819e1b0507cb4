package evidence

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"suixing/internal/platform/web"
)

// describePhotos writes the upload of a photo, which is a plain handler, into the OpenAPI document.
func describePhotos(r *web.Router, who web.Who) {
	doc := r.API.OpenAPI()
	answer := map[string]*huma.MediaType{"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeOf(photoAnswer{}), true, "PhotoAnswer")}}
	fault := map[string]*huma.MediaType{"application/problem+json": {Schema: doc.Components.Schemas.Schema(reflect.TypeOf(huma.NewError(0, "")), true, "Reply")}}
	bytes := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	says := func(words string) *huma.Response { return &huma.Response{Description: words, Content: fault} }
	doc.AddOperation(&huma.Operation{
		OperationID: "put-api-photos-sha256", Method: http.MethodPut, Path: "/api/photos/{sha256}", Tags: []string{"photos"},
		Summary: "bring a photo, at most 20 MiB, under the SHA-256 of its bytes; same bytes, same answer",
		Description: "Who: " + who.String() + ". Raw bytes, no form. The server hashes while it reads and reads the type out of the bytes: what does not fit is not kept. " +
			"Sealed, the name is still the hash of the plain bytes. In any order with the record that declares it; the photo that completes a record brings its receipt.",
		Parameters: []*huma.Param{{Name: "sha256", In: "path", Required: true, Description: "of the plain bytes, lower-case hexadecimal", Schema: &huma.Schema{Type: "string", Pattern: "^[0-9a-f]{64}$"}}},
		RequestBody: &huma.RequestBody{Required: true, Description: "The photo's bytes, or their envelope: " + SealedType + `; type="image/jpeg"`,
			Content: map[string]*huma.MediaType{"image/*": bytes, SealedType: bytes}},
		Responses: map[string]*huma.Response{
			"200": {Description: "was here already: the same answer again", Content: answer},
			"201": {Description: "kept", Content: answer},
			"401": says("signed_out: the login or the phone's credential is over"),
			"403": says("device_revoked, account_left, role_changed: no record that is held back declares this photo"),
			"413": says("photo_size: over 20 MiB, or over the limit of its kind"),
			"422": says("photo_hash, photo_empty, photo_type, photo_pixels, photo_frames, photo_broken: what does not fit; seal_key, sealed: the envelope does not open; nothing is kept"),
			"429": says("photo_quota: an agency's bound for a day"),
		},
	})
}
