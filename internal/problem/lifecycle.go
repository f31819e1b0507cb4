package problem

import (
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/lifecycle"
)

// Deed is something a person does to a problem; it is also the last part of its route.
type Deed string

// The deeds of DOMAIN G.2. Registered is how a problem begins and Joined how a further lead comes to it: no routes.
const (
	Registered       Deed = "register"
	Joined           Deed = "join"
	Deidentify       Deed = "deidentify"        // 去标识
	Queue            Deed = "queue"             // 交付统一发出
	Order            Deed = "order"             // 反馈执法单位
	Hasten           Deed = "hasten"            // 同意不等，马上发出
	CorrectOnSpot    Deed = "correct-on-spot"   // 当场改正
	Submit           Deed = "submit"            // 提交整改报告
	AskExtension     Deed = "ask-extension"     // 申请延期
	Extend           Deed = "extend"            // 同意延期
	DeclineExtension Deed = "decline-extension" // 不同意延期
	Object           Deed = "object"            // 提出异议
	Uphold           Deed = "uphold"            // 维持
	Amend            Deed = "amend"             // 变更
	Withdraw         Deed = "withdraw"          // 撤回
	Escalate         Deed = "escalate"          // 升级
	Close            Deed = "close"             // 复核通过，销号
	Return           Deed = "return"            // 退回
	Reopen           Deed = "reopen"            // 重新打开
	Refer            Deed = "refer"             // 移送
	Press            Deed = "press"             // 催问移送的机关
	Outcome          Deed = "outcome"           // 移送的机关的书面结果
	Accountability   Deed = "accountability"    // 移送责任追究
)

// same means that a deed leaves the state as it is.
const same State = ""

// rules are what a deed asks of the problem and changes in it.
type rules struct {
	// ready says why the record or the person does not allow the deed now; nil: always.
	ready func(p Problem, who actor.Actor, today deadline.Date) error
	// check says what is wrong with the input.
	check func(p Problem, who actor.Actor, in Input, today deadline.Date) error
	// apply changes what the deed changes besides the state.
	apply func(p *Problem, who actor.Actor, in Input, now time.Time) Event
}

type step = lifecycle.Step[Deed, State, rules]

var line = lifecycle.Row[Deed, State, rules]

var (
	openStates = []State{Confirmed, Rectifying, Submitted, Disputed}
	desk       = []actor.Role{actor.Office, actor.County}
	bureau     = []actor.Role{actor.County, actor.Leader}
	agency     = []actor.Role{actor.Agency}
	county     = []actor.Role{actor.County}
)

// steps is the life-cycle. docs/problem-lifecycle.md is printed from it, the routes and the desk's buttons are made from it.
var steps = lifecycle.Table[Deed, State, rules]{
	line(Deidentify, []State{Confirmed, Rectifying, Submitted, Disputed, Closed}, same, desk, needText("text", 4000, "photos"), rules{readyDeidentify, checkDeidentify, applyDeidentify}),
	line(Queue, []State{Confirmed}, same, desk, needQueue, rules{readyQueue, checkQueue, applyQueue}),
	line(Order, []State{Confirmed}, Rectifying, desk, needOrder(FBK, TXH, DBH, YJS), rules{readyOrder, checkOrder, applyOrder}),
	line(Hasten, []State{Confirmed}, Rectifying, bureau, needText("urgent_reason", 2000), rules{readyHasten, checkHasten, applyHasten}),
	line(CorrectOnSpot, []State{Confirmed}, Submitted, []actor.Role{actor.Office}, needOnSpot, rules{readyOnSpot, checkOnSpot, applyOnSpot}),
	line(Submit, []State{Rectifying}, Submitted, agency, needSubmit, rules{nil, checkSubmit, applySubmit}),
	line(AskExtension, []State{Rectifying}, same, agency, needUntil("reason"), rules{readyAsk, checkAsk, applyAsk}),
	line(Extend, []State{Rectifying}, same, []actor.Role{actor.Office, actor.County, actor.Leader}, needUntil(""), rules{readyExtend, checkExtend, applyExtend}),
	line(DeclineExtension, []State{Rectifying}, same, []actor.Role{actor.Office, actor.County, actor.Leader}, needText("reason", 2000), rules{readyExtend, checkReason, applyDecline}),
	line(Object, []State{Rectifying}, Disputed, agency, needText("text", 4000), rules{nil, checkText, applyText}),
	line(Uphold, []State{Disputed}, Rectifying, bureau, needText("text", 4000), rules{nil, checkText, applyText}),
	line(Amend, []State{Disputed}, Rectifying, bureau, needDue("text", 4000), rules{nil, checkAmend, applyAmend}),
	line(Withdraw, []State{Disputed}, Withdrawn, bureau, needText("text", 4000), rules{nil, checkText, applyEnd}),
	line(Escalate, []State{Rectifying}, same, bureau, needOrder(TXH, DBH, YJS, JDS), rules{readyEscalate, checkEscalate, applyEscalate}),
	line(Close, []State{Submitted}, Closed, desk, needClose, rules{readyClose, checkClose, applyClose}),
	line(Return, []State{Submitted}, Rectifying, desk, needDue("reason", 2000), rules{readyReturn, checkReturn, applyReturn}),
	line(Reopen, []State{Closed}, Rectifying, county, needText("reason", 2000), rules{readyReopen, checkReason, applyReopen}),
	line(Refer, openStates, Referred, county, NeedRefer, rules{nil, checkRefer, applyRefer}),
	line(Press, []State{Referred}, same, county, NeedPress, rules{readyPress, checkPress, applyPress}),
	line(Outcome, []State{Referred}, same, county, NeedOutcome, rules{readyPress, checkOutcome, applyOutcome}),
	line(Accountability, openStates, same, bureau, needText("text", 4000), rules{readyAccountability, checkText, applyAccountability}),
}

// Check tells whether who may do the deed with this input today, without doing it.
func (p Problem) Check(d Deed, who actor.Actor, in Input, today deadline.Date) error {
	_, err := p.step(d, who, in, today)
	return err
}

func (p Problem) step(d Deed, who actor.Actor, in Input, today deadline.Date) (step, error) {
	s, err := steps.Find(d, p.State, who, "这个问题现在是“"+stateWords[p.State]+"”，不能办这一项。请看过最新的情况再决定。")
	if err == nil && s.Rules.ready != nil {
		err = s.Rules.ready(p, who, today)
	}
	if err == nil {
		err = s.Rules.check(p, who, in, today)
	}
	return s, err
}

// Take does the deed: it gives the problem after it and the event it leaves. Pure: no clock, no database.
// Where the deed sets a date, in.Sum carries how it was counted.
func (p Problem) Take(d Deed, who actor.Actor, in Input, now time.Time) (Problem, Event, error) {
	today := deadline.DayOf(now)
	s, err := p.step(d, who, in, today)
	if err != nil {
		return p, Event{}, err
	}
	if due := p.dueFor(d, in, today); due.needed && in.Sum.Due == "" {
		return p, Event{}, fault.Field("due_on", "写明期限")
	}
	was := p
	ev := s.Rules.apply(&p, who, in, now)
	if s.To != same {
		p.State = s.To
	}
	if !p.HandlerID.Valid && who.Is(actor.Office, actor.County) {
		p.HandlerID = who.Account()
	}
	if ev.State = p.State; ev.Deed == "" {
		ev.Deed = d
	}
	p.tellAgency(was, ev)
	return p, ev, nil
}

// Deeds says what who may do with the problem today, and what is in the way of the rest; from the same table and guards.
func (p Problem) Deeds(who actor.Actor, today deadline.Date) ([]lifecycle.Allowed, []lifecycle.Blocked) {
	return steps.Offers("problem", p.State, who, func(s step) ([]lifecycle.Need, error) {
		if (s.Deed == Queue || s.Deed == Hasten) && !p.FromVoice() || s.Deed == CorrectOnSpot && p.FromVoice() {
			return nil, nil
		}
		if s.Rules.ready != nil {
			if err := s.Rules.ready(p, who, today); err != nil {
				return nil, err
			}
		}
		return p.narrow(s, who), nil
	})
}

var stateWords = map[State]string{
	Confirmed: "已确认", Rectifying: "整改中", Submitted: "待复核", Disputed: "异议复核", Closed: "已销号", Withdrawn: "已撤回", Referred: "已移送",
}
