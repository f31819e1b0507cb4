package complaint

import (
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

func applyText(_ *Case, _ actor.Actor, in Decision, _ time.Time) Event { return Event{Text: in.Text} }

func applyClassify(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	was := c.Category
	c.Category, c.Subcategory, c.Urgency = in.Category, in.Subcategory, in.Urgency
	if in.AgencyID != nil && *in.AgencyID != uuid.Nil {
		c.AgencyID = uuid.NullUUID{UUID: *in.AgencyID, Valid: true}
	}
	return Event{Data: map[string]any{"was": was, "category": in.Category, "subcategory": in.Subcategory, "urgency": in.Urgency}}
}

func applyAccept(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.AcceptedAt = &now
	return Event{Text: in.Reason}
}

func toldData(in Decision) map[string]any {
	return map[string]any{"how": in.How, "told_on": in.ToldOn}
}

func applyRefuse(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.Ground, c.Answer, c.DecidedAt, c.AnsweredAt = in.Ground, in.Text+"\n"+in.Remedies, &now, &now
	data := toldData(in)
	data["ground"], data["remedies"] = in.Ground, in.Remedies
	return Event{Text: in.Text, Data: data, Settle: "dismissed"}
}

func applyTransfer(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.ReferredTo, c.Answer, c.DecidedAt, c.AnsweredAt, c.ExtensionAsked = in.To, "这件事由"+in.To+"办理，已经转送。", &now, &now, false
	c.Outcome = ""
	data := toldData(in)
	data["to"] = in.To
	return Event{Text: in.Reason, Data: data, Settle: "referred"}
}

// applyAssign: appointed once more after triage ended the lead, the inquiry has a lead again, or nothing could be found true.
func applyAssign(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	again := c.State == Investigating && (c.LeadState == "dismissed" || c.LeadState == "referred")
	c.Investigators = in.chosen()
	return Event{Appoint: c.Investigators, RaiseAgain: again, Data: map[string]any{"accounts": c.Investigators}}
}

func applyRecuse(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	id := *in.AccountID
	c.Recused = append(append([]uuid.UUID{}, c.Recused...), id)
	var left []uuid.UUID
	for _, x := range c.Investigators {
		if x != id {
			left = append(left, x)
		}
	}
	c.Investigators = left
	if c.HandlerID.UUID == id {
		c.HandlerID = uuid.NullUUID{}
	}
	return Event{Text: in.Reason, Remove: []uuid.UUID{id}, RecusalOf: id, Data: map[string]any{"account": id}}
}

func applyAsk(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	c.ExtensionAsked = true
	return Event{Text: in.Reason}
}

func applyExtend(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	was := c.DueOn
	c.Extended, c.ExtensionAsked = true, false
	return Event{Data: map[string]any{"was": was, "due_on": in.Sum.Due}}
}

func applyDecline(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	c.ExtensionAsked = false
	return Event{Text: in.Reason}
}

// applyDecide writes what was found down; the leader decides on it.
func applyDecide(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	c.Finding, c.ExtensionAsked = in.Finding, false
	return Event{Text: in.Text, Data: map[string]any{"finding": in.Finding}}
}

func applyTell(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.Answer, c.AnsweredAt = in.Text, &now
	data := toldData(in)
	if c.DueOn != "" && in.ToldOn > c.DueOn {
		data["late_after"] = c.DueOn
	}
	return Event{Text: in.Text, Data: data}
}

func applyFollowUp(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	if in.GotAnswer == unreached {
		c.FollowTries, c.FollowTriedOn = c.FollowTries+1, deadline.DayOf(now)
		return Event{Text: in.Text, Data: map[string]any{"got_answer": unreached, "try": c.FollowTries}}
	}
	c.Retaliation = c.Retaliation || in.Retaliation == "yes"
	return Event{Text: in.Text, Data: map[string]any{"got_answer": in.GotAnswer, "satisfied": in.Satisfied, "retaliation": in.Retaliation}}
}

func applyClose(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.ClosedAt = &now
	return Event{Text: in.Text}
}

func applyReopen(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	again := c.LeadState == "dismissed" || c.LeadState == "referred"
	c.ClosedAt, c.DecidedAt, c.AnsweredAt, c.AcceptedAt = nil, nil, nil, &now
	c.Finding, c.Ground, c.ReferredTo, c.Outcome, c.AskedOnce = "", "", "", "", false
	c.Extended, c.ExtensionAsked = false, false
	c.FollowTries, c.FollowTriedOn = 0, ""
	c.Reopened++
	return Event{Text: in.Reason, RaiseAgain: again, Data: map[string]any{"reopened": c.Reopened}}
}

// applyRight names which of the person's rights was met, never a value of the person.
func applyRight(_ *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	return Event{Text: in.Reason, Data: map[string]any{"verified": in.Verified}}
}

func applyErase(c *Case, who actor.Actor, in Decision, now time.Time) Event {
	c.HasContact = false
	return applyRight(c, who, in, now)
}
