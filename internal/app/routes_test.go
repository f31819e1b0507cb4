package app_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pages anew")

const golden = "../../docs/routes.txt"

// The route list is a golden page: who may call what is read and agreed on, not discovered.
func TestRoutesGolden(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	seen := map[string]bool{}
	for _, r := range w.app.Router.Routes() {
		if r.Who == "" || r.Summary == "" {
			t.Errorf("%s %s does not say who may call it, or what it is for", r.Method, r.Path)
		}
		if key := r.Method + " " + r.Path; seen[key] {
			t.Errorf("%s stands twice", key)
		} else {
			seen[key] = true
		}
		fmt.Fprintf(&b, "%-6s %-46s %-44s %s\n", r.Method, r.Path, r.Who, r.Summary)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("docs/routes.txt is not what the program serves; read the difference, then: make golden\n%s", b.String())
	}
	// Nothing is registered past the list: fiber's own table has no route that the list lacks.
	for _, fr := range w.app.Router.App.GetRoutes(true) {
		path := fr.Path
		for strings.Contains(path, ":") {
			i := strings.Index(path, ":")
			end := strings.IndexByte(path[i:], '/')
			if end < 0 {
				end = len(path) - i
			}
			path = path[:i] + "{" + path[i+1:i+end] + "}" + path[i+end:]
		}
		if fr.Method != "HEAD" && fr.Path != "/" && !seen[fr.Method+" "+path] {
			t.Errorf("%s %s is served and not in the list", fr.Method, path)
		}
	}
}
