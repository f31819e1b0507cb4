package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// Security is what the county decides about logins.
type Security struct {
	TOTPRoles     []actor.Role `json:"totp_roles" nullable:"false" doc:"roles that must have a second factor"`
	IdleMinutes   int          `json:"idle_minutes"`
	AbsoluteHours int          `json:"absolute_hours"`
}

const securityKey = "security"

// A supervisor is in the field for a morning without touching the phone: two hours idle, half a day in all.
func defaultSecurity() Security {
	return Security{TOTPRoles: []actor.Role{}, IdleMinutes: 120, AbsoluteHours: 12}
}

func parseSecurity(raw json.RawMessage) Security {
	s := defaultSecurity()
	if json.Unmarshal(raw, &s) != nil {
		return defaultSecurity()
	}
	return s
}

func (s Security) idle() time.Duration { return time.Duration(s.IdleMinutes) * time.Minute }
func (s Security) absolute() time.Duration {
	return time.Duration(s.AbsoluteHours) * time.Hour
}
func (s Security) demands(r actor.Role) bool { return slices.Contains(s.TOTPRoles, r) }

func (s *Security) check() error {
	var wrong []fault.FieldError
	for _, r := range s.TOTPRoles {
		if !known(r) {
			wrong = append(wrong, fault.FieldError{Field: "totp_roles", Message: "没有这个岗位。"})
			break
		}
	}
	slices.Sort(s.TOTPRoles)
	s.TOTPRoles = slices.Compact(s.TOTPRoles)
	if s.IdleMinutes < 5 || s.IdleMinutes > 1440 {
		wrong = append(wrong, fault.FieldError{Field: "idle_minutes", Message: "无操作退出的时间在5到1440分钟之间。"})
	}
	if s.AbsoluteHours < 1 || s.AbsoluteHours > 168 {
		wrong = append(wrong, fault.FieldError{Field: "absolute_hours", Message: "一次登录最长在1到168小时之间。"})
	}
	if len(wrong) == 0 && s.IdleMinutes > s.AbsoluteHours*60 {
		wrong = append(wrong, fault.FieldError{Field: "idle_minutes", Message: fmt.Sprintf("无操作退出的时间不能超过一次登录的%d小时。", s.AbsoluteHours)})
	}
	return fault.Invalidf(wrong...)
}

func (s *Service) security(ctx context.Context) (Security, error) {
	raw, err := readSetting(ctx, s.db, securityKey)
	if fault.KindOf(err) == fault.NotFound {
		return defaultSecurity(), nil
	}
	return parseSecurity(raw), err
}

// Security reads the settings; for the administrator and the county.
func (s *Service) Security(ctx context.Context, who actor.Actor) (Security, error) {
	if !who.Is(actor.Admin, actor.County, actor.SystemRole) {
		return Security{}, fault.Denied()
	}
	return s.security(ctx)
}

// SaveSecurity changes the settings; they hold from the next request on, for sessions that exist too.
func (s *Service) SaveSecurity(ctx context.Context, who actor.Actor, in Security) (Security, error) {
	if !who.Is(actor.Admin, actor.County, actor.SystemRole) {
		return in, fault.Denied()
	}
	if err := in.check(); err != nil {
		return in, err
	}
	value, err := json.Marshal(in)
	if err != nil {
		return in, err
	}
	return in, s.db.InTx(ctx, func(tx *db.DB) error {
		if err := saveSetting(ctx, tx, securityKey, value, who.Account(), s.now()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "settings.security", "settings", uuid.Nil, in)
	})
}
