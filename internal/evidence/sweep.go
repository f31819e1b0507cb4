package evidence

import (
	"context"
	"errors"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/defect"
)

const (
	// orphanAge is how long bytes may lie without a record: an upload whose row was never written, a form never sent.
	orphanAge = 7 * 24 * time.Hour
	// trashAge is how long swept bytes can still be put back: far longer than any request lasts.
	trashAge   = 24 * time.Hour
	trash      = "trash"
	sweepBatch = 500
)

// Sweep removes what nobody can ask for: photos from public forms that were never sent, and objects without a row, both
// after seven days. An upload of the very photo may be under way meanwhile, its object stored and its row not yet
// written. So bytes are first set aside, and a day later either put back, if a row has come to be, or removed.
// Several servers may sweep at once; every step can be repeated.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.forget(ctx, s.now().Add(-orphanAge)); err != nil {
		return err
	}
	machine := clock.Real() // the age of an object is by the machine's clock, whatever the app's says
	if err := s.emptyTrash(ctx, machine.Add(-trashAge)); err != nil {
		return err
	}
	for _, prefix := range []string{blob.Original(""), "derived/" + view + "/", "derived/" + thumb + "/"} {
		keys, err := s.orphans(ctx, prefix, machine.Add(-orphanAge))
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := s.setAside(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget drops the rows of public photos that no record declares. It waits for manifests in the making, see Declare.
func (s *Service) forget(ctx context.Context, before time.Time) error {
	for {
		list, err := abandoned(ctx, s.db, before, sweepBatch)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, sha := range list {
			if err := s.db.InTx(ctx, func(tx *db.DB) error { return forgetPhoto(ctx, tx, sha) }); err != nil {
				return err
			}
		}
	}
}

// orphans lists the objects below prefix, older than before, whose photo has no row.
func (s *Service) orphans(ctx context.Context, prefix string, before time.Time) ([]string, error) {
	var out, batch []string
	check := func() error {
		lost, err := s.Missing(ctx, s.db, batch)
		if defect.On("sweep_referenced") {
			lost = batch
		}
		for _, sha := range lost {
			out = append(out, prefix+sha)
		}
		batch = batch[:0]
		return err
	}
	err := s.store.Walk(ctx, prefix, func(key string, _ int64, mod time.Time) error {
		if mod.After(before) {
			return nil
		}
		if batch = append(batch, key[len(prefix):]); len(batch) < sweepBatch {
			return nil
		}
		return check()
	})
	if err == nil && len(batch) > 0 {
		err = check()
	}
	return out, err
}

// setAside takes an object out of its place; originals are kept a while longer, copies can be drawn again.
func (s *Service) setAside(ctx context.Context, key string) error {
	sha := key[len(key)-64:]
	if key == blob.Original(sha) {
		if err := s.copyObject(ctx, key, blob.Derived(trash, sha)); err != nil {
			if errors.Is(err, blob.ErrNotFound) { // another server was quicker
				return nil
			}
			return err
		}
	}
	return s.store.Delete(ctx, key)
}

// emptyTrash decides on what was set aside before: back to its place if a row has come, else away for good.
func (s *Service) emptyTrash(ctx context.Context, before time.Time) error {
	var keys []string
	prefix := "derived/" + trash + "/"
	err := s.store.Walk(ctx, prefix, func(key string, _ int64, mod time.Time) error {
		if mod.Before(before) {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		sha := key[len(prefix):]
		lost, err := s.Missing(ctx, s.db, []string{sha})
		if err != nil {
			return err
		}
		_, there := s.store.Stat(ctx, blob.Original(sha))
		if len(lost) == 0 && errors.Is(there, blob.ErrNotFound) && !defect.On("sweep_referenced") {
			if err := s.copyObject(ctx, key, blob.Original(sha)); err != nil {
				return err
			}
		} else if there != nil && !errors.Is(there, blob.ErrNotFound) {
			return there
		}
		if err := s.store.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) copyObject(ctx context.Context, from, to string) error {
	r, size, err := s.store.Get(ctx, from)
	if err != nil {
		return err
	}
	defer r.Close()
	return s.store.Put(ctx, to, r, size)
}
