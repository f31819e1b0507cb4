package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
)

// status is the only table from kinds of fault to HTTP.
var status = map[fault.Kind]int{
	fault.Internal: 500, fault.Invalid: 422, fault.Unauthenticated: 401, fault.Forbidden: 403,
	fault.NotFound: 404, fault.Conflict: 409, fault.TooLarge: 413, fault.TooMany: 429,
}

// reply is an error answer (RFC 9457). It never repeats what was submitted.
type reply struct {
	Type      string             `json:"type"`
	Title     string             `json:"title"`
	Status    int                `json:"status"`
	Detail    string             `json:"detail"`
	Code      string             `json:"code"`
	RequestID string             `json:"request_id,omitempty"`
	Errors    []fault.FieldError `json:"errors,omitempty"`
	retry     int
}

// Error, GetStatus, ContentType and GetHeaders are what huma asks of an error answer.
func (e *reply) Error() string             { return e.Code + ": " + e.Detail }
func (e *reply) GetStatus() int            { return e.Status }
func (e *reply) ContentType(string) string { return "application/problem+json" }
func (e *reply) GetHeaders() http.Header {
	if e.retry == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(e.retry)}}
}

func newReply(code int, key, words string) *reply {
	return &reply{Type: "about:blank", Title: http.StatusText(code), Status: code, Code: key, Detail: words}
}

var plainWords = map[int]string{
	400: "请求的格式不对，没有保存。", 404: "找不到这个地址。", 405: "这个地址不支持这种操作。", 408: "网络太慢，没有收完。已填的还在，请再试一次。",
	413: "内容太大，没有收下。", 415: "不支持这种格式。", 422: "有几处要改，已填的都留着。",
}

// newError answers what huma itself finds wrong: bad JSON, unknown fields, lengths. Values are left out.
func newError(code int, msg string, errs ...error) huma.StatusError {
	e := newReply(code, strings.ReplaceAll(strings.ToLower(http.StatusText(code)), " ", "_"), plainWords[code])
	if e.Detail == "" {
		e.Detail = msg
	}
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			e.Errors = append(e.Errors, fault.FieldError{Field: strings.TrimPrefix(d.Location, "body."), Message: inChinese(d.Message)})
		}
	}
	return e
}

// inChinese says huma's validation messages in the words of a person.
func inChinese(m string) string {
	for _, t := range []struct{ has, say string }{
		{"required property", "缺这一项：" + last(m)}, {"unexpected property", "没有这一项，请检查"}, {"length >=", "太短"}, {"length <=", "太长，最多" + digits(m) + "字"},
		{"array length <=", "太多，最多" + digits(m) + "项"}, {"expected string", "应当是文字"}, {"expected number", "应当是数字"}, {"expected integer", "应当是整数"},
		{"expected boolean", "应当是“是”或“否”"}, {"expected array", "应当是列表"}, {"expected object", "应当是一组内容"}, {"one of", "不在可选范围内"}, {"uuid", "编号格式不对"},
		{"date", "日期格式不对"}, {"expected number >=", "太小"}, {"expected number <=", "太大"}, {"pattern", "格式不对"},
	} {
		if strings.Contains(m, t.has) {
			return t.say
		}
	}
	return "格式不对"
}

func last(m string) string {
	f := strings.Fields(m)
	for i, w := range f {
		if w == "property" && i+1 < len(f) {
			return f[i+1]
		}
	}
	return ""
}

func digits(m string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, m)
}

func asReply(err error, log *slog.Logger, ctx context.Context) *reply {
	var own *reply
	if errors.As(err, &own) {
		return own
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		id := RequestID(ctx)
		log.ErrorContext(ctx, "internal error", "request_id", id, "error", err.Error())
		e := newReply(500, "internal", "系统出了错，已经记下，编号"+id+"。已填的内容没有丢，请稍后再试。")
		e.RequestID = id
		return e
	}
	e := newReply(status[f.Kind], f.Code, f.Words)
	e.Errors, e.retry = f.Fields, f.RetryAfter
	return e
}

func asStatus(err error, log *slog.Logger, ctx context.Context) error {
	return asReply(err, log, ctx)
}

// answerError is fiber's error handler: for plain handlers and for what fiber itself refuses.
func (r *Router) answerError(c *fiber.Ctx, err error) error {
	var fe *fiber.Error
	var e *reply
	if errors.As(err, &fe) {
		words := plainWords[fe.Code]
		if words == "" {
			words = "请求没有办成。"
		}
		e = newReply(fe.Code, strings.ReplaceAll(strings.ToLower(http.StatusText(fe.Code)), " ", "_"), words)
	} else {
		e = asReply(err, r.opt.Log, c.UserContext())
	}
	if e.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(e.retry))
	}
	if r.page != nil && wantsPage(c) {
		return r.page(c, e.Status, e.Detail)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Status(e.Status).Send(body)
}

func wantsPage(c *fiber.Ctx) bool {
	return !strings.HasPrefix(c.Path(), "/api/") && strings.Contains(c.Get(fiber.HeaderAccept), "text/html")
}
