package complaint

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
	"suixing/internal/worldtest"
)

func TestComplaintWithoutScript(t *testing.T) {
	w := newWorld(t)
	page := w.Get("/c")
	for _, want := range []string{"谁在收：示例县司法局", "被投诉单位和人看不到您的身份", `<option value="示例镇B综合执法大队">`, "0371-1234567", "怎样处理您的信息"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("form lacks %q", want)
		}
	}
	v := w.good()
	first := w.Post("/c", v, picture(1), picture(2))
	code := w.Receipt(first)
	if again := w.Receipt(w.Post("/c", v, picture(1), picture(2))); again != code {
		t.Error("the same form again: another receipt")
	}
	if other := w.Receipt(w.Post("/c", w.good())); other == code {
		t.Error("two people with the same words share a receipt")
	}
	if n := w.Count(`SELECT count(*) FROM complaints WHERE number IN ('TS2026-0001', 'TS2026-0002') AND office_id = $1 AND agency_id = $2 AND anonymous AND NOT has_contact AND date_trunc('hour', received_at) = received_at`, w.Office1, w.Agency1); n != 2 {
		t.Error("complaints kept:", n)
	}
	if n := w.Count(`SELECT count(*) FROM complaints`); n != 2 {
		t.Error("the same form again made another", n)
	}
	if n := w.Count(`SELECT value FROM counters WHERE series = 'TS2026'`); n != 2 {
		t.Error("a number was lost:", n)
	}
	if n := w.Count(`SELECT count(*) FROM leads l JOIN complaints c ON c.id = l.origin_id WHERE l.origin = 'complaint' AND l.state = 'open' AND l.office_id = $1 AND l.happened_on = '2026-05-05'`, w.Office1); n != 2 {
		t.Error("leads:", n)
	}
	if n := w.Count(`SELECT count(*) FROM attachments WHERE owner_kind = 'complaint' AND source = 'public'`); n != 2 {
		t.Error("pictures:", n)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'complaint.file' AND (subject_id IS NOT NULL OR actor_id IS NOT NULL)`); n != 0 {
		t.Error("the trail names who spoke")
	}
	unknown := w.good()
	unknown.Set("unit", "不知道叫什么的执法队")
	w.Receipt(w.Post("/c", unknown))
	if n := w.Count(`SELECT count(*) FROM complaints WHERE office_id IS NULL AND agency_id IS NULL`); n != 1 {
		t.Error("an agency nobody knows goes to the county")
	}
}

func TestManyAtOnceAreOne(t *testing.T) {
	w := newWorld(t)
	v := w.good()
	var wg sync.WaitGroup
	receipts := make([]string, 12)
	for i := range receipts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a := w.Post("/c", v)
			if m := worldtest.ReceiptShape.FindStringSubmatch(w.Get(a.Location).Body); m != nil {
				receipts[i] = m[1]
			}
		}()
	}
	wg.Wait()
	for _, r := range receipts {
		if r == "" || r != receipts[0] {
			t.Fatal(receipts)
		}
	}
	if w.Count(`SELECT count(*) FROM complaints`) != 1 || w.Count(`SELECT value FROM counters WHERE series = 'TS2026'`) != 1 || w.Count(`SELECT count(*) FROM leads`) != 1 {
		t.Error("one form made several")
	}
}

func TestErrorsKeepEverything(t *testing.T) {
	w := newWorld(t)
	v := with(w.good(), "fact", "太凶", "place", "", "man", `<i>老李`, "P1", "y", "P2", "王小满", "P3", "12", "stage", "suit", "day", "上个月底")
	back := w.Post("/c", v, picture(1))
	if back.Code != 422 {
		t.Fatal(back.Code, visible(back.Body))
	}
	for _, want := range []string{"还有4处要补，已填的都留着", "经过太短，查不了", "请写在哪里", "电话号码好像不对", `href="#consent"`, `value="&lt;i&gt;老李"`, `value="王小满"`, `value="上个月底"`,
		`value="suit" checked`, "第1个，已收到", `value="示例镇A综合执法大队"`, `value="` + v.Get("nonce") + `"`, `aria-describedby="fact-m"`} {
		if !strings.Contains(back.Body, want) {
			t.Errorf("lost or missing: %q", want)
		}
	}
	kept := regexp.MustCompile(`name="kept" value="([^"]+)"`).FindStringSubmatch(back.Body)
	v = with(v, "fact", "他们说话太凶，还推了我一把。", "place", "东街", "P3", "13800000000", "consent", "y", "kept", kept[1])
	w.Receipt(w.Post("/c", v))
	if w.Count(`SELECT count(*) FROM attachments`) != 1 || w.Count(`SELECT count(*) FROM complaints WHERE has_contact AND NOT anonymous AND happened = '上个月底'`) != 1 {
		t.Error("something was lost on the way")
	}
	if back = w.Post("/c", with(w.good(), "day", "2026-05-07")); back.Code != 422 || !strings.Contains(back.Body, "不能晚于今天") {
		t.Error("tomorrow:", back.Code)
	}
	if back = w.Post("/c", w.good(), []byte("MZ\x90")); back.Code != 422 || !strings.Contains(back.Body, "不是能收的照片、录音、录像或PDF") {
		t.Error("a program:", back.Code)
	}
}

func TestFormIsSmall(t *testing.T) {
	w := newWorld(t)
	for _, p := range []string{"/c", "/c?mode=elder", "/t"} {
		req, err := http.NewRequest("GET", w.Base+p, nil)
		w.Must(err)
		req.Header.Set("Accept-Encoding", "gzip")
		a := w.Send(req)
		t.Logf("%s: %d bytes compressed", p, len(a.Body))
		if r, err := gzip.NewReader(bytes.NewReader([]byte(a.Body))); err != nil || len(a.Body) > 5<<10 {
			t.Error(p, len(a.Body), err)
		} else {
			_ = r.Close()
		}
	}
}

func TestTrackShowsStepsOnly(t *testing.T) {
	w := newWorld(t)
	v := with(w.good(), "P1", "y", "P2", "金丝雀女士", "P3", "13799998888", "consent", "y", "man", "执法员老李")
	code := w.Receipt(w.Post("/c", v))
	ask := func(r string) answer { w.Helper(); return w.Post("/t", url.Values{"r": {r}}) }
	a := ask(strings.ToLower(code))
	if a.Code != 200 || !strings.Contains(a.Body, "正在核实") || !strings.Contains(a.Body, "5月6日") || !strings.Contains(a.Body, code) {
		t.Fatal(a.Code, visible(a.Body))
	}
	lead := func(state string, at time.Time) {
		w.Exec(`INSERT INTO lead_events (lead_id, deed, state, at, actor_role) SELECT id, 'x', $1, $2, 'office' FROM leads`, state, at)
	}
	day := w.Env.Clock.Now().AddDate(0, 0, 1)
	problem := uuid.New()
	w.Exec(`INSERT INTO problems (id, number, office_id, agency_id, origin, severity, category, fact, found_on, state, due_on, registered_at)
		VALUES ($1, 'WT2026-0001', $2, $3, 'complaint', 'general', 'other', '事实', '2026-05-06', 'rectifying', '2026-05-14', $4)`, problem, w.Office1, w.Agency1, day)
	w.Exec(`UPDATE leads SET state = 'registered', problem_id = $1`, problem)
	lead("registered", day)
	event := func(state string, d int) {
		w.Exec(`INSERT INTO problem_events (problem_id, deed, state, at, actor_role) VALUES ($1, 'x', $2, $3, 'office')`, problem, state, day.AddDate(0, 0, d))
	}
	event("confirmed", 0)
	event("rectifying", 1)
	a = ask(code)
	for _, want := range []string{"<h2 class=\"mt3\">已要求执法单位整改</h2>", "2026年5月14日", "核实属实，登记为问题", "5月8日"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("after the order: no %q in %s", want, visible(a.Body))
		}
	}
	event("submitted", 2)
	event("rectifying", 3)
	event("disputed", 4)
	event("closed", 9)
	w.Exec(`UPDATE problems SET state = 'closed', closed_at = $1`, day)
	a = ask(code)
	for _, want := range []string{"<h2 class=\"mt3\">已改正，复核通过</h2>", "复核没有通过，要求继续整改", "执法单位已报告整改"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("at the end: no %q", want)
		}
	}
	for _, secret := range []string{"金丝雀", "13799998888", "老李", "东街", "没有出示证件", "WT2026", "TS2026", "示例镇", "前改正"} {
		if strings.Contains(a.Body, secret) {
			t.Errorf("the page tells %q", secret)
		}
	}
}

func TestTrackWrongCodes(t *testing.T) {
	w := newWorld(t)
	now := w.Env.Clock.Now()
	w.foreign = door.Status{Received: now, Reply: "已提醒该单位。", Replied: &now}
	if a := w.Post("/t", url.Values{"r": {"ffff-ffff ffffffff"}}); a.Code != 200 || !strings.Contains(a.Body, "已提醒该单位。") || !strings.Contains(a.Body, "<h2 class=\"mt3\">已答复</h2>") {
		t.Error("the other feature's receipt:", a.Code, visible(a.Body))
	}
	one := w.Post("/t", url.Values{"r": {"0000 0000 0000 0000"}})
	for _, wrong := range []string{"", "短", "0000 0000 0000 0001", strings.Repeat("9", 400), "\x00", "<b>"} {
		a := w.Post("/t", url.Values{"r": {wrong}})
		if a.Code != one.Code || !strings.Contains(a.Body, "没有查到。请照着抄下的查询码再填一次") || strings.Contains(a.Body, "<b>\"") {
			t.Errorf("%q: %d", wrong, a.Code)
		}
	}
	for range 16 {
		w.Post("/t", url.Values{"r": {"0000 0000 0000 0000"}})
	}
	v := url.Values{"r": {"FFFFFFFFFFFFFFFF"}}
	if a := w.Post("/t", v); a.Code != 200 || strings.Contains(a.Body, "已提醒该单位。") || !strings.Contains(a.Body, "请稍等") {
		t.Error("guessing is free:", a.Code, visible(a.Body))
	}
	start := time.Now()
	if a := w.Post("/t", with(v, "pow_plain", "y")); !strings.Contains(a.Body, "已提醒该单位。") || time.Since(start) < 180*time.Millisecond {
		t.Error("guessing is not slowed:", a.Code, time.Since(start))
	}
}

func TestMachinesWaitForAPerson(t *testing.T) {
	w := newWorld(t)
	w.Receipt(w.Post("/c", with(w.good(), "website", "http://buy.example")))
	if w.Count(`SELECT count(*) FROM complaints WHERE suspect`) != 1 || w.Count(`SELECT count(*) FROM leads`) != 0 {
		t.Fatal("a machine's complaint went into the queue, or was dropped")
	}
	w.Exec(`UPDATE complaints SET officer = '测试员named'`)
	w.Person("named", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	var list struct{ Items []ComplaintItem }
	w.As("office", "GET", "/api/complaints?suspect=true", nil, &list)
	release := "/api/complaints/" + list.Items[0].ID.String() + "/release"
	for _, c := range []struct {
		who  string
		want int
	}{{"office2", 404}, {"hotline", 403}, {"agency", 403}, {"named", 403}, {"office", 200}, {"county", 409}} {
		if a := w.As(c.who, "POST", release, map[string]any{}, nil); a.Code != c.want {
			t.Errorf("%s: %d %s", c.who, a.Code, a.Body)
		}
	}
	if w.Count(`SELECT count(*) FROM leads WHERE origin = 'complaint'`) != 1 {
		t.Error("released, and no lead")
	}
}

func TestWhoReadsComplaints(t *testing.T) {
	w := newWorld(t)
	w.Receipt(w.Post("/c", with(w.good(), "P1", "y", "P2", "金丝雀女士", "P3", "13799998888", "consent", "y")))
	taken := map[string]any{"id": uuid.New(), "channel": "phone", "target": "示例镇B综合执法大队", "happened": "2026-05-04", "place": "西街", "fact": "电话里说：罚款没有票据，要求退还。", "anonymous": false,
		"name": "银丝雀先生", "phone": "0371-7654321", "address": "西街八号银丝雀", "id_number": "410000000000000000", "category": "misconduct", "urgency": "urgent"}
	var k, again Filed
	if a := w.As("hotline", "POST", "/api/complaints", taken, &k); a.Code != 200 || len(k.Receipt) != 19 {
		t.Fatal(a.Code, a.Body)
	}
	w.As("hotline", "POST", "/api/complaints", taken, &again)
	if again != k || w.Count(`SELECT count(*) FROM complaints`) != 2 {
		t.Error("sent twice:", again, k)
	}
	taken["place"] = "东街" // corrected after an answer that got lost
	if a := w.As("hotline", "POST", "/api/complaints", taken, nil); a.Code != 409 || w.Count(`SELECT count(*) FROM complaints`) != 2 || w.Count(`SELECT count(*) FROM leads`) != 2 {
		t.Error("other words under the same id:", a.Code, a.Body)
	}
	taken["place"] = "西街"
	want := map[string]int{"county": 2, "leader": 2, "office": 1, "office2": 1, "hotline": 1}
	all := ""
	for who := range w.People {
		var list struct {
			Items []ComplaintItem
			Total int
		}
		a := w.As(who, "GET", "/api/complaints", nil, &list)
		if n, may := want[who]; !may && a.Code != 403 || may && (len(list.Items) != n || list.Total != n) {
			t.Errorf("%s: %d, %d items", who, a.Code, len(list.Items))
		}
		one := w.As(who, "GET", "/api/complaints/"+k.ID.String(), nil, nil)
		code := map[string]int{"county": 200, "leader": 200, "office2": 200, "hotline": 200, "office": 404}[who]
		if code == 0 {
			code = 403
		}
		if one.Code != code {
			t.Errorf("%s reads the one: %d", who, one.Code)
		}
		all += a.Body + one.Body
	}
	var tables []string
	w.Must(w.Env.Owner.Select(context.Background(), &tables, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_schema IN ('public', 'vault')`))
	for _, name := range tables {
		var dump string
		w.Must(w.Env.Owner.Get(context.Background(), &dump, `SELECT COALESCE(string_agg(x::text, ' '), '') FROM `+name+` x`))
		all += dump
	}
	all += w.Logged.String()
	for _, canary := range []string{"金丝雀", "13799998888", "银丝雀", "7654321", "410000000000000000", fmt.Sprintf("%x", "13799998888")} {
		if strings.Contains(all, canary) {
			t.Errorf("%q is somewhere it must not be", canary)
		}
	}
	reveal := map[string]any{"case_kind": "complaint", "case_id": k.ID, "reason": "回电话核实票据"}
	var seen vault.Revealed
	if a := w.As("office2", "POST", "/api/vault/reveal", reveal, &seen); a.Code != 200 || seen.IDNumber != "410000000000000000" {
		t.Error(a.Code, a.Body)
	}
	for who, code := range map[string]int{"office": 404, "hotline": 403, "agency": 403, "leader": 403} {
		if a := w.As(who, "POST", "/api/vault/reveal", reveal, nil); a.Code != code {
			t.Errorf("%s reveals: %d", who, a.Code)
		}
	}
	for q, n := range map[string]int{"channel=phone": 1, "state=received": 2, "q=票据": 1, "q=TS2026-0002": 1, "suspect=true": 0} {
		var page struct{ Items []ComplaintItem }
		w.As("county", "GET", "/api/complaints?"+url.PathEscape(q), nil, &page)
		w.As("county", "GET", "/api/complaints?"+strings.SplitN(q, "=", 2)[0]+"="+url.QueryEscape(strings.SplitN(q, "=", 2)[1]), nil, &page)
		if len(page.Items) != n {
			t.Errorf("%s: %d", q, len(page.Items))
		}
	}
	for field, value := range map[string]any{"channel": "web", "category": "nonsense", "urgency": "x", "fact": "", "phone": "1", "target": ""} {
		bad := map[string]any{}
		for key, v := range taken {
			bad[key] = v
		}
		bad["id"], bad[field] = uuid.New(), value
		if a := w.As("hotline", "POST", "/api/complaints", bad, nil); a.Code != 422 || !strings.Contains(a.Body, `"`+field+`"`) {
			t.Errorf("%s=%v: %d %s", field, value, a.Code, a.Body)
		}
	}
}
