package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// ledger is what a phone knows to have happened, one file each, only ever added to and synced before the next step:
//
//	I id digest visit version   sealed; written before anything of it is sent
//	A id code                   acknowledged: a verified receipt is in hand, and the phone would free its copy
//	E id                        the phone lost its storage before it was acknowledged
//	D id digest                 other bytes under a taken id: to be kept beside the first, never to be acknowledged
type ledger struct {
	mu sync.Mutex
	f  *os.File
}

func newLedger(dir, phone string) (*ledger, error) {
	f, err := os.OpenFile(filepath.Join(dir, phone+".ledger"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &ledger{f: f}, err
}

func (l *ledger) note(words ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := make([]string, len(words))
	for i, w := range words {
		line[i] = fmt.Sprint(w)
	}
	if _, err := l.f.WriteString(strings.Join(line, " ") + "\n"); err != nil {
		return err
	}
	return l.f.Sync()
}
