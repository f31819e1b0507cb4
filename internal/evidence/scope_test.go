package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
)

// hang declares a photo on a record as the system would, and gives its hash.
func (b *bench) hang(t *testing.T, by, kind string, owner uuid.UUID, photo []byte, forAgency bool) string {
	t.Helper()
	d := Declared{SHA256: sum(photo), Size: int64(len(photo)), Source: "camera", ForAgency: forAgency, Caption: "CANARY-CAPTION", Item: "R-01", Datum: "wgs84"}
	lat, lng, at := 34.5, 113.5, b.Clock.Now()
	d.Lat, d.Lng, d.TakenAt = &lat, &lng, &at
	err := b.DB.InTx(context.Background(), func(tx *db.DB) error {
		return b.Declare(context.Background(), tx, b.people[by], kind, owner, []Declared{d, d})
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.SHA256
}

// records are a visit's sheet in township A, problems, a feedback and a complaint.
type records struct{ sheet, problem, unordered, feedback, complaint uuid.UUID }

// The other features' tables are scaffolding here: their own rules are their own tests' business, so they are taken off
// in this test's database, and only the columns that scope is made of are filled.
const loosen = `DO $$ DECLARE r record; BEGIN
	FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'c' AND conrelid IN ('visits'::regclass, 'sheets'::regclass, 'problems'::regclass, 'feedbacks'::regclass, 'complaints'::regclass)
	LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname); END LOOP;
	FOR r IN SELECT attrelid::regclass AS t, attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attnotnull AND attname <> 'id'
		AND attrelid IN ('visits'::regclass, 'sheets'::regclass, 'problems'::regclass, 'feedbacks'::regclass, 'complaints'::regclass)
	LOOP EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', r.t, r.attname); END LOOP;
END $$`

func (b *bench) records(t *testing.T) records {
	t.Helper()
	r := records{newID(), newID(), newID(), newID(), newID()}
	visit, now := newID(), b.Clock.Now()
	b.exec(t, loosen)
	b.exec(t, `INSERT INTO visits (id, number, office_id, agency_id) VALUES ($1, 'V1', $2, $3)`, visit, b.offA, b.agcA)
	b.exec(t, `INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2), ($1, $3)`, visit, b.people["supervisor"].ID, b.people["companion"].ID)
	b.exec(t, `INSERT INTO sheets (id, visit_id, author_id, version) VALUES ($1, $2, $3, 1)`, r.sheet, visit, b.people["supervisor"].ID)
	b.exec(t, `INSERT INTO problems (id, number, office_id, agency_id, ordered_at) VALUES ($1, 'WT1', $2, $3, $4)`, r.problem, b.offA, b.agcA, now)
	b.exec(t, `INSERT INTO problems (id, number, office_id, agency_id) VALUES ($1, 'WT2', $2, $3)`, r.unordered, b.offA, b.agcA)
	b.exec(t, `INSERT INTO feedbacks (id, agency_id, office_id, receipt_hash) VALUES ($1, $2, $3, '1')`, r.feedback, b.agcA, b.offA)
	b.exec(t, `INSERT INTO complaints (id, number, agency_id, office_id, receipt_hash, body_hash) VALUES ($1, 'TS1', $2, $3, '1', '1')`, r.complaint, b.agcA, b.offA)
	return r
}

func TestWhoSeesWhichPhoto(t *testing.T) {
	b := newBench(t)
	r := b.records(t)
	photo := func(seed uint64) []byte { return jpegOf(t, 400, 300, seed) }
	all := []string{"", "county", "leader", "office", "office2", "supervisor", "companion", "supervisor2", "agency", "agency2", "hotline", "admin", "auditor"}
	public := func(p []byte) {
		if _, err := b.IngestPublic(context.Background(), bytes.NewReader(p), 0); err != nil {
			t.Fatal(err)
		}
	}
	agencyOwn := photo(14)
	b.hold(t, "supervisor", photo(10))
	b.hold(t, "supervisor2", photo(11))
	b.hold(t, "office", photo(12))
	b.hold(t, "office", photo(13))
	b.hold(t, "agency", agencyOwn)
	public(photo(15))
	public(photo(16))
	b.hold(t, "office", photo(17))
	for _, c := range []struct {
		name           string
		sha            string
		view, original []string
	}{
		{"of a sheet", b.hang(t, "supervisor", OnSheet, r.sheet, photo(10), false), []string{"county", "leader", "office", "supervisor", "companion"}, nil},
		{"only brought, by a supervisor", sum(photo(11)), []string{"supervisor2"}, nil},
		{"of a problem, not for the agency", b.hang(t, "office", OnProblem, r.problem, photo(12), false), []string{"county", "leader", "office"}, nil},
		{"of a problem, for the agency", b.hang(t, "office", OnProblem, r.problem, photo(13), true), []string{"county", "leader", "office", "agency"}, []string{"county", "leader", "office"}},
		{"of a problem, by the agency", b.hang(t, "agency", OnProblem, r.problem, agencyOwn, true), []string{"county", "leader", "office", "agency"}, nil},
		{"of a feedback", b.hang(t, "", OnFeedback, r.feedback, photo(15), false), []string{"county", "leader", "office"}, nil},
		{"of a complaint", b.hang(t, "", OnComplaint, r.complaint, photo(16), false), []string{"county", "leader", "office"}, nil},
		{"of a problem not yet put to the agency", b.hang(t, "office", OnProblem, r.unordered, photo(17), true), []string{"county", "leader", "office"}, nil},
		{"that nobody has", sum([]byte("nothing")), nil, nil},
	} {
		for _, size := range []string{"thumb", "view", "original"} {
			may := c.view
			if size == "original" && c.original != nil {
				may = c.original
			}
			for _, who := range all {
				code, body, _ := b.call(t, who, "GET", "/api/photos/"+c.sha+"?size="+size, nil)
				want := 404
				switch {
				case who == "":
					want = 401
				case slices.Contains(may, who):
					want = 200
				}
				if code != want {
					t.Errorf("photo %s, %s by %q: %d, want %d", c.name, size, who, code, want)
				}
				if want == 404 && !bytes.Contains(body, []byte("找不到这条记录。编号可能写错了，或者不在您的范围内。")) {
					t.Errorf("photo %s by %q says %s", c.name, who, body)
				}
			}
		}
	}
	b.lists(t, r)
}

// lists holds Attachments to the same scope, and the agency's copy to saying nothing it should not.
func (b *bench) lists(t *testing.T, r records) {
	t.Helper()
	for _, c := range []struct {
		who, kind string
		owner     uuid.UUID
		want      int
	}{
		{"office", OnSheet, r.sheet, 1}, {"office2", OnSheet, r.sheet, 0}, {"companion", OnSheet, r.sheet, 1}, {"supervisor2", OnSheet, r.sheet, 0}, {"agency", OnSheet, r.sheet, 0},
		{"county", OnProblem, r.problem, 3}, {"agency", OnProblem, r.problem, 2}, {"agency2", OnProblem, r.problem, 0}, {"agency", OnProblem, r.unordered, 0},
		{"supervisor", OnFeedback, r.feedback, 0}, {"agency", OnFeedback, r.feedback, 0}, {"leader", OnFeedback, r.feedback, 1}, {"hotline", OnComplaint, r.complaint, 0}, {"admin", OnSheet, r.sheet, 0},
	} {
		list, err := b.Attachments(context.Background(), b.people[c.who], b.DB, c.kind, c.owner)
		if err != nil || len(list) != c.want {
			t.Errorf("%s lists %d of %s: %v, want %d", c.who, len(list), c.kind, err, c.want)
		}
	}
	list, err := b.Attachments(context.Background(), b.people["agency"], b.DB, OnProblem, r.problem)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		own := a.By.Valid && a.By.UUID == b.people["agency"].ID
		text, _ := json.Marshal(a)
		if !a.Held || a.Preview != "made" {
			t.Errorf("%s", text)
		}
		if own != strings.Contains(string(text), "CANARY-CAPTION") || own == (a.TakenAt == nil) || own == (a.Lat == nil) || own == (a.Source == "") {
			t.Errorf("own %v: %s", own, text)
		}
	}
}

func TestAnotherSeesACopyWithoutMetadata(t *testing.T) {
	b := newBench(t)
	r := b.records(t)
	photo := withMetadata(jpegOf(t, 2000, 1000, 20), 6)
	b.hold(t, "office", photo)
	sha := b.hang(t, "office", OnProblem, r.problem, photo, true)
	for size, long := range map[string]int{"thumb": 320, "view": 1600} {
		code, body, head := b.call(t, "agency", "GET", "/api/photos/"+sha+"?size="+size, nil)
		if code != 200 || bytes.Contains(body, []byte("CANARY")) || bytes.Contains(body, []byte("Exif")) {
			t.Fatalf("%s: %d", size, code)
		}
		img, err := jpeg.Decode(bytes.NewReader(body))
		if err != nil || img.Bounds().Dy() != long || img.Bounds().Dx() != long/2 { // stood on its side
			t.Fatalf("%s: %v %v", size, img.Bounds(), err)
		}
		for name, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": photoPolicy,
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "private, max-age=3600"} {
			if len(head[name]) != 1 || head[name][0] != want {
				t.Errorf("%s: %s: %q", size, name, head[name])
			}
		}
		if code, _, _ := b.call(t, "agency", "GET", "/api/photos/"+sha+"?size="+size, nil, "If-None-Match", head["Etag"][0]); code != 304 {
			t.Errorf("asked again: %d", code)
		}
		if code, _, _ := b.call(t, "agency2", "GET", "/api/photos/"+sha+"?size="+size, nil, "If-None-Match", head["Etag"][0]); code != 404 {
			t.Errorf("another agency that knows the tag: %d", code)
		}
	}
	code, body, head := b.call(t, "office", "GET", "/api/photos/"+sha+"?size=original", nil)
	if code != 200 || !bytes.Equal(body, photo) || head["Cache-Control"][0] != "no-store" || !strings.HasPrefix(head["Content-Disposition"][0], "attachment") {
		t.Fatalf("original: %d %v", code, head)
	}
	if code, _, _ := b.call(t, "office", "GET", "/api/photos/"+sha+"?size=huge", nil); code != 422 {
		t.Errorf("size=huge: %d", code)
	}
}

func TestPhotoThatCannotBeDrawn(t *testing.T) {
	b := newBench(t)
	b.drawHEIF()
	b.heif.cpu = shortly(childCPU)
	still := heic("heic", [2]uint32{4032, 3024}) // pixels that are none
	broken := jpegOf(t, 400, 300, 30)
	broken = broken[:len(broken)/2]
	for name, photo := range map[string][]byte{"heic": still, "damaged before it was sent": broken} {
		sha := b.hold(t, "supervisor", photo)
		for range 2 {
			code, body, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sha, nil)
			if code != 409 || !bytes.Contains(body, []byte("no_preview")) {
				t.Errorf("%s: %d %s", name, code, body)
			}
		}
		code, body, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sha+"?size=original", nil)
		if code != 200 || !bytes.Equal(body, photo) {
			t.Errorf("%s: its original: %d", name, code)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE preview = 'none'`); n != 2 {
		t.Errorf("%d marked", n)
	}
}

func TestAgencyMayOnlyHangItsOwnPhotos(t *testing.T) {
	b := newBench(t)
	own, foreign := b.hold(t, "agency", jpegOf(t, 40, 30, 40)), b.hold(t, "supervisor", jpegOf(t, 40, 30, 41))
	ctx := context.Background()
	if err := b.MustHave(ctx, b.DB, b.people["agency"], []string{own}); err != nil {
		t.Error(err)
	}
	for _, list := range [][]string{{own, foreign}, {sum(nil)}} {
		if err := b.MustHave(ctx, b.DB, b.people["agency"], list); err == nil {
			t.Errorf("%v was let pass", list)
		}
	}
	missing, err := b.Missing(ctx, b.DB, []string{sum(nil), own, sum(nil), foreign})
	if err != nil || len(missing) != 1 || missing[0] != sum(nil) {
		t.Errorf("missing %v %v", missing, err)
	}
	got, err := b.Held(ctx, b.DB, []string{own, sum(nil)})
	if err != nil || len(got) != 1 || got[own].MediaType != "image/jpeg" {
		t.Errorf("held %v %v", got, err)
	}
}

func TestDeclareRefuses(t *testing.T) {
	b := newBench(t)
	good := Declared{SHA256: sum(nil), Size: 9, Source: "camera"}
	far := 91.0
	for name, change := range map[string]func(*Declared){
		"hash": func(d *Declared) { d.SHA256 = "x" }, "no size": func(d *Declared) { d.Size = 0 }, "size": func(d *Declared) { d.Size = MaxFile + 1 },
		"source": func(d *Declared) { d.Source = "dream" }, "latitude": func(d *Declared) { d.Lat = &far }, "item": func(d *Declared) { d.Item = strings.Repeat("x", 65) },
	} {
		d := good
		change(&d)
		if err := b.Declare(context.Background(), b.DB, b.people["supervisor"], OnSheet, newID(), []Declared{good, d}); err == nil {
			t.Errorf("%s was let pass", name)
		}
	}
	if err := b.Declare(context.Background(), b.DB, b.people["supervisor"], OnSheet, newID(), slices.Repeat([]Declared{good}, MaxDeclared+1)); err == nil {
		t.Error("301 photos")
	}
	if n := b.count(t, `SELECT count(*) FROM attachments`); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// An agency may hold the same picture as a record does: bringing it tells neither that the record is there nor whose it is.
func TestAnAgencyLearnsNothingByBringingAPhoto(t *testing.T) {
	b := newBench(t)
	b.SetOnHeld(func(context.Context, string) ([]SheetState, error) {
		return []SheetState{{ID: newID(), State: "complete"}}, nil
	})
	var told []string
	for i, known := range []bool{false, true} {
		photo := jpegOf(t, 40, 30, uint64(90+i))
		if known {
			b.hold(t, "supervisor", photo)
		}
		code, body, _ := b.call(t, "agency", "PUT", "/api/photos/"+sum(photo), photo)
		var a photoAnswer
		if err := json.Unmarshal(body, &a); err != nil || len(a.Sheets) != 0 {
			t.Errorf("known %v: %s, %v", known, body, err)
		}
		told = append(told, fmt.Sprint(code, a.MediaType, a.Preview))
	}
	if told[0] != told[1] {
		t.Errorf("a photo nobody had: %s; one that was here: %s", told[0], told[1])
	}
}
