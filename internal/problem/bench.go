package problem

import (
	"context"

	"suixing/internal/platform/db"
)

// FillForBench puts n made-up problems into a database made for measuring, by one statement: 20 offices, 40 agencies,
// 5 % still open, text with words to search for. It needs the owner's role and an empty register.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	for _, q := range []string{
		`INSERT INTO offices (id, name, township) SELECT md5('office' || i)::uuid, '测量镇' || i || '司法所', '测量镇' || i FROM generate_series(1, 20) i ON CONFLICT DO NOTHING`,
		`INSERT INTO agencies (id, name, kind, office_id) SELECT md5('agency' || i)::uuid, '测量镇' || i || '执法大队', 'township', md5('office' || (i % 20 + 1))::uuid FROM generate_series(1, 40) i ON CONFLICT DO NOTHING`,
	} {
		if _, err := owner.Exec(ctx, q); err != nil {
			return err
		}
	}
	const fill = `INSERT INTO problems (id, number, office_id, agency_id, origin, severity, category, item, fact, basis, found_on, agency_text, deidentified_at, state, rung,
			served_on, due_on, original_due_on, round, registered_at, ordered_at, submitted_at, closed_at, version)
		SELECT md5('problem' || i)::uuid, 'WT' || (2015 + i % 12) || '-' || lpad((i / 12 + 1)::text, greatest(4, length((i / 12 + 1)::text)), '0'),
			md5('office' || (a % 20 + 1))::uuid, md5('agency' || a)::uuid,
			(ARRAY['visit','feedback','complaint','casefile','special','contact'])[1 + i % 6], CASE WHEN i % 40 = 0 THEN 'redline' WHEN i % 5 = 0 THEN 'minor' ELSE 'general' END,
			(ARRAY['inaction','misconduct','procedure','manner','integrity','discretion','paperwork','disturbance'])[1 + i % 8], 'C' || lpad((i % 9 + 1)::text, 2, '0'),
			(ARRAY['进店检查未主动出示执法证','查封扣押没有当场交付清单','要求企业停产接受询问','现场笔录漏填执法证号','一周内重复检查同一商户','口头责令改正没有文书'])[1 + i % 6] || '，第' || i || '件' || CASE WHEN i % 5000 = 7 THEN '，涉及鱼塘' ELSE '' END,
			'《河南省行政执法条例》', d::date, '一次检查中程序不当', at, s, CASE WHEN s = 'confirmed' THEN '' ELSE 'FBK' END,
			CASE WHEN s <> 'confirmed' THEN d::date END, CASE WHEN s <> 'confirmed' THEN d::date + 9 + (i % 30)::int END, CASE WHEN s <> 'confirmed' THEN d::date + 9 + (i % 30)::int END, 1,
			at, CASE WHEN s <> 'confirmed' THEN at END, CASE WHEN s IN ('submitted', 'closed') THEN at END, CASE WHEN s IN ('closed', 'withdrawn', 'referred') THEN at + interval '20 days' END, 4
		FROM (SELECT i, 1 + (i * 7919::bigint) % 40 AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at,
				(timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint))) AT TIME ZONE 'Asia/Shanghai' AS d,
				CASE WHEN i % 20 = 0 THEN (ARRAY['confirmed','rectifying','rectifying','submitted','disputed'])[1 + (i / 20) % 5] WHEN i % 200 = 1 THEN 'withdrawn' WHEN i % 200 = 2 THEN 'referred' ELSE 'closed' END AS s
			FROM generate_series(1::bigint, $1::bigint) i) made`
	return withoutIndexes(ctx, owner, func() error {
		_, err := owner.Exec(ctx, fill, n)
		return err
	})
}

// withoutIndexes fills a table whose indexes are built afterwards at once: a tenth of the time.
func withoutIndexes(ctx context.Context, owner *db.DB, do func() error) error {
	var list []struct {
		Name string `db:"indexname"`
		Def  string `db:"indexdef"`
	}
	const q = `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'problems' AND indexname NOT IN (SELECT conname FROM pg_constraint)`
	if err := owner.Select(ctx, &list, q); err != nil {
		return err
	}
	for _, i := range list {
		if _, err := owner.Exec(ctx, `DROP INDEX `+i.Name); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	for _, i := range list {
		if _, err := owner.Exec(ctx, i.Def); err != nil {
			return err
		}
	}
	_, err := owner.Exec(ctx, `VACUUM ANALYZE problems`)
	return err
}
