package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"slices"
	"strings"
	"time"
)

// benchFeedback posts real answers to real tickets over HTTP and compares with pgbench's plain two-statement
// transaction (simple protocol, one feedback-like row and one trail row) on the same cluster.
func benchFeedback(ctx context.Context, b *bed) ([]measure, error) {
	body, kind, err := answerForm(b)
	if err != nil {
		return nil, err
	}
	if _, err := b.owner.Exec(ctx, referenceTables); err != nil {
		return nil, err
	}
	var out []measure
	for _, clients := range []int{1, 8, 32} {
		m, err := b.answers(ctx, clients, body, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	var kept, counted int
	if err := b.owner.Get(ctx, &kept, `SELECT count(*) FROM feedbacks`); err != nil {
		return nil, err
	}
	if err := b.owner.Get(ctx, &counted, `SELECT count(*) FROM feedbacks WHERE counted`); err != nil {
		return nil, err
	}
	if kept != counted || kept == 0 {
		return nil, fmt.Errorf("%d answers kept, %d counted: the run measured something else", kept, counted)
	}
	return out, nil
}

// answers measures one number of clients. A disk's time to sync may change tenfold from one second to the next on a shared
// machine, so reference and product take turns in short slices, and what counts is the median of the ratios of neighbours.
func (b *bed) answers(ctx context.Context, clients int, body []byte, kind string) (measure, error) {
	const rounds = 7
	slice := max(2, b.seconds/3)
	c := newClient()
	var ratios, ours, theirs []float64
	for round := -1; round < rounds; round++ { // the first one only warms up
		reference, err := b.pgbench(ctx, clients, slice)
		if err != nil {
			return measure{}, err
		}
		tickets, err := b.tickets(ctx, int(reference*float64(slice)*2)+500)
		if err != nil {
			return measure{}, err
		}
		rate, err := load(clients, time.Duration(slice)*time.Second, func(_, i int) error {
			if i >= len(tickets) {
				return fmt.Errorf("out of tickets after %d", i)
			}
			_, err := c.do("POST", tickets[i], kind, "", "", body, 303)
			return err
		})
		if err != nil {
			return measure{}, err
		}
		if round >= 0 {
			ratios, ours, theirs = append(ratios, rate/reference), append(ours, rate), append(theirs, reference)
		}
	}
	note := fmt.Sprintf("median of %d turns of %d s: %.0f answers/s over HTTP, pgbench %.0f/s (two statements in a transaction, simple protocol)", rounds, slice, median(ours), median(theirs))
	return measure{fmt.Sprintf("feedback.write.%d", clients), median(ratios), 0.8, true, note}, nil
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// tickets puts n good tickets into the database: a phone may hold no more than a few hundred, a benchmark needs more.
func (b *bed) tickets(ctx context.Context, n int) ([]string, error) {
	who := b.ppl.Accounts["supervisor"]
	const q = `WITH made AS (SELECT gen_random_uuid() AS id, decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS raw FROM generate_series(1, $1)),
		kept AS (INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position)
			SELECT id, sha256(raw), sha256(raw || '\x00'::bytea), $2, $3, current_date, id, 0 FROM made)
		SELECT raw FROM made`
	var raws [][]byte
	if err := b.owner.Select(ctx, &raws, q, n, who.ID, who.OfficeID); err != nil {
		return nil, err
	}
	out := make([]string, len(raws))
	for i, raw := range raws {
		out[i] = b.base + "/f/" + base64.RawURLEncoding.EncodeToString(raw)
	}
	return out, nil
}

// answerForm is a content answer with two lines of advice, as a browser without script sends it.
func answerForm(b *bed) ([]byte, string, error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	fields := map[string]string{"kind": "company", "P1": "n", "website": "", "agency": b.ppl.Agencies[0].ID.String(), "day": time.Now().Format(time.DateOnly), "matter": "safety",
		"O2": strings.Repeat("希望检查前能提前通知，", 6)}
	for i := 1; i <= 10; i++ {
		fields[fmt.Sprintf("F%d", i)] = map[bool]string{true: "y", false: "n"}[i <= 6]
	}
	for i := range 6 {
		fields[fmt.Sprintf("R%d", i)] = "5"
	}
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buf.Bytes(), w.FormDataContentType(), nil
}
