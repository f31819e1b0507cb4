package feedback

import (
	"context"

	"suixing/internal/directory"
	"suixing/internal/platform/db"
)

// FillForBench puts n made-up answers into a database made for measuring, as problem.FillForBench does. However many there
// are, 400 are being checked, 200 wait in quarantine and 200 may have been written by others.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO feedbacks (id, channel, agency_id, office_id, counted, suspect, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, state, received_hour, settled, quarantined)
		SELECT md5('answer' || i)::uuid, CASE WHEN i % 20 = 0 THEN 'wall' WHEN i % 50 = 1 THEN 'paper' ELSE 'ticket' END, agency, office, true, i % e = 3, 1, 5, at::date, 'company', 'food',
			'{"F1":"yes"}', '{"R1":5}', 5 - (i % 30 / 28)::int, i % 30 = 0, decode(md5('receipt' || i), 'hex'), decode(md5('body' || i), 'hex'), CASE WHEN i % (e / 2) = 1 THEN 'checking' ELSE 'received' END,
			date_trunc('hour', at), 2, i % e = 2
		FROM (SELECT made.*, greatest($1::bigint / 200, 4) AS e FROM ` + directory.Made + `) made`
	return owner.Bulk(ctx, "feedbacks", fill, n)
}
