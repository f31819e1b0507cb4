package problem

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Service keeps the register.
type Service struct {
	db        *db.DB
	now       clock.Clock
	deadlines *deadline.Service
	evidence  *evidence.Service
}

// New makes the service.
func New(d *db.DB, now clock.Clock, deadlines *deadline.Service, files *evidence.Service) *Service {
	db.Constraint("problems_agency_id_fkey", "agency_id", "没有这个执法单位")
	db.Constraint("problems_office_id_fkey", "office_id", "没有这个司法所")
	return &Service{db: d, now: now, deadlines: deadlines, evidence: files}
}

// Act does one deed of the life-cycle: the problem is locked in its scope, the rule decides, and row, event, photos and
// audit are written together. version is the one the person looked at. What it gives is the problem as who sees it.
func (s *Service) Act(ctx context.Context, who actor.Actor, d Deed, id uuid.UUID, version int, in Input) (any, error) {
	err := s.db.InTx(ctx, func(tx *db.DB) error { return s.act(ctx, tx, who, d, id, version, in) })
	if err != nil {
		return nil, err
	}
	return s.Seen(ctx, who, id)
}

func (s *Service) act(ctx context.Context, tx *db.DB, who actor.Actor, d Deed, id uuid.UUID, version int, in Input) error {
	now := s.now()
	was, err := lockProblem(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if was.versionFor(who) != version {
		return fault.Stale()
	}
	in.clean()
	if (d == Order || d == Hasten) && was.FromVoice() {
		if in.Round, err = s.roundOf(ctx, tx, was, now); err != nil {
			return err
		}
	}
	if err := was.Check(d, who, in, deadline.DayOf(now)); err != nil {
		return err
	}
	if in.Sum, err = s.count(ctx, tx, was.dueFor(d, in, deadline.DayOf(now))); err != nil {
		return err
	}
	p, ev, err := was.Take(d, who, in, now)
	if err != nil {
		return err
	}
	if was.OrderedAt == nil && p.OrderedAt != nil {
		if p.AgencyNumber, err = takeNumber(ctx, tx, seriesAgency, now); err != nil {
			return err
		}
	}
	if err := saveProblem(ctx, tx, p); err != nil {
		return err
	}
	if err := s.attach(ctx, tx, who, was, in.Photos, d, d == Deidentify || who.Is(actor.Agency)); err != nil {
		return err
	}
	if err := appendEvent(ctx, tx, id, who, ev, now); err != nil {
		return err
	}
	return audit.Append(ctx, tx, now, who, "problem."+strings.ReplaceAll(string(d), "-", "_"), "problem", id,
		map[string]any{"from": was.State, "to": p.State, "version": p.Version + 1})
}

func (s *Service) count(ctx context.Context, tx *db.DB, due dueNeed) (deadline.DueSum, error) {
	switch {
	case !due.needed:
		return deadline.DueSum{}, nil
	case due.to == "":
		return s.deadlines.Due(ctx, tx, due.rule, due.from)
	default:
		return s.deadlines.DueTo(ctx, tx, due.rule, due.from, due.to)
	}
}

// clean takes the blanks off the ends of what was typed.
func (in *Input) clean() {
	for _, t := range []*string{&in.Text, &in.Note, &in.Measures, &in.Result, &in.Responsible, &in.Reason, &in.OverrideReason, &in.UrgentReason, &in.Conclusion, &in.To, &in.Letter} {
		*t = strings.TrimSpace(*t)
	}
}

// Seen is the problem as who may see it: an AgencyView for the agency, a View for the office and the county.
func (s *Service) Seen(ctx context.Context, who actor.Actor, id uuid.UUID) (any, error) {
	if who.Is(actor.Agency) {
		return s.ForAgency(ctx, who, id)
	}
	return s.Get(ctx, who, id)
}

// near is the last day that counts as near due: within three working days, or five days where the calendar ends.
func (s *Service) near(ctx context.Context, today deadline.Date) (deadline.Date, deadline.Calendar, error) {
	cal, err := s.deadlines.Calendar(ctx, today)
	if err != nil {
		return "", cal, err
	}
	if d, err := cal.WorkingDaysAfter(today, 3); err == nil {
		return d, cal, nil
	}
	return today.Add(5), cal, nil
}

// day is t's day for people, empty when there is none.
func day(t *time.Time) deadline.Date {
	if t == nil {
		return ""
	}
	return deadline.DayOf(*t)
}
