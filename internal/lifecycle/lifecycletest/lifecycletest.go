// Package lifecycletest holds the tables of life-cycles to what is documented. Only tests import it.
package lifecycletest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/lifecycle"
)

// Tried is what came of a deed: the state after it, what the event says of deed and state, and what was offered before.
type Tried[D, S ~string] struct {
	State, EventState S
	EventDeed         D
	Offered           []lifecycle.Allowed
	Err               error
}

// Every tries every deed in every state by every role. What is documented works, all else is refused in the right way and
// changes nothing. documented is the table written a second time, a line a deed: deed, from (* for any), to (- for the
// same), who.
func Every[D, S ~string, R any](t *testing.T, table lifecycle.Table[D, S, R], states []S, documented string, try func(S, D, actor.Role) Tried[D, S]) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(documented), "\n")
	if len(lines) != len(table) || len(states) == 0 {
		t.Fatalf("documented %d deeds, the code has %d, in %d states", len(lines), len(table), len(states))
	}
	roles := append(slices.Clone(actor.Roles), actor.PublicRole, actor.SystemRole)
	for _, l := range lines {
		f := strings.Fields(l)
		d, allowed := D(f[0]), 0
		for _, s := range states {
			for _, r := range roles {
				got, name := try(s, d, r), fmt.Sprintf("%s × %s × %s", s, d, r)
				want := s
				switch {
				case !has(f[3], string(r)):
					if fault.KindOf(got.Err) != fault.Forbidden {
						t.Errorf("%s: %v, want forbidden", name, got.Err)
					}
				case !has(f[1], string(s)):
					if fault.KindOf(got.Err) != fault.Conflict {
						t.Errorf("%s: %v, want conflict", name, got.Err)
					}
				case got.Err != nil:
					t.Errorf("%s refused: %v", name, got.Err)
				default:
					allowed++
					if f[2] != "-" {
						want = S(f[2])
					}
					if got.EventState != want || got.EventDeed != d {
						t.Errorf("%s: event %s %s; want %s", name, got.EventDeed, got.EventState, want)
					}
				}
				if got.State != want {
					t.Errorf("%s: state %s, want %s (%v)", name, got.State, want, got.Err)
				}
				if offered := slices.ContainsFunc(got.Offered, func(a lifecycle.Allowed) bool { return a.Deed == string(d) }); offered != (got.Err == nil) {
					t.Errorf("%s: offered %v, done %v", name, offered, got.Err)
				}
			}
		}
		if allowed == 0 {
			t.Errorf("nobody may %s", d)
		}
	}
}

func has(list, x string) bool { return list == "*" || slices.Contains(strings.Split(list, ","), x) }

// Blame is the first field at fault, else the code.
func Blame(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) > 0 {
		return f.Fields[0].Field
	}
	return fault.CodeOf(err)
}

// Names joins states or roles for a golden page.
func Names[T ~string](list []T, between string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return strings.Join(out, between)
}

// Asks joins what a deed asks for, with ? after what may stay empty.
func Asks(needs []lifecycle.Need, between string) string {
	out := make([]string, len(needs))
	for i, n := range needs {
		if out[i] = n.Name; !n.Required {
			out[i] += "?"
		}
	}
	return strings.Join(out, between)
}

// Golden compares a page with its file below docs, or writes it.
func Golden(t *testing.T, name, page string, update bool) {
	t.Helper()
	path := "../../docs/" + name
	if update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil { // #nosec G306 -- a page of the documentation
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path) // #nosec G304 -- named by the test
	if err != nil || string(want) != page {
		t.Errorf("docs/%s is not what the table says; read the difference, then: make golden (%v)\n%s", name, err, page)
	}
}
