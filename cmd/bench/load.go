package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// load runs n workers for a time; do gets a running number and says whether the call was good. It gives calls a second.
func load(n int, last time.Duration, do func(worker, i int) error) (float64, error) {
	var done, serial atomic.Int64
	var first atomic.Value
	var wg sync.WaitGroup
	start := time.Now()
	for w := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for time.Since(start) < last && first.Load() == nil {
				if err := do(w, int(serial.Add(1))-1); err != nil {
					first.CompareAndSwap(nil, err)
					return
				}
				done.Add(1)
			}
		}()
	}
	wg.Wait()
	if err, ok := first.Load().(error); ok {
		return 0, err
	}
	return float64(done.Load()) / time.Since(start).Seconds(), nil
}

// client is a lean HTTP client: it shares the two cores with what it measures.
type client struct{ c fasthttp.Client }

func newClient() *client {
	return &client{fasthttp.Client{MaxConnsPerHost: 64, NoDefaultUserAgentHeader: true, ReadTimeout: 30 * time.Second}}
}

func (c *client) do(method, url, kind, cookie, origin string, body []byte, want ...int) ([]byte, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.Header.SetMethod(method)
	req.SetRequestURI(url)
	if kind != "" {
		req.Header.SetContentType(kind)
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
		req.Header.Set("Origin", origin)
	}
	req.SetBodyRaw(body)
	if err := c.c.Do(req, res); err != nil {
		return nil, err
	}
	for _, w := range want {
		if res.StatusCode() == w {
			return append([]byte(nil), res.Body()...), nil
		}
	}
	return nil, fmt.Errorf("%s %s: %d: %.300s", method, url, res.StatusCode(), res.Body())
}

// login gives a demo person's cookie.
func (c *client) login(base, username, password string) (string, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.Header.SetMethod("POST")
	req.SetRequestURI(base + "/api/session")
	req.Header.SetContentType("application/json")
	req.SetBodyString(fmt.Sprintf(`{"username":%q,"password":%q}`, username, password))
	if err := c.c.Do(req, res); err != nil {
		return "", err
	}
	var ck fasthttp.Cookie
	ck.SetKey("suixing_session")
	if res.StatusCode() != 200 || !res.Header.Cookie(&ck) {
		return "", fmt.Errorf("login: %d: %s", res.StatusCode(), res.Body())
	}
	return "suixing_session=" + string(ck.Value()), nil
}
