package demo

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lead"
	"suixing/internal/platform/clock"
	"suixing/internal/problem"
	"suixing/internal/visit"
)

// theseWeeks is work in every state: the sample cases of DOMAIN section K on days counted back from today.
func (m *maker) theseWeeks(ctx context.Context) error {
	for _, part := range []func(context.Context) error{m.redlineClosed, m.disturbed, m.overdue, m.stopped, m.awaitingCheck, m.disputed, m.justFound, m.openQueue} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

var noCard = fail{"C01", "两名执法人员进店后直接查看后厨，店主询问后其中一人才出示证件，另一人未出示。"}

// redlineClosed is K.1: no card shown; reminded, trained, closed by the county.
func (m *maker) redlineClosed(ctx context.Context) error {
	at := workday(m.on(-24, 10))
	v, err := m.visit(ctx, at, outing{office: 0, business: 0, overall: "poor", matter: "food", fails: []fail{noCard, {"C02", "没有出具行政检查通知书，也没有说明检查的依据。"}}})
	if err != nil {
		return err
	}
	if err := m.waive(ctx, at.AddDate(0, 0, 1), v.visit, "与红线问题一并反馈，不另行登记。"); err != nil {
		return err
	}
	p, err := m.redlineOf(ctx, v.visit)
	if err != nil {
		return err
	}
	if err := m.order(ctx, at.AddDate(0, 0, 1), p, problem.TXH, "一次检查中，执法人员没有主动出示执法证，也没有出具检查通知书。", "请组织亮证执法培训，并附培训签到和之后一次检查的记录。"); err != nil {
		return err
	}
	if err := m.submit(ctx, workday(at.AddDate(0, 0, 7)), p); err != nil {
		return err
	}
	done := workday(at.AddDate(0, 0, 10))
	return m.act(ctx, done, m.ppl.Accounts["county"], p, problem.Close, problem.Input{Conclusion: "现场复查亮证符合，培训签到齐全，同意销号。", LookBackOn: deadline.Date(clock.Day(m.today.AddDate(0, 2, 0)))})
}

// disturbed is K.2: a bad answer by ticket; verified, fed back, the time extended once.
func (m *maker) disturbed(ctx context.Context) error {
	at := workday(m.on(-16, 10))
	v, err := m.visit(ctx, at, outing{office: 0, business: 1, overall: "mostly", matter: "safety"})
	if err != nil {
		return err
	}
	said := m.content()
	said["F7"], said["R0"], said["R5"], said["O1"] = "y", "2", "1", "检查占用车间两小时，影响当天发货。"
	if err := m.answer(ctx, at.Add(2*time.Hour), v.ticket, said); err != nil {
		return err
	}
	p, err := m.registerNewest(ctx, 2, "一次检查长时间占用生产场所，影响正常经营。")
	if err != nil {
		return err
	}
	ordered := workday(at.AddDate(0, 0, 4))
	if err := m.order(ctx, ordered, p, problem.FBK, "一次检查长时间占用生产场所，影响了正常经营。", "请说明检查安排，提出减少影响的办法。"); err != nil {
		return err
	}
	until := deadline.Date(clock.Day(ordered.AddDate(0, 0, 18)))
	agency := m.agencyOf(m.ppl.Agencies[0].ID)
	if err := m.act(ctx, ordered.AddDate(0, 0, 3), agency, p, problem.AskExtension, problem.Input{Until: until, Reason: "整改方案需经乡镇党政会研究。"}); err != nil {
		return err
	}
	return m.act(ctx, ordered.AddDate(0, 0, 4), actor.Actor{}, p, problem.Extend, problem.Input{Until: until})
}

// registerNewest registers the youngest waiting lead some days after it came.
func (m *maker) registerNewest(ctx context.Context, later int, fact string) (uuid.UUID, error) {
	leads, err := m.openLeads(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	newest := leads[0]
	for _, l := range leads {
		if l.RaisedAt.After(newest.RaisedAt) {
			newest = l
		}
	}
	return m.register(ctx, newest.RaisedAt.AddDate(0, 0, later), newest.ID, fact)
}

// found raises an offered finding of a visit and registers it.
func (m *maker) found(ctx context.Context, v made, fact string) (uuid.UUID, error) {
	m.clock.Add(24 * time.Hour)
	page, err := m.app.Visit.Findings(ctx, m.ppl.Accounts["county"], true, uuid.NullUUID{UUID: v.visit, Valid: true}, "")
	if err != nil {
		return uuid.Nil, err
	}
	raised, err := m.app.Visit.Raise(ctx, m.ppl.Accounts["county"], page.Items[0].ID)
	if err != nil {
		return uuid.Nil, err
	}
	return m.register(ctx, m.clock.Now().AddDate(0, 0, 1), raised, fact)
}

// overdue is K.14: fed back and never answered.
func (m *maker) overdue(ctx context.Context) error {
	v, err := m.visit(ctx, workday(m.on(-30, 15)), outing{office: 0, business: 2, overall: "mostly", matter: "environment", fails: []fail{{"D01", "执法记录仪中途关闭约二十分钟，没有说明原因。"}}})
	if err != nil {
		return err
	}
	p, err := m.found(ctx, v, "执法记录仪中途关闭且无说明。")
	if err != nil {
		return err
	}
	return m.order(ctx, m.clock.Now().AddDate(0, 0, 1), p, problem.FBK, "一次检查中，执法记录仪中途关闭，没有说明原因。", "请说明原因并提出改进措施。")
}

// stopped is K.12: goods were about to be seized without a list; a certified supervisor stops it; the county presses on.
func (m *maker) stopped(ctx context.Context) error {
	at := workday(m.on(-12, 9))
	v, err := m.visit(ctx, at, outing{office: 1, business: 2, overall: "poor", matter: "appearance", stop: "执法人员未出具清单即搬走店外货物，经出示监督证当场制止。",
		fails: []fail{{"E03", "执法人员没有出具查封扣押清单就开始搬走店外堆放的货物。"}}})
	if err != nil {
		return err
	}
	p, err := m.redlineOf(ctx, v.visit)
	if err != nil {
		return err
	}
	return m.order(ctx, at.AddDate(0, 0, 1), p, problem.DBH, "一次检查中，没有出具清单就开始搬走货物，已当场制止。", "请立即停止并说明情况，十五日内报告处理结果。")
}

// awaitingCheck has been answered and waits for the office.
func (m *maker) awaitingCheck(ctx context.Context) error {
	at := workday(m.on(-15, 14))
	v, err := m.visit(ctx, at, outing{office: 0, business: 3, overall: "mostly", matter: "agriculture", fails: []fail{{"D02", "现场检查笔录没有当场制作，说回去再补写。"}}})
	if err != nil {
		return err
	}
	p, err := m.found(ctx, v, "现场检查笔录未当场制作。")
	if err != nil {
		return err
	}
	if err := m.order(ctx, m.clock.Now().AddDate(0, 0, 1), p, problem.FBK, "一次检查的现场笔录没有当场制作。", "请规范现场笔录制作。"); err != nil {
		return err
	}
	return m.submit(ctx, workday(m.on(-3, 10)), p)
}

// disputed: the agency objects, the bureau has to decide.
func (m *maker) disputed(ctx context.Context) error {
	at := workday(m.on(-11, 10))
	v, err := m.visit(ctx, at, outing{office: 0, business: 4, overall: "mostly", matter: "fire", fails: []fail{{"E01", "通知书写的是消防通道，现场又查了用工合同。"}}})
	if err != nil {
		return err
	}
	p, err := m.found(ctx, v, "现场扩大检查范围。")
	if err != nil {
		return err
	}
	if err := m.order(ctx, m.clock.Now().AddDate(0, 0, 1), p, problem.FBK, "一次检查超出了通知书载明的范围。", "请说明扩大检查范围的依据。"); err != nil {
		return err
	}
	return m.act(ctx, workday(m.on(-4, 11)), m.agencyOf(m.ppl.Agencies[0].ID), p, problem.Object, problem.Input{Text: "用工情况属于通知书所列安全生产检查内容，未超出范围，请复核。"})
}

// justFound leaves two problems that nobody has ordered yet, one of them a red line, and a sheet whose photos are not all here.
func (m *maker) justFound(ctx context.Context) error {
	if _, err := m.visit(ctx, workday(m.on(-2, 10)), outing{office: 0, business: 5, overall: "poor", matter: "food", fails: []fail{{"A02", "到场只有一名持证执法人员，另一人为协管员。"}, {"F01", "一名人员没有穿制式服装。"}}}); err != nil {
		return err
	}
	v, err := m.visit(ctx, workday(m.on(-8, 15)), outing{office: 1, business: 3, overall: "mostly", matter: "land", fails: []fail{{"B03", "同一单位本年度第三次检查同一企业，没有说明例外。"}}})
	if err != nil {
		return err
	}
	if _, err := m.found(ctx, v, "检查频次超过公布上限。"); err != nil {
		return err
	}
	_, err = m.visit(ctx, m.on(-1, 16), outing{office: 0, business: 6, overall: "mostly", matter: "agriculture", withhold: 2, late: "当天山区没有信号，次日回到所里发送。",
		fails: []fail{{"C03", "只让当事人签字，没有说明有权陈述申辩。"}, {"F04", "只说结论，没有讲依据。"}}})
	return err
}

// openQueue is what waits for triage: bad answers, complaints, a transfer by hand; and content answers beside them.
func (m *maker) openQueue(ctx context.Context) error {
	for i := range 8 {
		at := workday(m.on(-9+i, 10+i%4))
		if at.After(m.today) {
			at = m.on(-1, 9)
		}
		v, err := m.visit(ctx, at, outing{office: i % 3, business: (i + 3) % 8, overall: "standard", matter: matters[i%len(matters)]})
		if err != nil {
			return err
		}
		said := m.content()
		if i == 5 {
			said["F10"], said["R0"], said["O1"] = "y", "1", "要求到指定的检测机构做检测，说别处的不认。"
		}
		if err := m.answer(ctx, at.Add(2*time.Hour), v.ticket, said); err != nil {
			return err
		}
	}
	for i, fact := range []string{"同一个月三个单位先后来查同一件事，每次都要停工配合。", "执法人员说话难听，当着顾客的面训斥店主。"} {
		if _, err := m.complain(ctx, m.on(-3+i, 11), i, fact); err != nil {
			return err
		}
	}
	m.clock.Set(m.on(-1, 10))
	agency := m.ppl.Agencies[0].ID
	_, err := m.app.Lead.Create(ctx, m.ppl.Accounts["office"], lead.ByHand{Origin: "transfer", AgencyID: &agency, Severity: problem.General, Category: "discretion",
		Fact: "县法院在审理中发现，两起相近案件的罚款数额相差较大，转请核查裁量基准的适用。", HappenedOn: deadline.Date(clock.Day(m.on(-9, 9)))})
	return err
}

// plans are the visits to come: two for today, one for tomorrow, one next week.
func (m *maker) plans(ctx context.Context) error {
	m.clock.Set(m.on(-1, 15))
	office := m.ppl.Accounts["office"]
	both := []uuid.UUID{m.ppl.Accounts["supervisor"].ID, m.ppl.Accounts["supervisor2"].ID}
	for i, days := range []int{0, 0, 1, 6} {
		b := m.ppl.Businesses[m.ppl.Offices[0].ID][i]
		p := visit.Plan{AgencyID: m.ppl.Agencies[0].ID, BusinessID: &b.ID, Matter: matters[i], PlannedOn: clock.Day(m.today.AddDate(0, 0, days)), SupervisorIDs: both[:1+i%2]}
		if _, _, err := m.app.Visit.Plan(ctx, office, id(), p); err != nil {
			return err
		}
	}
	m.clock.Set(m.today)
	return nil
}
