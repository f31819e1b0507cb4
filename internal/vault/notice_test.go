package vault

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

// T16, notified: the county's look is read by a leader or who else handles the case, never by whoever looked; the reason is
// told, and a reason that names the person is not.
func TestALookIsReadByAnother(t *testing.T) {
	env, s := place(t)
	seal(t, env, s)
	ctx := context.Background()
	asker, other, boss := person(t, env, actor.County, "县里甲"), person(t, env, actor.County, "县里乙"), person(t, env, actor.Leader, "局领导丙")
	look := func(reason string) {
		t.Helper()
		r, err := s.Ask(ctx, asker, Feedback, feedback1, "要打电话核实罚款")
		if err == nil {
			_, err = s.Decide(ctx, boss, r.ID, true, "同意，限核实罚款")
		}
		if err != nil && codeOf(err) != "asked" {
			t.Fatal(err)
		}
		if _, err := s.Reveal(ctx, asker, Feedback, feedback1, reason); err != nil {
			t.Fatal(err)
		}
	}
	list := func(who actor.Actor, waiting string) []Notice {
		t.Helper()
		got, err := s.Notices(ctx, who, NoticeFilter{Waiting: waiting})
		if err != nil {
			t.Fatal(err)
		}
		return got.Items
	}
	look("打电话核实情况")
	if got := list(asker, "true"); len(got) != 0 {
		t.Errorf("it waits for whoever looked: %+v", got)
	}
	if got := list(asker, ""); len(got) != 1 || !got[0].Mine || got[0].MayRead {
		t.Errorf("%+v", got)
	}
	got := list(boss, "true")
	if len(got) != 1 || got[0].By != "县里甲" || got[0].Role != "county" || got[0].Reason != "打电话核实情况" || got[0].ApprovedBy != "局领导丙" || got[0].CaseID != feedback1 || got[0].ReadAt != nil {
		t.Fatalf("%+v", got)
	}
	if _, err := s.Confirm(ctx, asker, got[0].ID); codeOf(err) != "own_reveal" {
		t.Error("she confirms her own:", err)
	}
	if n, err := s.Confirm(ctx, other, got[0].ID); err != nil || n.ReadBy != "县里乙" || n.MayRead {
		t.Errorf("%+v %v", n, err)
	}
	if n, err := s.Confirm(ctx, boss, got[0].ID); err != nil || n.ReadBy != "县里乙" {
		t.Errorf("read once, it is read: %+v %v", n, err)
	}
	if got := list(boss, "true"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	for _, role := range []actor.Role{actor.Agency, actor.Admin, actor.Auditor, actor.Hotline, actor.Supervisor} {
		who := actor.Actor{ID: uuid.New(), Role: role, Name: "旁人"}
		if _, err := s.Notices(ctx, who, NoticeFilter{}); fault.KindOf(err) != fault.Forbidden {
			t.Error(role, err)
		}
		if _, err := s.Confirm(ctx, who, got[0].ID); fault.KindOf(err) != fault.Forbidden {
			t.Error(role, err)
		}
	}
	look("给王小满回个电话")
	if got := list(boss, "true"); len(got) != 1 || got[0].Reason != reasonNamed {
		t.Errorf("the notice names who was seen: %+v", got)
	}
	var n, named int
	if err := env.Owner.Get(ctx, &n, `SELECT count(*) FROM audit_log WHERE deed = 'vault.confirm_reveal'`); err != nil || n != 1 {
		t.Error("confirmations in the trail:", n, err)
	}
	if err := env.Owner.Get(ctx, &named, `SELECT count(*) FROM audit_log l WHERE l::text LIKE '%' || $1 || '%'`, "王小满"); err != nil || named != 0 {
		t.Error("the trail names who was seen:", named, err)
	}
	if _, err := env.DB.Exec(ctx, `UPDATE reveals SET read_at = now()`); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Error("the app's role wrote a notice:", err)
	}
	if _, err := env.Vault.Exec(ctx, `UPDATE reveals SET reason = ''`); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Error("the vault's role changed what was told:", err)
	}
	// More than a page of them, older than all others: what waits still comes first, and each comes once.
	const old = `INSERT INTO reveals (id, case_kind, case_id, account_id, role, reason, at, read_by, read_at)
		SELECT gen_random_uuid(), 'feedback', $1, $2, 'county', '', now() - i * interval '1 day', CASE WHEN i % 2 = 0 THEN $3::uuid END, CASE WHEN i % 2 = 0 THEN now() END FROM generate_series(1, 120) i`
	if _, err := env.Owner.Exec(ctx, old, feedback1, asker.ID, other.ID); err != nil {
		t.Fatal(err)
	}
	seen := map[uuid.UUID]bool{}
	waiting, first := true, 0
	for after, pages := "", 0; pages == 0 || after != ""; pages++ {
		page, err := s.Notices(ctx, boss, NoticeFilter{CaseID: feedback1.String(), After: after})
		if err != nil || pages > 3 || page.Total != 122 {
			t.Fatal(pages, page.Total, err)
		}
		for _, n := range page.Items {
			if n.MayRead && !waiting || seen[n.ID] {
				t.Fatalf("page %d: out of order, or twice: %+v", pages, n)
			}
			if seen[n.ID], waiting = true, n.MayRead; waiting {
				first++
			}
		}
		after = page.Next
	}
	if len(seen) != 122 || first != 61 {
		t.Errorf("%d notices, %d of them first", len(seen), first)
	}
	if page, err := s.Notices(ctx, boss, NoticeFilter{CaseID: uuid.NewString()}); err != nil || len(page.Items) != 0 {
		t.Errorf("of another case: %d %v", len(page.Items), err)
	}
	for _, bad := range []NoticeFilter{{CaseID: "1"}, {After: "x"}} {
		if _, err := s.Notices(ctx, boss, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
