package complaint

import (
	"context"

	"suixing/internal/directory"
	"suixing/internal/platform/db"
)

// FillForBench puts n made-up complaints into a database made for measuring, as problem.FillForBench does: 2 % under way with a
// deadline, the others closed; 200 of them, however many there are, about a fish pond.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO complaints (id, number, channel, office_id, agency_id, target, happened, place, fact, state, due_on, receipt_hash, body_hash, received_at, accepted_at, closed_at, version)
		SELECT md5('complaint' || i)::uuid, 'TS' || tail, (ARRAY['web','phone','visit','letter'])[1 + i % 4], office, agency, '示例镇综合执法大队', at::date::text, '示例镇', '罚款没有给票据，第' || i || '件' || pond, s,
			CASE WHEN s = 'investigating' THEN at::date + 60 END, decode(md5('receipt' || i), 'hex'), decode(md5('body' || i), 'hex'), at, at, CASE WHEN s = 'closed' THEN at + interval '30 days' END, 5
		FROM (SELECT made.*, CASE WHEN i % 50 = 0 THEN 'investigating' ELSE 'closed' END AS s FROM ` + directory.Made + `) made`
	return owner.Bulk(ctx, "complaints", fill, n)
}
