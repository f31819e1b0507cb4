package feedback

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/makiuchi-d/gozxing"
	zxqr "github.com/makiuchi-d/gozxing/qrcode"

	"suixing/internal/vault"
)

func TestTicketsForThePhone(t *testing.T) {
	w := newWorld(t)
	in := map[string]any{"request_id": uuid.New(), "count": 50}
	var b Batch
	if a := w.As("supervisor", "POST", "/api/tickets", in, &b); a.Code != 200 || len(b.Items) != 50 {
		t.Fatal(a.Code, a.Body)
	}
	seen := map[string]bool{}
	for _, k := range b.Items {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(k.URL, "http://suixing.example/f/"))
		if err != nil || len(raw) < 16 || len(strings.ReplaceAll(k.Short, " ", "")) != 12 || seen[k.URL] || seen[k.Short] {
			t.Fatal("ticket", k.URL, k.Short)
		}
		seen[k.URL], seen[k.Short] = true, true
	}
	img, err := png.Decode(bytes.NewReader(b.Items[0].QR))
	w.Must(err)
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	w.Must(err)
	read, err := zxqr.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil || read.GetText() != b.Items[0].URL {
		t.Error("the code does not read:", err)
	}
	for x := range 4 * 6 { // the quiet zone is white
		if r, _, _, _ := img.At(x, img.Bounds().Dy()/2).RGBA(); r != 0xffff {
			t.Fatal("no quiet zone")
		}
	}
	if a := w.As("supervisor", "POST", "/api/tickets", in, nil); a.Code != 409 {
		t.Error("the same request again:", a.Code)
	}
	for secret := range seen {
		if n := w.Count(`SELECT count(*) FROM tickets k WHERE k::text LIKE '%' || $1 || '%'`, strings.TrimPrefix(secret, "http://suixing.example/f/")); n != 0 {
			t.Fatal("a secret is in the table")
		}
	}
	var stock Stock
	w.As("supervisor", "GET", "/api/tickets/stock", nil, &stock)
	if stock.Unused != 50 {
		t.Error(stock)
	}
	for range 3 {
		w.As("supervisor", "POST", "/api/tickets", map[string]any{"request_id": uuid.New(), "count": 50}, nil)
	}
	if a := w.As("supervisor", "POST", "/api/tickets", map[string]any{"request_id": uuid.New(), "count": 1}, nil); a.Code != 409 {
		t.Error("no end to the stock", a.Code)
	}
	if a := w.As("office2", "POST", "/api/tickets/revoke", map[string]any{"ids": []uuid.UUID{b.Items[0].ID}}, nil); !strings.Contains(a.Body, `"revoked":0`) {
		t.Error("another office revoked it", a.Body)
	}
	if a := w.As("office", "POST", "/api/tickets/revoke", map[string]any{"ids": []uuid.UUID{b.Items[0].ID}}, nil); !strings.Contains(a.Body, `"revoked":1`) {
		t.Error(a.Body)
	}
	w.As("supervisor", "POST", "/api/tickets/revoke", map[string]any{"all": true}, nil)
	if w.As("supervisor", "GET", "/api/tickets/stock", nil, &stock); stock.Unused != 0 || stock.Revoked != 200 {
		t.Error(stock)
	}
}

// The names a person could be known by, put into every field that takes them.
const canaryName, canaryPhone = "金丝雀女士", "13799998888"

func TestIdentityIsNowhereElse(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	v := with(good(), "R0", "1", "O1", "罚款没有票据", "P1", "y", "P2", canaryName, "P3", canaryPhone, "consent", "y", "P4", "y", "P5", "y")
	a := w.Post(path, v, picture(1))
	code := w.Receipt(a)
	var list struct{ Items []AnswerItem }
	w.As("office", "GET", "/api/feedback", nil, &list)
	if len(list.Items) != 1 || !list.Items[0].HasContact || !list.Items[0].Bad {
		t.Fatalf("%+v", list)
	}
	id := list.Items[0].ID
	answers := []answer{a, w.Get(a.Location), w.Get(path), w.Post(path, with(v, "O2", "再交一次"))}
	for who := range w.People {
		for _, p := range []string{"/api/feedback", "/api/feedback/" + id.String(), "/api/feedback/summary", "/api/feedback?state=checking", "/api/tickets/stock"} {
			answers = append(answers, w.As(who, "GET", p, nil, nil))
		}
		answers = append(answers, w.As(who, "POST", "/api/vault/reveal", map[string]any{"case_kind": "feedback", "case_id": id, "reason": "看"}, nil))
	}
	w.As("office", "POST", "/api/feedback/"+id.String()+"/answer", map[string]any{"text": "已核实，责令退还。", "deidentified": true}, nil)
	leaked := w.Logged.String()
	for _, one := range answers {
		leaked += one.Body + fmt.Sprint(one.Header)
	}
	var tables []string
	w.Must(w.Env.Owner.Select(context.Background(), &tables, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_schema IN ('public', 'vault')`))
	for _, name := range tables {
		var dump string
		w.Must(w.Env.Owner.Get(context.Background(), &dump, `SELECT COALESCE(string_agg(x::text, ' '), '') FROM `+name+` x`))
		leaked += dump
	}
	b64 := base64.StdEncoding.EncodeToString([]byte(canaryName))
	for _, canary := range []string{canaryName, canaryPhone, b64[:20], fmt.Sprintf("%x", canaryPhone), fmt.Sprintf("%x", canaryName), "王小满的店"} {
		if strings.Contains(leaked, canary) {
			i := strings.Index(leaked, canary)
			t.Errorf("%q leaked: …%s…", canary, leaked[max(0, i-120):min(len(leaked), i+60)])
		}
	}
	if strings.Contains(w.Logged.String(), strings.TrimPrefix(path, "/f/")) || strings.Contains(w.Logged.String(), strings.ReplaceAll(code, " ", "")) {
		t.Error("the log knows a ticket or a receipt")
	}
	var seen vault.Revealed
	if a := w.As("office", "POST", "/api/vault/reveal", map[string]any{"case_kind": "feedback", "case_id": id, "reason": "打电话核实罚款的事"}, &seen); a.Code != 200 || seen.Name != canaryName || seen.Phone != canaryPhone || seen.ViewedBy != "测试员office" {
		t.Error(a.Code, a.Body)
	}
	if a := w.As("office2", "POST", "/api/vault/reveal", map[string]any{"case_kind": "feedback", "case_id": id, "reason": "打电话核实罚款的事"}, nil); a.Code != 404 {
		t.Error("another office:", a.Code)
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'vault.reveal' AND subject_id = $1`, id); n != 1 {
		t.Error("rows in the trail:", n)
	}
}

func TestWhoReadsAnswers(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	w.Receipt(w.Post(path, with(good(), "R0", "2", "O1", "太慢了", "business", "某餐饮店"), picture(1)))
	w.settle()
	var list struct{ Items []AnswerItem }
	w.As("office", "GET", "/api/feedback", nil, &list)
	one := "/api/feedback/" + list.Items[0].ID.String()
	want := map[string][2]int{"office": {200, 200}, "county": {200, 200}, "leader": {200, 200}, "office2": {200, 404}, "supervisor": {403, 403}, "agency": {403, 403},
		"hotline": {403, 403}, "admin": {403, 403}, "auditor": {403, 403}, "nobody": {401, 401}}
	for who, codes := range want {
		l, d := w.As(who, "GET", "/api/feedback", nil, nil), w.As(who, "GET", one, nil, nil)
		if l.Code != codes[0] || d.Code != codes[1] {
			t.Errorf("%s: list %d, one %d", who, l.Code, d.Code)
		}
		if who == "office2" && strings.Contains(l.Body, "某餐饮店") || who == "office2" && !strings.Contains(l.Body, `"items":[]`) {
			t.Error("another office lists it")
		}
	}
	if a, b := w.As("office2", "GET", one, nil, nil), w.As("office2", "GET", "/api/feedback/"+uuid.NewString(), nil, nil); a.Body != b.Body {
		t.Error("out of sight and not there read differently")
	}
	var d AnswerDetail
	w.As("office", "GET", one, nil, &d)
	if d.Business != "某餐饮店" || len(d.Photos) != 1 || d.Lead == "" || d.LeadState != "open" || !d.MayAnswer || d.MayReveal || d.Visit == "" {
		t.Errorf("%+v", d)
	}
	for _, c := range []struct {
		who, text string
		want      int
	}{{"office2", "已经核实清楚", 404}, {"leader", "已经核实清楚", 403}, {"office", "好", 422}, {"office", "核实过了，已提醒执法单位。", 200}, {"county", "已经核实清楚", 409}} {
		if a := w.As(c.who, "POST", one+"/answer", map[string]any{"text": c.text, "deidentified": true}, nil); a.Code != c.want {
			t.Errorf("%s answers %q: %d", c.who, c.text, a.Code)
		}
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'feedback.answer'`); n != 1 {
		t.Error("rows in the trail:", n)
	}
	for q, n := range map[string]int{"state=answered": 1, "state=received": 0, "bad=true": 1, "from=2026-05-07": 0, "from=2026-05-06&to=2026-05-06": 1, "agency_id=" + w.Agency2.String(): 0} {
		var page struct {
			Items []AnswerItem
			Total int
		}
		w.As("county", "GET", "/api/feedback?"+q, nil, &page)
		if len(page.Items) != n || page.Total != n {
			t.Errorf("%s: %d of %d", q, len(page.Items), page.Total)
		}
	}
	if a := w.As("county", "GET", "/api/feedback?from=gestern", nil, nil); a.Code != 422 {
		t.Error("a bad date:", a.Code)
	}
}

func TestListPages(t *testing.T) {
	w := newWorld(t)
	w.Exec(`INSERT INTO feedbacks (id, channel, office_id, agency_id, counted, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, received_hour)
	SELECT gen_random_uuid(), 'paper', $1, $2, true, 1, 5, '2026-05-06', 'company', 'food', '{}', '{}', 4, false, sha256(n::text::bytea), '', date_trunc('hour', $3::timestamptz) - (n / 7) * interval '1 hour' FROM generate_series(1, 120) n`,
		w.Office1, w.Agency1, w.Env.Clock.Now())
	seen, after, pages := map[uuid.UUID]bool{}, "", 0
	for {
		var page struct {
			Items []AnswerItem
			Next  string
			Total int
		}
		w.As("office", "GET", "/api/feedback?after="+after, nil, &page)
		for _, i := range page.Items {
			if seen[i.ID] {
				t.Fatal("twice")
			}
			seen[i.ID] = true
		}
		if pages++; page.Next == "" || page.Total != 120 {
			break
		}
		after = page.Next
	}
	if len(seen) != 120 || pages != 3 {
		t.Error(len(seen), pages)
	}
	if a := w.As("office", "GET", "/api/feedback?after=%00zz", nil, nil); a.Code != 422 {
		t.Error("a broken cursor:", a.Code)
	}
}

func TestPaper(t *testing.T) {
	w := newWorld(t)
	path, _, visit := w.bound()
	marks := map[string]int{"R1": 4, "R2": 4, "R3": 4, "R4": 4, "R5": 4, "R0": 4}
	said := map[string]string{"F1": "yes", "F2": "yes", "F3": "yes", "F4": "yes", "F5": "yes", "F6": "yes", "F7": "no", "F8": "no", "F9": "no"}
	in := map[string]any{"id": uuid.New(), "visit_id": visit, "kind": "farm", "facts": said, "ratings": marks, "contact": true, "name": "赵六", "phone": "0371-5556666"}
	var k, again PaperKept
	if a := w.As("office", "POST", "/api/feedback/paper", in, &k); a.Code != 200 || !k.Counted {
		t.Fatal(a.Code, a.Body)
	}
	w.As("office", "POST", "/api/feedback/paper", in, &again)
	if again != k || w.Count(`SELECT count(*) FROM feedbacks`) != 1 {
		t.Error("the same paper twice", again, k)
	}
	in["name"] = "赵六六"
	if a := w.As("office", "POST", "/api/feedback/paper", in, nil); a.Code != 409 || !strings.Contains(a.Body, "paper_twice") || w.Count(`SELECT count(*) FROM feedbacks`) != 2 || w.Count(`SELECT count(*) FROM feedbacks WHERE NOT counted AND twin_of = $1`, k.ID) != 1 {
		t.Error("other words under the same id:", a.Code, a.Body)
	}
	if w.As("office", "POST", "/api/feedback/paper", in, nil); w.Count(`SELECT count(*) FROM feedbacks`) != 2 {
		t.Error("the same other words are kept twice")
	}
	w.Receipt(w.Post(path, good())) // the phone after the paper
	if w.Count(`SELECT count(*) FROM feedbacks WHERE counted`) != 1 || w.Count(`SELECT count(*) FROM feedbacks WHERE channel = 'paper' AND counted AND entered_by IS NOT NULL AND agency_id = $1`, w.Agency1) != 1 {
		t.Error("paper and phone counted beside each other")
	}
	bare := w.visit() // no ticket was ever shown
	in["id"], in["visit_id"] = uuid.New(), bare
	w.As("office", "POST", "/api/feedback/paper", in, &k)
	in["id"] = uuid.New()
	w.As("office", "POST", "/api/feedback/paper", in, &again)
	if !k.Counted || again.Counted {
		t.Error("a second paper of one visit counts", k, again)
	}
	in["id"], in["visit_id"] = uuid.New(), nil
	a := w.As("office", "POST", "/api/feedback/paper", in, nil)
	if a.Code != 422 || !strings.Contains(a.Body, `"agency_id"`) || !strings.Contains(a.Body, `"checked_on"`) || !strings.Contains(a.Body, `"matter"`) {
		t.Error(a.Code, a.Body)
	}
	in["agency_id"], in["checked_on"], in["matter"] = w.Agency1, "2026-05-04", "land"
	marks["R0"] = 1
	if a = w.As("office", "POST", "/api/feedback/paper", in, nil); a.Code != 422 || !strings.Contains(a.Body, `"problem_text"`) {
		t.Error(a.Code, a.Body)
	}
	in["problem_text"] = "要求先交钱再整改"
	if a = w.As("office", "POST", "/api/feedback/paper", in, &k); a.Code != 200 || w.Count(`SELECT count(*) FROM leads WHERE origin = 'feedback' AND origin_id = $1 AND office_id = $2`, k.ID, w.Office1) != 1 {
		t.Error(a.Code, a.Body)
	}
	in["id"], in["visit_id"] = uuid.New(), visit
	for who, want := range map[string]int{"office2": 404, "county": 403, "supervisor": 403, "agency": 403} {
		if a := w.As(who, "POST", "/api/feedback/paper", in, nil); a.Code != want {
			t.Errorf("%s enters paper: %d", who, a.Code)
		}
	}
	if st, ok, err := w.s.Status(context.Background(), strings.ReplaceAll(k.Receipt, " ", "")); !ok || err != nil || len(st.Steps) != 1 {
		t.Error("the paper's receipt", st, ok, err)
	}
}

func TestSummaryHidesTheFew(t *testing.T) {
	w := newWorld(t)
	fill := func(month string, n int, counted bool) {
		w.Exec(`INSERT INTO feedbacks (id, channel, office_id, agency_id, counted, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, received_hour)
		SELECT gen_random_uuid(), 'paper', $1, $2, $5, 1, 5, '2026-05-06', 'company', 'food', '{}', '{"R1":5,"R2":4,"R3":3,"R4":2,"R5":1}', CASE WHEN n = 1 THEN 1 ELSE 5 END, false, sha256(gen_random_uuid()::text::bytea), '', $3::timestamptz
		FROM generate_series(1, $4) n`, w.Office1, w.Agency1, month+"-15T03:00:00Z", n, counted)
	}
	fill("2026-02", 5, true)
	fill("2026-03", 4, true)
	fill("2026-03", 9, false) // later answers do not lift a month over five
	fill("2026-05", 20, true) // to come
	months := func(who string) string {
		var out struct{ Items []Month }
		if a := w.As(who, "GET", "/api/feedback/summary", nil, &out); a.Code != 200 {
			t.Error(who, a.Code)
		}
		var s []string
		for _, m := range out.Items {
			s = append(s, fmt.Sprint(m.Month, ":", m.N))
		}
		return strings.Join(s, " ")
	}
	for who, want := range map[string]string{"agency": "2026-02:5", "office": "2026-03:4 2026-02:5", "county": "2026-03:4 2026-02:5", "office2": ""} {
		if got := months(who); got != want {
			t.Errorf("%s sees %q, want %q", who, got, want)
		}
	}
	if a := w.As("supervisor", "GET", "/api/feedback/summary", nil, nil); a.Code != 403 {
		t.Error(a.Code)
	}
	w.Env.Clock.Set(time.Date(2026, 6, 8, 15, 59, 0, 0, time.UTC))
	if got := months("agency"); got != "2026-02:5" {
		t.Error("May is shown while it still fills:", got)
	}
	w.Env.Clock.Set(time.Date(2026, 6, 8, 16, 0, 0, 0, time.UTC))
	if got := months("agency"); got != "2026-03:24 2026-02:5" { // four are too few: March waits for May
		t.Error(got)
	}
	var out struct{ Items []Month }
	w.As("agency", "GET", "/api/feedback/summary?from=2026-01&to=2026-02", nil, &out)
	if len(out.Items) != 1 || out.Items[0].Score != 84 || out.Items[0].Poor != 20 || out.Items[0].Satisfied != 80 || out.Items[0].R4 != 2 {
		t.Errorf("%+v", out.Items)
	}
	if a := w.As("agency", "GET", "/api/feedback/summary?from=2026-13", nil, nil); a.Code != 422 {
		t.Error(a.Code)
	}
}
