package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile puts the worst that can be typed into every field of every route, as a role that may call it.
type hostile struct {
	*matrix
	sent, fields, faults int
	slowest              time.Duration
	at                   string
	begun                time.Time
}

// mostTime is what any answer may take, even on a machine that does other things too.
const mostTime = 15 * time.Second

// TestHostile: every public field and, by the OpenAPI document, every parameter and every JSON field of every route.
func TestHostile(t *testing.T) {
	w := openWorld(t, false)
	h := &hostile{matrix: newMatrix(t, w), begun: time.Now()}
	w.log.mu.Lock()
	w.log.b.Reset()
	w.log.mu.Unlock()
	rows := readMatrix(t)
	for i, r := range rows {
		if i > 0 && rows[i-1].key() == r.key() || !h.serves(r.key()) {
			continue
		}
		h.route(r)
	}
	for _, page := range []string{"/c", "/f/" + h.ids["ticket"]["own"], "/t", "/f", "/w/" + h.ids["wallcode"]["own"]} {
		h.form(page)
	}
	h.afterwards()
	fmt.Printf("hostile: routes=%d fields=%d inputs=%d faults=%d slowest=%dms seconds=%d\n", len(rows), h.fields, h.sent, h.faults, h.slowest.Milliseconds(), int(time.Since(h.begun).Seconds()))
}

func (h *hostile) fault(format string, args ...any) {
	h.faults++
	if h.faults < 60 {
		h.t.Errorf(format, args...)
	}
}

// texts are what is tried in a field: a fifth that differs from field to field in the whole run, two in the small one.
func (h *hostile) texts() []string {
	h.fields++
	if *matrixFull { // a fifth of all in each field, another fifth in the next, so that each meets every kind of field
		out := []string{line2MB}
		for i := h.fields % 5; i < len(naughty); i += 5 {
			out = append(out, naughty[i])
		}
		return out
	}
	return []string{naughty[h.fields*14%len(naughty)], naughty[(h.fields*14+7)%len(naughty)]}
}

func (h *hostile) values() []string {
	if *matrixFull {
		return crooked[h.fields%2*15 : h.fields%2*15+15]
	}
	return []string{crooked[h.fields*5%len(crooked)]}
}

// who is the first role that may call the route.
func (h *hostile) who(r row) (letter byte, login string) {
	for _, want := range "OSHACDULP" {
		for i, role := range roles {
			if rune(role.letter) == want && strings.IndexByte("+*oc", r.letters[i]) >= 0 {
				return role.letter, role.login
			}
		}
	}
	return 'P', ""
}

func (h *hostile) send(r row, letter byte, login, path string, body any, kind string) {
	c := h.clients[letter]
	start := time.Now()
	head := []string{}
	if kind != "" {
		head = []string{"Content-Type", kind}
	}
	a := c.do(r.method, path, body, head...)
	took := time.Since(start)
	if a.status == 401 && login != "" && c.ended() {
		h.env.Clock.Set(h.env.Clock.Now().Add(11 * time.Minute)) // wrong passwords slow the next login down
		*c = *h.login(letter, login)
	}
	h.judge(r.key(), path, a, took)
}

// ownMark is what an answer that was kept leaves on its phone; nothing typed is in it.
var ownMark = regexp.MustCompile(`^sf[0-9a-f]{10}=[0-9A-Z]{24}; Path=/f; Max-Age=\d+; HttpOnly; SameSite=Lax$`)

func ownCookies(set []string) bool {
	return len(set) == 0 || len(set) == 1 && ownMark.MatchString(set[0])
}

func (h *hostile) judge(what, path string, a *answer, took time.Duration) {
	h.sent++
	if took > h.slowest {
		h.slowest, h.at = took, what
	}
	short := path[:min(len(path), 120)]
	switch {
	case a.status >= 500 && !strings.Contains(string(a.body), "make front"):
		h.fault("%s %q: %d %.200s", what, short, a.status, a.body)
	case took > mostTime:
		h.fault("%s %q took %s", what, short, took)
	case a.header.Get("X-Injected") != "" || !ownCookies(a.header.Values("Set-Cookie")) && !strings.Contains(what, "session"):
		h.fault("%s %q: a header of the sender's: %v", what, short, a.header)
	}
	kind := a.header.Get("Content-Type")
	if strings.Contains(kind, "json") && len(a.body) > 0 && !json.Valid(a.body) || strings.HasPrefix(kind, "text/html") && !utf8.Valid(a.body) {
		h.fault("%s %q: an answer that cannot be read: %.200q", what, short, a.body)
	}
	if strings.HasPrefix(kind, "text/html") && (bytes.Contains(a.body, []byte("<script>alert")) || bytes.Contains(a.body, []byte("<img src=x")) || bytes.Contains(a.body, []byte("<svg/onload"))) {
		h.fault("%s %q came through unescaped", what, short)
	}
}

// route tries the path, each parameter and each field of the body; the rest of the request stays as it should be.
func (h *hostile) route(r row) {
	letter, login := h.who(r)
	own := h.idOf(r.kind, letter, "own")
	at := func(id string) string { return pathParam.ReplaceAllString(r.path, url.PathEscape(id)) }
	op := h.bodies.operation(r)
	body, kind := h.bodies.of(r, own)
	if strings.Contains(r.path, "{") {
		for _, x := range h.texts() {
			h.send(r, letter, login, at(x[:min(len(x), 1200)]), body, kind)
		}
	}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		for _, x := range h.texts() {
			h.send(r, letter, login, at(own)+"?"+p.Name+"="+url.QueryEscape(x[:min(len(x), 1200)]), body, kind)
		}
	}
	for k, c := range op.RequestBody.Content {
		if k != "application/json" {
			continue
		}
		base, err := json.Marshal(body)
		if raw, ok := body.([]byte); ok {
			base, err = raw, nil
		}
		if err != nil || r.method == "GET" {
			continue
		}
		for _, path := range h.bodies.leaves(c.Schema, nil, 0) {
			for _, x := range h.texts() {
				quoted, _ := json.Marshal(x)
				h.send(r, letter, login, at(own), insert(base, path, quoted), k)
			}
			for _, x := range h.values() {
				h.send(r, letter, login, at(own), insert(base, path, []byte(x)), k)
			}
		}
		for _, x := range []string{"", "{", "[]", "null", "\xff", `{"a":1}`, strings.Repeat("[", 100_000), `{"id":"` + strings.Repeat("x", 100_000)} {
			h.send(r, letter, login, at(own), []byte(x), k)
		}
	}
}

// leaves are the places in a body where a value can stand, by their path; a list's members are meant by its first.
func (b *bodies) leaves(s schema, at []string, depth int) [][]string {
	if s.Ref != "" {
		s = b.doc.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if depth > 5 {
		return nil
	}
	out := [][]string{}
	if len(at) > 0 {
		out = append(out, slices.Clone(at))
	}
	for name, p := range s.Properties {
		out = append(out, b.leaves(p, append(slices.Clone(at), name), depth+1)...)
	}
	if s.Items != nil {
		out = append(out, b.leaves(*s.Items, append(slices.Clone(at), "[]"), depth+1)...)
	}
	slices.SortFunc(out, func(a, b []string) int { return strings.Compare(strings.Join(a, "."), strings.Join(b, ".")) })
	return out
}

// insert puts raw JSON into a place of a body.
func insert(base []byte, path []string, raw []byte) []byte {
	if len(path) == 0 {
		return raw
	}
	if path[0] == "[]" {
		return append(append([]byte("["), insert(nil, path[1:], raw)...), ']')
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(base, &m) != nil || m == nil {
		m = map[string]json.RawMessage{}
	}
	inner := insert(m[path[0]], path[1:], raw)
	delete(m, path[0])
	var b bytes.Buffer // by hand: Marshal would refuse or repair what is crooked
	b.WriteByte('{')
	for k, v := range m {
		name, _ := json.Marshal(k)
		fmt.Fprintf(&b, "%s:%s,", name, v)
	}
	name, _ := json.Marshal(path[0])
	fmt.Fprintf(&b, "%s:%s}", name, inner)
	return b.Bytes()
}

var fieldName = regexp.MustCompile(`name="([A-Za-z0-9_]+)"`)

// form tries every field of a public page, as browsers send it both ways, and the names of files.
func (h *hostile) form(path string) {
	c := h.nobody()
	page := c.do("GET", path, nil, "Accept", "text/html")
	names := []string{"unheard", "kept"}
	for _, m := range fieldName.FindAllSubmatch(page.body, -1) {
		if !slices.Contains(names, string(m[1])) {
			names = append(names, string(m[1]))
		}
	}
	for _, name := range names {
		for i, x := range h.texts() {
			v := happy()
			for k, w := range map[string]string{"unit": "示例镇A综合执法大队", "day": h.day(-1), "place": "示例路", "fact": "执法队员上门时训斥店主并收走账本。", "stage": "none", "P1": "n", "code": "ABCD", "r": "ABCD", "business": "示例店", "matter": "food"} {
				v.Set(k, w)
			}
			v.Set(name, x)
			start := time.Now()
			if i%2 == 0 {
				a := c.do("POST", path, v)
				h.judge("POST "+path[:min(len(path), 8)]+" "+name, x, a, time.Since(start))
				continue
			}
			body, kind := multi(v, x)
			a := c.do("POST", path, body, "Content-Type", kind)
			h.judge("POST "+path[:min(len(path), 8)]+" "+name+" by parts", x, a, time.Since(start))
		}
	}
}

// multi is a form by parts, with a picture whose name, type and headers are as hostile as the rest.
func multi(v url.Values, name string) ([]byte, string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, list := range v {
		for _, x := range list {
			_ = m.WriteField(k, x)
		}
	}
	safe := strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22").Replace(name[:min(len(name), 4000)])
	part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="photos"; filename="` + safe + `"`}, "Content-Type": {"text/html"}})
	if err == nil {
		_, _ = part.Write(jpegOf(3))
	}
	_ = m.Close()
	return b.Bytes(), m.FormDataContentType()
}

// afterwards the honest still get through, nothing panicked, and each request left one line that can be read.
func (h *hostile) afterwards() {
	h.nobody().do("GET", "/readyz", nil).want(200)
	h.env.Clock.Set(h.env.Clock.Now().Add(24 * time.Hour)) // on that day so many had come from here that the form asked for work
	h.complains("own", 0)
	for _, line := range strings.Split(strings.TrimSpace(h.log.String()), "\n") {
		if !json.Valid([]byte(line)) {
			h.fault("a line of the log is none: %.200q", line)
		}
		if strings.Contains(line, `"msg":"panic"`) || strings.Contains(line, `"msg":"internal error"`) {
			h.fault("the log: %.600s", line)
		}
	}
}
