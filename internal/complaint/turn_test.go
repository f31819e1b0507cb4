package complaint

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

var (
	long       = os.Getenv("BALLOT") == "full" // milliseconds are asked of the long target, on a machine that does nothing else
	againShape = regexp.MustCompile(`<noscript><meta http-equiv="refresh" content="5;url=([^"]+)">`)
)

// guess posts a code from the one address that all of this test come from.
func (w *world) guess(v url.Values) answer {
	req, err := http.NewRequest("POST", w.Base+"/t", strings.NewReader(v.Encode()))
	if err != nil {
		w.Error(err)
		return answer{}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.Send(req)
}

// No public page can be made to refuse everyone: while a program tries wrong codes, fifty a second, half of them pressing the
// button for those without script, the people behind the same address all read what became of their receipts.
func TestGuessersTurnNobodyAway(t *testing.T) {
	w := newWorld(t)
	const people = 20
	codes := make([]string, people)
	for i := range codes {
		codes[i] = w.taken(one("id", uuid.New(), "outer_number", "", "fact", "罚款没有票据，要求退还。第"+string(rune('甲'+i)))).Receipt
	}
	lasts := 3 * time.Second
	if long {
		lasts = 10 * time.Second
	}
	stop, tries := make(chan struct{}), atomic.Int64{}
	var bot, crowd sync.WaitGroup
	bot.Add(1)
	go func() {
		defer bot.Done()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				bot.Add(1)
				go func() {
					defer bot.Done()
					v := url.Values{"r": {"7KQ4 M2XA T9DR 0000"}}
					if tries.Add(1)%2 == 0 {
						v.Set("pow_plain", "y")
					}
					w.guess(v)
				}()
			}
		}
	}()
	time.Sleep(lasts) // all free tries are used up, and all rooms taken
	took := make([]time.Duration, people)
	var asked sync.WaitGroup
	for i, code := range codes {
		crowd.Add(1)
		asked.Add(1)
		go func() {
			defer crowd.Done()
			start := time.Now()
			if !w.reads(code, i%2 == 0, asked.Done) {
				t.Errorf("person %d never reads her status", i)
			}
			took[i] = time.Since(start)
		}()
	}
	asked.Wait()
	w.Env.Clock.Add(16 * time.Second) // those without script have waited as long
	crowd.Wait()
	close(stop)
	bot.Wait()
	slices.Sort(took)
	p95 := took[people*95/100-1]
	t.Logf("ballot: guessers tries=%d people=%d p95_ms=%d", tries.Load(), people, p95.Milliseconds())
	if long && p95 > 15*time.Second {
		t.Errorf("p95 %s", p95)
	}
}

// reads asks as a browser does: with script it works for its answer, without it asks again every five seconds by itself.
// asked is called when the first answer is there.
func (w *world) reads(code string, script bool, asked func()) bool {
	page := w.guess(url.Values{"r": {code}})
	asked()
	for range 12 {
		switch {
		case page.Code == 200 && strings.Contains(page.Body, "查询结果"):
			return true
		case page.Code != 200 || !strings.Contains(page.Body, "请稍等"):
			w.Errorf("turned away: %d %s", page.Code, visible(page.Body))
			return false
		case script:
			carried, hard := waiting(page.Body)
			carried.Set("pow_work", solve(carried.Get("pow_task"), hard))
			page = w.guess(carried)
		default:
			again := againShape.FindStringSubmatch(page.Body)
			if again == nil || strings.Contains(again[1], strings.ReplaceAll(code, " ", "")) {
				w.Error("no way on for who has no script, or the code stands in the address")
				return false
			}
			time.Sleep(time.Second)
			page = w.Get(html.UnescapeString(again[1]))
		}
	}
	return false
}

// Who has no script presses a button. After so many presses a day from one network they take longer, and are kept all the
// same: a program behind the same address cannot use up what lets people in.
func TestPressesAreKeptHoweverMany(t *testing.T) {
	w := newWorld(t)
	press := func() answer {
		return w.Post("/c", with(w.good(), "pow_plain", "y"))
	}
	for range softHere + plainHere {
		w.Receipt(press())
	}
	start := time.Now()
	w.Receipt(press())
	if took := time.Since(start); took < 3*time.Second {
		t.Error("a press beyond the day's is not slowed:", took)
	}
	if n := w.Count(`SELECT count(*) FROM complaints WHERE suspect`); n != plainHere+1 {
		t.Errorf("%d are kept for a look, want %d", n, plainHere+1)
	}
}
