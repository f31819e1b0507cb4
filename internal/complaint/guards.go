package complaint

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/platform/door"
)

type faults struct{ list []fault.FieldError }

func (f *faults) add(bad bool, field, words string) {
	if bad {
		f.list = append(f.list, fault.FieldError{Field: field, Message: words})
	}
}

// text wants something said: at least least characters, within the limit.
func (f *faults) text(field, value, missing string, least, most int) {
	n := utf8.RuneCountInString(strings.TrimSpace(value))
	f.add(n < least, field, missing)
	f.add(n > most, field, "太长了，请精简后再提交")
}

func (f *faults) err() error { return fault.Invalidf(f.list...) }

func checkNothing(Case, actor.Actor, Decision, deadline.Date) error { return nil }

func checkText(_ Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明内容", 2, 2000)
	return f.err()
}

func checkReason(_ Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	f.text("reason", in.Reason, "写明理由，理由会留在记录里", 2, 1000)
	return f.err()
}

func checkClassify(_ Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	f.add(!classed(in.Category, ""), "category", "选一个分类")
	f.add(!classed(in.Category, in.Subcategory), "subcategory", "这一类下面没有这一项")
	f.add(!listed(urgencies, in.Urgency), "urgency", "选一个紧急程度")
	return f.err()
}

func readyNoConflict(c Case, who actor.Actor) error { return c.conflict(who) }

// readySupplement: the hotline writes down what a caller adds, whomever it is about; it learns nothing by that.
func readySupplement(c Case, who actor.Actor) error {
	if who.Is(actor.Hotline) {
		return nil
	}
	return c.conflict(who)
}

// readyRecuse: to stand back is the one deed left to who is in conflict; who has stood back has no deed left.
func readyRecuse(c Case, who actor.Actor) error {
	if has(c.Recused, who.ID) {
		return c.conflict(who)
	}
	return nil
}

// readyHandle: who is in conflict keeps off; what may be a machine's waits for a person first.
func readyHandle(c Case, who actor.Actor) error {
	if err := c.conflict(who); err != nil {
		return err
	}
	if c.Suspect {
		return conflict("suspect", "这件投诉疑似机器填写，还没有放行。先看过、放行，再办理。")
	}
	return nil
}

func readyAccept(c Case, who actor.Actor) error { return readyRunning(c, who) }

// readyRunning is for what must not be done while the clock stands still: what it waits for may change the answer.
func readyRunning(c Case, who actor.Actor) error {
	if c.PausedOn != "" {
		return conflict("paused", "期限正停着，等"+pauseWords[c.PauseGround]+"。先恢复计算，再办这一步。")
	}
	return readyHandle(c, who)
}

// checkAccept: what already lies elsewhere is taken on only for a written reason (DOMAIN F.3: if the person insists).
func checkAccept(c Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	if c.Already != "none" {
		f.text("reason", in.Reason, "投诉人说已经走了别的程序，写明为什么仍然受理", 5, 1000)
	}
	return f.err()
}

// readyEnd: what triage has found true cannot be refused or sent away.
func readyEnd(c Case, who actor.Actor) error {
	if err := c.conflict(who); err != nil {
		return err
	}
	if c.LeadState == "registered" || c.LeadState == "attached" {
		return conflict("registered", "这件投诉的线索已经登记为问题，不能不予受理或转走。")
	}
	return nil
}

// readyTransfer: a complaint about the bureau itself has this one way out, and the county takes it.
func readyTransfer(c Case, who actor.Actor) error {
	if c.About == AboutBureau && who.Is(actor.County) {
		return c.personal(who)
	}
	return readyEnd(c, who)
}

func (f *faults) told(in Decision, c Case, today deadline.Date) {
	f.add(!listed(ways, in.How), "how", "选一种告知的方式")
	f.add(!in.ToldOn.Valid() || in.ToldOn > today || in.ToldOn < deadline.DayOf(c.ReceivedAt), "told_on", "告知的日期在收到投诉和今天之间，写成2026-05-14这样")
	f.add(!in.Deidentified, "deidentified", "这段话凭查询码就能看到。请确认里面没有写投诉人是谁、也没有抄投诉人的原话，再勾选“已去标识”")
}

// quoteLen is how many characters in a row make a quotation: more than a unit's name, less than a sentence.
const quoteLen = 12

// quotes tells whether text repeats the complainant's own words. Whoever finds the receipt's code must not read them.
func (c Case) quotes(text string) bool {
	return door.Quotes(c.Fact, text, quoteLen, c.Target)
}

// public holds a text that is shown by the receipt's code.
func (f *faults) public(c Case, field, text, missing string, most int) {
	f.text(field, text, missing, 5, most)
	f.add(c.quotes(text), field, "这里抄了投诉人的原话，凭查询码能看到。请用自己的话写")
}

func checkRefuse(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.add(groundWords(in.Ground) == "", "ground", "选一条不予受理的理由")
	f.add(in.Ground == "no_clue" && !c.Anonymous, "ground", "这件投诉留了名，不能按匿名无线索不予受理")
	f.public(c, "text", in.Text, "写明不予受理的理由，投诉人看得到", 2000)
	f.public(c, "remedies", in.Remedies, "写明可以怎样救济：行政复议、行政诉讼或者向哪里反映", 500)
	f.told(in, c, today)
	return f.err()
}

func checkTransfer(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.text("to", in.To, "写明转送给哪个机关", 2, 100)
	f.add(in.To != "" && (strings.Contains(in.To, c.Target) || strings.Contains(c.Target, in.To)), "to", "不能转给被投诉的单位自己")
	f.text("reason", in.Reason, "写明转送的理由", 2, 1000)
	f.told(in, c, today)
	return f.err()
}

func (in Decision) chosen() []uuid.UUID {
	var out []uuid.UUID
	for _, id := range []*uuid.UUID{in.FirstID, in.SecondID, in.ThirdID} {
		if id != nil && *id != uuid.Nil && !has(out, *id) {
			out = append(out, *id)
		}
	}
	return out
}

// checkAssign: two people at least (DOMAIN F.3), none of them in conflict.
func checkAssign(c Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	chosen := in.chosen()
	f.add(len(chosen) < 2, "second_id", "调查人员至少两名，而且不能是同一个人")
	for _, id := range chosen {
		f.list = append(f.list, c.unfit(id, in)...)
	}
	return f.err()
}

func (c Case) unfit(id uuid.UUID, in Decision) []fault.FieldError {
	field := "first_id"
	switch {
	case in.SecondID != nil && *in.SecondID == id:
		field = "second_id"
	case in.ThirdID != nil && *in.ThirdID == id:
		field = "third_id"
	}
	for _, p := range in.People {
		if p.ID != id {
			continue
		}
		if err := c.conflict(p); err != nil {
			return []fault.FieldError{{Field: field, Message: p.Name + "要回避这件投诉，请换一个人"}}
		}
		return nil
	}
	return []fault.FieldError{{Field: field, Message: "选一位在岗的本所或县司法局的人"}}
}

func checkRecuse(c Case, who actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	known := in.AccountID != nil && *in.AccountID == who.ID
	for _, p := range in.People {
		known = known || in.AccountID != nil && p.ID == *in.AccountID
	}
	f.add(!known, "account_id", "选要回避的人")
	if known && has(c.Recused, *in.AccountID) {
		return conflict("recused", "这个人已经回避了。")
	}
	if known && *in.AccountID != who.ID && !who.Is(actor.County) {
		return forbidden("recusal", "自己可以申请回避；要别人回避，由县司法局决定。")
	}
	f.text("reason", in.Reason, "写明回避的理由：本人或近亲属、有利害关系、其他影响公正的情形", 2, 1000)
	return f.err()
}

func readyAsk(c Case, who actor.Actor) error {
	switch {
	case c.Extended:
		return conflict("extended", "已经延期过一次，不能再延。")
	case c.ExtensionAsked:
		return conflict("asked", "延期申请已经提交，正在等局领导答复。")
	case c.DueOn == "":
		return conflict("no_due", "现在没有在走的期限。")
	}
	return readyRunning(c, who)
}

func readyExtend(c Case, who actor.Actor) error {
	if err := c.conflict(who); err != nil {
		return err
	}
	if !c.ExtensionAsked {
		return conflict("not_asked", "没有延期申请。")
	}
	if c.PausedOn != "" {
		return conflict("paused", "期限正停着，恢复计算以后再批延期。")
	}
	return nil
}

// readyDecide: two who are still on the case, and one of them decides.
func readyDecide(c Case, who actor.Actor) error {
	if err := readyRunning(c, who); err != nil {
		return err
	}
	left := 0
	for _, id := range c.Investigators {
		if !has(c.Recused, id) {
			left++
		}
	}
	switch {
	case left < 2:
		return conflict("investigators", "调查人员不足两名，请先指定。")
	case !has(c.Investigators, who.ID):
		return forbidden("not_investigator", "处理意见由这件投诉的调查人员写。")
	}
	return nil
}

func checkDecide(c Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	f.add(!listed(findings, in.Finding), "finding", "选一个调查结论")
	f.text("text", in.Text, "写明查了什么、怎样处理", 5, 2000)
	if len(f.list) > 0 {
		return f.err()
	}
	return c.fits(in.Finding)
}

// fits holds the finding against what triage made of the lead: what is found true stands in the ledger as a problem that
// was not withdrawn, and what is not found true does not.
func (c Case) fits(finding string) error {
	standing := (c.LeadState == "registered" || c.LeadState == "attached") && !c.ProblemWithdrawn
	switch truth := finding == "founded" || finding == "partly"; {
	case truth == standing:
		return nil
	case !truth:
		return conflict("registered", "这件投诉的线索已经登记为问题，不能写查不实或者无法查实。登记错了的，先在问题里撤销，再写处理意见。")
	case c.LeadState == "dismissed" || c.LeadState == "referred":
		return conflict("lead_ended", "这件投诉的线索已经不予登记或者转走，不能写查实。确实查实的，重新指定一次调查人员，线索会重新等人研判，登记为问题以后再写处理意见。")
	case c.ProblemWithdrawn:
		return conflict("problem_withdrawn", "这件投诉登记的问题已经撤销，不能写查实。")
	}
	return conflict("lead_open", "查实的，先在线索里登记为问题，再写处理意见。")
}

func checkTell(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.public(c, "text", in.Text, "写明答复投诉人的话", 2000)
	f.told(in, c, today)
	return f.err()
}

// checkFollowUp: a call that reached nobody is a try, with its words; one a day counts.
func checkFollowUp(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	if in.GotAnswer == unreached {
		f.text("text", in.Text, "写明几点、用什么方式联系过", 2, 2000)
		f.add(c.FollowTriedOn == today, "got_answer", "今天没联系上已经记过一次，换一天再试")
		return f.err()
	}
	f.add(!listed(got, in.GotAnswer), "got_answer", "选是否收到答复")
	f.add(!listed(grades, in.Satisfied), "satisfied", "选是否满意")
	f.add(!listed(yesNo, in.Retaliation), "retaliation", "选有没有打击报复")
	if in.Retaliation == "yes" {
		f.text("text", in.Text, "写明打击报复的情况：谁、什么时候、做了什么", 5, 2000)
	}
	return f.err()
}

// readyClose: the file is put away when what it led to is done (DOMAIN B.4 W1: 整改跟踪 before 归档).
func readyClose(c Case, who actor.Actor) error {
	if c.ProblemOpen {
		return conflict("problem_open", "这件投诉查实的问题还在整改，销号以后再归档。")
	}
	if c.State == Transferred && c.Outcome == "" {
		return conflict("no_outcome", "转送的机关还没有书面结果。先催问，有了结果或者催过没有结果，记下再归档。")
	}
	return c.conflict(who)
}

func readyReopen(c Case, who actor.Actor) error { return c.conflict(who) }

func readyPerson(c Case, who actor.Actor) error {
	switch {
	case c.conflict(who) != nil:
		return c.conflict(who)
	case !c.HasContact:
		return conflict("no_person", "这件投诉没有保存投诉人的个人信息，或者已经删除。")
	case !c.handles(who):
		return forbidden("not_handler", "个人信息的事，由办这件投诉的人办。")
	}
	return nil
}

// readyErase: an erasure that broke off after the vault had done its part is done again, so that the time line tells of it.
func readyErase(c Case, who actor.Actor) error {
	c.HasContact = c.HasContact || c.EraseUntold
	return readyPerson(c, who)
}

func checkRight(_ Case, _ actor.Actor, in Decision, _ deadline.Date) error {
	var f faults
	f.text("verified", in.Verified, "写明怎样核实是本人，比如回拨登记的电话", 2, 200)
	f.text("reason", in.Reason, "写明本人的请求", 5, 200)
	return f.err()
}

func checkCorrect(c Case, who actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	var said *fault.Error
	if errors.As(checkRight(c, who, in, today), &said) {
		f.list = append(f.list, said.Fields...)
	}
	for _, one := range (&Input{Named: true, Consent: true, Identity: in.identity()}).personFaults() {
		f.add(true, map[string]string{"P2": "name", "P3": "phone"}[one.Field], one.Message)
	}
	f.add(door.TooLong(in.Address, 100), "address", "太长了")
	return f.err()
}
