package evidence

import (
	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/door"
)

// checked is what the page about a receipt tells. It names no business and no person: whoever holds the code may look.
type checked struct {
	Head  door.Head
	Code  string // as the receipt prints it, or as it was typed
	Found bool
	Valid bool
	At    string
	Count int
	Sheet string // shortened
	Photo []numbered
	Key   string
	Alg   string
}

type numbered struct {
	N    int
	Hash string // shortened
}

var algorithmNames = map[string]string{Ed25519: "Ed25519", SM2: "SM2（国密）"}

var checkTemplate = door.Page(`{{define "main"}}
<h1>{{.Head.Title}}</h1>
{{if .Valid}}<div class="box"><p class="ok">有效</p>
<p class="big">{{.Code}}</p>
<p>服务器在{{.At}}收齐了这份记录{{if .Count}}和{{.Count}}张照片{{else}}，没有照片{{end}}。这张回执没有被改动过。</p></div>
<h2>核对用的指纹</h2>
<p class="meta">与手里的记录、照片对得上，就是同一份。这里只显示开头和结尾，不显示内容。</p>
<dl class="mt4"><dt>记录</dt><dd>{{.Sheet}}</dd>{{range .Photo}}<dt>照片{{.N}}</dt><dd>{{.Hash}}</dd>{{end}}</dl>
<p class="meta mt4">签名{{.Alg}}，公钥编号{{.Key}}。有回执文件（手机和记录页上可以存）和<a href="/custody.pub">公钥文件</a>的，不联网也能用suixing verify验证。</p>
{{else if .Found}}<div class="sum" role="alert"><p><b>签名不符</b></p><p>编号{{.Code}}有登记，但内容与当时的签名对不上。请把编号告诉司法所，由他们核查。</p></div>
{{else if .Code}}<div class="sum" role="alert"><p><b>找不到</b></p><p>没有编号为{{.Code}}的回执。请对照原件再输一次：编号是HZ后面十二位，没有字母I、L、O、U。</p></div>
{{end}}{{if .Code}}<h2>查另一张</h2>{{else}}<p>回执号印在记录的回执上，也在手机的记录里。</p>{{end}}
<form method="get" action="/v"><div class="q"><label class="l" for="code">回执号 <span class="o">如HZ-8F2K-41QD-7MXA</span></label>
<input class="t" id="code" name="code" maxlength="32" autocomplete="off" autocapitalize="characters" spellcheck="false" required></div><button class="btn">验证</button></form>
{{end}}`)

func (s *Service) checkForm(c *fiber.Ctx) error {
	if typed := c.Query("code"); typed != "" {
		if code := typedCode(typed); code != "" {
			return c.Redirect("/v/"+code, fiber.StatusSeeOther)
		}
		return s.unknown(c, typed)
	}
	return door.Send(c, fiber.StatusOK, checkTemplate, checked{Head: door.Head{Title: "验证回执"}})
}

func (s *Service) checkPage(c *fiber.Ctx) error {
	code := typedCode(c.Params("code"))
	if code == "" {
		return s.unknown(c, c.Params("code"))
	}
	r, err := receiptByCode(c.UserContext(), s.db, code)
	if fault.KindOf(err) == fault.NotFound {
		return s.unknown(c, code)
	}
	if err != nil {
		return err
	}
	return door.Send(c, fiber.StatusOK, checkTemplate, s.check(r))
}

func (s *Service) check(r Receipt) checked {
	out := checked{Head: door.Head{Title: "验证回执"}, Code: r.Code, Found: true, Key: r.KeyID, Alg: algorithmNames[r.Algorithm]}
	key, known := s.keys.Public(r.KeyID)
	if !known {
		return out
	}
	body, err := CheckReceipt(r, key)
	if err != nil {
		return out
	}
	out.Valid, out.Count, out.Sheet = true, len(body.Photos), short(body.Digest)
	out.At = body.ReceivedAt.In(clock.Shanghai).Format("2006年1月2日15:04")
	for i, p := range body.Photos {
		out.Photo = append(out.Photo, numbered{i + 1, short(p.SHA256)})
	}
	return out
}

func (s *Service) unknown(c *fiber.Ctx, code string) error {
	if len(code) > 32 {
		code = "这么长"
	}
	return door.Send(c, fiber.StatusNotFound, checkTemplate, checked{Head: door.Head{Title: "验证回执"}, Code: code})
}

// publicKeys hands out what a receipt is checked with years later, without this server.
func (s *Service) publicKeys(c *fiber.Ctx) error {
	text, err := s.keys.PublicFile()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/x-pem-file")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="custody.pub"`)
	return c.Send(text)
}

// short shows enough of a hash to compare, too little to ask for the photo by it.
func short(hash string) string {
	if len(hash) < 24 {
		return hash
	}
	return hash[:8] + "…" + hash[len(hash)-8:]
}
