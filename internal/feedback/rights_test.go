package feedback

import (
	"strings"
	"testing"
)

// What the form's notice promises, seeing, correcting and erasing one's contact, the handler can do, with a reason, a row in
// the trail, and at county level a second person before anyone looks.
func TestRightsOfWhoAnswered(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	w.Receipt(w.Post(path, with(good(), "P1", "y", "P2", canaryName, "P3", canaryPhone, "consent", "y")))
	var list struct{ Items []AnswerItem }
	w.As("office", "GET", "/api/feedback", nil, &list)
	one := "/api/feedback/" + list.Items[0].ID.String()
	reveal := func(who string) answer {
		return w.As(who, "POST", "/api/vault/reveal", map[string]any{"case_kind": "feedback", "case_id": list.Items[0].ID, "reason": "本人来电要求查看"}, nil)
	}
	wish := Wish{"回拨登记的电话", "本人说号码写错了，要求改"}
	fix := Correction{Wish: wish, Name: canaryName, Phone: "13711112222"}
	for field, in := range map[string]Correction{"verified": {Wish: Wish{"", wish.Reason}, Name: "王", Phone: fix.Phone}, "reason": {Wish: Wish{wish.Verified, "改"}, Name: "王", Phone: fix.Phone},
		"name": {Wish: wish, Phone: fix.Phone}, "phone": {Wish: wish, Name: "王", Phone: "12"}} {
		if a := w.As("office", "POST", one+"/correct-contact", in, nil); a.Code != 422 || !strings.Contains(a.Body, `"`+field+`"`) {
			t.Errorf("%s: %d %s", field, a.Code, a.Body)
		}
	}
	for who, code := range map[string]int{"office2": 404, "leader": 403, "supervisor": 403, "agency": 403, "hotline": 403} {
		if a, b := w.As(who, "POST", one+"/correct-contact", fix, nil), w.As(who, "POST", one+"/erase-contact", wish, nil); a.Code != code || b.Code != code {
			t.Errorf("%s: %d %d", who, a.Code, b.Code)
		}
	}
	if a := w.As("office", "POST", one+"/correct-contact", fix, nil); a.Code != 200 || strings.Contains(a.Body, "13711112222") {
		t.Fatal(a.Code, a.Body)
	}
	if a := reveal("office"); !strings.Contains(a.Body, "13711112222") || strings.Contains(a.Body, canaryPhone) {
		t.Error("not corrected:", a.Body)
	}
	if a := reveal("county"); a.Code != 403 {
		t.Error("the county looks alone", a.Code)
	}
	var d AnswerDetail
	if a := w.As("office", "POST", one+"/erase-contact", Wish{"回拨登记的电话", "本人要求删除联系方式"}, &d); a.Code != 200 || d.HasContact || d.MayReveal || d.Overall != 5 {
		t.Errorf("%d %+v", a.Code, d)
	}
	if a := reveal("office"); a.Code != 404 {
		t.Error("still there:", a.Code, a.Body)
	}
	if a := w.As("office", "POST", one+"/erase-contact", wish, nil); a.Code != 409 {
		t.Error("erased twice", a.Code)
	}
	for _, deed := range []string{"vault.correct", "vault.erase"} {
		if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = $1 AND detail->>'reason' LIKE '%回拨登记的电话%'`, deed); n != 1 {
			t.Error(deed, "in the trail:", n)
		}
	}
	if v := w.dump(); strings.Contains(v, "13711112222") || strings.Contains(v, canaryPhone) {
		t.Error("a value stands in a table")
	}
}
