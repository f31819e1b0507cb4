package account

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

const pageSize = 50

// Filter narrows the list of accounts.
type Filter struct {
	Q      string // part of a name or username
	Role   actor.Role
	Active string // true, false, or both
	After  string
}

func pattern(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// manager may run accounts: the administrator, and the operator at the machine.
func manager(who actor.Actor) bool { return who.Is(actor.Admin, actor.SystemRole) }

// Accounts lists accounts by name.
func (s *Service) Accounts(ctx context.Context, who actor.Actor, in Filter) (web.Page[Account], error) {
	var page web.Page[Account]
	if !manager(who) {
		return page, fault.Denied()
	}
	var pos byName
	deeper, err := web.DecodeCursor(in.After, &pos)
	if err != nil {
		return page, err
	}
	in.Q = tidy(in.Q)
	page.Items, err = listAccounts(ctx, s.db, in, pos, deeper, pageSize+1)
	page.Cut(pageSize, func(last Account) any { return byName{last.Name, last.ID} })
	return page, err
}

// Account reads one account.
func (s *Service) Account(ctx context.Context, who actor.Actor, id uuid.UUID) (Account, error) {
	if !manager(who) {
		return Account{}, fault.Denied()
	}
	return readAccount(ctx, s.db, id)
}

// CreateAccount adds a person. The initial password is given once and must be changed at the first login.
func (s *Service) CreateAccount(ctx context.Context, who actor.Actor, f Form) (Account, string, error) {
	password := initialPassword()
	a, err := s.create(ctx, who, f, password, true)
	return a, password, err
}

func (s *Service) create(ctx context.Context, who actor.Actor, f Form, password string, mustChange bool) (a Account, err error) {
	if !manager(who) {
		return a, fault.Denied()
	}
	if err := f.check(); err != nil {
		return a, err
	}
	hash := demoHash()
	if mustChange {
		if hash, err = s.hasher.hash(ctx, password); err != nil {
			return a, err
		}
	}
	id := uuid.Must(uuid.NewV7())
	return a, s.db.InTx(ctx, func(tx *db.DB) error {
		if err := insertAccount(ctx, tx, id, f, hash, mustChange, s.now()); err != nil {
			return err
		}
		if a, err = lockAccount(ctx, tx, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "account.create", "account", id, map[string]string{"role": string(f.Role)})
	})
}

// Patch changes some fields of an account. The username stays: the trail knows the person by it.
type Patch struct {
	Name             *string        `json:"name,omitempty" maxLength:"100"`
	Role             *actor.Role    `json:"role,omitempty" enum:"county,leader,office,supervisor,agency,hotline,admin,auditor"`
	OfficeID         *uuid.NullUUID `json:"office_id,omitempty" nullable:"true"`
	AgencyID         *uuid.NullUUID `json:"agency_id,omitempty" nullable:"true"`
	Certificate      *string        `json:"certificate,omitempty" maxLength:"100"`
	CertificateUntil *string        `json:"certificate_until,omitempty" maxLength:"10" doc:"empty text takes the date away"`
	SuccessorID      uuid.NullUUID  `json:"successor_id,omitempty" nullable:"true" doc:"who takes over what is open at the post that is left"`
	Reason           string         `json:"reason,omitempty" maxLength:"500" doc:"why the post changes; due with a successor"`
	Version          int            `json:"version"`
}

func (p Patch) apply(a Account) Form {
	f := Form{a.Username, a.Name, a.Role, a.OfficeID, a.AgencyID, a.Certificate, a.CertificateUntil}
	if p.Name != nil {
		f.Name = *p.Name
	}
	if p.Role != nil {
		f.Role = *p.Role
	}
	if p.OfficeID != nil {
		f.OfficeID = *p.OfficeID
	}
	if p.AgencyID != nil {
		f.AgencyID = *p.AgencyID
	}
	if p.Certificate != nil {
		f.Certificate = *p.Certificate
	}
	if p.CertificateUntil != nil {
		f.CertificateUntil = p.CertificateUntil
	}
	return f
}

// ChangeAccount changes an account. Another role or place ends the person's sessions; what is open in their name goes to
// the successor as when they leave, and without one it is refused. Faults: Conflict (stale, open_work, last_admin), Invalid.
func (s *Service) ChangeAccount(ctx context.Context, who actor.Actor, id uuid.UUID, p Patch) (a Account, err error) {
	if !manager(who) {
		return a, fault.Denied()
	}
	return a, s.db.InTx(ctx, func(tx *db.DB) error {
		if a, err = lockAccount(ctx, tx, id); err != nil {
			return err
		}
		if a.Version != p.Version {
			return fault.Stale()
		}
		f := p.apply(a)
		if err := f.check(); err != nil {
			return err
		}
		detail := map[string]any{"from": a.Role, "to": f.Role}
		switch {
		case f.Role != a.Role || f.OfficeID != a.OfficeID || f.AgencyID != a.AgencyID:
			if err := s.move(ctx, tx, who, a, p, detail); err != nil {
				return err
			}
		case p.SuccessorID.Valid:
			return fault.Field("successor_id", "岗位和地方都没有变，不用交接。")
		}
		if err := updateAccount(ctx, tx, id, f); err != nil {
			return err
		}
		if a, err = lockAccount(ctx, tx, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "account.change", "account", id, detail)
	})
}

// move takes a person off a post: the work goes to the successor, who must be of the post that is left, and the sessions
// end. The trail's detail tells how.
func (s *Service) move(ctx context.Context, tx *db.DB, who actor.Actor, a Account, p Patch, detail map[string]any) error {
	if a.ID == who.ID {
		return fault.New(fault.Conflict, "own_role", "不能改自己的岗位，请另一位管理员来改。")
	}
	if err := mayLoseAdmin(ctx, tx, a); err != nil {
		return err
	}
	reason := tidy(p.Reason)
	if utf8.RuneCountInString(reason) > 200 || p.SuccessorID.Valid && reason == "" {
		return fault.Field("reason", "请写明换岗位的原因，最多200个字。")
	}
	moved, err := s.handOver(ctx, tx, a, p.SuccessorID)
	if err != nil {
		return err
	}
	detail["moved"] = moved
	if reason != "" {
		detail["reason"] = reason
	}
	if p.SuccessorID.Valid {
		detail["successor"] = p.SuccessorID
	}
	_, err = endSessions(ctx, tx, a.ID, nil)
	return err
}

func mayLoseAdmin(ctx context.Context, tx *db.DB, a Account) error {
	if a.Role != actor.Admin || !a.Active {
		return nil
	}
	n, err := lockRole(ctx, tx, actor.Admin)
	if err == nil && n <= 1 {
		err = fault.New(fault.Conflict, "last_admin", "这是最后一个管理员账号。先添加另一位管理员，再办这一项。")
	}
	return err
}

func openWork(n int) error {
	return fault.New(fault.Conflict, "open_work", fmt.Sprintf("名下还有%d件没办完的工作。请先选一位接手的人。", n))
}

// ResetPassword gives an account a new initial password, shown once, and ends all its sessions.
func (s *Service) ResetPassword(ctx context.Context, who actor.Actor, id uuid.UUID) (string, error) {
	if !manager(who) {
		return "", fault.Denied()
	}
	return s.reset(ctx, who, id, "password.reset", func(a Account) error {
		if !a.Active {
			return fault.New(fault.Conflict, "left", "这个账号已经停用。要恢复使用，请点“恢复”。")
		}
		return nil
	}, nil)
}

// Return lets a person who left log in again, with a new initial password and without the old second factor.
func (s *Service) Return(ctx context.Context, who actor.Actor, id uuid.UUID) (string, error) {
	if !manager(who) {
		return "", fault.Denied()
	}
	return s.reset(ctx, who, id, "account.return", func(a Account) error {
		if a.Active {
			return fault.New(fault.Conflict, "active", "这个账号本来就在用。")
		}
		return nil
	}, func(tx *db.DB) error { return saveReturn(ctx, tx, id) })
}

func (s *Service) reset(ctx context.Context, who actor.Actor, id uuid.UUID, deed string, may func(Account) error, then func(*db.DB) error) (string, error) {
	password := initialPassword()
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", err
	}
	return password, s.db.InTx(ctx, func(tx *db.DB) error {
		a, err := lockAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := may(a); err != nil {
			return err
		}
		l, err := lockLogin(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := savePassword(ctx, tx, id, hash, remember(l), true); err != nil {
			return err
		}
		if then != nil {
			if err := then(tx); err != nil {
				return err
			}
		}
		if _, err := endSessions(ctx, tx, id, nil); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, deed, "account", id, nil)
	})
}

// ResetTOTP takes a lost second factor away and ends all sessions; the county's demand, if any, stands.
func (s *Service) ResetTOTP(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	if !manager(who) {
		return fault.Denied()
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		if _, err := lockAccount(ctx, tx, id); err != nil {
			return err
		}
		if err := saveSecret(ctx, tx, id, nil); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, id, nil); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "totp.reset", "account", id, nil)
	})
}

// CreateToken makes a bearer token for a program that acts as the account. It is given once; the person sees it among
// their logins and can end it there.
func (s *Service) CreateToken(ctx context.Context, who actor.Actor, id uuid.UUID, label string, days int) (string, error) {
	if !manager(who) {
		return "", fault.Denied()
	}
	label = clip(label, 80)
	if label == "" {
		return "", fault.Field("label", "请写明给哪个系统用。")
	}
	if days < 1 || days > 730 {
		return "", fault.Field("days", "有效天数在1到730之间。")
	}
	token, hash := newToken("sx_")
	now := s.now()
	ends := now.Add(time.Duration(days) * 24 * time.Hour)
	return token, s.db.InTx(ctx, func(tx *db.DB) error {
		a, err := lockAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		if !a.Active {
			return fault.New(fault.Conflict, "left", "这个账号已经停用。")
		}
		n := newSession{uuid.Must(uuid.NewV7()), id, "token", label, now, ends, ends}
		if err := insertSession(ctx, tx, hash, n); err != nil {
			return err
		}
		return audit.Append(ctx, tx, now, who, "token.create", "account", id, map[string]any{"session": n.id, "days": days})
	})
}

// FindAccount gives the account of a username, for the command line.
func (s *Service) FindAccount(ctx context.Context, who actor.Actor, username string) (Account, error) {
	if !manager(who) {
		return Account{}, fault.Denied()
	}
	l, err := readLogin(ctx, s.db, normalUsername(username))
	if err != nil {
		return Account{}, err
	}
	return readAccount(ctx, s.db, l.ID)
}
