package visit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/directory"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/web"
	"suixing/migrations"
)

// town is two offices with their people and agencies, a business, and every part a visit stands on.
type town struct {
	*dbtest.Env
	t              *testing.T
	s              *Service
	ev             *evidence.Service
	west, east     directory.Office
	team, eastTeam directory.Agency
	shop           directory.Business
	people         map[string]actor.Actor
	r              *web.Router
	raised         []LeadInput
	bound          map[uuid.UUID]uuid.UUID
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{Env: dbtest.New(t), t: t, people: map[string]actor.Actor{}, bound: map[uuid.UUID]uuid.UUID{}}
	dir := directory.New(w.DB, w.Clock.Now)
	folder, err := blob.NewFolder(t.TempDir())
	w.must(err)
	signer, err := evidence.NewSigner(evidence.Ed25519)
	w.must(err)
	w.ev = evidence.New(w.DB, w.Clock.Now, folder, evidence.NewKeyring(signer))
	ctx, admin := context.Background(), actor.Actor{ID: uuid.New(), Role: actor.Admin}
	w.west, err = dir.CreateOffice(ctx, admin, directory.Office{Name: "示例镇A司法所", Township: "示例镇A"})
	w.must(err)
	w.east, err = dir.CreateOffice(ctx, admin, directory.Office{Name: "示例镇B司法所", Township: "示例镇B"})
	w.must(err)
	w.team, err = dir.CreateAgency(ctx, admin, directory.Agency{Name: "示例镇A综合行政执法大队", Kind: "township", OfficeID: null(w.west.ID)})
	w.must(err)
	w.eastTeam, err = dir.CreateAgency(ctx, admin, directory.Agency{Name: "示例镇B综合行政执法大队", Kind: "township", OfficeID: null(w.east.ID)})
	w.must(err)
	w.shop, err = dir.CreateBusiness(ctx, admin, directory.Business{Name: "示例小吃店", Kind: "household", Address: "示例路1号", OfficeID: null(w.west.ID)})
	w.must(err)
	_, err = dir.CreateOfficer(ctx, admin, directory.Officer{AgencyID: w.team.ID, Name: "测试员丙", Credential: "16070400417", ValidFrom: "2024-01-01", ValidTo: "2028-12-31"})
	w.must(err)
	_, err = dir.CreateOfficer(ctx, admin, directory.Officer{AgencyID: w.team.ID, Name: "测试员丁", Credential: "16070400418", ValidFrom: "2022-01-01", ValidTo: "2025-12-31"})
	w.must(err)
	w.person("supervisor", actor.Supervisor, w.west.ID, true)
	w.person("supervisor2", actor.Supervisor, w.west.ID, false)
	w.person("supervisorE", actor.Supervisor, w.east.ID, true)
	w.person("office", actor.Office, w.west.ID, false)
	w.person("officeE", actor.Office, w.east.ID, false)
	w.person("agency", actor.Agency, w.team.ID, false)
	for _, role := range []actor.Role{actor.County, actor.Leader, actor.Hotline, actor.Admin, actor.Auditor} {
		w.person(string(role), role, uuid.Nil, false)
	}
	w.s = New(w.DB, w.Clock.Now, Deps{Directory: dir, Evidence: w.ev, RaiseLead: w.raiseLead, BindTicket: w.bindTicket, PublicURL: "https://sx.example"})
	w.ev.SetOnHeld(w.s.PhotoHeld)
	w.serve()
	return w
}

func null(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) person(name string, role actor.Role, place uuid.UUID, certified bool) {
	a := actor.Actor{ID: uuid.New(), Role: role, Name: name, Certified: certified}
	if role == actor.Agency {
		a.AgencyID = null(place)
	} else {
		a.OfficeID = null(place)
	}
	const q = `INSERT INTO accounts (id, username, name, role, office_id, agency_id, certificate, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'x', $8)`
	certificate := ""
	if certified {
		certificate = "豫监0001"
	}
	_, err := w.DB.Exec(context.Background(), q, a.ID, strings.ToLower(name), name, role, a.OfficeID, a.AgencyID, certificate, w.Clock.Now())
	w.must(err)
	w.people[name] = a
}

// raiseLead raises through the owner's own SQL function, as the lead feature does; registering is its tests' matter.
func (w *town) raiseLead(ctx context.Context, tx *db.DB, who actor.Actor, in LeadInput) (id uuid.UUID, err error) {
	const q = `SELECT lead_raise($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::date, $11, $12)`
	err = tx.Get(ctx, &id, q, uuid.Must(uuid.NewV7()), in.Origin, in.OriginID, in.Item, in.OfficeID, in.AgencyID, in.Severity, in.Category, in.Fact, in.HappenedOn, in.ReporterID, w.Clock.Now())
	if err == nil {
		w.raised = append(w.raised, in)
	}
	return id, err
}

func (w *town) bindTicket(ctx context.Context, tx *db.DB, ticketID, visitID uuid.UUID, at time.Time) error {
	const q = `UPDATE tickets SET visit_id = $2, bound_at = $3 WHERE id = $1 AND visit_id IS NULL`
	_, err := tx.Exec(ctx, q, ticketID, visitID, at)
	return err
}

func (w *town) serve() {
	w.r = web.New(web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.Clock.Now})
	w.r.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		if a, ok := w.people[token]; ok {
			return a, web.Session{}, nil
		}
		if how, name, ok := strings.Cut(strings.TrimPrefix(token, web.DevicePrefix), ":"); ok { // a phone: "good:supervisor", "device_revoked:supervisor"
			s := web.Session{Kind: web.KindDevice, DeviceID: null(w.device(name))} //nolint:contextcheck // the helper has the test's own
			if how != "good" {
				s.Held = how
			}
			return w.people[name], s, nil
		}
		return actor.Actor{}, web.Session{}, fault.New(fault.Unauthenticated, "signed_out", "x")
	})
	w.s.Routes(w.r)
	w.ev.Routes(w.r)
}

// device is the phone of one of the people, enrolled at its first use.
func (w *town) device(name string) uuid.UUID {
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(name))
	const q = `INSERT INTO devices (id, account_id, name, secret_hash, created_at, seen_at) VALUES ($1, $2, $3, $5, $4, $4) ON CONFLICT DO NOTHING`
	_, err := w.DB.Exec(context.Background(), q, id, w.people[name].ID, name+"的手机", w.Clock.Now(), id[:])
	w.must(err)
	return id
}

// call asks over HTTP as one of the people; body may be bytes or anything that becomes JSON.
func (w *town) call(as, method, path string, body any, headers ...string) (int, map[string]any, string) {
	w.t.Helper()
	raw, isBytes := body.([]byte)
	if !isBytes && body != nil {
		var err error
		raw, err = json.Marshal(body)
		w.must(err)
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Authorization", "Bearer "+as)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.r.App.Test(req, -1)
	w.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	out := map[string]any{}
	_ = json.Unmarshal(text, &out)
	return res.StatusCode, out, res.Header.Get("ETag")
}

func (w *town) count(q string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.DB.Get(context.Background(), &n, q, args...))
	return n
}

// shot is a real JPEG, different for each seed.
func shot(t testing.TB, seed int) (data []byte, sha string) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		img.Set(i%64, i/64, color.RGBA{uint8(i * seed), uint8(i + seed), uint8(seed), 255}) // #nosec G115 -- colours wrap
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return b.Bytes(), hex.EncodeToString(sum[:])
}

// doc is a sheet as a phone would write it, open to every kind of damage.
type doc map[string]any

func (d doc) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d doc) id() uuid.UUID    { return uuid.MustParse(d["id"].(string)) }
func (d doc) visit() uuid.UUID { return uuid.MustParse(d["visit_id"].(string)) }
func (d doc) path() string     { return "/api/sheets/" + d["id"].(string) }

// set puts a value at a path of names and indices.
func (d doc) set(v any, path ...any) doc {
	var at any = map[string]any(d)
	for i, p := range path {
		last := i == len(path)-1
		switch key := p.(type) {
		case string:
			m, ok := at.(map[string]any)
			if !ok {
				m = at.(doc)
			}
			if last {
				m[key] = v
			} else {
				at = m[key]
			}
		case int:
			if last {
				at.([]any)[key] = v
			} else {
				at = at.([]any)[key]
			}
		}
	}
	return d
}

// sheet is a sealed quick sheet by one of the people, everything in order: 12 items complied with, two signatures.
func (w *town) sheet(author string) doc {
	now := w.Clock.Now()
	stamp := func(ago time.Duration) string { return now.Add(-ago).Format(time.RFC3339) }
	_, sign1 := shot(w.t, 101)
	_, sign2 := shot(w.t, 102)
	me := w.people[author].ID.String()
	answers := []any{}
	for _, code := range strings.Fields("A02 A03 B01 C01 C02 C03 D01 D02 E02 E03 F02 H03") {
		answers = append(answers, map[string]any{"code": code, "result": "yes", "note": "", "photos": []any{}, "at": stamp(time.Hour)})
	}
	return doc{
		"id": uuid.Must(uuid.NewV7()).String(), "visit_id": uuid.Must(uuid.NewV7()).String(), "version": 1, "app_version": "1.0.0", "checklist_version": 1, "mode": "quick", "method": "accompanied",
		"visit": map[string]any{"agency_id": w.team.ID.String(), "business": map[string]any{"name": "示例小吃店", "uscc": "", "address": "示例路1号", "kind": "household"}, "matter": "food",
			"notice_number": "", "external_code": "", "supervisor_ids": []any{me}},
		"recusal": map[string]any{"declared": true, "at": stamp(2 * time.Hour)}, "started_at": stamp(2 * time.Hour), "ended_at": stamp(30 * time.Minute), "sealed_at": stamp(20 * time.Minute),
		"officers": []any{map[string]any{"name": "测试员丙", "credential_number": "16070400417", "standing": "valid"}, map[string]any{"name": "测试员丁", "credential_number": "16070400418", "standing": "valid"}},
		"helpers":  0, "answers": answers, "observations": []any{}, "stop": nil, "opinion": "", "overall": "standard",
		"officer_sign":     map[string]any{"name": "测试员丙", "credential_number": "16070400417", "stance": "accept", "text": "", "signature": sign1},
		"supervisor_signs": []any{map[string]any{"account_id": me, "name": author, "signature": sign2}},
		"place":            nil, "photos": []any{w.photo(101, "signature"), w.photo(102, "signature")},
	}
}

func (w *town) photo(seed int, source string) map[string]any {
	data, sha := shot(w.t, seed)
	return map[string]any{"sha256": sha, "size": len(data), "type": "image/jpeg", "source": source, "taken_at": w.Clock.Now().Add(-time.Hour).Format(time.RFC3339), "place": nil}
}

// fail turns an answer of the sheet into a failed one with a photo.
func (w *town) fail(d doc, code string, seed int) doc {
	_, sha := shot(w.t, seed)
	for _, a := range d["answers"].([]any) {
		if m := a.(map[string]any); m["code"] == code {
			m["result"], m["note"], m["photos"] = "no", "两名执法人员进店后直接查看后厨，店主询问后才出示证件", []any{sha}
		}
	}
	d["photos"] = append(d["photos"].([]any), w.photo(seed, "camera"))
	return d
}

// upload brings photos of these seeds as the author's phone does.
func (w *town) upload(as string, seeds ...int) {
	w.t.Helper()
	for _, seed := range seeds {
		data, sha := shot(w.t, seed)
		_, _, err := w.ev.Ingest(context.Background(), w.people[as], evidence.Upload{SHA256: sha, Declared: "image/jpeg", Size: int64(len(data)), Body: bytes.NewReader(data)})
		w.must(err)
		_, err = w.s.PhotoHeld(context.Background(), sha)
		w.must(err)
	}
}

func checklistV1(t testing.TB) Checklist {
	t.Helper()
	text, err := migrations.Files.ReadFile("0009_visit.sql")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), "$json$")
	if len(parts) != 3 {
		t.Fatal("the migration holds the checklist between two $json$ marks")
	}
	l, err := ReadChecklist(1, []byte(parts[1]))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func fieldsOf(err error) []string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	out := []string{}
	for _, x := range f.Fields {
		out = append(out, x.Field)
	}
	return out
}

func upload(data []byte, sha string) evidence.Upload {
	return evidence.Upload{SHA256: sha, Declared: "image/jpeg", Size: int64(len(data)), Body: bytes.NewReader(data)}
}

type txDB = db.DB
