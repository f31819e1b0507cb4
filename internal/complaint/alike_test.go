package complaint

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/worldtest"
)

// T10 SearchOracle: whoever asks for two characters at a time learns nothing of a complaint out of her sight. Every guess is
// asked with the hidden complaint there and without it, and the answers are the same bytes.
func TestSearchOracle(t *testing.T) {
	w := newWorld(t)
	kin := w.Person("kin", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.taken(one("id", uuid.New(), "fact", "摊位的秤被拿走，没有写单子。")) // something in sight, so that answers are not all empty
	const hidden = "司法所副所长收了烟才盖章，姓乂的邻居看见。"
	about := w.taken(one("id", uuid.New(), "target", "示例镇A司法所", "fact", hidden, "place", "后院"))
	stood := w.taken(one("id", uuid.New(), "target", "示例镇A综合执法大队", "fact", hidden, "place", "后院"))
	w.do("kin", stood.ID, "recuse", 200, fields{"account_id": kin.ID, "reason": "和当事人是亲戚"})
	ask := func(who string, sketch fields) string {
		a := w.As(who, "POST", "/api/complaints/similar", sketch, nil)
		if a.Code != 200 {
			t.Fatal(a.Code, a.Body)
		}
		return a.Body
	}
	var guesses []fields
	for _, pair := range bigrams(hidden + "乂亖亼亽") {
		for _, target := range []string{"示例镇A司法所", "示例镇A综合执法大队", ""} {
			guesses = append(guesses, fields{"target": target, "fact": pair, "place": "后院", "happened": "2026-05-04"},
				fields{"target": target, "fact": pair}, fields{"target": target, "fact": pair + pair + "亖亼"}) // enough pairs for the search by words
		}
	}
	guesses = append(guesses, fields{"fact": hidden}, fields{"target": "示例镇A司法所"}, fields{"target": "示例镇A司法所", "place": "后院", "happened": "2026-05-04"})
	for who, out := range map[string][]uuid.UUID{"office": {about.ID}, "office2": {about.ID, stood.ID}, "kin": {about.ID, stood.ID}} {
		var with []string
		for _, g := range guesses {
			with = append(with, ask(who, g))
		}
		for _, id := range out {
			w.Exec(`UPDATE complaints SET received_at = received_at - interval '1 year' WHERE id = $1`, id) // as if there were none
		}
		for i, g := range guesses {
			if without := ask(who, g); without != with[i] {
				t.Errorf("%s asks %v: with the hidden complaint\n%s\nwithout\n%s", who, g, with[i], without)
				break
			}
		}
		for _, id := range out {
			w.Exec(`UPDATE complaints SET received_at = received_at + interval '1 year' WHERE id = $1`, id)
		}
	}
	// The county, which sees both, finds both: the guesses are guesses at something.
	var out struct{ Items []Similar }
	w.As("county", "POST", "/api/complaints/similar", fields{"target": "示例镇A司法所", "fact": hidden}, &out)
	if len(out.Items) < 2 || out.Items[0].Score < 60 {
		t.Error("the hidden words are found by nobody: the test proves nothing", fmt.Sprintf("%+v", out.Items))
	}
}
