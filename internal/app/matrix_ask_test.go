package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// absentLike is an id of the same form that nothing has.
func absentLike(id string) string {
	switch {
	case id == "":
		return ""
	case strings.Contains(id, "|"):
		parts := strings.Split(id, "|")
		for i := range parts {
			parts[i] = absentLike(parts[i])
		}
		return strings.Join(parts, "|")
	case len(id) == 36:
		return uuid.NewString()
	case len(id) == 64:
		return strings.Repeat("0123456789abcdef", 4)
	}
	b := []byte(id)
	for i := range b { // as long and of the same kind of letters
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			b[i] = '0' + (c-'0'+5)%10
		case c >= 'a' && c <= 'z':
			b[i] = 'a' + (c-'a'+13)%26
		case c >= 'A' && c <= 'Z' && i > 2:
			b[i] = 'A' + (c-'A'+13)%26
		}
	}
	return string(b)
}

var pathParam = regexp.MustCompile(`\{[a-z0-9_]+\}|\*$`)

// ask sends one request and looks through everything that comes back. A login that an earlier line ended is begun again.
func (m *matrix) ask(c *client, r row, letter byte, login, id string, header ...string) *answer {
	parts, n := strings.Split(id, "|"), -1 // one for each parameter; the last for the rest
	path := pathParam.ReplaceAllStringFunc(r.path, func(string) string {
		n = min(n+1, len(parts)-1)
		return strings.ReplaceAll(url.PathEscape(parts[n]), "%2F", "/")
	}) + r.query
	body, kind := m.bodies.of(r, id)
	if kind != "" {
		header = append([]string{"Content-Type", kind}, header...)
	}
	a := c.do(r.method, path, body, header...)
	if a.status == http.StatusUnauthorized && login != "" && letter != 'X' && c.ended() {
		*c = *m.login(letter, login)
		a = c.do(r.method, path, body, header...)
	}
	m.inspect(r, letter, a)
	return a
}

// ended tells whether the client's login is no more.
func (c *client) ended() bool {
	return c.do("GET", "/api/session", nil).status == http.StatusUnauthorized
}

// inspect looks for canaries in body and headers. What a route may show to a role is not a leak; to anyone else it is.
func (m *matrix) inspect(r row, letter byte, a *answer) {
	m.checks++
	var head bytes.Buffer
	_ = a.header.Write(&head)
	for _, f := range append(m.scan.scan("body", a.body), m.scan.scan("header", head.Bytes())...) {
		if !m.mayShow(r, letter, f.canary) {
			m.say(true, "leak: %s as %c gives %s (%s, %s)", r, letter, f.canary, f.how, f.in)
		}
	}
	if a.status >= 500 && !strings.Contains(string(a.body), "make front") {
		m.say(false, "%s as %c: %d %.300s", r, letter, a.status, a.body)
	}
}

func (m *matrix) mayShow(r row, letter byte, c canary) bool {
	if !strings.ContainsRune(r.shows[c.class], rune(letter)) {
		return false
	}
	for _, role := range roles {
		if role.letter == letter {
			for _, place := range role.sees {
				if place == c.place {
					return true
				}
			}
		}
	}
	return false
}

// codeOf is the code of an error answer.
func codeOf(a *answer) string {
	var e struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.body, &e)
	return e.Code
}

// gates are the codes of a refusal for who one is, not for what one asked.
var gates = map[string]bool{"forbidden": true, "device_only": true, "token_only": true, "cross_origin": true, "signed_out": true}

func (m *matrix) reached(r row, letter byte, place string, a *answer) {
	m.checks++
	gated := a.status == 401 || a.status == 403 && gates[codeOf(a)]
	if gated || a.status == 404 || a.status == 405 || a.status == 400 || a.status == 429 {
		m.say(false, "%s as %c of %s: may, but got %d %.200s", r, letter, place, a.status, a.body)
	}
}

func (m *matrix) refused(r row, letter byte, a *answer) {
	m.checks++
	want := http.StatusForbidden
	if letter == 'P' {
		want = http.StatusUnauthorized
	}
	if a.status != want || a.status == 403 && !gates[codeOf(a)] {
		m.say(false, "%s as %c: may not, but got %d %.200s", r, letter, a.status, a.body)
	}
}

// unsigned: who does not sign is nobody, whoever is logged in.
func (m *matrix) unsigned(r row, letter byte, a *answer) {
	m.checks++
	if a.status != http.StatusUnauthorized {
		m.say(false, "%s as %c without a signature: want 401, got %d %.200s", r, letter, a.status, a.body)
	}
}

func (m *matrix) absent(r row, letter, how byte, a *answer) {
	m.checks++
	if how == 'q' || how == 'c' && (a.status < 400 || a.status == 409 || a.status == 422) {
		return
	}
	if a.status != http.StatusNotFound {
		m.say(false, "%s as %c of nobody: want 404, got %d %.200s", r, letter, a.status, a.body)
	}
}

// alike: an answer that is the same whatever the id names.
func (m *matrix) alike(r row, letter byte, place string, a, absent *answer) {
	m.checks++
	if x, y := wire(a), wire(absent); a.status >= 500 || x != y {
		m.say(false, "%s as %c of %s: the answer differs from that for nothing:\n%s\n%s", r, letter, place, x, y)
	}
}

// untouched: where the client makes the id, another's record is neither shown nor taken over.
func (m *matrix) untouched(r row, letter byte, place string, a *answer) {
	m.checks++
	if a.status < 400 {
		m.say(false, "%s as %c of %s: took over what is not its own: %d %.200s", r, letter, place, a.status, a.body)
	}
}

// hidden holds what is out of sight to the very bytes of what does not exist (Oracle404).
func (m *matrix) hidden(r row, letter byte, place string, a, absent *answer) {
	m.checks++
	if a.status != http.StatusNotFound {
		m.say(false, "%s as %c of %s: want 404, got %d %.200s", r, letter, place, a.status, a.body)
		return
	}
	if x, y := wire(a), wire(absent); x != y {
		m.say(false, "%s as %c of %s: the answer differs from that for nothing:\n%s\n%s", r, letter, place, x, y)
	}
}

var requestID = regexp.MustCompile(`"request_id":"[^"]*"`)

// wire is an answer without what differs each time: the clock and the number of the request.
func wire(a *answer) string {
	h := a.header.Clone()
	h.Del("Date")
	h.Del("X-Request-Id")
	var b bytes.Buffer
	_ = h.Write(&b)
	return fmt.Sprint(a.status, "\n", b.String(), requestID.ReplaceAllString(string(a.body), ""))
}

// nobodies are words of each kind that nobody has.
var nobodies = map[string]string{"name": "乂亖亼亽", "pinyin": "zhaxiangmi", "phone": "13971239999", "id": "410799196001019999", "address": "乂亖坳子九号", "artist": "matrixartistnobody", "gps": "matrixgpsnobody",
	"xmp": "matrixxmpnobody", "iptc": "matrixiptcnobody", "tail": "matrixtailnobody", "serial": "matrixserialnobody", "file": "matrixfilenobody", "agent": "matrixagentnobody", "network": "198.51.100.99"}

// asked are the routes that search by what their body says. Kinds whose figures or letters stand in everybody's words are
// alike by parts, which such a search weighs; those are asked in every pair by complaint's TestSearchOracle.
var asked = map[string]func(string) any{
	"POST /api/complaints/similar": func(v string) any { return map[string]any{"target": v, "place": v, "fact": v} },
}

// searchOracle asks for people by whatever is known of them: who may not meet them gets the same answer as for a word nobody
// has (T10 SearchOracle). The small run asks for one of each kind, the whole for all.
func (m *matrix) searchOracle(c *client, r row, letter, how byte) {
	body, posts := asked[r.key()]
	if how == '-' || r.query != "" || !posts && (r.method != "GET" || !m.bodies.searches(r)) {
		return
	}
	want := map[string]string{}
	for _, x := range m.canaries {
		_, before := want[x.what]
		if m.mayShow(r, letter, x) || before && !*matrixFull && !posts || posts && x.what != "name" && x.what != "address" {
			continue
		}
		find := func(v string) string {
			if posts {
				a := c.do("POST", r.path, body(v))
				m.inspect(r, letter, a)
				return wire(a)
			}
			return m.search(c, r, letter, v)
		}
		if !before {
			want[x.what] = find(nobodies[x.what])
		}
		m.checks++
		if got := find(x.value); got != want[x.what] {
			m.say(true, "leak: %s as %c answers a search for %s otherwise than for nobody: %.300s", r, letter, x, got)
		}
	}
}

func (m *matrix) search(c *client, r row, letter byte, q string) string {
	a := c.do("GET", r.path+"?q="+url.QueryEscape(q), nil)
	m.inspect(r, letter, a)
	return wire(a)
}
