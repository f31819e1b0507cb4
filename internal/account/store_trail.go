package account

import (
	"context"

	"suixing/internal/platform/db"
)

func readTrail(ctx context.Context, d *db.DB, in TrailFilter, before int64, deeper bool, limit int) ([]TrailRow, error) {
	rows := []TrailRow{}
	const q = `SELECT l.id, l.at, l.actor_id, COALESCE(a.name, '') AS actor_name, COALESCE(a.username, '') AS actor_username, l.actor_role, l.deed,
			l.subject_kind, l.subject_id, l.detail, COALESCE((SELECT (l.txid, l.id) <= (z.last_txid, z.last_id) FROM audit_seals z ORDER BY z.id DESC LIMIT 1), false) AS sealed
		FROM audit_log l LEFT JOIN accounts a ON a.id = l.actor_id
		WHERE (NOT $1 OR l.id < $2) AND ($3 = '' OR l.deed = $3 OR starts_with(l.deed, $3 || '.'))
		  AND ($4 = '' OR l.actor_id IN (SELECT id FROM accounts WHERE name ILIKE $5 OR username ILIKE $5))
		  AND ($6 = '' OR l.subject_id = NULLIF($6, '')::uuid)
		  AND ($7 = '' OR l.at >= (NULLIF($7, '') || ' 00:00')::timestamp AT TIME ZONE 'Asia/Shanghai')
		  AND ($8 = '' OR l.at < (NULLIF($8, '') || ' 00:00')::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '1 day')
		ORDER BY l.id DESC LIMIT $9`
	return rows, d.Select(ctx, &rows, q, deeper, before, in.Deed, tidy(in.Actor), pattern(tidy(in.Actor)), in.SubjectID, in.From, in.To, limit)
}
