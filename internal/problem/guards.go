package problem

import (
	"strings"
	"unicode/utf8"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
)

// maxExtension is how far after the original date an extension may reach, in days (DOMAIN G.2).
const maxExtension = 20

type faults struct{ list []fault.FieldError }

func (f *faults) add(bad bool, field, words string) {
	if bad {
		f.list = append(f.list, fault.FieldError{Field: field, Message: words})
	}
}

// text wants something said: more than blanks, within the limit.
func (f *faults) text(field, value, missing string, limit int) {
	f.add(strings.TrimSpace(value) == "", field, missing)
	f.add(utf8.RuneCountInString(value) > limit, field, "太长了，请精简后再提交")
}

func (f *faults) date(field string, d, notBefore, notAfter deadline.Date, words string) {
	switch {
	case !d.Valid():
		f.add(true, field, "日期要写成2026-05-14这样")
	case notBefore != "" && d < notBefore, notAfter != "" && d > notAfter:
		f.add(true, field, words)
	}
}

func (f *faults) photos(hashes []string, atLeast int, words string) {
	f.add(len(hashes) < atLeast, "photos", words)
	f.add(len(hashes) > maxPhotos, "photos", "一次最多30件")
	for _, h := range hashes {
		if !isHash(h) {
			f.add(true, "photos", "照片的校验码不对，请重新选择照片")
			return
		}
	}
}

func (f *faults) err() error { return fault.Invalidf(f.list...) }

func isHash(h string) bool {
	return len(h) == 64 && strings.Trim(h, "0123456789abcdef") == ""
}

func forbidden(code, words string) error { return fault.New(fault.Forbidden, code, words) }
func conflict(code, words string) error  { return fault.New(fault.Conflict, code, words) }

func checkText(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明内容", 4000)
	return f.err()
}

func checkReason(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("reason", in.Reason, "写明理由，理由会留在记录里", 2000)
	return f.err()
}

func checkDeidentify(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写一份发给执法单位的事实，看不出是谁说的", 4000)
	f.photos(in.Photos, 0, "")
	return f.err()
}

// orderable are the rungs a person may begin with: the office the mild ones, the county those it signs (DOMAIN C.1, G.2),
// and the mild ones too where no office stands between it and the agency.
func (p Problem) orderable(who actor.Actor) []Rung {
	switch {
	case who.Is(actor.Office):
		return []Rung{FBK, TXH}
	case !p.OfficeID.Valid:
		return []Rung{FBK, TXH, DBH, YJS}
	default:
		return []Rung{DBH, YJS}
	}
}

func contains(list []Rung, r Rung) bool {
	for _, x := range list {
		if x == r {
			return true
		}
	}
	return false
}

func readyOrder(p Problem, who actor.Actor, today deadline.Date) error {
	if err := readyDeidentify(p, who, today); err != nil {
		return err
	}
	if p.AgencyText == "" || p.DeidentifiedAt == nil {
		return conflict("not_deidentified", "还没有去标识。先写一份看不出是谁说的事实，再发给执法单位。")
	}
	return nil
}

func (f *faults) rung(p Problem, who actor.Actor, r Rung) error {
	if !contains(Rungs, r) {
		f.add(true, "rung", "选一种文书")
	} else if !contains(p.orderable(who), r) {
		words := "反馈单和提醒函由司法所制发，县司法局从督办函开始"
		if who.Is(actor.Office) {
			words = "司法所可以发反馈单或提醒函，督办函以上由县司法局制发"
		}
		return forbidden("rung", words)
	}
	return nil
}

func checkOrder(p Problem, who actor.Actor, in Input, today deadline.Date) error {
	var f faults
	if err := f.rung(p, who, in.Rung); err != nil {
		return err
	}
	if p.FromVoice() && !in.Released {
		if strings.TrimSpace(in.UrgentReason) == "" {
			return conflict("voice_waits", in.Round.Words()+"请交付统一发出；确实不能等的，写明理由再发。")
		}
		if in.Round.Businesses < enough {
			return loneVoice(in.Round.Words())
		}
		f.urgent(in)
	}
	f.served(in, p.FoundOn, today, "送达日期不能早于发现问题的那一天，也不能晚于今天")
	f.text("note", in.Note+"-", "", 2001)
	return f.err()
}

// loneVoice: among fewer than five businesses one person does not send a letter alone (docs/adr/0015). words say among how many.
func loneVoice(words string) error {
	return conflict("voice_alone", words+"不到5家，一个人不能决定。请先交付统一发出；确实不能等的，由县司法局的另一个人或者局领导写明理由，同意马上发出。")
}

func (f *faults) urgent(in Input) {
	f.add(utf8.RuneCountInString(strings.TrimSpace(in.UrgentReason)) < 10, "urgent_reason", "写清楚为什么不能等，至少10个字")
	f.text("urgent_reason", in.UrgentReason, "写明为什么不能等", 2000)
}

// readyHasten: what stands among fewer than five businesses leaves alone only when a second person agrees.
func readyHasten(p Problem, who actor.Actor, today deadline.Date) error {
	if err := readyQueue(p, who, today); err != nil {
		return err
	}
	if p.QueuedAt == nil {
		return conflict("not_queued", "还没有交付。先由办的人交付统一发出，再由另一个人同意马上发出。")
	}
	if p.QueuedBy.Valid && p.QueuedBy.UUID == who.ID {
		return forbidden("second_person", "是您交付的，要县司法局的另一个人或者局领导同意，才能马上发出。")
	}
	return nil
}

func checkHasten(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.urgent(in)
	return f.err()
}

func (f *faults) served(in Input, notBefore, today deadline.Date, words string) {
	f.date("served_on", in.ServedOn, notBefore, today, words)
	if in.DueOn != "" {
		f.date("due_on", in.DueOn, in.ServedOn, in.ServedOn.Add(365), "期限不能早于送达的那一天，也不能超过一年")
	}
}

// readyQueue: only what people told us waits in company; what a supervisor saw herself goes at once.
func readyQueue(p Problem, who actor.Actor, today deadline.Date) error {
	if !p.FromVoice() {
		return conflict("no_voice", "这个问题不是群众和企业反映的，直接发文书就行，不用等统一发出。")
	}
	return readyOrder(p, who, today)
}

func checkQueue(p Problem, who actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	if err := f.rung(p, who, in.Rung); err != nil {
		return err
	}
	f.text("note", in.Note+"-", "", 2001)
	return f.err()
}

func readyOnSpot(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.FromVoice() {
		return conflict("voice", "这个问题是群众或企业反映的。当场让执法单位认可，就等于说出了是谁反映的，请发文书。")
	}
	if p.Severity != Minor {
		return conflict("not_minor", "只有瑕疵可以当场改正，这个问题要发文书。")
	}
	return nil
}

func checkOnSpot(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.add(!in.Acknowledged, "acknowledged", "要有执法单位当场认可")
	f.photos(in.Photos, 1, "至少附一张改正后的照片")
	f.text("note", in.Note+"-", "", 2001)
	return f.err()
}

func checkSubmit(p Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("measures", in.Measures, "写明采取了什么措施", 4000)
	f.text("result", in.Result, "写明结果怎样", 4000)
	f.photos(in.Photos, 1, "至少附一件佐证，比如签到表照片或新的通知书")
	if p.Severity == Redline {
		f.text("responsible", in.Responsible, "红线问题要写明责任人怎样处理", 2000)
	} else {
		f.text("responsible", in.Responsible+"-", "", 2001)
	}
	return f.err()
}

func readyAsk(p Problem, _ actor.Actor, _ deadline.Date) error {
	switch {
	case p.Extended:
		return conflict("extended", "已经延期过一次，不能再延。")
	case p.ExtensionAsked != "":
		return conflict("asked", "延期申请已经提交，正在等答复。")
	}
	return nil
}

func (p Problem) checkUntil(f *faults, until, today deadline.Date) {
	last := p.OriginalDueOn.Add(maxExtension)
	f.date("until", until, max(p.DueOn.Add(1), today), last, "新期限要晚于原来的"+string(p.DueOn)+"，不能是已经过去的日子，最晚到"+string(last))
}

func checkAsk(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	p.checkUntil(&f, in.Until, today)
	f.text("reason", in.Reason, "写明为什么要延期", 1000)
	return f.err()
}

func readyExtend(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.ExtensionAsked == "" {
		return conflict("not_asked", "执法单位没有申请延期。")
	}
	return nil
}

func checkExtend(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	p.checkUntil(&f, in.Until, today)
	return f.err()
}

func checkAmend(_ Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明变更了什么", 4000)
	f.date("due_on", in.DueOn, today, today.Add(365), "新期限从今天起，不超过一年")
	return f.err()
}

// climbable are the rungs a person may escalate to: the next one; the leader may go to a decision at once, with a reason.
func (p Problem) climbable(who actor.Actor) []Rung {
	if who.Is(actor.Leader) {
		return []Rung{JDS}
	}
	if n := p.Rung.next(); n != "" {
		return []Rung{n}
	}
	return []Rung{}
}

// readyEscalate: an unanswered letter leads to the next rung. A decision needs an opinion whose date has passed
// (河南省行政执法条例第四十三条); only the leader may override that, in writing.
func readyEscalate(p Problem, who actor.Actor, today deadline.Date) error {
	switch {
	case p.Rung == JDS:
		return conflict("top", "已经发到决定书，没有更高一级的文书。")
	case who.Is(actor.Leader):
		return nil
	case !p.Overdue(today):
		return conflict("not_overdue", "还没有逾期，不能升级。")
	case p.Rung == YJS && (p.YJSDueOn == "" || p.YJSDueOn >= today):
		return conflict("opinion_running", "意见书的期限还没有过，不能发决定书。")
	}
	return nil
}

func checkEscalate(p Problem, who actor.Actor, in Input, today deadline.Date) error {
	var f faults
	switch may := p.climbable(who); {
	case !contains(Rungs, in.Rung):
		f.add(true, "rung", "选一种文书")
	case !contains(may, in.Rung) && who.Is(actor.Leader):
		return forbidden("rung", "局领导只批准越级发决定书，逐级升级由县司法局办理。")
	case !contains(may, in.Rung) && in.Rung == JDS:
		return conflict("no_opinion", "决定书之前要先送达意见书，而且意见书的期限已过。确需越级的，由局领导写明理由。")
	case !contains(may, in.Rung):
		return conflict("next_rung", "只能升级到上一份文书的下一级。")
	}
	p.climbed(&f, who, in, today)
	f.text("note", in.Note+"-", "", 2001)
	return f.err()
}

// climbed holds the day that was written down to the same rule as the day of writing: a letter is not served "in time" by a
// date put back behind the day that the one before it was due. Only the leader does not wait for that day.
func (p Problem) climbed(f *faults, who actor.Actor, in Input, today deadline.Date) {
	if who.Is(actor.Leader) {
		f.text("override_reason", in.OverrideReason, "写明为什么不等意见书到期", 2000)
		f.served(in, p.ServedOn, today, "送达日期不能早于上一份文书，也不能晚于今天")
		return
	}
	due := p.DueOn
	if in.Rung == JDS {
		due = max(due, p.YJSDueOn)
	}
	f.served(in, due.Add(1), today, "上一份文书的期限是"+string(due)+"，这一天过后才能送达下一份，也不能晚于今天")
}

// mayReview: who reviews is not who reported, and a red line is the county's (DOMAIN G.2).
func mayReview(p Problem, who actor.Actor) error {
	if p.Severity == Redline && !who.Is(actor.County) {
		return forbidden("redline_county", "红线问题由县司法局复核。")
	}
	return nil
}

// reported tells whether who is one of the reporters: who registered it, or who wrote a lead that led here.
func (p Problem) reported(who actor.Actor) bool {
	return p.ReporterID.Valid && p.ReporterID.UUID == who.ID || strings.Contains(p.ToldBy, who.ID.String())
}

func readyClose(p Problem, who actor.Actor, _ deadline.Date) error {
	if err := mayReview(p, who); err != nil {
		return err
	}
	if p.reported(who) {
		return forbidden("own_report", "这个问题是您登记或者报来的，销号要换一个人复核。")
	}
	return nil
}

func checkClose(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("conclusion", in.Conclusion, "写明怎样核的、结论是什么", 4000)
	if p.Severity == Redline || in.LookBackOn != "" {
		f.date("look_back_on", in.LookBackOn, today.Add(1), today.Add(3650), "回头看日期要在今天之后")
	}
	return f.err()
}

func readyReturn(p Problem, who actor.Actor, _ deadline.Date) error {
	if err := mayReview(p, who); err != nil {
		return err
	}
	if p.AgencyText == "" {
		return conflict("not_deidentified", "还没有去标识。先写一份看不出是谁说的事实，再退回给执法单位整改。")
	}
	return nil
}

func checkReturn(_ Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("reason", in.Reason, "写明退回的理由，执法单位会看到", 2000)
	f.date("due_on", in.DueOn, today, today.Add(365), "新期限从今天起，不超过一年")
	return f.err()
}

func readyReopen(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.AgencyText == "" {
		return conflict("not_deidentified", "还没有去标识。先写一份看不出是谁说的事实，再重新打开。")
	}
	return nil
}

func readyAccountability(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.Accountability {
		return conflict("marked", "已经移送责任追究。")
	}
	return nil
}
