package complaint

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
)

// platform is a 12345 system with a key of its own.
type platform struct {
	*world
	key    OuterKey
	secret []byte
	n      int
	mu     sync.Mutex
}

func (w *world) platform(name string) *platform {
	w.Helper()
	p := &platform{world: w}
	if a := w.As("admin", "POST", "/api/12345/keys", fields{"name": name}, &p.key); a.Code != 200 {
		w.Fatal(a.Code, a.Body)
	}
	secret, err := base64.StdEncoding.DecodeString(p.key.Secret)
	w.Must(err)
	p.secret = secret
	return p
}

// request signs a request as the documents say; spoil may change what is sent after it was signed.
func (p *platform) request(method, path string, body []byte, spoil func(*http.Request)) answer {
	p.Helper()
	p.mu.Lock()
	p.n++
	nonce := fmt.Sprintf("nonce-%08d-abcdef", p.n)
	p.mu.Unlock()
	at := strconv.FormatInt(p.Env.Clock.Now().Unix(), 10)
	sum := sha256.Sum256(body)
	m := hmac.New(sha256.New, p.secret)
	m.Write([]byte(strings.Join([]string{method, path, at, nonce, hex.EncodeToString(sum[:])}, "\n")))
	req, err := http.NewRequest(method, p.Base+path, bytes.NewReader(body))
	p.Must(err)
	req.Header.Set("X-Suixing-Key", p.key.ID.String())
	req.Header.Set("X-Suixing-Timestamp", at)
	req.Header.Set("X-Suixing-Nonce", nonce)
	req.Header.Set("X-Suixing-Signature", hex.EncodeToString(m.Sum(nil)))
	if spoil != nil {
		spoil(req)
	}
	return p.Send(req)
}

func ticket(changes ...string) []byte {
	m := map[string]string{"number": "20260506000123", "target": "示例镇A综合执法大队", "happened": "2026-05-04", "place": "西街", "fact": "罚款没有票据，要求退还罚款。", "name": "银丝雀先生", "phone": "0371-7654321"}
	for i := 0; i+1 < len(changes); i += 2 {
		m[changes[i]] = changes[i+1]
	}
	b, _ := json.Marshal(m) // strings
	return b
}

func TestPushIsOnce(t *testing.T) {
	w := newWorld(t)
	p := w.platform("县12345平台")
	push := func(body []byte) answer { t.Helper(); return p.request("POST", "/api/12345/tickets", body, nil) }
	var wg sync.WaitGroup
	answers := make([]answer, 12)
	for i := range answers {
		wg.Add(1)
		go func() { defer wg.Done(); answers[i] = push(ticket()) }()
	}
	wg.Wait()
	for _, a := range answers {
		if a.Code != 200 || a.Body != answers[0].Body {
			t.Fatal(a.Code, a.Body)
		}
	}
	if w.Count(`SELECT count(*) FROM complaints WHERE channel = '12345' AND due_rule = 'DL15' AND outer_number = '20260506000123'`) != 1 || w.Count(`SELECT count(*) FROM leads`) != 1 {
		t.Error("one ticket made several")
	}
	if a := push(ticket("fact", "换了说法：罚款三百元没有票据。")); a.Code != 409 || !strings.Contains(a.Body, "kept_both") {
		t.Error("other words under the same number:", a.Code, a.Body)
	}
	if a := push(ticket("fact", "换了说法：罚款三百元没有票据。")); a.Code != 409 || w.Count(`SELECT count(*) FROM complaint_versions WHERE way = '12345'`) != 1 {
		t.Error("the other version again:", a.Code)
	}
	for name, bad := range map[string][]byte{"no number": ticket("number", ""), "unknown class": ticket("category", "x"), "no fact": ticket("fact", ""), "more": []byte(`{"number":"20260506000999","state":"closed"}`),
		"half": []byte(`{"number"`), "list": []byte(`[]`), "two": append(ticket("number", "777777"), ticket()...), "empty": nil, "phone": ticket("number", "888888", "phone", "1")} {
		if a := push(bad); a.Code != 422 {
			t.Errorf("%s: %d %s", name, a.Code, a.Body)
		}
	}
	if a := push(bytes.Repeat([]byte(" "), 2<<20)); a.Code != 413 {
		t.Error("2 MB:", a.Code)
	}
}

// Whoever signs wrongly behind the platform's address is slowed, and nobody else is: every ticket of the platform goes in.
func TestWrongSignaturesSlowNobodyElse(t *testing.T) {
	w := newWorld(t)
	p := w.platform("县12345平台")
	wrong := func(r *http.Request) { r.Header.Set("X-Suixing-Signature", strings.Repeat("ab", 32)) }
	stop := make(chan struct{})
	var others sync.WaitGroup
	for range 40 { // more than may wait at once
		others.Add(1)
		go func() {
			defer others.Done()
			for {
				select {
				case <-stop:
					return
				default:
					if a := p.request("POST", "/api/12345/tickets", ticket(), wrong); a.Code != 401 && a.Code != 429 {
						t.Error(a.Code, a.Body)
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		}()
	}
	time.Sleep(time.Second)
	for i := range 10 {
		start := time.Now()
		if a := p.request("POST", "/api/12345/tickets", ticket("number", fmt.Sprint("2026050600", 100+i)), nil); a.Code != 200 {
			t.Error("a ticket that is signed rightly is refused:", a.Code, a.Body)
		} else if took := time.Since(start); took > 3*time.Second {
			t.Error("and waits with the others:", took)
		}
	}
	if a := p.request("GET", "/api/12345/results", nil, nil); a.Code != 200 {
		t.Error("results:", a.Code)
	}
	close(stop)
	others.Wait()
	if n := w.Count(`SELECT count(*) FROM complaints WHERE channel = '12345'`); n != 10 {
		t.Error(n)
	}
}

// The inquiry has its month; the platform waits five working days all the same.
func TestPlatformKeepsItsOwnDate(t *testing.T) {
	w := newWorld(t)
	p := w.platform("县12345平台")
	if a := p.request("POST", "/api/12345/tickets", ticket(), nil); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	var page struct{ Items []ComplaintItem }
	w.As("office", "GET", "/api/complaints", nil, &page)
	c := page.Items[0]
	if c.DueRule != "DL15" || c.PlatformDue != "" {
		t.Fatalf("received: %+v", c)
	}
	first := c.DueOn
	d := w.do("office", c.ID, "accept", 200, nil)
	if d.DueRule != "DL02" || d.PlatformDue != first || d.DueOn == first {
		t.Errorf("accepted: %s %s, the platform's %s, was %s", d.DueRule, d.DueOn, d.PlatformDue, first)
	}
}

func TestSignatures(t *testing.T) {
	w := newWorld(t)
	p := w.platform("县12345平台")
	send := func(spoil func(*http.Request)) answer {
		t.Helper()
		return p.request("POST", "/api/12345/tickets", ticket(), spoil)
	}
	var kept *http.Request
	if a := send(func(r *http.Request) { kept = r.Clone(r.Context()) }); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	kept.Body = http.NoBody
	first := answer{}
	for name, spoil := range map[string]func(*http.Request){
		"replayed":       func(r *http.Request) { r.Header = kept.Header.Clone() },
		"no headers":     func(r *http.Request) { r.Header = http.Header{} },
		"other key":      func(r *http.Request) { r.Header.Set("X-Suixing-Key", uuid.NewString()) },
		"no key":         func(r *http.Request) { r.Header.Set("X-Suixing-Key", "") },
		"other time":     func(r *http.Request) { r.Header.Set("X-Suixing-Timestamp", "1") },
		"no time":        func(r *http.Request) { r.Header.Set("X-Suixing-Timestamp", "soon") },
		"short nonce":    func(r *http.Request) { r.Header.Set("X-Suixing-Nonce", "1") },
		"nonce with nul": func(r *http.Request) { r.Header.Set("X-Suixing-Nonce", strings.Repeat("x", 20)+"%00") },
		"other nonce":    func(r *http.Request) { r.Header.Set("X-Suixing-Nonce", strings.Repeat("y", 20)) },
		"flipped": func(r *http.Request) {
			s := []byte(r.Header.Get("X-Suixing-Signature"))
			s[5] ^= 1
			r.Header.Set("X-Suixing-Signature", string(s))
		},
		"no signature": func(r *http.Request) { r.Header.Set("X-Suixing-Signature", "") },
		"other body":   func(r *http.Request) { r.Body = http.NoBody; r.ContentLength = 0 },
		"other path":   func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"hour ago":     func(*http.Request) { w.Env.Clock.Add(time.Hour) },
	} {
		a := send(spoil)
		if a.Code != 401 || !strings.Contains(a.Body, "签名不对") {
			t.Errorf("%s: %d %s", name, a.Code, a.Body)
		}
		words := strings.SplitN(a.Body, "request_id", 2)[0]
		if first.Body == "" {
			first.Body = words
		} else if words != first.Body {
			t.Errorf("%s is told something of its own: %s", name, a.Body)
		}
		if name == "hour ago" {
			w.Env.Clock.Add(-time.Hour)
		}
		w.Exec(`DELETE FROM public_slowdown`)
	}
	if n := w.Count(`SELECT count(*) FROM complaints`); n != 1 {
		t.Errorf("%d complaints", n)
	}
	for who := range w.People {
		want := 403
		if who == "admin" {
			want = 200
		}
		if a := w.As(who, "GET", "/api/12345/keys", nil, nil); a.Code != want || strings.Contains(a.Body, p.key.Secret) || strings.Contains(a.Body, `"secret"`) {
			t.Errorf("%s lists keys: %d %s", who, a.Code, a.Body)
		}
	}
	if n := w.Count(`SELECT count(*) FROM outer_keys k WHERE k::text LIKE '%' || $1 || '%' OR k::text LIKE '%' || $2 || '%'`, hex.EncodeToString(p.secret), p.key.Secret); n != 0 {
		t.Error("the secret stands in the database")
	}
	for range 2 {
		if a := w.As("admin", "POST", "/api/12345/keys/"+p.key.ID.String()+"/revoke", fields{}, nil); a.Code != 204 {
			t.Error(a.Code, a.Body)
		}
	}
	if a := send(nil); a.Code != 401 {
		t.Error("a revoked key signs:", a.Code)
	}
	w.Must(w.s.Sweep(t.Context()))
	w.Env.Clock.Add(time.Hour)
	w.Must(w.s.Sweep(t.Context()))
	if n := w.Count(`SELECT count(*) FROM outer_nonces`); n != 0 {
		t.Errorf("%d nonces kept for ever", n)
	}
}

func TestResultsAreFetched(t *testing.T) {
	w := newWorld(t)
	p, other := w.platform("县12345平台"), w.platform("市12345平台")
	var filed [3]Filed
	for i := range filed {
		a := p.request("POST", "/api/12345/tickets", ticket("number", fmt.Sprintf("2026-%d", 1000+i), "fact", fmt.Sprintf("第%d件：罚款没有票据，要求退还。", i)), nil)
		w.Must(json.Unmarshal([]byte(a.Body), &filed[i]))
		w.Env.Clock.Add(time.Second)
	}
	type page struct {
		Items []OuterResult
		Next  string
	}
	fetch := func(p *platform, since string) (out page) {
		t.Helper()
		a := p.request("GET", "/api/12345/results?since="+since, nil, nil)
		if a.Code != 200 || strings.Contains(a.Body, "银丝雀") || strings.Contains(a.Body, "7654321") || strings.Contains(a.Body, "票据") {
			t.Fatal(a.Code, a.Body)
		}
		w.Must(json.Unmarshal([]byte(a.Body), &out))
		return out
	}
	if got := fetch(p, ""); len(got.Items) != 0 {
		t.Error("what may still be joined by an earlier change is listed already", got)
	}
	w.Env.Clock.Add(time.Minute)
	got := fetch(p, "")
	if len(got.Items) != 3 || got.Items[0].OuterNumber != "2026-1000" || got.Items[0].State != Received || got.Items[0].DueOn != "2026-05-12" {
		t.Fatalf("%+v", got)
	}
	if more := fetch(p, got.Next); len(more.Items) != 0 || more.Next != got.Next {
		t.Errorf("%+v", more)
	}
	if foreign := fetch(other, ""); len(foreign.Items) != 0 {
		t.Error("another platform's tickets:", foreign)
	}
	w.do("office", filed[1].ID, "refuse", 200, fields{"ground": "nothing_new", "text": "已经答复过，没有新的事实。", "remedies": "可以申请行政复议。", "how": "12345", "told_on": "2026-05-06", "deidentified": true})
	w.Env.Clock.Add(time.Minute)
	if more := fetch(p, got.Next); len(more.Items) != 1 || more.Items[0].State != Refused || more.Items[0].Ground != "nothing_new" || !strings.Contains(more.Items[0].Answer, "行政复议") {
		t.Errorf("%+v", more)
	}
	if more := fetch(p, w.Env.Clock.Now().Add(-90*time.Second).Format(time.RFC3339)); len(more.Items) == 0 {
		t.Error("by time: nothing")
	}
	for _, bad := range []string{"yesterday", "%00", "!!!!"} {
		if a := p.request("GET", "/api/12345/results?since="+bad, nil, nil); a.Code != 422 {
			t.Errorf("since=%s: %d", bad, a.Code)
		}
	}
	for _, who := range []string{"county", "agency", "hotline"} {
		if a := w.As(who, "GET", "/api/12345/results", nil, nil); a.Code != 401 {
			t.Errorf("%s fetches results: %d", who, a.Code)
		}
	}
}

func sheet(t *testing.T, rows ...[]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range append([][]string{{"工单编号", "被反映单位", "发生时间", "地点", "诉求内容", "来电人", "联系电话", "来源平台"}}, rows...) {
		for j, v := range r {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellStr("Sheet1", cell, v); err != nil {
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

func (w *world) file(who, path string, body []byte, out any) answer {
	w.Helper()
	req, err := http.NewRequest("POST", w.Base+path, bytes.NewReader(body))
	w.Must(err)
	req.Header.Set("Authorization", "Bearer "+who)
	a := w.Send(req)
	if out != nil && a.Code == 200 {
		w.Must(json.Unmarshal([]byte(a.Body), out))
	}
	return a
}

func TestImportIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("罚款没有票据。", 200)
	good := [][]string{{"20260506000123", "示例镇A综合执法大队", "2026-05-04", "西街", "罚款没有票据，要求退还罚款。", "银丝雀先生", "0371-7654321"}, {"20260506000124", "示例镇B综合执法大队", "2026/5/3", "东街", long, "", ""}}
	bad := append(append([][]string{}, good...), []string{"20260506000125", "", "2026-05-04", "西街", "短"}, []string{"20260506000123", "示例镇A综合执法大队", "2026-05-04", "西街", "另一件：没有出示证件就检查。"},
		[]string{"20260506000126", "示例镇A综合执法大队", "去年", "西街", "没有出示证件就检查了半天。"}, []string{"20260506000127", "示例镇A综合执法大队", "2026-05-04", "西街", "没有出示证件就检查了半天。", "银丝雀", "1"})
	var rep ImportReport
	for _, commit := range []string{"false", "true"} {
		if a := w.file("hotline", "/api/complaints/import?commit="+commit, sheet(t, bad...), &rep); a.Code != 200 || rep.Good != 2 || rep.Bad != 4 || rep.Committed {
			t.Fatal(a.Code, a.Body)
		} else if strings.Contains(a.Body, "银丝雀") || strings.Contains(a.Body, "7654321") {
			t.Error("the preview repeats who spoke")
		}
	}
	for row, field := range map[int]string{4: "target", 5: "outer_number", 6: "happened", 7: "phone"} {
		r := rep.Rows[row-2]
		if r.Row != row || r.OK || len(r.Errors) == 0 || r.Errors[len(r.Errors)-1].Field != field && r.Errors[0].Field != field {
			t.Errorf("row %d: %+v", row, r)
		}
	}
	if w.Count(`SELECT count(*) FROM complaints`) != 0 {
		t.Fatal("one bad row, and something was kept")
	}
	for i := range 2 {
		if a := w.file("hotline", "/api/complaints/import?commit=true", sheet(t, good...), &rep); a.Code != 200 || !rep.Committed || rep.Rows[0].Number != "TS2026-0001" || rep.Rows[1].Number != "TS2026-0002" {
			t.Fatal(i, a.Code, a.Body)
		}
	}
	if w.Count(`SELECT count(*) FROM complaints WHERE channel = '12345'`) != 2 || w.Count(`SELECT count(*) FROM leads`) != 2 || w.Count(`SELECT value FROM counters WHERE series = 'TS2026'`) != 2 {
		t.Error("the same file again made more")
	}
	if p := w.platform("县12345平台"); p.request("POST", "/api/12345/tickets", ticket("reply_wanted", ""), nil).Code != 422 {
		t.Error("a field of the wrong type")
	}
	good[0][4] = "换了说法：罚款三百元没有票据。"
	if w.file("county", "/api/complaints/import", sheet(t, good...), &rep); rep.Bad != 1 || !strings.Contains(rep.Rows[0].Errors[0].Message, "TS2026-0001") {
		t.Errorf("other words under a known number: %+v", rep)
	}
	for who, want := range map[string]int{"office": 403, "agency": 403, "supervisor": 403, "leader": 403} {
		if a := w.file(who, "/api/complaints/import", sheet(t, good...), nil); a.Code != want {
			t.Errorf("%s imports: %d", who, a.Code)
		}
	}
	for name, body := range map[string][]byte{"nothing": nil, "text": []byte("工单"), "zip": []byte("PK\x03\x04 broken"), "no headings": sheet(t)[:100]} {
		if a := w.file("hotline", "/api/complaints/import", body, nil); a.Code != 422 {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := w.file("hotline", "/api/complaints/import", make([]byte, 6<<20), nil); a.Code != 413 {
		t.Error("6 MB:", a.Code)
	}
	req, err := http.NewRequest("GET", w.Base+"/api/complaints/import/template", nil)
	w.Must(err)
	req.Header.Set("Authorization", "Bearer hotline")
	if a := w.Send(req); a.Code != 200 || !strings.HasPrefix(a.Body, "PK") {
		t.Error("no template:", a.Code)
	}
}
