package visit

import (
	"context"

	"suixing/internal/directory"
	"suixing/internal/platform/db"
)

// FillForBench puts n made-up visits into a database made for measuring, as problem.FillForBench does: 2 % still planned, 1 %
// cancelled; 200 of them, however many there are, at a fish pond.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO visits (id, number, origin, office_id, agency_id, business_name, matter, state, cancel_reason, planned_on, happened_at, recorded_at, received_at, overall, created_at, version)
		SELECT md5('visit' || i)::uuid, 'BS' || tail, 'planned', office, agency, '示例' || (i % 5000) || '号' || pond || '经营部',
			(ARRAY['safety','appearance','construction','food','other'])[1 + i % 5], s, CASE WHEN s = 'cancelled' THEN '停业' ELSE '' END, at::date,
			CASE WHEN s = 'recorded' THEN at END, CASE WHEN s = 'recorded' THEN at END, CASE WHEN s = 'recorded' THEN at END, CASE WHEN s = 'recorded' THEN 'mostly' ELSE '' END, at, 2
		FROM (SELECT made.*, CASE WHEN i % 50 = 0 THEN 'planned' WHEN i % 100 = 1 THEN 'cancelled' ELSE 'recorded' END AS s FROM ` + directory.Made + `) made`
	return owner.Bulk(ctx, "visits", fill, n)
}
