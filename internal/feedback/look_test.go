package feedback

import (
	"strings"
	"testing"

	"suixing/internal/actor"
	"suixing/internal/vault"
	"suixing/internal/worldtest"
)

// T16: who looked at who gave an answer is told to the colleagues, on the list and on the answer; not to her whose own visit
// it rates, not to the agency.
func TestEveryLookIsTold(t *testing.T) {
	w := newWorld(t)
	w.Person("colleague", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.Person("beside", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	path, _, visit := w.bound()
	w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, visit, w.People["beside"].ID)
	w.Receipt(w.Post(path, with(good(), "P1", "y", "P2", "王小满", "P3", "13800000000", "consent", "y")))
	w.settle()
	id := ""
	w.Must(w.Env.Owner.Get(t.Context(), &id, `SELECT id::text FROM feedbacks`))
	if a := w.As("office", "POST", "/api/vault/reveal", map[string]any{"case_kind": "feedback", "case_id": id, "reason": "给王小满回个电话"}, nil); a.Code != 200 {
		t.Fatal(a.Code, a.Body)
	}
	notices := func(who string) (out struct{ Items []vault.Notice }) {
		t.Helper()
		if a := w.As(who, "GET", "/api/vault/reveals?waiting=true", nil, &out); a.Code != 200 || strings.Contains(a.Body, "王小满") {
			t.Error(who, a.Code, a.Body)
		}
		return out
	}
	for who, want := range map[string]int{"office": 0, "colleague": 1, "beside": 0, "office2": 0, "county": 1, "leader": 1} {
		if got := notices(who).Items; len(got) != want {
			t.Errorf("%s: %d wait, want %d", who, len(got), want)
		}
	}
	if w.As("agency", "GET", "/api/vault/reveals", nil, nil).Code != 403 || w.As("supervisor", "GET", "/api/vault/reveals", nil, nil).Code != 403 {
		t.Error("who may not know is told")
	}
	var d AnswerDetail
	one := w.As("colleague", "GET", "/api/feedback/"+id, nil, &d)
	if len(d.Looks) != 1 || d.Looks[0].By != w.People["office"].Name || d.Looks[0].ReadBy != "" || strings.Contains(one.Body, "王小满") {
		t.Errorf("%+v", d.Looks)
	}
	read := "/api/vault/reveals/" + notices("colleague").Items[0].ID.String() + "/read"
	if a := w.As("beside", "POST", read, map[string]any{}, nil); a.Code != 404 {
		t.Error("she whose visit it rates hears of it", a.Code)
	}
	if a := w.As("colleague", "POST", read, nil, nil); a.Code != 200 {
		t.Error(a.Code, a.Body)
	}
	if w.As("county", "GET", "/api/feedback/"+id, nil, &d); len(d.Looks) != 1 || d.Looks[0].ReadBy != w.People["colleague"].Name {
		t.Errorf("%+v", d.Looks)
	}
}
