package complaint

import (
	"github.com/gofiber/fiber/v2"

	"suixing/internal/platform/door"
)

type noticePage struct {
	Head            door.Head
	Bureau, Hotline string
	Keep            map[string]string
}

// The notice before collection (个人信息保护法 Art. 17), whole; the forms carry its short version. How long things are kept
// is read from the rules, so that the page cannot say one thing and the job do another.
var noticeTemplate = door.Page(`{{define "main"}}<h1>个人信息处理告知</h1>
<p>适用于：投诉举报、满意度反馈表、查进展。</p>
<h2>谁在处理</h2><p>{{.Bureau}}，电话<a href="tel:{{.Hotline}}">{{.Hotline}}</a>，和办您这件事的司法所。</p>
<h2>为什么，凭什么</h2><p>监督行政执法、查办您反映的事、答复您，是法定职责（《中华人民共和国个人信息保护法》第十三条第一款第三项），只在职责范围内处理。反馈表上的联系方式要您同意才收，不填不影响。</p>
<h2>收什么，怎样收</h2><ul><li>您写的经过、单位、日期、地点和上传的照片。</li><li>您愿意留的姓名、电话、地址、证件号。</li><li>不记您的手机型号和网络地址。为防刷屏和代填，另存一份加密的来源记号，只存一天，和您写的不放在一起。</li><li>不收人脸、指纹，不定位。</li></ul>
<h2>怎样保护</h2><ul><li>姓名、电话、地址、证件号单独加密存放，每一件有自己的密钥。</li><li>只有办这件事的人写明理由才能看，每看一次都留下谁、什么时候、为什么。</li><li>给执法单位的材料不带您的身份，文字先去掉看得出是谁的内容。</li></ul>
<h2>给谁</h2><p>只给办这件事的司法所和县司法局。依法转送有权办理的机关时告诉您转给了谁。不给被投诉的单位，不给其他人。存放在境内。</p>
<h2>保存多久</h2><ul><li>投诉人的身份：这件事办结归档后{{index .Keep "RT01"}}，到期自动销毁密钥，不能再打开。</li><li>反馈表上的联系方式：收到后{{index .Keep "RT03"}}。</li><li>接线员没有提交的草稿：{{index .Keep "RT02"}}。</li><li>去掉身份的办理材料按档案规定保存。</li></ul>
<h2>您可以要求什么</h2><ul><li>查看、复制我们登记的您的信息（第四十五条）。</li><li>更正、补充（第四十六条）。</li><li>删除（第四十七条）。删除以后我们不能再联系您，事情照样办。</li><li>解释处理规则（第四十八条）。</li></ul>
<p>怎样提：打上面的电话，或到司法所当面说，报查询码。我们核实是您本人以后办理，并记下来。不办的，告诉您理由；不服可以向法院起诉。</p>
<a class="btn b" href="/c">回到投诉举报</a><a class="btn b" href="/t">查进展</a>{{end}}`)

func (s *Service) getNotice(c *fiber.Ctx) error {
	p := noticePage{Head: door.Head{Title: "个人信息处理告知", Elder: elder(c), Other: otherVersion(elder(c))}}
	var err error
	if p.Bureau, p.Hotline, _, err = s.around(c.UserContext()); err != nil {
		return err
	}
	if p.Keep, err = s.keeping(c.UserContext()); err != nil {
		return err
	}
	if p.Bureau == "" {
		p.Bureau = "县司法局"
	}
	if p.Hotline == "" {
		p.Hotline = "12345"
	}
	return door.Send(c, fiber.StatusOK, noticeTemplate, p)
}
