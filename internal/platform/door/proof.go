package door

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the script of the waiting page
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/web"
)

// A form under load asks for work before it takes more: a browser with script does it by itself in about a second, a person
// without script presses one button and is looked at by a person later. Nobody is refused for what others do.

//go:embed proof.js
var proofText string

var (
	proofScript = strings.TrimSpace(proofText)
	proofPolicy = policy + "; script-src " + web.StyleHash(proofScript)
)

// Names of the fields that the waiting page adds to a form.
const (
	fieldTask  = "pow_task"
	fieldWork  = "pow_work"
	fieldPlain = "pow_plain"
)

const (
	proofBits = 14 // tries double with each bit: some 16,000 hashes, a second or two on an old phone
	mostBits  = 18
	proofFor  = 20 * time.Minute
)

// Gate asks for work where a form is used more than people use it.
type Gate struct {
	slow *Slow
	keys Keys
	now  clock.Clock
}

// NewGate stands beside a Slow, with its counters.
func NewGate(s *Slow, keys Keys, now clock.Clock) *Gate { return &Gate{slow: s, keys: keys, now: now} }

// Verdict is what a gate says to one form.
type Verdict int

const (
	// Free: nothing unusual.
	Free Verdict = iota
	// Worked: the browser has done the work.
	Worked
	// Plain: a person without script asks to be let through; keep it apart until a person has looked.
	Plain
	// Ask: send the waiting page (Challenge), everything typed goes along.
	Ask
)

// Judge counts one use of what (a wall, a form) and says how to go on. The first soft uses of a day are free; then a proof
// is asked for, or the person's own word, which is believed plain times a day from one network for one what.
func (g *Gate) Judge(ctx context.Context, form *Form, what string, soft, plain int) (Verdict, error) {
	worked, err := g.worked(ctx, form, what)
	if err != nil {
		return Ask, err
	}
	n, err := g.slow.Count(ctx, "use", what)
	switch {
	case err != nil:
		return Ask, err
	case n <= soft:
		return Free, nil
	case worked:
		return Worked, nil
	case form.Values.Get(fieldPlain) == "":
		return Ask, nil
	}
	n, err = g.slow.Count(ctx, "plain "+what, Network(web.Address(ctx)))
	if err != nil || n > plain {
		return Ask, err
	}
	return Plain, nil
}

// Proved tells whether form carries a proof for what, and uses it up.
func (g *Gate) Proved(ctx context.Context, form *Form, what string) (bool, error) {
	return g.worked(ctx, form, what)
}

// Carries tells whether form came through the waiting page.
func Carries(form *Form) bool { return form.Values.Get(fieldTask) != "" }

// Pressed tells whether the person on the waiting page asked to be let through without work.
func Pressed(form *Form) bool { return form.Values.Get(fieldPlain) != "" }

// task is what the browser works on: when, how hard, at random, and our mark over it and over what it is for.
func (g *Gate) task(what string, hard int) (string, error) {
	b := make([]byte, 8, 21)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	b = binary.BigEndian.AppendUint32(b, uint32(g.now().Unix())) // #nosec G115 -- seconds fit until 2106
	b = append(b, byte(hard))
	return base64.RawURLEncoding.EncodeToString(append(b, g.keys.mac("proof", []byte(what), b)[:12]...)), nil
}

func (g *Gate) worked(ctx context.Context, form *Form, what string) (bool, error) {
	task, work := form.Values.Get(fieldTask), form.Values.Get(fieldWork)
	raw, err := base64.RawURLEncoding.DecodeString(task)
	if err != nil || len(raw) != 25 || len(work) == 0 || len(work) > 20 || !sameMark(g.keys.mac("proof", []byte(what), raw[:13])[:12], raw[13:]) {
		return false, nil
	}
	age := g.now().Unix() - int64(binary.BigEndian.Uint32(raw[8:]))
	if age < 0 || age > int64(proofFor/time.Second) || zeros(task, work) < int(raw[12]) {
		return false, nil
	}
	n, err := g.slow.Count(ctx, "proof", task) // each proof is good once
	return n == 1, err
}

func zeros(task, work string) int {
	sum := sha256.Sum256([]byte(task + ":" + work))
	return bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:]))
}

// Carried is one field that the waiting page hands on.
type Carried struct{ Name, Value string }

var proofPage = Page(`{{define "main"}}<h1>正在提交</h1><p id="s" role="status">这会儿提交的人多。请不要关，几秒钟后自动提交，填的都在。</p>
<form method="post" id="f">{{range .Fields}}<input type="hidden" name="{{.Name}}" value="{{.Value}}">{{end}}<input type="hidden" name="` + fieldTask + `" value="{{.Task}}" data-bits="{{.Bits}}"><input type="hidden" name="` + fieldWork + `">
{{if .Again}}<p class="mt4">这个网络今天直接提交的太多了。请换手机流量再按一次，或打<a href="tel:12345">12345</a>说。</p>{{end}}<p class="mt4">等了一会儿还在这一页，就按下面的按钮，由工作人员看过再登记。</p><button class="btn b" name="` + fieldPlain + `" value="y">直接提交</button></form>
<script>` + proofScript + `</script>{{end}}`)

// Challenge sends the waiting page with everything that was typed, and the pictures that are kept. The harder, the more
// uses there were.
func (g *Gate) Challenge(c *fiber.Ctx, form *Form, reader Reader, scope []byte, what string) error {
	hard := proofBits
	if n, err := g.slow.hits(c.UserContext(), g.slow.key("use", clock.Day(g.now()), what)); err == nil {
		hard = min(mostBits, proofBits+bits.Len(uint(n/1000))) // #nosec G115 -- a count
	}
	task, err := g.task(what, hard)
	if err != nil {
		return err
	}
	page := struct {
		Head   Head
		Fields []Carried
		Task   string
		Bits   int
		Again  bool
	}{Head{Title: "正在提交", Elder: c.Query("mode") == "elder"}, carry(form, reader, scope), task, hard, form.Values.Get(fieldPlain) != ""}
	if err := Send(c, fiber.StatusOK, proofPage, page); err != nil {
		return err
	}
	c.Set("Content-Security-Policy", proofPolicy)
	return nil
}

func carry(form *Form, reader Reader, scope []byte) (out []Carried) {
	for name, values := range form.Values {
		if name == fieldTask || name == fieldWork || name == fieldPlain {
			continue
		}
		for _, v := range values {
			out = append(out, Carried{name, v})
		}
	}
	for _, p := range form.Photos {
		out = append(out, Carried{"kept", reader.Mark(p, scope)})
	}
	slices.SortFunc(out, func(a, b Carried) int { return strings.Compare(a.Name, b.Name) })
	return out
}
