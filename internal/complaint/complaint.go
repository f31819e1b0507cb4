// Package complaint takes complaints about enforcement (投诉举报): from the public page, over the telephone and at the
// counter. A complaint raises a lead; whoever holds its receipt can follow what becomes of it, and learns nothing else.
package complaint

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// MaxPhotos is how many pictures a complaint may carry (DOMAIN F.1).
const MaxPhotos = 9

// Input is a complaint as it comes in, by whatever way.
type Input struct {
	// Nonce makes the same form sent twice one complaint, and two alike from two people two.
	Nonce       string         `json:"nonce"`
	Channel     string         `json:"channel"`
	AgencyID    uuid.NullUUID  `json:"agency_id"`
	Target      string         `json:"target"`
	Officer     string         `json:"officer"`
	Happened    string         `json:"happened"`
	Place       string         `json:"place"`
	Fact        string         `json:"fact"`
	Request     string         `json:"request"`
	Category    string         `json:"category"`
	Subcategory string         `json:"subcategory,omitempty"`
	Already     string         `json:"already"`
	Urgency     string         `json:"urgency"`
	Named       bool           `json:"named"`
	Identity    vault.Identity `json:"identity"`
	Reply       bool           `json:"reply"`
	Consent     bool           `json:"consent"`
	OuterNumber string         `json:"outer_number"`
	Source      uuid.NullUUID  `json:"-"` // the 12345 platform that pushed it; not part of what was said
	Suspect     bool           `json:"-"` // a program, or a person let through without work: nothing that was said
	Photos      []door.Photo   `json:"photos"`
}

type word struct{ code, words string }

// stages are where the matter may already lie (F.1 是否已复议/诉讼/信访/监察).
var stages = []word{{"none", "还没有找过别处"}, {"review", "已申请行政复议"}, {"suit", "已到法院起诉"}, {"petition", "已信访"}, {"discipline", "已向纪委监委反映"}}

// channels are the ways in that a clerk writes down (F.1); the public page is its own.
var channels = []string{"phone", "visit", "letter", "mail", "12345", "superior", "transfer", "contact", "supervisor"}

func isStage(s string) bool {
	for _, w := range stages {
		if w.code == s {
			return true
		}
	}
	return false
}

// Check says what is missing or wrong, in the order of the form.
func (in *Input) Check(now time.Time) []fault.FieldError {
	var out []fault.FieldError
	add := func(field, words string) { out = append(out, fault.FieldError{Field: field, Message: words}) }
	text := func(field, value string, most int, missing string) {
		switch {
		case value == "" && missing != "":
			add(field, missing)
		case door.TooLong(value, most):
			add(field, "太长了，这里写不下")
		}
	}
	text("unit", in.Target, 60, "请写是哪个单位")
	text("man", in.Officer, 40, "")
	text("day", in.Happened, 40, "请选是哪一天，记不清就选大概的一天")
	if t, err := clock.ParseDay(in.Happened); err == nil && t.After(now) {
		add("day", "发生的日期不能晚于今天")
	}
	text("place", in.Place, 80, "请写在哪里")
	text("fact", in.Fact, 2000, "请写经过：谁、做了什么、说了什么")
	if n := len([]rune(in.Fact)); n > 0 && n < 10 {
		add("fact", "经过太短，查不了。请写清谁、做了什么")
	}
	text("ask", in.Request, 500, "")
	if !isStage(in.Already) {
		add("stage", "请选一项")
	}
	return append(out, in.personFaults()...)
}

func (in *Input) personFaults() (out []fault.FieldError) {
	if !in.Named {
		return nil
	}
	add := func(field, words string) { out = append(out, fault.FieldError{Field: field, Message: words}) }
	who := in.Identity
	switch {
	case who.Name == "" && (in.Channel != "12345" || who.Phone == ""): // a ticket's caller may have left only a number
		add("P2", "请写姓名；不想留就选“匿名”")
	case door.TooLong(who.Name, 30):
		add("P2", "最多30字")
	}
	digits := 0
	for _, r := range who.Phone {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	switch {
	case who.Phone == "" && in.Channel == "12345" && who.Name != "":
	case who.Phone == "":
		add("P3", "请写电话；不想留就选“匿名”")
	case digits < 7 || digits > 15 || len(who.Phone) > 30:
		add("P3", "电话号码好像不对，请核对")
	}
	if !in.Consent {
		add("consent", "留姓名电话，要先看过个人信息处理告知")
	}
	return out
}

// settle puts what was left open to what it means.
func (in *Input) settle() {
	if in.Category == "" {
		in.Category = "other"
	}
	if in.Urgency == "" {
		in.Urgency = "normal"
	}
	if !in.Named {
		in.Identity, in.Reply = vault.Identity{}, false
	}
}

// leadFact is what triage reads.
func (in *Input) leadFact() string {
	text := "投诉" + in.Target
	if in.Officer != "" {
		text += "（" + in.Officer + "）"
	}
	text += "，" + strings.Join([]string{in.Happened, in.Place}, "，") + "：" + in.Fact
	if in.Request != "" {
		text += " 请求：" + in.Request
	}
	return text
}

// day is when it happened, where a day was given.
func (in *Input) day() *string {
	if _, err := clock.ParseDay(in.Happened); err != nil {
		return nil
	}
	return &in.Happened
}

func (in *Input) body() ([]byte, error) { return json.Marshal(in) }
