package feedback

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAnswerWithoutScript(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	page := w.Get(path)
	for _, want := range []string{"示例镇A综合执法大队", "2026年5月6日 · 食品检查", "谁看不到：来检查的单位和人", `action`, "0371-1234567", "怎样处理您的信息"} {
		if want != "action" && !strings.Contains(page.Body, want) {
			t.Errorf("form lacks %q", want)
		}
	}
	if strings.Contains(page.Body, "<script") || page.Code != 200 {
		t.Error("the form needs a script", page.Code)
	}
	code := w.Receipt(w.Post(path, good()))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE counted AND NOT bad AND state = 'received' AND agency_id = $1 AND office_id = $2 AND matter = 'food' AND checked_on = '2026-05-06'`, w.Agency1, w.Office1); n != 1 {
		t.Error("answers kept:", n)
	}
	if n := w.Count(`SELECT count(*) FROM leads`); n != 0 {
		t.Error("a content answer raised a lead")
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE actor_id IS NULL`); n != 0 {
		t.Error("the trail knows of the answer before its hour is over:", n)
	}
	w.settle()
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'feedback.submit.ticket' AND subject_id IS NULL AND actor_id IS NULL AND detail = '{"count": 1}' AND date_trunc('hour', at) = at`); n != 1 {
		t.Error("rows in the trail:", n)
	}
	st, ok, err := w.s.Status(context.Background(), strings.ReplaceAll(code, " ", ""))
	if err != nil || !ok || st.Received.Minute() != 0 {
		t.Errorf("status %+v %v %v", st, ok, err)
	}
}

func TestPolicyAllowsTheStylesheetItSends(t *testing.T) {
	w := newWorld(t)
	page := w.Get("/f")
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page.Body)
	sum := sha256.Sum256([]byte(style[1]))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, want) || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("policy %q lacks %q", csp, want)
	}
}

func TestFormIsSmall(t *testing.T) {
	w := newWorld(t)
	path, _ := w.ticket() // unbound: the longer form
	for _, p := range []string{path, path + "?mode=elder"} {
		req, err := http.NewRequest("GET", w.Base+p, nil)
		w.Must(err)
		req.Header.Set("Accept-Encoding", "gzip")
		a := w.Send(req)
		t.Logf("%s: %d bytes compressed", p[len(path):], len(a.Body))
		if a.Header.Get("Content-Encoding") != "gzip" || len(a.Body) > 5<<10 {
			t.Errorf("%d bytes, encoding %q", len(a.Body), a.Header.Get("Content-Encoding"))
		}
		if r, err := gzip.NewReader(strings.NewReader(a.Body)); err != nil {
			t.Error(err)
		} else {
			_ = r.Close()
		}
	}
}

func TestErrorsKeepEverything(t *testing.T) {
	w := newWorld(t)
	path, _ := w.ticket()
	v := with(good(), "F7", "y", "business", `老王<b>"面馆`, "O2", "早点\n来", "P1", "y", "P2", "王小满", "P3", "13800000000", "P4", "y", "agency", w.Agency1.String(), "day", "2026-05-05")
	v.Del("F3")
	back := w.Post(path, v, picture(1), picture(2))
	if back.Code != 422 {
		t.Fatal(back.Code, visible(back.Body))
	}
	for _, want := range []string{
		"还有4处要补，已填的都留着", `href="#F3"`, `href="#O1"`, "您选了“影响正常经营”，请写几句是怎么回事", "请选检查的是什么", "留联系方式，要先看过个人信息处理告知",
		`value="老王&lt;b&gt;&#34;面馆"`, "早点\n来</textarea>", `value="王小满"`, `value="13800000000"`, `id="P1y" value="y" checked`, `name="P4" value="y" checked`,
		`name="F7" value="y" checked`, `name="R0" value="5" checked`, `value="` + w.Agency1.String() + `" selected`, "第2张，已收到", `aria-describedby="F3-m"`, `aria-invalid="true"`,
	} {
		if !strings.Contains(back.Body, want) {
			t.Errorf("lost or missing: %q", want)
		}
	}
	if strings.Contains(back.Body, `name="P5" value="y" checked`) {
		t.Error("a box that was unticked came back ticked")
	}
	// Pictures are between label and form again, and an error never made a row.
	kept := regexp.MustCompile(`name="kept" value="([^"]+)"`).FindAllStringSubmatch(back.Body, -1)
	if len(kept) != 2 || w.Count(`SELECT count(*) FROM feedbacks`) != 0 {
		t.Fatal("kept pictures:", len(kept))
	}
	v = with(v, "F3", "u", "O1", "一天来了三次", "matter", "fire", "day", "2026-05-05", "consent", "y")
	v["kept"] = []string{kept[0][1], kept[1][1], strings.Repeat("a", 64) + ".5.forged", kept[0][1]}
	w.Receipt(w.Post(path, v, picture(3)))
	if n := w.Count(`SELECT count(*) FROM attachments a JOIN feedbacks f ON f.id = a.owner_id WHERE a.owner_kind = 'feedback' AND a.source = 'public' AND date_trunc('hour', a.declared_at) = a.declared_at`); n != 3 {
		t.Error("pictures on the answer:", n)
	}
	// A mark of another form is worth nothing here.
	other, _ := w.ticket()
	again := with(good(), "agency", w.Agency1.String(), "matter", "food", "day", "2026-05-05")
	again["kept"] = []string{kept[0][1]}
	w.Receipt(w.Post(other, again))
	if n := w.Count(`SELECT count(*) FROM attachments`); n != 3 {
		t.Error("a picture went to another form")
	}
}

func TestWrongFilesAreSaidAndCostNothing(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	back := w.Post(path, with(good(), "O2", "留着我"), []byte("<svg onload=alert(1)>"), picture(1))
	if back.Code != 422 || !strings.Contains(back.Body, "不是能看的照片") || !strings.Contains(back.Body, "留着我") || !strings.Contains(back.Body, "第1张，已收到") {
		t.Error(back.Code, visible(back.Body))
	}
	var many [][]byte
	for i := range 8 {
		many = append(many, picture(uint8(10+i)))
	}
	if back = w.Post(path, good(), many...); back.Code != 422 || !strings.Contains(back.Body, "最多6张") || strings.Count(back.Body, `name="kept"`) != 6 {
		t.Error(back.Code, strings.Count(back.Body, `name="kept"`))
	}
	big := append(picture(1), make([]byte, 11<<20)...)
	if back = w.Post(path, good(), big); back.Code != 422 || !strings.Contains(back.Body, "超过10 MB") {
		t.Error(back.Code, visible(back.Body))
	}
}

func TestSecondAnswerIsKeptAndNotCounted(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	first := w.Post(path, good())
	c1 := w.Receipt(first)
	if c := w.Receipt(w.Post(path, good())); c != c1 {
		t.Error("the same form again: another receipt")
	}
	second := w.Post(path, with(good(), "R0", "1", "O1", "其实很不满意"))
	c2 := w.Receipt(second)
	p1, p2 := w.Get(first.Location), w.Get(second.Location)
	if c1 == c2 || !strings.Contains(p2.Body, "谢谢您。示例镇A司法所会看到这份反馈。") || p1.Code != p2.Code {
		t.Error("the second person reads other words")
	}
	if w.Count(`SELECT count(*) FROM feedbacks WHERE counted`) != 1 || w.Count(`SELECT count(*) FROM feedbacks`) != 2 {
		t.Error("counted twice or dropped")
	}
	w.settle()
	if w.Count(`SELECT count(*) FROM feedbacks WHERE NOT counted AND bad`) != 1 || w.Count(`SELECT count(*) FROM leads`) != 1 {
		t.Error("the second answer replaced the first, or raised no lead")
	}
}

func TestManyAtOnceCountOnce(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	var wg sync.WaitGroup
	codes := make([]int, 100)
	for i := range codes {
		wg.Add(1)
		go func() {
			defer wg.Done()
			v := good()
			if i%4 != 0 { // a quarter sends the very same form
				v.Set("O2", fmt.Sprint("第", i))
			}
			codes[i] = w.Post(path, v).Code
		}()
	}
	wg.Wait()
	for i, c := range codes {
		if c != 303 {
			t.Fatalf("post %d: %d", i, c)
		}
	}
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE counted`); n != 1 {
		t.Error("counted:", n)
	}
	if n := w.Count(`SELECT count(*) FROM feedbacks`); n != 76 {
		t.Error("kept:", n, "want 75 different ones and one of the 25 alike")
	}
}

func TestBadTicketsLookAlike(t *testing.T) {
	w := newWorld(t)
	expired, et, _ := w.bound()
	revoked, rt := w.ticket()
	if n, err := w.s.RevokeTickets(context.Background(), w.People["supervisor"], &Revocation{IDs: []uuid.UUID{rt.ID}}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	w.Env.Clock.Add(7*24*time.Hour - time.Second)
	if a := w.Get(expired); a.Code != 200 {
		t.Fatal("a ticket ended early", a.Code)
	}
	w.Env.Clock.Add(2 * time.Second)
	unknown := "/f/" + base64.RawURLEncoding.EncodeToString(make([]byte, tokenBytes))
	paths := []string{unknown, expired, revoked, "/f/" + strings.ReplaceAll(et.Short, " ", ""), "/f/" + strings.ReplaceAll(rt.Short, " ", ""), "/f/000000000000", "/f/x", "/f/%00%ff", "/f/" + strings.Repeat("A", 3000)}
	first := w.Get(unknown)
	if first.Code != 404 {
		t.Fatal(first.Code)
	}
	whole := with(good(), "agency", w.Agency1.String(), "day", "2026-05-05", "matter", "food") // nothing is missing but the ticket
	for _, p := range paths {
		for _, a := range []answer{w.Get(p), w.Post(p, whole)} {
			if a.Code != 404 || a.Body != first.Body {
				t.Errorf("%.40s: %d, same bytes %v", p, a.Code, a.Body == first.Body)
			}
		}
	}
	if w.Count(`SELECT count(*) FROM feedbacks`) != 0 {
		t.Error("an answer came through a dead ticket")
	}
}

func TestTypedCode(t *testing.T) {
	w := newWorld(t)
	_, ticket, _ := w.bound()
	typed := strings.ToLower(strings.ReplaceAll(ticket.Short, " ", " - "))
	typed = strings.NewReplacer("0", "o", "1", "l").Replace(typed)
	a := w.Post("/f", url.Values{"code": {typed}})
	if a.Code != 303 {
		t.Fatal(a.Code, visible(a.Body))
	}
	w.Receipt(w.Post(a.Location, good()))
	unknown := w.Post("/f", url.Values{"code": {"7KQ4 M2XA T9DR"}})
	if unknown.Code != 422 || !strings.Contains(unknown.Body, `value="7KQ4 M2XA T9DR"`) || !strings.Contains(unknown.Body, "没有这个编号，或者已经不能用") {
		t.Error(unknown.Code, visible(unknown.Body))
	}
	for range freeTries {
		w.Post("/f", url.Values{"code": {"7KQ4 M2XA T9DR"}})
	}
	if a := w.Post("/f", url.Values{"code": {typed}}); a.Code != 200 || !strings.Contains(a.Body, "pow_task") || !strings.Contains(a.Body, `name="code" value="`) {
		t.Error("who guesses is not asked for work", a.Code, visible(a.Body))
	}
	held := w.Get("/f/" + strings.ReplaceAll(ticket.Short, " ", ""))
	again := regexp.MustCompile(`content="5;url=([^"]+)"`).FindStringSubmatch(held.Body) // who has no script asks again by itself
	if held.Code != 200 || !strings.Contains(held.Body, "请稍等") || again == nil {
		t.Fatal("guessing by addresses is free, or shut out:", held.Code, visible(held.Body))
	}
	start := time.Now()
	if a := w.Get(html.UnescapeString(again[1])); a.Code != 303 || time.Since(start) < 150*time.Millisecond {
		t.Error("guessing is not slowed, or shut out:", a.Code, time.Since(start))
	}
	scanned, _ := w.ticket()
	for who, address := range map[string]string{"who had the code before": a.Location, "a scanned code": scanned} {
		best := time.Hour // of many: a busy machine makes any one of them wait
		for range 20 {
			start := time.Now()
			if a := w.Get(address); a.Code != 200 {
				t.Error(who, "is refused:", a.Code)
			}
			best = min(best, time.Since(start))
		}
		if best > 150*time.Millisecond {
			t.Error(who, "waits for the guesses of others", best)
		}
	}
	if n := w.Count(`SELECT count(*) FROM public_slowdown WHERE position('127.0.0.1'::bytea in key) > 0 OR length(key) <> 32`); n != 0 {
		t.Error("an address is kept as it is")
	}
	w.Env.Clock.Add(24 * time.Hour)
	w.Post("/f", url.Values{"code": {"7KQ4 M2XA T9DR"}})
	if n := w.Count(`SELECT count(*) FROM public_slowdown`); n != 1 {
		t.Error("yesterday's rows are still there:", n)
	}
}

const freeTries = 22

func TestAnswerBeforeItsVisit(t *testing.T) {
	w := newWorld(t)
	path, ticket := w.ticket()
	if page := w.Get(path); !strings.Contains(page.Body, "哪个单位来检查的") || strings.Contains(page.Body, "示例镇B综合执法大队") {
		t.Error("an unbound form must ask for the agency, among those of its office")
	}
	v := with(good(), "R0", "2", "O1", "态度差", "day", "2026-05-05", "matter", "safety")
	if back := w.Post(path, v); back.Code != 422 || !strings.Contains(back.Body, "请选来检查的单位") {
		t.Error(back.Code)
	}
	w.Receipt(w.Post(path, with(v, "agency", w.Agency2.String())))
	visit := w.visit()
	w.Must(w.bind(ticket.ID, visit))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE agency_id = $1 AND office_id = $2 AND matter = 'food' AND checked_on = '2026-05-06'`, w.Agency1, w.Office1); n != 1 {
		t.Error("the answer did not get its agency from the visit")
	}
	w.Must(w.bind(ticket.ID, visit)) // the sheet may come again
	other, _ := w.s.IssueTickets(context.Background(), w.People["supervisor"], uuid.New(), 1)
	w.Must(w.bind(other.Items[0].ID, visit)) // a second ticket for the visit changes nothing
	if n := w.Count(`SELECT count(*) FROM tickets WHERE visit_id IS NOT NULL`); n != 1 {
		t.Error("tickets of the visit:", n)
	}
}

func TestElderVersion(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	page := w.Get(path + "?mode=elder")
	if !strings.Contains(page.Body, "data-elder") || strings.Contains(page.Body, "非常") || !strings.Contains(page.Body, `name="R0" value="3"`) {
		t.Error("not the elder version")
	}
	if back := w.Post(path+"?mode=elder", with(good(), "R3", "4")); back.Code != 422 {
		t.Error("a level the form does not have was taken", back.Code)
	}
	w.Receipt(w.Post(path+"?mode=elder", with(good(), "R0", "3")))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE scale = 3 AND overall = 3`); n != 1 {
		t.Error(n)
	}
}

func TestReceiptPageEnds(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	a := w.Post(path, good())
	w.Receipt(a)
	for i := range len(a.Location) - len("/f/done/") {
		b := []byte(a.Location)
		b[len("/f/done/")+i] ^= 1
		if i%9 == 0 && w.Get(string(b)).Code == 200 {
			t.Fatal("a changed address opened")
		}
	}
	w.Env.Clock.Add(61 * time.Minute)
	if gone := w.Get(a.Location); gone.Code != 404 {
		t.Error("still readable after an hour:", gone.Code)
	}
}

func TestBodyThatIsNoForm(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	for kind, body := range map[string]string{
		"application/json": `{"kind":"farm"}`, "": "x", "multipart/form-data": "--x", "multipart/form-data; boundary=x": "--x\r\nbroken",
		"application/x-www-form-urlencoded": "%zz=%&&&=&kind", "text/plain": strings.Repeat("A", 1<<20),
	} {
		req, err := http.NewRequest("POST", w.Base+path, bytes.NewReader([]byte(body)))
		w.Must(err)
		req.Header.Set("Content-Type", kind)
		if a := w.Send(req); a.Code < 400 || a.Code >= 500 {
			t.Errorf("%q: %d", kind, a.Code)
		}
	}
	req, err := http.NewRequest("POST", w.Base+path, bytes.NewReader([]byte(good().Encode())))
	w.Must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w.Receipt(w.Send(req))
}
