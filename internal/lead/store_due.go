package lead

import (
	"context"

	"suixing/internal/platform/db"
)

// RefillDue counts until when open leads are to be looked at that came before the calendar of the year they are due in.
func (s *Service) RefillDue(ctx context.Context, tx *db.DB) error {
	const q = `UPDATE leads l SET due_on = lead_due(l.origin, (l.raised_at AT TIME ZONE 'Asia/Shanghai')::date)
		WHERE l.state = 'open' AND l.due_on IS NULL AND lead_due(l.origin, (l.raised_at AT TIME ZONE 'Asia/Shanghai')::date) IS NOT NULL`
	_, err := tx.Exec(ctx, q)
	return err
}
