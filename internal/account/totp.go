package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"github.com/skip2/go-qrcode"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

const totpPeriod = 30

// TOTPSetup is what a person puts into the code app: by camera or by typing.
type TOTPSetup struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
	QR     string `json:"qr_png" doc:"PNG, base64"`
}

// SetUpTOTP makes a new secret; it counts for nothing until a code of it was confirmed.
func (s *Service) SetUpTOTP(ctx context.Context, who actor.Actor) (TOTPSetup, error) {
	var out TOTPSetup
	return out, s.db.InTx(ctx, func(tx *db.DB) error {
		l, err := lockLogin(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		if l.ConfirmedAt != nil {
			return fault.New(fault.Conflict, "totp_on", "已经绑定了动态验证码。要换手机，先解除再重新绑定。")
		}
		key, err := totp.Generate(totp.GenerateOpts{Issuer: s.opt.Issuer, AccountName: l.Username, Period: totpPeriod, SecretSize: 20})
		if err != nil {
			return err
		}
		png, err := qrcode.Encode(key.URL(), qrcode.Medium, 320)
		if err != nil {
			return err
		}
		out = TOTPSetup{key.Secret(), key.URL(), base64.StdEncoding.EncodeToString(png)}
		if err := saveSecret(ctx, tx, who.ID, s.keys.seal(who.ID, key.Secret())); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "totp.begin", "account", who.ID, nil)
	})
}

// ConfirmTOTP turns the second factor on with a first code. All other sessions end: they had one factor.
func (s *Service) ConfirmTOTP(ctx context.Context, who actor.Actor, token, address, code string) error {
	l, t, err := s.chargeOwn(ctx, who, address)
	if err != nil {
		return err
	}
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if l, err = lockLogin(ctx, tx, who.ID); err != nil {
			return err
		}
		if l.ConfirmedAt != nil {
			return fault.New(fault.Conflict, "totp_on", "已经绑定了动态验证码。")
		}
		if l.Secret == nil {
			return fault.New(fault.Conflict, "totp_off", "请先扫码添加，再输入6位数字。")
		}
		ok, err := s.useCode(ctx, tx, l, code)
		if err != nil {
			return err
		}
		if !ok {
			return wrongCode()
		}
		if err := confirmTOTP(ctx, tx, who.ID, s.now()); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, who.ID, hashToken(token)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "totp.confirm", "account", who.ID, nil)
	})
	if err != nil {
		s.keep(ctx, t)
		return err
	}
	return s.giveBack(ctx, t, true)
}

// RemoveTOTP turns the second factor off, unless the county demands it of the role. It asks for both factors: who found a
// desk left open, and knows the password, must not make that enough for good.
func (s *Service) RemoveTOTP(ctx context.Context, who actor.Actor, address, password, code string) error {
	set, err := s.security(ctx)
	if err != nil {
		return err
	}
	if set.demands(who.Role) {
		return fault.New(fault.Conflict, "totp_demanded", "您这个岗位必须用动态验证码，不能解除。手机换了、丢了，请管理员解除，再重新绑定。")
	}
	l, t, err := s.chargeOwn(ctx, who, address)
	if err != nil {
		return err
	}
	if err := s.takeOff(ctx, who, l, password, code); err != nil {
		s.keep(ctx, t)
		return err
	}
	return s.giveBack(ctx, t, true)
}

func (s *Service) takeOff(ctx context.Context, who actor.Actor, l login, password, code string) error {
	ok, err := s.hasher.verify(ctx, l.Hash, clipBytes(password))
	if err != nil {
		return err
	}
	if !ok {
		return fault.Field("password", "现在的密码不对。")
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		if l, err = lockLogin(ctx, tx, who.ID); err != nil {
			return err
		}
		if l.ConfirmedAt != nil {
			if ok, err = s.useCode(ctx, tx, l, code); err != nil {
				return err
			}
			if !ok {
				return wrongCode()
			}
		}
		if err := saveSecret(ctx, tx, who.ID, nil); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "totp.remove", "account", who.ID, nil)
	})
}

func wrongCode() error {
	return fault.Field("code", "6位数字不对，或者已经用过。请看验证器里现在的一组；老是不对，请看手机的时间准不准。")
}

// useCode checks a code against the steps around now and uses its step up: the same code never works twice.
func (s *Service) useCode(ctx context.Context, d *db.DB, l login, code string) (bool, error) {
	secret, err := s.keys.open(l.ID, l.Secret)
	if err != nil {
		return false, err
	}
	step, ok := matchStep(secret, code, s.now())
	if !ok {
		return false, nil
	}
	return useStep(ctx, d, l.ID, step)
}

// matchStep finds the time step of a code: now, half a minute earlier or later, for phones that go a little wrong.
func matchStep(secret, code string, now time.Time) (int64, bool) {
	code = strings.Join(strings.Fields(code), "")
	at := now.Unix() / totpPeriod
	found, ok := int64(0), false
	for _, step := range []int64{at - 1, at, at + 1} {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}) // #nosec G115 -- years after 1970
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, ok = step, true
		}
	}
	return found, ok
}
