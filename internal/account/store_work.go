package account

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
)

func readOpenWork(ctx context.Context, d *db.DB, id uuid.UUID) (OpenWork, error) {
	w := OpenWork{Visits: []Work{}, Leads: []Work{}, Problems: []Work{}, Complaints: []Work{}}
	const visits = `SELECT v.id, v.number, to_char(v.planned_on, 'YYYY-MM-DD') AS due_on FROM visits v JOIN visit_supervisors s ON s.visit_id = v.id
		WHERE s.account_id = $1 AND v.state = 'planned' ORDER BY v.number`
	if err := d.Select(ctx, &w.Visits, visits, id); err != nil {
		return w, err
	}
	const leads = `SELECT id, number, to_char(due_on, 'YYYY-MM-DD') AS due_on FROM leads WHERE reporter_id = $1 AND state = 'open' ORDER BY number`
	if err := d.Select(ctx, &w.Leads, leads, id); err != nil {
		return w, err
	}
	const problems = `SELECT id, number, to_char(due_on, 'YYYY-MM-DD') AS due_on FROM problems WHERE handler_id = $1 AND closed_at IS NULL ORDER BY number`
	if err := d.Select(ctx, &w.Problems, problems, id); err != nil {
		return w, err
	}
	const complaints = `SELECT c.id, c.number, to_char(c.due_on, 'YYYY-MM-DD') AS due_on FROM complaints c WHERE c.state <> 'closed'
		AND (c.handler_id = $1 OR EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.account_id = $1 AND p.part = 'investigator')) ORDER BY c.number`
	if err := d.Select(ctx, &w.Complaints, complaints, id); err != nil {
		return w, err
	}
	return w, d.Get(ctx, &w.Drafts, `SELECT count(*) FROM complaint_drafts WHERE account_id = $1`, id)
}
