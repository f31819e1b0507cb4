package feedback

import (
	"strings"
	"testing"
)

// A lead names the gravest first: its beginning is all that a list shows.
func TestLeadNamesTheGravestFirst(t *testing.T) {
	if len(gravity) != len(facts) {
		t.Fatalf("%d facts, %d in order", len(facts), len(gravity))
	}
	a := &Answer{Facts: map[string]string{"F1": "yes", "F3": "no", "F6": "no", "F7": "yes", "F9": "yes", "F10": "yes"}}
	if got := a.leadFact(); !strings.HasPrefix(got, "反馈表反映：吃请、收礼、要出钱；影响正常经营；没有检查通知书") {
		t.Error(got)
	}
}
