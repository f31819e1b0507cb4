package main

import (
	"context"
	"fmt"

	"suixing/internal/evidence"
	"suixing/internal/platform/clock"
)

// checkCommand names everything that is no longer what was taken in. It is for every night: what it prints, it ends with 1.
func checkCommand(ctx context.Context, g *ground) error {
	a, err := build(ctx, g, clock.Real)
	if err != nil {
		return err
	}
	altered := 0
	n, err := a.Check(ctx, func(x evidence.Altered) {
		altered++
		fmt.Println(x)
	})
	if err != nil {
		return err
	}
	fmt.Printf("check: %d photos, copies, records, receipts and rows of the trail read, %d altered\n", n, altered)
	if altered > 0 {
		return fmt.Errorf("%d things are not what was taken in", altered)
	}
	return nil
}
