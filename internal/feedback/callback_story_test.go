package feedback

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/worldtest"
)

// The pool of a month: every recorded visit whose first record arrived in it, silent or answered, however it was made.
func TestCallbackPool(t *testing.T) {
	w := newCallWorld(t)
	w.At("2026-04-20")
	in := map[string]uuid.UUID{"silent": w.came(w.Agency1, "2026-04-09", "2026-04-09 18:00"), "answered": w.came(w.Agency1, "2026-04-10", "2026-04-10 18:00"),
		"held back": w.came(w.Agency1, "2026-03-02", "2026-04-30 23:30"), "unaccompanied": w.came(w.Agency2, "2026-04-11", "2026-04-11 18:00")}
	w.answers(in["answered"])
	w.Exec(`UPDATE visits SET method = 'unannounced' WHERE id = $1`, in["unaccompanied"])
	out := map[string]uuid.UUID{"of May": w.came(w.Agency1, "2026-04-30", "2026-05-01 00:10"), "of March": w.came(w.Agency1, "2026-03-30", "2026-03-31 18:00"),
		"corrected in April": w.came(w.Agency1, "2026-03-20", "2026-03-20 18:00"), "cancelled": w.came(w.Agency1, "2026-04-12", "2026-04-12 18:00"), "of files": w.came(w.Agency1, "2026-04-13", "2026-04-13 18:00")}
	w.Exec(`UPDATE visits SET received_at = '2026-04-15T10:00:00Z' WHERE id = $1`, out["corrected in April"])
	w.Exec(`UPDATE visits SET state = 'cancelled' WHERE id = $1`, out["cancelled"])
	w.Exec(`UPDATE visits SET method = 'casefile' WHERE id = $1`, out["of files"])
	w.share(100, 1)
	w.At("2026-05-06")
	w.draw()
	for name, id := range in {
		if w.Count(`SELECT count(*) FROM callbacks WHERE visit_id = $1 AND month = '2026-04'`, id) != 1 {
			t.Error("not in the pool:", name)
		}
	}
	for name, id := range out {
		if w.Count(`SELECT count(*) FROM callbacks WHERE visit_id = $1`, id) != 0 {
			t.Error("in the pool:", name)
		}
	}
	w.At("2026-06-02")
	w.draw()
	if w.Count(`SELECT count(*) FROM callbacks WHERE visit_id = $1 AND month = '2026-05'`, out["of May"]) != 1 {
		t.Error("a record that arrived after midnight is in no month")
	}
}

// Two servers whose hours strike together draw one sample.
func TestCallbackDrawnOnce(t *testing.T) {
	w := newCallWorld(t)
	for i := range 40 {
		w.came([]uuid.UUID{w.Agency1, w.Agency2}[i%2], "2026-04-10", fmt.Sprintf("2026-04-%02d 12:00", 1+i%30))
	}
	w.At("2026-05-01")
	other := NewCallbacks(w.Env.DB, w.Env.Clock.Now, w.leads)
	var all sync.WaitGroup
	for i := range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := []*Callbacks{w.calls, other}[i%2].Draw(context.Background(), false); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	w.draw()
	if n := w.Count(`SELECT count(*) FROM callbacks`); n != 4 { // a tenth of each agency's twenty
		t.Error("drawn:", n)
	}
	if n := w.Count(`SELECT count(*) FROM callback_rounds WHERE month = '2026-04' AND pool = 40 AND drawn = 4`); n != 1 {
		t.Error("rounds:", n)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'callback.draw'`); n != 1 {
		t.Error("rows in the trail:", n)
	}
	fresh := newCallWorld(t)
	fresh.came(fresh.Agency1, "2026-04-10", "2026-04-10 12:00")
	fresh.Must(fresh.calls.Draw(context.Background(), true))
	if n := fresh.Count(`SELECT count(*) FROM callback_rounds`); n != 0 {
		t.Error("demo data is drawn from before it is there")
	}
}

// Three calls on three days reach nobody: closed. The number goes with it, and what was recorded wrongly comes back.
func TestCallbackThreeCallsInVain(t *testing.T) {
	w := newCallWorld(t)
	visit := w.came(w.Agency1, "2026-04-09", "2026-04-09 18:00")
	w.At("2026-05-06")
	w.draw()
	id := w.of(visit)
	w.call(200, id, worldtest.Object{"result": "unreached"})
	w.call(409, id, worldtest.Object{"result": "unreached"}) // the same day
	w.At("2026-05-07")
	if d := w.call(200, id, worldtest.Object{"result": "unreached"}); d.State != callOpen || d.Tries != 2 || d.Contact == "" {
		t.Errorf("after two: %+v", d)
	}
	w.At("2026-05-08")
	d := w.call(200, id, worldtest.Object{"result": "unreached"})
	if d.State != callUnreached || d.Tries != 3 || d.Contact != "" || d.MayCall || !d.MayUndo || len(d.History) != 3 {
		t.Errorf("after three: %+v", d)
	}
	w.call(409, id, worldtest.Object{"result": "reached", "seen": "yes"})
	undo := "/api/callbacks/" + id + "/undo"
	if a := w.As("county", "POST", undo, worldtest.Object{"reason": "", "version": d.Version}, nil); a.Code != 422 {
		t.Error("without a reason:", a.Code)
	}
	if a := w.As("county", "POST", undo, worldtest.Object{"reason": "记到别家去了", "version": d.Version - 1}, nil); a.Code != 409 {
		t.Error("of an old version:", a.Code)
	}
	if a := w.As("county", "POST", undo, worldtest.Object{"reason": "记到别家去了", "version": d.Version}, &d); a.Code != 200 || d.State != callOpen || d.Tries != 2 || d.History[0].Reason != "记到别家去了" {
		t.Errorf("undone: %d %+v", a.Code, d)
	}
	if d = w.call(200, id, worldtest.Object{"result": "reached", "seen": "no", "filled": "nobody"}); d.State != callReached || d.Tries != 2 || len(d.History) != 5 {
		t.Errorf("reached at last: %+v", d)
	}
}

var callRoutes = []struct {
	method, path string
	body         any
}{
	{"GET", "/api/callbacks", nil}, {"GET", "/api/callbacks/report", nil}, {"GET", "/api/callbacks/settings", nil}, {"PUT", "/api/callbacks/settings", CallbackSettings{Share: 10, Least: 1, Version: 1}},
	{"GET", "/api/callbacks/ID", nil}, {"POST", "/api/callbacks/ID/call", Call{Result: "declined", Contact: "门头电话", Version: 1}}, {"POST", "/api/callbacks/ID/undo", worldtest.Object{"reason": "记错了", "version": 2}},
	{"POST", "/api/callbacks/ID/lead", CallbackLead{ID: uuid.New(), Fact: "上门时没有说明检查的事由。"}},
}

// The county's alone; and of the county nobody who stood beside the visit.
func TestCallbackSight(t *testing.T) {
	w := newCallWorld(t)
	visit := w.came(w.Agency1, "2026-04-09", "2026-04-09 18:00")
	w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, visit, w.People["county2"].ID)
	w.At("2026-05-06")
	w.draw()
	id := w.of(visit)
	for _, r := range callRoutes {
		path := strings.Replace(r.path, "ID", id, 1)
		for who := range w.People {
			want := 403
			if who == "county2" {
				want = 404
			}
			if who == "county" || want == 404 && !strings.Contains(r.path, "ID") {
				continue
			}
			if a := w.As(who, r.method, path, r.body, nil); a.Code != want || strings.Contains(a.Body, "示例小吃店") {
				t.Errorf("%s %s as %s: %d %s", r.method, r.path, who, a.Code, a.Body)
			}
		}
		if a := w.Raw("", r.method, path, "application/json", []byte("{}")); a.Code != 401 {
			t.Errorf("%s %s as nobody: %d", r.method, r.path, a.Code)
		}
	}
	for _, r := range callRoutes {
		if a := w.As("county", r.method, strings.Replace(r.path, "ID", id, 1), r.body, nil); a.Code != 200 {
			t.Errorf("%s %s as the county: %d %s", r.method, r.path, a.Code, a.Body)
		}
	}
	if a := w.As("county2", "GET", "/api/callbacks", nil, nil); strings.Contains(a.Body, id) {
		t.Error("her own visit is on her list")
	}
	if a := w.As("county2", "GET", "/api/callbacks/report", nil, nil); strings.Contains(a.Body, w.Agency1.String()) {
		t.Error("her own visit is in her figures")
	}
}

// Nothing of an answer is in any answer of these routes, nothing in the tables leads to one but the visit, and no moment is kept.
func TestCallbackTellsNoAnswer(t *testing.T) {
	w := newCallWorld(t)
	visit := w.came(w.Agency1, "2026-04-09", "2026-04-09 18:00")
	w.At("2026-04-10")
	w.answers(visit, "F8", "y", "R0", "1", "R4", "2", "O1", "收了三百元现金没有开票", "O2", "请退还", "business", "老街面馆")
	w.settle()
	w.At("2026-05-06")
	w.draw()
	id := w.of(visit)
	var secrets []string
	w.Must(w.Env.Owner.Select(context.Background(), &secrets, `SELECT f.id::text FROM feedbacks f UNION ALL SELECT k.id::text FROM tickets k UNION ALL SELECT l.id::text FROM leads l UNION ALL SELECT l.number FROM leads l`))
	secrets = append(secrets, "三百元", "退还", "老街面馆", `"R0"`, `"F8"`, "ratings", "overall", "suspect", "answered", "received_hour", visit.String())
	for _, r := range callRoutes {
		a := w.As("county", r.method, strings.Replace(r.path, "ID", id, 1), r.body, nil)
		for _, s := range secrets {
			if strings.Contains(a.Body, s) {
				t.Errorf("%s %s gives %q: %s", r.method, r.path, s, a.Body)
			}
		}
	}
	if n := w.Count(`SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND (conrelid::regclass::text LIKE 'callback%' AND confrelid::regclass::text IN ('feedbacks', 'tickets', 'leads') OR confrelid::regclass::text LIKE 'callback%' AND conrelid::regclass::text NOT LIKE 'callback%')`); n != 0 {
		t.Error("a foreign key leads from a call to an answer:", n)
	}
	if n := w.Count(`SELECT count(*) FROM information_schema.columns WHERE table_name LIKE 'callback%' AND (data_type LIKE 'timestamp%' OR data_type LIKE 'time%')`); n != 0 {
		t.Error("a call keeps a moment:", n)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed IN ('callback.draw', 'callback.call', 'callback.undo') AND at <> date_trunc('day', at, 'Asia/Shanghai')`); n != 0 {
		t.Error("the trail keeps a moment:", n)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed IN ('callback.call', 'callback.undo') AND subject_id = $1 AND detail = '{}'`, id); n != 2 {
		t.Error("rows in the trail:", n)
	}
}

// What the calls came to, each figure as long as its list; beside the marks of answers only where five were reached.
func TestCallbackReport(t *testing.T) {
	w := newCallWorld(t)
	w.At("2026-04-20")
	said := []worldtest.Object{{"seen": "yes", "filled": "officer", "beside": "yes"}, {"seen": "yes", "filled": "own", "beside": "no"}, {"seen": "no", "filled": "nobody"}, {"seen": "no", "filled": "other"}, {"seen": "unsure", "filled": "own"}}
	var visits []uuid.UUID
	for range said {
		v := w.came(w.Agency1, "2026-04-09", "2026-04-09 18:00")
		w.answers(v)
		visits = append(visits, v)
	}
	few := w.came(w.Agency2, "2026-04-09", "2026-04-09 18:00")
	w.answers(few)
	w.Exec(`UPDATE feedbacks SET suspect = true WHERE ticket_id = (SELECT id FROM tickets WHERE visit_id = $1)`, visits[1])
	w.share(100, 1)
	w.At("2026-05-06")
	w.draw()
	w.call(200, w.of(few), worldtest.Object{"result": "reached", "filled": "officer"})
	for i, v := range visits {
		if i == len(visits)-1 {
			for _, a := range w.report().Agencies {
				if a.Against != nil {
					t.Error("beside the marks with fewer than five:", a.Agency, a.Reached)
				}
			}
		}
		said[i]["result"] = "reached"
		w.call(200, w.of(v), said[i])
	}
	got := w.report()
	if len(got.Agencies) != 2 || len(got.Rounds) != 1 || got.Rounds[0].Pool != 6 {
		t.Fatalf("%+v", got)
	}
	for _, a := range got.Agencies {
		for query, n := range map[string]int{"": a.Drawn, "&state=open": a.Open, "&state=reached": a.Reached, "&state=unreached": a.Unreached, "&state=declined": a.Declined,
			"&seen=no": a.NoCode, "&filled=officer": a.ByOfficer, "&filled=other": a.ByOther} {
			if l := len(w.list("?agency_id=" + a.AgencyID.String() + query)); l != n {
				t.Errorf("%s %q: figure %d, list %d", a.Agency, query, n, l)
			}
		}
		if (a.Against == nil) != (a.AgencyID == w.Agency2) {
			t.Errorf("%+v", a)
		}
		if a.Against != nil && (*a.Against != CallbackAgainst{Unmarked: 2, Marked: 1, Unknown: 1} || a.NoCode != 2 || a.ByOfficer != 1 || a.ByOther != 1 || a.Beside != 1) {
			t.Errorf("%+v %+v", a, *a.Against)
		}
	}
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE suspect`); n != 1 {
		t.Error("a call has marked an answer:", n)
	}
}

// One deed makes a lead of what was told; it names nobody, and the call-back does not remember it.
func TestCallbackLead(t *testing.T) {
	w := newCallWorld(t)
	visit := w.came(w.Agency1, "2026-04-09", "2026-04-09 18:00")
	w.At("2026-05-06")
	w.draw()
	id := w.of(visit)
	d, _ := w.calls.Get(context.Background(), w.People["county"], uuid.MustParse(id))
	w.call(200, id, worldtest.Object{"result": "unreached"})
	path := "/api/callbacks/" + id + "/lead"
	for _, fact := range []string{"短", d.Business + "说没有出示证件。", "0373 4567890的人说没有出示证件。", "编号" + d.Visit + "的检查没有出示证件。", "打13800001111可以问到。"} {
		if a := w.As("county", "POST", path, CallbackLead{ID: uuid.New(), Fact: fact}, nil); a.Code != 422 {
			t.Errorf("%q: %d %s", fact, a.Code, a.Body)
		}
	}
	in := CallbackLead{ID: uuid.New(), Category: "procedure", Fact: "执法人员没有出示证件，也没有说明来意。"}
	for range 2 { // the same id again is the same lead
		if a := w.As("county", "POST", path, in, nil); a.Code != 200 || !strings.Contains(a.Body, "XS2026-0001") {
			t.Error(a.Code, a.Body)
		}
	}
	var l worldtest.Object
	w.As("county", "GET", "/api/leads/"+in.ID.String(), nil, &l)
	raw, _ := json.Marshal(l)
	for _, s := range []string{d.Business, d.Visit, id, visit.String()} {
		if strings.Contains(string(raw), s) {
			t.Errorf("the lead knows %q: %s", s, raw)
		}
	}
	if a := w.As("office", "GET", "/api/leads/"+in.ID.String(), nil, nil); a.Code != 404 {
		t.Error("the office reads it before the county has decided:", a.Code)
	}
}

func TestCallbackSettings(t *testing.T) {
	w := newCallWorld(t)
	for _, c := range []struct {
		in   CallbackSettings
		want int
	}{
		{CallbackSettings{Share: 9, Least: 1, Version: 1}, 422}, {CallbackSettings{Share: 101, Least: 1, Version: 1}, 422}, {CallbackSettings{Share: 10, Least: 0, Version: 1}, 422},
		{CallbackSettings{Share: 30, Least: 2, Version: 1}, 200}, {CallbackSettings{Share: 40, Least: 2, Version: 1}, 409},
	} {
		if a := w.As("county", "PUT", "/api/callbacks/settings", c.in, nil); a.Code != c.want {
			t.Errorf("%+v: %d %s", c.in, a.Code, a.Body)
		}
	}
	if err := w.calls.SaveSettings(context.Background(), actor.System, CallbackSettings{Share: 5, Least: 1, Version: 2}); err == nil {
		t.Error("below the floor")
	}
}
