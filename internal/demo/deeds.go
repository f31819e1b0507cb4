package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/complaint"
	"suixing/internal/deadline"
	"suixing/internal/lead"
	"suixing/internal/platform/clock"
	"suixing/internal/problem"
)

// complain files a complaint as the hotline does; its lead goes into the queue of the agency's office.
func (m *maker) complain(ctx context.Context, at time.Time, agency int, fact string) (*complaint.Filed, error) {
	m.clock.Set(at)
	return m.app.Complaint.File(ctx, m.ppl.Accounts["hotline"], &complaint.Input{
		Nonce: id().String(), Channel: "phone", AgencyID: uuid.NullUUID{UUID: m.ppl.Agencies[agency].ID, Valid: true}, Target: m.ppl.Agencies[agency].Name,
		Happened: "上周三上午", Place: m.ppl.Offices[agency].Township, Fact: fact, Request: "希望核实并答复。", Category: "procedure", Already: "none", Urgency: "normal",
	})
}

// settle takes a complaint filed at a time from acceptance to the archive; its problem has been closed by then.
func (m *maker) settle(ctx context.Context, filed time.Time, c *complaint.Filed, office actor.Actor) error {
	county := m.ppl.Accounts["county"]
	on := func(days int) time.Time { return workday(filed.AddDate(0, 0, days)) }
	told := func(days int) deadline.Date { return deadline.DayOf(on(days)) }
	for _, step := range []struct {
		deed complaint.Deed
		days int
		in   complaint.Decision
	}{
		{complaint.Accept, 1, complaint.Decision{}},
		{complaint.Assign, 2, complaint.Decision{FirstID: &county.ID, SecondID: &office.ID}},
		{complaint.Decide, 24, complaint.Decision{Finding: "founded", Text: "反映的情况属实，执法单位已经改正，并约谈了当事人员。"}},
		{complaint.Approve, 25, complaint.Decision{}},
		{complaint.Tell, 26, complaint.Decision{Text: "您反映的情况属实。有关单位已经改正，并重新向当事人作了书面说明。", How: "phone", ToldOn: told(26), Deidentified: true}},
		{complaint.FollowUp, 33, complaint.Decision{GotAnswer: "yes", Satisfied: "satisfied", Retaliation: "no"}},
		{complaint.Close, 34, complaint.Decision{Text: "已告知、已回访，材料归档。"}},
	} {
		m.clock.Set(on(step.days))
		now, err := m.app.Complaint.Get(ctx, county, c.ID)
		if err != nil {
			return err
		}
		who := county
		if step.deed == complaint.Approve {
			who = m.ppl.Accounts["leader"]
		}
		if _, err := m.app.Complaint.Act(ctx, who, step.deed, c.ID, now.Version, step.in); err != nil {
			return fmt.Errorf("complaint %s: %s: %w", c.Number, step.deed, err)
		}
	}
	return nil
}

// openLeads are the leads that wait.
func (m *maker) openLeads(ctx context.Context) ([]lead.LeadItem, error) {
	page, err := m.app.Lead.List(ctx, m.ppl.Accounts["county"], lead.Filter{State: "open", Limit: 100})
	return page.Items, err
}

// closeOpenLeads takes every waiting lead through the whole life-cycle, as the year's end found them.
func (m *maker) closeOpenLeads(ctx context.Context) error {
	leads, err := m.openLeads(ctx)
	if err != nil {
		return err
	}
	for _, l := range leads {
		at := workday(l.RaisedAt.In(clock.Shanghai).AddDate(0, 0, 2))
		p, err := m.register(ctx, at, l.ID, "核实后登记：执法过程不够规范，有待整改。")
		if err != nil {
			return err
		}
		if err := m.throughToClosed(ctx, at, p); err != nil {
			return err
		}
	}
	return nil
}

// register makes a problem of a lead, by the county.
func (m *maker) register(ctx context.Context, at time.Time, leadID uuid.UUID, fact string) (uuid.UUID, error) {
	m.clock.Set(at)
	who := m.ppl.Accounts["county"]
	l, err := m.app.Lead.Get(ctx, who, leadID)
	if err != nil {
		return uuid.Nil, err
	}
	var photos []string
	for _, ph := range l.Photos {
		photos = append(photos, ph.SHA256)
	}
	return m.app.Lead.Act(ctx, who, lead.Register, leadID, l.Version, lead.Decision{
		Severity: problem.General, Category: "procedure", Tag: "T12", Nature: "improper", Fact: fact, Basis: "行政处罚法第四十四条、第五十五条", AgencyID: l.AgencyID, Photos: photos,
	})
}

func (m *maker) throughToClosed(ctx context.Context, at time.Time, p uuid.UUID) error {
	if err := m.order(ctx, at.AddDate(0, 0, 1), p, problem.FBK, "一次行政检查的过程不够规范，请核实整改。", "请对照检查程序逐项整改，并书面答复。"); err != nil {
		return err
	}
	if err := m.submit(ctx, workday(at.AddDate(0, 0, 5)), p); err != nil {
		return err
	}
	return m.act(ctx, workday(at.AddDate(0, 0, 8)), actor.Actor{}, p, problem.Close, problem.Input{Conclusion: "查看整改报告和佐证，回访属实，同意销号。"})
}

// act does a deed at a time on the newest version of the problem. Whoever may is asked: an actor without a role means
// the office in whose scope it lies.
func (m *maker) act(ctx context.Context, at time.Time, who actor.Actor, p uuid.UUID, d problem.Deed, in problem.Input) error {
	m.clock.Set(at)
	v, err := m.app.Problem.Get(ctx, m.ppl.Accounts["county"], p)
	if err != nil {
		return err
	}
	if who.Role == "" {
		who = m.officeOf(v.OfficeID)
	}
	version := v.Version
	if who.Is(actor.Agency) { // which counts for itself
		seen, err := m.app.Problem.ForAgency(ctx, who, p)
		if err != nil {
			return err
		}
		version = seen.Version
	}
	if _, err := m.app.Problem.Act(ctx, who, d, p, version, in); err != nil {
		return fmt.Errorf("%s by %s: %w", d, who.Role, err)
	}
	return nil
}

// officeOf is the person who works an office's desk; what no office stands over is the county's.
func (m *maker) officeOf(id *uuid.UUID) actor.Actor {
	for _, a := range m.ppl.Accounts {
		if id != nil && a.Is(actor.Office) && a.OfficeID.UUID == *id {
			return a
		}
	}
	return m.ppl.Accounts["county"]
}

// agencyOf answers for an agency.
func (m *maker) agencyOf(agency uuid.UUID) actor.Actor {
	for _, a := range m.ppl.Accounts {
		if a.Is(actor.Agency) && a.AgencyID.UUID == agency {
			return a
		}
	}
	return actor.Actor{}
}

// notToWait is what a leader writes who lets a letter out of a public voice go by itself; the other letters do not read it.
const notToWait = "整改不能再拖，发出的文字已请另一位同事看过，看不出是谁反映的。"

func (m *maker) order(ctx context.Context, at time.Time, p uuid.UUID, rung problem.Rung, fact, note string) error {
	who := actor.Actor{}
	if rung != problem.FBK && rung != problem.TXH {
		who = m.ppl.Accounts["county"]
	}
	if err := m.act(ctx, at, who, p, problem.Deidentify, problem.Input{Text: fact}); err != nil {
		return err
	}
	v, err := m.app.Problem.Get(ctx, m.ppl.Accounts["county"], p)
	if err != nil {
		return err
	}
	if v.Release == nil {
		return m.act(ctx, at.Add(20*time.Minute), who, p, problem.Order, problem.Input{Rung: rung, ServedOn: deadline.Date(clock.Day(at)), Note: note})
	}
	if err := m.act(ctx, at.Add(20*time.Minute), who, p, problem.Queue, problem.Input{Rung: rung, Note: note}); err != nil {
		return err
	}
	return m.act(ctx, at.Add(25*time.Minute), m.ppl.Accounts["leader"], p, problem.Hasten, problem.Input{UrgentReason: notToWait})
}

func (m *maker) submit(ctx context.Context, at time.Time, p uuid.UUID) error {
	m.clock.Set(at)
	v, err := m.app.Problem.Get(ctx, m.ppl.Accounts["county"], p)
	if err != nil {
		return err
	}
	who := m.agencyOf(v.AgencyID)
	proof, err := scene(m.rng)
	if err != nil {
		return err
	}
	s := newShot(proof)
	if err := m.send(ctx, who, s); err != nil {
		return err
	}
	return m.act(ctx, at.Add(5*time.Minute), who, p, problem.Submit, problem.Input{
		Measures: "组织全队学习检查程序规定，重新印制告知文书，明确每次检查由队长复核。", Result: "已完成培训并签到，新的文书自本周起使用。", Responsible: "对当事执法人员批评教育。", Photos: []string{s.sum}})
}

// waive lets every offered finding rest with a reason.
func (m *maker) waive(ctx context.Context, at time.Time, visitID uuid.UUID, reason string) error {
	m.clock.Set(at)
	page, err := m.app.Visit.Findings(ctx, m.ppl.Accounts["county"], true, uuid.NullUUID{UUID: visitID, Valid: true}, "")
	if err != nil {
		return err
	}
	for _, f := range page.Items {
		if err := m.app.Visit.Waive(ctx, m.ppl.Accounts["county"], f.ID, reason); err != nil {
			return err
		}
	}
	return nil
}

// redlineOf finds the problem that a visit's red line became.
func (m *maker) redlineOf(ctx context.Context, visitID uuid.UUID) (uuid.UUID, error) {
	var out uuid.UUID
	err := m.app.DB.Get(ctx, &out, `SELECT problem_id FROM leads WHERE origin = 'visit' AND origin_id = $1 AND problem_id IS NOT NULL LIMIT 1`, visitID)
	return out, err
}
