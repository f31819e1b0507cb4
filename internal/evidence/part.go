package evidence

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// sendPart answers with the whole, or with the one part that is asked for: a player seeks in a recording, and some play
// nothing at all from a server that knows no parts. Whatever is asked in another form gets the whole.
func sendPart(c *fiber.Ctx, r io.ReadCloser, size int64) error {
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	from, to, ok := partOf(c.Get(fiber.HeaderRange), size)
	if !ok {
		return c.SendStream(r, int(size))
	}
	if from >= size {
		c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(size, 10))
		return errors.Join(r.Close(), c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable))
	}
	if err := skip(r, from); err != nil {
		return errors.Join(err, r.Close())
	}
	c.Status(fiber.StatusPartialContent)
	c.Set(fiber.HeaderContentRange, "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(to, 10)+"/"+strconv.FormatInt(size, 10))
	n := to - from + 1
	return c.SendStream(struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, n), r}, int(n))
}

// partOf reads "bytes=a-b", "bytes=a-" and "bytes=-n"; false for anything else.
func partOf(header string, size int64) (from, to int64, ok bool) {
	a, b, found := strings.Cut(strings.TrimPrefix(header, "bytes="), "-")
	if !strings.HasPrefix(header, "bytes=") || !found || strings.Contains(b, ",") || size == 0 {
		return 0, 0, false
	}
	if a == "" {
		n, err := strconv.ParseUint(b, 10, 62)
		return max(0, size-int64(n)), size - 1, err == nil && n > 0 // #nosec G115 -- 62 bits
	}
	first, err := strconv.ParseUint(a, 10, 62)
	if err != nil {
		return 0, 0, false
	}
	from, to = int64(first), size-1 // #nosec G115 -- 62 bits
	if b != "" {
		last, err := strconv.ParseUint(b, 10, 62)
		if err != nil || int64(last) < from { // #nosec G115 -- 62 bits
			return 0, 0, false
		}
		to = min(to, int64(last)) // #nosec G115 -- 62 bits
	}
	return from, to, true
}

func skip(r io.Reader, n int64) error {
	if s, ok := r.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekStart)
		return err
	}
	_, err := io.CopyN(io.Discard, r, n)
	return err
}
