package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// portal is the network of a hotel: it answers in our server's place.
type portal struct {
	server *http.Server
	mu     sync.Mutex
	stale  []byte // an answer of our server to somebody else, as a broken cache gives it
}

func newPortal(ctx context.Context) (*portal, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addrOf(portPortal))
	if err != nil {
		return nil, err
	}
	p := &portal{}
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// remember keeps a real answer with a receipt, for somebody who did not ask for it.
func (p *portal) remember(raw []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stale = raw
}

func (p *portal) serve(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	page := []byte("<!doctype html><title>欢迎上网</title><p>请先登录</p>")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch r.Header.Get("X-Portal") {
	case "portal.empty":
		w.WriteHeader(http.StatusOK)
	case "portal.object":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	case "portal.moved":
		http.Redirect(w, r, "http://portal.example/login", http.StatusFound)
	case "portal.denied":
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write(page)
	case "portal.stale":
		p.mu.Lock()
		raw := p.stale
		p.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw)
	default:
		_, _ = w.Write(page)
	}
}
