package complaint

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"html/template"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
)

type formPage struct {
	Head            door.Head
	Sum             *door.Summary
	Bureau, Hotline string
	Nonce           string
	Unit, Man       door.Line
	Agencies        []string
	Day, Place      door.Line
	Fact, Ask       door.Area
	Photos          door.Photos
	Stage           door.Question
	Named           bool
	Who, Tel        door.Line
	Secret, Reply   bool
	Consent         bool
	ConsentM        string
	Saved           string // what became of 先存一下
}

var formTemplate = door.FormPage(`{{define "main"}}<h1>行政执法投诉举报</h1>
{{with .Saved}}<p role="status" class="box">{{.}}</p>{{end}}{{with .Sum}}{{template "sum" .}}{{else}}<p>谁在收：{{.Bureau}}，不是被投诉的单位。<br>谁会看：司法所和县司法局办这件事的人。<br>谁看不到：被投诉单位和人看不到您的身份，也看不到您写的原话。</p><p class="meta">不用登录，可以匿名。不方便写，可以打<a href="tel:{{.Hotline}}">{{.Hotline}}</a>，或到司法所当面说。</p>{{end}}
<form method="post" enctype="multipart/form-data">{{template "trap"}}<input type="hidden" name="nonce" value="{{.Nonce}}">
<h2>要投诉谁</h2>
<div class="q{{if .Unit.Fault}} err{{end}}"><label class="l" for="unit">执法单位</label>{{if .Unit.Fault}}<p class="m" id="unit-m">{{.Unit.Fault}}</p>{{end}}<input class="t" id="unit" name="unit" maxlength="60" list="units" value="{{.Unit.Value}}" autocomplete="off"{{if .Unit.Fault}} aria-invalid="true" aria-describedby="unit-m"{{end}}><datalist id="units">{{range .Agencies}}<option value="{{.}}">{{end}}</datalist></div>
{{template "line" .Man}}
<h2>发生了什么</h2>
{{template "line" .Day}}{{template "line" .Place}}{{template "area" .Fact}}{{template "area" .Ask}}{{template "photos" .Photos}}{{template "ask" .Stage}}
<h2>要不要告诉我们您是谁</h2>
<fieldset class="q pick"><legend>匿名还是留名</legend><p class="meta">匿名的，经过要写得能查，否则可能无法受理。留名的，办完告诉您结果。</p>
<input type="radio" name="P1" id="P1n" value="n"{{if not .Named}} checked{{end}}><label for="P1n">匿名</label><input type="radio" name="P1" id="P1y" value="y"{{if .Named}} checked{{end}}><label for="P1y">留姓名电话</label>
<div class="more">{{template "line" .Who}}{{template "line" .Tel}}
<label class="c"><input type="checkbox" name="P5" value="y"{{if .Secret}} checked{{end}}><span>对我的身份保密</span></label>
<label class="c"><input type="checkbox" name="P4" value="y"{{if .Reply}} checked{{end}}><span>办完请答复我</span></label>
<div class="{{if .ConsentM}}err{{end}}">{{if .ConsentM}}<p class="m" id="consent-m">{{.ConsentM}}</p>{{end}}<label class="c"><input type="checkbox" name="consent" id="consent" value="y"{{if .Consent}} checked{{end}}{{if .ConsentM}} aria-invalid="true" aria-describedby="consent-m"{{end}}><span>已看过下面的<a href="#pi">个人信息处理告知</a></span></label></div>
<p class="meta">姓名和电话单独加密保存。办案人要看，须写明理由，并留下记录。</p></div></fieldset>
<button class="btn">提交</button><button class="btn b" name="go" value="save">先存在这部手机上，下次接着写</button></form>
<details id="pi"><summary>怎样处理您的信息</summary>
<p>处理者：{{.Bureau}}，电话{{.Hotline}}。</p>
<p>为什么：查办您投诉举报的事，答复您。这是法定职责。</p>
<p>收什么：您写的和上传的。不记您的手机和网络地址。姓名、电话单独加密存放，办这件事的人写明理由才能看，每看一次都有记录。</p>
<p>给谁看：司法所和县司法局办这件事的人。您的身份不给被投诉的单位。</p>
<p>保存多久、怎样查看更正删除：<a href="/c/notice">全文</a>。</p></details>{{end}}`)

var fieldNames = map[string]string{"unit": "执法单位", "man": "执法人员", "day": "哪一天", "place": "在哪里", "fact": "经过", "ask": "希望怎样解决", "photos": "照片",
	"stage": "到哪一步了", "P2": "姓名", "P3": "电话", "consent": "告知"}

// nonceLen is 128 bits: nobody meets another's form by trying.
const nonceLen = 16

func (s *Service) getForm(c *fiber.Ctx) error {
	if form := s.resume(c); form != nil {
		return s.drawForm(c, fiber.StatusOK, readInput(form), form, nil, "这部手机上存着上次没写完的，已经填好，接着写就行。")
	}
	nonce := make([]byte, nonceLen)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	in := &Input{Nonce: hex.EncodeToString(nonce), Already: "none", Reply: true}
	in.Identity.Confidential = true
	return s.sendForm(c, fiber.StatusOK, in, nil, nil)
}

func (s *Service) sendForm(c *fiber.Ctx, status int, in *Input, form *door.Form, faults []fault.FieldError) error {
	return s.drawForm(c, status, in, form, faults, "")
}

func (s *Service) drawForm(c *fiber.Ctx, status int, in *Input, form *door.Form, faults []fault.FieldError, saved string) error {
	p := &formPage{Head: door.Head{Title: "行政执法投诉举报", Elder: elder(c), Other: otherVersion(elder(c))}, Nonce: in.Nonce, Saved: saved}
	var err error
	if p.Bureau, p.Hotline, p.Agencies, err = s.around(c.UserContext()); err != nil {
		return err
	}
	if p.Bureau == "" {
		p.Bureau = "县司法局"
	}
	if p.Hotline == "" {
		p.Hotline = "12345"
	}
	p.fill(in, faults)
	p.Photos = s.reader.Field(form, []byte(in.Nonce), MaxPhotos, "，每个10 MB以内")
	if p.Photos.Fault != "" {
		faults = append(faults, fault.FieldError{Field: "photos", Message: p.Photos.Fault})
	}
	if len(faults) > 0 {
		p.Sum = &door.Summary{Title: "还有" + strconv.Itoa(len(faults)) + "处要补，已填的都留着"}
		for _, f := range faults {
			p.Sum.Items = append(p.Sum.Items, door.SummaryItem{ID: f.Field, Words: fieldNames[f.Field] + "：" + f.Message})
		}
		p.Head.Title = p.Sum.Title + " " + p.Head.Title
	}
	return door.Send(c, status, formTemplate, p)
}

func (p *formPage) fill(in *Input, faults []fault.FieldError) {
	said := map[string]string{}
	for _, f := range faults {
		if said[f.Field] == "" {
			said[f.Field] = f.Message
		}
	}
	p.Unit = door.Line{Value: in.Target, Fault: said["unit"]}
	p.Man = door.Line{ID: "man", Label: "执法人员或证号", Note: "知道就填", Value: in.Officer, Max: 40, Fault: said["man"]}
	p.Day = door.Line{ID: "day", Label: "哪一天", Kind: "date", Value: in.Happened, Max: 40, Fault: said["day"]}
	if _, err := clock.ParseDay(in.Happened); err != nil && in.Happened != "" {
		p.Day.Kind = "" // what was typed where the browser has no calendar comes back as it was
	}
	p.Place = door.Line{ID: "place", Label: "在哪里", Value: in.Place, Max: 80, Fault: said["place"]}
	p.Fact = door.Area{ID: "fact", Label: "经过", Note: "谁、做了什么、说了什么，最多2000字", Value: in.Fact, Max: 2000, Fault: said["fact"]}
	p.Ask = door.Area{ID: "ask", Label: "希望怎样解决", Note: "可不填", Value: in.Request, Max: 500, Fault: said["ask"]}
	p.Stage = door.Question{ID: "stage", Text: "这件事现在到哪一步了？", Shape: " v", Fault: said["stage"]}
	for _, w := range stages {
		p.Stage.Choices = append(p.Stage.Choices, door.Choice{Value: w.code, Label: template.HTML(w.words), On: in.Already == w.code}) // #nosec G203 -- our own words
	}
	p.Named, p.Secret, p.Reply, p.Consent, p.ConsentM = in.Named, in.Identity.Confidential, in.Reply, in.Consent, said["consent"]
	p.Who = door.Line{ID: "P2", Label: "姓名", Value: in.Identity.Name, Max: 30, Fill: "name", Fault: said["P2"]}
	p.Tel = door.Line{ID: "P3", Label: "电话", Kind: "tel", Value: in.Identity.Phone, Max: 30, Fill: "tel", Fault: said["P3"]}
}

func elder(c *fiber.Ctx) bool { return c.Query("mode") == "elder" }

func otherVersion(elder bool) string {
	if elder {
		return "?mode=normal"
	}
	return "?mode=elder"
}

// How often a day the form is taken without more ado: from one network, and in all. Beyond it a browser does a little work
// by itself, and a person without script presses a button and is looked at by a person; nobody is refused for what others do.
const (
	softHere, plainHere = 30, 60
	softInAll           = 1000
)

// judge asks the gate, first about the network the form came from, then about the form as a whole.
func (s *Service) judge(ctx context.Context, form *door.Form) (verdict door.Verdict, what string, err error) {
	here := door.Use{What: "complaint " + door.Network(web.Address(ctx)), Target: "complaint", Soft: softHere, Plain: plainHere}
	verdict, err = s.gate.Judge(ctx, form, here)
	if err != nil || verdict != door.Free {
		return verdict, here.What, err
	}
	verdict, err = s.gate.Judge(ctx, form, door.Use{What: "complaint", Soft: softInAll, Plain: plainHere})
	return verdict, "complaint", err
}

// postForm takes a complaint; whatever is wrong with it, the form comes back with everything that was typed and uploaded.
func (s *Service) postForm(c *fiber.Ctx) error {
	ctx := c.UserContext()
	// The pictures' marks belong to the form's own random number, which comes with it.
	form, err := s.reader.ReadOwn(c, "nonce", MaxPhotos)
	if err != nil {
		return err
	}
	in := readInput(form)
	if form.Values.Get("go") == "save" {
		return s.keepHere(c, in, form)
	}
	if faults := in.Check(s.now()); form.PhotoFault != "" || len(faults) > 0 {
		return s.sendForm(c, fiber.StatusUnprocessableEntity, in, form, faults)
	}
	verdict, what, err := s.judge(ctx, form)
	if err != nil {
		return err
	}
	if verdict == door.Ask {
		return s.gate.Challenge(c, form, s.reader, []byte(in.Nonce), what)
	}
	in.Suspect = in.Suspect || verdict == door.Plain
	asked := *in
	kept, err := s.File(ctx, actor.Public, in)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return s.sendForm(c, fiber.StatusUnprocessableEntity, &asked, form, f.Fields)
	}
	if err != nil {
		return err
	}
	token, err := s.keys.Seal("complaint done", done{kept.Receipt, clock.Day(s.now()), asked.Named}, s.now().Add(time.Hour))
	if err != nil {
		return err
	}
	s.dropResume(c)
	address := "/c/done/" + token
	if elder(c) {
		address += "?mode=elder"
	}
	return c.Redirect(address, fiber.StatusSeeOther)
}

func readInput(form *door.Form) *Input {
	v := form.Values
	in := &Input{
		Nonce: v.Get("nonce"), Channel: "web", Target: door.OneLine(v.Get("unit")), Officer: door.OneLine(v.Get("man")), Happened: door.OneLine(v.Get("day")),
		Place: door.OneLine(v.Get("place")), Fact: v.Get("fact"), Request: v.Get("ask"), Already: v.Get("stage"), Named: v.Get("P1") == "y",
		Reply: v.Get("P4") == "y", Consent: v.Get("consent") == "y", Suspect: v.Get("website") != "", Photos: form.Photos,
	}
	if len(in.Nonce) > 40 {
		in.Nonce = ""
	}
	in.Identity.Name, in.Identity.Phone, in.Identity.Confidential = door.OneLine(v.Get("P2")), door.OneLine(v.Get("P3")), v.Get("P5") == "y"
	return in
}

// done is what the receipt's page shows; it travels sealed in its address and is readable for an hour.
type done struct {
	Code  string `json:"c"`
	On    string `json:"r"`
	Reach bool   `json:"p,omitempty"`
}

var donePage = door.Page(`{{define "main"}}<h1><span class="ok">已收到</span></h1><p>您的投诉举报已经收到，会有人核实。</p>
<div class="box"><p class="meta">查询码，请截图或抄下来</p><p class="big">{{.Code}}</p><dl><dt>收到日期</dt><dd>{{.On}}</dd></dl></div>
<h2>接下来</h2><ul><li>先核实，再决定怎么办。到哪一步了，用查询码来查。</li>
{{if .D.Reach}}<li>您的姓名电话已加密保存，只有办这件事的人能看，不给被投诉的单位。</li>{{else}}<li>您没留联系方式，我们找不到您，请用查询码来查。</li>{{end}}
<li>有人因为您投诉找您麻烦，请再来这里说，或打12345。打击报复投诉人要追究责任。</li></ul>
<a class="btn" href="/t">查进展</a><p class="meta mt5">这一页只保留一小时。</p>{{end}}`)

func (s *Service) getDone(c *fiber.Ctx) error {
	var d done
	if !s.keys.Open("complaint done", c.Params("sealed"), &d, s.now()) {
		return fault.New(fault.NotFound, "gone", "这一页只保留一小时。投诉举报已经收到，用您记下的查询码可以查进展。")
	}
	return door.Send(c, fiber.StatusOK, donePage, struct {
		Head     door.Head
		D        done
		Code, On string
	}{door.Head{Title: "已收到", Elder: elder(c)}, d, door.Group(d.Code), door.ChineseDay(d.On)})
}
