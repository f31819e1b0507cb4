package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"suixing/internal/complaint"
	"suixing/internal/demo"
	"suixing/internal/feedback"
	"suixing/internal/lead"
	"suixing/internal/platform/db"
	"suixing/internal/problem"
	"suixing/internal/visit"
)

// The pages a clerk opens all day, by the feature that keeps them. Deep pages follow the cursor ten times first.
var lists = []struct{ name, path, query string }{
	{"open", "problems", "open=true&sort=due"},
	{"register", "problems", "sort=new"},
	{"overdue", "problems", "due=overdue&open=true"},
	{"state", "problems", "state=closed&sort=new"},
	{"search", "problems", "sort=new&q=" + fish},
	{"visits", "visits", ""},
	{"visits.planned", "visits", "state=planned"},
	{"visits.search", "visits", "q=" + fish},
	{"leads.open", "leads", "state=open&sort=due"},
	{"leads.dismissed", "leads", "state=dismissed"},
	{"leads.search", "leads", "q=" + fish},
	{"feedback", "feedback", ""},
	{"feedback.checking", "feedback", "state=checking"},
	{"feedback.held", "feedback", "quarantined=true"},
	{"feedback.flagged", "feedback", "flagged=true"},
	{"complaints", "complaints", ""},
	{"complaints.state", "complaints", "state=investigating"},
	{"complaints.search", "complaints", "q=" + fish},
}

var fish = url.QueryEscape("鱼塘")

// benchLists measures pages over HTTP at 100 thousand rows and at the larger number, in databases of their own.
func benchLists(ctx context.Context, b *bed) ([]measure, error) {
	small, err := b.listTimes(ctx, 100_000)
	if err != nil {
		return nil, err
	}
	large, err := b.listTimes(ctx, b.rows)
	if err != nil {
		return nil, err
	}
	var out []measure
	for _, l := range lists {
		s, g := small[l.name], large[l.name]
		note := fmt.Sprintf("page of 50: %.2f ms at 100000 rows, %.2f ms at %d (medians over HTTP)", ms(s), ms(g), b.rows)
		out = append(out, measure{"list." + l.name, float64(g) / float64(s), 1.3, false, note})
	}
	return out, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// listTimes gives the median time of each page with n rows of each kind.
func (b *bed) listTimes(ctx context.Context, n int) (map[string]time.Duration, error) {
	if _, err := b.owner.Exec(ctx, `SET lock_timeout = '10s'`); err != nil {
		return nil, err
	}
	if err := b.emptyRegister(ctx); err != nil {
		return nil, err
	}
	for _, fill := range []func(context.Context, *db.DB, int) error{problem.FillForBench, visit.FillForBench, lead.FillForBench, feedback.FillForBench, complaint.FillForBench} {
		if err := fill(ctx, b.owner, n); err != nil {
			return nil, fmt.Errorf("%d rows: %w", n, err)
		}
	}
	c := newClient()
	cookie, err := c.login(b.base, "county", demo.Password)
	if err != nil {
		return nil, err
	}
	out := map[string]time.Duration{}
	for _, l := range lists {
		address, err := c.deepPage(b.base+"/api/"+l.path, b.base, cookie, l.query)
		if err != nil {
			return nil, err
		}
		var times []time.Duration
		for i := range 230 {
			start := time.Now()
			if _, err := c.do("GET", address, "", cookie, b.base, nil, 200); err != nil {
				return nil, err
			}
			if i >= 30 { // the first ones warm caches
				times = append(times, time.Since(start))
			}
		}
		slices.Sort(times)
		fmt.Fprintf(os.Stderr, "  %d rows, %s: %.2f ms\n", n, l.name, ms(times[len(times)/2]))
		out[l.name] = times[len(times)/2]
	}
	return out, nil
}

// deepPage follows a list ten pages down, or as far as it goes, and gives that page's address.
func (c *client) deepPage(list, base, cookie, query string) (string, error) {
	address := list + "?" + query
	for range 10 {
		raw, err := c.do("GET", address, "", cookie, base, nil, 200)
		if err != nil {
			return "", err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return "", err
		}
		if len(page.Items) == 0 {
			return "", fmt.Errorf("%s: an empty page measures nothing", address)
		}
		if page.Next == "" {
			break
		}
		address = list + "?" + query + "&after=" + url.QueryEscape(page.Next)
	}
	return address, nil
}

// emptyRegister also empties what hangs on it; what is append-only otherwise, too: the database is this run's own.
func (b *bed) emptyRegister(ctx context.Context) error {
	return b.owner.InTx(ctx, func(tx *db.DB) error {
		if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `TRUNCATE problems, visits, leads, feedbacks, complaints CASCADE`)
		return err
	})
}
