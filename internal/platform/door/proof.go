package door

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the script of the waiting page
	"encoding/base64"
	"encoding/binary"
	"html/template"
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
	slow  *Slow
	keys  Keys
	now   clock.Clock
	most  int // presses a day that one target takes
	share int // and of them from one network
}

// NewGate stands beside a Slow, with its counters.
func NewGate(s *Slow, keys Keys, now clock.Clock) *Gate {
	return &Gate{slow: s, keys: keys, now: now, most: quarantineMost, share: quarantineShare}
}

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

// Use is one use of a form, and what it counts for.
type Use struct {
	What   string // what is counted: a wall, a form from one network
	Target string // what the bound of a day on presses is for; empty: What
	Soft   int    // uses of a day that cost nothing
	Plain  int    // presses of a day from one network that are taken at once; those after it wait
}

// quarantineMost is how many a day one target takes from people who press the button. A bound there must be: behind it no
// work stands. The first are kept, the page tells the others.
// One network alone cannot use it up.
const quarantineMost, quarantineShare = 2000, 500

// Judge counts one use and says how to go on. The first soft uses of a day are free; then a proof is asked for, or the
// person's own word. Nobody is refused for what others press: beyond plain presses a network waits its turn.
func (g *Gate) Judge(ctx context.Context, form *Form, u Use) (Verdict, error) {
	worked, err := g.worked(ctx, form, u.What)
	if err != nil {
		return Ask, err
	}
	n, err := g.slow.Count(ctx, "use", u.What)
	switch {
	case err != nil:
		return Ask, err
	case n <= u.Soft:
		return Free, nil
	case worked:
		return Worked, nil
	}
	return g.Press(ctx, form, u)
}

// Press takes a person's word for a use that has no other way in; Ask where she has not given it, or no room is free.
func (g *Gate) Press(ctx context.Context, form *Form, u Use) (Verdict, error) {
	if !Pressed(form) {
		return Ask, nil
	}
	return g.press(ctx, form, u)
}

// press takes a person's word.
func (g *Gate) press(ctx context.Context, form *Form, u Use) (Verdict, error) {
	network := Network(web.Address(ctx))
	n, err := g.slow.Count(ctx, "plain "+u.What, network)
	if err != nil {
		return Ask, err
	}
	if n > u.Plain {
		if in, err := g.queue(ctx, form, u.What, longest); err != nil || !in {
			form.held = heldBusy
			return Ask, err
		}
	}
	if u.Target == "" {
		u.Target = u.What
	}
	for _, bound := range []struct {
		scope string
		most  int
	}{{"quarantine " + network, g.share}, {"quarantine", g.most}} { // its own share first: beyond it a network uses up nothing of the others'
		if n, err = g.slow.Count(ctx, bound.scope, u.Target); err != nil || n > bound.most {
			form.held = heldFull
			return Ask, err
		}
	}
	return Plain, nil
}

// Why a press did not get through.
const (
	heldBusy = "busy"
	heldFull = "full"
)

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

// open reads a task of ours for what: how hard it is and how long ago it was given.
func (g *Gate) open(task, what string) (hard int, age time.Duration, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(task)
	if err != nil || len(raw) != 25 || !sameMark(g.keys.mac("proof", []byte(what), raw[:13])[:12], raw[13:]) {
		return 0, 0, false
	}
	age = time.Duration(g.now().Unix()-int64(binary.BigEndian.Uint32(raw[8:]))) * time.Second
	return int(raw[12]), age, age >= 0 && age <= proofFor
}

func (g *Gate) worked(ctx context.Context, form *Form, what string) (bool, error) {
	task, work := form.Values.Get(fieldTask), form.Values.Get(fieldWork)
	hard, _, ok := g.open(task, what)
	if !ok || work == "" || len(work) > 20 || zeros(task, work) < hard {
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
{{if eq .Held "busy"}}<p class="mt4" role="alert">按的人多，这一次没轮到，还没有交上。请等半分钟再按一次，等得久的先轮到。填的都在。</p>{{end}}{{if eq .Held "full"}}<p class="mt4" role="alert">今天靠按钮交的已经收满，这一件还没有收下。填的都在这一页：换微信打开会自动交，明天再按也行，也可以打<a href="tel:12345">12345</a>说。</p>{{end}}<p class="mt4">等了一会儿还在这一页，就按下面的按钮，由工作人员看过再登记。</p><button class="btn b" name="` + fieldPlain + `" value="y">直接提交</button></form>
<script>` + proofScript + `</script>{{end}}`)

// Challenge sends the waiting page with everything that was typed, and the pictures that are kept. The harder, the more
// uses there were.
func (g *Gate) Challenge(c *fiber.Ctx, form *Form, reader Reader, scope []byte, what string) error {
	n, err := g.slow.hits(c.UserContext(), g.slow.key("use", clock.Day(g.now()), what))
	if err != nil {
		return err
	}
	p := waitingPage{Head: Head{Title: "正在提交", Elder: c.Query("mode") == "elder"}, Fields: carry(form, reader, scope), Held: form.held}
	return g.send(c, proofPage, &p, form, what, n)
}

type waitingPage struct {
	Head       Head
	Fields     []Carried
	Task       string
	Bits       int
	Held       string
	Path, Wait string // of a page that takes codes: where it posts to, and what a browser without script asks again for
}

// send draws a waiting page with its task. Who pressed and did not get in keeps the old one: it tells how long she waits.
func (g *Gate) send(c *fiber.Ctx, page *template.Template, p *waitingPage, form *Form, what string, uses int) (err error) {
	p.Task = form.Values.Get(fieldTask)
	var ok bool
	if p.Bits, _, ok = g.open(p.Task, what); !ok || form.Values.Get(fieldWork) != "" || !Pressed(form) {
		p.Bits = min(mostBits, proofBits+bits.Len(uint(uses/1000))) // #nosec G115 -- a count
		if p.Task, err = g.task(what, p.Bits); err != nil {
			return err
		}
	}
	if p.Path != "" {
		p.Wait, err = g.ticket(form, p)
	}
	if err == nil {
		err = Send(c, fiber.StatusOK, page, p)
	}
	c.Set("Content-Security-Policy", proofPolicy)
	return err
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
