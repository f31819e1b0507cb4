package lead

import (
	"regexp"
	"strings"

	"suixing/internal/fault"
	"suixing/internal/platform/door"
)

// quoteLen is how many characters in a row make a quotation of what somebody told us.
const quoteLen = 8

// fromVoice tells whether the lead is what a business or a person told us of an inspection. Those who stood beside it read
// the register: neither the words nor the rating may come to them by the problem's fact.
func (l Lead) fromVoice() bool { return l.Origin == "feedback" || l.Origin == "complaint" }

// heading is what the form puts before the words: whom a complaint is against, when and where.
var heading = regexp.MustCompile(`^(墙上码，未核实。)?(反馈表反映：|投诉[^：]{1,400}：)`)

// checkFact holds the fact of a problem out of a public voice to the words of whoever verified it.
func checkFact(l Lead, in Decision) error {
	if !l.fromVoice() {
		return nil
	}
	if strings.TrimSpace(in.Fact) == "" {
		return fault.Field("fact", "用自己的话写下核实到的事实")
	}
	if door.Quotes(heading.ReplaceAllString(l.Fact, ""), in.Fact, quoteLen, in.Agency) {
		return fault.Field("fact", "这里抄了反映人的原话，参加过这次检查的人也会看到。请写核实到的事实，用自己的话")
	}
	return nil
}
