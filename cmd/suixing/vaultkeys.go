package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/vault"
)

// vaultCommand looks after the vault's keys: keys vault | rotate-vault [ALGORITHM] | destroy-vault. It may run beside servers:
// they read the key file again when it has changed.
func vaultCommand(ctx context.Context, g *ground, args []string) error {
	ring, err := vault.LoadKeyring(g.cfg.Keys, false)
	if err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	s := vault.New(g.vault, ring, clock.Real)
	switch args[0] {
	case "vault":
		return printKeys(ctx, s)
	case "rotate-vault":
		return rotateVault(ctx, s, ring, args[1:])
	case "destroy-vault":
		gone, err := s.DropRetired(ctx)
		if err == nil {
			fmt.Printf("销毁%d把已停用且不再使用的密钥 / retired keys destroyed: %s\n", len(gone), strings.Join(gone, " "))
		}
		return err
	}
	return fmt.Errorf("unknown command keys %q", args[0])
}

// rotateVault makes a new key, reseals everything under it, and leaves the old one retired: it opens, and seals no more.
// Broken off, it is begun again with: keys rotate-vault resume.
func rotateVault(ctx context.Context, s *vault.Service, ring *vault.Keyring, args []string) error {
	algorithm := vault.AES
	if len(args) > 0 {
		algorithm = args[0]
	}
	if algorithm != "resume" {
		id, err := ring.Rotate(algorithm, clock.Real())
		if err != nil {
			return err
		}
		fmt.Printf("新密钥%s（%s）/ new key %[1]s (%[2]s)\n", id, algorithm)
	}
	p, err := s.Reseal(ctx, func(p vault.Progress) { fmt.Printf("重新加密 / resealed %d/%d\n", p.Done, p.Total) })
	if err != nil {
		return fmt.Errorf("%w (resume: suixing keys rotate-vault resume)", err)
	}
	if p.Broken > 0 {
		return errors.Join(printKeys(ctx, s), fmt.Errorf("有%d条打不开，原样留着，旧密钥不要销毁 / %[1]d rows do not open and were left as they are; keep their key", p.Broken))
	}
	fmt.Println("明天起可以销毁旧密钥 / from tomorrow the old key can be destroyed: suixing keys destroy-vault")
	return printKeys(ctx, s)
}

func printKeys(ctx context.Context, s *vault.Service) error {
	states, err := s.Keys(ctx, actor.System)
	if err != nil {
		return err
	}
	for _, k := range states {
		state := "opens"
		switch {
		case k.Current:
			state = "seals"
		case k.RetiredOn != "":
			state = "retired " + k.RetiredOn
		case k.Algorithm == "":
			state = "missing"
		}
		fmt.Printf("key=%s algorithm=%s state=%q held=%d\n", k.ID, k.Algorithm, state, k.Held)
	}
	return nil
}
