package visit

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden page")

func TestGoldenPage(t *testing.T) {
	const path = "../../docs/visit-lifecycle.md"
	var b strings.Builder
	b.WriteString("# The life of a visit\n\nPrinted from the table in `internal/visit/lifecycle.go`; a test holds the two together (`-update` rewrites this page).\n\n```mermaid\nstateDiagram-v2\n  [*] --> planned: plan\n  [*] --> recorded: a sheet of a visit begun on the spot\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "  %s --> %s: %s\n", s.from, s.to, s.deed)
	}
	b.WriteString("```\n\n| deed | from | to | who |\n| --- | --- | --- | --- |\n")
	for _, s := range steps {
		who := make([]string, len(s.who))
		for i, r := range s.who {
			who[i] = string(r)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.deed, s.from, s.to, strings.Join(who, ", "))
	}
	b.WriteString("\n- **record** is done by a sealed sheet that arrives, never by a button. A cancelled visit that receives one is kept and flagged.\n- **accept** lets a flagged visit count after all.\n- **change** and **cancel** need a visit in scope that nobody has recorded; cancelling needs a reason.\n- A correction is a new version of the sheet by its author, with a reason; each author on a visit has a series of versions of his own.\n")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil { // #nosec G306 -- a page of the documentation
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != b.String() {
		t.Errorf("%s is not what the table says; run: go test ./internal/visit -run GoldenPage -update (%v)", path, err)
	}
}
