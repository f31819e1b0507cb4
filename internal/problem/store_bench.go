package problem

import (
	"context"

	"suixing/internal/directory"
	"suixing/internal/platform/db"
)

// FillForBench puts n made-up problems into a database made for measuring, by one statement, among the agencies that are
// there: 5 % still open; 200 of them, however many there are, mention a fish pond, so that a search for it has the same
// answer at every size. It needs the owner's role, an empty register, and at least one agency with an office.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO problems (id, number, office_id, agency_id, origin, severity, category, item, fact, basis, found_on, agency_text, deidentified_at, state, rung,
			served_on, due_on, original_due_on, round, registered_at, ordered_at, submitted_at, closed_at, version)
		SELECT md5('problem' || i)::uuid, 'WT' || tail, office, agency,
			(ARRAY['visit','feedback','complaint','casefile','special','contact'])[1 + i % 6], CASE WHEN i % 40 = 0 THEN 'redline' WHEN i % 5 = 0 THEN 'minor' ELSE 'general' END,
			(ARRAY['inaction','misconduct','procedure','manner','integrity','discretion','paperwork','disturbance'])[1 + i % 8], 'C' || lpad((i % 9 + 1)::text, 2, '0'),
			(ARRAY['进店检查未主动出示执法证','查封扣押没有当场交付清单','要求企业停产接受询问','现场笔录漏填执法证号','一周内重复检查同一商户','口头责令改正没有文书'])[1 + i % 6] || '，第' || i || '件' || pond,
			'《河南省行政执法条例》', d::date, '一次检查中程序不当', at, s, CASE WHEN s = 'confirmed' THEN '' ELSE 'FBK' END,
			CASE WHEN s <> 'confirmed' THEN d::date END, CASE WHEN s <> 'confirmed' THEN d::date + 9 + (i % 30)::int END, CASE WHEN s <> 'confirmed' THEN d::date + 9 + (i % 30)::int END, 1,
			at, CASE WHEN s <> 'confirmed' THEN at END, CASE WHEN s IN ('submitted', 'closed') THEN at END, CASE WHEN s IN ('closed', 'withdrawn', 'referred') THEN at + interval '20 days' END, 4
		FROM (SELECT made.*, at AT TIME ZONE 'Asia/Shanghai' AS d,
				CASE WHEN i % 20 = 0 THEN (ARRAY['confirmed','rectifying','rectifying','submitted','disputed'])[1 + (i / 20) % 5] WHEN i % 200 = 1 THEN 'withdrawn' WHEN i % 200 = 2 THEN 'referred' ELSE 'closed' END AS s
			FROM ` + directory.Made + `) made`
	return owner.Bulk(ctx, "problems", fill, n)
}
