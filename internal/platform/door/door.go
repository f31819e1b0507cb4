// Package door is the ground under the pages anyone may open: one small stylesheet, no script, forms that lose nothing,
// codes on paper, and slowing instead of refusing. It knows no feature.
package door

import (
	"bytes"
	_ "embed" // the stylesheet
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"suixing/internal/platform/web"
)

//go:embed style.css
var styleText string

//go:embed more.css
var moreText string

// A stylesheet is inlined, so that a page is one request on a slow network; the policy allows it by its hash. What only
// receipts and status pages need is not in the forms', which must be small.
var (
	formStyle = strings.TrimSpace(styleText)
	style     = formStyle + strings.TrimSpace(moreText)
	policy    = web.PageCSP(web.StyleHash(style) + " " + web.StyleHash(formStyle))
)

const mark = `<span class="mark"><svg viewBox="0 0 24 24" fill="none" stroke-width="3" stroke-linecap="round" aria-hidden="true"><path stroke="#171b21" d="M6 21c0-5 5-6 5-11 0-3-1-5-2.5-7"/><path stroke="#1352a8" d="M13 21c0-5 5-6 5-11 0-3-1-5-2.5-7"/></svg>随行</span>`

// Head is what every page tells its frame.
type Head struct {
	Title string
	Elder bool
	// Other is the address of the page's other version, larger or normal; empty when it has only one.
	Other string
}

// Page makes a page template: body defines "main" and may define parts of its own. Its data carries a Head named Head.
func Page(body string) *template.Template { return page(style, body) }

// FormPage is Page for a form: without the styles of what a form does not show.
func FormPage(body string) *template.Template { return page(formStyle, body) }

func page(style, body string) *template.Template {
	frame := `<!doctype html><html lang="zh-CN"{{if .Head.Elder}} data-elder{{end}}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover"><title>{{.Head.Title}} · 随行</title><style>` +
		style + `</style></head><body><div class="wrap"><header class="top">` + mark +
		`{{if .Head.Other}}<a href="{{.Head.Other}}">{{if .Head.Elder}}普通版{{else}}长辈版{{end}}</a>{{end}}</header><main>{{template "main" .}}</main></div></body></html>`
	return template.Must(template.Must(template.New("frame").Parse(frame)).Parse(parts + body))
}

// Send draws a page. Nothing of the request is ever in its headers.
func Send(c *fiber.Ctx, status int, page *template.Template, data any) error {
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, "frame", data); err != nil {
		return err
	}
	c.Set("Content-Security-Policy", policy)
	// With no-referrer a browser sends "Origin: null" with our own forms; our addresses still reach nobody else.
	c.Set("Referrer-Policy", "same-origin")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	accepts := c.Get(fiber.HeaderAcceptEncoding)
	if strings.Contains(accepts, "br") {
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Status(status).Send(fasthttp.AppendBrotliBytesLevel(nil, b.Bytes(), 5))
	}
	if strings.Contains(accepts, "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Status(status).Send(fasthttp.AppendGzipBytesLevel(nil, b.Bytes(), 6))
	}
	return c.Status(status).Send(b.Bytes())
}

var messagePage = Page(`{{define "main"}}<h1>{{.Head.Title}}</h1><p>{{.Words}}</p><a class="btn b" href="/t">查进展</a><a class="btn b" href="/c">投诉举报</a>{{end}}`)

// ErrorPage says in words that something is not there or did not work; the router uses it for people with a browser.
func ErrorPage(c *fiber.Ctx, status int, words string) error {
	title := "没有办成"
	if status == fiber.StatusNotFound {
		title = "找不到"
	}
	return Send(c, status, messagePage, struct {
		Head  Head
		Words string
	}{Head{Title: title}, words})
}
