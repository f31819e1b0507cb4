package complaint

import (
	"strings"
	"testing"

	"suixing/internal/actor"
	"suixing/internal/vault"
	"suixing/internal/worldtest"
)

type looks struct{ Items []vault.Notice }

func (w *world) looks(who, query string) []vault.Notice {
	w.Helper()
	var out looks
	if a := w.As(who, "GET", "/api/vault/reveals"+query, nil, &out); a.Code != 200 {
		w.Fatal(who, a.Code, a.Body)
	}
	return out.Items
}

// T16: who looked at a complainant's name is told to everybody else who answers for the case, on the list and in the time
// line, until another has read it; never to who is complained of, never to the next township, and never what was seen.
func TestEveryLookIsTold(t *testing.T) {
	w := newWorld(t)
	w.Person("colleague", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	f := w.taken(one())
	reveal := fields{"case_kind": "complaint", "case_id": f.ID, "reason": "回电话核实票据"}
	if a := w.As("office", "POST", "/api/vault/reveal", reveal, nil); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	for who, want := range map[string]int{"office": 0, "colleague": 1, "county": 1, "leader": 1, "office2": 0} {
		if got := w.looks(who, "?waiting=true"); len(got) != want {
			t.Errorf("%s: %d wait, want %d", who, len(got), want)
		}
	}
	for who, want := range map[string]int{"agency": 403, "agency2": 403, "supervisor": 403, "hotline": 403, "admin": 403, "auditor": 403, "": 401} {
		if a := w.As(who, "GET", "/api/vault/reveals", nil, nil); a.Code != want {
			t.Error(who, a.Code)
		}
	}
	n := w.looks("colleague", "?case_id="+f.ID.String())[0]
	if n.By != w.People["office"].Name || n.Reason != "回电话核实票据" || n.Role != "office" || n.CaseID != f.ID || n.Number == "" || n.Mine || !n.MayRead {
		t.Errorf("%+v", n)
	}
	if a := w.As("colleague", "GET", "/api/vault/reveals", nil, nil); strings.Contains(a.Body, "银丝雀") || strings.Contains(a.Body, "7654321") {
		t.Error("the notice tells who spoke")
	}
	read := "/api/vault/reveals/" + n.ID.String() + "/read"
	for who, want := range map[string]int{"office": 403, "office2": 404, "agency": 403, "supervisor": 403, "admin": 403, "": 401} {
		if a := w.As(who, "POST", read, fields{}, nil); a.Code != want {
			t.Error(who, a.Code, a.Body)
		}
	}
	line := func() CaseEvent {
		t.Helper()
		var d ComplaintDetail
		w.As("office", "GET", "/api/complaints/"+f.ID.String(), nil, &d)
		for _, e := range d.Events {
			if e.Deed == "reveal" {
				return e
			}
		}
		t.Fatal("the time line does not tell of it")
		return CaseEvent{}
	}
	if e := line(); e.Actor != w.People["office"].Name || e.Text != "回电话核实票据" || e.State != "received" || !strings.Contains(string(e.Data), `"read_by":""`) {
		t.Errorf("%+v %s", e, e.Data)
	}
	for range 2 {
		if a := w.As("colleague", "POST", read, fields{}, nil); a.Code != 200 {
			t.Error(a.Code, a.Body)
		}
	}
	if e := line(); !strings.Contains(string(e.Data), w.People["colleague"].Name) {
		t.Errorf("%s", e.Data)
	}
	if len(w.looks("leader", "?waiting=true")) != 0 || len(w.looks("leader", "")) != 1 || w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'vault.confirm_reveal'`) != 1 {
		t.Error("read by one, it still waits, or the trail does not tell once")
	}
}

// What the county looks at a leader reads, or the other investigator; who stands back from the case does not hear of it.
func TestTheCountysLookIsTold(t *testing.T) {
	w := newWorld(t)
	w.Person("county2", actor.Actor{Role: actor.County})
	w.Person("county3", actor.Actor{Role: actor.County})
	f := w.taken(one())
	w.Exec(`UPDATE complaints SET office_id = NULL WHERE id = $1`, f.ID)
	for i, who := range []string{"county", "county2"} {
		w.Exec(`INSERT INTO complaint_people (complaint_id, account_id, part, reason, at) VALUES ($1, $2, 'investigator', '', now() + $3 * interval '1 second')`, f.ID, w.People[who].ID, i)
	}
	reveal := fields{"case_kind": "complaint", "case_id": f.ID, "reason": "回电话核实票据"}
	var asked vault.Request
	w.As("county", "POST", "/api/vault/requests", reveal, &asked)
	if a := w.As("leader", "POST", "/api/vault/requests/"+asked.ID.String()+"/approve", fields{"reason": "同意，限核实票据"}, nil); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	if a := w.As("county", "POST", "/api/vault/reveal", reveal, nil); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	for who, want := range map[string]int{"county": 0, "county2": 1, "county3": 0, "leader": 1, "office": 0} {
		if got := w.looks(who, "?waiting=true"); len(got) != want {
			t.Errorf("%s: %d wait, want %d", who, len(got), want)
		}
	}
	n := w.looks("leader", "")[0]
	read := "/api/vault/reveals/" + n.ID.String() + "/read"
	if a := w.As("county3", "POST", read, fields{}, nil); a.Code != 403 || !strings.Contains(a.Body, "not_second") {
		t.Error("who does not handle the case confirms:", a.Code, a.Body)
	}
	w.Exec(`INSERT INTO complaint_people (complaint_id, account_id, part, reason, at) VALUES ($1, $2, 'recused', '亲属', now())`, f.ID, w.People["leader"].ID)
	if a := w.As("leader", "POST", read, fields{}, nil); a.Code != 404 || len(w.looks("leader", "")) != 0 {
		t.Error("who stands back hears of it:", a.Code)
	}
	if a := w.As("county2", "POST", read, fields{}, nil); a.Code != 200 {
		t.Error(a.Code, a.Body)
	}
}
