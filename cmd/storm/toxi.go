package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// toxi speaks to the toxiproxy server: lines that can be cut at any byte, slowed and silenced.
type toxi struct {
	api    string
	client *http.Client
}

func (t *toxi) do(ctx context.Context, method, path string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, t.api+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := t.client.Do(req)
	if err != nil {
		return fmt.Errorf("toxiproxy: %w", err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 2000))
	if res.StatusCode >= 300 {
		return fmt.Errorf("toxiproxy: %s %s: %s %s", method, path, res.Status, said)
	}
	return nil
}

// line makes a proxy from listen to upstream.
func (t *toxi) line(ctx context.Context, name, listen, upstream string) error {
	return t.do(ctx, http.MethodPost, "/proxies", map[string]any{"name": name, "listen": listen, "upstream": upstream, "enabled": true})
}

// toxic spoils a line; stream is upstream (what the client sends) or downstream (what it gets).
func (t *toxi) toxic(ctx context.Context, line, kind, stream string, attributes map[string]any) error {
	return t.do(ctx, http.MethodPost, "/proxies/"+line+"/toxics", map[string]any{"name": kind, "type": kind, "stream": stream, "attributes": attributes})
}

// heal takes a toxic off again.
func (t *toxi) heal(ctx context.Context, line, kind string) error {
	return t.do(ctx, http.MethodDelete, "/proxies/"+line+"/toxics/"+kind, nil)
}

// enable opens or cuts a whole line with everything on it.
func (t *toxi) enable(ctx context.Context, line string, on bool) error {
	return t.do(ctx, http.MethodPost, "/proxies/"+line, map[string]any{"enabled": on})
}
