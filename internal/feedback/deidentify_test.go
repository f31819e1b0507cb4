package feedback

import (
	"strings"
	"testing"
)

// What the agency may read of an answer's words, and what stands where the receipt code is asked, is held by the server, not
// by a tick in a browser: no text that is a quotation, names the business or carries what lies in the vault.
func TestWordsNameNobody(t *testing.T) {
	w := newWorld(t)
	path, _, _ := w.bound()
	w.Receipt(w.Post(path, with(good(), "F9", "y", "O1", "姓刘的队长让我给他两条烟，不给就天天来查。示例镇A综合执法大队的人都知道。", "O2", "希望早上不要来",
		"business", "老街豆腐坊", "P1", "y", "P2", "王小满", "P3", "138-0000-1234", "consent", "y")))
	var list struct{ Items []AnswerItem }
	w.As("office", "GET", "/api/feedback", nil, &list)
	one := "/api/feedback/" + list.Items[0].ID.String()
	for _, deed := range []string{"/agency-text", "/answer"} {
		for text, field := range map[string]string{
			"企业说：姓刘的队长让我给他两条烟":    "text",
			"反映两条烟“不给，就天天来查”，请核实": "text", // a comma put in
			"希望早上不要来检查，会影响做生意":    "",     // seven in a row: the same thought in other words
			"老街豆腐坊反映执法人员索要财物":     "text",
			"某餐饮店反映执法人员索要财物":      "text", // as the visit calls it
			"王小满反映执法人员索要财物，已转办":   "text",
			"已和本人（13800001234）联系": "text",
		} {
			if deed == "/answer" && field == "" {
				continue
			}
			a := w.As("office", "POST", one+deed, Words{text, true}, nil)
			if want := map[bool]int{true: 422, false: 200}[field != ""]; a.Code != want || field != "" && !strings.Contains(a.Body, `"`+field+`"`) {
				t.Errorf("%s %q: %d %s", deed, text, a.Code, a.Body)
			}
		}
		const own = "反映索要财物，示例镇A综合执法大队已被要求说明，正在核实。"
		for _, body := range []any{map[string]any{"text": own}, Words{own, false}} {
			if a := w.As("office", "POST", one+deed, body, nil); a.Code != 422 || !strings.Contains(a.Body, `"deidentified"`) {
				t.Errorf("%s without 已去标识: %d %s", deed, a.Code, a.Body)
			}
		}
		if a := w.As("office", "POST", one+deed, Words{own, true}, nil); a.Code != 200 {
			t.Errorf("%s: %d %s", deed, a.Code, a.Body)
		}
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'vault.mention'`); n != 4 {
		t.Error("who tries names is to be seen:", n)
	}
	if a := w.As("office", "POST", one+"/agency-text", map[string]any{"text": ""}, nil); a.Code != 200 {
		t.Error("what is taken back needs no tick", a.Code)
	}
	if a := w.As("office2", "POST", one+"/agency-text", Words{"王小满", true}, nil); a.Code != 404 {
		t.Error("another office asks the vault", a.Code)
	}
}
