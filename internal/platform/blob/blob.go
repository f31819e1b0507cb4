// Package blob keeps bytes under keys: originals under their own hash, derivatives beside them.
// Two stores stand behind one small interface: a folder, and anything that speaks plain S3.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"
)

// Store is what both stores do, and what the conformance suite holds them to.
type Store interface {
	// Put keeps what r delivers under key, durably, and replaces what was there in one step. It keeps nothing, and leaves
	// what was there as it was, unless r delivers exactly size bytes and then io.EOF. So a reader that checks a hash
	// and answers its last Read with an error instead of io.EOF stops the object from coming into being.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// Get opens the object and tells its size; ErrNotFound if there is none. The caller closes it.
	Get(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Stat tells the size; ErrNotFound if there is none.
	Stat(ctx context.Context, key string) (int64, error)
	// Delete removes the object; removing what is not there is no error.
	Delete(ctx context.Context, key string) error
	// Walk calls fn for every object whose key begins with prefix, in no promised order, and stops at fn's first error.
	Walk(ctx context.Context, prefix string, fn func(key string, size int64, mod time.Time) error) error
}

// What a store can say. Everything else is the disk's or the server's own error.
var (
	ErrNotFound = errors.New("blob: no such object")
	ErrKey      = errors.New("blob: malformed key")
	ErrSize     = errors.New("blob: body is not as long as was said")
)

var keyForm = regexp.MustCompile(`^(sha256|derived/[a-z0-9]{1,16})/[0-9a-f]{64}$`)

// Original is the key of uploaded bytes; Derived that of a re-encoded copy of the given kind.
func Original(sha256hex string) string { return "sha256/" + sha256hex }

// Derived is the key of a derivative, as derived/thumb/<hash of the original>.
func Derived(kind, sha256hex string) string { return "derived/" + kind + "/" + sha256hex }

// CheckKey refuses every key that is not one of the two forms: no dots, no slashes of anybody's choosing reach a disk or a server.
func CheckKey(key string) error {
	if !keyForm.MatchString(key) {
		return fmt.Errorf("%w: %q", ErrKey, key)
	}
	return nil
}

// exact hands on exactly left bytes, and io.EOF only when the source has said so too.
type exact struct {
	ctx  context.Context
	r    io.Reader
	left int64
	err  error // what the source ended with
}

// Read implements io.Reader.
func (e *exact) Read(p []byte) (int, error) {
	if e.err == nil {
		e.err = e.ctx.Err()
	}
	if e.err != nil {
		return 0, e.err
	}
	if e.left < 0 {
		return 0, ErrSize
	}
	if e.left == 0 && len(p) > 0 { // size 0, or read again after the end
		return 0, e.finish()
	}
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	switch {
	case err == io.EOF && e.left > 0:
		e.err = ErrSize
	case err == io.EOF:
		e.err = io.EOF
		return n, io.EOF
	case err != nil:
		e.err = err
	case e.left == 0:
		if fin := e.finish(); !errors.Is(fin, io.EOF) {
			return 0, fin
		}
		return n, io.EOF
	default:
		return n, nil
	}
	return 0, e.err
}

// finish asks the source for its end: io.EOF if it is there, ErrSize if more comes.
func (e *exact) finish() error {
	var extra [1]byte
	for range 100 { // a reader may return 0, nil, but not for ever
		n, err := e.r.Read(extra[:])
		switch {
		case n > 0:
			e.err = ErrSize
		case err != nil:
			e.err = err
		default:
			continue
		}
		return e.err
	}
	e.err = io.ErrNoProgress
	return e.err
}
