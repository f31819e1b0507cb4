package account

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// HandOver moves what one feature keeps in a person's name to the successor, inside the leaving's transaction, and tells
// how many records it moved. The features pass theirs in through app.
type HandOver func(ctx context.Context, tx *db.DB, from, to uuid.UUID, at time.Time) (int, error)

// Options are what the service needs beside database and clock.
type Options struct {
	Key       []byte // 32 secret bytes, the same on every server
	Issuer    string // how the code app names us; empty: 随行
	Demo      bool   // demo accounts may exist
	HandOvers []HandOver
}

// Service is the use-cases of people who log in.
type Service struct {
	db     *db.DB
	now    clock.Clock
	opt    Options
	keys   secrets
	hasher *hasher
	turns  chan struct{} // who waits for the answers of others
	// revokeTickets is another feature's; without it a phone carries no tickets
	revokeTickets RevokeTickets
}

// New makes the service.
func New(d *db.DB, now clock.Clock, opt Options) (*Service, error) {
	keys, err := newSecrets(opt.Key)
	if err != nil {
		return nil, err
	}
	if opt.Issuer == "" {
		opt.Issuer = "随行"
	}
	db.Constraint("accounts_username_key", "username", "这个账号已经有人用了。")
	db.Constraint("accounts_username_check", "username", "账号用2到32位小写字母、数字和“.”“_”“-”，以字母或数字开头。")
	db.Constraint("accounts_office_id_fkey", "office_id", "找不到这个司法所。")
	db.Constraint("accounts_agency_id_fkey", "agency_id", "找不到这个执法单位。")
	db.Constraint("accounts_place", "office_id", "司法所的岗位要选司法所，别的岗位不选。")
	db.Constraint("accounts_agency", "agency_id", "执法单位的岗位要选单位，别的岗位不选。")
	none := func(context.Context, *db.DB, actor.Actor, uuid.UUID, time.Time) (int64, error) { return 0, nil }
	return &Service{db: d, now: now, opt: opt, keys: keys, hasher: newHasher(), turns: make(chan struct{}, turnsMost), revokeTickets: none}, nil
}

// AddHandOver adds a feature's hand-over; app calls it before serving.
func (s *Service) AddHandOver(h HandOver) { s.opt.HandOvers = append(s.opt.HandOvers, h) }

func (s *Service) day() string { return clock.Day(s.now()) }

// Sweep removes ended sessions and forgotten tries; a job runs it every hour.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return errors.Join(sweepSessions(ctx, s.db, now), sweepThrottle(ctx, s.db, now.Add(-pairMemory), now.Add(-knownMemory)))
}
