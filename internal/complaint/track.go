package complaint

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
)

// stepWords say what happened, to the person who sent it in.
var stepWords = map[string]string{
	"received": "收到", "lead.open": "正在核实", "lead.registered": "核实属实，登记为问题", "lead.attached": "核实属实，和同一件事一起办",
	"lead.dismissed": "核实后没有登记为问题", "lead.referred": "已移送有权办理的单位", "problem.rectifying": "已要求执法单位整改",
	"problem.submitted": "执法单位已报告整改，正在复核", "problem.closed": "已改正，复核通过", "problem.withdrawn": "复核后不再要求整改",
	"problem.referred": "已移送有权办理的单位", "again": "复核没有通过，要求继续整改", "reopened": "重新办理", "replied": "已答复",
	"case.accept": "已受理", "case.refuse": "不予受理", "case.transfer": "已转送有权办理的机关", "case.assign": "正在调查", "case.approve": "调查结束，正在准备答复",
	"case.ask-completion": "请您补充材料", "case.stop-clock": "等鉴定或者其他机关的结果", "case.run-on": "继续办理", "case.outcome": "转送的机关有了结果",
	"case.answer": "已答复", "case.close": "已办结", "case.reopen": "重新办理",
}

// waitWords say what the person waits for, and until when; the day goes where the mark is.
var waitWords = map[string]string{
	"wait.received": "最晚<>告诉您是否受理。", "wait.accepted": "最晚<>查出结果。", "wait.investigating": "最晚<>查出结果。", "wait.decided": "最晚<>答复您。",
	"wait.answered": "", "wait.transferred": "", "wait.DL24": "请在<>前补上：打12345，或到司法所当面交，报查询码。", "wait.DL25": "", "problem": "执法单位要在<>前改正并报告。",
}

type trackStep struct{ Words, Day string }

type trackDue struct{ Before, Day, After string }

func dueLine(key string, day time.Time) []trackDue {
	before, after, ok := strings.Cut(waitWords[key], "<>")
	if !ok {
		return nil
	}
	return []trackDue{{before, door.Chinese(day), after}}
}

type trackPage struct {
	Head  door.Head
	Code  door.Line
	Asked string // the code that was found, in fours
	Now   string
	Dues  []trackDue
	Reply []string // a paragraph each
	Asks  []string
	Again bool        // one word may follow the answer to a feedback; the code goes on in the body, never in an address
	Steps []trackStep // newest first
}

var trackTemplate = door.Page(`{{define "main"}}<h1>查进展</h1>
{{if .Asked}}<section aria-label="查询结果"><p class="meta">查询码 {{.Asked}}</p><h2 class="mt3">{{.Now}}</h2>{{range .Dues}}<p>{{.Before}}<b>{{.Day}}</b>{{.After}}</p>{{end}}
{{with .Asks}}<div class="box"><p class="meta">请您补充</p>{{range .}}<p>{{.}}</p>{{end}}</div>{{end}}
{{with .Reply}}<div class="box"><p class="meta">给您的答复</p>{{range .}}<p>{{.}}</p>{{end}}</div>{{end}}
{{if .Again}}<form method="post" action="/f/more{{if .Head.Elder}}?mode=elder{{end}}"><input type="hidden" name="r" value="{{.Asked}}"><p>答复得怎么样，问题解决了没有？可以再评一次。</p><button class="btn b">追评一次</button></form>{{end}}
<ul class="tl">{{range $i, $s := .Steps}}<li{{if not $i}} class="n"{{end}}><b>{{$s.Words}}</b><br><span class="meta">{{$s.Day}}</span></li>{{end}}</ul>
<p class="meta">这里只显示进展，不显示您写的内容。有疑问请打12345，报查询码即可。</p></section><h2>查另一个</h2>{{else}}<p>填反馈表、投诉举报以后给的查询码，16个字母和数字。</p>{{end}}
<form method="post">{{template "line" .Code}}<button class="btn">查询</button></form>{{if not .Asked}}<p class="meta mt4">查询码找不到了，我们也查不出来：为了保护您，码只给了您一个人。请打12345说明情况。</p>{{end}}{{end}}`)

func typed(value, words string) door.Line {
	return door.Line{ID: "r", Label: "查询码", Note: "不分大小写，空格可不填", Value: value, Max: 40, Fault: words}
}

// receipts is where the codes of receipts are typed.
var receipts = door.Turnstile{Scope: "receipt", Field: "r", Path: "/t"}

func (s *Service) getTrack(c *fiber.Ctx) error {
	if form := s.gate.Waited(c, receipts); form != nil {
		return s.track(c, form)
	}
	return door.Send(c, fiber.StatusOK, trackTemplate, trackPage{Head: door.Head{Title: "查进展", Elder: elder(c), Other: otherVersion(elder(c))}, Code: typed("", "")})
}

// postTrack looks a receipt up. The code travels in the body: an address stays in histories.
func (s *Service) postTrack(c *fiber.Ctx) error {
	form, err := s.reader.Read(c, nil, 0)
	if err != nil {
		return err
	}
	return s.track(c, form)
}

func (s *Service) track(c *fiber.Ctx, form *door.Form) error {
	ctx, page := c.UserContext(), trackPage{Head: door.Head{Title: "查进展", Elder: elder(c), Other: otherVersion(elder(c))}}
	asked := door.OneLine(form.Values.Get("r"))
	code := door.Typed(asked, door.ReceiptLen)
	if open, err := s.gate.Try(ctx, form, receipts); err != nil {
		return err
	} else if !open {
		return s.gate.Hold(c, form, receipts)
	}
	st, found, err := s.Status(ctx, code)
	if err == nil && !found {
		st, found, err = s.feedback(ctx, code)
	}
	if err != nil {
		return err
	}
	if !found {
		if err := s.slow.Hit(ctx, "receipt"); err != nil {
			return err
		}
		if r := []rune(asked); len(r) > 40 {
			asked = string(r[:40])
		}
		page.Code = typed(asked, "没有查到。请照着抄下的查询码再填一次，注意字母和数字。")
		return door.Send(c, fiber.StatusUnprocessableEntity, trackTemplate, page)
	}
	page.Asked, page.Code = door.Group(code), typed("", "")
	page.tell(st)
	return door.Send(c, fiber.StatusOK, trackTemplate, page)
}

// tell writes the steps in words, newest first.
func (p *trackPage) tell(st door.Status) {
	steps := append([]door.Step{{Code: "received", At: st.Received}}, st.Steps...)
	if st.Replied != nil {
		steps = insertByTime(steps, door.Step{Code: "replied", At: *st.Replied})
	}
	p.Again = st.Again
	p.Reply, p.Asks = paragraphs(st.Reply), paragraphs(st.Asks)
	before, agency := "", []trackDue(nil)
	for _, step := range steps {
		if strings.HasPrefix(step.Code, "wait.") {
			if step.Due != nil {
				p.Dues = dueLine(step.Code, *step.Due)
			}
			continue
		}
		code := step.Code
		switch {
		case code == "problem.rectifying" && before == "problem.submitted":
			code = "again"
		case code == "problem.rectifying" && before == "problem.closed":
			code = "reopened"
		}
		before = step.Code
		words := stepWords[code]
		if words == "" || len(p.Steps) > 0 && p.Steps[0].Words == words && p.Steps[0].Day == inYear(step.At, st.Received) {
			continue
		}
		p.Steps = append([]trackStep{{words, inYear(step.At, st.Received)}}, p.Steps...)
		p.Now, agency = words, nil
		if step.Due != nil {
			agency = dueLine("problem", *step.Due)
		}
	}
	p.Dues = append(p.Dues, agency...)
}

func paragraphs(text string) (out []string) {
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func insertByTime(steps []door.Step, one door.Step) []door.Step {
	i := len(steps)
	for i > 0 && steps[i-1].At.After(one.At) {
		i--
	}
	return append(steps[:i:i], append([]door.Step{one}, steps[i:]...)...)
}

// inYear leaves the year out where it goes without saying.
func inYear(t, received time.Time) string {
	if t.In(clock.Shanghai).Year() == received.In(clock.Shanghai).Year() {
		return t.In(clock.Shanghai).Format("1月2日")
	}
	return door.Chinese(t)
}
