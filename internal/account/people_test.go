package account

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

func TestOnlyTheAdministratorRunsAccounts(t *testing.T) {
	h := newHouse(t)
	for _, role := range actor.Roles {
		if role == actor.Admin {
			continue
		}
		h.person(t, string(role), role)
		token := h.login(t, string(role))
		for _, c := range []struct{ method, path string }{
			{"GET", "/api/accounts"}, {"POST", "/api/accounts"}, {"GET", "/api/accounts/" + h.admin.ID.String()}, {"POST", "/api/accounts/" + h.admin.ID.String() + "/reset"},
		} {
			var body any
			if c.path == "/api/accounts" && c.method == "POST" {
				body = m{"username": "x.y", "name": "某某", "role": "admin"}
			}
			if res := h.do(t, token, c.method, c.path, body); res.status != 403 {
				t.Errorf("%s %s %s: %d", role, c.method, c.path, res.status)
			}
		}
		if res := h.do(t, token, "GET", "/api/audit", nil); (res.status == 200) != (role == actor.Auditor) {
			t.Errorf("%s reads the trail: %d", role, res.status)
		}
	}
	if res := h.do(t, h.login(t, "admin"), "GET", "/api/audit", nil); res.status != 403 {
		t.Errorf("the administrator reads the trail: %d", res.status)
	}
}

func TestAccountForms(t *testing.T) {
	h := newHouse(t)
	token := h.login(t, "admin")
	form := func(change m) m {
		f := m{"username": "li.si", "name": "李示例", "role": "office", "office_id": h.west.String()}
		for k, v := range change {
			f[k] = v
		}
		return f
	}
	for name, c := range map[string]struct {
		change m
		status int
	}{
		"short name": {m{"name": "李"}, 422}, "bad username": {m{"username": "李四"}, 422}, "no office": {m{"office_id": nil}, 422},
		"unknown office": {m{"office_id": uuid.NewString()}, 422}, "unknown role": {m{"role": "king"}, 422}, "agency without agency": {m{"role": "agency"}, 422},
		"password brought along": {m{"password": "x"}, 422}, "id brought along": {m{"id": uuid.NewString()}, 422}, "must_change brought along": {m{"must_change": false}, 422},
		"bad date": {m{"certificate": "JD-1", "certificate_until": "明年"}, 422}, "taken": {m{"username": "ADMIN"}, 409},
	} {
		if res := h.do(t, token, "POST", "/api/accounts", form(c.change)); res.status != c.status {
			t.Errorf("%s: %d %s", name, res.status, res.raw)
		}
	}
	res := h.do(t, token, "POST", "/api/accounts", form(m{"role": "supervisor", "certificate": "JD-0001", "certificate_until": "2026-05-06"}))
	if res.status != 200 {
		t.Fatalf("%s", res.raw)
	}
	a := res.body["account"].(map[string]any)
	id, _ := uuid.Parse(a["id"].(string))
	if a["office_name"] != "示例镇A司法所" || a["must_change"] != true {
		t.Errorf("%v", a)
	}
	if res := h.do(t, token, "PATCH", "/api/accounts/"+id.String(), m{"version": 1, "username": "other"}); res.status != 422 {
		t.Errorf("the username was changed: %d", res.status)
	}
	if res := h.do(t, token, "PATCH", "/api/accounts/"+id.String(), m{"version": 7, "name": "王示例"}); res.status != 409 || res.body["code"] != "stale" {
		t.Errorf("%d %s", res.status, res.raw)
	}
	if res := h.do(t, token, "PATCH", "/api/accounts/"+id.String(), m{"version": 1, "role": "county", "certificate_until": ""}); res.status != 200 || res.body["office_id"] != nil || res.body["certificate_until"] != nil {
		t.Errorf("%d %s", res.status, res.raw)
	}
	if res := h.do(t, token, "GET", "/api/accounts?q=%25", nil); len(res.body["items"].([]any)) != 0 {
		t.Error("% matched everything")
	}
	if res := h.do(t, token, "GET", "/api/accounts?q=%E6%9D%8E%E7%A4%BA&role=county&active=true", nil); len(res.body["items"].([]any)) != 1 {
		t.Errorf("%s", res.raw)
	}
}

func TestCertificateMakesCertified(t *testing.T) {
	h := newHouse(t)
	a := h.person(t, "sup", actor.Supervisor)
	h.exec(t, `UPDATE accounts SET certificate = 'JD-1', certificate_until = '2026-05-06' WHERE id = $1`, a.ID)
	token := h.login(t, "sup")
	if who, _, _ := h.s.Authenticate(bg, token); !who.Certified {
		t.Error("a certificate holds on its last day")
	}
	h.Clock.Set(time.Date(2026, 5, 6, 16, 0, 1, 0, time.UTC)) // midnight in Shanghai has passed
	token = h.login(t, "sup")
	if who, _, _ := h.s.Authenticate(bg, token); who.Certified {
		t.Error("an expired certificate still allows to stop an enforcement")
	}
}

// visit and problem stand in for the features that pass their hand-overs in: real rows, real updates.
func (h *house) openWork(t *testing.T, person uuid.UUID) (visit, problem uuid.UUID) {
	t.Helper()
	visit, problem = uuid.New(), uuid.New()
	h.exec(t, `INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, created_at) VALUES ($1, 'BS2026-0001', 'planned', $2, $3, '示例小吃店', 'safety', 'planned', $4)`, visit, h.west, h.team, h.Clock.Now())
	h.exec(t, `INSERT INTO visit_supervisors VALUES ($1, $2)`, visit, person)
	h.exec(t, `INSERT INTO problems (id, number, office_id, agency_id, origin, severity, category, fact, found_on, state, handler_id, registered_at)
		VALUES ($1, 'WT2026-0001', $2, $3, 'visit', 'general', 'procedure', '未出示证件', '2026-05-06', 'confirmed', $4, $5)`, problem, h.west, h.team, person, h.Clock.Now())
	return visit, problem
}

// handsOver passes in what the features do when a person leaves a post.
func (h *house) handsOver() {
	for _, q := range []string{`UPDATE visit_supervisors SET account_id = $2 WHERE account_id = $1`, `UPDATE problems SET handler_id = $2 WHERE handler_id = $1 AND closed_at IS NULL`} {
		h.s.AddHandOver(func(ctx context.Context, tx *db.DB, from, to uuid.UUID, _ time.Time) (int, error) {
			n, err := tx.Exec(ctx, q, from, to)
			return int(n), err
		})
	}
}

func TestLeaving(t *testing.T) {
	h := newHouse(t)
	a, next := h.person(t, "office", actor.Office), h.person(t, "next", actor.Office)
	elsewhere := h.person(t, "far", actor.Office)
	h.exec(t, `UPDATE accounts SET office_id = $2 WHERE id = $1`, elsewhere.ID, h.east)
	session := h.login(t, "office")
	visit, problem := h.openWork(t, a.ID)
	admin := h.login(t, "admin")
	path := "/api/accounts/" + a.ID.String()
	work := h.do(t, admin, "GET", path+"/open-work", nil)
	if len(work.body["visits"].([]any)) != 1 || len(work.body["problems"].([]any)) != 1 || contains(work.raw, "小吃店") || contains(work.raw, "证件") {
		t.Fatalf("the administrator sees numbers, and nothing of the cases: %s", work.raw)
	}
	leave := func(successor any, reason string) response {
		return h.do(t, admin, "POST", path+"/leave", m{"successor_id": successor, "reason": reason})
	}
	if res := leave(nil, "调离"); res.status != 409 || res.body["code"] != "open_work" {
		t.Errorf("left with open work: %d %s", res.status, res.raw)
	}
	if res := leave(next.ID, ""); res.status != 422 {
		t.Errorf("without a reason: %d", res.status)
	}
	for name, id := range map[string]uuid.UUID{"another township": elsewhere.ID, "oneself": a.ID, "nobody": uuid.New(), "the administrator": h.admin.ID} {
		if res := leave(id, "调离"); res.status != 422 || !contains(res.raw, "successor_id") {
			t.Errorf("%s took over: %d %s", name, res.status, res.raw)
		}
	}
	if res := leave(next.ID, "调离"); res.status != 409 {
		t.Errorf("no feature handed its work over, and the person left: %d", res.status)
	}
	h.handsOver()
	if res := leave(next.ID, "调离"); res.status != 200 || res.body["moved"] != float64(2) {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	if n := h.count(t, `SELECT count(*) FROM problems p JOIN visit_supervisors v ON v.visit_id = $2 AND v.account_id = $3 WHERE p.id = $1 AND p.handler_id = $3`, problem, visit, next.ID); n != 1 {
		t.Error("the work did not move")
	}
	if h.do(t, session, "GET", "/api/session", nil).status != 401 {
		t.Error("the session outlived the leaving")
	}
	if res := h.do(t, admin, "POST", path+"/reset", nil); res.status != 409 {
		t.Errorf("a password for one who left: %d", res.status)
	}
	back := h.do(t, admin, "POST", path+"/return", nil)
	if back.status != 200 || h.do(t, "", "POST", "/api/session", m{"username": "office", "password": back.body["initial_password"]}).body["must_change"] != true {
		t.Errorf("%s", back.raw)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := newHouse(t)
	if _, err := h.s.Leave(bg, h.admin, h.admin.ID, none0, "x"); fault.CodeOf(err) != "own_account" {
		t.Errorf("%v", err)
	}
	if _, err := h.s.Leave(bg, actor.System, h.admin.ID, none0, "x"); fault.CodeOf(err) != "last_admin" {
		t.Errorf("%v", err)
	}
	role := actor.County
	if _, err := h.s.ChangeAccount(bg, actor.System, h.admin.ID, Patch{Role: &role, Version: 1}); fault.CodeOf(err) != "last_admin" {
		t.Errorf("%v", err)
	}
	if _, err := h.s.ChangeAccount(bg, h.admin, h.admin.ID, Patch{Role: &role, Version: 1}); fault.CodeOf(err) != "own_role" {
		t.Errorf("%v", err)
	}
}

func TestMovingEndsSessionsAndWaitsForOpenWork(t *testing.T) {
	h := newHouse(t)
	a := h.person(t, "office", actor.Office)
	session := h.login(t, "office")
	_, problem := h.openWork(t, a.ID)
	east := uuid.NullUUID{UUID: h.east, Valid: true}
	if _, err := h.s.ChangeAccount(bg, h.admin, a.ID, Patch{OfficeID: &east, Version: 1}); fault.CodeOf(err) != "open_work" {
		t.Errorf("%v", err)
	}
	h.exec(t, `UPDATE problems SET closed_at = $2, state = 'closed' WHERE id = $1`, problem, h.Clock.Now())
	h.exec(t, `DELETE FROM visit_supervisors`)
	name := "新名字"
	if _, err := h.s.ChangeAccount(bg, h.admin, a.ID, Patch{Name: &name, Version: 1}); err != nil || h.do(t, session, "GET", "/api/session", nil).status != 200 {
		t.Errorf("a new name ended the session: %v", err)
	}
	if _, err := h.s.ChangeAccount(bg, h.admin, a.ID, Patch{OfficeID: &east, Version: 2}); err != nil || h.do(t, session, "GET", "/api/session", nil).status != 401 {
		t.Errorf("the old scope goes on: %v", err)
	}
}

func TestMovingHandsOpenWorkOver(t *testing.T) {
	h := newHouse(t)
	a, next, far := h.person(t, "office", actor.Office), h.person(t, "next", actor.Office), h.person(t, "far", actor.Office)
	h.exec(t, `UPDATE accounts SET office_id = $2 WHERE id = $1`, far.ID, h.east)
	session := h.login(t, "office")
	_, problem := h.openWork(t, a.ID)
	h.handsOver()
	admin := h.login(t, "admin")
	patch := func(more m) response {
		body := m{"version": 1, "office_id": h.east}
		for k, v := range more {
			body[k] = v
		}
		return h.do(t, admin, "PATCH", "/api/accounts/"+a.ID.String(), body)
	}
	if res := patch(nil); res.status != 409 || res.body["code"] != "open_work" {
		t.Errorf("moved with open work: %d %s", res.status, res.raw)
	}
	if res := patch(m{"successor_id": next.ID}); res.status != 422 || !contains(res.raw, `"reason"`) {
		t.Errorf("without a reason: %d %s", res.status, res.raw)
	}
	if res := patch(m{"successor_id": far.ID, "reason": "轮岗"}); res.status != 422 || !contains(res.raw, "successor_id") {
		t.Errorf("one of the new place, who does not see the work, took over: %d %s", res.status, res.raw)
	}
	if res := patch(m{"office_id": h.west, "successor_id": next.ID, "reason": "轮岗"}); res.status != 422 {
		t.Errorf("work of one who stays was handed over: %d %s", res.status, res.raw)
	}
	if n := h.count(t, `SELECT count(*) FROM problems WHERE id = $1 AND handler_id = $2`, problem, a.ID); n != 1 || h.do(t, session, "GET", "/api/session", nil).status != 200 {
		t.Error("a refused move left traces")
	}
	if res := patch(m{"successor_id": next.ID, "reason": "轮岗"}); res.status != 200 || res.body["office_id"] != h.east.String() || res.body["active"] != true {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	if n := h.count(t, `SELECT count(*) FROM problems p JOIN visit_supervisors v ON v.account_id = p.handler_id WHERE p.id = $1 AND p.handler_id = $2`, problem, next.ID); n != 1 {
		t.Error("the work did not move")
	}
	if h.do(t, session, "GET", "/api/session", nil).status != 401 {
		t.Error("the old scope goes on")
	}
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE deed = 'account.change' AND detail->>'moved' = '2' AND detail->>'successor' = $1 AND detail->>'reason' = '轮岗'`, next.ID.String()); n != 1 {
		t.Error("the trail does not tell who took over, and why")
	}
}

func TestDraftsAreOpenWork(t *testing.T) {
	h := newHouse(t)
	a := h.person(t, "hotline", actor.Hotline)
	h.exec(t, `INSERT INTO complaint_drafts (id, account_id, body, saved_at) VALUES ($1, $2, 'sealed', $3)`, uuid.New(), a.ID, h.Clock.Now())
	admin := h.login(t, "admin")
	if res := h.do(t, admin, "GET", "/api/accounts/"+a.ID.String()+"/open-work", nil); res.body["drafts"] != float64(1) || contains(res.raw, "sealed") {
		t.Errorf("%s", res.raw)
	}
	if res := h.do(t, admin, "POST", "/api/accounts/"+a.ID.String()+"/leave", m{"reason": "辞职"}); res.status != 409 || res.body["code"] != "open_work" {
		t.Errorf("left, and nobody reads what callers said: %d %s", res.status, res.raw)
	}
	role := actor.Auditor
	if _, err := h.s.ChangeAccount(bg, h.admin, a.ID, Patch{Role: &role, Version: 1}); fault.CodeOf(err) != "open_work" {
		t.Errorf("%v", err)
	}
}

func TestColleaguesInSight(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	h.person(t, "sup", actor.Supervisor)
	far := h.person(t, "far", actor.Supervisor)
	h.exec(t, `UPDATE accounts SET office_id = $2 WHERE id = $1`, far.ID, h.east)
	h.person(t, "agency", actor.Agency)
	h.person(t, "county", actor.County)
	for who, want := range map[string]int{"office": 1, "county": 2} {
		if res := h.do(t, h.login(t, who), "GET", "/api/colleagues?role=supervisor", nil); len(res.body["items"].([]any)) != want {
			t.Errorf("%s: %s", who, res.raw)
		}
	}
	if res := h.do(t, h.login(t, "agency"), "GET", "/api/colleagues", nil); res.status != 403 {
		t.Errorf("an agency reads names: %d", res.status)
	}
}

func TestTrail(t *testing.T) {
	h := newHouse(t)
	h.person(t, "auditor", actor.Auditor)
	h.login(t, "admin")
	token := h.login(t, "auditor")
	if n, err := audit.Seal(bg, h.DB, h.Clock.Now(), 1000); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	head := h.do(t, token, "GET", "/api/audit/head", nil)
	if head.status != 200 || len(head.body["head"].(string)) != 64 {
		t.Errorf("%s", head.raw)
	}
	h.login(t, "admin")
	res := h.do(t, token, "GET", "/api/audit?deed=session&actor=admin&from=2026-05-06&to=2026-05-06", nil)
	items := res.body["items"].([]any)
	if len(items) != 2 || items[0].(map[string]any)["sealed"] != false || items[1].(map[string]any)["sealed"] != true {
		t.Fatalf("%s", res.raw)
	}
	if res := h.do(t, token, "GET", "/api/audit?from=2026-05-07", nil); len(res.body["items"].([]any)) != 0 {
		t.Errorf("%s", res.raw)
	}
	for range 130 {
		if err := h.s.note(bg, actor.System, "test.row", uuid.Nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	first := h.do(t, token, "GET", "/api/audit?deed=test", nil)
	second := h.do(t, token, "GET", "/api/audit?deed=test&after="+first.body["next"].(string), nil)
	if len(first.body["items"].([]any)) != 100 || len(second.body["items"].([]any)) != 30 || second.body["next"] != "" {
		t.Error("pages of the trail")
	}
}
