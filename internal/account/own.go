package account

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Place is an office or agency as Me names it.
type Place struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Township string    `json:"township,omitempty"`
}

// SecondFactor says whether the person has one and whether the county wants one of their role.
type SecondFactor struct {
	Enabled  bool `json:"enabled"`
	Demanded bool `json:"demanded"`
}

// Me is the person who is logged in, for the front ends.
type Me struct {
	ID          uuid.UUID    `json:"id"`
	Username    string       `json:"username"`
	Name        string       `json:"name"`
	Role        actor.Role   `json:"role"`
	Office      *Place       `json:"office"`
	Agency      *Place       `json:"agency"`
	Certificate string       `json:"certificate"`
	Certified   bool         `json:"certified"`
	MustChange  bool         `json:"must_change"`
	TOTP        SecondFactor `json:"totp"`
	Demo        bool         `json:"demo"`
	ServerTime  time.Time    `json:"server_time"`
	IdleMinutes int          `json:"idle_minutes"`
}

// Me describes the person behind a session.
func (s *Service) Me(ctx context.Context, who actor.Actor) (Me, error) {
	a, err := readAccount(ctx, s.db, who.ID)
	if err != nil {
		return Me{}, err
	}
	set, err := s.security(ctx)
	if err != nil {
		return Me{}, err
	}
	me := Me{ID: a.ID, Username: a.Username, Name: a.Name, Role: a.Role, Certificate: a.Certificate, MustChange: a.MustChange,
		Certified: Certified(a.Certificate, a.CertificateUntil, s.day()), TOTP: SecondFactor{a.TOTP, set.demands(a.Role)},
		Demo: s.opt.Demo, ServerTime: s.now().In(clock.Shanghai), IdleMinutes: set.IdleMinutes}
	if a.OfficeID.Valid {
		township, err := readTownship(ctx, s.db, a.OfficeID.UUID)
		if err != nil {
			return me, err
		}
		me.Office = &Place{a.OfficeID.UUID, a.OfficeName, township}
	}
	if a.AgencyID.Valid {
		me.Agency = &Place{ID: a.AgencyID.UUID, Name: a.AgencyName}
	}
	return me, nil
}

// chargeOwn slows guessing inside a session as it slows logins: a stolen phone must not find the password out.
func (s *Service) chargeOwn(ctx context.Context, who actor.Actor, address string) (login, ticket, error) {
	a, err := readAccount(ctx, s.db, who.ID)
	if err != nil {
		return login{}, ticket{}, err
	}
	l, err := readLogin(ctx, s.db, a.Username)
	if err != nil {
		return l, ticket{}, err
	}
	t, err := s.charge(ctx, l.Username, address)
	return l, t, err
}

// provePassword asks for the person's own password again; field is where the form asked.
func (s *Service) provePassword(ctx context.Context, who actor.Actor, address, field, password string) error {
	l, t, err := s.chargeOwn(ctx, who, address)
	if err != nil {
		return err
	}
	ok, err := s.hasher.verify(ctx, l.Hash, clipBytes(password))
	if err != nil {
		_ = s.giveBack(ctx, t, false)
		return err
	}
	if !ok {
		s.keep(ctx, t)
		return fault.Field(field, "现在的密码不对。")
	}
	return s.giveBack(ctx, t, true)
}

func clipBytes(password string) string {
	if len(password) > 4*maxPassword {
		return password[:4*maxPassword]
	}
	return password
}

// ChangePassword sets a new password and ends every other session. Faults: Invalid on "current" or "new".
func (s *Service) ChangePassword(ctx context.Context, who actor.Actor, token, address, current, fresh string) error {
	if err := s.provePassword(ctx, who, address, "current", current); err != nil {
		return err
	}
	a, err := readAccount(ctx, s.db, who.ID)
	if err != nil {
		return err
	}
	if why := CheckPassword(fresh, a.Username); why != "" {
		return fault.Field("new", why)
	}
	l, err := readLogin(ctx, s.db, a.Username)
	if err != nil {
		return err
	}
	if err := s.notUsedBefore(ctx, l, fresh); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		now, err := lockLogin(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		if now.Hash != l.Hash { // reset or changed elsewhere in this moment
			return fault.Stale()
		}
		if err := savePassword(ctx, tx, who.ID, hash, remember(l), false); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, who.ID, hashToken(token)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "password.change", "account", who.ID, nil)
	})
}

func (s *Service) notUsedBefore(ctx context.Context, l login, fresh string) error {
	for _, h := range append([]string{l.Hash}, l.Old...) {
		same, err := s.hasher.verify(ctx, h, fresh)
		if err != nil {
			return err
		}
		if same {
			return fault.Field("new", "这个密码最近用过。请换一个没用过的。")
		}
	}
	return nil
}

// remember puts the password in force at the head of the former ones. With it, the last five do not come back.
func remember(l login) []string {
	old := append([]string{l.Hash}, l.Old...)
	return old[:min(len(old), remembered-1)]
}
