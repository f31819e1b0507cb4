package complaint

import (
	"context"

	"suixing/internal/platform/db"
)

// FillForBench puts n made-up complaints into a database made for measuring, as problem.FillForBench does: 2 % under way with a
// deadline, the others closed; 200 of them, however many there are, about a fish pond.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO complaints (id, number, channel, office_id, agency_id, target, happened, place, fact, state, due_on, receipt_hash, body_hash, received_at, accepted_at, closed_at, version)
		SELECT md5('complaint' || i)::uuid, 'TS' || (2015 + i % 12) || '-' || lpad((i / 12 + 1)::text, greatest(4, length((i / 12 + 1)::text)), '0'), (ARRAY['web','phone','visit','letter'])[1 + i % 4], g.offices[1 + a % g.n], g.agencies[1 + a % g.n], '示例镇综合执法大队', at::date::text, '示例镇', '罚款没有给票据，第' || i || '件' || CASE WHEN i % greatest($1::bigint / 200, 1) = 0 THEN '鱼塘' ELSE '' END, s,
			CASE WHEN s = 'investigating' THEN at::date + 60 END, decode(md5('receipt' || i), 'hex'), decode(md5('body' || i), 'hex'), at, at, CASE WHEN s = 'closed' THEN at + interval '30 days' END, 5
		FROM (SELECT made.*, CASE WHEN i % 50 = 0 THEN 'investigating' ELSE 'closed' END AS s FROM (SELECT i, ((i * 7919::bigint) % 100003)::int AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at FROM generate_series(1::bigint, $1::bigint) i) made) made,
			(SELECT array_agg(id ORDER BY id) AS agencies, array_agg(office_id ORDER BY id) AS offices, count(*)::int AS n FROM agencies WHERE office_id IS NOT NULL) g`
	return owner.Bulk(ctx, "complaints", fill, n)
}
