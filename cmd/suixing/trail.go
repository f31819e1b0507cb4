package main

import (
	"context"
	"errors"
	"fmt"

	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
)

func auditCommand(ctx context.Context, g *ground, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: suixing audit verify|head")
	}
	switch args[0] {
	case "verify":
		if err := audit.Verify(ctx, g.app); err != nil {
			return err
		}
		fmt.Println("audit trail: every seal holds")
		return nil
	case "head":
		for { // what has been written up to now comes under the head
			n, err := audit.Seal(ctx, g.app, clock.Real(), 10_000)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
		h, err := audit.ReadHead(ctx, g.app)
		if err != nil {
			return err
		}
		fmt.Printf("seal %d row %d at %s\n%s\n", h.Seal, h.LastID, h.SealedAt.Format("2006-01-02T15:04:05Z07:00"), h.HashHex)
		return nil
	}
	return errors.New("usage: suixing audit verify|head")
}
