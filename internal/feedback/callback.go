package feedback

import (
	crypto "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
)

// The random call-back (随机回访抽样, docs/adr/0016), pure. Of each closed month some visits of every agency are drawn, silent
// ones as well as answered ones, and the county asks their businesses by telephone how the form came about. What was
// answered in the form is neither asked nor shown.

// States of a drawn visit.
const (
	callOpen      = "open"
	callReached   = "reached"
	callUnreached = "unreached" // three calls in vain
	callDeclined  = "declined"
)

// mostTries is how many calls in vain close a call-back.
const mostTries = 3

// Callback is a drawn visit as the county's caller reads it. Nothing in it comes from an answer.
type Callback struct {
	ID        uuid.UUID `db:"id" json:"id"`
	Month     string    `db:"month" json:"month" doc:"the month it was drawn for, 2026-05"`
	Visit     string    `db:"visit_number" json:"visit_number"`
	CheckedOn string    `db:"checked_on" json:"checked_on"`
	AgencyID  uuid.UUID `db:"agency_id" json:"agency_id"`
	Agency    string    `db:"agency" json:"agency"`
	Business  string    `db:"business" json:"business"`
	Address   string    `db:"address" json:"address"`
	State     string    `db:"state" json:"state" doc:"open, reached, unreached, declined"`
	Tries     int       `db:"tries" json:"tries" doc:"calls that reached nobody; the third closes"`
	TriedOn   string    `db:"tried_on" json:"tried_on" doc:"day of the last of them; empty: none"`
	Contact   string    `db:"contact" json:"contact" doc:"where the last call went; emptied when the call-back is closed"`
	Seen      string    `db:"seen" json:"seen" doc:"was there a code: yes, no, unsure"`
	Filled    string    `db:"filled" json:"filled" doc:"who filled the form: own, officer, other, nobody"`
	Beside    string    `db:"beside" json:"beside" doc:"an officer stood beside: yes, no, unsure"`
	Version   int       `db:"version" json:"version"`
}

// CallbackDetail is one call-back with what was recorded of it.
type CallbackDetail struct {
	Callback
	History []CallbackEvent `json:"history" nullable:"false"`
	MayCall bool            `json:"may_call"`
	MayUndo bool            `json:"may_undo" doc:"something was recorded that can be taken back"`
}

// CallbackEvent is one call, or the taking back of one.
type CallbackEvent struct {
	Deed   string `db:"deed" json:"deed" doc:"call, undo"`
	Result string `db:"result" json:"result"`
	Seen   string `db:"seen" json:"seen"`
	Filled string `db:"filled" json:"filled"`
	Beside string `db:"beside" json:"beside"`
	Reason string `db:"reason" json:"reason"`
	On     string `db:"on_day" json:"on"`
	By     string `db:"by" json:"by"`
}

// Call is what the caller records: whom the call reached, and at most three neutral answers.
type Call struct {
	Result  string `json:"result" enum:"reached,unreached,declined"`
	Contact string `json:"contact" maxLength:"60" doc:"where the call went; kept until the call-back is closed"`
	Seen    string `json:"seen,omitempty" required:"false" enum:",yes,no,unsure"`
	Filled  string `json:"filled,omitempty" required:"false" enum:",own,officer,other,nobody"`
	Beside  string `json:"beside,omitempty" required:"false" enum:",yes,no,unsure"`
	Version int    `json:"version"`
}

// check says what is missing or does not go together.
func (in *Call) check() error {
	in.Contact = door.OneLine(in.Contact)
	var bad []fault.FieldError
	add := func(field, words string) { bad = append(bad, fault.FieldError{Field: field, Message: words}) }
	if n := utf8.RuneCountInString(in.Contact); n < 2 || n > 60 {
		add("contact", "请写打的是哪个电话（最多60字）。回访办结后会自动清除。")
	}
	said := in.Seen + in.Filled + in.Beside
	switch {
	case in.Result != callReached && said != "":
		add("result", "没有接通或不愿回答的，不记回答。")
	case in.Result == callReached && said == "":
		add("seen", "接通了就至少记一个回答；对方都不愿说，请选“不愿回答”。")
	case in.Filled == "nobody" && in.Beside != "":
		add("beside", "没有填表，就不问填写时谁在旁边。")
	}
	return fault.Invalidf(bad...)
}

var errCallClosed = fault.New(fault.Conflict, "closed", "这次回访已经办结。记错了，请先用“撤回记录”。")

// after is the call-back after one more call on a day. The same day counts once: three calls in one hour are one try.
func (c Callback) after(in *Call, today string) (Callback, error) {
	switch {
	case c.Version != in.Version:
		return c, fault.Stale()
	case c.State != callOpen:
		return c, errCallClosed
	case in.Result == callUnreached && c.TriedOn == today:
		return c, fault.New(fault.Conflict, "tried_today", "今天已经打过、没有接通，不重复计数。请换一天再打；今天接通了，可以直接记。")
	}
	c.Contact = in.Contact
	switch in.Result {
	case callUnreached:
		c.Tries, c.TriedOn = c.Tries+1, today
		if c.Tries == mostTries {
			c.State = callUnreached
		}
	case callReached:
		c.State, c.Seen, c.Filled, c.Beside = callReached, in.Seen, in.Filled, in.Beside
	default:
		c.State = callDeclined
	}
	if c.State != callOpen {
		c.Contact = "" // nobody needs the number any more
	}
	return c, nil
}

// undone takes the last recorded call back.
func (c Callback) undone(version int) (Callback, error) {
	switch {
	case c.Version != version:
		return c, fault.Stale()
	case !c.recorded():
		return c, fault.New(fault.Conflict, "nothing_recorded", "还没有记过，没有可以撤回的。")
	case c.State == callOpen || c.State == callUnreached:
		c.Tries, c.TriedOn = c.Tries-1, "" // the day is open again: what was recorded on it was wrong
	}
	c.State, c.Contact, c.Seen, c.Filled, c.Beside = callOpen, "", "", "", ""
	return c, nil
}

func (c Callback) recorded() bool { return c.State != callOpen || c.Tries > 0 }

// CallbackSettings say how many visits are drawn: a share of each agency's, and no fewer than least. Neither goes below
// the floor: who could set the sample to nothing could hide what it finds.
type CallbackSettings struct {
	Share   int `db:"share" json:"share" minimum:"10" maximum:"100" doc:"percent of an agency's visits of a month"`
	Least   int `db:"least" json:"least" minimum:"1" maximum:"20" doc:"visits of an agency and month at least, where it has so many"`
	Version int `db:"version" json:"version"`
}

// of is how many of n visits are drawn.
func (c CallbackSettings) of(n int) int { return min(n, max(c.Least, (n*c.Share+99)/100)) }

// systemDice is the system's own randomness: who has seen every draw so far knows nothing of the next.
type systemDice struct{}

// Uint64 draws 64 bits.
func (systemDice) Uint64() uint64 {
	var b [8]byte
	if _, err := crypto.Read(b[:]); err != nil {
		panic(err) // never: crypto/rand ends the program before it
	}
	return binary.LittleEndian.Uint64(b[:])
}

// sample draws k of n, every set of k as likely as any other: the first steps of a shuffle.
func sample(dice rand.Source, n, k int) []int {
	r := rand.New(dice) // #nosec G404 -- its source is crypto/rand; IntN rejects what would make it uneven
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for i := range k {
		j := i + r.IntN(n-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:k]
}

const (
	drawLate   = time.Hour // after its end a month still takes in what was under way
	missedMost = 3         // months that a server which stood still makes up for; what is older nobody remembers
)

// dueMonths are the months to be drawn: those that have ended since the newest drawn one, or where there is none, the last.
func dueMonths(newest string, now time.Time) (out []string) {
	t := now.Add(-drawLate).In(clock.Shanghai)
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, clock.Shanghai)
	for i := missedMost; i >= 1; i-- {
		if m := monthName(first.AddDate(0, -i, 0)); newest == "" && i == 1 || newest != "" && m > newest {
			out = append(out, m)
		}
	}
	return out
}

func monthName(t time.Time) string { return t.In(clock.Shanghai).Format("2006-01") }

// monthSpan are the first moments of a month and of the next.
func monthSpan(month string) (from, until time.Time, err error) {
	from, err = time.ParseInLocation("2006-01", month, clock.Shanghai)
	return from, from.AddDate(0, 1, 0), err
}

// CallbackLead is what the person on the telephone told, for triage; who told it is left out.
type CallbackLead struct {
	ID       uuid.UUID `json:"id" doc:"of the lead, made by the client; the same again gives the same lead"`
	Category string    `json:"category,omitempty" required:"false" maxLength:"16"`
	Fact     string    `json:"fact" maxLength:"2000"`
}

// check keeps the speaker out of the words: no name of the business, no number that leads to it.
func (in *CallbackLead) check(c *Callback) error {
	in.Fact = door.Clean(in.Fact)
	words := ""
	switch squeezed := squeeze(in.Fact); {
	case in.ID == uuid.Nil:
		return fault.Field("id", "缺编号。")
	case utf8.RuneCountInString(in.Fact) < 5:
		words = "请写清楚反映的是什么，至少5个字。"
	case utf8.RuneCountInString(c.Business) > 1 && strings.Contains(squeezed, squeeze(c.Business)):
		words = "里面有店名。线索不写是谁说的，请改成“一家经营主体”之类的话。"
	case strings.Contains(squeezed, squeeze(c.Visit)), c.Contact != "" && strings.Contains(squeezed, squeeze(c.Contact)), digitRun(squeezed) >= 7:
		words = "里面有编号或电话。线索不写是谁说的，请删去。"
	}
	if words != "" {
		return fault.Field("fact", words)
	}
	return nil
}

func squeeze(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' || r == '\n' || r == '　' }), ""))
}

// digitRun is the longest run of digits.
func digitRun(s string) (longest int) {
	n := 0
	for _, r := range s {
		if n++; r < '0' || r > '9' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}
