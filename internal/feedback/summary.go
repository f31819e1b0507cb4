package feedback

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// MinShown is the smallest number of answers that a rated agency may see summed up (invariant 4).
const MinShown = 5

// lateDays is how long after its end a month still fills: a ticket lives seven days.
const lateDays = 8

// Sums are the figures of some counted answers (DOMAIN E.2, metrics).
type Sums struct {
	N         int     `db:"n" json:"n"`
	Score     float64 `db:"score" json:"score" doc:"mean of the overall mark times 20"`
	Satisfied float64 `db:"satisfied" json:"satisfied" doc:"percent with overall mark 3 to 5"`
	Poor      float64 `db:"poor" json:"poor" doc:"percent with overall mark 1 or 2"`
	R1        float64 `db:"r1" json:"r1"`
	R2        float64 `db:"r2" json:"r2"`
	R3        float64 `db:"r3" json:"r3"`
	R4        float64 `db:"r4" json:"r4"`
	R5        float64 `db:"r5" json:"r5"`
}

// Month sums the counted answers about one agency in one month of receipt; for the agency itself, in the whole months from
// Month to Until, which are published once and never change. Answers by wall code are in none of it.
type Month struct {
	AgencyID uuid.UUID `db:"agency_id" json:"agency_id"`
	Agency   string    `db:"agency" json:"agency"`
	Month    string    `db:"month" json:"month" doc:"2026-05"`
	Until    string    `db:"until" json:"until" doc:"the last month of the sum; the same as month but for an agency"`
	Sums
	Flagged *Sums    `db:"-" json:"flagged,omitempty" doc:"the answers that may have been written by others (疑似代评), counted apart; county and leader only"`
	Later   *int     `db:"-" json:"later,omitempty" doc:"second answers, kept and not counted; not for the agency"`
	Words   []string `db:"-" json:"words,omitempty" doc:"for the agency: what the office let it read of the free text"`
}

// lastEnded is the end of the last month that no longer fills.
func lastEnded(now time.Time) time.Time {
	t := now.In(clock.Shanghai).AddDate(0, 0, -lateDays)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, clock.Shanghai)
}

// Summary sums whole months for the desk. An agency reads what was published to it: periods of five answers and more that
// do not overlap and do not change, so that no two of its figures differ by fewer than five answers.
func (s *Service) Summary(ctx context.Context, who actor.Actor, from, to string) ([]Month, error) {
	if who.Is(actor.Agency) {
		if err := s.PublishPeriods(ctx); err != nil {
			return nil, err
		}
		return periodsOf(ctx, s.db, who, from, to)
	}
	months, err := monthsOf(ctx, s.db, who, from, to, s.now())
	if err != nil || !who.SeesCounty() {
		return months, err
	}
	return withFlagged(ctx, s.db, who, months, from, to)
}

// PublishPeriods closes what has ended: the months of an agency are joined, oldest first, until there are five answers.
// What is published stays; answers flagged, moved or entered afterwards change it no more.
func (s *Service) PublishPeriods(ctx context.Context) error {
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		open, err := unpublished(ctx, tx, lastEnded(at))
		if err != nil {
			return err
		}
		for _, p := range join(open) {
			if err := insertPeriod(ctx, tx, p, clock.Day(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// tally is one agency's month before it is divided.
type tally struct {
	AgencyID uuid.UUID `db:"agency_id"`
	Month    string    `db:"month"`
	until    string
	N        int `db:"n"`
	Overall  int `db:"overall"`
	Good     int `db:"good"`
	R1       int `db:"r1"`
	R2       int `db:"r2"`
	R3       int `db:"r3"`
	R4       int `db:"r4"`
	R5       int `db:"r5"`
}

// join makes periods of enough answers out of months in order; what is left over waits for the next month.
func join(months []tally) (out []tally) {
	slices.SortStableFunc(months, func(a, b tally) int {
		if c := slices.Compare(a.AgencyID[:], b.AgencyID[:]); c != 0 {
			return c
		}
		return compare(a.Month, b.Month)
	})
	var p tally
	for _, m := range months {
		if p.AgencyID != m.AgencyID {
			p = tally{AgencyID: m.AgencyID}
		}
		if p.N == 0 {
			p.Month = m.Month
		}
		p.until = m.Month
		p.N, p.Overall, p.Good = p.N+m.N, p.Overall+m.Overall, p.Good+m.Good
		p.R1, p.R2, p.R3, p.R4, p.R5 = p.R1+m.R1, p.R2+m.R2, p.R3+m.R3, p.R4+m.R4, p.R5+m.R5
		if p.N >= MinShown {
			out, p = append(out, p), tally{AgencyID: m.AgencyID}
		}
	}
	return out
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
