package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
)

// MinShown is the smallest number of answers that a rated agency may see summed up (invariant 4).
const MinShown = 5

// lateDays is how long after its end a month still fills: a ticket lives seven days.
const lateDays = 8

// Month sums the counted answers about one agency in one month of receipt (DOMAIN E.2, metrics).
type Month struct {
	AgencyID  uuid.UUID `db:"agency_id" json:"agency_id"`
	Agency    string    `db:"agency" json:"agency"`
	Month     string    `db:"month" json:"month" doc:"2026-05"`
	N         int       `db:"n" json:"n"`
	Score     float64   `db:"score" json:"score" doc:"mean of the overall mark times 20"`
	Satisfied float64   `db:"satisfied" json:"satisfied" doc:"percent with overall mark 3 to 5"`
	Poor      float64   `db:"poor" json:"poor" doc:"percent with overall mark 1 or 2"`
	R1        float64   `db:"r1" json:"r1"`
	R2        float64   `db:"r2" json:"r2"`
	R3        float64   `db:"r3" json:"r3"`
	R4        float64   `db:"r4" json:"r4"`
	R5        float64   `db:"r5" json:"r5"`
}

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

// lastEnded is the end of the last month that no longer fills.
func lastEnded(now time.Time) time.Time {
	t := now.In(clock.Shanghai).AddDate(0, 0, -lateDays)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, clock.Shanghai)
}
