package visit

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"suixing/internal/lifecycle/lifecycletest"
)

var update = flag.Bool("update", false, "write the golden page")

func TestGoldenPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The life of a visit\n\nPrinted from the table in `internal/visit/lifecycle.go`; a test holds the two together (`-update` rewrites this page).\n\n```mermaid\nstateDiagram-v2\n  [*] --> planned: plan\n  [*] --> recorded: a sheet of a visit begun on the spot\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "  %s --> %s: %s\n", s.From[0], s.To, s.Deed)
	}
	b.WriteString("```\n\n| deed | from | to | who |\n| --- | --- | --- | --- |\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Deed, s.From[0], s.To, lifecycletest.Names(s.Who, ", "))
	}
	b.WriteString("\n- **record** is done by a sealed sheet that arrives, never by a button. A cancelled visit that receives one is kept and flagged.\n- **accept** lets a flagged visit count after all.\n- **change** and **cancel** need a visit in scope that nobody has recorded; cancelling needs a reason.\n- A correction is a new version of the sheet by its author, with a reason; each author on a visit has a series of versions of his own.\n")
	lifecycletest.Golden(t, "visit-lifecycle.md", b.String(), *update)
}
