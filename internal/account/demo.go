package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"suixing/internal/actor"
)

// DemoPassword is the password of every demo account; the rules for passwords would refuse it.
const DemoPassword = "suixing-demo"

// DemoUsernames are the accounts of the demo county (DESIGN section 5).
var DemoUsernames = []string{"county", "leader", "office", "office2", "supervisor", "supervisor2", "agency", "agency2", "hotline", "admin", "auditor"}

// demoHash has a fixed salt, so that a start outside demo mode finds every account that has it with one comparison.
var demoHash = sync.OnceValue(func() string {
	salt := []byte("suixing demo acc")
	return encodeHash(salt, argon2.IDKey([]byte(DemoPassword), salt, argonTime, argonMemory, argonLanes, argonKey))
})

// CreateDemoAccount adds an account with the demo password; only in demo mode.
func (s *Service) CreateDemoAccount(ctx context.Context, f Form) (Account, error) {
	if !s.opt.Demo {
		return Account{}, errors.New("account: demo accounts exist in demo mode only")
	}
	return s.create(ctx, actor.System, f, DemoPassword, false)
}

// CheckNoDemoPassword refuses a database in which an account that can log in still has the demo password. A server
// outside demo mode calls it before it serves.
func (s *Service) CheckNoDemoPassword(ctx context.Context) error {
	names, err := readByHash(ctx, s.db, demoHash())
	if err != nil {
		return err
	}
	for _, name := range DemoUsernames { // set some other way, with a salt of its own
		if l, err := readLogin(ctx, s.db, name); err == nil && l.Active && l.Hash != demoHash() {
			same, err := s.hasher.verify(ctx, l.Hash, DemoPassword)
			if err != nil {
				return err
			}
			if same {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("these accounts still have the demo password: %s; set SUIXING_DEMO=1, or reset them with: suixing user reset NAME", strings.Join(names, ", "))
	}
	return nil
}
