// Package account keeps the people who log in: their roles and places, passwords, sessions, second factor, what happens
// to open work when someone leaves, the county's security settings, and the auditor's view of the trail.
package account

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

// Account is a person with a login, as the administrator sees it. Secrets are never read into it.
type Account struct {
	ID               uuid.UUID     `db:"id" json:"id"`
	Username         string        `db:"username" json:"username"`
	Name             string        `db:"name" json:"name"`
	Role             actor.Role    `db:"role" json:"role"`
	OfficeID         uuid.NullUUID `db:"office_id" json:"office_id"`
	OfficeName       string        `db:"office_name" json:"office_name"`
	AgencyID         uuid.NullUUID `db:"agency_id" json:"agency_id"`
	AgencyName       string        `db:"agency_name" json:"agency_name"`
	Certificate      string        `db:"certificate" json:"certificate"` // number of the supervision certificate (监督证); empty: none
	CertificateUntil *string       `db:"certificate_until" json:"certificate_until"`
	MustChange       bool          `db:"must_change" json:"must_change"`
	TOTP             bool          `db:"totp" json:"totp"`
	Active           bool          `db:"active" json:"active"`
	LeftOn           *time.Time    `db:"left_on" json:"left_on"`
	SuccessorName    string        `db:"successor_name" json:"successor_name"`
	LastLoginAt      *time.Time    `db:"last_login_at" json:"last_login_at"`
	Version          int           `db:"version" json:"version"`
}

// Certified tells whether the supervision certificate holds on a day; without an end date it holds.
func Certified(certificate string, until *string, day string) bool {
	return certificate != "" && (until == nil || *until >= day)
}

// Form is what the administrator fills in for a new account.
type Form struct {
	Username         string        `json:"username" maxLength:"100"`
	Name             string        `json:"name" maxLength:"100"`
	Role             actor.Role    `json:"role" enum:"county,leader,office,supervisor,agency,hotline,admin,auditor"`
	OfficeID         uuid.NullUUID `json:"office_id,omitempty" nullable:"true"`
	AgencyID         uuid.NullUUID `json:"agency_id,omitempty" nullable:"true"`
	Certificate      string        `json:"certificate,omitempty" maxLength:"100"`
	CertificateUntil *string       `json:"certificate_until,omitempty" maxLength:"10" nullable:"true"`
}

var usernameShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)

// normalUsername is how a name is kept and looked up: what a phone's keyboard capitalises means the same person.
func normalUsername(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func (f *Form) check() error {
	var wrong []fault.FieldError
	add := func(field, words string) { wrong = append(wrong, fault.FieldError{Field: field, Message: words}) }
	f.Username = normalUsername(f.Username)
	if !usernameShape.MatchString(f.Username) {
		add("username", "账号用2到32位小写字母、数字和“.”“_”“-”，以字母或数字开头。")
	}
	f.Name = tidy(f.Name)
	if n := utf8.RuneCountInString(f.Name); n < 2 || n > 30 {
		add("name", "姓名写2到30个字。")
	}
	switch {
	case !known(f.Role):
		add("role", "请选岗位。")
	case f.Role == actor.Office || f.Role == actor.Supervisor:
		f.AgencyID = uuid.NullUUID{}
		if !f.OfficeID.Valid {
			add("office_id", "这个岗位要选所在司法所。")
		}
	case f.Role == actor.Agency:
		f.OfficeID = uuid.NullUUID{}
		if !f.AgencyID.Valid {
			add("agency_id", "这个岗位要选所在执法单位。")
		}
	default:
		f.OfficeID, f.AgencyID = uuid.NullUUID{}, uuid.NullUUID{}
	}
	f.Certificate = tidy(f.Certificate)
	if utf8.RuneCountInString(f.Certificate) > 40 {
		add("certificate", "监督证号最多40个字。")
	}
	if f.CertificateUntil != nil && *f.CertificateUntil == "" || f.Certificate == "" {
		f.CertificateUntil = nil
	}
	if f.CertificateUntil != nil {
		if _, err := time.Parse(time.DateOnly, *f.CertificateUntil); err != nil {
			add("certificate_until", "有效期写成2026-05-14这样。")
		}
	}
	return fault.Invalidf(wrong...)
}

func known(r actor.Role) bool {
	for _, k := range actor.Roles {
		if r == k {
			return true
		}
	}
	return false
}

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
