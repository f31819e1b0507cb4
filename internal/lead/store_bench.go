package lead

import (
	"context"

	"suixing/internal/platform/db"
)

// FillForBench puts n made-up leads into a database made for measuring, as problem.FillForBench does: 2 % still open, half of
// these with a deadline, the others dismissed or referred; 200 of them, however many there are, about a fish pond.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO leads (id, number, origin, office_id, agency_id, severity, category, fact, happened_on, raised_at, state, reason, due_on, decided_at, version)
		SELECT md5('lead' || i)::uuid, 'XS' || (2015 + i % 12) || '-' || lpad((i / 12 + 1)::text, greatest(4, length((i / 12 + 1)::text)), '0'), (ARRAY['visit','feedback','complaint','special','contact'])[1 + i % 5], g.offices[1 + a % g.n], g.agencies[1 + a % g.n],
			CASE WHEN i % 40 = 0 THEN 'redline' WHEN i % 5 = 0 THEN 'minor' ELSE 'general' END, 'procedure', '检查时未主动出示执法证，第' || i || '件' || CASE WHEN i % greatest($1::bigint / 200, 1) = 0 THEN '鱼塘' ELSE '' END, at::date, at, s,
			CASE WHEN s = 'open' THEN '' ELSE '核查后不属实' END, CASE WHEN i % 100 = 0 THEN at::date + 7 END, CASE WHEN s <> 'open' THEN at + interval '3 days' END, 2
		FROM (SELECT made.*, CASE WHEN i % 50 = 0 THEN 'open' WHEN i % 100 = 1 THEN 'referred' ELSE 'dismissed' END AS s FROM (SELECT i, ((i * 7919::bigint) % 100003)::int AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at FROM generate_series(1::bigint, $1::bigint) i) made) made,
			(SELECT array_agg(id ORDER BY id) AS agencies, array_agg(office_id ORDER BY id) AS offices, count(*)::int AS n FROM agencies WHERE office_id IS NOT NULL) g`
	return owner.Bulk(ctx, "leads", fill, n)
}
