package vault

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/dbtest"
)

var office1, office2, feedback1 = uuid.New(), uuid.New(), uuid.New()

// place sets up two offices and one answer that lies with the first.
func place(t *testing.T) (*dbtest.Env, *Service) {
	t.Helper()
	env := dbtest.New(t)
	run := func(q string, args ...any) {
		if _, err := env.Owner.Exec(context.Background(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`INSERT INTO offices (id, name, township) VALUES ($1, '甲镇司法所', '甲镇'), ($2, '乙镇司法所', '乙镇')`, office1, office2)
	run(`INSERT INTO feedbacks (id, channel, office_id, counted, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, received_hour)
		VALUES ($1, 'paper', $2, true, 1, 5, '2026-05-06', 'company', 'food', '{}', '{}', 2, true, 'r', 'b', '2026-05-06T02:00:00Z')`, feedback1, office1)
	hire(t, env, county)
	keys, err := LoadKeyring(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	return env, New(env.Vault, keys, env.Clock.Now)
}

// hire gives an actor an account: who looks is told to others by name.
func hire(t *testing.T, env *dbtest.Env, a actor.Actor) actor.Actor {
	t.Helper()
	const q = `INSERT INTO accounts (id, username, name, role, office_id, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, 'x', $6)`
	if _, err := env.Owner.Exec(context.Background(), q, a.ID, "u"+strings.ReplaceAll(a.ID.String(), "-", "")[:12], a.Name, string(a.Role), a.OfficeID, dbtest.Start); err != nil {
		t.Fatal(err)
	}
	return a
}

func seal(t *testing.T, env *dbtest.Env, s *Service) Sealed {
	t.Helper()
	v, err := s.Seal(Feedback, feedback1, Identity{Name: "王小满", Phone: "13800000000", Confidential: true})
	if err != nil {
		t.Fatal(err)
	}
	const q = `SELECT vault_seal($1, $2, $3, $4, $5, $6)`
	if _, err := env.DB.Exec(context.Background(), q, v.ID, v.CaseKind, v.CaseID, v.KeyID, v.Bytes, v.On); err != nil {
		t.Fatal(err)
	}
	return v
}

// rowOf is what vault_seal makes of a sealed value.
func rowOf(v Sealed) sealedRow {
	return sealedRow{ID: v.ID, CaseKind: v.CaseKind, CaseID: v.CaseID, KeyID: v.KeyID, Wrapped: v.Bytes[:wrappedLen], Sealed: v.Bytes[wrappedLen:]}
}

func TestAppRoleCannotRead(t *testing.T) {
	env, s := place(t)
	v := seal(t, env, s)
	ctx := context.Background()
	for _, q := range []string{
		`SELECT count(*) FROM vault.identities`, `SELECT sealed FROM vault.identities`, `DELETE FROM vault.identities`,
		`UPDATE vault.identities SET sealed = ''`, `INSERT INTO vault.identities SELECT * FROM vault.identities`, `SET ROLE suixing_vault`,
		`SELECT wrapped FROM vault.data_keys`, `SELECT vault_shred('feedback', gen_random_uuid(), '2026-05-06')`, `SELECT vault_expired('2030-01-01', 1)`,
		`SELECT vault_reseal(gen_random_uuid(), 'a', 'b', '')`, `SELECT vault_replace(gen_random_uuid(), 'feedback', gen_random_uuid(), 'k', '', '2026-05-06')`,
	} {
		if _, err := env.DB.Exec(ctx, q); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("app role, %s: want permission denied, got %v", q, err)
		}
	}
	// The revealing role may read; it changes only what the three functions change.
	for _, q := range []string{`DELETE FROM vault.identities`, `UPDATE vault.data_keys SET wrapped = ''`, `UPDATE complaints SET has_contact = false`, `SELECT facts FROM feedbacks`, `SELECT vault_seal(gen_random_uuid(), 'feedback', gen_random_uuid(), 'k', '', '2026-05-06')`} {
		if _, err := env.Vault.Exec(ctx, q); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("vault role, %s: want permission denied, got %v", q, err)
		}
	}
	if bytes.Contains(v.Bytes, []byte("王小满")) || bytes.Contains(v.Bytes, []byte("13800000000")) {
		t.Error("the sealed bytes hold the identity in the clear")
	}
}

func TestRevealNeedsHandlerAndReason(t *testing.T) {
	env, s := place(t)
	seal(t, env, s)
	ctx := context.Background()
	at := func(role actor.Role, office uuid.UUID) actor.Actor {
		return actor.Actor{ID: uuid.New(), Role: role, Name: "李四", OfficeID: uuid.NullUUID{UUID: office, Valid: office != uuid.Nil}}
	}
	for name, c := range map[string]struct {
		who    actor.Actor
		kind   string
		id     uuid.UUID
		reason string
		want   fault.Kind
	}{
		"no reason":     {at(actor.Office, office1), Feedback, feedback1, "  看看 ", fault.Invalid},
		"other office":  {at(actor.Office, office2), Feedback, feedback1, "核实情况打电话", fault.NotFound},
		"no such case":  {at(actor.Office, office1), Feedback, uuid.New(), "核实情况打电话", fault.NotFound},
		"other kind":    {at(actor.Office, office1), Complaint, feedback1, "核实情况打电话", fault.NotFound},
		"county alone":  {at(actor.County, uuid.Nil), Feedback, feedback1, "核实情况打电话", fault.Forbidden},
		"county, none":  {at(actor.County, uuid.Nil), Feedback, uuid.New(), "核实情况打电话", fault.NotFound},
		"unknown kind":  {at(actor.County, uuid.Nil), "visit", feedback1, "核实情况打电话", fault.Invalid},
		"leader":        {at(actor.Leader, uuid.Nil), Feedback, feedback1, "核实情况打电话", fault.Forbidden},
		"supervisor":    {at(actor.Supervisor, office1), Feedback, feedback1, "核实情况打电话", fault.Forbidden},
		"agency":        {at(actor.Agency, uuid.Nil), Feedback, feedback1, "核实情况打电话", fault.Forbidden},
		"admin":         {at(actor.Admin, uuid.Nil), Feedback, feedback1, "核实情况打电话", fault.Forbidden},
		"office of nil": {at(actor.Office, uuid.Nil), Feedback, feedback1, "核实情况打电话", fault.NotFound},
	} {
		if got, err := s.Reveal(ctx, c.who, c.kind, c.id, c.reason); fault.KindOf(err) != c.want || got != nil {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if n := trail(t, env); n != 0 {
		t.Errorf("refused reveals left %d rows", n)
	}
	for i, who := range []actor.Actor{hire(t, env, at(actor.Office, office1)), hire(t, env, at(actor.Office, office1))} {
		got, err := s.Reveal(ctx, who, Feedback, feedback1, " 打电话核实情况 ")
		if err != nil || got.Name != "王小满" || got.Phone != "13800000000" || got.ViewedBy != "李四" {
			t.Fatalf("%s: %+v, %v", who.Role, got, err)
		}
		if n := trail(t, env); n != i+1 {
			t.Errorf("after %d reveals %d rows in the trail", i+1, n)
		}
	}
	var detail string
	if err := env.DB.Get(ctx, &detail, `SELECT string_agg(detail::text, '') FROM audit_log`); err != nil || strings.Contains(detail, "王小满") || !strings.Contains(detail, "打电话核实情况") {
		t.Errorf("trail detail %q, %v", detail, err)
	}
}

func trail(t *testing.T, env *dbtest.Env) (n int) {
	t.Helper()
	if err := env.Owner.Get(context.Background(), &n, `SELECT count(*) FROM audit_log WHERE deed = 'vault.reveal'`); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSealedIsBoundToItsCase(t *testing.T) {
	_, s := place(t)
	v, err := s.Seal(Complaint, feedback1, Identity{Name: "张三", Phone: "1"})
	if err != nil {
		t.Fatal(err)
	}
	row := rowOf(v)
	if who, err := s.keys.open(row); err != nil || who.Name != "张三" {
		t.Fatal(who, err)
	}
	for name, change := range map[string]func(*sealedRow){
		"other case": func(r *sealedRow) { r.CaseID = uuid.New() },
		"other kind": func(r *sealedRow) { r.CaseKind = Feedback },
		"other row":  func(r *sealedRow) { r.ID = uuid.New() },
		"other key":  func(r *sealedRow) { r.KeyID = "v0" },
		"cut short":  func(r *sealedRow) { r.Sealed = r.Sealed[:5] },
		"no key":     func(r *sealedRow) { r.Wrapped = nil },
	} {
		other := row
		change(&other)
		if _, err := s.keys.open(other); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	for i := range v.Bytes {
		flipped := v
		flipped.Bytes = bytes.Clone(v.Bytes)
		flipped.Bytes[i] ^= 1
		if _, err := s.keys.open(rowOf(flipped)); err == nil {
			t.Fatalf("byte %d flipped: opened", i)
		}
	}
	long, err := s.Seal(Complaint, feedback1, Identity{Name: strings.Repeat("长", 30), Phone: "13800000000"})
	if err != nil || len(long.Bytes) != len(v.Bytes) {
		t.Errorf("the length gives the name's length away: %d and %d", len(v.Bytes), len(long.Bytes))
	}
}

func TestInstancesThatStartTogetherShareKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var wg sync.WaitGroup
	secrets := make([]string, 20)
	for i := range secrets {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s, err := LoadSecret(dir, "public.key", true)
			if err != nil {
				t.Error(err)
			}
			secrets[i] = string(s)
		}()
	}
	wg.Wait()
	for _, s := range secrets {
		if s != secrets[0] || len(s) != 32 {
			t.Fatal("instances got different secrets")
		}
	}
	if _, err := LoadSecret(t.TempDir(), "public.key", false); err == nil {
		t.Error("made a secret although told not to")
	}
}
