package complaint

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/dbtest"
	"suixing/internal/vault"
	"suixing/internal/worldtest"
)

// one is a complaint by telephone about the first agency, with a name, as the wire has it.
func one(fields ...any) map[string]any {
	m := map[string]any{"id": uuid.New(), "channel": "phone", "target": "示例镇A综合执法大队", "happened": "2026-05-04", "place": "西街", "fact": "电话里说：罚款没有票据，要求退还。",
		"anonymous": false, "name": "银丝雀先生", "phone": "0371-7654321", "address": "西街八号银丝雀", "reply_wanted": true, "category": "misconduct", "subcategory": "wanton_fine"}
	for i := 0; i+1 < len(fields); i += 2 {
		m[fields[i].(string)] = fields[i+1]
	}
	return m
}

func (w *world) taken(in map[string]any) Filed {
	w.Helper()
	var f Filed
	if a := w.As("hotline", "POST", "/api/complaints", in, &f); a.Code != 200 {
		w.Fatal(a.Code, a.Body)
	}
	return f
}

// do does a deed as who on the complaint as it now stands, and wants a status.
func (w *world) do(who string, id uuid.UUID, deed string, want int, fields map[string]any) *ComplaintDetail {
	w.Helper()
	var d ComplaintDetail
	w.As("county", "GET", "/api/complaints/"+id.String(), nil, &d)
	in := map[string]any{"version": d.Version}
	for k, v := range fields {
		in[k] = v
	}
	var after ComplaintDetail
	a := w.As(who, "POST", "/api/complaints/"+id.String()+"/"+deed, in, &after)
	if a.Code != want {
		w.Fatalf("%s by %s: %d %s", deed, who, a.Code, a.Body)
	}
	return &after
}

type fields = map[string]any

func TestFromCallToFile(t *testing.T) {
	w := newWorld(t)
	mate := w.Person("mate", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	f := w.taken(one())
	me := w.People["office"]
	d := w.do("office", f.ID, "classify", 200, fields{"category": "misconduct", "subcategory": "wanton_fee", "urgency": "urgent"})
	if d.DueOn != "2026-05-12" || d.DueRule != "DL01" || d.DueSum == nil || len(d.DueSum.Days) != 6 || d.DueSum.Basis == "" || d.Clock != "running" || d.Subcategory != "wanton_fee" {
		t.Fatalf("first due: %+v %+v", d.ComplaintItem, d.DueSum)
	}
	d = w.do("office", f.ID, "accept", 200, nil)
	if d.State != Accepted || d.DueOn != "2026-06-05" || d.DueSum.Rule != "DL02" || d.Handler != "测试员office" {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	d = w.do("office", f.ID, "assign", 200, fields{"first_id": me.ID, "second_id": mate.ID})
	if len(d.Investigators) != 2 || d.State != Investigating {
		t.Fatalf("%+v", d)
	}
	w.do("office2", f.ID, "decide", 404, fields{"finding": "unfounded", "text": "查过了，没有。"})
	w.do("county", f.ID, "decide", 403, fields{"finding": "unfounded", "text": "查过了，没有。"})
	w.do("office", f.ID, "ask-extension", 200, fields{"reason": "要调取录像"})
	w.do("office", f.ID, "extend", 403, nil)
	d = w.do("leader", f.ID, "extend", 200, nil)
	if d.DueOn != "2026-06-25" || !d.Extended || d.DueSum.Rule != "DL03" {
		t.Fatalf("extended: %+v", d.ComplaintItem)
	}
	w.do("office", f.ID, "decide", 409, fields{"finding": "founded", "text": "查实，罚款没有给票据。"})
	w.registered(f.ID)
	d = w.do("mate", f.ID, "decide", 200, fields{"finding": "founded", "text": "查实，罚款没有给票据，已登记为问题。"})
	if d.State != Proposed || d.DueOn != "2026-06-25" || d.DecidedAt != nil {
		t.Fatalf("written, not approved: %+v", d.ComplaintItem)
	}
	w.do("mate", f.ID, "approve", 403, nil)
	w.do("leader", f.ID, "send-back", 200, fields{"reason": "写明退多少钱"})
	w.do("mate", f.ID, "decide", 200, fields{"finding": "founded", "text": "查实，罚款没有给票据，退回二百元，已登记为问题。"})
	d = w.do("leader", f.ID, "approve", 200, nil)
	if d.State != Decided || d.DueOn != "2026-05-13" || d.DueRule != "DL04" || d.DecidedAt == nil {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	told := fields{"text": "您反映的情况属实，已要求该单位改正。", "how": "phone", "told_on": "2026-05-06", "deidentified": true}
	w.do("office", f.ID, "answer", 422, fields{"text": "您反映的情况属实。", "how": "phone", "told_on": "2026-05-06"})
	d = w.do("office", f.ID, "answer", 200, told)
	if d.State != Answered || d.DueRule != "DL23" {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	w.do("office", f.ID, "close", 409, fields{"text": "归档"})
	w.Exec(`UPDATE problems SET state = 'closed', closed_at = $1`, dbtest.Start)
	d = w.do("office", f.ID, "follow-up", 200, fields{"got_answer": "yes", "satisfied": "satisfied", "retaliation": "yes", "text": "第二天又来检查了一次"})
	if !d.Retaliation || d.DueOn != "" {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	d = w.do("office", f.ID, "close", 200, fields{"text": "归档"})
	if d.State != Closed || d.ClosedAt == nil || len(d.Events) != 13 {
		t.Fatalf("%+v %d events", d.ComplaintItem, len(d.Events))
	}
	d = w.do("county", f.ID, "reopen", 200, fields{"reason": "有新的录像"})
	if d.State != Accepted || d.Reopened != 1 || d.DueOn != "2026-06-05" {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed LIKE 'complaint.%' AND subject_id = $1`, f.ID); n != 14 {
		t.Errorf("%d rows in the trail", n)
	}
	if n := w.Count(`SELECT count(*) FROM complaints`); n != 1 {
		t.Errorf("counted %d times", n)
	}
	w.stale(f.ID)
}

func (w *world) stale(id uuid.UUID) {
	w.Helper()
	if a := w.As("county", "POST", "/api/complaints/"+id.String()+"/supplement", fields{"version": 1, "text": "补充一句"}, nil); a.Code != 409 || !strings.Contains(a.Body, "stale") {
		w.Error(a.Code, a.Body)
	}
}

// registered is what triage does with a lead that is found true.
func (w *world) registered(id uuid.UUID) {
	w.Helper()
	problem := uuid.New()
	w.Exec(`INSERT INTO problems (id, number, office_id, agency_id, origin, severity, category, fact, found_on, state, registered_at)
		VALUES ($1, 'WT2026-0001', $2, $3, 'complaint', 'general', 'other', '事实', '2026-05-06', 'rectifying', $4)`, problem, w.Office1, w.Agency1, w.Env.Clock.Now())
	w.Exec(`UPDATE leads SET state = 'registered', problem_id = $1 WHERE origin_id = $2`, problem, id)
}

func TestRefusedToldAndTakenUpAgain(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	refuse := fields{"ground": "elsewhere", "text": "这件事已经在法院审理。", "remedies": "请等法院判决；不服可以上诉。", "how": "phone", "told_on": "2026-05-06", "deidentified": true}
	d := w.do("office", f.ID, "refuse", 200, refuse)
	if d.State != Refused || d.LeadState != "dismissed" || d.Ground != "elsewhere" {
		t.Fatalf("%+v", d)
	}
	page := w.Post("/t", url.Values{"r": {f.Receipt}})
	for _, want := range []string{`<h2 class="mt3">不予受理</h2>`, "这件事已经在法院审理。", "不服可以上诉"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the person does not read %q: %s", want, visible(page.Body))
		}
	}
	if strings.Contains(page.Body, "没有登记为问题") || strings.Contains(page.Body, "银丝雀") || strings.Contains(page.Body, "西街") {
		t.Error(visible(page.Body))
	}
	d = w.do("office", f.ID, "reopen", 200, fields{"reason": "投诉人坚持，要求受理"})
	if d.State != Accepted || d.LeadState != "open" || w.Count(`SELECT count(*) FROM leads WHERE origin = 'complaint'`) != 2 {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	var list struct {
		Items []ComplaintItem
		Total int
	}
	if w.As("office", "GET", "/api/complaints", nil, &list); len(list.Items) != 1 || list.Total != 1 {
		t.Errorf("one complaint with two leads is listed %d times", len(list.Items))
	}
	w.do("office", f.ID, "transfer", 422, fields{"to": "示例镇A综合执法大队", "reason": "归他们管", "how": "phone", "told_on": "2026-05-06", "deidentified": true})
	d = w.do("office", f.ID, "transfer", 200, fields{"to": "县市场监管局", "reason": "不是行政执法", "how": "phone", "told_on": "2026-05-06", "deidentified": true})
	if d.State != Transferred || d.LeadState != "referred" || d.ReferredTo != "县市场监管局" {
		t.Fatalf("%+v", d)
	}
	if page = w.Post("/t", url.Values{"r": {f.Receipt}}); !strings.Contains(page.Body, "县市场监管局") || !strings.Contains(page.Body, "重新办理") {
		t.Error(visible(page.Body))
	}
}

func TestTrackTellsUntilWhen(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	ask := func(want string) {
		t.Helper()
		if page := w.Post("/t", url.Values{"r": {f.Receipt}}); !strings.Contains(visible(page.Body), want) {
			t.Errorf("no %q in %s", want, visible(page.Body))
		}
	}
	ask("最晚 2026年5月12日 告诉您是否受理。")
	w.do("office", f.ID, "accept", 200, nil)
	ask("已受理 最晚 2026年6月5日 查出结果。")
}

func TestNobodyHandlesHisOwn(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one("target", "示例镇A司法所", "fact", "司法所的人收了材料不给办，也不说为什么。"))
	if n := w.Count(`SELECT count(*) FROM complaints WHERE about = 'office' AND office_id IS NULL AND about_office_id = $1`, w.Office1); n != 1 {
		t.Fatal("an office got its own complaint")
	}
	if a := w.As("office", "GET", "/api/complaints/"+f.ID.String(), nil, nil); a.Code != 404 {
		t.Error("and can read it:", a.Code)
	}
	w.do("county", f.ID, "accept", 200, nil)
	b := w.taken(one("target", "示例县司法局", "id", uuid.New()))
	w.do("county", b.ID, "accept", 403, nil)
	w.do("county", b.ID, "transfer", 200, fields{"to": "县纪委监委", "reason": "反映本局", "how": "letter", "told_on": "2026-05-06", "deidentified": true})
	c := w.taken(one("officer", "司法所测试员office", "id", uuid.New()))
	w.do("office", c.ID, "accept", 403, nil)
	mate := w.Person("mate", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.do("mate", c.ID, "accept", 200, nil)
	w.do("mate", c.ID, "assign", 422, fields{"first_id": mate.ID, "second_id": w.People["office"].ID})
	d := w.do("mate", c.ID, "assign", 200, fields{"first_id": mate.ID, "second_id": w.People["county"].ID})
	for _, p := range d.People {
		if p.ID == w.People["office"].ID {
			t.Error("who is complained of is offered as investigator")
		}
	}
	d = w.do("mate", c.ID, "recuse", 200, fields{"account_id": mate.ID, "reason": "和当事人是亲戚"})
	if len(d.Investigators) != 1 || len(d.Recused) != 1 || d.Recused[0].Reason != "和当事人是亲戚" {
		t.Fatalf("%+v", d)
	}
	for who, want := range map[string]int{"mate": 403, "office": 403, "county": 200} {
		w.do(who, c.ID, "supplement", want, fields{"text": "补充一句"})
		w.do(who, c.ID, "classify", want, fields{"category": "manner", "urgency": "normal"})
	}
	w.do("mate", c.ID, "transfer", 403, fields{"to": "县纪委监委", "reason": "反映本局", "how": "letter", "told_on": "2026-05-06", "deidentified": true})
}

// T16: no list and no detail carries who spoke; each reveal is one row in the trail, with a mark to be shown.
func TestReveal(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	mate := w.Person("mate", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.Person("third", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	reveal := func(who string, want int) *vault.Revealed {
		t.Helper()
		var seen vault.Revealed
		before := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'vault.reveal'`)
		a := w.As(who, "POST", "/api/vault/reveal", fields{"case_kind": "complaint", "case_id": f.ID, "reason": "回电话核实票据"}, &seen)
		after := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'vault.reveal'`)
		if a.Code != want || (after-before == 1) != (want == 200) {
			t.Errorf("%s reveals: %d %s, %d rows", who, a.Code, a.Body, after-before)
		}
		return &seen
	}
	seen := reveal("office", 200)
	if seen.Name != "银丝雀先生" || seen.Mark != "测试员office 2026-05-06 10:00 查看 · 回电话核实票据" {
		t.Errorf("%+v", seen)
	}
	reveal("county", 403) // it lies with the office
	reveal("office2", 404)
	w.do("office", f.ID, "accept", 200, nil)
	w.do("office", f.ID, "assign", 200, fields{"first_id": w.People["county"].ID, "second_id": mate.ID})
	reveal("county", 403) // on the case, and alone
	var ask vault.Request
	if a := w.As("county", "POST", "/api/vault/requests", fields{"case_kind": "complaint", "case_id": f.ID, "reason": "回电话核实票据"}, &ask); a.Code != 200 || ask.Number == "" {
		t.Fatal(a.Code, a.Body)
	}
	agree := "/api/vault/requests/" + ask.ID.String() + "/approve"
	w.Person("kin", actor.Actor{Role: actor.County})
	w.do("county", f.ID, "recuse", 200, fields{"account_id": w.People["kin"].ID, "reason": "和当事人是亲戚"})
	if a := w.As("kin", "POST", agree, fields{"reason": "同意回电话核实"}, nil); a.Code != 404 {
		t.Error("who stands back agrees:", a.Code, a.Body)
	}
	if a := w.As("leader", "POST", agree, fields{"reason": "同意回电话核实"}, nil); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	reveal("county", 200)
	reveal("mate", 200)
	reveal("third", 403) // of the office, and not on the case: curiosity
	reveal("office", 403)
	w.do("mate", f.ID, "recuse", 200, fields{"account_id": mate.ID, "reason": "认识投诉人"})
	reveal("mate", 403)
	all := ""
	for who := range w.People {
		for _, path := range []string{"/api/complaints", "/api/complaints/" + f.ID.String(), "/api/complaints/counts", "/api/complaints/targets?q=银丝", "/api/complaints?q=银丝雀", "/api/complaints/drafts"} {
			all += w.As(who, "GET", path, nil, nil).Body
		}
		all += w.As(who, "POST", "/api/complaints/similar", fields{"target": "示例镇A综合执法大队", "fact": "罚款没有票据，要求退还。"}, nil).Body
	}
	for _, canary := range []string{"银丝雀", "7654321", "八号"} {
		if strings.Contains(all, canary) {
			t.Errorf("%s without a reveal", canary)
		}
	}
	// Go and SQL say the same of who handles a case.
	for name, who := range w.People {
		if !who.Is(actor.Office, actor.County) {
			continue
		}
		var may *bool
		w.Must(w.Env.Vault.Get(context.Background(), &may, `SELECT complaint_handler($1, $2, $3, $4)`, f.ID, who.ID, string(who.Role), who.OfficeID))
		c, err := readCase(context.Background(), w.Env.DB, who, f.ID, "")
		if inSight := err == nil; inSight != (may != nil) || inSight && c.handles(who) != *may {
			t.Errorf("%s: code %v, database %v", name, err == nil && c.handles(who), may)
		}
	}
}

func TestRightsOfThePerson(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	ask := fields{"verified": "回拨登记的电话，本人接听", "reason": "本人要求看登记了什么"}
	d := w.do("office", f.ID, "give-access", 200, ask)
	if d.Identity == nil || d.Identity.Phone != "0371-7654321" || d.Identity.Mark == "" {
		t.Fatalf("%+v", d.Identity)
	}
	if again := w.do("office", f.ID, "supplement", 200, fields{"text": "补充一句"}); again.Identity != nil {
		t.Error("another deed carries the identity")
	}
	d = w.do("office", f.ID, "correct-person", 200, fields{"verified": "当面核对身份证", "reason": "电话登记错了", "name": "银丝雀先生", "phone": "13911112222"})
	if !d.HasContact || w.Count(`SELECT count(*) FROM vault.identities`) != 1 {
		t.Error("corrected, and not one in its place")
	}
	if d = w.do("office", f.ID, "give-access", 200, ask); d.Identity.Phone != "13911112222" || d.Identity.Address != "" {
		t.Errorf("%+v", d.Identity)
	}
	w.do("office2", f.ID, "erase-person", 404, ask)
	w.do("county", f.ID, "erase-person", 403, ask)
	d = w.do("office", f.ID, "erase-person", 200, ask)
	if d.HasContact || d.MayReveal || d.ShreddedOn != "2026-05-06" || w.Count(`SELECT count(*) FROM vault.data_keys`) != 0 {
		t.Errorf("erased: %+v", d)
	}
	w.do("office", f.ID, "erase-person", 409, ask)
	for deed, n := range map[string]int{"vault.reveal": 2, "vault.correct": 1, "vault.erase": 1, "complaint.give_access": 2, "complaint.correct_person": 1, "complaint.erase_person": 1} {
		if got := w.Count(`SELECT count(*) FROM audit_log WHERE deed = $1 AND subject_id = $2`, deed, f.ID); got != n {
			t.Errorf("%s: %d rows, want %d", deed, got, n)
		}
	}
	if n := w.Count(`SELECT count(*) FROM complaint_events e, audit_log a WHERE e.data::text || e.text || a.detail::text LIKE '%13911112222%'`); n != 0 {
		t.Error("a value of the person stands on the time line or in the trail")
	}
}

func TestRetentionOfComplaints(t *testing.T) {
	w := newWorld(t)
	open, done, refused := w.taken(one()), w.taken(one("id", uuid.New())), w.taken(one("id", uuid.New()))
	w.Exec(`UPDATE complaints SET state = 'refused', decided_at = $2 WHERE id = $1`, refused.ID, dbtest.Start)
	w.Exec(`UPDATE complaints SET state = 'closed', closed_at = $2 WHERE id = $1`, done.ID, dbtest.Start)
	w.Env.Clock.Add(731 * 24 * time.Hour)
	keys := w.s.vault
	if n, err := keys.Expire(context.Background()); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if n := w.Count(`SELECT count(*) FROM complaints WHERE id = $1 AND NOT has_contact AND shredded_on = '2028-05-06'`, done.ID); n != 1 {
		t.Error("the closed one still says it has a contact")
	}
	if n := w.Count(`SELECT count(*) FROM complaints WHERE id = $1 AND has_contact`, open.ID); n != 1 {
		t.Error("an open one was shredded")
	}
}
