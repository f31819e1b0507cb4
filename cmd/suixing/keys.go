package main

import (
	"errors"
	"fmt"
	"os"

	"suixing/internal/evidence"
	"suixing/internal/platform/config"
	"suixing/internal/vault"
)

// keysCommand makes the keys that are missing in SUIXING_KEYS and touches none that is there. The embedded default makes
// its own; elsewhere the operator does it once, knowingly, for a server that made new keys could not read the old vault.
func keysCommand() error {
	cfg, err := config.Load(os.Getenv)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Keys, 0o700); err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	_, err1 := vault.LoadSecret(cfg.Keys, "account.key", true)
	_, err2 := vault.LoadSecret(cfg.Keys, "public.key", true)
	_, err3 := vault.LoadKeyring(cfg.Keys, true)
	_, err4 := evidence.LoadOrMakeSigner(cfg.Keys, true)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	fmt.Printf("密钥在 %s，请另存一份到安全的地方 / the keys are in %[1]s; keep a copy in a safe place\n", cfg.Keys)
	return nil
}
