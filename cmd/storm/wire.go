package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// request is one request of a phone, before it becomes bytes. The storm writes HTTP itself: it wants to cut at byte k.
type request struct {
	method, path, kind string
	body               []byte
	auth               string // a whole header line, or ""
	portal             string // what the network in between answers instead; "" lets it through
}

func (r request) bytes() (raw []byte, head int) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nAccept: application/json\r\n", r.method, r.path, addrOf(portFront), addrOf(portFront))
	if r.auth != "" {
		b.WriteString(r.auth + "\r\n")
	}
	if r.portal != "" {
		b.WriteString("X-Portal: " + r.portal + "\r\n")
	}
	if r.body != nil {
		fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n", r.kind, len(r.body))
	}
	b.WriteString("\r\n")
	head = b.Len()
	b.Write(r.body)
	return b.Bytes(), head
}

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	raw    []byte
	json   any
}

// patience is how long a simulated phone waits for one answer: the app's minutes, at the storm's speed.
const patience = 6 * time.Second

var errSlow = errors.New("no answer in time")

// line is a phone's connection, kept between requests as a browser keeps it.
type line struct {
	addr string
	conn net.Conn
	src  *bufio.Reader
}

func (l *line) drop() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// ask sends one request and reads its answer. A kept connection that turns out to be dead is opened anew once, as
// browsers do, if nothing of an answer has come.
func (l *line) ask(ctx context.Context, r request) (*reply, error) {
	raw, _ := r.bytes()
	kept := l.conn != nil
	res, err := l.once(ctx, raw, r.method)
	if err != nil && kept && !errors.Is(err, errSlow) {
		res, err = l.once(ctx, raw, r.method)
	}
	return res, err
}

func (l *line) once(ctx context.Context, raw []byte, method string) (res *reply, err error) {
	defer func() {
		if err != nil {
			l.drop()
		}
	}()
	if l.conn == nil {
		if l.conn, err = (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", l.addr); err != nil {
			return nil, err
		}
		l.src = bufio.NewReader(l.conn)
	}
	if err := l.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	// A server may refuse and hang up before it has read everything: its answer counts all the same.
	_, werr := l.conn.Write(raw)
	got, err := http.ReadResponse(l.src, &http.Request{Method: method})
	if err != nil {
		return nil, late(errors.Join(err, werr))
	}
	defer got.Body.Close()
	res = &reply{status: got.StatusCode, header: got.Header}
	if res.raw, err = io.ReadAll(io.LimitReader(got.Body, 8<<20)); err != nil {
		return nil, late(err)
	}
	if strings.Contains(got.Header.Get("Content-Type"), "json") {
		res.json = parseJSON(res.raw)
	}
	if got.Close || werr != nil {
		l.drop()
	}
	return res, nil
}

func late(err error) error {
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return errSlow
	}
	return err
}

func (r *reply) retryAfter() float64 {
	n, err := strconv.ParseFloat(r.header.Get("Retry-After"), 64)
	if err != nil {
		return 0
	}
	return n
}

// outcomeOf is what the app's own ask makes of it.
func outcomeOf(res *reply, err error) outcome {
	switch {
	case errors.Is(err, errSlow):
		return outcome{Kind: "slow"}
	case err != nil:
		return outcome{Kind: "nobody"}
	}
	return outcome{Kind: "answer", Status: res.status, JSON: res.json, RetryAfter: res.retryAfter()}
}
