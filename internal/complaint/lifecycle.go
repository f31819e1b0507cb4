package complaint

import (
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/lifecycle"
)

// State is where a complaint stands. Overdue is derived, never a state.
type State string

// The states of DOMAIN B.4 W1.
const (
	Received      State = "received"      // 收到，待决定是否受理
	Accepted      State = "accepted"      // 已受理
	Investigating State = "investigating" // 两名以上调查人员在查
	Proposed      State = "proposed"      // 处理意见已写，等局领导审批
	Decided       State = "decided"       // 处理意见已批准，还没有告知
	Answered      State = "answered"      // 已告知投诉人
	Closed        State = "closed"        // 归档
	Refused       State = "refused"       // 不予受理
	Transferred   State = "transferred"   // 已转送有权办理的机关
)

// States lists them in the order of the work.
var States = []State{Received, Accepted, Investigating, Proposed, Decided, Answered, Closed, Refused, Transferred}

// Deed is something a person does to a complaint; it is also the last part of its route.
type Deed string

// The deeds of DOMAIN B.4 W1 and F.3. File is how a complaint begins: no route of the life-cycle.
const (
	File             Deed = "file"
	Classify         Deed = "classify"          // 分类
	Supplement       Deed = "supplement"        // 补充材料
	Accept           Deed = "accept"            // 受理
	Refuse           Deed = "refuse"            // 不予受理
	Transfer         Deed = "transfer"          // 转送
	Assign           Deed = "assign"            // 指定调查人员
	Recuse           Deed = "recuse"            // 回避
	AskExtension     Deed = "ask-extension"     // 申请延期
	Extend           Deed = "extend"            // 同意延期
	DeclineExtension Deed = "decline-extension" // 不同意延期
	AskCompletion    Deed = "ask-completion"    // 要求补正：期限停止计算
	StopClock        Deed = "stop-clock"        // 等鉴定或者别的机关的结果：期限停止计算
	RunOn            Deed = "run-on"            // 恢复计算
	Decide           Deed = "decide"            // 处理意见，送局领导审批
	Approve          Deed = "approve"           // 批准处理意见
	SendBack         Deed = "send-back"         // 退回处理意见
	Press            Deed = "press"             // 催问转送的机关
	Outcome          Deed = "outcome"           // 转送的机关的书面结果
	Tell             Deed = "answer"            // 告知结果
	FollowUp         Deed = "follow-up"         // 回访
	Close            Deed = "close"             // 归档
	Reopen           Deed = "reopen"            // 重新办理
	GiveAccess       Deed = "give-access"       // 本人查阅个人信息
	CorrectPerson    Deed = "correct-person"    // 更正个人信息
	ErasePerson      Deed = "erase-person"      // 删除个人信息
)

// same means that a deed leaves the state as it is.
const same State = ""

// rules are what a deed asks of the complaint and changes in it.
type rules struct {
	// ready says why the record or the person does not allow the deed now; nil: always.
	ready func(c Case, who actor.Actor) error
	// check says what is wrong with the input.
	check func(c Case, who actor.Actor, in Decision, today deadline.Date) error
	// apply changes what the deed changes besides the state.
	apply func(c *Case, who actor.Actor, in Decision, now time.Time) Event
}

type step = lifecycle.Step[Deed, State, rules]

var line = lifecycle.Row[Deed, State, rules]

var (
	desk     = []actor.Role{actor.Office, actor.County}
	deskCall = []actor.Role{actor.Office, actor.County, actor.Hotline}
	approver = []actor.Role{actor.Leader}
	underway = []State{Received, Accepted, Investigating, Proposed, Decided, Answered}
	early    = []State{Received, Accepted, Investigating}
	inquiry  = []State{Accepted, Investigating}
)

// steps is the life-cycle. docs/complaint-lifecycle.md is printed from it, the routes and the desk's buttons are made from it.
var steps = lifecycle.Table[Deed, State, rules]{
	line(Classify, early, same, desk, needClassify, rules{readyNoConflict, checkClassify, applyClassify}),
	line(Supplement, underway, same, deskCall, needText("text", 2000), rules{readySupplement, checkText, applyText}),
	line(Accept, []State{Received}, Accepted, desk, needReason(false), rules{readyAccept, checkAccept, applyAccept}),
	line(Refuse, []State{Received}, Refused, desk, needRefuse, rules{readyEnd, checkRefuse, applyRefuse}),
	line(Transfer, early, Transferred, desk, needTransfer, rules{readyTransfer, checkTransfer, applyTransfer}),
	line(Assign, inquiry, Investigating, desk, needAssign, rules{readyHandle, checkAssign, applyAssign}),
	line(Recuse, early, same, desk, needRecuse, rules{readyRecuse, checkRecuse, applyRecuse}),
	line(AskCompletion, early, same, desk, needAsk, rules{readyStop, checkAskCompletion, applyAskCompletion}),
	line(StopClock, early, same, desk, needStop, rules{readyStop, checkStop, applyStop}),
	line(RunOn, early, same, desk, needRunOn, rules{readyRunOn, checkRunOn, applyRunOn}),
	line(AskExtension, inquiry, same, desk, needReason(true), rules{readyAsk, checkReason, applyAsk}),
	line(Extend, inquiry, same, approver, nil, rules{readyExtend, checkNothing, applyExtend}),
	line(DeclineExtension, inquiry, same, approver, needReason(true), rules{readyExtend, checkReason, applyDecline}),
	line(Decide, []State{Investigating}, Proposed, desk, needDecide, rules{readyDecide, checkDecide, applyDecide}),
	line(Approve, []State{Proposed}, Decided, approver, nil, rules{readyApprove, checkNothing, applyApprove}),
	line(SendBack, []State{Proposed}, Investigating, approver, needReason(true), rules{readyApprove, checkReason, applySendBack}),
	line(Tell, []State{Decided}, Answered, desk, needTell, rules{readyHandle, checkTell, applyTell}),
	line(Press, []State{Transferred}, same, desk, needPress, rules{readyPress, checkPress, applyText}),
	line(Outcome, []State{Transferred}, same, desk, needOutcome, rules{readyPress, checkOutcome, applyOutcome}),
	line(FollowUp, []State{Answered, Closed}, same, desk, needFollowUp, rules{readyHandle, checkFollowUp, applyFollowUp}),
	line(Close, []State{Answered, Refused, Transferred}, Closed, desk, needText("text", 2000), rules{readyClose, checkText, applyClose}),
	line(Reopen, []State{Answered, Closed, Refused, Transferred}, Accepted, desk, needReason(true), rules{readyReopen, checkReason, applyReopen}),
	line(GiveAccess, States, same, desk, needRight, rules{readyPerson, checkRight, applyRight}),
	line(CorrectPerson, States, same, desk, needCorrect, rules{readyPerson, checkCorrect, applyRight}),
	line(ErasePerson, States, same, desk, needRight, rules{readyErase, checkRight, applyErase}),
}

// Check tells whether who may do the deed with this input today, without doing it.
func (c Case) Check(d Deed, who actor.Actor, in Decision, today deadline.Date) error {
	_, err := c.step(d, who, in, today)
	return err
}

func (c Case) step(d Deed, who actor.Actor, in Decision, today deadline.Date) (step, error) {
	s, err := steps.Find(d, c.State, who, "这件投诉现在是“"+stateWords[c.State]+"”，不能办这一项。请看过最新的情况再决定。")
	if err == nil && s.Rules.ready != nil {
		err = s.Rules.ready(c, who)
	}
	if err == nil {
		err = s.Rules.check(c, who, in, today)
	}
	return s, err
}

// Take does the deed: it gives the complaint after it and the event it leaves. Pure: no clock, no database.
// Where the deed sets a date, in.Sum carries how it was counted.
func (c Case) Take(d Deed, who actor.Actor, in Decision, now time.Time) (Case, Event, error) {
	today := deadline.DayOf(now)
	s, err := c.step(d, who, in, today)
	if err != nil {
		return c, Event{}, err
	}
	due := c.dueFor(d, in, today)
	if due.rule != "" && in.Sum.Due == "" {
		return c, Event{}, fault.Field("due_on", "写明期限")
	}
	ev := s.Rules.apply(&c, who, in, now)
	if s.To != same {
		c.State = s.To
	}
	switch {
	case due.rule != "":
		c.setDue(in.Sum)
	case due.ends:
		c.setDue(deadline.DueSum{})
	}
	if due.ends || due.rule != "" && d != AskCompletion && d != StopClock {
		c.goOn() // another clock runs now, or none
	}
	if !c.HandlerID.Valid && who.Is(desk...) {
		c.HandlerID = who.Account()
	}
	ev.Deed, ev.State = d, c.State
	return c, ev, nil
}

// Offers says what who may do with the complaint, and what is in the way of the rest; from the same table and guards.
func (c Case) Offers(who actor.Actor) ([]lifecycle.Allowed, []lifecycle.Blocked) {
	return steps.Offers("complaint", c.State, who, func(s step) ([]lifecycle.Need, error) {
		if s.Rules.ready != nil {
			if err := s.Rules.ready(c, who); err != nil {
				return nil, err
			}
		}
		return c.narrow(s), nil
	})
}

var stateWords = map[State]string{
	Received: "待受理", Accepted: "已受理", Investigating: "调查中", Proposed: "待审批", Decided: "待告知", Answered: "已告知", Closed: "已归档", Refused: "不予受理", Transferred: "已转送",
}
