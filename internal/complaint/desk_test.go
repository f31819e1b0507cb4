package complaint

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

func TestDraftsAreSavedAndTheWritersOwn(t *testing.T) {
	w := newWorld(t)
	id := uuid.New()
	path := "/api/complaints/drafts/" + id.String()
	form := fields{"target": "示例镇A综合", "fact": "他们", "name": "银丝雀先生", "phone": "0371-7654321", "anonymous": false}
	var d Draft
	for i := range 3 {
		if a := w.As("hotline", "PUT", path, fields{"form": form}, &d); a.Code != 200 || d.Version != i+1 {
			t.Fatal(a.Code, a.Body)
		}
	}
	var back struct {
		Form map[string]any
	}
	if w.As("hotline", "GET", path, nil, &back); back.Form["name"] != "银丝雀先生" || back.Form["target"] != "示例镇A综合" || back.Form["anonymous"] != false {
		t.Errorf("%v", back.Form)
	}
	var list struct{ Items []DraftItem }
	if w.As("hotline", "GET", "/api/complaints/drafts", nil, &list); len(list.Items) != 1 || list.Items[0].Title != "示例镇A综合" {
		t.Errorf("%+v", list)
	}
	for _, who := range []string{"office", "county"} {
		if a := w.As(who, "GET", path, nil, nil); a.Code != 404 {
			t.Errorf("%s reads another's draft: %d", who, a.Code)
		}
		if a := w.As(who, "PUT", path, fields{"form": form}, nil); a.Code != 409 {
			t.Errorf("%s writes another's draft: %d", who, a.Code)
		}
		if a := w.As(who, "DELETE", path, nil, nil); a.Code != 204 || w.Count(`SELECT count(*) FROM complaint_drafts`) != 1 {
			t.Errorf("%s throws another's draft away: %d", who, a.Code)
		}
	}
	for _, who := range []string{"agency", "supervisor", "leader", "admin", "auditor"} {
		if a := w.As(who, "GET", "/api/complaints/drafts", nil, nil); a.Code != 403 {
			t.Errorf("%s: %d", who, a.Code)
		}
	}
	if n := w.Count(`SELECT count(*) FROM complaint_drafts d WHERE d::text LIKE '%银丝雀%' OR d::text LIKE '%7654321%'`); n != 0 {
		t.Error("a draft lies in the clear")
	}
	w.taken(one("id", id))
	if n := w.Count(`SELECT count(*) FROM complaint_drafts`); n != 0 {
		t.Error("filed, and the draft is still there")
	}
	w.As("hotline", "PUT", "/api/complaints/drafts/"+uuid.NewString(), fields{"form": form}, nil)
	w.Must(w.s.Sweep(context.Background()))
	if n := w.Count(`SELECT count(*) FROM complaint_drafts`); n != 1 {
		t.Error("a fresh draft was swept")
	}
	w.Env.Clock.Add(9 * 24 * time.Hour)
	w.Must(w.s.Sweep(context.Background()))
	if n := w.Count(`SELECT count(*) FROM complaint_drafts`); n != 0 {
		t.Error("a draft outlives its keeping")
	}
	for range 60 {
		w.As("hotline", "PUT", "/api/complaints/drafts/"+uuid.NewString(), fields{"form": form}, nil)
	}
	if n := w.Count(`SELECT count(*) FROM complaint_drafts`); n != maxDrafts {
		t.Errorf("%d drafts", n)
	}
}

func TestDraftsGoToTheSuccessor(t *testing.T) {
	w := newWorld(t)
	id := uuid.New()
	path := "/api/complaints/drafts/" + id.String()
	w.As("hotline", "PUT", path, fields{"form": fields{"target": "示例镇A综合", "name": "银丝雀先生"}}, nil)
	gone := uuid.New() // sealed under a key that is no more
	w.Exec(`INSERT INTO complaint_drafts (id, account_id, body, saved_at) VALUES ($1, $2, 'x', $3)`, gone, w.People["hotline"].ID, w.Env.Clock.Now())
	ctx := context.Background()
	w.Must(w.Env.DB.InTx(ctx, func(tx *db.DB) error {
		n, err := w.s.HandOver(ctx, tx, actor.System, w.People["hotline"].ID, w.People["county"].Account(), w.Env.Clock.Now())
		if n != 2 {
			t.Errorf("%d handed over", n)
		}
		return err
	}))
	var back struct{ Form map[string]any }
	if a := w.As("county", "GET", path, nil, &back); a.Code != 200 || back.Form["name"] != "银丝雀先生" {
		t.Errorf("the successor does not read it: %d %s", a.Code, a.Body)
	}
	if a := w.As("hotline", "GET", path, nil, nil); a.Code != 404 {
		t.Errorf("who handed it over reads it still: %d", a.Code)
	}
	if n := w.Count(`SELECT count(*) FROM complaint_drafts WHERE body LIKE '%银丝雀%'`); n != 0 {
		t.Error("it lies in the clear")
	}
}

func TestTargetsAsTyped(t *testing.T) {
	w := newWorld(t)
	w.Exec(`INSERT INTO officers (id, name, agency_id, credential_number, valid_from, valid_to) VALUES ($1, '李示例', $2, '16072500001', '2024-05-01', '2029-04-30')`, uuid.New(), w.Agency1)
	for q, want := range map[string]string{"综合": "示例镇A综合执法大队", "镇B": "示例镇B综合执法大队", "李示": "李示例", "0725": "李示例", "司法所": "示例镇A司法所"} {
		var out struct{ Items []Target }
		if w.As("hotline", "GET", "/api/complaints/targets?q="+url.QueryEscape(q), nil, &out); len(out.Items) == 0 || !strings.Contains(names(out.Items), want) {
			t.Errorf("%s: %+v", q, out.Items)
		}
	}
	for _, q := range []string{"", "%", "_", `\`, "没有这个"} {
		var out struct{ Items []Target }
		if a := w.As("hotline", "GET", "/api/complaints/targets?q="+url.QueryEscape(q), nil, &out); a.Code != 200 || len(out.Items) != 0 {
			t.Errorf("%q: %d %+v", q, a.Code, out.Items)
		}
	}
}

func names(list []Target) (s string) {
	for _, i := range list {
		s += i.Name + " "
	}
	return s
}

func TestSimilarOnesAreShown(t *testing.T) {
	w := newWorld(t)
	mine := w.taken(one())
	w.taken(one("id", uuid.New(), "target", "示例镇B综合执法大队", "happened", "2026-03-01", "place", "北街", "fact", "检查的人把摊位的秤拿走了，没有写单子。"))
	w.Receipt(w.Post("/c", with(w.good(), "fact", "开了罚款没有票据，我要求他们退还罚款。"))) // of the first office, and of no hotline
	var out struct{ Items []Similar }
	sketch := fields{"target": "示例镇A综合执法大队", "happened": "2026-05-04", "place": "西街", "fact": "罚款没有给票据，要求退还"}
	if a := w.As("hotline", "POST", "/api/complaints/similar", sketch, &out); a.Code != 200 {
		t.Fatal(a.Code, a.Body, w.Logged.String())
	}
	if len(out.Items) != 1 || out.Items[0].ID != mine.ID || out.Items[0].Score < 80 || len(out.Items[0].Why) != 4 {
		t.Fatalf("%+v", out.Items)
	}
	for who, n := range map[string]int{"office": 2, "county": 2, "office2": 0} {
		if w.As(who, "POST", "/api/complaints/similar", sketch, &out); len(out.Items) != n {
			t.Errorf("%s finds %+v, want %d", who, out.Items, n)
		}
	}
	for _, empty := range []fields{{}, {"fact": "a"}, {"target": "没有这个单位"}, {"fact": "%_\\' OR 1=1"}} {
		if a := w.As("hotline", "POST", "/api/complaints/similar", empty, &out); a.Code != 200 || len(out.Items) != 0 {
			t.Errorf("%v: %d %+v", empty, a.Code, out.Items)
		}
	}
}

// What is corrected after a lost answer makes no second complaint: one complaint, both versions, each with a receipt of its
// own that tells of the one. A form's number never gives out the receipt of another's words.
func TestBothVersionsAreKept(t *testing.T) {
	w := newWorld(t)
	v := w.good()
	code := w.Receipt(w.Post("/c", v, picture(1)))
	changed := with(v, "fact", "三个人进店没有出示证件，拿走两箱货。", "P1", "y", "P2", "金丝雀女士", "P3", "13799998888", "consent", "y")
	later := w.Receipt(w.Post("/c", changed, picture(2)))
	if again := w.Receipt(w.Post("/c", changed, picture(2))); again != later || later == code {
		t.Error("receipts:", code, later, again)
	}
	for _, r := range []string{code, later} {
		if page := w.Post("/t", url.Values{"r": {r}}); page.Code != 200 || !strings.Contains(page.Body, "查询结果") {
			t.Error("a receipt opens nothing", page.Code)
		}
	}
	if w.Count(`SELECT count(*) FROM complaints`) != 1 || w.Count(`SELECT count(*) FROM leads`) != 1 || w.Count(`SELECT count(*) FROM complaint_versions WHERE way = 'public'`) != 1 ||
		w.Count(`SELECT count(*) FROM attachments`) != 2 || w.Count(`SELECT value FROM counters WHERE series = 'TS2026'`) != 1 {
		t.Fatal("two complaints, or something lost")
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'complaint.version' AND (subject_id IS NOT NULL OR actor_id IS NOT NULL)`); n != 0 {
		t.Error("the trail names who spoke")
	}
	for _, bad := range []string{"", "x", "0123456789abcdef", strings.Repeat("0", 31) + "g", strings.Repeat("0", 40)} {
		one, two := with(w.good(), "nonce", bad, "fact", "第一个人说：没有出示证件。"), with(w.good(), "nonce", bad, "fact", "第二个人说：没有出示证件。")
		if w.Receipt(w.Post("/c", one)) == w.Receipt(w.Post("/c", two)) {
			t.Errorf("nonce %q joins two people", bad)
		}
	}
	var list struct{ Items []ComplaintItem }
	if w.As("office", "GET", "/api/complaints?unsettled=true", nil, &list); len(list.Items) != 1 || list.Items[0].Unsettled != 1 {
		t.Fatalf("%+v", list.Items)
	}
	id := list.Items[0].ID
	var d ComplaintDetail
	w.As("office", "GET", "/api/complaints/"+id.String(), nil, &d)
	if len(d.Versions) != 1 || !strings.Contains(string(d.Versions[0].Body), "三个人进店") || strings.Contains(string(d.Versions[0].Body), "金丝雀") {
		t.Fatalf("%+v", d.Versions)
	}
	settle := "/api/complaints/" + id.String() + "/versions/" + d.Versions[0].ID.String() + "/settle"
	for _, c := range []struct {
		who, keep string
		want      int
	}{{"office2", "other", 404}, {"hotline", "other", 403}, {"agency", "other", 403}, {"office", "none", 422}, {"office", "other", 200}, {"office", "first", 409}} {
		if a := w.As(c.who, "POST", settle, fields{"keep": c.keep}, &d); a.Code != c.want {
			t.Errorf("%s %s: %d %s", c.who, c.keep, a.Code, a.Body)
		}
	}
	if !strings.Contains(d.Fact, "三个人进店") || !strings.Contains(string(d.Versions[0].Body), "两个人进店") || d.Anonymous || !d.MayReveal {
		t.Errorf("the two did not change places: %+v", d)
	}
}

func TestClerksVersionsAreKept(t *testing.T) {
	w := newWorld(t)
	in := one()
	f := w.taken(in)
	in["fact"], in["name"] = "电话里说：罚款三百元没有票据。", "银丝雀太太"
	for range 2 {
		if a := w.As("hotline", "POST", "/api/complaints", in, nil); a.Code != 409 || !strings.Contains(a.Body, "kept_both") || !strings.Contains(a.Body, f.Number) {
			t.Error(a.Code, a.Body)
		}
	}
	if w.Count(`SELECT count(*) FROM complaint_versions WHERE complaint_id = $1 AND way = 'desk' AND by_account IS NOT NULL`, f.ID) != 1 || w.Count(`SELECT count(*) FROM vault.identities`) != 2 {
		t.Error("the other version was not kept, or twice")
	}
	var seen struct {
		Name    string
		Earlier []struct{ Name string }
	}
	w.As("office", "POST", "/api/vault/reveal", fields{"case_kind": "complaint", "case_id": f.ID, "reason": "回电话核实票据"}, &seen)
	if len(seen.Earlier) != 1 || seen.Name+seen.Earlier[0].Name != "银丝雀先生银丝雀太太" && seen.Name+seen.Earlier[0].Name != "银丝雀太太银丝雀先生" {
		t.Errorf("%+v", seen)
	}
}
