package blob

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
)

// inMemory is the size up to which a body waits in memory; the phone shrinks photos well below it. Larger ones wait in a file.
const inMemory = 1 << 20

var buffers = sync.Pool{New: func() any { b := make([]byte, inMemory); return &b }}

// stage takes the whole body in before its first byte leaves for the server. Plain S3 does not promise that a body cut
// off half-way leaves nothing (versitygw 1.8.0 keeps the half, over a good object too), so no server ever sees one that
// has not been checked to its end. It also keeps a slow phone from holding a connection to the store, and lets the
// client repeat a request that a restarting server dropped.
// release(true) says that the server has taken everything, so that the memory may be used again.
func stage(body io.Reader, size int64) (whole io.ReadSeeker, release func(done bool), err error) {
	if size > inMemory {
		return stageFile(body)
	}
	buf := buffers.Get().(*[]byte)
	n := 0
	for err == nil && n < len(*buf) {
		var m int
		m, err = body.Read((*buf)[n:])
		n += m
	}
	if err == nil { // exactly full: the end is still to come
		_, err = body.Read(make([]byte, 1))
	}
	if err != io.EOF {
		buffers.Put(buf)
		return nil, nil, err
	}
	return bytes.NewReader((*buf)[:n]), func(done bool) {
		if done { // otherwise the transport may still be reading it
			buffers.Put(buf)
		}
	}, nil
}

func stageFile(body io.Reader) (io.ReadSeeker, func(bool), error) {
	f, err := os.CreateTemp("", "suixing-put-*")
	if err != nil {
		return nil, nil, fmt.Errorf("stage: %w", err)
	}
	_ = os.Remove(f.Name()) // a crash leaves nothing behind
	if _, err = io.Copy(f, body); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, func(bool) { _ = f.Close() }, nil
}
