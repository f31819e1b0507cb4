package app

import (
	"context"
	"fmt"

	"suixing/internal/evidence"
	"suixing/internal/platform/audit"
)

// Check reads again whatever evidence stands on, photos, copies, records, receipts and the sealed trail, and names each
// thing that has changed or is gone. It gives how many things it has read.
func (a *App) Check(ctx context.Context, found func(evidence.Altered)) (int, error) {
	things, err := a.Evidence.Check(ctx, found)
	if err != nil {
		return things, err
	}
	sheets, err := a.Visit.CheckSheets(ctx, found)
	if err != nil {
		return things + sheets, err
	}
	rows, err := audit.Check(ctx, a.DB, func(b audit.Broken) {
		found(evidence.Altered{Kind: "trail", ID: fmt.Sprintf("seal %d, rows %d to %d", b.Seal, b.First, b.Last), What: b.What})
	})
	return things + sheets + rows, err
}
