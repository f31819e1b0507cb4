package backup

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"suixing/internal/platform/cluster"
	"suixing/internal/platform/db"
)

func serverMajor(ctx context.Context, d *db.DB) (major int, err error) {
	const q = `SELECT current_setting('server_version_num')::int / 10000`
	return major, d.Get(ctx, &major, q)
}

// dump writes one snapshot of the database in PostgreSQL's own compressed form. What is kept for a day only stands in
// unlogged tables, and stays out: a backup lives longer.
func dump(ctx context.Context, ownerURL string, server int, path string) error {
	if _, err := tool(ctx, "pg_dump", server, ownerURL, "--format=custom", "--no-unlogged-table-data", "--file="+path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	return f.Sync()
}

// load reads the dump into the empty database in one transaction. The owner's name may be another than it was, so
// ownership is the connecting role's, and default privileges are set for that role by themselves.
func load(ctx context.Context, owner *db.DB, ownerURL string, server int, path string) error {
	list, err := tool(ctx, "pg_restore", server, "", "--list", path)
	if err != nil {
		return err
	}
	use, err := os.CreateTemp("", "suixing-restore-*.list")
	if err != nil {
		return err
	}
	defer os.Remove(use.Name())
	defer use.Close()
	for line := range strings.Lines(list) {
		if strings.Contains(line, " DEFAULT ACL ") {
			continue
		}
		if _, err := use.WriteString(line); err != nil {
			return err
		}
	}
	if _, err := tool(ctx, "pg_restore", server, ownerURL, "--exit-on-error", "--single-transaction", "--no-owner", "--use-list="+use.Name(), path); err != nil {
		return err
	}
	script, err := tool(ctx, "pg_restore", server, "", "--schema-only", "--file=-", path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(script) {
		if !strings.HasPrefix(line, "ALTER DEFAULT PRIVILEGES FOR ROLE ") {
			continue
		}
		head, rest, ok := strings.Cut(line, " IN SCHEMA ")
		if !ok {
			return fmt.Errorf("default privileges outside a schema: %s", head)
		}
		if _, err := owner.Exec(ctx, "ALTER DEFAULT PRIVILEGES IN SCHEMA "+rest); err != nil {
			return err
		}
	}
	_, err = owner.Exec(ctx, "ANALYZE")
	return err
}

// tool runs one of PostgreSQL's programs. The password goes by the environment: arguments are for all to see.
func tool(ctx context.Context, name string, server int, address string, args ...string) (string, error) {
	bin, err := cluster.Programs(server)
	if err != nil {
		return "", err
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "PGCONNECT_TIMEOUT=10"}
	if address != "" {
		u, err := url.Parse(address)
		if err != nil {
			return "", fmt.Errorf("DATABASE_OWNER_URL: %w", err)
		}
		if password, ok := u.User.Password(); ok {
			env = append(env, "PGPASSWORD="+password)
			u.User = url.User(u.User.Username())
		}
		args = append([]string{"--dbname=" + u.String()}, args...)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, name), args...)
	cmd.Env = env
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.Join(strings.Fields(errs.String()), " "))
	}
	return out.String(), nil
}

// ensureRoles makes the roles that the dump's grants name. Roles belong to the cluster, not to a database, so no dump holds them.
func ensureRoles(ctx context.Context, owner *db.DB) error {
	for _, role := range []string{"suixing_app", "suixing_vault"} {
		var there bool
		const q = `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`
		if err := owner.Get(ctx, &there, q, role); err != nil {
			return err
		}
		if there {
			continue
		}
		if _, err := owner.Exec(ctx, "CREATE ROLE "+role+" LOGIN"); err != nil {
			return fmt.Errorf("数据库里没有角色 %s，请先建立 / the role %[1]s is missing, make it first: %w", role, err)
		}
	}
	return nil
}

// emptyDatabase refuses a database that holds any table outside the system's own schemas.
func emptyDatabase(ctx context.Context, owner *db.DB) error {
	var tables int
	const q = `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r','p','v','m','S') AND n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname NOT LIKE 'pg\_%'`
	if err := owner.Get(ctx, &tables, q); err != nil {
		return err
	}
	if tables > 0 {
		return fmt.Errorf("数据库不是空的（有 %d 个表或序列），没有改动任何东西；请给一个空数据库 / the database is not empty (%[1]d relations); nothing was changed", tables)
	}
	return nil
}
