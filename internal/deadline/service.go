package deadline

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Service keeps the rules and the calendar.
type Service struct {
	db  *db.DB
	now clock.Clock

	refills []Refill
}

// New makes the service.
func New(d *db.DB, now clock.Clock) *Service { return &Service{db: d, now: now} }

// Today is the day it is in Shanghai.
func (s *Service) Today() Date { return DayOf(s.now()) }

// DayOf is the day of t in Shanghai.
func DayOf(t time.Time) Date { return Date(clock.Day(t)) }

// Due counts the rule in force on from. It may run inside a caller's transaction.
func (s *Service) Due(ctx context.Context, d *db.DB, code string, from Date) (DueSum, error) {
	rule, cal, err := load(ctx, d, code, from, from.Add(1))
	if err != nil {
		return DueSum{}, err
	}
	return Sum(rule, from, cal)
}

// DueStopped counts the rule in force on from, with the clock standing still in between.
func (s *Service) DueStopped(ctx context.Context, d *db.DB, code string, from Date, stops []Stop) (DueSum, error) {
	if !from.Valid() {
		return s.Due(ctx, d, code, from)
	}
	last := from
	for _, x := range stops {
		last = max(last, x.Until)
	}
	rule, cal, err := load(ctx, d, code, from, last)
	if err != nil {
		return DueSum{}, err
	}
	if reach := last.Add(2*rule.Value + 30); reach.Year() > from.Add(2*rule.Value+30).Year() {
		if cal, err = calendarBetween(ctx, d, from.Year(), reach.Year()); err != nil {
			return DueSum{}, err
		}
	}
	return SumStopped(rule, from, stops, cal)
}

// DueTo shows the sum up to a day that a letter sets itself.
func (s *Service) DueTo(ctx context.Context, d *db.DB, code string, from, due Date) (DueSum, error) {
	rule, cal, err := load(ctx, d, code, from, due)
	if err != nil {
		return DueSum{}, err
	}
	return SumTo(rule, from, due, cal)
}

func load(ctx context.Context, d *db.DB, code string, from, to Date) (Rule, Calendar, error) {
	if !from.Valid() || !to.Valid() {
		return Rule{}, Calendar{}, fault.Field("from", "日期要写成2026-05-14这样")
	}
	rule, err := ruleOn(ctx, d, code, from)
	if err != nil {
		return Rule{}, Calendar{}, err
	}
	cal, err := calendarBetween(ctx, d, from.Year(), max(to.Year(), from.Add(2*rule.Value+30).Year()))
	return rule, cal, err
}

// Calendar reads the years that a working-day question from day on may touch.
func (s *Service) Calendar(ctx context.Context, from Date) (Calendar, error) {
	return calendarBetween(ctx, s.db, from.Year(), from.Year()+1)
}

// SetRule puts a new value of a rule in force from a day on, today at the earliest; the county only. What was counted before
// keeps its sum. Version is the newest the person looked at; 0 from callers that do not say.
func (s *Service) SetRule(ctx context.Context, who actor.Actor, r Rule) (Rule, error) {
	if !who.Is(actor.County) {
		return Rule{}, fault.Denied()
	}
	if r.EffectiveFrom == "" {
		r.EffectiveFrom = s.Today()
	}
	if err := r.check(); err != nil {
		return Rule{}, err
	}
	if r.EffectiveFrom < s.Today() {
		return Rule{}, fault.Field("effective_from", "生效日期不能早于今天：以前的期限已经按旧规则算好")
	}
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		was, err := latestRule(ctx, tx, r.Code)
		if err != nil {
			return err
		}
		if r.Version != 0 && r.Version != was.Version {
			return fault.Stale()
		}
		r.Event, r.Version = was.Event, was.Version+1
		if err := saveRule(ctx, tx, who, r); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "deadline.set_rule", "deadline_rule", uuid.Nil, map[string]any{
			"code": r.Code, "version": r.Version, "reason": r.Reason, "effective_from": r.EffectiveFrom, "from": map[string]any{"value": was.Value, "unit": was.Unit}, "to": map[string]any{"value": r.Value, "unit": r.Unit}})
	})
	return r, err
}

// Year is one year of the calendar as it is kept.
type Year struct {
	Year    int         `db:"year" json:"year"`
	Source  string      `db:"source" json:"source"`
	Version int         `db:"version" json:"version"`
	Days    []Exception `json:"days" nullable:"false"`
}

// SetYear writes a year's holidays and 调休 whole; the county only. Version is the one the person looked at, 0 for a new year.
func (s *Service) SetYear(ctx context.Context, who actor.Actor, y Year) (Year, error) {
	if !who.Is(actor.County) {
		return Year{}, fault.Denied()
	}
	if err := checkYear(y); err != nil {
		return Year{}, err
	}
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		if err := saveYear(ctx, tx, s.now(), y); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, s.now(), who, "deadline.set_year", "calendar_year", uuid.Nil, map[string]any{"year": y.Year, "version": y.Version + 1, "days": len(y.Days)}); err != nil {
			return err
		}
		return s.refill(ctx, tx)
	})
	y.Version++
	return y, err
}

func checkYear(y Year) error {
	if y.Year < 2000 || y.Year > 2099 {
		return fault.Field("year", "年份要在2000到2099之间")
	}
	if len(y.Days) == 0 || len(y.Days) > 120 {
		return fault.Field("days", "把全年的放假和调休都写上，1到120天")
	}
	if n := len([]rune(y.Source)); n < 2 || n > 100 {
		return fault.Field("source", "写明出处，比如国务院办公厅通知的文号")
	}
	seen := map[Date]bool{}
	for i, d := range y.Days {
		at := fmt.Sprintf("days[%d]", i)
		switch n := len([]rune(d.Name)); {
		case !d.Day.Valid() || d.Day.Year() != y.Year:
			return fault.Field(at+".day", fmt.Sprintf("第%d天不是%d年的日期", i+1, y.Year))
		case seen[d.Day]:
			return fault.Field(at+".day", string(d.Day)+"写了两次")
		case n < 1 || n > 20:
			return fault.Field(at+".name", "写明是什么节日或调休，最多20字")
		}
		seen[d.Day] = true
	}
	return nil
}

// LoadKnown adds the years that the built-in library knows and the database does not, at start: a newer library brings
// a newer year. Years already there stay as they are, the county may have corrected them. It returns what it added.
func (s *Service) LoadKnown(ctx context.Context) ([]int, error) {
	var added []int
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		have, err := loadedYears(ctx, tx)
		if err != nil {
			return err
		}
		for y := 2024; y <= s.Today().Year()+1; y++ {
			days := Known(y)
			if have[y] > 0 || len(days) == 0 {
				continue
			}
			if err := saveYear(ctx, tx, s.now(), Year{Year: y, Source: Source, Days: days}); err != nil {
				return err
			}
			if err := audit.Append(ctx, tx, s.now(), actor.System, "deadline.load_year", "calendar_year", uuid.Nil, map[string]any{"year": y}); err != nil {
				return err
			}
			added = append(added, y)
		}
		if len(added) == 0 {
			return nil
		}
		return s.refill(ctx, tx)
	})
	return added, err
}
