package demo

import (
	"context"
	"time"

	"suixing/internal/actor"
	"suixing/internal/complaint"
	"suixing/internal/platform/clock"
)

var matters = []string{"safety", "food", "appearance", "environment", "fire", "agriculture"}

// lastYear is a year that has ended with the seed's figures (DOMAIN section H) for the parts that exist: 36 visits of
// which 22 accompanied, 2 complaints, 6 problems that the public raised, all fed back and all closed.
func (m *maker) lastYear(ctx context.Context) error {
	year := m.today.Year() - 1
	unhappy := []map[string]string{
		{"F7": "y", "R0": "2", "R5": "1", "O1": "检查占用车间两小时，耽误了当天发货。"},
		{"F3": "n", "R0": "3", "O1": "没有出具检查通知书，只口头说了检查什么。"},
		{"F5": "n", "R0": "2", "O1": "没有告知可以陈述申辩，直接让签字。"},
		{"F2": "n", "R0": "3", "O1": "先检查，问了以后才出示证件。"},
	}
	for i := range 36 {
		at := workday(time.Date(year, time.Month(1+i/4), 3+(i%4)*7, 10, m.rng.IntN(50), 0, 0, clock.Shanghai))
		o := outing{office: i % 10, business: i % 8, overall: "standard", matter: matters[i%len(matters)]}
		if i >= 22 {
			o.method = []string{"special", "random", "unannounced"}[i%3]
		}
		v, err := m.visit(ctx, at, o)
		if err != nil {
			return err
		}
		said := m.content()
		if i%9 == 4 { // four of the thirty-six
			for k, s := range unhappy[i/9] {
				said[k] = s
			}
		}
		if err := m.answer(ctx, at.Add(3*time.Hour), v.ticket, said); err != nil {
			return err
		}
	}
	return m.lastYearsComplaints(ctx, year)
}

func (m *maker) lastYearsComplaints(ctx context.Context, year int) error {
	type taken struct {
		at     time.Time
		filed  *complaint.Filed
		office actor.Actor
	}
	var all []taken
	for i, text := range []string{"不予立案告知书写得笼统，没有说清理由和依据。", "执法人员要求到指定的机构做检测，否则不予通过。"} {
		at := workday(time.Date(year, time.Month(5+i*3), 12, 11, 0, 0, 0, clock.Shanghai))
		c, err := m.complain(ctx, at, i, text)
		if err != nil {
			return err
		}
		all = append(all, taken{at, c, m.ppl.Accounts[[]string{"office", "office2"}[i]]})
	}
	if err := m.closeOpenLeads(ctx); err != nil {
		return err
	}
	for _, t := range all {
		if err := m.settle(ctx, t.at, t.filed, t.office); err != nil {
			return err
		}
	}
	return nil
}
