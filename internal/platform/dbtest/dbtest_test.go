package dbtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/migrations"
)

func TestGround(t *testing.T) {
	e := New(t)
	ctx := context.Background()
	if err := db.CheckSchema(ctx, e.DB, migrations.Files); err != nil {
		t.Fatal(err)
	}
	if err := db.CheckServer(ctx, e.DB, func() time.Time { return time.Now() }); err != nil {
		t.Fatal(err)
	}
	if err := db.CheckServer(ctx, e.DB, e.Clock.Now); err == nil {
		t.Error("a clock months off must be refused")
	}
}

func TestAppRoleCannotTouchTrailOrVault(t *testing.T) {
	e := New(t)
	ctx := context.Background()
	if err := audit.Append(ctx, e.DB, e.Clock.Now(), actor.System, "test.deed", "thing", uuid.New(), nil); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`DELETE FROM audit_log`, `UPDATE audit_log SET deed = 'a.b'`, `TRUNCATE audit_log`, `DELETE FROM audit_seals`,
		`INSERT INTO audit_log (at, actor_role, deed) VALUES (now(), 'system', 'a.b')`,
		`SELECT * FROM vault.identities`, `DELETE FROM problem_events`, `DROP TABLE audit_log`,
	} {
		if _, err := e.DB.Exec(ctx, q); err == nil {
			t.Errorf("the app's role may: %s", q)
		}
	}
	if _, err := e.Owner.Exec(ctx, `DELETE FROM audit_log`); err == nil || !strings.Contains(err.Error(), "append-only") {
		t.Errorf("even the owner is stopped by the trigger: %v", err)
	}
}

func TestTrailSealsAndShowsTampering(t *testing.T) {
	e := New(t)
	ctx := context.Background()
	for range 25 {
		if err := audit.Append(ctx, e.DB, e.Clock.Now(), actor.System, "test.deed", "thing", uuid.New(), map[string]int{"n": 1}); err != nil {
			t.Fatal(err)
		}
	}
	sealed := 0
	for {
		n, err := audit.Seal(ctx, e.DB, e.Clock.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		sealed += n
	}
	if sealed != 25 {
		t.Fatalf("sealed %d of 25", sealed)
	}
	if err := audit.Verify(ctx, e.DB); err != nil {
		t.Fatal(err)
	}
	tamper := `ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only; UPDATE audit_log SET deed = 'test.other' WHERE id = (SELECT min(id) + 7 FROM audit_log)`
	if _, err := e.Owner.Exec(ctx, tamper); err != nil {
		t.Fatal(err)
	}
	if err := audit.Verify(ctx, e.DB); err == nil {
		t.Error("a changed row went unnoticed")
	}
}

func TestNumbersGrowPastFourDigits(t *testing.T) {
	e := New(t)
	ctx := context.Background()
	for _, want := range []string{"T2026-0001", "T2026-10000", "T2026-10001"} {
		var got string
		if err := e.DB.Get(ctx, &got, `SELECT next_code('T2026')`); err != nil || got != want {
			t.Fatalf("%s, want %s (%v)", got, want, err)
		}
		if want == "T2026-0001" {
			if _, err := e.Owner.Exec(ctx, `UPDATE counters SET value = 9999`); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNumbersHaveNoGaps(t *testing.T) {
	e := New(t)
	ctx := context.Background()
	done := make(chan error, 40)
	for i := range 40 {
		go func() {
			done <- e.DB.InTx(ctx, func(tx *db.DB) error {
				var n int64
				if err := tx.Get(ctx, &n, `SELECT next_number('T2026')`); err != nil {
					return err
				}
				if i%3 == 0 {
					return context.Canceled // rolled back: its number goes to the next
				}
				return nil
			})
		}()
	}
	ok := 0
	for range 40 {
		if err := <-done; err == nil {
			ok++
		}
	}
	var last int
	if err := e.DB.Get(ctx, &last, `SELECT value FROM counters WHERE series = 'T2026'`); err != nil || last != ok {
		t.Errorf("last number %d after %d taken (%v)", last, ok, err)
	}
}

// A program that falls silent in the middle of a transaction must not keep a row from everybody else for good.
func TestSilentTransactionEnds(t *testing.T) {
	e := New(t)
	ctx := context.Background()
	for name, want := range map[string]string{"idle_in_transaction_session_timeout": "1min", "client_connection_check_interval": "10s", "jit": "off"} {
		var got string
		if err := e.DB.Get(ctx, &got, `SELECT current_setting($1)`, name); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", name, got, want, err)
		}
	}
}
