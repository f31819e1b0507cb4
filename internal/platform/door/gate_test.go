package door

import (
	"bytes"
	"context"
	"net/url"
	"testing"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/dbtest"
)

// What people press is kept up to a bound of the day for each target: the first stay, and the page tells the others so.
func TestPressesHaveABound(t *testing.T) {
	env := dbtest.New(t)
	keys := NewKeys(bytes.Repeat([]byte{1}, 32))
	g := NewGate(NewSlow(env.DB, keys, env.Clock.Now), keys, env.Clock.Now)
	g.most = 3
	press := func(what, target string) (Verdict, string) {
		form := &Form{Values: url.Values{fieldPlain: {"y"}}}
		v, err := g.Judge(context.Background(), form, Use{What: what, Target: target, Plain: 10})
		if err != nil {
			t.Fatal(err)
		}
		return v, form.held
	}
	for i, what := range []string{"form a", "form b", "form a"} { // from wherever they come
		if v, held := press(what, "form"); v != Plain || held != "" {
			t.Errorf("press %d: %v %q", i, v, held)
		}
	}
	if v, held := press("form c", "form"); v != Ask || held != heldFull {
		t.Errorf("beyond the bound: %v %q", v, held)
	}
	if v, _ := press("wall 1", ""); v != Plain {
		t.Error("one target's bound is another's")
	}
	var b bytes.Buffer
	if err := proofPage.ExecuteTemplate(&b, "frame", waitingPage{Held: heldFull, Fields: []Carried{{"fact", "写好的经过"}}}); err != nil || !bytes.Contains(b.Bytes(), []byte("还没有收下")) || !bytes.Contains(b.Bytes(), []byte("写好的经过")) {
		t.Error("the page does not say what happens", err)
	}
	if v, _ := press("wall 1", ""); v != Plain {
		t.Error("the second of two")
	}
	g.share = 2
	if v, held := press("wall 2", "walls"); v != Plain {
		t.Error("the first of a network", held)
	}
	_, _ = press("wall 2", "walls")
	if v, held := press("wall 2", "walls"); v != Ask || held != heldFull {
		t.Errorf("one network uses up what is for all: %v %q", v, held)
	}
	if n, err := g.slow.hits(context.Background(), g.slow.key("quarantine", clock.Day(env.Clock.Now()), "walls")); err != nil || n != 2 {
		t.Errorf("%d of the target's are used up, want 2 (%v)", n, err)
	}
	g.share = quarantineShare
	env.Clock.Add(24 * 3600e9)
	if v, _ := press("form c", "form"); v != Plain {
		t.Error("the bound is of a day")
	}
}
