package problem

import (
	"strings"
	"unicode/utf8"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

// What a letter needs before it leaves, of whichever rung: the first, one that waits for the common departure, the next one up.

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
	f.most("note", in.Note, 2000)
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
	f.most("note", in.Note, 2000)
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
	f.most("note", in.Note, 2000)
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
