package vault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/dbtest"
)

func person(t *testing.T, env *dbtest.Env, role actor.Role, name string) actor.Actor {
	t.Helper()
	return hire(t, env, actor.Actor{ID: uuid.New(), Role: role, Name: name})
}

func codeOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

// T16: at county level a second person agrees, with a reason; the asking, the agreeing and the looking are three rows in the
// trail; what was agreed to runs out.
func TestTheCountyNeedsASecondPerson(t *testing.T) {
	env, s := place(t)
	seal(t, env, s)
	ctx := context.Background()
	asker, other, boss := person(t, env, actor.County, "县里甲"), person(t, env, actor.County, "县里乙"), person(t, env, actor.Leader, "局领导丙")
	look := func(who actor.Actor, want string) *Revealed {
		t.Helper()
		got, err := s.Reveal(ctx, who, Feedback, feedback1, "打电话核实情况")
		if codeOf(err) != want || (err == nil) != (want == "") {
			t.Fatalf("%s looks: %v, want %q", who.Name, err, want)
		}
		return got
	}
	look(asker, "second_person")
	if _, err := s.Ask(ctx, asker, Feedback, feedback1, "看看"); fault.KindOf(err) != fault.Invalid {
		t.Error("asked without a reason:", err)
	}
	r, err := s.Ask(ctx, asker, Feedback, feedback1, "要打电话核实罚款")
	if err != nil || r.State != "pending" || !r.Mine || r.MayDecide {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := s.Ask(ctx, asker, Feedback, feedback1, "要打电话核实罚款"); codeOf(err) != "asked" {
		t.Error("asked twice:", err)
	}
	look(asker, "second_person")
	if _, err := s.Decide(ctx, asker, r.ID, true, "我自己同意"); codeOf(err) != "own_request" {
		t.Error("agreed to himself:", err)
	}
	if _, err := s.Decide(ctx, boss, r.ID, true, "行"); fault.KindOf(err) != fault.Invalid {
		t.Error("agreed without a reason:", err)
	}
	if _, err := s.Decide(ctx, actor.Actor{ID: uuid.New(), Role: actor.Office, Name: "所里丁"}, r.ID, true, "同意查看一次"); fault.KindOf(err) != fault.Forbidden {
		t.Error("agreed from the township:", err)
	}
	list, err := s.Requests(ctx, other, RequestFilter{Waiting: "true"})
	if err != nil || len(list) != 1 || !list[0].MayDecide || list[0].Asker != "县里甲" {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err := s.Decide(ctx, boss, r.ID, true, "同意，限核实罚款"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decide(ctx, other, r.ID, false, "不同意，没必要"); codeOf(err) != "decided" {
		t.Error("decided twice:", err)
	}
	seen := look(asker, "")
	if seen.ApprovedBy != "局领导丙" || !strings.HasSuffix(seen.Mark, "局领导丙同意") {
		t.Errorf("%+v", seen)
	}
	look(other, "second_person") // it was not agreed to him
	env.Clock.Add(24*time.Hour + time.Second)
	look(asker, "second_person")
	for deed, n := range map[string]int{"vault.ask_reveal": 1, "vault.approve_reveal": 1, "vault.decline_reveal": 0, "vault.reveal": 1} {
		var got int
		if err := env.Owner.Get(ctx, &got, `SELECT count(*) FROM audit_log WHERE deed = $1`, deed); err != nil || got != n {
			t.Errorf("%s: %d rows, want %d (%v)", deed, got, n, err)
		}
	}
	// What nobody answers runs out, and what is declined opens nothing.
	r, err = s.Ask(ctx, asker, Feedback, feedback1, "要打电话核实罚款")
	if err != nil {
		t.Fatal(err)
	}
	env.Clock.Add(72 * time.Hour)
	if _, err := s.Decide(ctx, boss, r.ID, true, "同意，限核实罚款"); codeOf(err) != "expired" {
		t.Error("agreed too late:", err)
	}
	if r, err = s.Ask(ctx, asker, Feedback, feedback1, "要打电话核实罚款"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decide(ctx, other, r.ID, false, "材料里已经写清楚"); err != nil {
		t.Fatal(err)
	}
	look(asker, "second_person")
	// The app cannot agree by itself.
	if _, err := env.DB.Exec(ctx, `UPDATE reveal_requests SET approved = true`); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Error("the app's role wrote a request:", err)
	}
	if _, err := env.Vault.Exec(ctx, `UPDATE reveal_requests SET asked_by = decided_by`); err == nil {
		t.Error("the vault's role turned a request over")
	}
}
