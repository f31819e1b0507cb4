package problem

import (
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

// dueNeed says which date a deed sets and how it is counted.
type dueNeed struct {
	needed bool
	rule   string
	from   deadline.Date
	to     deadline.Date // empty: count by the rule
}

func (p Problem) dueFor(d Deed, in Input, today deadline.Date) dueNeed {
	switch d {
	case Order, Escalate:
		return dueNeed{true, in.Rung.Rule(), in.ServedOn, in.DueOn}
	case Hasten:
		return dueNeed{true, p.QueuedRung.Rule(), today, ""}
	case Extend:
		return dueNeed{true, p.Rung.Rule(), p.ServedOn, in.Until}
	case Amend, Return:
		return dueNeed{true, p.Rung.Rule(), today, in.DueOn}
	case Reopen:
		return dueNeed{true, p.Rung.Rule(), today, ""}
	case Refer:
		return outcomeNeed("", today)
	case Press:
		return outcomeNeed(in.HandledOn, today)
	default:
		return dueNeed{}
	}
}

func (p *Problem) serve(in Input) {
	p.Rung, p.ServedOn, p.ExtensionAsked = in.Rung, in.ServedOn, ""
	p.setDue(in.Sum)
	p.OriginalDueOn = p.DueOn
}

// firstLetter puts a problem that was settled without one under the mildest letter, so that its clock has a rule.
func (p *Problem) firstLetter(now time.Time) {
	if p.Rung == "" {
		p.Rung, p.ServedOn = FBK, deadline.DayOf(now)
	}
	if p.OrderedAt == nil {
		p.OrderedAt = &now
		p.Round = 1
	}
}

func applyDeidentify(p *Problem, who actor.Actor, in Input, now time.Time) Event {
	p.AgencyText, p.DeidentifiedBy, p.DeidentifiedAt = in.Text, who.Account(), &now
	return Event{Data: map[string]any{"text": in.Text, "photos": len(in.Photos)}}
}

// applyQueue keeps what the letter will be; asked again it says what it is to be instead.
func applyQueue(p *Problem, who actor.Actor, in Input, now time.Time) Event {
	p.QueuedRung, p.QueuedNote, p.QueuedBy, p.QueuedAt = in.Rung, in.Note, who.Account(), &now
	p.QueuedRole, p.QueuedOffice, p.QueueFault = who.Role, who.OfficeID, ""
	return Event{Text: in.Note, Data: map[string]any{"rung": in.Rung}}
}

func (p *Problem) unqueue() {
	p.QueuedRung, p.QueuedNote, p.QueuedBy, p.QueuedAt = "", "", uuid.NullUUID{}, nil
	p.QueuedRole, p.QueuedOffice, p.QueueFault = "", uuid.NullUUID{}, ""
}

func applyOrder(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.serve(in)
	p.unqueue()
	p.OrderedAt, p.Round = &now, 1
	ev := letterEvent(*p, in)
	if p.FromVoice() && !in.Released {
		ev.Data["urgent_reason"], ev.Data["businesses"] = in.UrgentReason, in.Round.Businesses
	}
	return ev
}

// applyHasten serves the letter that was handed in, today. On the time line it is an order like any other: what follows
// counts from it.
func applyHasten(p *Problem, who actor.Actor, in Input, now time.Time) Event {
	in.Rung, in.Note, in.ServedOn = p.QueuedRung, p.QueuedNote, deadline.DayOf(now)
	by := p.QueuedBy
	ev := applyOrder(p, who, in, now)
	ev.Deed, ev.Data["handed_in_by"] = Order, by
	return ev
}

func letterEvent(p Problem, in Input) Event {
	data := map[string]any{"rung": p.Rung, "served_on": p.ServedOn, "due_on": p.DueOn}
	if in.OverrideReason != "" {
		data["override_reason"] = in.OverrideReason
	}
	return Event{Text: in.Note, ForAgency: true, Data: data}
}

func applyOnSpot(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.SubmittedAt = &now
	return Event{Text: in.Note, Data: map[string]any{"acknowledged": true, "photos": len(in.Photos)}}
}

func applySubmit(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.SubmittedAt, p.ExtensionAsked = &now, ""
	return Event{Text: in.Measures, ForAgency: true, Data: map[string]any{
		"measures": in.Measures, "result": in.Result, "responsible": in.Responsible, "round": p.Round, "photos": len(in.Photos)}}
}

func applyAsk(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	p.ExtensionAsked = in.Until
	return Event{Text: in.Reason, ForAgency: true, Data: map[string]any{"until": in.Until}}
}

func applyExtend(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	p.Extended, p.ExtensionAsked = true, ""
	was := p.DueOn
	p.setDue(in.Sum)
	return Event{ForAgency: true, Data: map[string]any{"until": p.DueOn, "was": was}}
}

func applyDecline(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	asked := p.ExtensionAsked
	p.ExtensionAsked = ""
	return Event{Text: in.Reason, ForAgency: true, Data: map[string]any{"asked": asked}}
}

func applyText(_ *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	return Event{Text: in.Text, ForAgency: true}
}

func applyAmend(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	p.setDue(in.Sum)
	p.OriginalDueOn = p.DueOn
	return Event{Text: in.Text, ForAgency: true, Data: map[string]any{"due_on": p.DueOn}}
}

func applyEnd(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.ClosedAt = &now
	return Event{Text: in.Text, ForAgency: true}
}

func applyEscalate(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	was := p.Rung
	p.serve(in)
	ev := letterEvent(*p, in)
	ev.Data["was"] = was
	return ev
}

// applyClose keeps the conclusion from the agency: it may name whom the reviewer called.
func applyClose(p *Problem, who actor.Actor, in Input, now time.Time) Event {
	p.ClosedAt, p.LookBackOn, p.VerifierID = &now, in.LookBackOn, who.Account()
	return Event{ForAgency: true, Data: map[string]any{"conclusion": in.Conclusion, "look_back_on": in.LookBackOn}}
}

func applyReturn(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.firstLetter(now)
	p.Round++
	p.setDue(in.Sum)
	p.OriginalDueOn = p.DueOn
	return Event{Text: in.Reason, ForAgency: true, Data: map[string]any{"due_on": p.DueOn, "round": p.Round}}
}

func applyReopen(p *Problem, _ actor.Actor, in Input, now time.Time) Event {
	p.firstLetter(now)
	p.ClosedAt, p.LookBackOn = nil, ""
	p.Reopened++
	p.Round++
	p.Extended, p.ExtensionAsked = false, ""
	p.setDue(in.Sum)
	p.OriginalDueOn = p.DueOn
	return Event{Text: in.Reason, ForAgency: true, Data: map[string]any{"due_on": p.DueOn, "reopened": p.Reopened}}
}

func applyAccountability(p *Problem, _ actor.Actor, in Input, _ time.Time) Event {
	p.Accountability = true
	return Event{Data: map[string]any{"text": in.Text}}
}
