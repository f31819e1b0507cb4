package feedback

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
)

// says puts what a cast says on its form, where that is not the usual.
func (c *cast) says(v url.Values) url.Values {
	if c.mark > 0 {
		v = with(v, "R0", fmt.Sprint(c.mark), "O1", "和实际不一样")
	}
	if c.no != "" {
		v = with(v, c.no, map[string]string{"y": "n", "n": "y"}[v.Get(c.no)], "O1", "和实际不一样")
	}
	return v
}

// again lets some honest businesses answer twice: most from the same phone, saying what they will, the others from a
// colleague's phone and mostly of one mind.
func (s *ballotSim) again() {
	for i := range s.casts {
		s.casts[i].id = i + 1
		if s.rng.IntN(30) > 0 {
			continue
		}
		c := s.casts[i]
		c.id, c.of, c.pattern = 0, i+1, 9
		c.at = c.at.Add(time.Duration(2+s.rng.IntN(240)) * time.Minute)
		switch p := s.rng.IntN(20); {
		case p < 8: // the same phone, another word
			c.mark = 1 + s.rng.IntN(5)
		case p < 10: // the same phone in a private window
			c.device, c.no = "", "F6"
		case p < 19: // a colleague, of one mind
			c.net, c.phone, c.device, c.top = s.network(), s.phone(), s.someone(), s.rng.IntN(2) == 0
		default: // a colleague of another mind
			c.net, c.phone, c.device, c.mark = s.network(), s.phone(), s.someone(), 2
		}
		s.casts = append(s.casts, c)
	}
}

// preempt is the sixth way: an officer scans first, once, calmly and from a phone of his own, and the business finds its own
// answer to be a later one. Nothing about the first gives it away but the second.
func (s *ballotSim) preempt(n int, first time.Time, days int) {
	for i := range n {
		c := cast{agency: s.agency[s.rng.IntN(10)], holder: s.holders[s.rng.IntN(20)], net: s.network(), phone: s.phone(), device: s.someone(), top: true, pattern: 6, id: 1_000_000 + i,
			open: time.Duration(30+s.rng.IntN(60)) * time.Second, at: first.AddDate(0, 0, s.rng.IntN(days)).Add(time.Duration(9*60+s.rng.IntN(8*60)) * time.Minute)}
		own := cast{agency: c.agency, holder: c.holder, net: s.network(), phone: s.phone(), device: s.someone(), pattern: 9, of: c.id, open: time.Duration(30+s.rng.IntN(200)) * time.Second,
			at: c.at.Add(time.Duration(5+s.rng.IntN(12*60)) * time.Minute)}
		if s.rng.IntN(3) > 0 {
			own.mark = 1 + s.rng.IntN(3)
		} else {
			own.no = facts[s.rng.IntN(9)].id
		}
		s.casts = append(s.casts, c, own)
	}
}

// An officer scans first; the business says otherwise afterwards. His is flagged, hers stays beside it, neither is counted as
// clean, and the county sees both on one page.
func TestPreemptedAnswerIsFlagged(t *testing.T) {
	w := newWorld(t)
	w.Env.Clock.Add(time.Minute)
	path, _, _ := w.bound()
	w.receiptless(w.from(w.Base, path, good(), "10.0.0.1", "officer's", "aaaaaaaaaaaaaaaa"))
	w.Must(w.s.Judge(context.Background()))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE suspect`); n != 0 {
		t.Fatal("flagged for nothing")
	}
	w.Env.Clock.Add(3 * time.Hour)
	w.receiptless(w.from(w.Base, path, with(good(), "R0", "1", "F9", "y", "O1", "要烟"), "10.0.0.2", "hers", "bbbbbbbbbbbbbbbb"))
	w.Must(w.s.Judge(context.Background()))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE suspect AND counted`); n != 1 || w.Count(`SELECT count(*) FROM feedbacks`) != 2 {
		t.Error("the first is not flagged")
	}
	w.Env.Clock.Add(2 * time.Hour)
	var sums struct{ Items []Month }
	w.As("county", "GET", "/api/feedback/summary", nil, &sums)
	if len(sums.Items) != 1 || sums.Items[0].N != 0 || sums.Items[0].Flagged.N != 1 {
		t.Errorf("counted as clean: %+v", sums.Items)
	}
	var list struct{ Items []AnswerItem }
	w.As("county", "GET", "/api/feedback?flagged=true", nil, &list)
	if len(list.Items) != 1 || list.Items[0].Overall != 5 {
		t.Fatalf("%+v", list.Items)
	}
	var d AnswerDetail
	w.As("county", "GET", "/api/feedback/"+list.Items[0].ID.String(), nil, &d)
	if len(d.Beside) != 1 || d.Beside[0].Overall != 1 || d.Beside[0].Counted || d.Beside[0].ID == d.ID {
		t.Errorf("not side by side: %+v", d.Beside)
	}
	var o AnswerDetail
	w.As("office", "GET", "/api/feedback/"+d.Beside[0].ID.String(), nil, &o)
	if len(o.Beside) != 1 || o.Beside[0].Suspect {
		t.Errorf("what is flagged is for the county: %+v", o.Beside)
	}
}

// The rule by itself: the same phone may say what it likes, another of the same mind too.
func TestGainsaid(t *testing.T) {
	id := uuid.New()
	first := trace{ID: uuid.New(), Ticket: id, Net: "n1", Agent: "a1", Device: "d1", First: true, Mark: 5, Facts: "yyyyyynnn-"}
	for name, c := range map[string]struct {
		change func(o *trace)
		want   bool
	}{
		"two steps apart":             {func(o *trace) { o.Mark = 3 }, true},
		"one step":                    {func(o *trace) { o.Mark = 4 }, false},
		"a fact to the contrary":      {func(o *trace) { o.Facts = "yyyyyynny-" }, true},
		"does not know":               {func(o *trace) { o.Facts = "uuyyyynnu-" }, false},
		"the same phone":              {func(o *trace) { o.Mark, o.Device = 1, "d1" }, false},
		"the same phone, on its way":  {func(o *trace) { o.Mark, o.Device, o.Agent, o.Net = 1, "d1", "a1", "n9" }, false},
		"a private window":            {func(o *trace) { o.Mark, o.Device, o.Agent, o.Net = 1, "", "a1", "n1" }, false},
		"without marks, from afar":    {func(o *trace) { o.Mark, o.Device = 1, "" }, true},
		"another ticket":              {func(o *trace) { o.Mark, o.Ticket = 1, uuid.New() }, false},
		"the first of two is another": {func(o *trace) { o.Mark, o.First = 1, true }, false},
	} {
		o := trace{ID: uuid.New(), Ticket: id, Net: "n2", Agent: "a2", Device: "d2", Mark: 5, Facts: first.Facts}
		c.change(&o)
		day := []trace{first, o}
		if got := shelve(day).gainsaid(first); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if shelve(day).gainsaid(o) && !o.First {
			t.Errorf("%s: the later one is flagged", name)
		}
	}
}
