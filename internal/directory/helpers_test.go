package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/web"
)

func asFault(err error, f **fault.Error) bool { return errors.As(err, f) }

// town is a small county: two offices, an agency each, and the people who work with the register.
type town struct {
	*dbtest.Env
	s                        *Service
	west, east               Office
	team, other              Agency
	admin, office, officeE   actor.Actor
	agency, supervisor, hall actor.Actor
}

func newTown(t *testing.T) *town {
	t.Helper()
	e := dbtest.New(t)
	w := &town{Env: e, s: New(e.DB, e.Clock.Now), admin: actor.Actor{ID: uuid.New(), Role: actor.Admin}}
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.s.SaveBureau(ctx, w.admin, Bureau{Name: "示例县司法局", County: "示例县", Prefix: "示执监"})
	must(err)
	w.west, err = w.s.CreateOffice(ctx, w.admin, Office{Name: "示例镇A司法所", Township: "示例镇A"})
	must(err)
	w.east, err = w.s.CreateOffice(ctx, w.admin, Office{Name: "示例镇B司法所", Township: "示例镇B"})
	must(err)
	w.team, err = w.s.CreateAgency(ctx, w.admin, Agency{Name: "示例镇A综合行政执法大队", Kind: "township", OfficeID: place(w.west)})
	must(err)
	w.other, err = w.s.CreateAgency(ctx, w.admin, Agency{Name: "示例镇B综合行政执法大队", Kind: "township", OfficeID: place(w.east)})
	must(err)
	w.office = actor.Actor{ID: uuid.New(), Role: actor.Office, OfficeID: place(w.west)}
	w.officeE = actor.Actor{ID: uuid.New(), Role: actor.Office, OfficeID: place(w.east)}
	w.supervisor = actor.Actor{ID: uuid.New(), Role: actor.Supervisor, OfficeID: place(w.west)}
	w.agency = actor.Actor{ID: uuid.New(), Role: actor.Agency, AgencyID: uuid.NullUUID{UUID: w.team.ID, Valid: true}}
	w.hall = actor.Actor{ID: uuid.New(), Role: actor.County}
	return w
}

func place(o Office) uuid.NullUUID { return uuid.NullUUID{UUID: o.ID, Valid: true} }

func (w *town) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := w.DB.Get(context.Background(), &n, `SELECT count(*) FROM `+table); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *town) inTx(t *testing.T, f func(tx *db.DB) error) {
	t.Helper()
	if err := w.DB.InTx(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// router serves the directory to whoever the token names.
func (w *town) router() *web.Router {
	r := web.New(web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.Clock.Now})
	people := map[string]actor.Actor{"admin": w.admin, "office": w.office, "agency": w.agency, "supervisor": w.supervisor, "county": w.hall}
	r.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		if a, ok := people[token]; ok {
			return a, web.Session{}, nil
		}
		return actor.Actor{}, web.Session{}, fault.New(fault.Unauthenticated, "signed_out", "x")
	})
	w.s.Routes(r)
	return r
}

func call(t *testing.T, r *web.Router, as, method, path string, body any) (int, map[string]any) {
	t.Helper()
	raw, isFile := body.([]byte)
	if !isFile && body != nil {
		raw, _ = json.Marshal(body)
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Authorization", "Bearer "+as)
	if !isFile {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := r.App.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, _ := io.ReadAll(res.Body)
	var m map[string]any
	if json.Unmarshal(answer, &m) != nil {
		m = map[string]any{"raw": string(answer)}
	}
	return res.StatusCode, m
}

// sheet makes an .xlsx of rows; a cell is text, a number or, when it begins with "=", a formula.
func sheet(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		for j, v := range row {
			at, _ := excelize.CoordinatesToCellName(j+1, i+1)
			var err error
			if s, ok := v.(string); ok && len(s) > 1 && s[0] == '=' {
				err = f.SetCellFormula("Sheet1", at, s[1:])
			} else {
				err = f.SetCellValue("Sheet1", at, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
