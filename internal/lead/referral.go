package lead

import (
	"strings"
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/problem"
)

// What belongs to another organ goes there by a numbered letter, and its written outcome comes back: it is asked for (DL26)
// until it is said to be handled, is then due by DL10, and what came or did not come is written down. As of complaints.

func checkRefer(l Lead, who actor.Actor, in Decision) error {
	switch {
	case strings.TrimSpace(in.To) == "":
		return fault.Field("to", "写明移送给哪个机关")
	case strings.TrimSpace(in.Letter) == "":
		return fault.Field("letter_number", "写明移送函的文号")
	}
	return checkReason(l, who, in)
}

// readyPress: what was sent on is followed up until there is an outcome.
func readyPress(l Lead, _ actor.Actor) error {
	if l.Outcome != "" {
		return fault.New(fault.Conflict, "outcome", "结果已经记下。")
	}
	return nil
}

func checkPress(l Lead, _ actor.Actor, in Decision) error {
	if len([]rune(strings.TrimSpace(in.Text))) < 2 {
		return fault.Field("text", "写明怎样催的、对方怎样说")
	}
	if in.HandledOn != "" && (!in.HandledOn.Valid() || l.DecidedAt != nil && in.HandledOn < deadline.DayOf(*l.DecidedAt)) {
		return fault.Field("handled_on", "对方办结的日期在移送和今天之间，写成2026-05-14这样")
	}
	return nil
}

func checkOutcome(_ Lead, _ actor.Actor, in Decision) error {
	if !listed(problem.Outcomes, in.Outcome) {
		return fault.Field("outcome", "选对方怎样办的")
	}
	if len([]rune(strings.TrimSpace(in.Text))) < 2 {
		return fault.Field("text", "写明结果：哪一天、什么文书、怎样处理")
	}
	return nil
}

// takeReferral sends the lead on, or takes what is heard of it. The days are held to today here: the checks know no clock.
func (l Lead) takeReferral(s step, who actor.Actor, in Decision, now time.Time) (Lead, Event, error) {
	today := deadline.DayOf(now)
	was, ev := l, Event{Deed: s.Deed, State: l.State, Text: in.Text}
	switch {
	case s.Deed == Press && in.HandledOn > today:
		return was, Event{}, fault.Field("handled_on", "对方办结的日期在移送和今天之间，写成2026-05-14这样")
	case s.Deed == Outcome && in.Outcome == "silent" && l.Due >= today:
		return was, Event{}, fault.Field("outcome", "还没有到期，不能记成没有反馈")
	case s.Deed == Outcome:
		l.Outcome, l.Awaited = in.Outcome, Awaited{}
		ev.Text = problem.OutcomeWords[in.Outcome] + "：" + in.Text
		return l, ev, nil
	case in.Awaited.Due == "":
		return was, Event{}, fault.Field("letter_number", "书面结果的期限算不出来，请先维护期限规则和日历")
	}
	l.Awaited = in.Awaited
	if s.Deed == Press {
		return l, ev, nil
	}
	l.State, l.Reason, l.ReferredTo, l.Letter = s.To, in.Reason, in.To, in.Letter
	return l.decided(who, now), Event{Deed: Refer, State: l.State, Text: in.Letter + "：" + in.Reason}, nil
}
