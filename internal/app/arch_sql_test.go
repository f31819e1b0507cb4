package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var upperSQL = regexp.MustCompile(`(^|\s)(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|FROM|JOIN|ORDER BY|SET)\s`)

// pieces may stand in a statement beside literals, constants and what a function of ours has made of them. gosec's G201 and
// G202 see only database/sql itself, and every query of ours goes through db.DB: so this test reads the source.
var pieces = map[string]string{
	"complaint readCase lock":  "empty or FOR UPDATE, said by the use-case",
	"lead readLead lock":       "empty or FOR UPDATE, said by the use-case",
	"problem readProblem lock": "empty or FOR UPDATE, said by the use-case",
	"problem rowColumns text":  "one of two literals",
	"problem rowColumns key":   "the column a role's queue goes by, of two literals",
	"visit Counts n.from":      "a table of literals in the same function",
}

// No statement is made of what somebody sends: its text is literals, constants, and the few pieces named above.
func TestStatementsAreConstant(t *testing.T) {
	consts := map[string]map[string]bool{}
	all := sources(t)
	for _, s := range all {
		dir := s.rel[:strings.LastIndex(s.rel, "/")]
		if consts[dir] == nil {
			consts[dir] = map[string]bool{}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
				for _, spec := range d.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						consts[dir][name.Name] = true
					}
				}
			}
			return true
		})
	}
	if planted := plantedStatements(t); planted != 5 {
		t.Errorf("of five statements made of what was sent, %d are found", planted)
	}
	used := map[string]bool{}
	for _, s := range all {
		if isTest(s) {
			continue
		}
		dir := s.rel[:strings.LastIndex(s.rel, "/")]
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			given := sent(f)
			for _, e := range statementParts(f, consts[dir]) {
				name := gotypes.ExprString(e)
				key := dir + " " + f.Name.Name + " " + name
				if !given(e) || constantElsewhere(consts, name) {
					continue
				}
				if used[key] = true; pieces[key] == "" {
					t.Errorf("%s:%d: %s, in %s, is put into a statement: give it as a parameter, or name it in pieces with the reason (%q)", s.rel, s.fset.Position(e.Pos()).Line, name, f.Name.Name, key)
				}
			}
		}
	}
	for key := range pieces {
		if !used[key] {
			t.Errorf("%q is no piece of a statement any more", key)
		}
	}
}

// constantElsewhere tells whether a name is a constant of another of our packages, as directory.Made.
func constantElsewhere(consts map[string]map[string]bool, name string) bool {
	room, constant, ok := strings.Cut(name, ".")
	return ok && consts[room][constant]
}

// sent tells whether an expression may hold what a caller gave: a text parameter, a field of anything, a local that was set
// from one of these, or Sprintf of more than numbers. A call is a function of ours, looked at where it stands.
func sent(f *ast.FuncDecl) func(ast.Expr) bool {
	text := map[string]bool{}
	for _, p := range f.Type.Params.List {
		if id, ok := p.Type.(*ast.Ident); ok && id.Name == "string" {
			for _, n := range p.Names {
				text[n.Name] = true
			}
		}
	}
	var given func(e ast.Expr) bool
	given = func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.Ident:
			return text[x.Name]
		case *ast.SelectorExpr:
			return true
		case *ast.BinaryExpr:
			return given(x.X) || given(x.Y)
		case *ast.ParenExpr:
			return given(x.X)
		case *ast.IndexExpr:
			return given(x.X)
		case *ast.CallExpr:
			sel, ok := x.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Sprintf" {
				return false
			}
			for _, a := range x.Args[1:] {
				if given(a) {
					return true
				}
			}
			lit, ok := x.Args[0].(*ast.BasicLit)
			return ok && wordVerb.MatchString(lit.Value)
		}
		return false
	}
	for range 3 { // a local set from a local
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
				for i, l := range a.Lhs {
					if id, ok := l.(*ast.Ident); ok && given(a.Rhs[i]) {
						text[id.Name] = true
					}
				}
			}
			return true
		})
	}
	return given
}

var wordVerb = regexp.MustCompile(`%[+#]?[svqxX]`)

// statementParts are what a function joins to literals that are SQL, and its Sprintf of SQL.
func statementParts(f *ast.FuncDecl, consts map[string]bool) (out []ast.Expr) {
	var leaves func(e ast.Expr) []ast.Expr
	leaves = func(e ast.Expr) []ast.Expr {
		switch x := e.(type) {
		case *ast.BinaryExpr:
			return append(leaves(x.X), leaves(x.Y)...)
		case *ast.ParenExpr:
			return leaves(x.X)
		}
		return []ast.Expr{e}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sprintf" {
				if lit, ok := x.Args[0].(*ast.BasicLit); ok && upperSQL.MatchString(lit.Value) {
					out = append(out, x)
				}
			}
		case *ast.BinaryExpr:
			if x.Op != token.ADD {
				return true
			}
			sql, parts := false, leaves(x)
			for _, p := range parts {
				if lit, ok := p.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, _ := strconv.Unquote(lit.Value)
					sql = sql || upperSQL.MatchString(text)
				}
			}
			for _, p := range parts {
				id, constant := p.(*ast.Ident)
				if _, lit := p.(*ast.BasicLit); sql && !lit && !(constant && consts[id.Name]) {
					out = append(out, p)
				}
			}
			return !sql
		}
		return true
	})
	return out
}

// plantedStatements counts how many of the statements here the test would name.
func plantedStatements(t *testing.T) (found int) {
	t.Helper()
	const source = `package x
	func a(sort string) string { return "SELECT id FROM visits ORDER BY " + sort }
	func b(f Filter) string { q := f.Q; return "SELECT id FROM visits WHERE name = '" + q + "'" }
	func c(f Filter) string { return fmt.Sprintf("SELECT id FROM visits WHERE name = '%s'", f.Q) }
	func d(f Filter) string { q := "DELETE FROM visits WHERE id = " + f.ID; return q }
	func e(names []string, s string) string { s = s + "x"; return ("UPDATE visits SET name = " + (s)) }
	func fine(a *args, f Filter) string { return "SELECT id FROM visits WHERE name = " + a.add(f.Q) + scope(f) + constant }`
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f := d.(*ast.FuncDecl)
		given := sent(f)
		for _, e := range statementParts(f, map[string]bool{"constant": true}) {
			if given(e) {
				found++
			}
		}
	}
	return found
}
