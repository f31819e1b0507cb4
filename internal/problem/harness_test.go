package problem_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/web"
	"suixing/internal/problem"
)

// town is a county of two offices and two agencies, with its people, on a real database and a real port.
type town struct {
	t                *testing.T
	env              *dbtest.Env
	problems         *problem.Service
	base             string
	officeA, officeB uuid.UUID
	agencyA, agencyB uuid.UUID
	people           map[string]actor.Actor
	photoSerial      int
}

func newTown(t *testing.T) *town {
	t.Helper()
	env := dbtest.New(t)
	w := &town{t: t, env: env, people: map[string]actor.Actor{}, officeA: uuid.New(), officeB: uuid.New(), agencyA: uuid.New(), agencyB: uuid.New()}
	w.must(`INSERT INTO offices (id, name, township) VALUES ($1, '示例镇A司法所', '示例镇A'), ($2, '示例镇B司法所', '示例镇B')`, w.officeA, w.officeB)
	w.must(`INSERT INTO agencies (id, name, kind, office_id) VALUES ($1, '示例镇A综合执法大队', 'township', $3), ($2, '示例镇B综合执法大队', 'township', $4)`, w.agencyA, w.agencyB, w.officeA, w.officeB)
	none := uuid.Nil
	for _, p := range []struct {
		name           string
		role           actor.Role
		office, agency uuid.UUID
	}{
		{"county", actor.County, none, none}, {"county2", actor.County, none, none}, {"leader", actor.Leader, none, none}, {"office", actor.Office, w.officeA, none}, {"colleague", actor.Office, w.officeA, none},
		{"office2", actor.Office, w.officeB, none}, {"supervisor", actor.Supervisor, w.officeA, none}, {"agency", actor.Agency, none, w.agencyA},
		{"agency2", actor.Agency, none, w.agencyB}, {"hotline", actor.Hotline, none, none}, {"admin", actor.Admin, none, none}, {"auditor", actor.Auditor, none, none},
	} {
		a := actor.Actor{ID: uuid.New(), Role: p.role, Name: p.name, OfficeID: null(p.office), AgencyID: null(p.agency)}
		w.people[p.name] = a
		w.must(`INSERT INTO accounts (id, username, name, role, office_id, agency_id, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, '', $7)`,
			a.ID, p.name, "测试员"+p.name, string(p.role), a.OfficeID, a.AgencyID, env.Clock.Now())
	}
	w.open()
	return w
}

func null(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func (w *town) open() {
	w.t.Helper()
	store, err := blob.NewFolder(w.t.TempDir())
	w.ok(err)
	signer, err := evidence.NewSigner("ed25519")
	w.ok(err)
	files := evidence.New(w.env.DB, w.env.Clock.Now, store, evidence.NewKeyring(signer))
	days := deadline.New(w.env.DB, w.env.Clock.Now)
	w.problems = problem.New(w.env.DB, w.env.Clock.Now, days, files)
	r := web.New(web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.env.Clock.Now, Version: "test"})
	r.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		if a, ok := w.people[token]; ok {
			return a, web.Session{Kind: "token"}, nil
		}
		return actor.Public, web.Session{}, fault.New(fault.Unauthenticated, "signed_out", "请先登录。")
	})
	days.Routes(r)
	files.Routes(r)
	w.problems.Routes(r)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.ok(err)
	w.base = "http://" + l.Addr().String()
	go func() { _ = r.App.Listener(l) }()
	w.t.Cleanup(func() { _ = r.App.ShutdownWithTimeout(2 * time.Second) })
}

func (w *town) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) must(q string, args ...any) {
	w.t.Helper()
	_, err := w.env.Owner.Exec(context.Background(), q, args...)
	w.ok(err)
}

func (w *town) count(q string, args ...any) int {
	w.t.Helper()
	var n int
	w.ok(w.env.Owner.Get(context.Background(), &n, q, args...))
	return n
}

// at sets the clock to ten in the morning of a day in Shanghai.
func (w *town) at(day string) {
	w.t.Helper()
	t, err := clock.ParseDay(day)
	w.ok(err)
	w.env.Clock.Set(t.Add(10 * time.Hour))
}

type object = map[string]any

// call is one request of a person; it gives status and answer.
func (w *town) call(who, method, path string, body any) (int, object) {
	w.t.Helper()
	code, raw := w.raw(who, method, path, "application/json", encode(body))
	out := object{}
	if len(raw) > 0 && raw[0] == '{' {
		w.ok(json.Unmarshal(raw, &out))
	}
	return code, out
}

func encode(body any) []byte {
	if body == nil {
		return nil
	}
	b, _ := json.Marshal(body)
	return b
}

func (w *town) raw(who, method, path, kind string, body []byte) (int, []byte) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, w.base+path, bytes.NewReader(body))
	w.ok(err)
	req.Header.Set("Content-Type", kind)
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	res, err := http.DefaultClient.Do(req)
	w.ok(err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	w.ok(err)
	return res.StatusCode, raw
}

// want calls and fails the test unless the status is the one wanted.
func (w *town) want(code int, who, method, path string, body any) object {
	w.t.Helper()
	got, out := w.call(who, method, path, body)
	if got != code {
		w.t.Fatalf("%s %s %s: %d, want %d: %v", who, method, path, got, code, out)
	}
	return out
}

// deed does a deed at the version the person sees now.
func (w *town) deed(code int, who, id, deed string, body object) object {
	w.t.Helper()
	v := w.count(`SELECT version FROM problems WHERE id = $1`, id)
	in := object{"version": v}
	for k, x := range body {
		in[k] = x
	}
	return w.want(code, who, "POST", "/api/problems/"+id+"/"+deed, in)
}

// photo uploads a real picture as who and gives its hash.
func (w *town) photo(who string) string {
	w.t.Helper()
	w.photoSerial++
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 16 {
		img.Set(i, i, color.RGBA{uint8(w.photoSerial), uint8(i * 16), 80, 255})
	}
	img.Set(0, 0, color.RGBA{uint8(w.photoSerial * 40), uint8(w.photoSerial), 200, 255})
	var b bytes.Buffer
	w.ok(jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	b.WriteByte(0)
	b.Truncate(b.Len() - 1)
	sum := sha256.Sum256(b.Bytes())
	h := hex.EncodeToString(sum[:])
	code, raw := w.raw(who, "PUT", "/api/photos/"+h, "image/jpeg", b.Bytes())
	if code != 201 && code != 200 {
		w.t.Fatalf("upload: %d %s", code, raw)
	}
	return h
}

// register enters a problem as who, through the service.
func (w *town) register(who string, change func(*problem.Registration)) string {
	w.t.Helper()
	a := w.people[who]
	in := problem.Registration{OfficeID: null(w.officeA), AgencyID: w.agencyA, Origin: "visit", Severity: problem.General, Category: "disturbance", Tag: "T11",
		Fact: "2026年5月6日上午，示例镇A综合执法大队三人对示例制造公司检查，要求两条生产线停机约两小时", Basis: "国办发〔2024〕54号", FoundOn: deadline.DayOf(w.env.Clock.Now()),
		ReporterID: a.Account()}
	if change != nil {
		change(&in)
	}
	var id uuid.UUID
	w.ok(w.env.DB.InTx(context.Background(), func(tx *db.DB) (err error) {
		id, _, err = w.problems.Register(context.Background(), tx, a, in)
		return err
	}))
	return id.String()
}

const agencyText = "5月上旬一次安全检查中，要求企业停机接受询问约两小时，检查通知书未载明停机事项。"

// ordered is a problem under an FBK served today.
func (w *town) ordered(who string, change func(*problem.Registration)) string {
	w.t.Helper()
	id := w.register(who, change)
	w.deed(200, who, id, "deidentify", object{"text": agencyText})
	w.deed(200, who, id, "order", object{"rung": "FBK", "served_on": string(deadline.DayOf(w.env.Clock.Now())), "note": "规范检查通知书，写明需要停机的事项和理由",
		"urgent_reason": "企业正在停产，不能等到统一发出"})
	return id
}
