package problem

import (
	"context"
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lifecycle"
	"suixing/internal/platform/db"
)

// What belongs to another organ goes there by a numbered letter, and its written outcome comes back, of a lead (package lead)
// as of a problem; complaints have their own, in the same words.

// Outcomes are how the organ ended a matter; OutcomeWords say it.
var (
	Outcomes     = []string{"done", "declined", "silent"}
	OutcomeWords = map[string]string{"done": "已办结", "declined": "不予办理", "silent": "催过，到期没有反馈"}
)

// What the deeds of a referral ask for.
var (
	NeedRefer   = []lifecycle.Need{{Name: "to", Kind: "text", Required: true, Max: 100}, {Name: "letter_number", Kind: "text", Required: true, Max: 60}, {Name: "reason", Kind: "text", Required: true, Max: 2000}}
	NeedPress   = []lifecycle.Need{{Name: "text", Kind: "text", Required: true, Max: 2000}, {Name: "handled_on", Kind: "date"}}
	NeedOutcome = []lifecycle.Need{{Name: "outcome", Kind: "choice", Required: true, Choices: Outcomes}, {Name: "text", Kind: "text", Required: true, Max: 2000}, {Name: "photos", Kind: "photos", Max: maxPhotos}}
)

// outcomeNeed: DL10 from the day the organ has handled the matter, where it says one; until then DL26 says when to ask.
func outcomeNeed(handled, today deadline.Date) dueNeed {
	if handled != "" {
		return dueNeed{true, "DL10", handled, ""}
	}
	return dueNeed{true, "DL26", today, ""}
}

// OutcomeDue counts when the written outcome of what is referred today is due.
func (s *Service) OutcomeDue(ctx context.Context, tx *db.DB, handled deadline.Date) (deadline.DueSum, error) {
	if handled != "" && !handled.Valid() {
		handled = "" // the deed's own check says so in words
	}
	return s.count(ctx, tx, outcomeNeed(handled, deadline.DayOf(s.now())))
}

func checkRefer(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("to", in.To, "写明移送给哪个机关", 100)
	f.text("letter_number", in.Letter, "写明移送函的文号", 60)
	f.text("reason", in.Reason, "写明移送的理由", 2000)
	return f.err()
}

// applyRefer keeps from the agency where the matter went.
func applyRefer(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.ClosedAt, p.Letter = &now, in.Letter
	p.unqueue()
	p.await(in)
	return Event{Data: map[string]any{"to": in.To, "letter_number": in.Letter, "reason": in.Reason}}
}

func (p *Problem) await(in Input) {
	p.OutcomeRule, p.OutcomeFrom, p.OutcomeDueOn = in.Sum.Rule, in.Sum.From, in.Sum.Due
}

// readyPress: what was sent on is followed up until there is an outcome.
func readyPress(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.Outcome != "" {
		return conflict("outcome", "结果已经记下。")
	}
	return nil
}

func checkPress(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明怎样催的、对方怎样说", 2000)
	if in.HandledOn != "" {
		f.date("handled_on", in.HandledOn, day(p.ClosedAt), today, "对方办结的日期在移送和今天之间")
	}
	return f.err()
}

func applyPress(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	p.await(in)
	return Event{Data: map[string]any{"text": in.Text, "handled_on": in.HandledOn, "due_on": p.OutcomeDueOn}}
}

// checkOutcome: that nothing came is an outcome only after the day it was due.
func checkOutcome(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.add(!listed(Outcomes, in.Outcome), "outcome", "选对方怎样办的")
	f.add(in.Outcome == "silent" && p.OutcomeDueOn >= today, "outcome", "还没有到期，不能记成没有反馈")
	f.text("text", in.Text, "写明结果：哪一天、什么文书、怎样处理", 2000)
	f.photos(in.Photos, 0, "")
	return f.err()
}

func applyOutcome(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	p.Outcome, p.OutcomeRule, p.OutcomeFrom, p.OutcomeDueOn = in.Outcome, "", "", ""
	return Event{Data: map[string]any{"outcome": in.Outcome, "text": OutcomeWords[in.Outcome] + "：" + in.Text, "photos": len(in.Photos)}}
}
