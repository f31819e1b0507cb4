package main

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// balance gives two instances one address: each connection goes to the next one that takes it. It knows nothing of HTTP
// and tries nothing twice; what a client has to live with, it has to live with here.
type balance struct {
	listener net.Listener
	backends []string
	next     atomic.Uint64
	wg       sync.WaitGroup
	mu       sync.Mutex
	open     map[net.Conn]bool
}

func newBalance(ctx context.Context, listen string, backends ...string) (*balance, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, err
	}
	b := &balance{listener: l, backends: backends, open: map[net.Conn]bool{}}
	b.wg.Go(b.accept)
	return b, nil
}

func (b *balance) accept() {
	for {
		c, err := b.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		b.wg.Go(func() { b.serve(c) })
	}
}

func (b *balance) serve(c net.Conn) {
	defer b.drop(c)
	b.keep(c)
	start := b.next.Add(1)
	for i := range b.backends {
		to, err := (&net.Dialer{Timeout: time.Second}).Dial("tcp", b.backends[(start+uint64(i))%uint64(len(b.backends))])
		if err != nil {
			continue
		}
		b.keep(to)
		defer b.drop(to)
		ended := make(chan struct{}, 2)
		pipe := func(dst, src net.Conn) {
			_, _ = io.Copy(dst, src)
			ended <- struct{}{}
		}
		go pipe(to, c)
		go pipe(c, to)
		<-ended // one side has gone: the other is of no use
		return
	}
}

func (b *balance) keep(c net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[c] = true
}

func (b *balance) drop(c net.Conn) {
	_ = c.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, c)
}

func (b *balance) close() {
	_ = b.listener.Close()
	b.mu.Lock()
	for c := range b.open {
		_ = c.Close()
	}
	b.mu.Unlock()
	b.wg.Wait()
}
