package visit

import (
	"context"

	"suixing/internal/platform/db"
)

// FillForBench puts n made-up visits into a database made for measuring, as problem.FillForBench does: 2 % still planned, 1 %
// cancelled; 200 of them, however many there are, at a fish pond.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, cancel_reason, planned_on, happened_at, recorded_at, received_at, overall, created_at, version)
		SELECT md5('visit' || i)::uuid, 'BS' || (2015 + i % 12) || '-' || lpad((i / 12 + 1)::text, greatest(4, length((i / 12 + 1)::text)), '0'), 'planned', g.offices[1 + a % g.n], g.agencies[1 + a % g.n], '示例' || (i % 5000) || '号' || CASE WHEN i % greatest($1::bigint / 200, 1) = 0 THEN '鱼塘' ELSE '' END || '经营部',
			(ARRAY['safety','appearance','construction','food','other'])[1 + i % 5], s, CASE WHEN s = 'cancelled' THEN '停业' ELSE '' END, at::date,
			CASE WHEN s = 'recorded' THEN at END, CASE WHEN s = 'recorded' THEN at END, CASE WHEN s = 'recorded' THEN at END, CASE WHEN s = 'recorded' THEN 'mostly' ELSE '' END, at, 2
		FROM (SELECT made.*, CASE WHEN i % 50 = 0 THEN 'planned' WHEN i % 100 = 1 THEN 'cancelled' ELSE 'recorded' END AS s FROM (SELECT i, ((i * 7919::bigint) % 100003)::int AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at FROM generate_series(1::bigint, $1::bigint) i) made) made,
			(SELECT array_agg(id ORDER BY id) AS agencies, array_agg(office_id ORDER BY id) AS offices, count(*)::int AS n FROM agencies WHERE office_id IS NOT NULL) g`
	return owner.Bulk(ctx, "visits", fill, n)
}
