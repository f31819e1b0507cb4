package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// floors is the house of DESIGN section 3: a package may import any floor below its own, never sideways.
var floors = map[string]int{
	"demo":  10,
	"app":   9,
	"visit": 6, "feedback": 6, "complaint": 6, "casefile": 6, "activity": 6, "credential": 6,
	"lead": 5, "document": 5,
	"problem": 4, "worldtest": 4,
	"evidence": 3, "vault": 3, "deadline": 3, "directory": 3, "account": 3,
	"backup":   2,
	"platform": 1, "lifecycle": 1,
	"actor": 0, "fault": 0,
}

// owners says which package writes a table. platform tables are written through their own packages or SQL functions.
var owners = map[string]string{
	"audit_log": "platform", "audit_seals": "platform", "counters": "platform", "jobs": "platform", "public_slowdown": "platform",
	"bureau": "directory", "offices": "directory", "agencies": "directory", "officers": "directory", "businesses": "directory",
	"accounts": "account", "sessions": "account", "login_throttle": "account", "settings": "account",
	"photos": "evidence", "photo_looks": "evidence", "photo_uploads": "evidence", "attachments": "evidence", "derivatives": "evidence", "receipts": "evidence",
	"vault.identities": "vault", "vault.data_keys": "vault", "reveals": "vault",
	"deadline_rules": "deadline", "calendar_years": "deadline", "calendar_days": "deadline",
	"problems": "problem", "release_rounds": "problem", "problem_events": "problem",
	"leads": "lead", "lead_events": "lead",
	"checklists": "visit", "visits": "visit", "visit_supervisors": "visit", "visit_events": "visit", "sheets": "visit", "sheet_conflicts": "visit", "findings": "visit",
	"devices": "account", "held_sheets": "visit", "phones": "visit", "phone_items": "visit", "phone_discards": "visit", "phone_losses": "visit", "papers": "visit", "visit_former": "visit",
	"tickets": "feedback", "feedbacks": "feedback", "wall_codes": "feedback", "ballot_clock": "feedback", "ballot_periods": "feedback", "ballot_traces": "feedback",
	"callback_settings": "feedback", "callback_rounds": "feedback", "callbacks": "feedback", "callback_events": "feedback",
	"complaints": "complaint", "complaint_events": "complaint", "complaint_people": "complaint", "complaint_versions": "complaint", "complaint_drafts": "complaint",
	"outer_sources": "complaint", "outer_keys": "complaint", "outer_nonces": "complaint",
}

type source struct {
	pkg, rel string // first folder below internal, path from the root
	file     *ast.File
	fset     *token.FileSet
	lines    int
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		rel := strings.TrimPrefix(filepath.ToSlash(path), "../")
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, raw, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{strings.Split(rel, "/")[0], rel, f, fset, strings.Count(string(raw), "\n")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// testOnly are the packages that tests share. What holds for tests holds for them, and nothing else may import them.
var testOnly = map[string]bool{"worldtest": true, "platform/dbtest": true, "lifecycle/lifecycletest": true}

func isTest(s source) bool {
	return strings.HasSuffix(s.rel, "_test.go") || testOnly[filepath.ToSlash(filepath.Dir(s.rel))]
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.file.Name.Name, "_test") { // a test from outside stands above everything
			continue
		}
		from, known := floors[s.pkg]
		if !known {
			t.Errorf("%s: package %q has no floor; give it one in floors, with the house in mind", s.rel, s.pkg)
			continue
		}
		for _, imp := range s.file.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			rest, ours := strings.CutPrefix(path, "suixing/internal/")
			if !ours {
				continue
			}
			if testOnly[rest] && !isTest(s) {
				t.Errorf("%s imports %s, which is for tests only", s.rel, path)
			}
			to := strings.Split(rest, "/")[0]
			if to == s.pkg {
				continue
			}
			if floors[to] >= from {
				t.Errorf("%s imports %s: floor %d may not import floor %d", s.rel, path, from, floors[to])
			}
		}
	}
}

var writes = regexp.MustCompile(`(?i)\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE)\s+(?:ONLY\s+)?([a-z_]+(?:\.[a-z_]+)?)`)

func TestFeaturesWriteOnlyTheirTables(t *testing.T) {
	for _, s := range sources(t) {
		if isTest(s) || s.pkg == "backup" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				return true
			}
			for _, m := range writes.FindAllStringSubmatch(text, -1) {
				owner, known := owners[strings.ToLower(m[1])]
				if known && owner != s.pkg {
					t.Errorf("%s:%d writes %s, which belongs to %s", s.rel, s.fset.Position(lit.Pos()).Line, m[1], owner)
				}
				if strings.HasPrefix(strings.ToLower(m[1]), "vault.") && s.pkg != "vault" {
					t.Errorf("%s touches the vault", s.rel)
				}
			}
			return true
		})
	}
}

var sqlStart = regexp.MustCompile(`(?s)^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s`)

// SQL stands in store files, so that who looks for a query knows the room.
func TestSQLStandsInStores(t *testing.T) {
	for _, s := range sources(t) {
		if isTest(s) || s.pkg == "platform" || s.pkg == "backup" || s.pkg == "app" || s.pkg == "demo" {
			continue
		}
		base := filepath.Base(s.rel)
		if base == "store.go" || strings.HasPrefix(base, "store_") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && sqlStart.MatchString(text) {
					t.Errorf("%s:%d holds SQL; it belongs in store.go or store_*.go", s.rel, s.fset.Position(lit.Pos()).Line)
				}
			}
			return true
		})
	}
}

// Chinese stands in words, letters and seed data, never in identifiers; files stay small enough to be read at once.
func TestNamesAndSizes(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > 400 {
			t.Errorf("%s has %d lines; no file is over 400", s.rel, s.lines)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				for _, r := range id.Name {
					if r > 127 {
						t.Errorf("%s: identifier %s", s.rel, id.Name)
						break
					}
				}
			}
			return true
		})
	}
}

// A read is an exported method of the service or store that says whose eyes it reads with, or that works inside the
// transaction of a feature above, which has looked up the record in its own scope.
func TestReadsAreScoped(t *testing.T) {
	features := map[string]bool{"visit": true, "feedback": true, "complaint": true, "lead": true, "problem": true, "directory": true, "evidence": true, "vault": true}
	for _, s := range sources(t) {
		base := filepath.Base(s.rel)
		if isTest(s) || !features[s.pkg] || (base != "store.go" && !strings.HasPrefix(base, "store_")) {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() || f.Name.Name == "Scan" {
				continue
			}
			scoped := false
			for _, p := range f.Type.Params.List {
				if sel, ok := p.Type.(*ast.SelectorExpr); ok {
					if x, ok := sel.X.(*ast.Ident); ok && x.Name == "actor" && sel.Sel.Name == "Actor" {
						scoped = true
					}
				}
				if ptr, ok := p.Type.(*ast.StarExpr); ok && types(ptr.X) == "db.DB" {
					scoped = true
				}
			}
			if !scoped {
				t.Errorf("%s: exported %s reads without an actor.Actor", s.rel, f.Name.Name)
			}
		}
	}
}

// types writes a qualified type name as it stands in the source.
func types(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + sel.Sel.Name
}
