package complaint

import (
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

// Why a clock may stand still (DOMAIN B.3): the person completes what is missing, an appraisal, another organ's result.
const (
	groundCompletion = "completion"
	groundAppraisal  = "appraisal"
	groundOrgan      = "other_organ"
)

var pauseWords = map[string]string{groundCompletion: "投诉人补正", groundAppraisal: "鉴定", groundOrgan: "其他机关的结果"}

// readyStop: a clock that has run out cannot be stopped, and the person is asked once, for everything.
func readyStop(c Case, who actor.Actor) error {
	switch {
	case c.PausedOn != "":
		return conflict("paused", "期限已经停着，等"+pauseWords[c.PauseGround]+"。")
	case c.DueOn == "":
		return conflict("no_due", "现在没有在走的期限。")
	case c.ExtensionAsked:
		return conflict("asked", "延期申请正在等局领导答复，答复以后再停。")
	}
	return readyHandle(c, who)
}

func (f *faults) inTime(c Case, today deadline.Date) error {
	if c.Overdue(today) {
		return conflict("overdue", "期限已经过了，不能再停。请照实往下办。")
	}
	return f.err()
}

// checkAskCompletion: what is missing is written once and whole; the person reads it by the receipt's code.
func checkAskCompletion(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	if c.AskedOnce {
		return conflict("asked_once", "已经要求补正过一次。要补什么须一次写全，不能一再要求。")
	}
	f.public(c, "text", in.Text, "一次写全要补什么，投诉人看得到", 2000)
	f.told(in, c, today)
	return f.inTime(c, today)
}

func checkStop(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.add(!listed(stopped, in.Stop), "stop", "选等什么")
	f.text("reason", in.Reason, "写明委托了谁、问了哪个机关、什么时候", 5, 1000)
	f.add(len(in.Photos) == 0, "photos", "附上委托书、函件或者回执")
	return f.inTime(c, today)
}

func readyRunOn(c Case, who actor.Actor) error {
	if c.PausedOn == "" {
		return conflict("not_paused", "期限没有停。")
	}
	return c.conflict(who)
}

func checkRunOn(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.add(!in.ArrivedOn.Valid() || in.ArrivedOn > today || in.ArrivedOn < c.PausedOn, "arrived_on", "收到的日期在停止计算那天和今天之间")
	f.text("text", in.Text, "写明收到了什么；没有补上的，写明没有补", 2, 2000)
	return f.err()
}

func applyAskCompletion(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.standStill(deadline.DayOf(now), groundCompletion)
	c.Asks, c.AskedOnce = in.Text, true
	data := toldData(in)
	data["was"] = c.DueOn
	return Event{Text: in.Text, Data: data}
}

func applyStop(c *Case, _ actor.Actor, in Decision, now time.Time) Event {
	c.standStill(deadline.DayOf(now), in.Stop)
	return Event{Text: in.Reason, Attach: in.Photos, Data: map[string]any{"stop": in.Stop, "was": c.DueOn}}
}

func applyRunOn(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	stop := c.stop(in)
	was := c.stoppedSum().Due
	c.goOn()
	return Event{Text: in.Text, Attach: in.Photos, Data: map[string]any{"stop": stop.Why, "stopped_from": stop.From, "stopped_until": stop.Until, "was": was, "due_on": in.Sum.Due}}
}

// readyApprove: the leader who is named in the complaint, or has stood back, does not decide on it.
func readyApprove(c Case, who actor.Actor) error { return c.conflict(who) }

// applyApprove: from here on it is decided; what came to nothing ends its lead only now.
func applyApprove(c *Case, _ actor.Actor, _ Decision, now time.Time) Event {
	c.DecidedAt = &now
	ev := Event{Data: map[string]any{"finding": c.Finding}}
	if c.Finding == "unfounded" || c.Finding == "unverifiable" {
		ev.Settle = "dismissed"
	}
	return ev
}

func applySendBack(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	c.Finding = ""
	return Event{Text: in.Reason}
}

// readyPress: what was sent on is followed up until there is an outcome; what is about the bureau, by the county that sent it.
func readyPress(c Case, who actor.Actor) error {
	if c.Outcome != "" {
		return conflict("outcome", "结果已经记下。")
	}
	if c.About == AboutBureau && who.Is(actor.County) {
		return c.personal(who)
	}
	return c.conflict(who)
}

// checkPress: the written outcome is due from the day the organ has handled the matter, where it says one.
func checkPress(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明内容", 2, 2000)
	f.add(in.HandledOn != "" && (!in.HandledOn.Valid() || in.HandledOn > today || in.HandledOn < deadline.DayOf(c.ReceivedAt)), "handled_on", "对方办结的日期在收到投诉和今天之间，写成2026-05-14这样")
	return f.err()
}

// checkOutcome: that nothing came is an outcome only after the day it was due.
func checkOutcome(c Case, _ actor.Actor, in Decision, today deadline.Date) error {
	var f faults
	f.add(!listed(outcomes, in.Outcome), "outcome", "选对方怎样办的")
	f.text("text", in.Text, "写明结果：哪一天、什么文书、怎样处理", 2, 2000)
	f.add(in.Outcome == "silent" && c.DueOn >= today, "outcome", "还没有到期，不能记成没有反馈")
	return f.err()
}

func applyOutcome(c *Case, _ actor.Actor, in Decision, _ time.Time) Event {
	c.Outcome = in.Outcome
	return Event{Text: in.Text, Attach: in.Photos, Data: map[string]any{"outcome": in.Outcome}}
}
