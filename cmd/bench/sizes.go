package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
)

var linked = regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)

// benchSizes counts the bytes on the wire of the field app's first screen and of the public form, as browsers ask for them.
func benchSizes(ctx context.Context, b *bed) ([]measure, error) {
	index, size, err := fetch(b.base+"/", "br, gzip")
	if err != nil {
		return nil, err
	}
	files := 0
	for _, m := range linked.FindAllStringSubmatch(string(index), -1) {
		_, n, err := fetch(b.base+m[1], "br, gzip")
		if err != nil {
			return nil, err
		}
		size += n
		files++
	}
	if files == 0 {
		return nil, fmt.Errorf("the front end is not built: make front")
	}
	batch, err := b.app.Feedback.IssueTickets(ctx, b.ppl.Accounts["supervisor3"], uuid.New(), 1)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(batch.Items[0].URL)
	if err != nil {
		return nil, err
	}
	page, form, err := fetch(b.base+u.Path, "br, gzip")
	if err != nil {
		return nil, err
	}
	blocking := len(regexp.MustCompile(`<script|rel="?stylesheet`).FindAll(page, -1))
	return []measure{
		{"size.field", float64(size) / (60 << 10), 1, false, fmt.Sprintf("%.1f KB brotli of 60 to the first screen, %d files and the page", float64(size)/1024, files)},
		{"size.form", float64(form) / (5 << 10), 1, false, fmt.Sprintf("%.2f KB compressed of 5", float64(form)/1024)},
		{"size.form.requests", float64(1 + blocking), 1, false, "blocking requests of the public form, itself included"},
	}, nil
}

// fetch gives the page as text and its size on the wire.
func fetch(address, encoding string) ([]byte, int, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(address)
	req.Header.Set("Accept-Encoding", encoding)
	if err := fasthttp.Do(req, res); err != nil {
		return nil, 0, err
	}
	if res.StatusCode() != 200 {
		return nil, 0, fmt.Errorf("%s: %d", address, res.StatusCode())
	}
	wire := len(res.Body())
	plain, err := res.BodyUncompressed()
	return append([]byte(nil), plain...), wire, err
}
