package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"suixing/internal/demo"
	"suixing/internal/problem"
)

// The pages a clerk opens all day. Deep pages follow the cursor ten times first.
var lists = []struct{ name, query string }{
	{"open", "open=true&sort=due"},
	{"register", "sort=new"},
	{"overdue", "due=overdue&open=true"},
	{"state", "state=closed&sort=new"},
	{"search", "sort=new&q=" + url.QueryEscape("鱼塘")},
}

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

// listTimes gives the median time of each page with n problems in the register.
func (b *bed) listTimes(ctx context.Context, n int) (map[string]time.Duration, error) {
	if _, err := b.owner.Exec(ctx, `SET lock_timeout = '10s'`); err != nil {
		return nil, err
	}
	if err := b.emptyRegister(ctx); err != nil {
		return nil, err
	}
	if err := problem.FillForBench(ctx, b.owner, n); err != nil {
		return nil, fmt.Errorf("fill %d rows: %w", n, err)
	}
	c := newClient()
	cookie, err := c.login(b.base, "county", demo.Password)
	if err != nil {
		return nil, err
	}
	out := map[string]time.Duration{}
	for _, l := range lists {
		address, err := c.deepPage(b.base, cookie, l.query)
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
		out[l.name] = times[len(times)/2]
	}
	return out, nil
}

// deepPage follows a list ten pages down, or as far as it goes, and gives that page's address.
func (c *client) deepPage(base, cookie, query string) (string, error) {
	address := base + "/api/problems?" + query
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
		address = base + "/api/problems?" + query + "&after=" + url.QueryEscape(page.Next)
	}
	return address, nil
}

func (b *bed) emptyRegister(ctx context.Context) error {
	for _, q := range []string{
		`ALTER TABLE problem_events DISABLE TRIGGER USER`, `ALTER TABLE lead_events DISABLE TRIGGER USER`,
		`TRUNCATE problem_events, leads, lead_events, findings, problems`,
		`ALTER TABLE problem_events ENABLE TRIGGER USER`, `ALTER TABLE lead_events ENABLE TRIGGER USER`,
	} {
		if _, err := b.owner.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
