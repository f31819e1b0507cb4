package app_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// picture is a small real JPEG of one tone, so that each differs.
func picture(t *testing.T, tone uint8) ([]byte, string) {
	t.Helper()
	raw := jpegOf(tone)
	sum := sha256.Sum256(raw)
	return raw, hex.EncodeToString(sum[:])
}

func jpegOf(tone uint8) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{tone, uint8(x), uint8(y), 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // a buffer takes everything
	return b.Bytes()
}

// phone seals a sheet as the field app does: the bytes are made once and sent again as they are.
type phone struct {
	sheetID, visitID string
	raw              []byte
	photos           map[string][]byte // by hash
	ticketURL        string
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// seal makes a quick-mode sheet of office A on which failed items say no, each with a photo, and two signatures.
func (w *world) seal(c *client, failed ...string) *phone { return w.sealAt(c, 0, failed...) }

// sealAt is seal for the agency of a township.
func (w *world) sealAt(c *client, place int, failed ...string) *phone {
	t := w.t
	t.Helper()
	p := &phone{sheetID: newID(t), visitID: newID(t), photos: map[string][]byte{}}
	batch := c.do("POST", "/api/tickets", map[string]any{"request_id": newID(t), "count": 1}).want(200, 201)
	p.ticketURL = batch.str("items.0.url")
	pack := c.do("GET", "/api/field/pack", nil).want(200)
	me := pack.str("me.id")
	now := w.env.Clock.Now()
	stamp := func(back time.Duration) string { return now.Add(-back).Format(time.RFC3339) }
	var manifest []map[string]any
	add := func(tone uint8, source string) string {
		raw, sum := picture(t, tone)
		p.photos[sum] = raw
		manifest = append(manifest, map[string]any{"sha256": sum, "size": len(raw), "type": "image/jpeg", "source": source, "taken_at": stamp(time.Hour), "place": nil})
		return sum
	}
	bad := map[string]bool{}
	for _, f := range failed {
		bad[f] = true
	}
	var answers []map[string]any
	for i, code := range []string{"A02", "A03", "B01", "C01", "C02", "C03", "D01", "D02", "E02", "E03", "F02", "H03"} {
		a := map[string]any{"code": code, "result": "yes", "note": "", "photos": []string{}, "at": stamp(time.Hour)}
		if bad[code] {
			a["result"], a["note"], a["photos"] = "no", "两名执法人员进店后直接查看后厨，店主询问后才出示证件。", []string{add(uint8(10+i+20*place), "camera")}
		}
		answers = append(answers, a)
	}
	of := w.ppl.Officers[w.ppl.Agencies[place].ID][0]
	body := map[string]any{
		"id": p.sheetID, "visit_id": p.visitID, "version": 1, "app_version": "test", "checklist_version": 1, "mode": "quick", "method": "accompanied",
		"visit": map[string]any{"agency_id": w.ppl.Agencies[place].ID, "business": map[string]any{"name": "示例小吃店", "uscc": "", "address": "示例路1号", "kind": "household"},
			"matter": "food", "notice_number": "", "external_code": "", "supervisor_ids": []string{me}},
		"recusal": map[string]any{"declared": true, "at": stamp(2 * time.Hour)}, "started_at": stamp(2 * time.Hour), "ended_at": stamp(time.Hour), "sealed_at": stamp(time.Minute),
		"officers": []map[string]any{{"id": of.ID, "name": of.Name, "credential_number": of.Credential, "standing": "valid"}}, "helpers": 0,
		"answers": answers, "observations": []any{}, "stop": nil, "opinion": "检查规范，注意亮证。", "overall": "mostly",
		"officer_sign":     map[string]any{"name": of.Name, "credential_number": of.Credential, "stance": "accept", "text": "", "signature": add(uint8(200+2*place), "signature")},
		"supervisor_signs": []map[string]any{{"account_id": me, "name": pack.str("me.name"), "signature": add(uint8(201+2*place), "signature")}},
		"place":            nil, "ticket_id": batch.str("items.0.id"), "photos": manifest,
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	p.raw = raw
	return p
}

// Story 1: a sealed sheet arrives, its photos late and twice, and custody ends with a receipt anyone can check.
func TestStoryPhoneSendsSheet(t *testing.T) {
	w := newWorld(t)
	sup := w.as("supervisor")
	p := w.seal(sup, "C01", "F02")
	for i := range 3 { // resent byte for byte
		a := sup.do("PUT", "/api/sheets/"+p.sheetID, p.raw, "Content-Type", "application/json").want(200, 201)
		if i > 0 && a.status != 200 {
			t.Errorf("sent again: %d", a.status)
		}
		if a.str("state") != "waiting" || len(a.get("missing").([]any)) != len(p.photos) {
			t.Fatalf("before the photos: %s", a.body)
		}
	}
	n := 0
	for sum, raw := range p.photos {
		sup.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
		sup.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
		n++
		office := w.as("office").do("GET", "/api/visits/"+p.visitID, nil).want(200)
		if n < len(p.photos) && office.str("waiting") != "1" {
			t.Error("the office is told complete while photos are out")
		}
	}
	a := sup.do("PUT", "/api/sheets/"+p.sheetID, p.raw, "Content-Type", "application/json").want(200)
	if a.str("state") != "complete" {
		t.Fatalf("after the photos: %s", a.body)
	}
	checkReceipt(t, sup, p, a)
	w.nobody().do("GET", "/v/"+a.str("receipt.code"), nil, "Accept", "text/html").want(200)

	// The red line is registered without anyone's hand, the other finding waits for a person.
	problems := w.as("office").do("GET", "/api/problems?open=true", nil).want(200)
	if items := problems.get("items").([]any); len(items) != 1 || problems.str("items.0.severity") != "redline" || problems.str("items.0.state") != "confirmed" {
		t.Errorf("registered: %s", problems.body)
	} else if one := w.as("office").do("GET", "/api/problems/"+problems.str("items.0.id"), nil).want(200); len(one.get("photos").([]any)) == 0 {
		t.Errorf("the red line's problem came without the photos of its item: %s", one.body)
	}
	offered := w.as("office").do("GET", "/api/findings?offered=true", nil).want(200)
	if items := offered.get("items").([]any); len(items) != 1 || offered.str("items.0.item") != "F02" {
		t.Errorf("offered: %s", offered.body)
	}
	mine := sup.do("GET", "/api/my/findings", nil).want(200)
	if items := mine.get("items").([]any); len(items) != 2 {
		t.Errorf("what became of my findings: %s", mine.body)
	}

	// Same id, other bytes: refused, and both are kept for a person.
	other := bytes.Replace(p.raw, []byte("检查规范"), []byte("另一句话"), 1)
	sup.do("PUT", "/api/sheets/"+p.sheetID, other, "Content-Type", "application/json").want(409)
	if c := w.as("office").do("GET", "/api/sheet-conflicts", nil).want(200); len(c.get("items").([]any)) != 1 {
		t.Errorf("conflicts: %s", c.body)
	}
	// Others do not see it: a sibling office, another supervisor, the agency, the public.
	for _, who := range []*client{w.as("office2"), w.as("supervisor2")} {
		who.do("GET", "/api/visits/"+p.visitID, nil).want(404)
	}
	w.as("agency").do("GET", "/api/visits/"+p.visitID, nil).want(403)
	w.nobody().do("GET", "/api/visits/"+p.visitID, nil).want(401)
}

func checkReceipt(t *testing.T, c *client, p *phone, a *answer) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(c.do("GET", "/api/field/pack", nil).want(200).str("receipt_key.public"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := base64.StdEncoding.DecodeString(a.str("receipt.body"))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := base64.StdEncoding.DecodeString(a.str("receipt.signature"))
	if err != nil || !ed25519.Verify(key, body, sig) {
		t.Fatalf("the receipt's signature does not hold (%v)", err)
	}
	var r struct {
		SheetID string `json:"sheet_id"`
		Digest  string `json:"digest"`
		Photos  []struct {
			SHA256 string `json:"sha256"`
		} `json:"photos"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(p.raw)
	if r.SheetID != p.sheetID || r.Digest != hex.EncodeToString(sum[:]) || len(r.Photos) != len(p.photos) {
		t.Errorf("the receipt is for something else: %s", body)
	}
}

var hidden = regexp.MustCompile(`<input[^>]+type="?hidden"?[^>]*>`)
var attr = regexp.MustCompile(`(name|value)="([^"]*)"`)

// form posts a public page as a browser without script would: the hidden fields of the page, then what was filled in.
func (c *client) form(path string, page []byte, fill url.Values, photos ...[]byte) *answer {
	c.w.t.Helper()
	return c.formNamed(path, page, fill, "p.jpg", photos...)
}

// formNamed is form with the name that the pictures' files have.
func (c *client) formNamed(path string, page []byte, fill url.Values, name string, photos ...[]byte) *answer {
	c.w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, in := range hidden.FindAll(page, -1) {
		f := map[string]string{}
		for _, kv := range attr.FindAllSubmatch(in, -1) {
			f[string(kv[1])] = string(kv[2])
		}
		_ = m.WriteField(f["name"], f["value"])
	}
	for k, vs := range fill {
		for _, v := range vs {
			_ = m.WriteField(k, v)
		}
	}
	for _, raw := range photos {
		part, err := m.CreateFormFile("photos", name)
		if err != nil {
			c.w.t.Fatal(err)
		}
		_, _ = part.Write(raw)
	}
	_ = m.Close()
	return c.do("POST", path, b.Bytes(), "Content-Type", m.FormDataContentType())
}

// happy are the answers of a satisfied business.
func happy() url.Values {
	v := url.Values{"kind": {"household"}, "P1": {"n"}, "website": {""}}
	for i := 1; i <= 6; i++ {
		v.Set(fmt.Sprintf("F%d", i), "y")
	}
	for i := 7; i <= 10; i++ {
		v.Set(fmt.Sprintf("F%d", i), "n")
	}
	for i := range 6 {
		v.Set(fmt.Sprintf("R%d", i), "5")
	}
	return v
}

var receiptCode = regexp.MustCompile(`[0-9A-Z]{4}[ -][0-9A-Z]{4}[ -][0-9A-Z]{4}[ -][0-9A-Z]{4}`)

// Story 2: a business answers by the code on the supervisor's phone; what it says reaches the office and nobody else.
func TestStoryBusinessAnswers(t *testing.T) {
	w := newWorld(t)
	sup := w.as("supervisor")
	p := w.seal(sup)
	sup.do("PUT", "/api/sheets/"+p.sheetID, p.raw, "Content-Type", "application/json").want(201)
	path := strings.TrimPrefix(p.ticketURL, w.base)
	shop := w.nobody()
	page := shop.do("GET", path, nil, "Accept", "text/html").want(200)
	if strings.Contains(string(page.body), "<script") {
		t.Error("the form must be complete without script")
	}
	bad := happy()
	bad.Set("F7", "y")
	bad.Set("R0", "2")
	again := shop.form(path, page.body, bad).want(422) // what is wrong must be said in words
	if !strings.Contains(string(again.body), "O1") {
		t.Errorf("the missing words are not pointed out: %.300s", again.body)
	}
	const secret = "占用车间两小时，影响发货。"
	bad.Set("O1", secret)
	bad.Set("P1", "y")
	bad.Set("consent", "y")
	bad.Set("P2", "金丝雀王")
	bad.Set("P3", "13900001234")
	raw, _ := picture(t, 77)
	done := shop.form(path, again.body, bad, raw).want(303)
	receipt := shop.do("GET", strings.TrimPrefix(done.header.Get("Location"), w.base), nil, "Accept", "text/html").want(200)
	code := receiptCode.FindString(string(receipt.body))
	if code == "" {
		t.Fatalf("no receipt code: %s", receipt.body)
	}
	status := shop.form("/t", nil, url.Values{"r": {code}}).want(200)
	if strings.Contains(string(status.body), "占用车间") || strings.Contains(string(status.body), "金丝雀") {
		t.Error("the status page shows the words or the person")
	}
	// The office finds a lead; the agency finds nothing, not by any list, count or search.
	w.settleAnswers()
	leads := w.as("office").do("GET", "/api/leads?state=open", nil).want(200)
	if items := leads.get("items").([]any); len(items) != 1 || leads.str("items.0.origin") != "feedback" {
		t.Fatalf("leads: %s", leads.body)
	}
	for _, path := range []string{"/api/problems", "/api/problems/counts", "/api/problems?q=占用", "/api/feedback/summary?from=2026-05&to=2026-05"} {
		a := w.as("agency").do("GET", path, nil)
		if a.status < 500 && !strings.Contains(string(a.body), "占用") && !strings.Contains(string(a.body), "金丝雀") && !strings.Contains(string(a.body), "13900001234") {
			continue
		}
		t.Errorf("%s: %s", a.what, a.body)
	}
	sup.do("GET", "/api/feedback", nil).want(403) // nor does the supervisor see the rating of her own visit
	list := w.as("office").do("GET", "/api/feedback", nil).want(200)
	id := list.str("items.0.id")
	if strings.Contains(string(list.body), "13900001234") {
		t.Error("a list shows the contact")
	}
	reveal := map[string]any{"case_kind": "feedback", "case_id": id, "reason": "按约回访核实情况"}
	w.as("office2").do("POST", "/api/vault/reveal", reveal).want(404)
	w.as("agency").do("POST", "/api/vault/reveal", reveal).want(403)
	if a := w.as("office").do("POST", "/api/vault/reveal", reveal).want(200); a.str("phone") != "13900001234" {
		t.Errorf("revealed: %s", a.body)
	}
	if strings.Contains(w.log.String(), "13900001234") || strings.Contains(w.log.String(), strings.TrimPrefix(path, "/f/")) {
		t.Error("the log holds a phone number or a ticket")
	}
}

// Story 3: from the queue to the closed file across the roles; who found the problem does not close it.
func TestStoryTriageToClosed(t *testing.T) {
	w := newWorld(t)
	sup, office, county, agency := w.as("supervisor"), w.as("office"), w.as("county"), w.as("agency")
	p := w.seal(sup, "F02")
	sup.do("PUT", "/api/sheets/"+p.sheetID, p.raw, "Content-Type", "application/json").want(201)
	for sum, raw := range p.photos {
		sup.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
	}
	finding := office.do("GET", "/api/findings?offered=true", nil).want(200).str("items.0.id")
	office.do("POST", "/api/findings/"+finding+"/raise", map[string]any{}).want(200, 201)
	lead := office.do("GET", "/api/leads?state=open", nil).want(200)
	leadID := lead.str("items.0.id")
	var photo string
	for sum := range p.photos {
		photo = sum
		break
	}
	reg := office.do("POST", "/api/leads/"+leadID+"/register", map[string]any{"severity": "general", "category": "manner", "tag": "T12", "nature": "improper",
		"fact": "执法人员在示例小吃店训斥店主。", "basis": "河南省行政执法条例第四十五条", "agency_id": w.ppl.Agencies[0].ID, "photos": []string{photo}, "version": 1}).want(200, 201)
	id := reg.str("id")
	deed := func(c *client, deed string, body map[string]any) *answer {
		t.Helper()
		body["version"] = office.do("GET", "/api/problems/"+id, nil).want(200).get("version")
		return c.do("POST", "/api/problems/"+id+"/"+deed, body)
	}
	agency.do("GET", "/api/problems/"+id, nil).want(404) // not ordered yet: not there
	today := "2026-05-06"
	deed(office, "order", map[string]any{"rung": "FBK", "served_on": today}).want(409, 422) // 已去标识 comes first
	deed(office, "deidentify", map[string]any{"text": "执法人员在一次检查中训斥当事人。"}).want(200)
	deed(office, "order", map[string]any{"rung": "FBK", "served_on": today}).want(200)
	seen := agency.do("GET", "/api/problems/"+id, nil).want(200)
	for _, leak := range []string{"示例小吃店", "origin", "reporter", "business", "visit"} {
		if strings.Contains(string(seen.body), leak) {
			t.Errorf("the agency's copy holds %q: %s", leak, seen.body)
		}
	}
	w.as("agency2").do("GET", "/api/problems/"+id, nil).want(404)
	proof, sum := picture(t, 99)
	agency.do("PUT", "/api/photos/"+sum, proof, "Content-Type", "image/jpeg").want(200, 201)
	version := agency.do("GET", "/api/problems/"+id, nil).want(200).get("version")
	agency.do("POST", "/api/problems/"+id+"/submit", map[string]any{"measures": "组织全员培训，学习文明用语规范。", "result": "已培训18人并签到。", "responsible": "", "photos": []string{sum}, "version": version}).want(200)
	deed(agency, "close", map[string]any{"conclusion": "自己销号"}).want(403, 404, 409)
	deed(office, "close", map[string]any{"conclusion": "登记人自己复核"}).want(403, 409, 422) // the reporter may not
	deed(county, "close", map[string]any{"conclusion": "查看培训签到和照片，整改到位。"}).want(200)
	detail := office.do("GET", "/api/problems/"+id, nil).want(200)
	if detail.str("state") != "closed" {
		t.Errorf("state: %s", detail.body)
	}
	events := detail.get("events").([]any)
	var deeds []string
	for _, e := range events {
		deeds = append(deeds, fmt.Sprint(e.(map[string]any)["deed"], ">", e.(map[string]any)["state"]))
	}
	if got := strings.Join(deeds, " "); !strings.Contains(got, "order>rectifying") || !strings.Contains(got, "submit>submitted") || !strings.Contains(got, "close>closed") {
		t.Errorf("the time line: %s", got)
	}
	xlsx := office.do("GET", "/api/problems.xlsx", nil).want(200)
	if !bytes.HasPrefix(xlsx.body, []byte("PK")) {
		t.Error("the register is no xlsx")
	}
	mine := sup.do("GET", "/api/my/findings", nil).want(200)
	if !strings.Contains(string(mine.body), "closed") {
		t.Errorf("the supervisor is not told: %s", mine.body)
	}
}
