package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"suixing/internal/platform/defect"
)

// planted is a defect and the storm that is to catch it: small, and blowing from where it hurts.
type planted struct {
	name, says string
	args       []string
}

func blowing(n int, more ...string) []string {
	return append([]string{"-n", fmt.Sprint(n), "-restore=false", "-stuck", "5s", "-seed", "1"}, more...)
}

var defects = []planted{
	{"ack_before_commit", "the answer leaves before the commit is on the disk", blowing(60, "-rate", "0", "-weather", "db.kill", "-events", "4")},
	{"row_before_object", "the photo's row is written before its object", blowing(60, "-early", "1", "-rate", "0", "-weather", "store.line_cut", "-events", "5")},
	{"no_unique_key", "a unique key is missing", blowing(200, "-only", "duplicate", "-rate", "0.6", "-events", "-1")},
	{"resend_conflicts", "the same bytes again are not recognised", blowing(30, "-only", "duplicate,answer.lost", "-rate", "0.3", "-events", "-1")},
	{"client_clock", "the phone's clock is taken for the time of receipt", blowing(30, "-events", "-1")},
	{"receipt_without_photos", "a receipt is signed before the photos are there", blowing(20, "-events", "-1")},
	{"receipt_other_digest", "the receipt names other bytes", blowing(20, "-events", "-1")},
	{"receipt_changes", "asked again, another receipt is given", blowing(30, "-only", "duplicate,answer.lost", "-rate", "0.4", "-events", "-1")},
	{"hash_unchecked", "a photo's bytes are not held against its name", blowing(60, "-only", "flip", "-rate", "0.5", "-events", "-1")},
	{"number_outside_transaction", "numbers are taken outside the transaction", blowing(80, "-weather", "db.terminate", "-events", "3")},
	{"audit_outside_transaction", "the trail is written outside the transaction", blowing(100, "-weather", "db.terminate,db.line_limit", "-events", "6")},
	{"lead_twice", "a red line raises its lead again with each correction", blowing(60, "-fails", "3", "-events", "-1")},
	{"sweep_referenced", "the sweep frees photos that records refer to", blowing(40, "-weather", "db.slow", "-events", "4")},
	{"conflict_forgotten", "other bytes under a taken id are not kept", blowing(60, "-rivals", "3", "-events", "-1")},
	{"phone_drops_4xx", "the phone gives up what was answered with a 4xx", blowing(30, "-only", "portal.denied", "-rate", "0.3", "-events", "-1")},
	{"phone_any_200", "the phone takes any 200 for a receipt", blowing(30, "-only", "portal.page,portal.empty", "-rate", "0.3", "-events", "-1")},
	{"phone_other_receipt", "the phone takes a receipt of another record for its own", blowing(60, "-only", "portal.stale", "-rate", "0.3", "-events", "-1")},
	{"phone_forgets_sending", "what was being sent when the phone died is not taken up again", blowing(30, "-only", "crash", "-rate", "0.3", "-events", "-1")},
	{"phone_frees_at_once", "the phone frees on the receipt, not seven days later; then the server is put back", []string{"-n", "60", "-stuck", "5s", "-seed", "1", "-rate", "0", "-weather", "db.slow", "-events", "6"}},
}

var lastLine = regexp.MustCompile(`storm: syncs=\d+ faults=\d+ lost=(\d+) doubled=(\d+) missing=(\d+) corrupt=(\d+)`)

// catch plants one defect after the other and lets the storm look for it. The storm without a defect comes first: a gate
// that is always shut proves as little as one that is always open.
func catch(ctx context.Context, only []string, out io.Writer) (all bool, err error) {
	if !defect.Built {
		return false, errors.New("this program has no defects in it: build it with -tags defects (make storm-defects)")
	}
	began := time.Now()
	if len(only) == 0 {
		clean, found, err := one(ctx, planted{"", "", blowing(60, "-weather", "app.kill,db.terminate", "-events", "3")})
		if err != nil {
			return false, err
		}
		if !clean {
			return false, fmt.Errorf("without a defect the storm finds something: %s", found)
		}
		fmt.Fprintln(out, "without a defect: nothing found")
	}
	n, caught := 0, 0
	for _, d := range defects {
		if len(only) > 0 && !has(only, d.name) {
			continue
		}
		n++
		clean, found, err := one(ctx, d)
		switch {
		case err != nil:
			return false, fmt.Errorf("%s: %w", d.name, err)
		case clean:
			fmt.Fprintf(out, "defect %-27s MISSED: %s\n", d.name, d.says)
		default:
			caught++
			fmt.Fprintf(out, "defect %-27s caught: %s (%s)\n", d.name, d.says, found)
		}
	}
	fmt.Fprintf(out, "# took %s\ndefects: planted=%d caught=%d\n", time.Since(began).Round(time.Second), n, caught)
	return caught == n, nil
}

// one runs the storm as its own process; clean tells that it found nothing, found what it did.
func one(ctx context.Context, d planted) (clean bool, found string, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, "", err
	}
	cmd := exec.CommandContext(ctx, self, append(d.args, "-within", "3m")...)
	cmd.Env = append(os.Environ(), "SUIXING_DEFECT="+d.name)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err = cmd.Run()
	m := lastLine.FindStringSubmatch(said.String())
	if m == nil {
		return false, "", fmt.Errorf("the storm did not come to an end: %w: %s", err, tailOf(said.String()))
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return false, "", err
	}
	return err == nil, fmt.Sprintf("lost=%s doubled=%s missing=%s corrupt=%s; %s", m[1], m[2], m[3], m[4], firstFinding(said.String())), nil
}

// firstFinding is the first thing the checker said.
func firstFinding(said string) string {
	for line := range strings.Lines(said) {
		for _, kind := range []string{"# lost: ", "# doubled: ", "# missing: ", "# corrupt: "} {
			if strings.HasPrefix(line, kind) {
				words := []rune(strings.TrimSpace(line[2:]))
				return string(words[:min(len(words), 150)])
			}
		}
	}
	return ""
}

func tailOf(s string) string { return s[max(0, len(s)-600):] }
