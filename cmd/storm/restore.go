package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"time"
)

// The database is put back to an earlier day, with the store as it is: what was acknowledged in between is gone from the
// server, and comes again from the phones, which keep what was received for seven days and report it.

// backup stops the database for a moment and copies its data. It is done once, before the restore.
func backup(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
	s.bed.pg.end(syscall.SIGINT)
	if err := s.bed.pg.snapshot(filepath.Join(s.bed.dir, "pg", "backup")); err != nil {
		return true, err
	}
	s.backup.Store(true)
	s.backedUp = time.Now()
	return true, s.bed.pg.up(ctx)
}

// restore puts the backup back while both instances are down, as an operator would.
func restore(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
	if s.backedUp.IsZero() {
		return false, nil
	}
	s.public.Lock()
	defer s.public.Unlock()
	for i := range s.bed.apps {
		s.bed.apps[i].end(syscall.SIGTERM)
	}
	s.mu.Lock() // nothing is written down while the world changes
	before, err := s.counted(ctx)
	if err == nil {
		s.bed.pg.end(syscall.SIGINT)
		if err = s.bed.pg.back(filepath.Join(s.bed.dir, "pg", "backup")); err == nil {
			err = s.bed.pg.up(ctx)
		}
	}
	if err == nil {
		err = s.forgetAfter(ctx, before)
	}
	s.mu.Unlock()
	if err != nil {
		return true, err
	}
	for i := range s.bed.apps {
		if err := s.bed.appUp(ctx, i); err != nil {
			return true, err
		}
	}
	return true, nil
}

// publicAnswers: a bad answer raises its lead when its hour is settled, perhaps after the restore, so the answers are counted.
type publicAnswers struct {
	Kept int `db:"kept"`
	Bad  int `db:"bad"`
}

func (s *storm) counted(ctx context.Context) (a publicAnswers, err error) {
	const q = `SELECT (SELECT count(*) FROM feedbacks) AS kept, (SELECT count(*) FROM feedbacks WHERE bad) AS bad`
	return a, s.bed.owner.Get(ctx, &a, q)
}

// forgetAfter takes out of the books what no phone can bring again: receipts of the days between, which are issued anew,
// and customers' answers, which their browsers do not keep. The latter are the loss that a restore has.
func (s *storm) forgetAfter(ctx context.Context, before publicAnswers) error {
	after, err := s.counted(ctx)
	if err != nil {
		return err
	}
	s.answersGone, s.badGone = before.Kept-after.Kept, before.Bad-after.Bad
	var codes []string
	if err := s.bed.owner.Select(ctx, &codes, `SELECT code FROM receipts`); err != nil {
		return err
	}
	there := map[string]bool{}
	for _, c := range codes {
		there[c] = true
	}
	for code, sheet := range s.codes {
		if !there[code] {
			s.void[code] = true
			delete(s.codes, code)
			delete(s.receipts, sheet)
		}
	}
	s.restored = time.Now()
	return nil
}
