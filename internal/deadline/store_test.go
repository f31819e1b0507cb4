package deadline_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/web"
)

var county = actor.Actor{ID: uuid.New(), Role: actor.County}

// The migration's calendar is the library's, day by day, and a year nobody knows is not there.
func TestTheMigrationKnowsWhatTheLibraryKnows(t *testing.T) {
	env := dbtest.New(t)
	s := deadline.New(env.DB, env.Clock.Now)
	for y := 2024; y <= 2026; y++ {
		got, err := s.CalendarYear(t.Context(), county, y)
		if err != nil || got.Source != deadline.Source {
			t.Fatal(y, got.Source, err)
		}
		want := deadline.Known(y)
		if len(got.Days) != len(want) || len(want) < 30 {
			t.Fatalf("%d: %d days, the library has %d", y, len(got.Days), len(want))
		}
		for i := range want {
			if got.Days[i] != want[i] {
				t.Errorf("%+v, the library has %+v", got.Days[i], want[i])
			}
		}
	}
	if _, err := s.CalendarYear(t.Context(), county, 2027); fault.CodeOf(err) != "no_calendar" {
		t.Errorf("2027: %v", err)
	}
	if added, err := s.LoadKnown(t.Context()); err != nil || len(added) != 0 {
		t.Errorf("loading again added %v %v", added, err)
	}
	if _, err := env.Owner.Exec(t.Context(), `DELETE FROM calendar_years WHERE year = 2025`); err != nil {
		t.Fatal(err)
	}
	if added, err := s.LoadKnown(t.Context()); err != nil || len(added) != 1 || added[0] != 2025 {
		t.Errorf("a missing year: %v %v", added, err)
	}
}

// The database's own count and Go's agree for every rule on every day of three years, refusals included.
func TestTheDatabaseCountsTheSame(t *testing.T) {
	env := dbtest.New(t)
	s := deadline.New(env.DB, env.Clock.Now)
	rules, err := s.Rules(t.Context(), county)
	if err != nil || len(rules) < 22 { // those of DOMAIN B.3, and what features count by besides
		t.Fatalf("%d rules %v", len(rules), err)
	}
	cal, err := s.Calendar(t.Context(), "2024-01-01")
	if err != nil {
		t.Fatal(err)
	}
	far, err := s.Calendar(t.Context(), "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		var rows []struct {
			Day deadline.Date `db:"day"`
			Due deadline.Date `db:"due"`
		}
		const q = `SELECT to_char(d, 'YYYY-MM-DD') AS day, COALESCE(to_char(deadline_due($1, d::date), 'YYYY-MM-DD'), '') AS due FROM generate_series(DATE '2024-01-01', DATE '2024-06-30', '1 day') d
			UNION ALL SELECT to_char(d, 'YYYY-MM-DD'), COALESCE(to_char(deadline_due($1, d::date), 'YYYY-MM-DD'), '') FROM generate_series(DATE '2026-01-01', DATE '2026-12-31', '1 day') d`
		if err := env.DB.Select(t.Context(), &rows, q, r.Code); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			c := cal
			if row.Day >= "2026" {
				c = far
			}
			sum, err := deadline.Sum(r, row.Day, c)
			if (err != nil) != (row.Due == "") || sum.Due != row.Due {
				t.Fatalf("%s from %s: database %q, Go %q %v", r.Code, row.Day, row.Due, sum.Due, err)
			}
		}
	}
}

// A rule changes from a day on; what was counted before keeps its rule. Both changes are the county's and audited.
func TestTheCountyChangesARule(t *testing.T) {
	env := dbtest.New(t)
	s := deadline.New(env.DB, env.Clock.Now)
	r := deadline.Rule{Code: "DL11", EffectiveFrom: "2026-06-01", Value: 5, Unit: "wd", Basis: "县司法局2026年通知", Strength: "local"}
	for _, role := range []actor.Role{actor.Office, actor.Leader, actor.Agency, actor.Admin} {
		if _, err := s.SetRule(t.Context(), actor.Actor{ID: uuid.New(), Role: role}, r); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", role, err)
		}
	}
	if _, err := s.SetRule(t.Context(), county, r); err != nil {
		t.Fatal(err)
	}
	before, err := s.Due(t.Context(), env.DB, "DL11", "2026-05-06")
	if err != nil || before.Value != 7 || before.Due != "2026-05-14" {
		t.Errorf("%+v %v", before, err)
	}
	after, err := s.Due(t.Context(), env.DB, "DL11", "2026-06-01")
	if err != nil || after.Value != 5 || after.Due != "2026-06-08" || after.Basis != r.Basis {
		t.Errorf("%+v %v", after, err)
	}
	for field, bad := range map[string]deadline.Rule{
		"value": {Code: "DL11", Value: -1, Unit: "wd", Basis: "依据", Strength: "local"}, "unit": {Code: "DL11", Value: 1, Unit: "h", Basis: "依据", Strength: "local"},
		"basis": {Code: "DL11", Value: 1, Unit: "wd", Strength: "local"}, "strength": {Code: "DL11", Value: 1, Unit: "wd", Basis: "依据", Strength: "divine"},
	} {
		if _, err := s.SetRule(t.Context(), county, bad); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := s.SetRule(t.Context(), county, deadline.Rule{Code: "DL99", Value: 1, Unit: "wd", Basis: "依据", Strength: "local"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a rule that is none: %v", err)
	}
	// Not from a day that is past: those sums stand. And two who change one rule do not overwrite each other.
	past := deadline.Rule{Code: "DL11", EffectiveFrom: "2026-05-05", Value: 3, Unit: "wd", Basis: "依据", Strength: "local"}
	if _, err := s.SetRule(t.Context(), county, past); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "effective_from") {
		t.Errorf("from yesterday: %v", err)
	}
	r.Value, r.Version, r.Reason = 6, 1, "县里开会定的"
	if _, err := s.SetRule(t.Context(), county, r); fault.CodeOf(err) != "stale" {
		t.Errorf("by an old version: %v", err)
	}
	r.Version = 2
	if now, err := s.SetRule(t.Context(), county, r); err != nil || now.Version != 3 || now.Reason != r.Reason {
		t.Errorf("by the newest version: %+v %v", now, err)
	}
	r.Version, r.EffectiveFrom = 0, "2026-05-06" // a caller that says no version, from today
	if now, err := s.SetRule(t.Context(), county, r); err != nil || now.Version != 4 {
		t.Errorf("without a version: %+v %v", now, err)
	}
	var n int
	if err := env.Owner.Get(t.Context(), &n, `SELECT count(*) FROM audit_log WHERE deed = 'deadline.set_rule' AND detail->>'version' IS NOT NULL`); err != nil || n != 3 {
		t.Errorf("%d audit rows %v", n, err)
	}
}

// The county writes the new year; until then a sum into it is refused, and two who write at once do not overwrite each other.
func TestTheCountyWritesAYear(t *testing.T) {
	env := dbtest.New(t)
	s := deadline.New(env.DB, env.Clock.Now)
	if _, err := s.Due(t.Context(), env.DB, "DL11", "2026-12-28"); fault.CodeOf(err) != "no_calendar" || !strings.Contains(err.Error(), "2027") {
		t.Errorf("%v", err)
	}
	y := deadline.Year{Year: 2027, Source: "国务院办公厅通知", Days: []deadline.Exception{{Day: "2027-01-01", Name: "元旦"}, {Day: "2027-01-02", Working: true, Name: "元旦调休"}}}
	got, err := s.SetYear(t.Context(), county, y)
	if err != nil || got.Version != 1 {
		t.Fatal(got, err)
	}
	sum, err := s.Due(t.Context(), env.DB, "DL11", "2026-12-28")
	if err != nil || sum.Due != "2027-01-06" || sum.CalendarVersion != "2026.1+2027.1" {
		t.Errorf("%s %s %v", sum.Due, sum.CalendarVersion, err)
	}
	if _, err := s.SetYear(t.Context(), county, y); fault.KindOf(err) != fault.Conflict {
		t.Errorf("written over unseen: %v", err)
	}
	y.Version, y.Days = 1, y.Days[:1]
	if got, err = s.SetYear(t.Context(), county, y); err != nil || got.Version != 2 {
		t.Error(got, err)
	}
	for _, bad := range [][]deadline.Exception{nil, {{Day: "2026-01-01", Name: "元旦"}}, {{Day: "2027-01-01", Name: "元旦"}, {Day: "2027-01-01", Name: "元旦"}}, {{Day: "2027-01-01"}}} {
		if _, err := s.SetYear(t.Context(), county, deadline.Year{Year: 2027, Version: 2, Source: "出处", Days: bad}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// Over HTTP: everyone signed in sees how a date is counted; the county alone changes it.
func TestOverHTTP(t *testing.T) {
	env := dbtest.New(t)
	s := deadline.New(env.DB, env.Clock.Now)
	r := web.New(web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: env.Clock.Now, Version: "test"})
	r.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		return actor.Actor{ID: uuid.New(), Role: actor.Role(token)}, web.Session{Kind: "token"}, nil
	})
	s.Routes(r)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = r.App.Listener(l) }()
	t.Cleanup(func() { _ = r.App.ShutdownWithTimeout(time.Second) })
	for _, c := range []struct {
		who, method, path, body string
		code                    int
		has                     string
	}{
		{"agency", "GET", "/api/deadlines/due?rule=DL11&from=2026-05-06", "", 200, `"due":"2026-05-14"`},
		{"agency", "GET", "/api/deadlines/due?rule=DL11&from=2026-05-06", "", 200, `"statutory":false`},
		{"office", "GET", "/api/deadlines/due?rule=DL17&from=2024-09-09", "", 200, `"due":"2024-12-08"`},
		{"office", "GET", "/api/deadlines/due?rule=DL99&from=2026-05-06", "", 422, "没有这条期限规则"},
		{"office", "GET", "/api/deadlines/due?rule=DL11&from=2026-02-30", "", 422, "from"},
		{"office", "GET", "/api/deadlines/due?rule=DL11&from=2026-12-28", "", 409, "2027年的节假日"},
		{"", "GET", "/api/deadlines/rules", "", 401, ""},
		{"office", "GET", "/api/deadlines/rules", "", 200, "行政处罚法"},
		{"office", "GET", "/api/deadlines/calendar/2026", "", 200, `"2026-05-09","working":true`},
		{"office", "GET", "/api/deadlines/calendar/2027", "", 409, "no_calendar"},
		{"office", "PUT", "/api/deadlines/rules/DL11", `{"value":5,"unit":"wd","basis":"县里定的","strength":"local"}`, 403, ""},
		{"county", "PUT", "/api/deadlines/rules/DL11", `{"value":5,"unit":"wd","basis":"县里定的","strength":"local"}`, 422, `reason`},
		{"county", "PUT", "/api/deadlines/rules/DL11", `{"value":5,"unit":"wd","basis":"县里定的","strength":"local","version":1,"reason":"局务会定的"}`, 200, `"value":5`},
		{"county", "PUT", "/api/deadlines/rules/DL11", `{"value":4,"unit":"wd","basis":"县里定的","strength":"local","version":1,"reason":"局务会定的"}`, 409, `stale`},
		{"office", "PUT", "/api/deadlines/calendar/2027", `{"version":0,"source":"通知","days":[{"day":"2027-01-01","working":false,"name":"元旦"}]}`, 403, ""},
		{"county", "PUT", "/api/deadlines/calendar/2027", `{"version":0,"source":"通知","days":[{"day":"2027-01-01","working":false,"name":"元旦"}]}`, 200, `"version":1`},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), c.method, "http://"+l.Addr().String()+c.path, strings.NewReader(c.body))
		req.Header.Set("Content-Type", "application/json")
		if c.who != "" {
			req.Header.Set("Authorization", "Bearer "+c.who)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != c.code || !strings.Contains(string(raw), c.has) {
			t.Errorf("%s %s %s: %d %s, want %d with %s", c.who, c.method, c.path, res.StatusCode, raw, c.code, c.has)
		}
	}
}
