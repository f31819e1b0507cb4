package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"github.com/google/uuid"
)

// benchBrowser has a real browser open the pages under a slow network and a slow processor (e2e/bench.mjs).
func benchBrowser(ctx context.Context, b *bed) ([]measure, error) {
	batch, err := b.app.Feedback.IssueTickets(ctx, b.ppl.Accounts["supervisor3"], uuid.New(), 1)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", "e2e/bench.mjs")
	cmd.Env = append(os.Environ(), "BASE="+b.base, "TICKET="+batch.Items[0].URL)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("e2e/bench.mjs: %w", err)
	}
	var found []struct {
		Name  string  `json:"name"`
		Value float64 `json:"value"` // milliseconds
		Limit float64 `json:"limit"`
		Note  string  `json:"note"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("e2e/bench.mjs printed %.200s: %w", out, err)
	}
	var ms []measure
	for _, f := range found {
		ms = append(ms, measure{"browser." + f.Name, f.Value / f.Limit, 1, false, fmt.Sprintf("%.0f ms of %.0f, %s", f.Value, f.Limit, f.Note)})
	}
	return ms, nil
}
