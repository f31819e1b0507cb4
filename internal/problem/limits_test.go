package problem

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/lifecycle/lifecycletest"
)

// What a form says a text may hold is what the guard takes: neither more nor less.
func TestFormsAndGuardsAgree(t *testing.T) {
	for _, s := range steps {
		for _, n := range s.Needs {
			if n.Kind != "text" {
				continue
			}
			for long, want := range map[int]string{n.Max: "", n.Max + 1: n.Name} {
				p, in := ripe(s.From[0], s.Deed), full(s.Deed, s.Who[0])
				value, _ := json.Marshal(map[string]string{n.Name: strings.Repeat("长", long)})
				if err := json.Unmarshal(value, &in); err != nil {
					t.Fatal(err)
				}
				_, _, err := p.Take(s.Deed, actor.Actor{ID: uuid.New(), Role: s.Who[0]}, in, noon)
				if got := lifecycletest.Blame(err); got != want {
					t.Errorf("%s, %s with %d characters: %q (%v), want %q", s.Deed, n.Name, long, got, err, want)
				}
			}
		}
	}
}
