// Package feedback asks the inspected business what the inspection was like (满意度反馈): single-use tickets that a
// supervisor's phone shows as a code, the form behind them, answers that name nobody, and what the office makes of them.
package feedback

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// FormVersion is the version of DOMAIN E.2 that an answer was given to.
const FormVersion = 1

// MaxPhotos is how many pictures an answer may carry (O3).
const MaxPhotos = 6

// Answer is one filled form, from a phone or from paper.
type Answer struct {
	AgencyID  uuid.NullUUID     `json:"agency_id"`
	CheckedOn string            `json:"checked_on"`
	Business  string            `json:"business_name"`
	Kind      string            `json:"kind"`
	Matter    string            `json:"matter"`
	Facts     map[string]string `json:"facts"`
	Ratings   map[string]int    `json:"ratings"`
	Scale     int               `json:"scale"`
	Problem   string            `json:"problem_text"`
	Advice    string            `json:"advice"`

	Contact  bool           `json:"contact"` // P1
	Identity vault.Identity `json:"identity"`
	Reply    bool           `json:"reply_wanted"`
	Consent  bool           `json:"consent"`
	Suspect  bool           `json:"suspect"`
	Photos   []door.Photo   `json:"photos"`
}

// known is what is settled before the form is filled: by the visit for a bound ticket, by nothing for an unbound one.
type known struct{ agency, day, matter bool }

// Check says what is missing or wrong, in the order of the form. Fields carry the form's own ids.
func (a *Answer) Check(k known, now time.Time) []fault.FieldError {
	var out []fault.FieldError
	add := func(field, words string) { out = append(out, fault.FieldError{Field: field, Message: words}) }
	if !k.agency && !a.AgencyID.Valid {
		add("agency", "请选来检查的单位")
	}
	if !k.day {
		if words := dayFault(a.CheckedOn, now); words != "" {
			add("day", words)
		}
	}
	if _, ok := matterWords[a.Matter]; !k.matter && !ok {
		add("matter", "请选检查的是什么")
	}
	if _, ok := kindWords[a.Kind]; !ok {
		add("kind", "请选一项")
	}
	if door.TooLong(a.Business, 60) {
		add("business", "名称最多60字")
	}
	for _, f := range facts {
		v := a.Facts[f.id]
		if v != "yes" && v != "no" && v != "unsure" && (f.required || v != "") {
			add(f.id, "请选“是”“否”或“不清楚”")
		}
	}
	for _, r := range ratings {
		if v := a.Ratings[r.id]; v < 1 || v > 5 || a.Scale == 3 && v%2 == 0 {
			add(r.id, "请选一项")
		}
	}
	if a.Problem == "" {
		if why := a.why(); why != "" {
			add("O1", "您选了“"+why+"”，请写几句是怎么回事")
		}
	}
	if door.TooLong(a.Problem, 500) {
		add("O1", "最多500字，现在太长了")
	}
	if door.TooLong(a.Advice, 300) {
		add("O2", "最多300字，现在太长了")
	}
	return append(out, a.contactFaults()...)
}

func dayFault(day string, now time.Time) string {
	t, err := clock.ParseDay(day)
	switch {
	case err != nil:
		return "请填检查是哪一天，如" + clock.Day(now)
	case t.After(now):
		return "检查日期不能晚于今天"
	case t.Before(now.AddDate(-1, 0, 0)):
		return "检查日期太早，请核对是哪一年"
	}
	return ""
}

func (a *Answer) contactFaults() (out []fault.FieldError) {
	if !a.Contact {
		return nil
	}
	add := func(field, words string) { out = append(out, fault.FieldError{Field: field, Message: words}) }
	switch {
	case a.Identity.Name == "":
		add("P2", "请写怎么称呼您；不想留就选“不留”")
	case door.TooLong(a.Identity.Name, 30):
		add("P2", "最多30字")
	}
	switch digits := countDigits(a.Identity.Phone); {
	case a.Identity.Phone == "":
		add("P3", "请写电话；不想留就选“不留”")
	case digits < 7 || digits > 15 || len(a.Identity.Phone) > 30:
		add("P3", "电话号码好像不对，请核对")
	}
	if !a.Consent {
		add("consent", "留联系方式，要先看过个人信息处理告知")
	}
	return out
}

func countDigits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// badFacts are the facts that speak against the inspection, in short words (DOMAIN E.2 "bad").
func (a *Answer) badFacts() (out []fact) {
	for _, f := range facts {
		if a.Facts[f.id] == f.bad {
			out = append(out, f)
		}
	}
	return out
}

// Bad: a bad fact or an overall mark of 1 or 2 raises a lead by itself.
func (a *Answer) Bad() bool { return len(a.badFacts()) > 0 || a.low() }

func (a *Answer) low() bool { return a.Ratings["R0"] == 1 || a.Ratings["R0"] == 2 }

// why is the first thing that makes a description necessary.
func (a *Answer) why() string {
	if b := a.badFacts(); len(b) > 0 {
		return b[0].short
	}
	if a.low() {
		return "不满意"
	}
	return ""
}

// leadFact is what triage reads. It is the office's: the agency never gets it (it gets a text of its own, 已去标识).
func (a *Answer) leadFact() string {
	var said []string
	for _, f := range byGravity(a.badFacts()) {
		said = append(said, f.short)
	}
	if a.low() {
		said = append(said, "总体评价“"+levelWords[a.Ratings["R0"]]+"”")
	}
	text := "反馈表反映：" + strings.Join(said, "；") + "。"
	if a.Problem != "" {
		text += "本人写道：" + a.Problem
	}
	return text
}

// leadCategory is where triage finds it first (DOMAIN F.2, level 1); a person may change it.
func (a *Answer) leadCategory() string {
	best := "other"
	for _, f := range a.badFacts() {
		if best == "other" || f.id == "F9" || f.id == "F8" && best != "integrity" {
			best = f.category
		}
	}
	if best == "other" && a.Ratings["R2"] > 0 && a.Ratings["R2"] <= 2 {
		return "manner"
	}
	return best
}

// factsJSON and ratingsJSON are the answers as the row keeps them, in the order of the form. Written by hand: this is the
// hot write, and a map of six through reflection costs as much as the statement's way to the database.
func (a *Answer) factsJSON() string {
	b := append(make([]byte, 0, 160), '{')
	for _, f := range facts {
		if said := a.Facts[f.id]; said != "" {
			b = appendField(b, f.id)
			b = append(append(append(b, '"'), said...), '"')
		}
	}
	return string(append(b, '}'))
}

func (a *Answer) ratingsJSON() string {
	b := append(make([]byte, 0, 64), '{')
	for _, r := range ratings {
		if n := a.Ratings[r.id]; n != 0 {
			b = strconv.AppendInt(appendField(b, r.id), int64(n), 10)
		}
	}
	return string(append(b, '}'))
}

func appendField(b []byte, id string) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	return append(append(append(b, '"'), id...), '"', ':')
}

// body is the whole answer in one fixed form: the same form sent twice is the same answer.
func (a *Answer) body() ([]byte, error) { return json.Marshal(a) }

// mustScore reads one rating as the form sends it.
func mustScore(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 5 {
		return 0
	}
	return n
}
