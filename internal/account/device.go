package account

import (
	"context"
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

// Device is a phone that may submit what was sealed on it, even after the login on it has run out. It reads nothing.
type Device struct {
	ID            uuid.UUID     `db:"id" json:"id"`
	AccountID     uuid.UUID     `db:"account_id" json:"-"`
	AccountName   string        `db:"account_name" json:"-"`
	OfficeID      uuid.NullUUID `db:"office_id" json:"-"`
	Account       DevicePerson  `db:"-" json:"account"`
	Name          string        `db:"name" json:"name"`
	CreatedAt     time.Time     `db:"created_at" json:"created_at"`
	SeenAt        time.Time     `db:"seen_at" json:"seen_at"`
	RevokedAt     *time.Time    `db:"revoked_at" json:"revoked_at"`
	RevokedReason string        `db:"revoked_reason" json:"revoked_reason"`
	UnusedTickets int           `db:"unused_tickets" json:"unused_tickets"`
}

// DevicePerson is whose phone it is.
type DevicePerson struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Why what a device submits is held back for a person to decide on.
const (
	HeldRevoked = "device_revoked"
	HeldLeft    = "account_left"
	HeldMoved   = "role_changed"
)

// maxDevices bounds the phones of one person; a browser that forgets its data comes back as another phone.
const maxDevices = 50

// RevokeTickets makes the unused tickets that a phone carries useless and tells how many; feedback's, handed over by app.
type RevokeTickets func(ctx context.Context, tx *db.DB, who actor.Actor, device uuid.UUID, at time.Time) (int64, error)

// SetRevokeTickets says who revokes a lost phone's tickets; app calls it before serving.
func (s *Service) SetRevokeTickets(f RevokeTickets) { s.revokeTickets = f }

// Enrol gives a phone its credential, told once. Asked again by the same person it is a new secret and the old one ends.
// A phone that was reported lost comes back only with a login that is younger than the report.
func (s *Service) Enrol(ctx context.Context, who actor.Actor, token string, id uuid.UUID, name string) (secret string, fresh bool, err error) {
	if id == uuid.Nil {
		return "", false, fault.Field("id", "缺手机编号。")
	}
	if name = clip(name, 80); name == "" {
		name = "手机"
	}
	secret, _ = newToken("")
	now := s.now()
	return secret, fresh, s.db.InTx(ctx, func(tx *db.DB) error {
		if _, err := lockAccount(ctx, tx, who.ID); err != nil { // a leaving at this moment comes before or after
			return err
		}
		d, found, err := lockDevice(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case found && d.AccountID != who.ID:
			return fault.New(fault.Conflict, "device_taken", "这个手机编号已经登记在别人名下。")
		case found && d.RevokedAt != nil:
			if began, err := sessionBegan(ctx, tx, hashToken(token)); err != nil {
				return err
			} else if !began.After(*d.RevokedAt) {
				return fault.New(fault.Conflict, HeldRevoked, "这部手机已挂失。手机找回来了，请退出后重新登录一次。")
			}
		}
		if fresh = !found; fresh {
			if n, err := countDevices(ctx, tx, who.ID); err != nil {
				return err
			} else if n >= maxDevices {
				return fault.New(fault.Conflict, "too_many_devices", "名下登记的手机太多了。请先把不用的挂失。")
			}
		}
		if err := saveDevice(ctx, tx, id, who.ID, name, hashToken(web.DevicePrefix+secret), now); err != nil {
			return err
		}
		if err := tieSession(ctx, tx, hashToken(token), id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, now, who, "device.enrol", "device", id, map[string]any{"again": found, "found_again": found && d.RevokedAt != nil})
	})
}

// TieDevice notes that a login is on a phone of the person's own, so that the login ends when the phone is reported lost.
func (s *Service) TieDevice(ctx context.Context, who actor.Actor, token string, device uuid.UUID) error {
	return tieOwnSession(ctx, s.db, hashToken(token), who.ID, device)
}

// ProvePassword asks for the person's own password once more; Invalid on "password", TooMany after too many tries.
func (s *Service) ProvePassword(ctx context.Context, who actor.Actor, address, password string) error {
	return s.provePassword(ctx, who, address, "password", password)
}

// Devices lists phones: one's own; an office those of its people; county and administrator all.
func (s *Service) Devices(ctx context.Context, who actor.Actor) ([]Device, error) {
	list, err := listDevices(ctx, s.db, who)
	for i := range list {
		list[i].Account = DevicePerson{list[i].AccountID, list[i].AccountName}
	}
	return list, err
}

// Revoke reports a phone lost (挂失), in one deed: its credential ends, the logins known to be on it, and the unused
// tickets it carries. What it still holds is not lost: if it ever sends, that is held for the office. Again changes nothing.
func (s *Service) Revoke(ctx context.Context, who actor.Actor, id uuid.UUID, reason string) error {
	if reason = tidy(reason); reason == "" || utf8.RuneCountInString(reason) > 200 {
		return fault.Field("reason", "请写明挂失的原因，最多200个字。")
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		d, err := lockDeviceInSight(ctx, tx, who, id)
		if err != nil || d.RevokedAt != nil {
			return err
		}
		return s.revoke(ctx, tx, who, d.ID, reason)
	})
}

func (s *Service) revoke(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, reason string) error {
	now := s.now()
	if err := markRevoked(ctx, tx, id, who.Account(), reason, now); err != nil {
		return err
	}
	ended, err := endDeviceSessions(ctx, tx, id)
	if err != nil {
		return err
	}
	tickets, err := s.revokeTickets(ctx, tx, who, id, now)
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, now, who, "device.revoke", "device", id, map[string]any{"reason": reason, "sessions": ended, "tickets": tickets})
}

// revokeAll ends every phone of a person who leaves.
func (s *Service) revokeAll(ctx context.Context, tx *db.DB, who actor.Actor, account uuid.UUID) error {
	ids, err := lockDevicesOf(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.revoke(ctx, tx, who, id, "账号停用"); err != nil {
			return err
		}
	}
	return nil
}

// authenticateDevice resolves a phone's secret. A revoked phone, and the phone of someone who has left or moved up, is
// still known: its session says that what it submits is to be held.
func (s *Service) authenticateDevice(ctx context.Context, token string) (actor.Actor, web.Session, error) {
	if len(strings.TrimPrefix(token, web.DevicePrefix)) != 43 {
		return actor.Public, web.Session{}, signedOut()
	}
	hash, now := hashToken(token), s.now()
	d, err := readDeviceStanding(ctx, s.db, hash)
	if fault.KindOf(err) == fault.NotFound {
		err = signedOut()
	}
	if err != nil {
		return actor.Public, web.Session{}, err
	}
	if now.Sub(d.SeenAt) >= touchEvery {
		if err := touchDevice(ctx, s.db, d.DeviceID, now); err != nil {
			return actor.Public, web.Session{}, err
		}
	}
	who := actor.Actor{ID: d.ID, Role: d.Role, Name: d.Name, OfficeID: d.OfficeID, Certified: Certified(d.Certificate, d.CertificateUntil, s.day())}
	session := web.Session{Kind: web.KindDevice, DeviceID: uuid.NullUUID{UUID: d.DeviceID, Valid: true}, Held: d.held()}
	if session.Held != "" {
		who.Role, who.Certified = actor.Supervisor, false // it may knock; what it brings is held
	}
	return who, session, nil
}

func (d deviceStanding) held() string {
	switch {
	case d.RevokedAt != nil && d.Active:
		return HeldRevoked
	case !d.Active:
		return HeldLeft
	case d.Role != actor.Supervisor && d.Role != actor.Office:
		return HeldMoved
	}
	return ""
}
