package problem

import (
	"time"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
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
	Accountability   Deed = "accountability"    // 移送责任追究
)

// same means that a deed leaves the state as it is.
const same State = ""

// step is one line of the table: which deed takes which states to which, by whom.
type step struct {
	deed Deed
	from []State
	to   State
	who  []actor.Role
	// needs is what the person must give, for the desk to draw the form; check is what holds the deed to it.
	needs []Need
	// ready says why the record or the person does not allow the deed now; nil: always.
	ready func(p Problem, who actor.Actor, today deadline.Date) error
	// check says what is wrong with the input.
	check func(p Problem, who actor.Actor, in Input, today deadline.Date) error
	// apply changes what the deed changes besides the state.
	apply func(p *Problem, who actor.Actor, in Input, now time.Time) Event
}

var (
	openStates = []State{Confirmed, Rectifying, Submitted, Disputed}
	desk       = []actor.Role{actor.Office, actor.County}
	bureau     = []actor.Role{actor.County, actor.Leader}
	agency     = []actor.Role{actor.Agency}
	county     = []actor.Role{actor.County}
)

// steps is the life-cycle. docs/problem-lifecycle.md is printed from it, the routes and the desk's buttons are made from it.
var steps = []step{
	{Deidentify, []State{Confirmed, Rectifying, Submitted, Disputed, Closed}, same, desk, needText("text", 4000, "photos"), nil, checkDeidentify, applyDeidentify},
	{Queue, []State{Confirmed}, same, desk, needQueue, readyQueue, checkQueue, applyQueue},
	{Order, []State{Confirmed}, Rectifying, desk, needOrder(FBK, TXH, DBH, YJS), readyOrder, checkOrder, applyOrder},
	{CorrectOnSpot, []State{Confirmed}, Submitted, []actor.Role{actor.Office}, needOnSpot, readyOnSpot, checkOnSpot, applyOnSpot},
	{Submit, []State{Rectifying}, Submitted, agency, needSubmit, nil, checkSubmit, applySubmit},
	{AskExtension, []State{Rectifying}, same, agency, needUntil("reason"), readyAsk, checkAsk, applyAsk},
	{Extend, []State{Rectifying}, same, []actor.Role{actor.Office, actor.County, actor.Leader}, needUntil(""), readyExtend, checkExtend, applyExtend},
	{DeclineExtension, []State{Rectifying}, same, []actor.Role{actor.Office, actor.County, actor.Leader}, needText("reason", 1000), readyExtend, checkReason, applyDecline},
	{Object, []State{Rectifying}, Disputed, agency, needText("text", 4000), nil, checkText, applyText},
	{Uphold, []State{Disputed}, Rectifying, bureau, needText("text", 4000), nil, checkText, applyText},
	{Amend, []State{Disputed}, Rectifying, bureau, needDue("text", 4000), nil, checkAmend, applyAmend},
	{Withdraw, []State{Disputed}, Withdrawn, bureau, needText("text", 4000), nil, checkText, applyEnd},
	{Escalate, []State{Rectifying}, same, bureau, needOrder(TXH, DBH, YJS, JDS), readyEscalate, checkEscalate, applyEscalate},
	{Close, []State{Submitted}, Closed, desk, needClose, readyClose, checkClose, applyClose},
	{Return, []State{Submitted}, Rectifying, desk, needDue("reason", 2000), readyReturn, checkReturn, applyReturn},
	{Reopen, []State{Closed}, Rectifying, county, needText("reason", 2000), readyReopen, checkReason, applyReopen},
	{Refer, openStates, Referred, county, needRefer, nil, checkRefer, applyRefer},
	{Accountability, openStates, same, bureau, needText("text", 2000), readyAccountability, checkText, applyAccountability},
}

// Deeds lists the deeds in the order of the table.
func Deeds() []Deed {
	out := make([]Deed, len(steps))
	for i, s := range steps {
		out[i] = s.deed
	}
	return out
}

func find(d Deed) (step, bool) {
	for _, s := range steps {
		if s.deed == d {
			return s, true
		}
	}
	return step{}, false
}

func (s step) leaves(from State) bool {
	for _, x := range s.from {
		if x == from {
			return true
		}
	}
	return false
}

// Check tells whether who may do the deed with this input today, without doing it.
func (p Problem) Check(d Deed, who actor.Actor, in Input, today deadline.Date) error {
	s, ok := find(d)
	switch {
	case !ok:
		return fault.Missing()
	case !who.Is(s.who...):
		return fault.Denied()
	case !s.leaves(p.State):
		return fault.New(fault.Conflict, "state", "这个问题现在是“"+stateWords[p.State]+"”，不能办这一项。请看过最新的情况再决定。")
	}
	if s.ready != nil {
		if err := s.ready(p, who, today); err != nil {
			return err
		}
	}
	return s.check(p, who, in, today)
}

// Take does the deed: it gives the problem after it and the event it leaves. Pure: no clock, no database.
// Where the deed sets a date, in.Sum carries how it was counted.
func (p Problem) Take(d Deed, who actor.Actor, in Input, now time.Time) (Problem, Event, error) {
	today := deadline.DayOf(now)
	if err := p.Check(d, who, in, today); err != nil {
		return p, Event{}, err
	}
	if due := p.dueFor(d, in, today); due.needed && in.Sum.Due == "" {
		return p, Event{}, fault.Field("due_on", "写明期限")
	}
	s, _ := find(d)
	ev := s.apply(&p, who, in, now)
	if s.to != same {
		p.State = s.to
	}
	if !p.HandlerID.Valid && who.Is(actor.Office, actor.County) {
		p.HandlerID = who.Account()
	}
	ev.Deed, ev.State = d, p.State
	return p, ev, nil
}

// Allowed is a deed the person may do now, with what it asks for.
type Allowed struct {
	Deed     Deed   `json:"deed"`
	LabelKey string `json:"label_key"`
	Fields   []Need `json:"fields" nullable:"false"`
}

// Blocked is a deed of this role and state that something still stands in the way of, in words.
type Blocked struct {
	Deed     Deed   `json:"deed"`
	LabelKey string `json:"label_key"`
	Why      string `json:"why"`
}

// Deeds says what who may do with the problem today, and what is in the way of the rest; from the same table and guards.
func (p Problem) Deeds(who actor.Actor, today deadline.Date) ([]Allowed, []Blocked) {
	may, blocked := []Allowed{}, []Blocked{}
	for _, s := range steps {
		if !who.Is(s.who...) || !s.leaves(p.State) || s.deed == Queue && !p.FromVoice() || s.deed == CorrectOnSpot && p.FromVoice() {
			continue
		}
		if s.ready != nil {
			if err := s.ready(p, who, today); err != nil {
				blocked = append(blocked, Blocked{s.deed, "problem." + string(s.deed), wordsOf(err)})
				continue
			}
		}
		may = append(may, Allowed{s.deed, "problem." + string(s.deed), p.narrow(s, who)})
	}
	return may, blocked
}

var stateWords = map[State]string{
	Confirmed: "已确认", Rectifying: "整改中", Submitted: "待复核", Disputed: "异议复核", Closed: "已销号", Withdrawn: "已撤回", Referred: "已移送",
}
