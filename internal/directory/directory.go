// Package directory keeps the people and places of the county that have no login: the justice bureau (司法局), its
// judicial offices (司法所), the enforcement agencies they supervise (执法单位), the agencies' officers with their
// enforcement credentials (行政执法证), and the businesses that are inspected (经营主体).
package directory

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

// Bureau is the county's justice bureau; there is one.
type Bureau struct {
	ID      uuid.UUID `db:"id" json:"id"`
	Name    string    `db:"name" json:"name"`
	County  string    `db:"county" json:"county"`
	Prefix  string    `db:"prefix" json:"prefix"` // what its document numbers begin with, as 获执监
	Hotline string    `db:"hotline" json:"hotline"`
	Version int       `db:"version" json:"version"`
}

// Office is a township's judicial office.
type Office struct {
	ID       uuid.UUID `db:"id" json:"id"`
	Name     string    `db:"name" json:"name"`
	Township string    `db:"township" json:"township"`
	Prefix   string    `db:"prefix" json:"prefix"`
	Phone    string    `db:"phone" json:"phone"`
	PlaqueOn *string   `db:"plaque_on" json:"plaque_on"` // day its supervision sign was put up
	Active   bool      `db:"active" json:"active"`
	Version  int       `db:"version" json:"version"`
}

// Agency is an enforcement agency. A township one is supervised by an office, a county one by the bureau.
type Agency struct {
	ID       uuid.UUID     `db:"id" json:"id"`
	Name     string        `db:"name" json:"name"`
	Kind     string        `db:"kind" json:"kind"`
	OfficeID uuid.NullUUID `db:"office_id" json:"office_id"`
	Phone    string        `db:"phone" json:"phone"`
	Active   bool          `db:"active" json:"active"`
	Version  int           `db:"version" json:"version"`
}

// Officer is an enforcement officer with a credential. Officers have no login.
type Officer struct {
	ID         uuid.UUID `db:"id" json:"id"`
	AgencyID   uuid.UUID `db:"agency_id" json:"agency_id"`
	AgencyName string    `db:"agency_name" json:"agency_name"`
	Name       string    `db:"name" json:"name"`
	Credential string    `db:"credential_number" json:"credential_number"`
	ValidFrom  string    `db:"valid_from" json:"valid_from"`
	ValidTo    string    `db:"valid_to" json:"valid_to"`
	Status     string    `db:"status" json:"status"`
	Now        string    `db:"-" json:"standing"` // Standing on the day of the answer
	Version    int       `db:"version" json:"version"`
}

// The standings of a credential.
const (
	Valid     = "valid"
	Expired   = "expired" // today is outside its dates
	Suspended = "suspended"
	Revoked   = "revoked"
)

// Standing tells what an officer's credential is worth on the day of now. Revoked outweighs suspended, suspended outweighs expired.
func (o Officer) Standing(now time.Time) string {
	switch o.Status {
	case Revoked, Suspended:
		return o.Status
	}
	if day := clock.Day(now); day < o.ValidFrom || day > o.ValidTo {
		return Expired
	}
	return Valid
}

// Business is somebody who can be inspected. Not confirmed: met on the spot, still to be checked by the office.
type Business struct {
	ID        uuid.UUID     `db:"id" json:"id"`
	Name      string        `db:"name" json:"name"`
	USCC      string        `db:"uscc" json:"uscc"` // empty: has none, or not known
	Address   string        `db:"address" json:"address"`
	Kind      string        `db:"kind" json:"kind"`
	Industry  string        `db:"industry" json:"industry"`
	OfficeID  uuid.NullUUID `db:"office_id" json:"office_id"`
	Active    bool          `db:"active" json:"active"`
	Confirmed bool          `db:"confirmed" json:"confirmed"`
	Version   int           `db:"version" json:"version"`
}

// checks collects what is wrong, field by field, so that a person sees all of it at once.
type checks []fault.FieldError

func (c *checks) add(field, message string) {
	*c = append(*c, fault.FieldError{Field: field, Message: message})
}

// text tidies a line and checks its length in characters; what names the field in the message.
func (c *checks) text(field, what string, value *string, least, most int) {
	*value = tidy(*value)
	switch n := utf8.RuneCountInString(*value); {
	case n == 0 && least > 0:
		c.add(field, "请填"+what+"。")
	case n < least:
		c.add(field, fmt.Sprintf("%s太短，至少%d个字。", what, least))
	case n > most:
		c.add(field, fmt.Sprintf("%s太长，最多%d个字，现在是%d个。", what, most, n))
	}
}

func (c *checks) oneOf(field, what, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	c.add(field, "请选"+what+"。")
}

func (c *checks) day(field, what, value string) {
	t, err := time.Parse(time.DateOnly, value)
	if err != nil || t.Year() < 1949 || t.Year() > 2199 {
		c.add(field, what+"写成2026-05-14这样。")
	}
}

func (c checks) err() error { return fault.Invalidf(c...) }

// tidy trims a line, turns runs of blanks into one and drops what cannot be seen.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || (unicode.IsControl(r) && !unicode.IsSpace(r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

func (b *Bureau) check() error {
	var c checks
	c.text("name", "司法局名称", &b.Name, 2, 60)
	c.text("county", "县（市、区）名称", &b.County, 2, 30)
	c.text("prefix", "文号前缀", &b.Prefix, 1, 20)
	c.text("hotline", "监督电话", &b.Hotline, 0, 40)
	return c.err()
}

func (o *Office) check() error {
	var c checks
	c.text("name", "司法所名称", &o.Name, 2, 60)
	c.text("township", "乡镇名称", &o.Township, 2, 30)
	c.text("prefix", "文号前缀", &o.Prefix, 0, 20)
	c.text("phone", "电话", &o.Phone, 0, 40)
	if o.PlaqueOn != nil && *o.PlaqueOn == "" {
		o.PlaqueOn = nil
	}
	if o.PlaqueOn != nil {
		c.day("plaque_on", "挂牌日期", *o.PlaqueOn)
	}
	return c.err()
}

func (a *Agency) check() error {
	var c checks
	c.text("name", "单位名称", &a.Name, 2, 60)
	c.text("phone", "电话", &a.Phone, 0, 40)
	c.oneOf("kind", "单位类别", a.Kind, "township", "county")
	if a.Kind == "township" && !a.OfficeID.Valid {
		c.add("office_id", "乡镇单位要选由哪个司法所监督。")
	}
	if a.Kind == "county" && a.OfficeID.Valid {
		c.add("office_id", "县直单位由县局监督，不选司法所。")
	}
	return c.err()
}

func (o *Officer) check() error {
	var c checks
	c.text("name", "执法人员姓名", &o.Name, 2, 30)
	o.Credential = NormalUSCC(o.Credential) // the same slips are made with credential numbers
	c.text("credential_number", "执法证号", &o.Credential, 4, 32)
	if strings.Trim(o.Credential, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.add("credential_number", "执法证号只有数字和字母。")
	}
	if o.AgencyID == uuid.Nil {
		c.add("agency_id", "请选所在执法单位。")
	}
	c.day("valid_from", "有效期起", o.ValidFrom)
	c.day("valid_to", "有效期止", o.ValidTo)
	if len(c) == 0 && o.ValidTo < o.ValidFrom {
		c.add("valid_to", "有效期止早于有效期起，请对照证件。")
	}
	c.oneOf("status", "证件状态", o.Status, "active", Suspended, Revoked)
	return c.err()
}

func (b *Business) check() error {
	var c checks
	c.text("name", "名称", &b.Name, 2, 100)
	c.text("address", "地址", &b.Address, 0, 200)
	c.text("industry", "行业", &b.Industry, 0, 60)
	c.oneOf("kind", "主体类别", b.Kind, "company", "household", "farm", "other")
	if b.USCC = NormalUSCC(b.USCC); b.USCC != "" {
		if why := CheckUSCC(b.USCC); why != "" {
			c.add("uscc", why)
		}
	}
	return c.err()
}
