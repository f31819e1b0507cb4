package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lead"
	"suixing/internal/platform/clock"
	"suixing/internal/problem"
)

// ladder is one problem of last year that a letter of opinion was needed for: found by the bureau itself in case files and
// special checks, so that it adds nothing to what the public raised.
type ladder struct {
	month              time.Month
	agency             int
	origin, category   string
	fact, basis, text  string
	first              problem.Rung
	climb              []problem.Rung
	objection, uphold  string
	measures, verified string
}

// ladders are five opinions and three decisions (DOMAIN section K): K.6 a penalty decided on after 93 days, K.7 a fee passed
// on, K.14 a feedback sheet nobody answered, K.15 a decision that the agency objects to and the bureau keeps.
var ladders = []ladder{
	{2, 2, "casefile", "procedure", "一件处罚案件九月九日立案，十二月十一日才作出决定，共93日，超过90日；第87日只作过口头告知，不能算作决定。", "行政处罚法第六十条", "一件处罚案件从立案到作出决定用了93日，超过90日的期限。",
		problem.YJS, []problem.Rung{problem.JDS}, "", "", "已书面确认逾期办案违法，清理在办案件并逐件登记办理期限。", "核对执行情况报告和案件台账，期限登记齐全，同意销号。"},
	{3, 3, "special", "misconduct", "一次专项检查发现，应当由机关承担的专家评审费转由申请人支付。", "国办发〔2024〕54号", "应当由机关承担的专家评审费，转由申请人支付。",
		problem.YJS, nil, "", "", "已退还收取的费用，并修改委托评审的内部规定，写明费用由机关承担。", "核对退款凭证和新的规定，费用已经退还，同意销号。"},
	{4, 4, "supervisor", "procedure", "抽查执法记录时发现，一次检查的录像缺少进店和告知两段，没有说明原因。", "河南省行政执法条例第二十四条", "一次检查的执法录像不完整，没有说明原因。",
		problem.FBK, []problem.Rung{problem.TXH, problem.DBH, problem.YJS}, "", "", "补充说明了录像缺失的原因，更换设备，并规定当天上传、次日核对。", "抽查此后三次检查的录像，都是完整的，同意销号。"},
	{5, 5, "casefile", "discretion", "两起情节相近的案件罚款相差较大，案卷里没有写明裁量的理由。", "行政处罚法第三十四条", "两起情节相近的案件，罚款相差较大，案卷里没有写明裁量的理由。",
		problem.YJS, []problem.Rung{problem.JDS}, "两起案件的违法所得不同，裁量有依据，请求复查。", "违法所得不同不足以说明差距，案卷里也没有写明理由，维持决定；复查期间不停止执行。", "已按裁量基准重新作出其中一件的决定，并在两件案卷里写明理由。", "核对变更后的决定书和案卷，理由已经写明，同意销号。"},
	{8, 6, "filing", "misconduct", "备案审查发现，对不在本行政区域的企业作出处罚。", "行政处罚法第二十二条", "有一件处罚的对象不在本行政区域内。",
		problem.YJS, []problem.Rung{problem.JDS}, "", "", "已撤销这件处罚，并把材料移交有管辖权的机关。", "核对撤销决定和移交回执，同意销号。"},
}

// letters takes each of them up its ladder to the answer and the close.
func (m *maker) letters(ctx context.Context) error {
	for i, l := range ladders {
		if err := m.climb(ctx, l); err != nil {
			return fmt.Errorf("ladder %d: %w", i+1, err)
		}
	}
	m.clock.Set(m.today)
	return nil
}

func (m *maker) climb(ctx context.Context, l ladder) error {
	county, office, agency := m.ppl.Accounts["county"], m.ppl.Offices[l.agency].ID, m.ppl.Agencies[l.agency].ID
	at := workday(time.Date(m.today.Year()-1, l.month, 24, 10, 15, 0, 0, clock.Shanghai))
	m.clock.Set(at)
	copied, err := m.upload(ctx, county)
	if err != nil {
		return err
	}
	found, err := m.app.Lead.Create(ctx, county, lead.ByHand{Origin: l.origin, AgencyID: &agency, OfficeID: &office, Severity: problem.General, Category: l.category,
		Fact: l.fact, HappenedOn: deadline.DayOf(at), Photos: copied})
	if err != nil {
		return err
	}
	p, err := m.app.Lead.Act(ctx, county, lead.Register, found.ID, found.Version, lead.Decision{Severity: problem.General, Category: l.category, Nature: "improper",
		Fact: l.fact, Basis: l.basis, AgencyID: &agency, Photos: copied})
	if err != nil {
		return err
	}
	if err := m.order(ctx, workday(at.AddDate(0, 0, 3)), p, l.first, l.text, "请按期改正，并书面报告。"); err != nil {
		return err
	}
	for _, rung := range l.climb {
		v, err := m.app.Problem.Get(ctx, county, p)
		if err != nil {
			return err
		}
		late := workday(v.DueOn.Add(1).Time().Add(2 * time.Hour)) // ten in Shanghai: a person has to look first
		if err := m.act(ctx, late, county, p, problem.Escalate, problem.Input{Rung: rung, ServedOn: deadline.DayOf(late), Note: "前一份文书到期没有答复。请按期改正，并书面报告。"}); err != nil {
			return err
		}
	}
	return m.answered(ctx, l, m.agencyOf(agency), m.clock.Now(), p)
}

// answered is what follows the last letter: the objection where there is one, the report of what was done, the check.
func (m *maker) answered(ctx context.Context, l ladder, agency actor.Actor, served time.Time, p uuid.UUID) error {
	if l.objection != "" { // on the eighth working day, kept on the fourteenth; the date runs on
		if err := m.act(ctx, workday(served.AddDate(0, 0, 10)), agency, p, problem.Object, problem.Input{Text: l.objection}); err != nil {
			return err
		}
		if err := m.act(ctx, workday(served.AddDate(0, 0, 18)), m.ppl.Accounts["leader"], p, problem.Uphold, problem.Input{Text: l.uphold}); err != nil {
			return err
		}
	}
	done := workday(served.AddDate(0, 0, 24))
	m.clock.Set(done)
	proof, err := m.upload(ctx, agency)
	if err != nil {
		return err
	}
	if err := m.act(ctx, done.Add(5*time.Minute), agency, p, problem.Submit, problem.Input{Measures: l.measures, Result: "已按文书要求办完，材料附后。", Photos: proof}); err != nil {
		return err
	}
	return m.act(ctx, workday(done.AddDate(0, 0, 4)), actor.Actor{}, p, problem.Close, problem.Input{Conclusion: l.verified})
}

// upload is a fresh picture as somebody brings it: the copy of a file, the proof of what was done.
func (m *maker) upload(ctx context.Context, who actor.Actor) ([]string, error) {
	raw, err := scene(m.rng)
	if err != nil {
		return nil, err
	}
	s := newShot(raw)
	return []string{s.sum}, m.send(ctx, who, s)
}
