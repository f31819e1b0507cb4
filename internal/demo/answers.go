package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"
)

// content answers like a business that has nothing to complain of.
func (m *maker) content() map[string]string {
	v := map[string]string{"kind": "company", "P1": "n", "website": ""}
	for i := 1; i <= 10; i++ {
		v[fmt.Sprintf("F%d", i)] = "y"
		if i > 6 {
			v[fmt.Sprintf("F%d", i)] = "n"
		}
	}
	for i := range 6 {
		v[fmt.Sprintf("R%d", i)] = fmt.Sprint(4 + m.rng.IntN(2))
	}
	return v
}

// answer fills the public form of a ticket at a time, through the page's own handler.
func (m *maker) answer(ctx context.Context, at time.Time, ticket string, v map[string]string) error {
	u, err := url.Parse(ticket)
	if err != nil {
		return err
	}
	return m.post(ctx, at, u.Path, v)
}

// post sends a public form and wants it taken.
func (m *maker) post(ctx context.Context, at time.Time, path string, v map[string]string) error {
	m.clock.Set(at)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, s := range v {
		if err := w.WriteField(k, s); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, path, &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := m.app.Router.App.Test(req, -1)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusSeeOther {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
		return fmt.Errorf("form %s: %d: %s", path, res.StatusCode, body)
	}
	return m.app.Feedback.Settle(ctx, true) // the hour that made-up people do not need
}
