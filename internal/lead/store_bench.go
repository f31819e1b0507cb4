package lead

import (
	"context"

	"suixing/internal/directory"
	"suixing/internal/platform/db"
)

// FillForBench puts n made-up leads into a database made for measuring, as problem.FillForBench does: 2 % still open, half of
// these with a deadline, the others dismissed or referred; 200 of them, however many there are, about a fish pond.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO leads (id, number, origin, office_id, agency_id, severity, category, fact, happened_on, raised_at, state, reason, due_on, decided_at, version)
		SELECT md5('lead' || i)::uuid, 'XS' || tail, (ARRAY['visit','feedback','complaint','special','contact'])[1 + i % 5], office, agency,
			CASE WHEN i % 40 = 0 THEN 'redline' WHEN i % 5 = 0 THEN 'minor' ELSE 'general' END, 'procedure', '检查时未主动出示执法证，第' || i || '件' || pond, at::date, at, s,
			CASE WHEN s = 'open' THEN '' ELSE '核查后不属实' END, CASE WHEN i % 100 = 0 THEN at::date + 7 END, CASE WHEN s <> 'open' THEN at + interval '3 days' END, 2
		FROM (SELECT made.*, CASE WHEN i % 50 = 0 THEN 'open' WHEN i % 100 = 1 THEN 'referred' ELSE 'dismissed' END AS s FROM ` + directory.Made + `) made`
	return owner.Bulk(ctx, "leads", fill, n)
}
