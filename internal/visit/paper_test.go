package visit

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// page is a printed sheet: a line of text here and there, the code in a corner, 3 cm of 21.
func page(t testing.TB, qr []byte) *image.RGBA {
	t.Helper()
	code, err := png.Decode(bytes.NewReader(qr))
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 1240, 1754))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	r := rand.New(rand.NewPCG(3, 3))
	for y := 320; y < 1700; y += 46 {
		for x := 90; x < 1150; x += 7 + r.IntN(9) {
			draw.Draw(img, image.Rect(x, y, x+2+r.IntN(5), y+8+r.IntN(12)), image.Black, image.Point{}, draw.Src)
		}
	}
	const side = 180
	for y := range side {
		for x := range side {
			img.Set(1000+x, 80+y, code.At(x*code.Bounds().Dx()/side, y*code.Bounds().Dy()/side))
		}
	}
	return img
}

// photographed is a page lying on a desk: turned, smaller or larger, unevenly lit, blurred, noisy, compressed.
func photographed(t testing.TB, src *image.RGBA, degrees, scale, noise float64) []byte {
	t.Helper()
	const w, h = 2000, 2400
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	r := rand.New(rand.NewPCG(uint64(degrees+1000), uint64(scale*100)))
	b := src.Bounds()
	for y := range h {
		for x := range w {
			dx, dy := float64(x-w/2)/scale, float64(y-h/2)/scale
			sx, sy := cos*dx+sin*dy+float64(b.Dx())/2, -sin*dx+cos*dy+float64(b.Dy())/2
			v := 110.0 // the desk
			if sx >= 1 && sy >= 1 && sx < float64(b.Dx()-2) && sy < float64(b.Dy()-2) {
				v = 0
				for _, d := range [][2]float64{{0, 0}, {0.6, 0}, {0, 0.6}, {0.6, 0.6}} { // a soft lens
					v += float64(src.RGBAAt(int(sx+d[0]), int(sy+d[1])).G) / 4
				}
			}
			v = v*(0.55+0.4*float64(x)/w) + 15 + r.NormFloat64()*noise
			g := uint8(max(0, min(255, v)))
			out.SetRGBA(x, y, color.RGBA{g, g, uint8(float64(g) * 0.9), 255})
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, out, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (w *town) qrOf(body map[string]any) []byte {
	w.t.Helper()
	qr, err := base64.StdEncoding.DecodeString(body["qr_png"].(string))
	w.must(err)
	return qr
}

func TestPaperFindsItsVisit(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	id := uuid.Must(uuid.NewV7())
	_, _, err := w.s.Plan(ctx, w.people["office"], id, Plan{AgencyID: w.team.ID, BusinessID: &w.shop.ID, Matter: "food", PlannedOn: "2026-05-07", SupervisorIDs: []uuid.UUID{w.people["supervisor"].ID}})
	w.must(err)
	path := "/api/visits/" + id.String() + "/paper"
	code, first, _ := w.call("supervisor", "GET", path, nil)
	_, again, _ := w.call("office", "GET", path, nil)
	if code != 200 || first["qr_png"] != again["qr_png"] || first["number"] != "ZZ2026-0001" || first["visit"].(map[string]any)["business_name"] != "示例小吃店" || len(first["items"].([]any)) == 0 {
		t.Fatalf("paper: %d %v", code, first["number"])
	}
	for who, want := range map[string]int{"officeE": 404, "supervisor2": 404, "agency": 403, "hotline": 403} {
		if code, _, _ := w.call(who, "GET", path, nil); code != want {
			t.Errorf("%s prints it: %d", who, code)
		}
	}
	sheet := page(t, w.qrOf(first))
	for i, c := range []struct{ degrees, scale, noise float64 }{{0, 1, 0}, {17, 1.1, 8}, {-90, 1.2, 10}, {183, 0.95, 6}} {
		shot := photographed(t, sheet, c.degrees, c.scale, c.noise)
		code, body, _ := w.call("supervisor", "POST", "/api/paper", shot)
		if code != 200 || body["visit_id"] != id.String() || body["visit_number"] != "BS2026-0001" {
			t.Errorf("turned %v, scaled %v, noise %v: %d %v", c.degrees, c.scale, c.noise, code, body)
		}
		if i == 1 {
			if code, _, _ := w.call("supervisor", "POST", "/api/paper", shot); code != 200 {
				t.Errorf("the same photo again: %d", code)
			}
			for who, want := range map[string]int{"officeE": 422, "supervisor2": 422, "agency": 403} {
				if code, body, _ := w.call(who, "POST", "/api/paper", shot); code != want {
					t.Errorf("%s brings another's sheet: %d %v", who, code, body)
				}
			}
		}
	}
	v, err := w.s.Visit(ctx, w.people["office"], id)
	w.must(err)
	if len(v.Papers) != 4 || v.State != Planned {
		t.Errorf("%d photos of the paper, state %s", len(v.Papers), v.State)
	}
	for who, want := range map[string]int{"office": 200, "supervisor": 200, "officeE": 404, "agency": 404} {
		if code, _, _ := w.call(who, "GET", "/api/photos/"+v.Papers[0].SHA256+"?size=original", nil); code != want {
			t.Errorf("%s looks at it: %d", who, code)
		}
	}
	if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = 'visit.paper' AND subject_id = $1`, id); n != 4 {
		t.Errorf("%d rows in the trail", n)
	}
}

func TestPaperWithoutACode(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	w.sent("supervisor", d)
	plain, _ := shot(t, 5)
	before := w.count(`SELECT count(*) FROM photos`)
	code, body, _ := w.call("office", "POST", "/api/paper", plain)
	if code != 422 || body["code"] != "qr_not_found" || !strings.Contains(body["detail"].(string), "二维码") || w.count(`SELECT count(*) FROM photos`) != before {
		t.Errorf("no code: %d %v", code, body)
	}
	if code, body, _ := w.call("office", "POST", "/api/paper", []byte("text")); code != 422 || body["code"] != "photo_type" {
		t.Errorf("no photo: %d %v", code, body)
	}
	path := "/api/visits/" + d["visit_id"].(string) + "/paper"
	for who, want := range map[string]int{"office": 200, "supervisor": 200, "supervisor2": 404, "officeE": 404, "agency": 403} {
		if code, body, _ := w.call(who, "POST", path, plain); code != want {
			t.Errorf("%s attaches by hand: %d %v", who, code, body)
		}
	}
	if v, err := w.s.Visit(context.Background(), w.people["office"], d.visit()); err != nil || len(v.Papers) != 1 {
		t.Errorf("papers %v %v", v.Papers, err)
	}
}

// TestBlankPaper: a numbered sheet for a visit nobody planned; its photos wait until somebody says which visit it was.
func TestBlankPaper(t *testing.T) {
	w := newTown(t)
	code, body, _ := w.call("supervisor", "POST", "/api/papers", map[string]any{"count": 2})
	if code != 200 || len(body["items"].([]any)) != 2 {
		t.Fatalf("blanks: %d %v", code, body)
	}
	one := body["items"].([]any)[0].(map[string]any)
	other := body["items"].([]any)[1].(map[string]any)
	if one["qr_png"] == other["qr_png"] || one["number"] == other["number"] || one["blank"] != true {
		t.Fatalf("two alike: %v %v", one["number"], other["number"])
	}
	shot := photographed(t, page(t, w.qrOf(one)), 8, 1.1, 8)
	code, body, _ = w.call("supervisor2", "POST", "/api/paper", shot)
	if code != 200 || body["visit_id"] != nil || body["paper_number"] != one["number"] {
		t.Fatalf("blank: %d %v", code, body)
	}
	sha := body["sha256"].(string)
	if _, list, _ := w.call("office", "GET", "/api/papers", nil); len(list["items"].([]any)) != 2 {
		t.Errorf("open blanks: %v", list)
	}
	if _, list, _ := w.call("officeE", "GET", "/api/papers", nil); len(list["items"].([]any)) != 0 {
		t.Error("another office sees them")
	}
	d := w.sheet("supervisor")
	w.sent("supervisor", d)
	bind := "/api/papers/" + one["id"].(string) + "/bind"
	to := map[string]any{"visit_id": d.visit()}
	if code, _, _ := w.call("officeE", "POST", bind, to); code != 422 {
		t.Errorf("another office ties it: %d", code)
	}
	east := w.sheet("supervisorE").set(w.eastTeam.ID.String(), "visit", "agency_id")
	w.sent("supervisorE", east)
	if code, _, _ := w.call("county", "POST", bind, map[string]any{"visit_id": east.visit()}); code != 422 {
		t.Errorf("tied to a visit of another township: %d", code)
	}
	for range 2 {
		if code, body, _ := w.call("office", "POST", bind, to); code != 200 || body["visit_number"] != "BS2026-0001" {
			t.Fatalf("tie: %d %v", code, body)
		}
	}
	v, err := w.s.Visit(context.Background(), w.people["supervisor"], d.visit())
	w.must(err)
	if len(v.Papers) != 1 || v.Papers[0].SHA256 != sha {
		t.Errorf("its photo did not come along: %v", v.Papers)
	}
	second := w.sheet("supervisor")
	w.sent("supervisor", second)
	if code, body, _ := w.call("office", "POST", bind, map[string]any{"visit_id": second.visit()}); code != 409 || body["code"] != "paper_bound" {
		t.Errorf("tied to another: %d %v", code, body)
	}
	later := photographed(t, page(t, w.qrOf(one)), -5, 1.1, 8)
	if _, body, _ := w.call("office", "POST", "/api/paper", later); body["visit_id"] != d["visit_id"] {
		t.Errorf("a later photo of the tied sheet: %v", body)
	}
}
