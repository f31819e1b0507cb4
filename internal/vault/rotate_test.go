package vault

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/cluster"
	"suixing/internal/platform/dbtest"
)

func run(t *testing.T, env *dbtest.Env, q string, args ...any) {
	t.Helper()
	if _, err := env.Owner.Exec(context.Background(), q, args...); err != nil {
		t.Fatal(err)
	}
}

// sealMany seals n answers, each with a name of its own, in cases of the first office.
func sealMany(t *testing.T, env *dbtest.Env, s *Service, from, n int) []uuid.UUID {
	t.Helper()
	out := make([]uuid.UUID, n)
	for i := range out {
		out[i] = uuid.New()
		run(t, env, `INSERT INTO feedbacks (id, channel, office_id, counted, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, received_hour, has_contact)
			VALUES ($1, 'paper', $2, true, 1, 5, '2026-05-06', 'company', 'food', '{}', '{}', 2, true, $3, $3, '2026-05-06T02:00:00Z', true)`, out[i], office1, out[i][:])
		v, err := s.Seal(Feedback, out[i], Identity{Name: fmt.Sprintf("金丝雀%d", from+i), Phone: "13800000000"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := env.DB.Exec(context.Background(), `SELECT vault_seal($1, $2, $3, $4, $5, $6)`, v.ID, v.CaseKind, v.CaseID, v.KeyID, v.Bytes, v.On); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var county = actor.Actor{ID: uuid.New(), Role: actor.Office, OfficeID: uuid.NullUUID{UUID: office1, Valid: true}, Name: "李四"}

func named(t *testing.T, s *Service, id uuid.UUID) string {
	t.Helper()
	got, err := s.Reveal(context.Background(), county, Feedback, id, "核实情况打电话")
	if err != nil {
		t.Fatal(err)
	}
	return got.Name
}

// From AES to SM4 and back, with servers that go on sealing meanwhile: nothing is lost, the old key ends.
func TestKeyRotation(t *testing.T) {
	env, s := place(t)
	ctx := context.Background()
	cases := sealMany(t, env, s, 0, 450)
	first := s.keys.ring().current
	info, err := os.Stat(s.keys.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file mode %v, %v", info.Mode(), err)
	}
	other, err := LoadKeyring(filepath.Dir(s.keys.path), false) // a second server that runs on
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.keys.Rotate(SM4, env.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	cases = append(cases, sealMany(t, env, New(env.Vault, other, env.Clock.Now), 450, 5)...)
	if n := count(t, env, `SELECT count(*) FROM vault.data_keys WHERE key_id = $1`, second); n != 5 {
		t.Errorf("a running server sealed %d of 5 under the new key", n)
	}
	var steps []Progress
	p, err := s.Reseal(ctx, func(p Progress) { steps = append(steps, p) })
	if err != nil || p != (Progress{Done: 450, Total: 450}) || len(steps) != 3 {
		t.Fatalf("resealed %+v in %d steps, %v", p, len(steps), err)
	}
	for i, id := range cases {
		if got := named(t, s, id); got != fmt.Sprintf("金丝雀%d", i) {
			t.Fatalf("case %d reads %s", i, got)
		}
	}
	states, err := s.Keys(ctx, actor.System)
	if err != nil || len(states) != 2 || states[0] != (KeyState{ID: second, Algorithm: SM4, Current: true, Held: 455}) || states[1] != (KeyState{ID: first, Algorithm: AES, RetiredOn: "2026-05-06"}) {
		t.Fatalf("%+v %v", states, err)
	}
	if gone, err := s.DropRetired(ctx); err != nil || gone != nil {
		t.Errorf("destroyed %v on the day it was retired, %v", gone, err)
	}
	env.Clock.Set(env.Clock.Now().AddDate(0, 0, 1))
	if gone, err := s.DropRetired(ctx); err != nil || len(gone) != 1 || gone[0] != first {
		t.Errorf("destroyed %v, %v", gone, err)
	}
	if raw, err := os.ReadFile(s.keys.path); err != nil || bytes.Contains(raw, []byte(first)) || !bytes.Contains(raw, []byte("sm4-gcm")) {
		t.Errorf("the file keeps %s, %v", raw, err)
	}
	if _, err := s.keys.Rotate(AES, env.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Reseal(ctx, func(Progress) {}); err != nil || p.Done != 455 || named(t, s, cases[454]) != "金丝雀454" {
		t.Errorf("back to AES: %+v %v", p, err)
	}
}

func TestKeyFileFaults(t *testing.T) {
	line := "v2 aes-256-gcm " + strings.Repeat("A", 43) + "=\n"
	if _, err := parseKeyring([]byte(line)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "v1 aes-256-gcm", "v1 rot13 " + strings.Repeat("A", 44), "v1 aes-256-gcm c2hvcnQ=", line + line, strings.TrimSpace(line) + " retired:2026-05-06", strings.TrimSpace(line) + " old"} {
		if _, err := parseKeyring([]byte(bad)); err == nil {
			t.Errorf("accepted key file %q", bad)
		}
	}
	k, err := LoadKeyring(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate("rot13", dbtest.Start); err == nil {
		t.Error("rotated to no algorithm")
	}
	before := k.ring().current
	if err := os.WriteFile(k.path, []byte("half a line"), 0o600); err != nil {
		t.Fatal(err)
	}
	if k.ring().current != before {
		t.Error("a broken file took the keys away from a running server")
	}
}

func count(t *testing.T, env *dbtest.Env, q string, args ...any) (n int) {
	t.Helper()
	if err := env.Owner.Get(context.Background(), &n, q, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// dump is the whole database as the backup's own program writes it.
func dump(t *testing.T, env *dbtest.Env) string {
	t.Helper()
	dir, err := cluster.Programs(15)
	if err != nil {
		t.Skip(err)
	}
	out, err := exec.Command(filepath.Join(dir, "pg_dump"), "--format=plain", "--dbname="+env.OwnerURL).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// T73: after its retention an identity is nowhere: not in the clear in database or dump, and what is left opens under no key.
func TestShred(t *testing.T) {
	env, s := place(t)
	ctx := context.Background()
	old := sealMany(t, env, s, 0, 3)
	var rows []sealedRow
	read := func() []sealedRow {
		rows = nil
		if err := env.Owner.Select(ctx, &rows, `SELECT `+rowColumns+` ORDER BY v.id`); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	opens := func(rows []sealedRow) (n int) {
		for _, r := range rows {
			if _, err := s.keys.open(r); err == nil {
				n++
			}
		}
		return n
	}
	if n := opens(read()); n != 3 {
		t.Fatalf("%d open with everything in hand, want 3: the test would prove nothing", n)
	}
	if n, err := s.Expire(ctx); err != nil || n != 0 {
		t.Errorf("%d shredded at once, %v", n, err)
	}
	env.Clock.Set(env.Clock.Now().AddDate(0, 0, 366))
	young := sealMany(t, env, s, 3, 1)
	if n, err := s.Expire(ctx); err != nil || n != 3 {
		t.Fatalf("%d shredded, %v", n, err)
	}
	if n := opens(read()); n != 1 {
		t.Errorf("%d open, want the young one", n)
	}
	if n, err := s.Expire(ctx); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
	if _, err := s.Reveal(ctx, county, Feedback, old[0], "核实情况打电话"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("reveals a shredded one: %v", err)
	}
	if named(t, s, young[0]) != "金丝雀3" || count(t, env, `SELECT count(*) FROM feedbacks WHERE has_contact`) != 1 {
		t.Error("the young one was touched, or an old one still says it has a contact")
	}
	if n := count(t, env, `SELECT count(*) FROM audit_log WHERE deed = 'vault.expire' AND actor_role = 'system' AND subject_id IS NULL`); n != 3 {
		t.Errorf("%d rows in the trail", n)
	}
	text := dump(t, env)
	for _, canary := range []string{"金丝雀", "13800000000", fmt.Sprintf("%x", "金丝雀")} {
		if strings.Contains(text, canary) {
			t.Errorf("the dump holds %s", canary)
		}
	}
	if n := count(t, env, `SELECT count(*) FROM vault.identities WHERE sealed = '' AND shredded_on = '2027-05-07'`); n != 3 {
		t.Errorf("%d tombstones", n)
	}
}

// An old backup has the wrapped keys still; once the key that wrapped them is destroyed, it opens nothing either.
func TestShredReachesOldBackups(t *testing.T) {
	env, s := place(t)
	ctx := context.Background()
	sealMany(t, env, s, 0, 2)
	var backup []sealedRow
	if err := env.Owner.Select(ctx, &backup, `SELECT `+rowColumns); err != nil {
		t.Fatal(err)
	}
	env.Clock.Set(env.Clock.Now().AddDate(0, 0, 366))
	if n, err := s.Expire(ctx); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if _, err := s.keys.open(backup[0]); err != nil {
		t.Fatal("the backup should open while the old key lives:", err)
	}
	if _, err := s.keys.Rotate(AES, env.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reseal(ctx, func(Progress) {}); err != nil {
		t.Fatal(err)
	}
	env.Clock.Set(env.Clock.Now().AddDate(0, 0, 1))
	if gone, err := s.DropRetired(ctx); err != nil || len(gone) != 1 {
		t.Fatal(gone, err)
	}
	for _, r := range backup {
		if _, err := s.keys.open(r); err == nil {
			t.Error("an old backup opens after the key was destroyed")
		}
	}
}

// From the page: a reason, a row in the trail, a new key; then a moment at a time until nothing lies under the old one.
func TestRotateFromThePage(t *testing.T) {
	env, s := place(t)
	ctx := context.Background()
	sealMany(t, env, s, 0, 30)
	admin := actor.Actor{ID: uuid.New(), Role: actor.Admin, Name: "管理员"}
	if err := s.RotateKey(ctx, admin, "", "换"); err == nil {
		t.Error("rotated without a reason")
	}
	if err := s.RotateKey(ctx, county, "", "按年度要求更换"); err == nil {
		t.Error("rotated by who is no administrator")
	}
	if err := s.RotateKey(ctx, admin, "rot13", "按年度要求更换"); err == nil {
		t.Error("rotated to an unknown algorithm")
	}
	if n := count(t, env, `SELECT count(*) FROM audit_log WHERE deed = 'vault.rotate_key'`); n != 0 || len(s.keys.ring().order) != 1 {
		t.Fatalf("refused, and %d rows, %d keys", n, len(s.keys.ring().order))
	}
	if err := s.RotateKey(ctx, admin, SM4, "按年度要求更换"); err != nil {
		t.Fatal(err)
	}
	if err := s.resealFor(ctx, time.Nanosecond); err != nil {
		t.Error("a moment that is over at once:", err)
	}
	if err := s.resealFor(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	states, err := s.Keys(ctx, admin)
	if err != nil || len(states) != 2 || states[0].Held != 30 || states[0].Algorithm != SM4 || states[1].Held != 0 || states[1].RetiredOn == "" {
		t.Errorf("%+v %v", states, err)
	}
	if n := count(t, env, `SELECT count(*) FROM audit_log WHERE deed = 'vault.rotate_key' AND actor_id = $1`, admin.ID); n != 1 {
		t.Errorf("%d rows", n)
	}
}
