package lead_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/lead"
)

// rated is an answer about a visit that these people supervised, with its lead; without any of them the ticket is tied to no visit.
func (w *town) rated(issued string, supervised ...string) string {
	w.Helper()
	visit, ticket, answer := uuid.New(), uuid.New(), uuid.New()
	at := w.Env.Clock.Now()
	w.Exec(`INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, happened_at, created_at) VALUES ($1, $2, 'spot', $3, $4, '某店', 'food', 'recorded', $5, $5)`,
		visit, "BS-"+visit.String()[:8], w.Office1, w.Agency1, at)
	for _, name := range supervised {
		w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, visit, w.People[name].ID)
	}
	w.Exec(`INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position, visit_id) VALUES ($1, $2, $3, $4, $5, '2026-05-06', $1, 1, $6)`,
		ticket, ticket[:], answer[:], w.People[issued].ID, w.Office1, uuid.NullUUID{UUID: visit, Valid: len(supervised) > 0})
	w.Exec(`INSERT INTO feedbacks (id, ticket_id, channel, agency_id, office_id, counted, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, state, received_hour)
		VALUES ($1, $2, 'ticket', $3, $4, true, 1, 5, '2026-05-06', 'company', 'food', '{}', '{}', 1, true, $5, $5, 'checking', date_trunc('hour', $6::timestamptz))`,
		answer, ticket, w.Agency1, w.Office1, answer[:], at)
	return w.seen(answer, func(in *lead.Input) {
		in.Origin, in.Item, in.ReporterID, in.Fact = "feedback", "", uuid.Nil, "反馈表反映：没有出示执法证"
	})
}

// Nobody triages, lists, counts or sees the lead of an answer that rates her own visit; her colleague and the county do.
func TestOwnVisitsLeadIsAnothersToTriage(t *testing.T) {
	w := newTown(t)
	bound := w.rated("colleague", "supervisor", "office")
	loose := w.rated("office") // answered before the visit arrived: still hers to keep away from
	theirs := w.rated("colleague", "supervisor", "colleague")
	for _, id := range []string{bound, loose} {
		w.Want(404, "office", "GET", "/api/leads/"+id, nil)
		for _, d := range lead.Deeds() {
			body := w.registration()
			body["version"], body["reason"], body["problem_id"], body["to"] = 1, "不属实", uuid.New(), "某局"
			if code, _ := w.Call("office", "POST", "/api/leads/"+id+"/"+string(d), body); code != 404 && code != 403 {
				t.Errorf("%s: %d", d, code)
			}
		}
	}
	for who, want := range map[string]int{"office": 1, "colleague": 1, "county": 3, "office2": 0} {
		list := w.Want(200, who, "GET", "/api/leads?state=open&q=执法证", nil)["items"].([]any)
		counts := w.Want(200, who, "GET", "/api/leads/counts", nil)
		if who == "colleague" {
			want = 2 // the loose one is the office's
		}
		if len(list) != want || counts["open"] != float64(want) {
			t.Errorf("%s: %d listed, %v counted, want %d", who, len(list), counts["open"], want)
		}
	}
	if a := w.Raw("office", "GET", "/api/leads/"+theirs, "", nil); strings.Contains(a.Body, bound) || strings.Contains(a.Body, loose) {
		t.Error("a lead of her own visit stands among the possible duplicates")
	}
	view := w.Want(200, "colleague", "GET", "/api/leads/"+bound, nil)
	for _, s := range view["seconds"].([]any) {
		if s.(object)["id"] == w.People["office"].ID.String() {
			t.Error("she is offered to verify it with another person")
		}
	}
	body := w.registration()
	body["severity"], body["second_id"] = "redline", w.People["office"].ID
	if o := w.decide(422, "colleague", bound, "register", body); o["errors"].([]any)[0].(object)["field"] != "second_id" {
		t.Errorf("%v", o)
	}
	p := w.decide(200, "colleague", bound, "register", w.registration())["problem_id"].(string)
	if s := w.Want(200, "office", "GET", "/api/problems/"+p, nil)["sources"].([]any); len(s) != 0 {
		t.Errorf("the problem leads her to the answer: %v", s)
	}
	if s := w.Want(200, "colleague", "GET", "/api/problems/"+p, nil)["sources"].([]any); len(s) != 1 {
		t.Errorf("%v", s)
	}
}

// Whoever supervised the visit reads what the agency reads of the problem it became: not the fact, not where it came from,
// in no view, list, search, figure or workbook, nor among the possible duplicates. Another person writes the letter.
func TestTheRegisterKeepsTheRatingToo(t *testing.T) {
	w := newTown(t)
	in := w.registration()
	in["fact"], in["photos"] = "金丝雀小店停业两小时，核对监控属实", []string{w.Photo("colleague")}
	p := w.decide(200, "colleague", w.rated("colleague", "office"), "register", in)["problem_id"].(string)
	other := w.decide(200, "colleague", w.rated("colleague", "supervisor"), "register", w.registration())["problem_id"].(string)
	for _, deed := range []string{"deidentify", "order", "queue"} {
		if code, o := w.Call("office", "POST", "/api/problems/"+p+"/"+deed, object{"version": 1, "text": "一次检查", "rung": "FBK", "served_on": "2026-05-06", "urgent_reason": "不能等了，明天就要停业"}); code != 403 || o["code"] != "own_visit" {
			t.Errorf("%s: %d %v", deed, code, o)
		}
	}
	hidden := func(path, body string) {
		t.Helper()
		for _, secret := range []string{"金丝雀", "监控属实", `"origin":"feedback"`, "urgent"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells her %q: %s", path, secret, body)
			}
		}
	}
	see := func() {
		t.Helper()
		v := w.Raw("office", "GET", "/api/problems/"+p, "", nil)
		hidden("the problem", v.Body)
		o := w.Want(200, "office", "GET", "/api/problems/"+p, nil)
		if o["own_visit"] != true || len(o["sources"].([]any)) != 0 || len(o["photos"].([]any)) != 0 || o["release"] != nil {
			t.Errorf("%v", o)
		}
	}
	see()
	twin := w.seen(uuid.New(), nil)
	hidden("the duplicates", w.Raw("office", "GET", "/api/leads/"+twin, "", nil).Body)
	w.deed(200, "colleague", p, "deidentify", object{"text": "一次检查占用经营场所过久。"})
	w.deed(200, "colleague", p, "queue", object{"rung": "FBK"})
	w.deed(200, "leader", p, "hasten", object{"urgent_reason": "不能等了，明天就要停业"})
	see()
	for q, want := range map[string]int{"?q=金丝雀": 0, "?q=监控属实": 0, "?origin=feedback": 1, "?q=经营场所": 1, "": 2, "?open=true": 2} {
		page := w.Raw("office", "GET", "/api/problems"+q, "", nil)
		if n := len(w.Want(200, "office", "GET", "/api/problems"+q, nil)["items"].([]any)); n != want {
			t.Errorf("%q lists %d, want %d: %s", q, n, want, page.Body)
		}
		if strings.Contains(page.Body, "金丝雀") {
			t.Errorf("%q tells her the fact", q)
		}
	}
	if n := w.Want(200, "office", "GET", "/api/problems/counts", nil)["by_origin"].(object)["feedback"]; n != 1.0 {
		t.Errorf("counted by origin: %v", n)
	}
	for _, who := range []string{"colleague", "county"} {
		o := w.Want(200, who, "GET", "/api/problems/"+p, nil)
		if o["fact"] != in["fact"] || o["origin"] != "feedback" || o["own_visit"] != false || len(o["photos"].([]any)) != 1 {
			t.Errorf("%s: %v", who, o)
		}
	}
	if o := w.Want(200, "office", "GET", "/api/problems/"+other, nil); o["own_visit"] != false || o["fact"] == "" {
		t.Errorf("another's visit: %v", o)
	}
}
