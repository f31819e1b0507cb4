// Package visit keeps accompanied visits (伴随式监督): planned by a judicial office or begun on the spot, recorded by a
// supervisor on a phone, often without a network. What the phone seals arrives as a record sheet and is kept byte for
// byte; what failed on it becomes findings, and a red line becomes a lead in the same transaction.
package visit

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

// Limits of what one record may hold. A sheet is at most MaxSheet bytes of JSON.
const (
	MaxSheet      = 1 << 20
	maxPhotos     = 200
	maxPhotoBytes = 20 << 20
	maxPeople     = 20
	maxNotes      = 50
	minNote       = 10 // DOMAIN D.2: a failed item needs at least ten characters
)

// Business is the inspected business as a record names it; the register may know it or not.
type Business struct {
	Name    string `json:"name" doc:"名称" maxLength:"100"`
	USCC    string `json:"uscc,omitempty" doc:"统一社会信用代码" maxLength:"18"`
	Address string `json:"address,omitempty" doc:"地址" maxLength:"200"`
	Kind    string `json:"kind,omitempty" doc:"company, household, farm, other" maxLength:"20"`
}

// Plan is what an office writes down before a visit.
type Plan struct {
	AgencyID      uuid.UUID   `json:"agency_id"`
	BusinessID    *uuid.UUID  `json:"business_id,omitempty"`
	Business      *Business   `json:"business,omitempty"`
	Matter        string      `json:"matter" doc:"safety appearance construction land environment food agriculture fire other"`
	NoticeNumber  string      `json:"notice_number,omitempty"`
	ExternalCode  string      `json:"external_code,omitempty"`
	PlannedOn     string      `json:"planned_on" doc:"2026-05-14"`
	SupervisorIDs []uuid.UUID `json:"supervisor_ids"`
}

// Matters are what a check is about (DOMAIN E.2); Methods how it is supervised; Kinds what a business is.
var (
	Matters = []string{"safety", "appearance", "construction", "land", "environment", "food", "agriculture", "fire", "other"}
	Methods = []string{"accompanied", "special", "unannounced", "random", "casefile"}
	Kinds   = []string{"company", "household", "farm", "other"}
)

// Check finds what is wrong with a plan, field by field.
func (p Plan) Check(now time.Time) error {
	var c check
	c.id("agency_id", p.AgencyID)
	if (p.BusinessID != nil) == (p.Business != nil) {
		c.add("business_id", "请从名录里选一家，或者写下名称，二者取一。")
	}
	if p.Business != nil {
		c.business("business", *p.Business)
	}
	c.oneOf("matter", p.Matter, Matters)
	c.text("notice_number", p.NoticeNumber, 0, 60)
	c.text("external_code", p.ExternalCode, 0, 60)
	c.people("supervisor_ids", p.SupervisorIDs)
	c.day("planned_on", p.PlannedOn, now.AddDate(0, 0, -31), now.AddDate(1, 1, 0))
	return c.err()
}

// Warnings are what a plan or a record is pointed out for without being refused (DOMAIN A: two supervisors).
func Warnings(supervisors int) []string {
	if supervisors == 1 {
		return []string{"single_supervisor"}
	}
	return []string{}
}

// check collects field errors, at most twenty of them: nobody reads more.
type check struct{ found []fault.FieldError }

func (c *check) add(field, words string) {
	if len(c.found) < 20 {
		c.found = append(c.found, fault.FieldError{Field: field, Message: words})
	}
}

func (c *check) err() error { return fault.Invalidf(c.found...) }

func (c *check) id(field string, id uuid.UUID) {
	if id == uuid.Nil {
		c.add(field, "没有填。")
	}
}

// text checks length in characters and refuses what cannot be stored or printed.
func (c *check) text(field, s string, least, most int) {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	switch {
	case least > 0 && n == 0:
		c.add(field, "没有填。")
	case n < least:
		c.add(field, "写得太短，至少"+count(least)+"个字。")
	case n > most:
		c.add(field, "写得太长，最多"+count(most)+"个字。")
	case strings.ContainsFunc(s, unprintable):
		c.add(field, "文字里有无法保存的字符，请删去后再试。")
	}
}

func unprintable(r rune) bool {
	return r == utf8.RuneError || (r < ' ' && r != '\n' && r != '\t' && r != '\r') || r == 0x7f
}

func (c *check) oneOf(field, s string, known []string) {
	for _, k := range known {
		if s == k {
			return
		}
	}
	c.add(field, "没有这一种。")
}

func (c *check) business(field string, b Business) {
	c.text(field+".name", b.Name, 2, 100)
	c.text(field+".address", b.Address, 0, 200)
	if len(b.USCC) != 0 && len(b.USCC) != 18 {
		c.add(field+".uscc", "统一社会信用代码是18位。没有就空着。")
	}
	c.text(field+".uscc", b.USCC, 0, 18)
	if b.Kind != "" {
		c.oneOf(field+".kind", b.Kind, Kinds)
	}
}

func (c *check) people(field string, ids []uuid.UUID) {
	if len(ids) == 0 {
		c.add(field, "至少要有一名监督人员。")
	}
	if len(ids) > maxPeople {
		c.add(field, "最多"+count(maxPeople)+"人。")
		return
	}
	seen := map[uuid.UUID]bool{}
	for i, id := range ids {
		if id == uuid.Nil || seen[id] {
			c.add(at(field, i), "空的，或者同一个人写了两次。")
		}
		seen[id] = true
	}
}

func (c *check) day(field, s string, from, to time.Time) {
	d, err := clock.ParseDay(s)
	switch {
	case err != nil:
		c.add(field, "日期要写成2026-05-14这样。")
	case d.Before(from) || d.After(to):
		c.add(field, "日期不对，请看一下年份。")
	}
}

// LeadInput is what visit asks lead to raise; app hands over the function that does it.
type LeadInput struct {
	Origin     string
	OriginID   uuid.UUID
	Item       string
	OfficeID   uuid.UUID
	AgencyID   uuid.UUID
	Severity   string
	Category   string
	Fact       string
	HappenedOn string    // 2026-05-14
	ReporterID uuid.UUID // who saw it: the author of the sheet
	Photos     []string
}
