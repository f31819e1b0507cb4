package demo

import (
	"context"
	"time"

	"suixing/internal/feedback"
	"suixing/internal/platform/clock"
)

// callbacks are three months of last year drawn and rung through, and last month's draw with the calls just begun.
func (m *maker) callbacks(ctx context.Context) error {
	year := m.today.Year() - 1
	for i := range 3 {
		month := time.Date(year, time.Month(7+i), 1, 9, 0, 0, 0, clock.Shanghai)
		if err := m.rings(ctx, month.AddDate(0, 1, 0), i*4, lastYearsCalls); err != nil {
			return err
		}
	}
	first := time.Date(m.today.Year(), m.today.Month(), 1, 9, 0, 0, 0, clock.Shanghai)
	if err := m.lastMonth(ctx, first.AddDate(0, -1, 0)); err != nil {
		return err
	}
	err := m.rings(ctx, first, 0, [][]feedback.Call{{{Result: "reached", Seen: "yes", Filled: "own", Beside: "no"}}, {{Result: "unreached"}}, {{Result: "reached", Seen: "no", Filled: "nobody"}}})
	m.clock.Set(m.today)
	return err
}

// lastMonth is an ordinary month of six agencies, two of whose businesses stayed silent. Not where it belongs to the year
// whose figures are known.
func (m *maker) lastMonth(ctx context.Context, month time.Time) error {
	if month.Year() < m.today.Year() {
		return nil
	}
	for i := range 6 {
		at := workday(month.AddDate(0, 0, 4+3*i)).Add(time.Duration(1+m.rng.IntN(5)) * time.Hour)
		v, err := m.visit(ctx, at, outing{office: 2 + i, business: i, overall: "standard", matter: matters[i]})
		if err != nil {
			return err
		}
		if i%3 == 2 {
			continue
		}
		if err := m.answer(ctx, at.Add(2*time.Hour), v.ticket, m.content()); err != nil {
			return err
		}
	}
	return nil
}

// What businesses said, one after the other: content and careful, and what a call-back is for.
var lastYearsCalls = [][]feedback.Call{
	{{Result: "reached", Seen: "yes", Filled: "own", Beside: "no"}}, {{Result: "reached", Seen: "yes", Filled: "own", Beside: "yes"}}, {{Result: "reached", Seen: "no", Filled: "nobody"}},
	{{Result: "unreached"}, {Result: "unreached"}, {Result: "reached", Seen: "yes", Filled: "own", Beside: "no"}}, {{Result: "reached", Seen: "yes", Filled: "officer", Beside: "yes"}},
	{{Result: "declined"}}, {{Result: "reached", Seen: "unsure", Filled: "own", Beside: "unsure"}}, {{Result: "unreached"}, {Result: "unreached"}, {Result: "unreached"}},
	{{Result: "reached", Seen: "yes", Filled: "own", Beside: "no"}}, {{Result: "reached", Seen: "yes", Filled: "other", Beside: "no"}},
}

// rings draws the month before a day and makes the calls, each try a day after the one before, none after today.
func (m *maker) rings(ctx context.Context, day time.Time, from int, said [][]feedback.Call) error {
	county := m.ppl.Accounts["county"]
	m.clock.Set(day.Add(time.Hour))
	if err := m.app.Callbacks.Draw(ctx, false); err != nil {
		return err
	}
	month := day.AddDate(0, -1, 0).Format("2006-01")
	page, err := m.app.Callbacks.List(ctx, county, &feedback.CallbackFilter{From: month, To: month})
	if err != nil {
		return err
	}
	for i, c := range page.Items {
		if from == 0 && i >= len(said) {
			break
		}
		for n, call := range said[(from+i)%len(said)] {
			at := workday(day.AddDate(0, 0, 1+i)).AddDate(0, 0, n)
			if at.After(m.today) {
				break
			}
			m.clock.Set(at)
			call.Contact, call.Version = "企业公示电话", c.Version+n
			if err := m.app.Callbacks.Record(ctx, county, c.ID, &call); err != nil {
				return err
			}
		}
	}
	return nil
}
