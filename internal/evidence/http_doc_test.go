package evidence

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestUploadIsDescribed holds the document by hand to what the server really answers, by both content types.
func TestUploadIsDescribed(t *testing.T) {
	b := newBench(t)
	type content map[string]struct{ Schema map[string]any }
	var doc struct {
		Paths map[string]map[string]struct {
			Description string
			RequestBody struct{ Content content }
			Responses   map[string]struct {
				Description string
				Content     content
			}
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	code, raw, _ := b.call(t, "", "GET", "/openapi.json", nil)
	if err := json.Unmarshal(raw, &doc); code != 200 || err != nil {
		t.Fatal(code, err)
	}
	op, said := doc.Paths["/api/photos/{sha256}"]["put"]
	if kinds := slices.Sorted(maps.Keys(op.RequestBody.Content)); !said || !slices.Equal(kinds, []string{SealedType, "image/*"}) {
		t.Fatalf("the upload takes %v", kinds)
	}
	named := func(c content) []string {
		for _, m := range c {
			ref, _ := m.Schema["$ref"].(string)
			return slices.Sorted(maps.Keys(doc.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]].Properties))
		}
		return nil
	}
	photo := jpegOf(t, 400, 300, 80)
	box, err := SealBytes(b.keys.SealKey(), PhotoInfo(sum(photo)), photo)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who, sha, kind string
		body           []byte
		want           int
	}{
		"sealed": {"supervisor", sum(photo), SealedType + `; type="image/jpeg"`, box, 201}, "nobody": {"", sum(photo), "image/jpeg", photo, 401},
		"plain": {"supervisor", sum(jpegOf(t, 401, 300, 80)), "image/jpeg", jpegOf(t, 401, 300, 80), 201}, "other bytes": {"supervisor", sum(photo), "image/jpeg", photo[:900], 422},
		"torn": {"supervisor", sum(photo), SealedType, box[:900], 422}, "empty": {"supervisor", sum(nil), "image/jpeg", []byte{}, 422}, "text": {"supervisor", sum([]byte("text")), "image/jpeg", []byte("text"), 422},
		"large": {"supervisor", sum(photo), "image/jpeg", append(slices.Clone(photo), make([]byte, MaxPhoto)...), 413},
	} {
		code, raw, _ := b.call(t, c.who, "PUT", "/api/photos/"+c.sha, c.body, "Content-Type", c.kind)
		answer := map[string]any{}
		if err := json.Unmarshal(raw, &answer); err != nil || code != c.want {
			t.Errorf("%s: %d %s", name, code, raw)
		}
		r, said := op.Responses[strconv.Itoa(code)]
		fields := named(r.Content)
		for field := range answer {
			if !said || !slices.Contains(fields, field) {
				t.Errorf("%s: %d %q is not in the document: %v", name, code, field, fields)
			}
		}
		if key, _ := answer["code"].(string); !strings.Contains(r.Description, key) {
			t.Errorf("%s: the document does not name the fault %q", name, key)
		}
	}
}
