package problem

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// ReleaseOrders serves the orders that waited for their company: everything handed in before the last Monday hour whose round
// had been over for its time by then, each agency's in random order and in one moment. A round that fails does not keep the
// others. It may be called at any time and as often as one likes.
func (s *Service) ReleaseOrders(ctx context.Context) error {
	moment := lastRelease(s.now())
	places, err := placesQueued(ctx, s.db, moment)
	if err != nil {
		return err
	}
	var failed []error
	for _, pl := range places {
		if err := s.releasePlace(ctx, pl, moment); err != nil {
			failed = append(failed, fmt.Errorf("release of %s: %w", pl.AgencyID, err))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) releasePlace(ctx context.Context, pl place, moment time.Time) error {
	var stuck []error
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		if err := lockRelease(ctx, tx); err != nil {
			return err
		}
		until, err := s.closeRounds(ctx, tx, pl, moment)
		if err != nil || until == "" {
			return err
		}
		list, err := lockQueued(ctx, tx, pl, moment, until)
		if err != nil {
			return err
		}
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }) // #nosec G404 -- seeded by the system
		now := s.now()
		for _, p := range list {
			failed, err := s.serveAlone(ctx, tx, p, now)
			if err != nil {
				return err
			}
			stuck = append(stuck, failed)
		}
		return nil
	})
	return errors.Join(append(stuck, err)...)
}

// serveAlone serves one letter of a batch: where it cannot leave, the desk reads why, and the others leave without it.
func (s *Service) serveAlone(ctx context.Context, tx *db.DB, p Problem, now time.Time) (failed, err error) {
	failed, err = alone(ctx, tx, func() error { return s.serveQueued(ctx, tx, p, now) })
	if failed == nil || err != nil {
		return failed, err
	}
	return fmt.Errorf("problem %s: %w", p.Number, failed), noteFault(ctx, tx, p.ID, faultWords(failed))
}

func faultWords(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Words != "" {
		return f.Words
	}
	return "系统出错，没有发出。请告诉管理员。"
}

// closeRounds writes down the rounds that are over for long enough and gives the last day of the newest.
func (s *Service) closeRounds(ctx context.Context, tx *db.DB, pl place, moment time.Time) (deadline.Date, error) {
	known, err := lastRound(ctx, tx, pl)
	if err != nil {
		return "", err
	}
	all, err := inspectedSince(ctx, tx, pl, known, moment)
	if err != nil {
		return "", err
	}
	for _, r := range join(all) {
		if r.Until == "" || r.Leaves() > deadline.DayOf(moment) {
			break
		}
		if err := insertRound(ctx, tx, pl, r, s.now()); err != nil {
			return "", err
		}
		known = r.Until
	}
	return known, nil
}

// serveQueued does the order that a person handed in, in that person's name and in the post she had that day: one who has been
// given another since, or has left, still signed it.
func (s *Service) serveQueued(ctx context.Context, tx *db.DB, p Problem, now time.Time) error {
	who := actor.Actor{ID: p.QueuedBy.UUID, Role: p.QueuedRole, OfficeID: p.QueuedOffice}
	var err error
	in := Input{Rung: p.QueuedRung, Note: p.QueuedNote, ServedOn: deadline.DayOf(now), Released: true}
	if in.Sum, err = s.count(ctx, tx, p.dueFor(Order, in, deadline.DayOf(now))); err != nil {
		return err
	}
	after, ev, err := p.Take(Order, who, in, now)
	if err != nil {
		return err
	}
	if after.AgencyNumber, err = takeNumber(ctx, tx, seriesAgency, now); err != nil {
		return err
	}
	after.HandlerID = p.HandlerID
	if err := saveProblem(ctx, tx, after); err != nil {
		return err
	}
	if err := appendEvent(ctx, tx, p.ID, who, ev, now); err != nil {
		return err
	}
	return audit.Append(ctx, tx, now, actor.System, "problem.order", "problem", p.ID, map[string]any{"from": p.State, "to": after.State, "version": after.Version + 1, "handed_in_by": p.QueuedBy})
}

// roundOf is the company of a voice as it stands now.
func (s *Service) roundOf(ctx context.Context, d *db.DB, p Problem, now time.Time) (Round, error) {
	pl := placeOf(p)
	r, found, err := closedRound(ctx, d, pl, p.FoundOn)
	if err != nil || found {
		return r, err
	}
	last, err := lastRound(ctx, d, pl)
	if err != nil {
		return r, err
	}
	all, err := inspectedSince(ctx, d, pl, last, now)
	if err != nil {
		return r, err
	}
	for _, r := range join(all) {
		if r.holds(p.FoundOn) {
			return r, nil
		}
	}
	return Round{}, nil
}

// release is what the desk is told of a voice that was not ordered yet; nil for the rest.
func (s *Service) release(ctx context.Context, p Problem) (*Release, error) {
	if !p.FromVoice() || p.State != Confirmed {
		return nil, nil
	}
	now := s.now()
	r, err := s.roundOf(ctx, s.db, p, now)
	if err != nil {
		return nil, err
	}
	out := &Release{Queued: p.QueuedAt != nil, Rung: p.QueuedRung, QueuedAt: p.QueuedAt, Businesses: r.Businesses, Needed: enough, From: r.From, Until: r.Until, Words: r.Words(), Fault: p.QueueFault}
	if out.LeavesOn = r.Leaves(); out.LeavesOn != "" {
		if next := deadline.DayOf(lastRelease(now)).Add(7); out.LeavesOn < next { // its Monday is gone: the next one
			out.LeavesOn = next
		}
	}
	out.LongWait = r.Until == "" && p.QueuedAt != nil && now.Sub(*p.QueuedAt) > longWait*24*time.Hour
	return out, nil
}

// place is whose diary counts: an agency's, in the townships of one office; the zero office is the county with all of them.
type place struct {
	AgencyID uuid.UUID `db:"agency_id"`
	OfficeID uuid.UUID `db:"office_id"`
}

func placeOf(p Problem) place { return place{p.AgencyID, p.OfficeID.UUID} }
