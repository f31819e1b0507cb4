package lead_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/lead"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/problem"
)

// DOMAIN K.1 and K.12: a red line is registered in the visit's own transaction, once, whoever sends it again.
func TestARedLineIsRegisteredAtOnce(t *testing.T) {
	w := newTown(t)
	visit := uuid.New()
	red := func(in *lead.Input) { in.Severity = problem.Redline }
	id := w.seen(visit, red)
	if again := w.seen(visit, red); again != id {
		t.Errorf("the same origin gave %s and %s", id, again)
	}
	l := w.Want(200, "office", "GET", "/api/leads/"+id, nil)
	if l["state"] != "registered" || l["problem_number"] != "WT2026-0001" || l["number"] != "XS2026-0001" || len(l["deeds"].([]any)) != 0 {
		t.Errorf("%v", l)
	}
	p := w.Want(200, "office", "GET", "/api/problems/"+l["problem_id"].(string), nil)
	if p["state"] != "confirmed" || p["severity"] != "redline" || p["reporter_name"] != "测试员supervisor" || !strings.Contains(p["basis"].(string), "条例") {
		t.Errorf("%v", p)
	}
	if src := p["sources"].([]any); len(src) != 1 || src[0].(object)["number"] != "XS2026-0001" {
		t.Errorf("sources %v", src)
	}
	pid := l["problem_id"].(string)
	w.deed(200, "office", pid, "deidentify", object{"text": "一次进店检查中，执法人员未主动出示执法证件。"})
	w.deed(200, "office", pid, "order", object{"rung": "TXH", "served_on": "2026-05-06", "due_on": "2026-05-12", "note": "五个工作日内书面报告"})
	proof := w.Photo("agency")
	w.At("2026-05-11")
	w.deed(200, "agency", pid, "submit", object{"measures": "组织培训并签到", "result": "之后的记录C01符合", "responsible": "两人批评教育", "photos": []string{proof}})
	w.deed(403, "colleague", pid, "close", object{"conclusion": "看过"})
	w.deed(200, "county", pid, "close", object{"conclusion": "签到和新记录相符", "look_back_on": "2026-06-11"})
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed LIKE 'lead.%'`); n != 2 {
		t.Errorf("%d audit rows of leads", n)
	}
}

// What fails inside the visit's transaction leaves no lead, no problem, no number.
func TestARaisedLeadGoesBackWithItsTransaction(t *testing.T) {
	w := newTown(t)
	boom := errors.New("the sheet was refused")
	err := w.Env.DB.InTx(context.Background(), func(tx *db.DB) error {
		_, err := w.leads.Raise(context.Background(), tx, w.People["supervisor"], lead.Input{Origin: "visit", OriginID: uuid.New(), Item: "E03", OfficeID: w.Office1, AgencyID: w.Agency1,
			Severity: problem.Redline, Category: "misconduct", Fact: "查封没有清单", ReporterID: w.People["supervisor"].ID})
		w.Must(err)
		return boom
	})
	if !errors.Is(err, boom) || w.Count(`SELECT (SELECT count(*) FROM leads) + (SELECT count(*) FROM problems) + (SELECT count(*) FROM audit_log) + (SELECT count(*) FROM counters)`) != 0 {
		t.Errorf("left something behind: %v", err)
	}
}

// DOMAIN K.2: a form's lead, registered by a person; then the other three ways a lead can end.
func TestTriage(t *testing.T) {
	w := newTown(t)
	id := w.seen(uuid.New(), func(in *lead.Input) { in.Origin, in.Item, in.Category = "feedback", "", "disturbance" })
	l := w.Want(200, "office", "GET", "/api/leads/"+id, nil)
	if l["due_on"] != "2026-05-07" { // DL13: one working day
		t.Errorf("due %v", l["due_on"])
	}
	if len(l["seconds"].([]any)) != 3 {
		t.Errorf("seconds %v", l["seconds"])
	}
	bad := w.registration()
	delete(bad, "basis")
	w.decide(422, "office", id, "register", bad)
	w.decide(403, "leader", id, "register", w.registration())
	w.decide(404, "office2", id, "register", w.registration())
	p := w.decide(200, "office", id, "register", w.registration())
	if p["number"] != "WT2026-0001" || p["problem_id"] != p["id"] || p["reporter_is_me"] != true || p["origin"] != "feedback" {
		t.Errorf("%v", p)
	}
	w.decide(409, "office", id, "register", w.registration())

	twin := w.seen(uuid.New(), nil)
	dup := w.Want(200, "office", "GET", "/api/leads/"+twin, nil)["duplicates"].([]any)
	if len(dup) != 1 || dup[0].(object)["number"] != "WT2026-0001" || fmt.Sprint(dup[0].(object)["same"]) != "[agency category day]" {
		t.Errorf("duplicates %v", dup)
	}
	w.decide(404, "office", twin, "attach", object{"problem_id": uuid.New()})
	if o := w.decide(200, "office", twin, "attach", object{"problem_id": p["id"]}); o["number"] != "WT2026-0001" || len(o["sources"].([]any)) != 2 {
		t.Errorf("%v", o)
	}
	idle := w.seen(uuid.New(), nil)
	w.decide(422, "office", idle, "dismiss", object{"reason": "  "})
	if o := w.decide(200, "office", idle, "dismiss", object{"reason": "与行政执法无关"}); o["state"] != "dismissed" || o["reason"] != "与行政执法无关" {
		t.Errorf("%v", o)
	}
	out := w.seen(uuid.New(), nil)
	w.decide(403, "office", out, "refer", object{"to": "信访局", "letter_number": "示司移〔2026〕1号", "reason": "信访事项"})
	w.decide(200, "county", out, "refer", object{"to": "信访局", "letter_number": "示司移〔2026〕1号", "reason": "信访事项"})
	c := w.Want(200, "office", "GET", "/api/leads/counts", nil)
	if c["open"] != 0.0 || c["decided"] != 4.0 || c["registered"] != 1.0 || c["attached"] != 1.0 {
		t.Errorf("%v", c)
	}
	for _, x := range []string{id, twin, idle, out} {
		if n := w.Count(`SELECT count(*) FROM lead_events e JOIN leads l ON l.id = e.lead_id WHERE l.id = $1 AND (e.deed = 'raise' OR e.state = l.state)`, x); n != 2 {
			t.Errorf("%s: %d events", x, n)
		}
	}
}

// A red line that a person registers takes two; photos come from the record or from the person's own hand.
func TestTwoPeopleAndTheirPhotos(t *testing.T) {
	w := newTown(t)
	visit, sheet := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, created_at) VALUES ($1, 'BS2026-0001', 'spot', $2, $3, '示例小吃店', 'food', 'recorded', $4)`, visit, w.Office1, w.Agency1, w.Env.Clock.Now())
	w.Exec(`INSERT INTO sheets (id, visit_id, author_id, version, checklist_version, mode, body, raw, digest, overall, happened_at, ended_at, sealed_at, received_at)
		VALUES ($1, $2, $3, 1, 1, 'quick', '{}', '', '', 'poor', $4, $4, $4, $4)`, sheet, visit, w.People["supervisor"].ID, w.Env.Clock.Now())
	onSheet, strange, own := w.Photo("supervisor"), w.Photo("supervisor"), w.Photo("office")
	w.Exec(`INSERT INTO attachments (id, owner_kind, owner_id, item, sha256, size, source, taken_at, declared_at) VALUES (gen_random_uuid(), 'sheet', $1, 'C01', $2, 100, 'camera', $3, $3)`, sheet, onSheet, w.Env.Clock.Now())
	id := w.seen(visit, nil)
	l := w.Want(200, "office", "GET", "/api/leads/"+id, nil)
	if ph := l["photos"].([]any); len(ph) != 1 || ph[0].(object)["for_item"] != true || l["origin_number"] != "BS2026-0001" || l["sheet_id"] != sheet.String() {
		t.Errorf("%v", l)
	}
	in := w.registration()
	in["severity"], in["photos"] = "redline", []string{onSheet, own}
	w.decide(422, "office", id, "register", in)
	in["second_id"] = w.People["office2"].ID // of another office
	w.decide(422, "office", id, "register", in)
	in["second_id"], in["photos"] = w.People["county"].ID, []string{strange}
	w.decide(422, "office", id, "register", in)
	in["photos"] = []string{onSheet, own}
	p := w.decide(200, "office", id, "register", in)
	if ph := p["photos"].([]any); len(ph) != 2 || ph[0].(object)["deed"] != "register" || p["verifier_name"] != "测试员county" {
		t.Errorf("%v %v", p["photos"], p["verifier_name"])
	}
	if n := w.Count(`SELECT count(*) FROM attachments WHERE owner_kind = 'problem' AND source = 'camera' AND taken_at IS NOT NULL AND NOT for_agency`); n != 1 {
		t.Error("the photo lost when it was taken")
	}
}

func TestByHand(t *testing.T) {
	w := newTown(t)
	id := uuid.New()
	in := object{"id": id, "origin": "transfer", "agency_id": w.Agency1, "severity": "general", "category": "inaction", "fact": "12345转来：两个月来检查11次", "happened_on": "2026-05-05"}
	l := w.Want(200, "office", "POST", "/api/leads", in)
	if l["id"] != id.String() || l["office_name"] != "示例镇A司法所" || l["due_on"] != "2026-05-12" {
		t.Errorf("%v", l)
	}
	w.Want(200, "office", "POST", "/api/leads", in) // sent twice: the same
	for field, v := range map[string]any{"fact": "别的内容", "severity": "redline", "category": "other", "happened_on": "2026-05-04", "agency_id": nil} {
		was := in[field]
		in[field] = v
		w.Want(409, "office", "POST", "/api/leads", in)
		w.Want(409, "office", "POST", "/api/leads", in) // and again: noted once
		in[field] = was
	}
	// The first stands as it was; every other version is kept with it for a person to compare, and only for who may see it.
	kept := w.Want(200, "office", "GET", "/api/leads/"+id.String(), nil)
	if n := w.Count(`SELECT count(*) FROM lead_events WHERE lead_id = $1 AND deed = 'second'`, id); n != 5 || kept["fact"] != in["fact"] || kept["version"] != l["version"] {
		t.Errorf("%d other versions, %v", n, kept["fact"])
	}
	if n := w.Count(`SELECT count(*) FROM lead_events WHERE lead_id = $1 AND deed = 'second' AND text LIKE '%别的内容%'`, id); n != 1 {
		t.Error("the words that came second are not there")
	}
	w.Want(409, "office2", "POST", "/api/leads", object{"id": id, "origin": "contact", "fact": "别所用了同一个编号"})
	if n := w.Count(`SELECT count(*) FROM lead_events WHERE lead_id = $1`, id); n != 6 {
		t.Errorf("another office wrote into it: %d events", n)
	}
	for field, v := range map[string]any{"origin": "feedback", "category": "nonsense", "fact": "短"[:0], "happened_on": "2026-05-07"} {
		bad := object{"origin": "contact", "agency_id": w.Agency1, "category": "other", "fact": "联系点交来的建议"}
		bad[field] = v
		w.Want(422, "office", "POST", "/api/leads", bad)
	}
	w.Want(422, "county", "POST", "/api/leads", object{"origin": "contact", "agency_id": uuid.New(), "fact": "没有这个单位"})
	county := w.Want(200, "county", "POST", "/api/leads", object{"origin": "contact", "fact": "县局自己办的一条"})
	w.Want(404, "office", "GET", "/api/leads/"+county["id"].(string), nil) // no office: the county's own
	if n := w.Count(`SELECT count(*) FROM lead_events e JOIN leads l ON l.id = e.lead_id WHERE e.actor_role = 'office' AND e.deed = 'raise' AND l.id = $1`, id); n != 1 {
		t.Error("the event does not say that the office raised it")
	}
	if o := w.decide(422, "county", county["id"].(string), "register", w.registration()); o["errors"].([]any)[0].(object)["field"] != "photos" {
		t.Errorf("without evidence: %v", o)
	}
	p := w.decide(200, "county", county["id"].(string), "register", w.proven("county"))
	if p["office_name"] != "示例镇A司法所" { // the agency's own office takes it from here
		t.Errorf("%v", p["office_name"])
	}
}

// The queue by its deadlines: what must be decided first comes first, what has none last, page by page.
func TestQueueByDeadline(t *testing.T) {
	w := newTown(t)
	for i := range 9 {
		origin := []string{"contact", "transfer", "filing"}[i%3]
		w.Env.Clock.Add(26 * time.Hour)
		w.Want(200, "office", "POST", "/api/leads", object{"origin": origin, "fact": fmt.Sprintf("第%d条，各有各的期限", i)})
	}
	var dues []string
	after := ""
	for range 9 {
		page := w.Want(200, "office", "GET", "/api/leads?state=open&sort=due&limit=2&after="+after, nil)
		for _, it := range page["items"].([]any) {
			it := it.(object)
			if (it["due_on"] == "") != (it["due_rule"] == "") || it["origin"] == "transfer" && it["due_rule"] != "DL15" {
				t.Errorf("%v by %v", it["due_on"], it["due_rule"])
			}
			dues = append(dues, cmp.Or(it["due_on"].(string), "none"))
		}
		if after = page["next"].(string); after == "" {
			break
		}
	}
	if len(dues) != 9 || !slices.IsSorted(dues) || dues[0] == "none" || dues[8] != "none" {
		t.Errorf("%v", dues)
	}
	arrival := w.Want(200, "office", "GET", "/api/leads?state=open&limit=2", nil)["next"].(string)
	w.Want(422, "office", "GET", "/api/leads?state=open&sort=due&after="+arrival, nil) // a cursor of the other order
	w.Want(422, "office", "GET", "/api/leads?sort=sideways", nil)
}

func TestScope(t *testing.T) {
	w := newTown(t)
	id := w.seen(uuid.New(), nil)
	for who, want := range map[string]int{"county": 200, "leader": 200, "office": 200, "office2": 404, "supervisor": 403, "agency": 403, "hotline": 403, "admin": 403, "auditor": 403, "": 401} {
		if code, _ := w.Call(who, "GET", "/api/leads/"+id, nil); code != want {
			t.Errorf("%q: %d, want %d", who, code, want)
		}
	}
	if n := len(w.Want(200, "office2", "GET", "/api/leads?state=open", nil)["items"].([]any)); n != 0 {
		t.Errorf("another office lists %d", n)
	}
}

// Many phones raise at once, some the same finding, some roll back: one lead each, numbers without gaps.
func TestRaisingAtOnce(t *testing.T) {
	w := newTown(t)
	visit := uuid.New()
	boom := errors.New("rolled back")
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = w.Env.DB.InTx(context.Background(), func(tx *db.DB) error {
				_, err := w.leads.Raise(context.Background(), tx, w.People["supervisor"], lead.Input{Origin: "visit", OriginID: visit, Item: fmt.Sprintf("I%02d", i%12), OfficeID: w.Office1,
					AgencyID: w.Agency1, Severity: problem.General, Category: "procedure", Fact: "同时送来的", ReporterID: w.People["supervisor"].ID})
				if err == nil && i%5 == 0 {
					return boom
				}
				return err
			})
		}()
	}
	wg.Wait()
	if n := w.Count(`SELECT count(*) FROM leads`); n != 12 {
		t.Errorf("%d leads of 12 findings", n)
	}
	if n := w.Count(`SELECT count(*) FROM generate_series(1, 12) n WHERE NOT EXISTS (SELECT FROM leads WHERE number = 'XS2026-' || lpad(n::text, 4, '0'))`); n != 0 {
		t.Errorf("%d numbers are missing", n)
	}
}

// Search by two Chinese characters, by number, and pages by keyset without one lost or doubled.
func TestSearchAndPages(t *testing.T) {
	w := newTown(t)
	for i := range 23 {
		fact := fmt.Sprintf("第%d条普通线索", i)
		if i%5 == 0 {
			fact = fmt.Sprintf("第%d条，查封时没有100%%清单", i)
		}
		w.seen(uuid.New(), func(in *lead.Input) { in.Fact = fact })
	}
	for q, want := range map[string]int{"查封": 5, "清单": 5, "查封 清单": 5, "XS2026-0003": 1, "0%25": 5, "%25%25": 0, "封查": 0, "xs2026": 23} {
		if n := len(w.Want(200, "office", "GET", "/api/leads?q="+strings.ReplaceAll(q, " ", "+"), nil)["items"].([]any)); n != want {
			t.Errorf("%q finds %d, want %d", q, n, want)
		}
	}
	w.Want(422, "office", "GET", "/api/leads?q=%E6%9F%A5", nil)
	for _, state := range []string{"?state=open&limit=4", "?limit=4"} {
		seen, after := map[string]bool{}, ""
		for range 10 {
			page := w.Want(200, "office", "GET", "/api/leads"+state+"&after="+after, nil)
			for _, it := range page["items"].([]any) {
				id := it.(object)["id"].(string)
				if seen[id] {
					t.Errorf("%s came twice", id)
				}
				seen[id] = true
			}
			if after = page["next"].(string); after == "" {
				break
			}
		}
		if len(seen) != 23 {
			t.Errorf("%s: %d of 23", state, len(seen))
		}
	}
	w.Want(422, "office", "GET", "/api/leads?after=nonsense", nil)
}

// A phone's clock may be wrong, and a complaint may speak of long ago: neither keeps the record out, nor the problem.
func TestADayOfNoUseCountsAsToday(t *testing.T) {
	w := newTown(t)
	for _, day := range []string{"2031-01-01", "1996-03-01"} {
		red := w.seen(uuid.New(), func(in *lead.Input) { in.Severity, in.HappenedOn = problem.Redline, day })
		plain := w.seen(uuid.New(), func(in *lead.Input) { in.HappenedOn = day })
		w.decide(200, "office", plain, "register", w.registration())
		for _, id := range []string{red, plain} {
			p := w.Want(200, "office", "GET", "/api/problems/"+w.Want(200, "office", "GET", "/api/leads/"+id, nil)["problem_id"].(string), nil)
			if p["found_on"] != clock.Day(w.Env.Clock.Now()) {
				t.Errorf("%s: found on %v", day, p["found_on"])
			}
		}
	}
}
