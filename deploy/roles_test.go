package deploy_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"suixing/internal/platform/cluster"
	"suixing/internal/platform/db"
	"suixing/migrations"
)

// The script that compose mounts, run as the image runs it, on a real empty cluster; then the migrations as the owner,
// who is no superuser; then what each role may do.
func TestRoleScript(t *testing.T) {
	dir, err := os.MkdirTemp("", "roles")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Start(t.Context(), cluster.Options{Dir: filepath.Join(dir, "pg"), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() })
	runRoleScript(t, c)

	owner, err := db.Open(t.Context(), c.URL("suixing_owner", "suixing"), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	if err := db.Migrate(t.Context(), owner, migrations.Files); err != nil {
		t.Fatalf("the owner, no superuser, cannot migrate: %v", err)
	}

	for _, w := range []struct {
		role, what, q string
		may           bool
	}{
		{"suixing_app", "reads the register", `SELECT count(*) FROM problems`, true},
		{"suixing_app", "reads identities", `SELECT count(*) FROM vault.identities`, false},
		{"suixing_vault", "reads identities", `SELECT count(*) FROM vault.identities`, true},
		{"suixing_vault", "reads the register", `SELECT count(*) FROM problems`, false},
		{"suixing_app", "writes the trail past its function", `INSERT INTO audit_log (at, actor_role, deed) VALUES ('2026-01-01', 'x', 'a.b')`, false},
		{"suixing_app", "empties the trail", `TRUNCATE audit_log`, false},
		{"suixing_app", "changes the schema", `CREATE TABLE mine (n int)`, false},
		{"suixing_vault", "changes the schema", `CREATE TABLE mine (n int)`, false},
		{"suixing_owner", "makes roles", `CREATE ROLE another`, false},
	} {
		err := as(t.Context(), c, w.role, w.q)
		var refused *pq.Error
		switch {
		case w.may && err != nil:
			t.Errorf("%s %s: %v", w.role, w.what, err)
		case !w.may && (!errors.As(err, &refused) || refused.Code != "42501"):
			t.Errorf("%s %s: %v, want it refused", w.role, w.what, err)
		}
	}
	var hashed int
	if err := within(t.Context(), c, "suixing", `SELECT count(*) FROM pg_authid WHERE rolname LIKE 'suixing\__%' AND rolpassword LIKE 'SCRAM-SHA-256$%'`, &hashed); err != nil || hashed != 3 {
		t.Errorf("%d roles with a SCRAM password, want 3 (%v)", hashed, err)
	}
}

func runRoleScript(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	u, err := url.Parse(c.URL("suixing", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "postgres/10-roles.sh")
	cmd.Env = append(os.Environ(), "PGHOST="+u.Query().Get("host"), "POSTGRES_USER=suixing", "SUIXING_OWNER_PASSWORD=o'wner", "SUIXING_APP_PASSWORD=app", "SUIXING_VAULT_PASSWORD=vault")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd = exec.CommandContext(t.Context(), "bash", "postgres/10-roles.sh")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PGHOST=/nowhere"}
	if err := cmd.Run(); err == nil {
		t.Error("the script goes on without passwords")
	}
}

func as(ctx context.Context, c *cluster.Cluster, role, q string) error {
	pool, err := sqlx.ConnectContext(ctx, "postgres", c.URL(role, "suixing"))
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, q)
	return err
}

func within(ctx context.Context, c *cluster.Cluster, role, q string, dest any) error {
	pool, err := sqlx.ConnectContext(ctx, "postgres", c.URL(role, "suixing"))
	if err != nil {
		return err
	}
	defer pool.Close()
	return pool.GetContext(ctx, dest, q)
}
