package feedback

import (
	"context"

	"suixing/internal/platform/db"
)

// FillForBench puts n made-up answers into a database made for measuring, as problem.FillForBench does. However many there
// are, 400 are being checked, 200 wait in quarantine and 200 may have been written by others.
func FillForBench(ctx context.Context, owner *db.DB, n int) error {
	const fill = `INSERT INTO feedbacks (id, channel, agency_id, office_id, counted, suspect, form_version, scale, checked_on, kind, matter, facts, ratings, overall, bad, receipt_hash, body_hash, state, received_hour, settled, quarantined)
		SELECT md5('answer' || i)::uuid, CASE WHEN i % 20 = 0 THEN 'wall' WHEN i % 50 = 1 THEN 'paper' ELSE 'ticket' END, g.agencies[1 + a % g.n], g.offices[1 + a % g.n], true, i % e = 3, 1, 5, at::date, 'company', 'food',
			'{"F1":"yes"}', '{"R1":5}', 5 - (i % 30 / 28)::int, i % 30 = 0, decode(md5('receipt' || i), 'hex'), decode(md5('body' || i), 'hex'), CASE WHEN i % (e / 2) = 1 THEN 'checking' ELSE 'received' END,
			date_trunc('hour', at), 2, i % e = 2
		FROM (SELECT i, greatest($1::bigint / 200, 4) AS e, ((i * 7919::bigint) % 100003)::int AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at FROM generate_series(1::bigint, $1::bigint) i) made,
			(SELECT array_agg(id ORDER BY id) AS agencies, array_agg(office_id ORDER BY id) AS offices, count(*)::int AS n FROM agencies WHERE office_id IS NOT NULL) g`
	return owner.Bulk(ctx, "feedbacks", fill, n)
}
