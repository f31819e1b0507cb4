package web

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
)

// ErrTooLarge is the answer to a body over its route's limit.
func errTooLarge() error {
	return fault.New(fault.TooLarge, "too_large", "内容太大，没有收下。")
}

// Body streams a plain handler's request body, at most limit bytes: more is fault TooLarge. As long as bytes keep
// coming the connection may be slow (2G); 20 seconds of silence end it.
func Body(c *fiber.Ctx, limit int64) (io.Reader, error) {
	if int64(c.Request().Header.ContentLength()) > limit {
		return nil, errTooLarge()
	}
	src := c.Context().RequestBodyStream()
	if src == nil || !c.Request().IsBodyStream() {
		src = bytes.NewReader(c.Request().Body())
	}
	return &bodyReader{src: src, conn: c.Context().Conn(), left: limit}, nil
}

type bodyReader struct {
	src  io.Reader
	conn net.Conn
	left int64
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.conn != nil {
		_ = b.conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // a connection that cannot be slowed is only cut earlier
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.src.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n, errTooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fault.New(fault.Invalid, "interrupted", "网络太慢，没有收完。已填的还在，请再试一次。")
	}
	return n, err
}
