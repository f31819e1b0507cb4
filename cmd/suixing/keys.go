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

// rotateCommand puts a new signing or sealing key in force: rotate-custody [ed25519|sm2], rotate-sealing. It needs no
// database; the servers take the new key when they start again.
func rotateCommand(args []string) error {
	cfg, err := config.Load(os.Getenv)
	if err != nil {
		return err
	}
	if args[0] == "rotate-sealing" {
		retired, now, err := evidence.RotateSealing(cfg.Keys)
		if err != nil {
			return fmt.Errorf("SUIXING_KEYS: %w", err)
		}
		fmt.Printf("封存密钥换为%s，%s留着，早先封存的照样能打开；重启服务后生效 / new sealing key %[1]s, %[2]s still opens; restart the servers\n", now.ID, retired.ID)
		return nil
	}
	algorithm := evidence.Ed25519
	if len(args) > 1 {
		algorithm = args[1]
	}
	retired, now, err := evidence.RotateSigner(cfg.Keys, algorithm)
	if err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	fmt.Printf("签名密钥换为%s（%s），%s的回执照样有效；重启服务后生效 / new signing key %[1]s (%[2]s), receipts of %[3]s stay good; restart the servers\n", now.ID, now.Algorithm, retired.ID)
	return nil
}
