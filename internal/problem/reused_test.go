package problem_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/evidence"
	"suixing/internal/platform/db"
)

// scene is a picture as busy as a photo, saved at a quality.
func scene(t *testing.T, seed uint64, quality int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 42))
	img := image.NewRGBA(image.Rect(0, 0, 360, 270))
	for range 40 {
		at, tone := image.Pt(r.IntN(360), r.IntN(270)), uint8(r.IntN(256))
		for y := at.Y; y < min(at.Y+30+r.IntN(60), 270); y++ {
			for x := at.X; x < min(at.X+90, 360); x++ {
				img.SetRGBA(x, y, color.RGBA{tone, tone, tone, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// brings uploads a photo as who and has its copies and its look made.
func (w *town) brings(who string, data []byte) string {
	w.Helper()
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if a := w.Raw(who, "PUT", "/api/photos/"+hash, "image/jpeg", data); a.Code != 201 && a.Code != 200 {
		w.Fatal(a.Code, a.Body)
	}
	w.Must(w.Evidence.Derive(context.Background(), hash))
	return hash
}

// T42: a photo that answers a problem is compared with what was there before: other answers, what was found, earlier rounds
// and record sheets. The office is told, the agency is not.
func TestReusedPhotosAreSeen(t *testing.T) {
	w := newTown(t)
	answer := func(id string, photos ...string) {
		t.Helper()
		w.Env.Clock.Add(3600e9)
		w.deed(200, "agency", id, "submit", object{"measures": "已经组织培训并签到", "result": "之后的检查都亮证", "responsible": "批评教育", "photos": photos})
	}
	type reuse struct {
		sha, kind string
		same, own bool
	}
	reused := func(who, id string) map[string]reuse {
		t.Helper()
		out := map[string]reuse{}
		for _, x := range w.Want(200, who, "GET", "/api/problems/"+id, nil)["reused"].([]any) {
			o := x.(object)
			out[o["number"].(string)] = reuse{o["sha256"].(string), o["kind"].(string), o["same"].(bool), o["own"].(bool)}
		}
		return out
	}
	fresh, used := w.brings("agency", scene(t, 1, 90)), w.brings("agency", scene(t, 2, 90))
	first, second, third := w.ordered("office", nil), w.ordered("office", nil), w.ordered("office", nil)
	answer(first, used)
	if got := reused("office", first); len(got) != 0 {
		t.Errorf("nothing was there before: %+v", got)
	}
	number := func(id string) string {
		return w.Want(200, "office", "GET", "/api/problems/"+id, nil)["number"].(string)
	}
	again := w.brings("agency", scene(t, 2, 50))
	answer(second, again, fresh)
	if got := reused("office", second); len(got) != 1 || got[number(first)] != (reuse{again, "problem", false, false}) {
		t.Errorf("saved again it passes as new: %+v", got)
	}
	answer(third, used)
	if got := reused("county", third); len(got) != 2 || got[number(first)] != (reuse{used, "problem", true, false}) || got[number(second)] != (reuse{used, "problem", false, false}) {
		t.Errorf("%+v", got)
	}
	if got := reused("office", first); len(got) != 0 {
		t.Errorf("the first is blamed for the later: %+v", got)
	}
	// The same photo in the next round of the same problem.
	w.deed(200, "colleague", first, "return", object{"reason": "照片看不出改了什么，请补充", "due_on": "2026-06-30"})
	answer(first, used)
	if got := reused("office", first); got[number(first)] != (reuse{used, "problem", true, true}) {
		t.Errorf("%+v", got)
	}
	// A photo of a record sheet, in another township: that it is there is told, not where.
	visit, sheet := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, happened_at, created_at) VALUES ($1, 'JD2026-0009', 'spot', $2, $3, '某餐饮店', 'food', 'recorded', $4, $4)`, visit, w.Office2, w.Agency2, w.Env.Clock.Now())
	w.Exec(`INSERT INTO sheets (id, visit_id, author_id, version, checklist_version, mode, body, raw, digest, overall, happened_at, ended_at, sealed_at, received_at)
		VALUES ($1, $2, $3, 1, (SELECT max(version) FROM checklists), 'quick', '{}', '', '', 'standard', $4, $4, $4, $4)`, sheet, visit, w.People["supervisor"].ID, w.Env.Clock.Now())
	old := w.brings("supervisor", scene(t, 3, 90))
	w.Must(w.Env.DB.InTx(context.Background(), func(tx *db.DB) error {
		return w.Evidence.Declare(context.Background(), tx, w.People["supervisor"], evidence.OnSheet, sheet, []evidence.Declared{{SHA256: old, Size: 1, Source: "camera"}})
	}))
	fourth := w.ordered("office", nil)
	copied := w.brings("agency", scene(t, 3, 60))
	answer(fourth, copied)
	if got := reused("office", fourth); got[""] != (reuse{copied, "visit", false, false}) {
		t.Errorf("%+v", got)
	}
	if got := reused("county", fourth); got["JD2026-0009"] != (reuse{copied, "visit", false, false}) {
		t.Errorf("%+v", got)
	}
	if o := w.Want(200, "agency", "GET", "/api/problems/"+fourth, nil); o["reused"] != nil {
		t.Error("the agency is told what is seen")
	}
}
