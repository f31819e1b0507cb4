package lead

import (
	"context"

	"suixing/internal/platform/db"
	"suixing/internal/problem"
)

// FillForBench puts n made-up leads into a database made for measuring, by one statement: 5 % still wait; 200 of them, however
// many there are, mention a fish pond. It needs the owner's role and at least one agency with an office.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO leads (id, number, origin, office_id, agency_id, severity, category, fact, happened_on, raised_at, state, reason, due_on, decided_at, version)
		SELECT md5('lead' || i)::uuid, 'XS' || (2015 + i % 12) || '-' || lpad((i / 12 + 1)::text, greatest(4, length((i / 12 + 1)::text)), '0'),
			(ARRAY['contact','transfer','casefile','special','supervisor'])[1 + i % 5], g.offices[1 + a % g.n], g.agencies[1 + a % g.n],
			CASE WHEN i % 40 = 0 THEN 'redline' WHEN i % 5 = 0 THEN 'minor' ELSE 'general' END, (ARRAY['inaction','misconduct','procedure','manner'])[1 + i % 4],
			(ARRAY['进店检查未主动出示执法证','查封扣押没有当场交付清单','现场笔录漏填执法证号','口头责令改正没有文书'])[1 + i % 4] || '，第' || i || '条' || CASE WHEN i % greatest($1::bigint / 200, 1) = 0 THEN '，涉及鱼塘' ELSE '' END,
			d::date, at, CASE WHEN i % 20 = 0 THEN 'open' ELSE 'dismissed' END, CASE WHEN i % 20 = 0 THEN '' ELSE '不属实' END,
			CASE WHEN i % 20 = 0 THEN d::date + 5 END, CASE WHEN i % 20 <> 0 THEN at + interval '2 days' END, 2
		FROM (SELECT i, ((i * 7919::bigint) % 100003)::int AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at,
				(timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint))) AT TIME ZONE 'Asia/Shanghai' AS d
			FROM generate_series(1::bigint, $1::bigint) i) made,
			(SELECT array_agg(id ORDER BY id) AS agencies, array_agg(office_id ORDER BY id) AS offices, count(*)::int AS n FROM agencies WHERE office_id IS NOT NULL) g`
	return problem.WithoutIndexes(ctx, owner, "leads", func() error {
		_, err := owner.Exec(ctx, fill, n)
		return err
	})
}
