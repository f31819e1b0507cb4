package feedback

import (
	"html/template"
	"strconv"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
)

// formPage is everything the form draws.
type formPage struct {
	Head     door.Head
	Sum      *door.Summary
	Agency   string // settled by the visit, or empty
	When     string // day and matter, as far as settled
	Agencies []door.Choice
	AgencyM  string
	Day      *door.Line
	Matter   *door.Question
	Kind     door.Question
	Business door.Line
	Facts    []door.Question
	Ratings  []door.Question
	Problem  door.Area
	Advice   door.Area
	Photos   door.Photos
	Contact  bool
	Who, Tel door.Line
	Reply    bool
	Secret   bool
	Consent  bool
	ConsentM string
	Bureau   string
	Hotline  string
	Office   string
	Opened   string // when the form was first opened, under our mark
	Saved    bool   // what was typed now waits on this phone
	Full     bool   // it did not fit there
	Wall     bool
	Three    bool   // three levels instead of five
	Levels   string // address of the other scale
	Months   []door.Choice
	MonthM   string
	Nonce    string
}

// What all forms of this feature share: who asks, who reads it, who never will; the questions; the notice.
const formParts = `
{{define "lines"}}<p>谁在问：{{.Bureau}}，不是来检查的单位。<br>谁会看：{{.Office}}和县司法局办这件事的人。<br>谁看不到：来检查的单位和人。他们只看满5份以后的汇总。您反映的问题要改，会另发看不出是谁的通知：同期查过的满5家才发，不到5家先发的要两个人同意。</p>
<p class="meta">不用登录，不到两分钟。{{if not .Wall}}名称、照片、联系方式都可以不留；{{end}}不想填就不填，不影响您办事。{{if not .Head.Elder}}<a href="{{.Levels}}">{{if .Three}}评价改成五级{{else}}评价改成三级{{end}}</a>{{end}}</p>{{end}}
{{define "agency"}}<div class="q{{if .AgencyM}} err{{end}}"><label class="l" for="agency">哪个单位来检查的？</label>{{if .AgencyM}}<p class="m" id="agency-m">{{.AgencyM}}</p>{{end}}<select id="agency" name="agency"{{if .AgencyM}} aria-invalid="true" aria-describedby="agency-m"{{end}}><option value="">请选择{{range .Agencies}}<option value="{{.Value}}"{{if .On}} selected{{end}}>{{.Label}}{{end}}</select></div>{{end}}
{{define "rates"}}<h2>{{if .Head.Elder}}您满意吗？{{else}}您的评价{{end}}</h2>{{range .Ratings}}{{template "ask" .}}{{end}}{{end}}
{{define "notice"}}<details id="pi"><summary>怎样处理您的信息</summary>
<p>处理者：{{.Bureau}}{{if .Hotline}}，电话{{.Hotline}}{{end}}。</p>
<p>为什么：监督行政执法，核实您反映的情况，答复您。这是法定职责{{if not .Wall}}；联系方式只在您愿意留时收{{end}}。</p>
<p>收什么：您在表上填的{{if not .Wall}}和上传的照片{{end}}，时间只记到{{if .Wall}}哪一天{{else}}几点{{end}}，不记您的手机和网络地址。为防有人代填，另存一份加密的来源记号，只存一天，不和您填的放在一起。{{if not .Wall}}姓名、电话单独加密存放，办这件事的人写明理由才能看，每看一次都有记录。{{end}}</p>
<p>给谁看：司法所和县司法局办这件事的人。不给执法单位。</p>
<p>保存多久：办完这件事和档案规定要求的时间。</p>
<p>您可以：查看、更正、要求删除您的信息，打上面的电话就行。{{if not .Wall}}联系方式不填不影响评价。{{end}}</p></details>{{end}}`

var formTemplate = door.FormPage(formParts + `{{define "main"}}<h1>行政执法情况满意度反馈表</h1>
{{if .Agency}}<div class="who"><b>{{.Agency}}</b>{{.When}}</div><p>单位或日期不对？先别填，请打<a href="tel:{{.Hotline}}">{{.Hotline}}</a>告诉我们。</p>{{end}}
{{if .Saved}}<div class="sum" role="status"><b>存好了，还没有提交</b><p>7天内用这部手机再扫同一个码，接着填。别的手机看不到。</p></div>{{else if .Full}}<div class="sum" role="alert"><b>写得太长，这部手机存不下</b><p>填的都还在下面，请现在提交，或把文字写短些再存。</p></div>{{else if .Sum}}{{template "sum" .Sum}}{{else}}{{template "lines" .}}{{end}}
<form method="post" enctype="multipart/form-data">{{template "trap"}}<input type="hidden" name="o" value="{{.Opened}}">
<h2>当时的情况</h2>
{{if not .Agency}}{{template "agency" .}}{{end}}
{{with .Day}}{{template "line" .}}{{end}}{{with .Matter}}{{template "ask" .}}{{end}}
{{template "ask" .Kind}}{{template "line" .Business}}
{{range .Facts}}{{template "ask" .}}{{end}}
{{template "rates" .}}
<h2>想说的话</h2>
{{template "area" .Problem}}{{template "area" .Advice}}{{template "photos" .Photos}}
<h2>联系方式</h2>
<fieldset class="q pick"><legend>要留联系方式吗？</legend><input type="radio" name="P1" id="P1n" value="n"{{if not .Contact}} checked{{end}}><label for="P1n">不留</label><input type="radio" name="P1" id="P1y" value="y"{{if .Contact}} checked{{end}}><label for="P1y">留</label>
<div class="more">{{template "line" .Who}}{{template "line" .Tel}}
<label class="c"><input type="checkbox" name="P4" value="y"{{if .Reply}} checked{{end}}><span>请答复我</span></label>
<label class="c"><input type="checkbox" name="P5" value="y"{{if .Secret}} checked{{end}}><span>对我的身份保密</span></label>
<div class="{{if .ConsentM}}err{{end}}">{{if .ConsentM}}<p class="m" id="consent-m">{{.ConsentM}}</p>{{end}}<label class="c"><input type="checkbox" name="consent" id="consent" value="y"{{if .Consent}} checked{{end}}{{if .ConsentM}} aria-invalid="true" aria-describedby="consent-m"{{end}}><span>已看过下面的<a href="#pi">个人信息处理告知</a></span></label></div></div></fieldset>
<button class="btn">提交</button><button class="btn b" name="go" value="save">先存一下，回头再填</button></form>
<p class="meta mt4">每个码只计一份。</p>{{template "notice" .}}{{end}}`)

// draw fills the page from what was typed so far; a is nil for an empty form.
func (s *Service) draw(t *ticketInfo, near []choice, a *Answer, form *door.Form, scope []byte, look shown, faults []fault.FieldError, now time.Time) *formPage {
	if a == nil {
		a = newAnswer(look.three, now)
	}
	said := firstOf(faults)
	p := &formPage{
		Head: door.Head{Title: "行政执法情况满意度反馈表", Elder: look.elder, Other: otherVersion(look.elder)}, Agency: t.Agency, AgencyM: said["agency"],
		Business: door.Line{ID: "business", Label: "您的单位或店名", Note: "可不填，不填就是匿名", Value: a.Business, Max: 60, Fault: said["business"]},
		Problem:  door.Area{ID: "O1", Label: "具体问题", Note: "不满意或有上面的情况时，请写几句", Value: a.Problem, Max: 500, Fault: said["O1"]},
		Advice:   door.Area{ID: "O2", Label: "意见建议", Note: "可不填", Value: a.Advice, Max: 300, Fault: said["O2"]},
		Photos:   s.reader.Field(form, scope, MaxPhotos, ""), Contact: a.Contact,
		Who:   door.Line{ID: "P2", Label: "怎么称呼您", Value: a.Identity.Name, Max: 30, Fill: "name", Fault: said["P2"]},
		Tel:   door.Line{ID: "P3", Label: "电话", Kind: "tel", Value: a.Identity.Phone, Max: 30, Fill: "tel", Fault: said["P3"]},
		Reply: a.Reply, Secret: a.Identity.Confidential, Consent: a.Consent, ConsentM: said["consent"],
	}
	p.house(t.Bureau, t.Office, t.Hotline)
	p.settle(t, near, a, said)
	p.questions(a, look.elder, said)
	p.Saved, p.Full, p.Opened = look.saved, look.full, s.openedMark(scope)
	if form != nil && s.openFor(form.Values.Get("o"), scope) > 0 { // it counts from the first time
		p.Opened = form.Values.Get("o")
	}
	if p.Photos.Fault != "" {
		faults = append(faults, fault.FieldError{Field: "photos", Message: p.Photos.Fault})
	}
	p.sum(faults)
	return p
}

// newAnswer is an empty form's.
func newAnswer(three bool, now time.Time) *Answer {
	a := &Answer{CheckedOn: clock.Day(now), Scale: 5}
	if three {
		a.Scale = 3
	}
	a.Identity.Confidential = true
	return a
}

func firstOf(faults []fault.FieldError) map[string]string {
	said := map[string]string{}
	for _, f := range faults {
		if said[f.Field] == "" {
			said[f.Field] = f.Message
		}
	}
	return said
}

// house says who asks, who reads, and whom to call.
func (p *formPage) house(bureau, office, hotline string) {
	p.Bureau, p.Office, p.Hotline = bureau, office, hotline
	if p.Hotline == "" {
		p.Hotline = "12345"
	}
	if p.Bureau == "" {
		p.Bureau = "县司法局"
	}
}

func (p *formPage) sum(faults []fault.FieldError) {
	if len(faults) > 0 {
		p.Sum = summary(faults)
		p.Head.Title = p.Sum.Title + " " + p.Head.Title
	}
}

// settle shows what the visit says, and asks for the rest.
func (p *formPage) settle(t *ticketInfo, near []choice, a *Answer, said map[string]string) {
	p.When = door.ChineseDay(t.Day)
	if words := matterWords[t.Matter]; words != "" && t.Matter != "other" {
		p.When += " · " + words + "检查"
	}
	p.choose(near, a)
	if t.Day == "" {
		p.Day = &door.Line{ID: "day", Label: "哪一天检查的？", Kind: "date", Value: a.CheckedOn, Max: 10, Fault: said["day"]}
	}
	if t.Matter == "" {
		p.askMatter(a, said)
	}
}

func (p *formPage) choose(near []choice, a *Answer) {
	for _, c := range near {
		p.Agencies = append(p.Agencies, door.Choice{Value: c.ID.String(), Label: escaped(c.Name), On: a.AgencyID.Valid && a.AgencyID.UUID == c.ID})
	}
}

func (p *formPage) askMatter(a *Answer, said map[string]string) {
	p.Matter = &door.Question{ID: "matter", Text: "检查的是什么？", Shape: " w", Fault: said["matter"], Choices: choices(matters, a.Matter, true)}
}

func (p *formPage) questions(a *Answer, elder bool, said map[string]string) {
	p.Kind = door.Question{ID: "kind", Text: "您是", Fault: said["kind"], Choices: choices(kinds, a.Kind, elder)}
	shape, marks := "", levels
	p.Three, p.Levels = a.Scale == 3, "?levels=3"
	if p.Three {
		marks, p.Levels = elderLevels, "?levels=5"
	}
	if elder {
		shape, p.Kind.Shape = " v", " v"
		if p.Matter != nil {
			p.Matter.Shape = " v"
		}
	}
	for i, f := range facts {
		q := door.Question{ID: f.id, Text: strconv.Itoa(i+1) + ". " + f.ask, Optional: !f.required, Shape: " r", Fault: said[f.id]}
		for _, w := range answers {
			q.Choices = append(q.Choices, door.Choice{Value: short[w.code], Label: escaped(w.words), On: a.Facts[f.id] == w.code})
		}
		p.Facts = append(p.Facts, q)
	}
	for i, r := range ratings {
		p.Ratings = append(p.Ratings, door.Question{ID: r.id, Text: strconv.Itoa(len(facts)+i+1) + ". " + r.ask, Shape: shape, Fault: said[r.id],
			Choices: choices(marks, strconv.Itoa(a.Ratings[r.id]), elder)})
	}
}

func choices(list []word, chosen string, whole bool) []door.Choice {
	out := make([]door.Choice, 0, len(list))
	for _, w := range list {
		label := escaped(w.words)
		if w.broken != "" && !whole {
			label = template.HTML(w.broken) // #nosec G203 -- our own words
		}
		out = append(out, door.Choice{Value: w.code, Label: label, On: w.code == chosen})
	}
	return out
}

func escaped(s string) template.HTML {
	return template.HTML(template.HTMLEscapeString(s)) // #nosec G203 -- escaped
}

func otherVersion(elder bool) string {
	if elder {
		return "?mode=normal"
	}
	return "?mode=elder"
}

// numbers are how the form counts its questions, for the list of what is missing.
var numbers = func() map[string]string {
	out := map[string]string{"agency": "执法单位", "day": "检查日期", "matter": "检查事项", "kind": "您是", "business": "单位或店名", "O1": "具体问题", "O2": "意见建议",
		"photos": "照片", "P2": "称呼", "P3": "电话", "consent": "告知"}
	for i, f := range facts {
		out[f.id] = "第" + strconv.Itoa(i+1) + "题"
	}
	for i, r := range ratings {
		out[r.id] = "第" + strconv.Itoa(len(facts)+i+1) + "题"
	}
	return out
}()

func summary(faults []fault.FieldError) *door.Summary {
	out := &door.Summary{Title: "还有" + strconv.Itoa(len(faults)) + "处要补，已填的都留着"}
	for _, f := range faults {
		out.Items = append(out.Items, door.SummaryItem{ID: f.Field, Words: numbers[f.Field] + "：" + f.Message})
	}
	return out
}
