package feedback

import (
	"context"

	"suixing/internal/actor"
)

// Summary sums whole months. An agency gets its own, ended ones, each of at least five answers, and never a sum over
// several months: no two of its figures differ by less than a month of five.
func (s *Service) Summary(ctx context.Context, who actor.Actor, from, to string) ([]Month, error) {
	least, until := 1, s.now()
	if who.Is(actor.Agency) {
		least, until = MinShown, lastEnded(until)
	}
	const q = `
SELECT f.agency_id, a.name AS agency, to_char(f.received_hour AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month, count(*) AS n,
  round(avg(f.overall) * 20, 1) AS score, round(100.0 * count(*) FILTER (WHERE f.overall >= 3) / count(*), 1) AS satisfied,
  round(100.0 * count(*) FILTER (WHERE f.overall <= 2) / count(*), 1) AS poor,
  round(avg((f.ratings->>'R1')::int), 1) AS r1, round(avg((f.ratings->>'R2')::int), 1) AS r2, round(avg((f.ratings->>'R3')::int), 1) AS r3,
  round(avg((f.ratings->>'R4')::int), 1) AS r4, round(avg((f.ratings->>'R5')::int), 1) AS r5
FROM feedbacks f JOIN agencies a ON a.id = f.agency_id
WHERE f.counted AND NOT f.suspect AND ($1 OR f.office_id = $2 OR f.agency_id = $3) AND f.received_hour < $4
  AND to_char(f.received_hour AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') BETWEEN COALESCE(NULLIF($5, ''), '0000') AND COALESCE(NULLIF($6, ''), '9999')
GROUP BY 1, 2, 3 HAVING count(*) >= $7 ORDER BY 3 DESC, 2 LIMIT 1000`
	out := []Month{}
	err := s.db.Select(ctx, &out, q, who.SeesCounty(), who.OfficeID, who.AgencyID, until, from, to, least)
	return out, err
}
