package deadline

import (
	"context"
	"time"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

const ruleColumns = `code, to_char(effective_from, 'YYYY-MM-DD') AS effective_from, event, value, unit, basis, strength, version, reason`

func ruleOn(ctx context.Context, d *db.DB, code string, on Date) (Rule, error) {
	const q = `SELECT ` + ruleColumns + ` FROM deadline_rules WHERE code = $1 AND effective_from <= $2 ORDER BY deadline_rules.effective_from DESC LIMIT 1`
	var r Rule
	err := d.Get(ctx, &r, q, code, string(on))
	if fault.KindOf(err) == fault.NotFound {
		return r, fault.Field("rule", "没有这条期限规则，或者那一天它还没有生效")
	}
	return r, err
}

// latestRule is the newest rule of a code, with the number of the code's last change. It holds all of them.
func latestRule(ctx context.Context, tx *db.DB, code string) (Rule, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM deadline_rules WHERE code = $1 ORDER BY effective_from FOR UPDATE`, code); err != nil {
		return Rule{}, err
	}
	const q = `SELECT code, to_char(effective_from, 'YYYY-MM-DD') AS effective_from, event, value, unit, basis, strength, (SELECT max(version) FROM deadline_rules WHERE code = $1) AS version, reason
		FROM deadline_rules WHERE code = $1 ORDER BY deadline_rules.effective_from DESC LIMIT 1`
	var r Rule
	return r, tx.Get(ctx, &r, q, code)
}

func saveRule(ctx context.Context, tx *db.DB, who actor.Actor, r Rule) error {
	const q = `INSERT INTO deadline_rules (code, effective_from, event, value, unit, basis, strength, changed_by, version, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (code, effective_from) DO UPDATE SET value = EXCLUDED.value, unit = EXCLUDED.unit, basis = EXCLUDED.basis, strength = EXCLUDED.strength, changed_by = EXCLUDED.changed_by,
			version = EXCLUDED.version, reason = EXCLUDED.reason`
	_, err := tx.Exec(ctx, q, r.Code, string(r.EffectiveFrom), r.Event, r.Value, r.Unit, r.Basis, r.Strength, who.Account(), r.Version, r.Reason)
	return err
}

// Rules lists every version of every rule, the newest of each first. Anyone signed in may see how a deadline is counted.
func (s *Service) Rules(ctx context.Context, _ actor.Actor) ([]Rule, error) {
	const q = `SELECT ` + ruleColumns + ` FROM deadline_rules ORDER BY code, deadline_rules.effective_from DESC LIMIT 1000`
	rules := []Rule{}
	return rules, s.db.Select(ctx, &rules, q)
}

func loadedYears(ctx context.Context, d *db.DB) (map[int]int, error) {
	return yearsBetween(ctx, d, 0, 9999)
}

func yearsBetween(ctx context.Context, d *db.DB, first, last int) (map[int]int, error) {
	var rows []struct {
		Year    int `db:"year"`
		Version int `db:"version"`
	}
	if err := d.Select(ctx, &rows, `SELECT year, version FROM calendar_years WHERE year BETWEEN $1 AND $2`, first, last); err != nil {
		return nil, err
	}
	years := map[int]int{}
	for _, r := range rows {
		years[r.Year] = r.Version
	}
	return years, nil
}

func calendarBetween(ctx context.Context, d *db.DB, first, last int) (Calendar, error) {
	years, err := yearsBetween(ctx, d, first, last)
	if err != nil {
		return Calendar{}, err
	}
	var days []Exception
	const q = `SELECT to_char(day, 'YYYY-MM-DD') AS day, working, name FROM calendar_days WHERE year BETWEEN $1 AND $2`
	if err := d.Select(ctx, &days, q, first, last); err != nil {
		return Calendar{}, err
	}
	return NewCalendar(years, days), nil
}

// CalendarYear reads one year; a year that is not loaded is refused in the same loud words as a sum.
func (s *Service) CalendarYear(ctx context.Context, _ actor.Actor, year int) (Year, error) {
	y := Year{Days: []Exception{}}
	err := s.db.Get(ctx, &y, `SELECT year, source, version FROM calendar_years WHERE year = $1`, year)
	if fault.KindOf(err) == fault.NotFound {
		return y, NoCalendar(year)
	}
	if err != nil {
		return y, err
	}
	const q = `SELECT to_char(day, 'YYYY-MM-DD') AS day, working, name FROM calendar_days WHERE year = $1 ORDER BY calendar_days.day`
	return y, s.db.Select(ctx, &y.Days, q, year)
}

func saveYear(ctx context.Context, tx *db.DB, at time.Time, y Year) error {
	const insert = `INSERT INTO calendar_years (year, source, loaded_at, version) VALUES ($1, $2, $3, 1) ON CONFLICT (year) DO NOTHING`
	const update = `UPDATE calendar_years SET source = $2, loaded_at = $3, version = version + 1 WHERE year = $1 AND version = $4`
	args := []any{y.Year, y.Source, at}
	q := insert
	if y.Version > 0 {
		q, args = update, append(args, y.Version)
	}
	n, err := tx.Exec(ctx, q, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Stale()
	}
	if _, err := tx.Exec(ctx, `DELETE FROM calendar_days WHERE year = $1`, y.Year); err != nil {
		return err
	}
	for _, d := range y.Days {
		if _, err := tx.Exec(ctx, `INSERT INTO calendar_days (day, year, working, name) VALUES ($1, $2, $3, $4)`, string(d.Day), y.Year, d.Working, d.Name); err != nil {
			return err
		}
	}
	return nil
}
