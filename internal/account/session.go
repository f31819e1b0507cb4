package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// touchEvery is how often a session in use writes its row.
const touchEvery = time.Minute

type newSession struct {
	id, account           uuid.UUID
	kind, label           string
	at, idleUntil, endsAt time.Time
}

// newToken makes 256 random bits; only their hash is kept.
func newToken(prefix string) (token string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	token = prefix + base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Credentials are what a person logs in with. Address only slows guessing; Former is the session the browser had.
type Credentials struct {
	Username, Password, Code string
	Address, Label, Former   string
}

// The same words for a wrong name, a wrong password and an account that has left.
func refused() error {
	return fault.New(fault.Unauthenticated, "wrong", "账号或密码不对。请再核对一次；忘了密码，请找管理员重置。")
}

// Login checks the credentials and begins a session under a new id. Faults: TooMany with the seconds to wait,
// Unauthenticated (code "totp_required" when the password is right and a code is due).
func (s *Service) Login(ctx context.Context, in Credentials) (token string, err error) {
	username := normalUsername(in.Username)
	if len(username) > 64 {
		username = username[:64] // nobody has such a name; the throttle still counts it
	}
	t, err := s.charge(ctx, username, in.Address)
	if err != nil {
		return "", err
	}
	l, ok, err := s.checkPassword(ctx, username, in.Password)
	if err != nil {
		_ = s.giveBack(ctx, t, false) // nothing was learnt; a failure here only leaves the charge
		return "", err
	}
	if !ok {
		s.keep(ctx, t)
		return "", s.refuse(ctx, l)
	}
	if l.ConfirmedAt != nil {
		if in.Code == "" {
			_ = s.giveBack(ctx, t, false)
			return "", fault.New(fault.Unauthenticated, "totp_required", "请再输入验证器里的6位数字。")
		}
		if ok, err := s.useCode(ctx, s.db, l, in.Code); err != nil || !ok {
			s.keep(ctx, t)
			if err == nil {
				err = s.refuseCode(ctx, l)
			}
			return "", err
		}
	}
	if err := s.giveBack(ctx, t, true); err != nil {
		return "", err
	}
	return s.begin(ctx, l.ID, in)
}

// checkPassword takes as long for an unknown name as for a known one.
func (s *Service) checkPassword(ctx context.Context, username, password string) (login, bool, error) {
	l, err := readLogin(ctx, s.db, username)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return l, false, err
	}
	hash := l.Hash
	if err != nil || !l.Active {
		hash = s.hasher.dummy
	}
	if len(password) > 4*maxPassword {
		password = password[:4*maxPassword]
	}
	ok, err := s.hasher.verify(ctx, hash, password)
	return l, ok && l.Active, err
}

func (s *Service) refuse(ctx context.Context, l login) error {
	if err := s.note(ctx, actor.Public, "session.refuse", l.ID, nil); err != nil {
		return err
	}
	return refused()
}

func (s *Service) refuseCode(ctx context.Context, l login) error {
	if err := s.note(ctx, actor.Public, "session.refuse_code", l.ID, nil); err != nil {
		return err
	}
	return fault.New(fault.Unauthenticated, "totp_wrong", "6位数字不对，或者已经用过。请等验证器换出新的一组再输；老是不对，请看手机的时间准不准。")
}

func (s *Service) note(ctx context.Context, who actor.Actor, deed string, subject uuid.UUID, detail any) error {
	return s.db.InTx(ctx, func(tx *db.DB) error {
		return audit.Append(ctx, tx, s.now(), who, deed, "account", subject, detail)
	})
}

// begin makes the session row. The id is always ours: one that came with the request is ended, never taken over.
func (s *Service) begin(ctx context.Context, account uuid.UUID, in Credentials) (string, error) {
	set, err := s.security(ctx)
	if err != nil {
		return "", err
	}
	token, hash := newToken("")
	now := s.now()
	return token, s.db.InTx(ctx, func(tx *db.DB) error {
		a, err := lockAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		if !a.Active { // left while the password was being checked
			return refused()
		}
		if in.Former != "" {
			if _, err := deleteSessionByHash(ctx, tx, hashToken(in.Former)); err != nil {
				return err
			}
		}
		n := newSession{uuid.Must(uuid.NewV7()), account, "browser", clip(in.Label, 80), now, now.Add(set.idle()), now.Add(set.absolute())}
		if err := insertSession(ctx, tx, hash, n); err != nil {
			return err
		}
		if err := markLogin(ctx, tx, account, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, now, actor.Actor{ID: account, Role: a.Role}, "session.begin", "account", account, nil)
	})
}

func clip(s string, runes int) string {
	if r := []rune(tidy(s)); len(r) > runes {
		return string(r[:runes])
	}
	return tidy(s)
}

func signedOut() error {
	return fault.New(fault.Unauthenticated, "signed_out", "请先登录。登录已过期的，重新登录后可以接着办。")
}

// Authenticate resolves a session or bearer token into who acts; it is the web middleware's. Unauthenticated when the
// token is none, has ended, has idled too long, or its person has left. Limited says what the account must do first.
func (s *Service) Authenticate(ctx context.Context, token string) (actor.Actor, web.Session, error) {
	if strings.HasPrefix(token, web.DevicePrefix) {
		return s.authenticateDevice(ctx, token)
	}
	if len(token) < 43 || len(token) > 64 {
		return actor.Public, web.Session{}, signedOut()
	}
	st, _, err := s.standing(ctx, token)
	if err != nil {
		return actor.Public, web.Session{}, err
	}
	who := actor.Actor{ID: st.ID, Role: st.Role, Name: st.Name, OfficeID: st.OfficeID, AgencyID: st.AgencyID,
		Certified: Certified(st.Certificate, st.CertificateUntil, s.day())}
	return who, web.Session{Kind: st.Kind, Limited: st.limited()}, nil
}

func (s *Service) standing(ctx context.Context, token string) (standing, Security, error) {
	hash, now := hashToken(token), s.now()
	st, err := readStanding(ctx, s.db, hash, now)
	if fault.KindOf(err) == fault.NotFound {
		return st, Security{}, signedOut()
	}
	if err != nil {
		return st, Security{}, err
	}
	set := parseSecurity(st.Settings)
	if st.Kind == "browser" {
		if now.Sub(st.SeenAt) > set.idle() { // the limit may have been lowered since
			return st, set, signedOut()
		}
		if now.Sub(st.SeenAt) >= touchEvery {
			err = touch(ctx, s.db, hash, now, now.Add(set.idle()))
		}
	} else if now.Sub(st.SeenAt) >= touchEvery {
		err = touch(ctx, s.db, hash, now, st.EndsAt)
	}
	return st, set, err
}

// limited names what stands before any other work. Programs with a token of their own have neither password nor phone.
func (st standing) limited() string {
	switch {
	case st.Kind != "browser":
		return ""
	case st.MustChange:
		return "must_change"
	case !st.TOTP && parseSecurity(st.Settings).demands(st.Role):
		return "totp_setup"
	}
	return ""
}

// Logout ends the session of the token.
func (s *Service) Logout(ctx context.Context, who actor.Actor, token string) error {
	return s.db.InTx(ctx, func(tx *db.DB) error {
		if _, err := deleteSessionByHash(ctx, tx, hashToken(token)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "session.end", "account", who.ID, nil)
	})
}

// Sessions lists the person's own logins; token says which is this one.
func (s *Service) Sessions(ctx context.Context, who actor.Actor, token string) ([]Session, error) {
	return listSessions(ctx, s.db, who.ID, hashToken(token), s.now())
}

// EndSession ends one of the person's own logins; Missing when it is not theirs.
func (s *Service) EndSession(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	return s.db.InTx(ctx, func(tx *db.DB) error {
		n, err := deleteSession(ctx, tx, who.ID, id)
		if err == nil && n == 0 {
			err = fault.Missing()
		}
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "session.end", "account", who.ID, map[string]uuid.UUID{"session": id})
	})
}

// EndOtherSessions ends every login of the person but this one.
func (s *Service) EndOtherSessions(ctx context.Context, who actor.Actor, token string) error {
	return s.db.InTx(ctx, func(tx *db.DB) error {
		n, err := endSessions(ctx, tx, who.ID, hashToken(token))
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "session.end_others", "account", who.ID, map[string]int64{"ended": n})
	})
}
