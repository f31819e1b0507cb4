package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
)

// planted is the demo's county with people in it who may not be known: in complaints, answers and pictures of three
// places. "own" is township A, whose people the matrix logs in; "call" what the hotline took there; "rated" what was said there of a visit
// that the office's own account stood beside; "sibling" township B;
// "parent" the county itself.
type planted struct {
	*world
	ids      map[string]map[string]string // by kind of record (kind@R for one role's own view), then by place
	canaries []canary
}

// places of records, in the order they are asked for.
var places = []string{"own", "sibling", "parent"}

func plant(w *world) *planted {
	p := &planted{world: w, ids: map[string]map[string]string{}}
	for place := range spoken {
		p.canaries = append(p.canaries, canariesOf(place)...)
	}
	p.county()
	p.township("own", 0, "supervisor", "office", "agency")
	p.township("sibling", 1, "supervisor3", "office2", "agency2")
	p.atTheCounty()
	p.call()
	p.rated()
	p.colleague()
	p.drafts()
	p.drawn()
	return p
}

func (p *planted) put(kind, place, id string) {
	if p.ids[kind] == nil {
		p.ids[kind] = map[string]string{}
	}
	p.ids[kind][place] = id
}

// day is a calendar day from today.
func (p *planted) day(n int) string { return clock.Day(p.env.Clock.Now().AddDate(0, 0, n)) }

// county fills in what belongs to nobody's township: people and places that the routes of the register change.
func (p *planted) county() {
	sum := sha256.Sum256(jpegOf(7))
	p.put("jpeg", "own", hex.EncodeToString(sum[:]))
	admin := p.as("admin")
	for i, place := range []string{"own", "sibling"} {
		p.put("office", place, p.ppl.Offices[i+5].ID.String())
		p.put("agency", place, p.ppl.Agencies[i+5].ID.String())
		p.put("officer", place, p.ppl.Officers[p.ppl.Agencies[i+5].ID][0].ID.String())
		p.put("business", place, p.ppl.Businesses[p.ppl.Offices[i].ID][0].ID.String())
		a := admin.do("POST", "/api/accounts", map[string]any{"username": "spare" + place, "name": "备用" + place, "role": "supervisor", "office_id": p.ppl.Offices[i].ID}).want(200, 201)
		p.put("account", place, a.str("account.id"))
	}
}

// fresh remembers a list, and later gives what has come into it since: what the public says has no order to go by.
func (p *planted) fresh(c *client, path string) func() []map[string]any {
	before := string(c.do("GET", path, nil).want(200).body)
	return func() (out []map[string]any) {
		for _, x := range c.do("GET", path, nil).want(200).get("items").([]any) {
			if x := x.(map[string]any); !strings.Contains(before, x["id"].(string)) {
				out = append(out, x)
			}
		}
		if len(out) == 0 {
			p.t.Fatalf("nothing new in %s", path)
		}
		return out
	}
}

// speak gives the words of a person who says too much.
func speak(place string) string {
	x := spoken[place][1]
	return fmt.Sprintf("执法队员上门时训斥店主并收走了账本。我叫%s（%s），身份证%s，电话%s，住%s，请尽快处理。", x.name, x.pinyin, x.id, x.phone, x.address)
}

func (p *planted) township(place string, n int, sup, office, agency string) {
	supervisor, desk := p.as(sup), p.as(office)
	problems, leads, findings := p.fresh(desk, "/api/problems"), p.fresh(desk, "/api/leads"), p.fresh(desk, "/api/findings?offered=true")
	sheet := p.sealAt(supervisor, n, "C01", "F02", "D01", "E02", "B01")
	supervisor.do("PUT", "/api/sheets/"+sheet.sheetID, sheet.raw, "Content-Type", "application/json").want(201)
	for sum, raw := range sheet.photos {
		supervisor.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
		p.put("sheetphoto", place, sum)
	}
	device := newID(p.t)
	supervisor.do("POST", "/api/devices", map[string]any{"id": device, "name": "备用手机"}).want(200, 201)
	p.put("device", place, device)
	p.held(place, n, p.as(sup)) // a login of its own: it ends with the phone
	wall := desk.do("POST", "/api/walls", map[string]any{"business_id": p.ppl.Businesses[p.ppl.Offices[n].ID][2].ID}).want(200, 201)
	p.put("wall", place, wall.str("id"))
	p.put("wallend", place, desk.do("POST", "/api/walls", map[string]any{"business_id": p.ppl.Businesses[p.ppl.Offices[n].ID][3].ID}).want(200, 201).str("id"))
	for _, b := range p.ppl.Businesses[p.ppl.Offices[n].ID][4:8] { // of a township with few walls the county alone reads
		desk.do("POST", "/api/walls", map[string]any{"business_id": b.ID}).want(200, 201)
	}
	p.loses(place, supervisor, device)
	p.put("wallcode", place, wall.str("url")[strings.LastIndex(wall.str("url"), "/")+1:])
	p.put("visit", place, sheet.visitID)
	p.put("paper", place, supervisor.do("POST", "/api/papers", map[string]any{"count": 1}).want(200).str("items.0.id"))
	p.put("sheet", place, sheet.sheetID)
	p.put("receipt", place, supervisor.do("GET", "/api/sheets/"+sheet.sheetID+"/receipt", nil).want(200).str("code"))
	supervisor.do("PUT", "/api/sheets/"+sheet.sheetID, bytes.Replace(sheet.raw, []byte("检查规范"), []byte("另一句话"), 1), "Content-Type", "application/json").want(409)
	for _, c := range desk.do("GET", "/api/sheet-conflicts", nil).want(200).get("items").([]any) {
		p.put("conflict", place, c.(map[string]any)["id"].(string))
	}
	p.put("finding", place, findings()[0]["id"].(string))
	plan := newID(p.t)
	desk.do("PUT", "/api/visits/"+plan, p.plan(n)).want(200, 201)
	p.put("plan", place, plan)
	p.put("hidden", place, problems()[0]["id"].(string)) // the red line, registered and not yet ordered
	p.answers(place, sheet, desk)
	p.atTheWall(place, p.ppl.Agencies[n].ID.String(), desk)
	p.complains(place, n)
	for _, l := range leads() {
		if kind := map[any]string{"complaint": "complaintlead", "feedback": "lead"}[l["origin"]]; kind != "" {
			p.put(kind, place, l["id"].(string))
		}
	}
	p.handles(place, n, desk, p.as(agency))
}

func (p *planted) plan(n int) map[string]any {
	id := p.ppl.Accounts[[]string{"supervisor", "supervisor3"}[n]].ID
	return map[string]any{"agency_id": p.ppl.Agencies[n].ID, "business_id": p.ppl.Businesses[p.ppl.Offices[n].ID][1].ID, "matter": "food", "notice_number": "", "external_code": "",
		"planned_on": p.day(2), "supervisor_ids": []uuid.UUID{id}}
}

// speaker is nobody with a browser and an address that are known again.
func (p *planted) speaker(place string) *client {
	c := p.nobody()
	c.always = map[string]string{"User-Agent": "matrixagent" + place, "X-Forwarded-For": networks[place]}
	return c
}

// answers gives the answer of the business by its ticket, with name, words and a picture that knows its owner.
func (p *planted) answers(place string, sheet *phone, desk *client) {
	fresh := p.fresh(desk, "/api/feedback")
	path := strings.TrimPrefix(sheet.ticketURL, p.base)
	shop := p.speaker(place)
	page := shop.do("GET", path, nil, "Accept", "text/html").want(200)
	who := spoken[place][0]
	v := happy()
	for k, w := range map[string]string{"F7": "y", "R0": "1", "O1": speak(place), "P1": "y", "P2": who.name, "P3": who.phone, "consent": "y"} {
		v.Set(k, w)
	}
	raw, sum := portrait(place, 40)
	done := shop.formNamed(path, page.body, v, "matrixfile"+place+".jpg", raw).want(303)
	p.put("feedbackphoto", place, sum)
	p.put("donefeedback", place, strings.TrimPrefix(strings.TrimPrefix(done.header.Get("Location"), p.base), "/f/done/"))
	p.put("ticket", place, strings.TrimPrefix(path, "/f/"))
	p.put("feedback", place, fresh()[0]["id"].(string))
	p.settleAnswers()
}

func (p *planted) complains(place string, n int) {
	fresh := p.fresh(p.as("county"), "/api/complaints")
	who, c := spoken[place][0], p.speaker(place)
	page := c.do("GET", "/c", nil, "Accept", "text/html").want(200)
	raw, sum := portrait(place, 60)
	v := url.Values{"unit": {p.ppl.Agencies[n].Name}, "man": {"王队长"}, "day": {p.day(-1)}, "place": {"示例路"}, "fact": {speak(place)}, "ask": {"请查明"}, "stage": {"none"},
		"P1": {"y"}, "P2": {who.name}, "P3": {who.phone}, "P4": {"y"}, "P5": {"y"}, "consent": {"y"}, "website": {""}}
	done := c.formNamed("/c", page.body, v, "matrixfile"+place+".jpg", raw).want(303)
	p.put("complaintphoto", place, sum)
	p.put("donecomplaint", place, strings.TrimPrefix(strings.TrimPrefix(done.header.Get("Location"), p.base), "/c/done/"))
	p.put("complaint", place, fresh()[0]["id"].(string))
}

// handles registers the complaint's lead as a problem and orders it of the agency; the answer's lead stays open.
func (p *planted) handles(place string, n int, desk, agency *client) {
	p.put("problem", place, p.order(desk, place, p.ppl.Agencies[n].ID))
	raw, sum := portrait("own", uint8(90+n)) // what the agency itself brings, its camera wrote into
	agency.do("PUT", "/api/photos/"+sum, raw, "Content-Type", "image/jpeg").want(200, 201)
	p.put("agencyphoto", place, sum)
}

// order registers a complaint with a fact that says too much, and orders it of the agency.
func (p *planted) order(desk *client, place string, agency uuid.UUID) string {
	id := desk.do("POST", "/api/leads/"+p.ids["complaintlead"][place]+"/register", map[string]any{"severity": "general", "category": "manner", "tag": "T12", "nature": "improper", "fact": "经核实，对" + spoken[place][1].name + "言语不当。",
		"basis": "河南省行政执法条例第四十五条", "agency_id": agency, "photos": []string{}, "version": 1}).want(200, 201).str("id")
	for _, d := range []struct {
		who  *client
		deed string
		body map[string]any
	}{{desk, "deidentify", map[string]any{"text": "执法人员在一次检查中训斥当事人。"}}, {desk, "queue", map[string]any{"rung": "FBK"}}, {p.as("leader"), "hasten", map[string]any{"urgent_reason": "明天还要上门，不能等到统一发出"}}} {
		d.body["version"] = desk.do("GET", "/api/problems/"+id, nil).want(200).get("version")
		d.who.do("POST", "/api/problems/"+id+"/"+d.deed, d.body).want(200)
	}
	return id
}

// atTheCounty is a complaint of a county agency, which belongs to no township, and what became of it.
func (p *planted) atTheCounty() {
	county, last := p.as("county"), len(p.ppl.Agencies)-1
	leads := p.fresh(county, "/api/leads")
	p.complains("parent", last)
	p.put("complaintlead", "parent", leads()[0]["id"].(string))
	p.put("problem", "parent", p.order(county, "parent", p.ppl.Agencies[last].ID))
	p.put("lead", "parent", county.do("POST", "/api/leads", map[string]any{"origin": "transfer", "fact": "上级转来：" + speak("parent"), "agency_id": p.ppl.Agencies[last].ID}).want(200, 201).str("id"))
	p.put("hidden", "parent", p.ids["problem"]["parent"])
}

// call is a complaint the hotline took over the telephone: its own, of township A.
func (p *planted) call() {
	who := spoken["call"][0]
	taken := map[string]any{"id": newID(p.t), "channel": "phone", "agency_id": p.ppl.Agencies[0].ID, "target": p.ppl.Agencies[0].Name,
		"happened": p.day(-1), "place": "示例路", "fact": speak("call"), "anonymous": false, "name": who.name, "phone": who.phone, "address": who.address, "id_number": who.id}
	a := p.as("hotline").do("POST", "/api/complaints", taken).want(200, 201)
	taken["place"] = "另一条路" // under the same id: both are kept
	p.as("hotline").do("POST", "/api/complaints", taken).want(409)
	p.put("version", "own", a.str("id")+"|"+p.as("county").do("GET", "/api/complaints/"+a.str("id"), nil).want(200).str("versions.0.id"))
	p.put("complaint@H", "own", a.str("id"))
	p.put("complaint@H", "sibling", p.ids["complaint"]["own"]) // of the same township, and not taken by her
	p.put("complaint@H", "parent", p.ids["complaint"]["parent"])
	p.put("problem@A", "own", p.ids["problem"]["own"])
	p.put("problem@A", "sibling", p.ids["problem"]["sibling"])
	p.put("problem@A", "parent", p.ids["hidden"]["own"]) // its own problem, not yet ordered of it
}

// colleague is another supervisor of the same township: a supervisor sees her own visits, and stands to his as to a stranger's.
func (p *planted) colleague() {
	c := p.as("supervisor2")
	sheet := p.sealAt(c, 0, "F02")
	c.do("PUT", "/api/sheets/"+sheet.sheetID, sheet.raw, "Content-Type", "application/json").want(201)
	for kind, id := range map[string]string{"visit": sheet.visitID, "sheet": sheet.sheetID} {
		for _, place := range []string{"own", "sibling"} {
			p.put(kind+"@S", place, p.ids[kind][place])
		}
		p.put(kind+"@S", "parent", id)
	}
}

// held puts a record into quarantine: it comes from a phone that was reported lost.
func (p *planted) held(place string, n int, supervisor *client) {
	id := newID(p.t)
	secret := supervisor.do("POST", "/api/devices", map[string]any{"id": id, "name": "丢了的手机"}).want(200, 201).str("secret")
	sheet := p.sealAt(supervisor, n, "F02")
	supervisor.do("POST", "/api/devices/"+id+"/revoke", map[string]any{"reason": "手机丢了"}).want(200, 204)
	lost := &client{w: p.world, name: "lost phone", bearer: "Device " + secret}
	lost.do("PUT", "/api/sheets/"+sheet.sheetID, sheet.raw, "Content-Type", "application/json").want(202)
	for _, h := range p.as("county").do("GET", "/api/held-sheets", nil).want(200).get("items").([]any) {
		if h := h.(map[string]any); p.ids["held"][place] == "" && h["id"] != p.ids["held"]["own"] {
			p.put("held", place, h["id"].(string))
		}
	}
}

// loses raises an alarm: a phone reports a record it holds, and then knows nothing of it.
func (p *planted) loses(place string, supervisor *client, device string) {
	report := map[string]any{"device_id": device, "epoch": newID(p.t), "at": p.env.Clock.Now(), "app_version": "test", "persisted": true, "installed": true, "drafts": 0, "photos": 1,
		"receipts": []any{}, "discarded": []any{}, "items": []any{map[string]any{"id": newID(p.t), "kind": "sheet", "visit_id": newID(p.t), "day": p.day(0), "version": 1, "photos": 1, "photos_here": 1,
			"bytes": 1000, "created_at": p.env.Clock.Now(), "state": "waiting", "why": ""}}}
	supervisor.do("POST", "/api/field/contact", report).want(200)
	report["items"], report["epoch"], report["at"] = []any{}, newID(p.t), p.env.Clock.Now().Add(time.Second)
	supervisor.do("POST", "/api/field/contact", report).want(200)
	for _, l := range p.as("county").do("GET", "/api/phones", nil).want(200).get("losses").([]any) {
		if id := l.(map[string]any)["id"].(string); p.ids["loss"]["own"] != id {
			p.put("loss", place, id)
		}
	}
}

// drafts are half-written complaints: each its writer's alone.
func (p *planted) drafts() {
	for login, place := range map[string]string{"hotline": "call", "office2": "sibling"} {
		id, who := newID(p.t), spoken[place][0]
		p.as(login).do("PUT", "/api/complaints/drafts/"+id, map[string]any{"form": map[string]any{"target": "执法大队", "fact": speak(place), "name": who.name, "phone": who.phone}}).want(200, 201)
		p.put("draft", map[string]string{"hotline": "own", "office2": "sibling"}[login], id)
	}
}

// portrait is a JPEG whose camera wrote down everything: EXIF with artist, owner, serial number and place, XMP, IPTC, a
// comment, and a tail after the picture's end.
func portrait(place string, tone uint8) ([]byte, string) {
	plain := jpegOf(tone)
	segment := func(marker byte, body []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
	}
	out := append([]byte{}, plain[:2]...)
	out = append(out, segment(0xe1, append([]byte("Exif\x00\x00"), exifOf(place)...))...)
	out = append(out, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>matrixxmp"+place+" "+spoken[place][1].name+"</dc:creator></x:xmpmeta>"))...)
	out = append(out, segment(0xed, []byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x20\x1c\x02\x50\x00\x18matrixiptc"+place))...)
	out = append(out, segment(0xfe, []byte("comment "+spoken[place][1].phone))...)
	out = append(out, plain[2:]...)
	out = append(out, []byte("matrixtail"+place)...)
	sum := sha256.Sum256(out)
	return out, hex.EncodeToString(sum[:])
}

// exifOf is one directory of ASCII tags: artist, owner, serial, a description, and the place as text.
func exifOf(place string) []byte {
	tags := []struct {
		tag  uint16
		text string
	}{{0x010e, "matrixgps" + place + " 35.1234N 113.9876E"}, {0x013b, "matrixartist" + place}, {0xa430, spoken[place][1].name}, {0xa431, "matrixserial" + place}}
	b := []byte("II*\x00\x08\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(tags)))
	at := uint32(8 + 2 + len(tags)*12 + 4)
	var data []byte
	for _, g := range tags {
		text := append([]byte(g.text), 0, 0, 0, 0, 0) // longer than four bytes, so that it stands in the data
		b = binary.LittleEndian.AppendUint16(b, g.tag)
		b = binary.LittleEndian.AppendUint16(b, 2)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		b = binary.LittleEndian.AppendUint32(b, at+uint32(len(data)))
		data = append(data, text...)
	}
	return append(binary.LittleEndian.AppendUint32(b, 0), data...)
}
