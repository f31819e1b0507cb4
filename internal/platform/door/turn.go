package door

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/web"
)

// Behind an address from which codes are guessed there are people with good ones. They are asked for work, or wait their
// turn, and always get to see: no guesser can use up what lets others in.

// Turnstile is a page that takes a code which people type.
type Turnstile struct {
	Scope string // what misses are counted under
	Field string // the code's field
	Path  string // the page's address
}

const (
	// Thirty-two guesses a second of one network at most, worked, waited and pressed: with 80 bits that is no chance.
	workedRooms = 48
	workedStay  = 2 * time.Second
	agedAfter   = 15 * time.Second // who has waited so long has rooms that no newcomer takes
	waitFor     = 20 * time.Minute
)

func (t Turnstile) what() string { return "try " + t.Scope }

// Try tells whether the code in form may be looked up now. Where the network has used up what is free, a proof lets in, or
// a person's press, slowly. False: send the waiting page (Hold).
func (g *Gate) Try(ctx context.Context, form *Form, t Turnstile) (bool, error) {
	hits, err := g.slow.hits(ctx, g.slow.here(ctx, t.Scope))
	d := delayFor(hits)
	if err != nil || d == 0 {
		return err == nil, err
	}
	worked, err := g.worked(ctx, form, t.what())
	switch {
	case err != nil:
		return false, err
	case worked:
		return g.slow.stay(ctx, "worked "+t.Scope+" "+Network(web.Address(ctx)), workedRooms, min(d, workedStay))
	case !Pressed(form):
		return false, nil
	}
	return g.queue(ctx, form, t.what(), d)
}

// queue lets in who cannot have her browser work, as slowly as her network is; false when no room is free. Who has waited
// longest goes to rooms of her own: the mark on the page she pressed tells since when.
func (g *Gate) queue(ctx context.Context, form *Form, what string, d time.Duration) (bool, error) {
	place := what + " " + Network(web.Address(ctx))
	task := form.Values.Get(fieldTask)
	_, age, ours := g.open(task, what)
	if !ours || age < agedAfter || !g.slow.enter("task "+task, 1) {
		return g.slow.stay(ctx, "pressed "+place, maxAtOnce, d)
	}
	defer g.slow.leave("task " + task)
	n, err := g.slow.hits(ctx, g.slow.key("aged", clock.Day(g.now()), task))
	if err != nil || n > 0 { // each page gets in by its age once
		return false, err
	}
	in, err := g.slow.stay(ctx, "aged "+place, maxAtOnce, d)
	if err != nil || !in {
		return false, err
	}
	_, err = g.slow.Count(ctx, "aged", task)
	return err == nil, err
}

var holdPage = Page(`{{define "main"}}<h1>请稍等</h1><p id="s" role="status">这个网络上有人在乱试编号，先慢一慢再打开。请不要关，几秒钟后自动接着办，填的都在。</p>
<form method="post" action="{{.Path}}" id="f">{{range .Fields}}<input type="hidden" name="{{.Name}}" value="{{.Value}}">{{end}}<input type="hidden" name="` + fieldTask + `" value="{{.Task}}" data-bits="{{.Bits}}"><input type="hidden" name="` + fieldWork + `">
<p class="mt4">等了一会儿还在这一页，就按下面的按钮。没轮到就再按，等得久的先轮到。</p><button class="btn b" name="` + fieldPlain + `" value="y">接着办</button></form>
{{with .Wait}}<noscript><meta http-equiv="refresh" content="5;url={{.}}"></noscript>{{end}}<script>` + proofScript + `</script>{{end}}`)

// waited is what a browser without script carries while it waits: the code it asked for and the page's mark.
type waited struct {
	Code string `json:"c"`
	Task string `json:"t"`
}

// Hold sends the waiting page of a code, with everything that was typed.
func (g *Gate) Hold(c *fiber.Ctx, form *Form, t Turnstile) error {
	ctx := c.UserContext()
	n, err := g.slow.hits(ctx, g.slow.here(ctx, t.Scope))
	if err != nil {
		return err
	}
	p := waitingPage{Head: Head{Title: "请稍等", Elder: c.Query("mode") == "elder"}, Fields: carry(form, Reader{}, nil), Path: t.Path}
	if p.Head.Elder {
		p.Path += "?mode=elder"
	}
	return g.send(c, holdPage, &p, form, t.what(), n)
}

// ticket is the address that a browser without script asks for again by itself: only where there is nothing but a code to
// send, because what is written must not travel in an address, nor be kept by one.
func (g *Gate) ticket(form *Form, p *waitingPage) (string, error) {
	if len(p.Fields) != 1 {
		return "", nil
	}
	token, err := g.keys.Seal("waiting "+p.Fields[0].Name, waited{p.Fields[0].Value, p.Task}, g.now().Add(waitFor))
	join := "?"
	if strings.Contains(p.Path, "?") {
		join = "&"
	}
	return p.Path + join + "w=" + token, err
}

// Waited gives the form of a browser that has waited without script; nil for every other request.
func (g *Gate) Waited(c *fiber.Ctx, t Turnstile) *Form {
	var w waited
	if token := c.Query("w"); token == "" || !g.keys.Open("waiting "+t.Field, token, &w, g.now()) {
		return nil
	}
	return &Form{Values: url.Values{t.Field: {w.Code}, fieldTask: {w.Task}, fieldPlain: {"y"}}}
}
