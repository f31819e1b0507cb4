package complaint

import (
	"context"

	"suixing/internal/platform/db"
)

// RefillDue counts until when complaints are to be decided on that came before the calendar of the year they are due in.
// Later dates are counted with the deed that sets them, which is refused where the calendar is missing.
func (s *Service) RefillDue(ctx context.Context, tx *db.DB) error {
	const q = `UPDATE complaints c SET due_on = deadline_due(c.due_rule, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date)
		WHERE c.state = 'received' AND c.due_on IS NULL AND c.due_rule <> '' AND deadline_due(c.due_rule, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date) IS NOT NULL`
	_, err := tx.Exec(ctx, q)
	return err
}
