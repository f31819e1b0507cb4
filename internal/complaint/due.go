package complaint

import (
	"encoding/json"

	"suixing/internal/deadline"
)

// dueNeed says which rule a deed's date is counted by, from when, and when the clock stood still; ends: nothing is due after it.
type dueNeed struct {
	rule  string
	from  deadline.Date
	stops []deadline.Stop
	ends  bool
}

// After the answer someone asks the person how it went (DOMAIN F.3 回访), until she was reached or tried so often.
const (
	followRule  = "DL23"
	followTries = 3
	unreached   = "unreached"
)

// dueFor: DL02 to decide, DL03 once more, DL04 (DL05 upwards) to tell, DL23 to call back, DL26 to ask the organ it was sent
// to, DL10 for its written outcome from the day it has handled the matter. While the
// clock stands still DL24 or DL25 says until when someone must look; then it runs on by its own rule.
func (c Case) dueFor(d Deed, in Decision, today deadline.Date) dueNeed {
	switch d {
	case Accept, Reopen:
		return dueNeed{rule: "DL02", from: today}
	case Extend:
		return dueNeed{rule: "DL03", from: c.DueOn}
	case AskCompletion:
		return dueNeed{rule: "DL24", from: in.ToldOn}
	case StopClock:
		return dueNeed{rule: "DL25", from: today}
	case RunOn:
		return c.runOn(in)
	case Approve:
		if c.Channel == "superior" {
			return dueNeed{rule: "DL05", from: today}
		}
		return dueNeed{rule: "DL04", from: today}
	case Tell:
		if !c.HasContact {
			return dueNeed{ends: true} // nobody can be called back
		}
		return dueNeed{rule: followRule, from: today}
	case Press:
		if in.HandledOn != "" {
			return dueNeed{rule: "DL10", from: in.HandledOn}
		}
		return dueNeed{rule: "DL26", from: today}
	case Transfer:
		return dueNeed{rule: "DL26", from: today}
	case FollowUp:
		return dueNeed{ends: in.GotAnswer != unreached || c.FollowTries+1 >= followTries}
	case Close:
		return dueNeed{ends: c.DueRule != followRule} // the file is put away, the call is still owed
	case Refuse, Outcome:
		return dueNeed{ends: true}
	default:
		return dueNeed{}
	}
}

// stop is the time the clock has stood still when it runs on: to the day that what was waited for came, and where the person
// was asked to complete, no longer than she was given.
func (c Case) stop(in Decision) deadline.Stop {
	s := deadline.Stop{From: c.PausedOn, Until: in.ArrivedOn, Why: c.PauseGround}
	if c.PauseGround == groundCompletion && c.DueOn != "" {
		s.Until = max(s.From, min(s.Until, c.DueOn))
	}
	return s
}

// runOn is the clock that was stopped. An extension that was counted from a day behind the stop moves with it.
func (c Case) runOn(in Decision) dueNeed {
	was, stop := c.stoppedSum(), c.stop(in)
	if was.Rule == "" {
		return dueNeed{ends: true}
	}
	if was.From > stop.From {
		return dueNeed{rule: was.Rule, from: stop.Shift(was.From), stops: was.Stops}
	}
	return dueNeed{rule: was.Rule, from: was.From, stops: append(append([]deadline.Stop{}, was.Stops...), stop)}
}

func (c Case) stoppedSum() (s deadline.DueSum) {
	_ = json.Unmarshal(c.StoppedSum, &s) // none is the empty one
	return s
}

// standStill stops the clock that runs. Its sum is kept, so that it can run on.
func (c *Case) standStill(on deadline.Date, ground string) {
	c.PausedOn, c.PauseGround, c.StoppedSum = on, ground, c.DueSum
	if len(c.StoppedSum) == 0 || string(c.StoppedSum) == "null" { // counted inside the statement that filed it
		c.StoppedSum, _ = json.Marshal(deadline.DueSum{Rule: c.DueRule, From: deadline.DayOf(c.ReceivedAt), Due: c.DueOn, Days: []deadline.SumDay{}})
	}
}

func (c *Case) goOn() { c.PausedOn, c.PauseGround, c.StoppedSum, c.Asks = "", "", nil, "" }

func (c *Case) setDue(s deadline.DueSum) {
	if s.Due == "" {
		c.DueRule, c.DueOn, c.DueSum = "", "", nil
		return
	}
	c.DueRule, c.DueOn = s.Rule, s.Due
	c.DueSum, _ = json.Marshal(s) // a struct of strings and numbers always encodes
}

// Overdue tells whether something is late today.
func (c Case) Overdue(today deadline.Date) bool { return c.DueOn != "" && c.DueOn < today }
