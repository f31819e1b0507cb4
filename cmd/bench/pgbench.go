package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The reference write: one feedback-like row (12 columns, jsonb of 586 bytes) and one trail row, two statements in a transaction.
const referenceTables = `
DROP TABLE IF EXISTS ref_feedback, ref_audit;
CREATE TABLE ref_feedback (id uuid PRIMARY KEY, ticket_id uuid, agency_id uuid, office_id uuid, counted bool, scale int, checked_on date, kind text, matter text, body jsonb, receipt_hash bytea UNIQUE, received_hour timestamptz);
CREATE INDEX ON ref_feedback (agency_id, received_hour);
CREATE TABLE ref_audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, actor_role text, deed text, detail jsonb);`

func referenceScript() string {
	body := `{"text":"` + strings.Repeat("字", 188) + `","n":1}`
	return fmt.Sprintf(`\set r random(1, 2000000000)
BEGIN;
INSERT INTO ref_feedback VALUES (gen_random_uuid(), gen_random_uuid(), '018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002', true, 5, '2026-05-06', 'company', 'safety', '%s', sha256((:r::text || clock_timestamp()::text || random()::text)::bytea), date_trunc('hour', now()));
INSERT INTO ref_audit (at, actor_role, deed, detail) VALUES (now(), 'public', 'feedback.submit', '{}');
COMMIT;
`, body)
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench gives transactions a second at a number of clients, with the protocol pgbench uses by itself (simple).
func (b *bed) pgbench(ctx context.Context, clients, seconds int) (float64, error) {
	script := filepath.Join(b.dir, "reference.sql")
	if err := os.WriteFile(script, []byte(referenceScript()), 0o600); err != nil {
		return 0, err
	}
	bin, err := pgProgram("pgbench")
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, bin, "-n", "-f", script, "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)), "-T", strconv.Itoa(seconds), b.ownerURL)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	m := tps.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("pgbench printed no tps: %s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

func pgProgram(name string) (string, error) {
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", fmt.Errorf("%s is not installed", name)
	}
	return found[len(found)-1], nil
}
