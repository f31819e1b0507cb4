// Package demo fills an empty database with a county that lives: people and places, a year that ended with the figures
// of DOMAIN section H, and work of the last weeks in every state. All of it goes through the services with the clock
// set, so that numbers, events, receipts and the trail are real.
package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/app"
	"suixing/internal/deadline"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/config"
	"suixing/internal/platform/db"
	"suixing/internal/visit"
)

// Ground is what the demo is made on.
type Ground struct {
	Config  config.Config
	DB      *db.DB
	Vault   *db.DB
	Store   blob.Store
	Log     *slog.Logger
	Version string
}

// maker makes demo data at times it sets itself.
type maker struct {
	app   *app.App
	clock *clock.Manual
	today time.Time // 09:00 in Shanghai on the day the demo is made
	ppl   People
	rng   *rand.Rand
	list  visit.Checklist
	shots []shot
	log   *slog.Logger
}

// Begin settles the people of an empty database and gives the work that fills the rest; nil when there is nothing to do.
// The rest may run while the server already answers.
func Begin(ctx context.Context, g Ground) (func(ctx context.Context) error, error) {
	now := clock.Real()
	c := clock.NewManual(now)
	a, err := app.New(ctx, app.Deps{Config: g.Config, DB: g.DB, Vault: g.Vault, Store: g.Store, Now: c.Now, Log: quiet(g.Log), Version: g.Version})
	if err != nil {
		return nil, err
	}
	if there, err := a.Directory.Directory(ctx, actor.System); err != nil || len(there.Offices) > 0 {
		return nil, err
	}
	m := &maker{app: a, clock: c, today: morning(now), rng: rand.New(rand.NewPCG(2026, 5)), log: g.Log}
	c.Set(m.today.AddDate(-2, 0, 0))
	if m.ppl, err = Settle(ctx, a); err != nil {
		return nil, err
	}
	return m.fill, nil
}

// Fill does all of it before it returns.
func Fill(ctx context.Context, g Ground) error {
	rest, err := Begin(ctx, g)
	if err != nil || rest == nil {
		return err
	}
	return rest(ctx)
}

// quiet leaves the demo's own requests out of the log.
func quiet(l *slog.Logger) *slog.Logger {
	return slog.New(levelOnly{l.Handler()})
}

type levelOnly struct{ slog.Handler }

func (h levelOnly) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func morning(t time.Time) time.Time {
	y, mo, d := t.In(clock.Shanghai).Date()
	return time.Date(y, mo, d, 9, 0, 0, 0, clock.Shanghai)
}

func (m *maker) fill(ctx context.Context) error {
	start := time.Now()
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"calendar", m.calendar}, {"checklist", m.checklist}, {"photos", m.draw}, {"last year", m.lastYear}, {"these weeks", m.theseWeeks}, {"call-backs", m.callbacks}, {"plans", m.plans}, {"phones", m.phones}, {"letters", m.letters},
	} {
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("demo data, %s: %w", part.name, err)
		}
	}
	m.log.Info("demo data is complete", "seconds", int(time.Since(start).Seconds()))
	return nil
}

// calendar covers the next months. For a year whose holidays are not published yet the demo takes the fixed ones and says so.
func (m *maker) calendar(ctx context.Context) error {
	m.clock.Set(m.today)
	next := m.today.AddDate(0, 4, 0).Year()
	for year := m.today.Year() - 1; year <= next; year++ {
		y, err := m.app.Deadline.CalendarYear(ctx, actor.System, year)
		if err == nil && y.Version > 0 {
			continue
		}
		var days []deadline.Exception
		for _, d := range []struct{ day, name string }{{"01-01", "元旦"}, {"05-01", "劳动节"}, {"05-02", "劳动节"}, {"10-01", "国庆节"}, {"10-02", "国庆节"}, {"10-03", "国庆节"}} {
			days = append(days, deadline.Exception{Day: deadline.Date(fmt.Sprintf("%d-%s", year, d.day)), Working: false, Name: d.name})
		}
		county := m.ppl.Accounts["county"]
		if _, err := m.app.Deadline.SetYear(ctx, county, deadline.Year{Year: year, Source: "演示数据：只含固定节日，正式安排公布后请重新录入", Days: days}); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) checklist(ctx context.Context) error {
	pack, _, err := m.app.Visit.FieldPack(ctx, m.ppl.Accounts["supervisor"])
	m.list = pack.Checklist
	return err
}

// on gives a time on a day before (or after) today, at an hour in Shanghai.
func (m *maker) on(days int, hour int) time.Time {
	return m.today.AddDate(0, 0, days).Add(time.Duration(hour-9)*time.Hour + time.Duration(m.rng.IntN(50))*time.Minute)
}

// workday moves a day to the next Monday when it is a weekend: nobody inspects on Sundays.
func workday(t time.Time) time.Time {
	for day := t.In(clock.Shanghai).Weekday(); day == time.Saturday || day == time.Sunday; day = t.In(clock.Shanghai).Weekday() {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

func id() uuid.UUID { return uuid.Must(uuid.NewV7()) }
