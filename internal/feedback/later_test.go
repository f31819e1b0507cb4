package feedback

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
	"suixing/internal/worldtest"
)

// withCookies sends a form or asks for a page with what a browser keeps.
func (w *world) withCookies(method, path string, v url.Values, cookies map[string]string) answer {
	w.Helper()
	req, err := http.NewRequest(method, w.Base+path, strings.NewReader(v.Encode()))
	w.Must(err)
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, c := range cookies {
		req.AddCookie(&http.Cookie{Name: k, Value: c})
	}
	a := w.Send(req)
	res := http.Response{Header: a.Header}
	for _, c := range res.Cookies() {
		if !c.HttpOnly || c.Path != "/f" {
			w.Errorf("cookie %s: %+v", c.Name, c)
		}
		if cookies[c.Name] = c.Value; c.MaxAge < 0 || c.Value == "" {
			delete(cookies, c.Name)
		}
	}
	return a
}

func TestDraftWaitsOnItsPhone(t *testing.T) {
	w := newWorld(t)
	path, ticket, _ := w.bound()
	phone := map[string]string{}
	half := with(good(), "go", "save", "F7", "y", "O2", "希望提前通知", "P1", "y", "P2", "王小满")
	half.Del("F3")
	saved := w.withCookies("POST", path, half, phone)
	if saved.Code != 200 || !strings.Contains(saved.Body, "存好了，还没有提交") || w.Count(`SELECT count(*) FROM feedbacks`) != 0 {
		t.Fatal(saved.Code, visible(saved.Body))
	}
	for _, p := range []string{path, w.Post("/f", url.Values{"code": {ticket.Short}}).Location} { // scanned or typed
		back := w.withCookies("GET", p, nil, phone)
		for _, want := range []string{`name="F7" value="y" checked`, "希望提前通知</textarea>", `value="王小满"`, `id="P1y" value="y" checked`} {
			if !strings.Contains(back.Body, want) {
				t.Errorf("lost: %q", want)
			}
		}
	}
	other := w.Get(path) // the supervisor scans her own screen
	if strings.Contains(other.Body, "王小满") || strings.Contains(other.Body, `name="F7" value="y" checked`) {
		t.Error("another phone reads the draft")
	}
	if strings.Contains(w.dump()+w.Logged.String(), "王小满") {
		t.Error("the server keeps the draft")
	}
	for name, v := range phone {
		if strings.Contains(v, "王小满") || len(v) > 4000 {
			t.Error(name, v)
		}
	}
	if a := w.withCookies("POST", path, with(good(), "O2", "好"), phone); a.Code != 303 {
		t.Fatal(a.Code, visible(a.Body))
	}
	for name := range phone {
		if mark, _ := w.s.spentMark(ticket.ID); name != deviceCookie && name != mark {
			t.Error("the draft is still on the phone:", name)
		}
	}
	spent := w.withCookies("GET", path, nil, phone)
	if !strings.Contains(spent.Body, "这张表已经填过") || !strings.Contains(spent.Body, "再填一份") {
		t.Error(visible(spent.Body))
	}
	if again := w.withCookies("GET", path+"?again=1", nil, phone); !strings.Contains(again.Body, "<form") {
		t.Error("no way to a second answer")
	}
	long := with(good(), "go", "save", "O1", randomHan(500), "O2", randomHan(300), "business", randomHan(60), "P2", randomHan(30))
	full := w.withCookies("POST", path, long, map[string]string{})
	if full.Code != 200 || !strings.Contains(full.Body, "存好了") && !strings.Contains(full.Body, "存不下") || !strings.Contains(full.Body, long.Get("O1")) {
		t.Error("a long draft is neither kept nor given back")
	}
}

func randomHan(n int) string {
	out := make([]rune, n)
	for i := range out {
		out[i] = rune(0x4e00 + (i*7919+n*31)%20000)
	}
	return string(out)
}

func TestOneWordAfterTheAnswer(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	code := w.Receipt(w.Post(path, with(good(), "R0", "1", "O1", "太慢了")))
	ask := func(pairs ...string) answer { return w.Post("/f/more", with(url.Values{"r": {code}}, pairs...)) }
	if a := ask("M", "5"); !strings.Contains(a.Body, "还没有答复") {
		t.Error(visible(a.Body))
	}
	var list struct{ Items []AnswerItem }
	w.As("office", "GET", "/api/feedback", nil, &list)
	one := "/api/feedback/" + list.Items[0].ID.String()
	w.As("office", "POST", one+"/answer", Words{"已核实，已提醒执法单位。", true}, nil)
	if a := ask(); !strings.Contains(a.Body, "已核实，已提醒执法单位。") || !strings.Contains(a.Body, `name="M"`) {
		t.Error(visible(a.Body))
	}
	if a := ask("M", "", "M1", "留着我"); a.Code != 422 || !strings.Contains(a.Body, "留着我</textarea>") {
		t.Error(a.Code, visible(a.Body))
	}
	if a := ask("M", "2", "M1", "还是没有解决"); !strings.Contains(a.Body, "追评已经记下") {
		t.Error(a.Code, visible(a.Body))
	}
	if a := ask("M", "5"); !strings.Contains(a.Body, "已经追评过一次") {
		t.Error(visible(a.Body))
	}
	if a := w.Post("/f/more", url.Values{"r": {"7KQ4 M2XA T9DR 0000"}}); a.Code != 422 {
		t.Error(a.Code)
	}
	w.settle()
	var d AnswerDetail
	w.As("county", "GET", one, nil, &d)
	if d.MoreOverall == nil || *d.MoreOverall != 2 || d.MoreText != "还是没有解决" || !d.More || d.Overall != 1 {
		t.Errorf("%+v", d)
	}
	if n := w.Count(`SELECT sum((detail->>'count')::int) FROM audit_log WHERE deed = 'feedback.more'`); n != 1 {
		t.Error("the trail counts", n)
	}
	w.As("office", "POST", one+"/agency-text", Words{"一家企业反映检查占用时间长。", true}, &d)
	if d.AgencyText == "" || w.As("agency", "POST", one+"/agency-text", map[string]string{"text": "x"}, nil).Code != 403 {
		t.Error("the agency's text", d.AgencyText)
	}
}

func TestTicketsChangeHands(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	old, first, visit := w.bound()
	var again Ticket
	if a := w.As("supervisor", "POST", "/api/tickets/reissue", map[string]any{"visit_id": visit}, nil); a.Code != 404 {
		t.Error("a supervisor who was not there got a ticket", a.Code)
	}
	if a := w.As("office2", "POST", "/api/tickets/reissue", map[string]any{"visit_id": visit}, nil); a.Code != 404 {
		t.Error("another office", a.Code)
	}
	if a := w.As("office", "POST", "/api/tickets/reissue", map[string]any{"visit_id": visit}, &again); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	fresh := strings.TrimPrefix(again.URL, "http://suixing.example")
	if w.Get(old).Code != 404 || w.Get(fresh).Code != 200 {
		t.Error("the old code is good, or the new one is not")
	}
	w.Receipt(w.Post(fresh, good()))
	if a := w.As("office", "POST", "/api/tickets/reissue", map[string]any{"visit_id": visit}, nil); a.Code != 409 {
		t.Error("a code that was answered was replaced", a.Code)
	}
	w.Must(w.bind(first.ID, visit)) // the sheet comes again with its old ticket: nothing changes
	if n := w.Count(`SELECT count(*) FROM tickets WHERE visit_id = $1 AND revoked_at IS NULL`, visit); n != 1 {
		t.Error("good tickets of the visit:", n)
	}
	device, second := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO devices (id, account_id, name, secret_hash, created_at, seen_at) VALUES ($1, $2, '手机', 'x', now(), now())`, device, w.People["supervisor"].ID)
	b, err := w.s.Issue(ctx, w.People["supervisor"], &TicketOrder{RequestID: uuid.New(), Count: 3, DeviceID: worldtest.Some(device)})
	w.Must(err)
	w.Exec(`INSERT INTO devices (id, account_id, name, secret_hash, created_at, seen_at) VALUES ($1, $2, '另一部', 'y', now(), now())`, second, w.People["supervisor"].ID)
	other, err := w.s.Issue(ctx, w.People["supervisor"], &TicketOrder{RequestID: uuid.New(), Count: 1, DeviceID: worldtest.Some(second)})
	w.Must(err)
	loose := strings.TrimPrefix(other.Items[0].URL, "http://suixing.example")
	w.Must(w.Env.DB.InTx(ctx, func(tx *db.DB) error {
		n, err := w.s.RevokeDeviceTickets(ctx, tx, actor.System, device, w.Env.Clock.Now())
		if n != 3 {
			t.Error("revoked with the phone:", n)
		}
		return err
	}))
	if w.Get(strings.TrimPrefix(b.Items[0].URL, "http://suixing.example")).Code != 404 || w.Get(loose).Code != 200 {
		t.Error("the lost phone's tickets, and only they, end")
	}
	var batch Batch
	w.As("supervisor", "POST", "/api/tickets/rotate", map[string]any{"request_id": uuid.New(), "count": 5}, &batch)
	if len(batch.Items) != 5 || w.Get(loose).Code != 404 || w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'ticket.rotate' AND detail->>'revoked' = '1'`) != 1 {
		t.Error("rotation")
	}
}

// The person who supervised a visit reads its rating nowhere, though she works at the desk too.
func TestNobodyReadsHerOwnRating(t *testing.T) {
	w := newWorld(t)
	path, _, visit := w.bound()
	w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, visit, w.People["office"].ID)
	w.Receipt(w.Post(path, with(good(), "R0", "1", "O1", "太慢了")))
	id := ""
	w.Must(w.Env.Owner.Get(context.Background(), &id, `SELECT id::text FROM feedbacks`))
	var list struct {
		Items []AnswerItem
		Total int
	}
	w.As("office", "GET", "/api/feedback", nil, &list)
	if len(list.Items) != 0 || list.Total != 0 || w.As("office", "GET", "/api/feedback/"+id, nil, nil).Code != 404 || w.As("office", "POST", "/api/feedback/"+id+"/answer", Words{"已经核实清楚", true}, nil).Code != 404 {
		t.Error("she reads the rating of her own visit")
	}
	if w.As("county", "GET", "/api/feedback/"+id, nil, nil).Code != 200 {
		t.Error("the county does not")
	}
}

func TestSettlementWaitsForTheHour(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	path, _, _ := w.bound()
	w.Receipt(w.Post(path, with(good(), "F9", "y", "O1", "要烟")))
	w.Env.Clock.Add(time.Hour + settleLate - time.Second)
	w.Must(w.s.Settle(ctx, false))
	if n := w.Count(`SELECT count(*) FROM leads`); n != 0 {
		t.Error("settled while the hour still takes in what was under way")
	}
	w.Env.Clock.Add(time.Second)
	for range 3 { // again changes nothing
		w.Must(w.s.Settle(ctx, false))
	}
	if w.Count(`SELECT count(*) FROM leads WHERE category = 'integrity'`) != 1 || w.Count(`SELECT count(*) FROM audit_log WHERE actor_role = 'public'`) != 1 || w.Count(`SELECT count(*) FROM feedbacks WHERE settled = 2`) != 1 {
		t.Error("not settled once")
	}
}
