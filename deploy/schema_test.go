package deploy_test

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"suixing/internal/platform/cluster"
	"suixing/internal/platform/dbtest"
)

var update = flag.Bool("update", false, "write docs/schema.sql anew")

// The page on which the schema is read as it stands, after all migrations.
func TestSchemaPage(t *testing.T) {
	const page = "../docs/schema.sql"
	e := dbtest.New(t)
	var major int
	if err := e.Owner.Get(t.Context(), &major, `SELECT current_setting('server_version_num')::int / 10000`); err != nil {
		t.Fatal(err)
	}
	bin, err := cluster.Programs(major)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(e.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "pg_dump"), "--schema-only", "--no-owner", "--exclude-table=goose_db_version*", "--dbname="+u.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := "-- The schema after all migrations; `make schema` writes it, a test compares it.\n" + plain(string(out))
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("docs/schema.sql is not what the migrations make; read the difference, then: make schema\n%s", firstDifference(string(want), got))
	}
}

var blank = regexp.MustCompile(`\n{3,}`)

// plain drops what changes with the version of pg_dump and says nothing about the schema.
func plain(dump string) string {
	var b strings.Builder
	for line := range strings.Lines(dump) {
		if strings.HasPrefix(line, "--") || strings.HasPrefix(line, "SET ") || strings.HasPrefix(line, "SELECT pg_catalog.set_config") || strings.HasPrefix(line, `\`) {
			continue
		}
		b.WriteString(strings.ReplaceAll(line, "FOR ROLE suixing ", ""))
	}
	return blank.ReplaceAllString(b.String(), "\n\n")
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
