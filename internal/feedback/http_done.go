package feedback

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
)

// readAnswer reads the form as it was sent; Check says what is wrong with it.
func readAnswer(form *door.Form, three bool) *Answer {
	v := form.Values
	a := &Answer{
		CheckedOn: v.Get("day"), Business: door.OneLine(v.Get("business")), Kind: v.Get("kind"), Matter: v.Get("matter"),
		Facts: map[string]string{}, Ratings: map[string]int{}, Scale: 5, Problem: v.Get("O1"), Advice: v.Get("O2"),
		Contact: v.Get("P1") == "y", Reply: v.Get("P4") == "y", Consent: v.Get("consent") == "y", Suspect: v.Get("website") != "", Photos: form.Photos,
	}
	if three {
		a.Scale = 3
	}
	if id, err := uuid.Parse(v.Get("agency")); err == nil {
		a.AgencyID = uuid.NullUUID{UUID: id, Valid: true}
	}
	for _, f := range facts {
		if said := long[v.Get(f.id)]; said != "" {
			a.Facts[f.id] = said
		}
	}
	for _, r := range ratings {
		if n := mustScore(v.Get(r.id)); n > 0 {
			a.Ratings[r.id] = n
		}
	}
	a.Identity.Name, a.Identity.Phone = door.OneLine(v.Get("P2")), door.OneLine(v.Get("P3"))
	a.Identity.Confidential = v.Get("P5") == "y"
	return a
}

// done is what the receipt's page shows; it travels sealed in its address and is readable for an hour.
type done struct {
	Code   string   `json:"c"`
	Agency string   `json:"a"`
	Office string   `json:"o"`
	Day    string   `json:"d"`
	On     string   `json:"r"`
	Bad    []string `json:"b,omitempty"`
	Reach  bool     `json:"p,omitempty"`
}

const doneFor = time.Hour

func (s *Service) toReceipt(c *fiber.Ctx, a *Answer, r *Receipt) error {
	d := done{Code: r.Code, Agency: r.Agency, Office: r.Office, Day: r.Day, On: clock.Day(s.now()), Reach: a.Contact}
	for _, f := range a.badFacts() {
		d.Bad = append(d.Bad, f.short)
	}
	if len(d.Bad) == 0 && a.low() {
		d.Bad = []string{"不满意"}
	}
	token, err := s.keys.Seal("feedback done", d, s.now().Add(doneFor))
	if err != nil {
		return err
	}
	return c.Redirect("/f/done/"+token+modeQuery(c), fiber.StatusSeeOther)
}

var donePage = door.Page(`{{define "main"}}<h1><span class="ok">已收到</span></h1><p>谢谢您。{{.D.Office}}会看到这份反馈。</p>
<div class="box"><p class="meta">查询码，请截图或抄下来</p><p class="big">{{.Code}}</p><dl>{{with .D.Agency}}<dt>评价单位</dt><dd>{{.}}</dd>{{end}}{{with .Day}}<dt>检查日期</dt><dd>{{.}}</dd>{{end}}<dt>收到日期</dt><dd>{{.On}}</dd></dl></div>
<h2>接下来</h2><ul>{{with .D.Bad}}<li>您反映了{{range $i, $w := .}}{{if $i}}、{{end}}“{{$w}}”{{end}}。司法所核实后，在查询页写明结果。</li>{{end}}
{{if .D.Reach}}<li>您的联系方式已加密保存，只有办这件事的人能看。</li>{{else}}<li>您没留联系方式，我们找不到您，请用查询码来查。</li>{{end}}<li>司法所答复以后，可以<a href="/f/more">追评一次</a>。</li></ul>
<a class="btn" href="/t">查进展</a><a class="btn b" href="/c">还要投诉举报</a>
<p class="meta mt5">这一页只保留一小时。每个码只计一份；有人要求您改评价，请打12345。</p>{{end}}`)

func (s *Service) getDone(c *fiber.Ctx) error {
	var d done
	if !s.keys.Open("feedback done", c.Params("sealed"), &d, s.now()) {
		return fault.New(fault.NotFound, "gone", "这一页只保留一小时。反馈已经收到，用您记下的查询码可以查进展。")
	}
	return door.Send(c, fiber.StatusOK, donePage, struct {
		Head          door.Head
		D             done
		Code, Day, On string
	}{door.Head{Title: "已收到您的反馈", Elder: elder(c)}, d, door.Group(d.Code), door.ChineseDay(d.Day), door.ChineseDay(d.On)})
}

func modeQuery(c *fiber.Ctx) string {
	if elder(c) {
		return "?mode=elder"
	}
	return ""
}
