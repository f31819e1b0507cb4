package deadline

import (
	"context"

	"suixing/internal/platform/db"
)

// Refill counts the dates that a feature's own records were kept without, because a year's calendar was not there yet.
// It leaves alone what cannot be counted even now, and what has a date.
type Refill func(ctx context.Context, tx *db.DB) error

// AddRefill names one who keeps such records; the app hands it over.
func (s *Service) AddRefill(f Refill) { s.refills = append(s.refills, f) }

// RefillDates does it for all. It runs with every calendar year that is saved, and now and then beside the requests: a record
// that was on its way while the year was saved is found then.
func (s *Service) RefillDates(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *db.DB) error { return s.refill(ctx, tx) })
}

func (s *Service) refill(ctx context.Context, tx *db.DB) error {
	for _, f := range s.refills {
		if err := f(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
