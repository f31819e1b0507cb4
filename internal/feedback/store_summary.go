package feedback

import (
	"context"
	"slices"
	"time"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// What a sum is made of: an answer that counts. By wall code none does, and what is flagged is summed apart.
const (
	sumColumns = `count(*) AS n, round(avg(f.overall) * 20, 1) AS score, round(100.0 * count(*) FILTER (WHERE f.overall >= 3) / count(*), 1) AS satisfied,
  round(100.0 * count(*) FILTER (WHERE f.overall <= 2) / count(*), 1) AS poor,
  round(avg((f.ratings->>'R1')::int), 1) AS r1, round(avg((f.ratings->>'R2')::int), 1) AS r2, round(avg((f.ratings->>'R3')::int), 1) AS r3,
  round(avg((f.ratings->>'R4')::int), 1) AS r4, round(avg((f.ratings->>'R5')::int), 1) AS r5`
	monthOf  = `to_char(f.received_hour AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')`
	inMonths = monthOf + ` BETWEEN COALESCE(NULLIF($4, ''), '0000') AND COALESCE(NULLIF($5, ''), '9999')`
	// The scope of the list, inScope, for many rows at once: whom she supervised is looked up once and not for each row. A sum
	// with her own visit in it, less the list without, would tell her the rating.
	sumScope = ` ($1 OR f.office_id = $2) AND (f.ticket_id IS NULL OR f.ticket_id NOT IN (
  SELECT own.id FROM visit_supervisors m JOIN tickets own ON own.visit_id = m.visit_id WHERE m.account_id = $3
  UNION ALL SELECT own.id FROM tickets own WHERE own.issued_to = $3 AND own.visit_id IS NULL))`
)

func monthsOf(ctx context.Context, d *db.DB, who actor.Actor, from, to string, now time.Time) ([]Month, error) {
	const q = `
SELECT f.agency_id, a.name AS agency, ` + monthOf + ` AS month, ` + monthOf + ` AS until, ` + sumColumns + `
FROM feedbacks f JOIN agencies a ON a.id = f.agency_id
WHERE f.counted AND NOT f.suspect AND f.channel <> 'wall' AND` + sumScope + ` AND f.received_hour < $6 AND ` + inMonths + `
GROUP BY 1, 2, 3 ORDER BY 3 DESC, 2 LIMIT 1000`
	out := []Month{}
	if err := d.Select(ctx, &out, q, who.SeesCounty(), who.OfficeID, who.ID, from, to, now); err != nil {
		return nil, err
	}
	var later []struct {
		AgencyID string `db:"agency_id"`
		Month    string `db:"month"`
		N        int    `db:"n"`
	}
	const second = `SELECT f.agency_id::text AS agency_id, ` + monthOf + ` AS month, count(*) AS n FROM feedbacks f
WHERE NOT f.counted AND f.channel <> 'wall' AND f.agency_id IS NOT NULL AND` + sumScope + ` AND ` + inMonths + ` GROUP BY 1, 2`
	if err := d.Select(ctx, &later, second, who.SeesCounty(), who.OfficeID, who.ID, from, to); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Later = new(int)
		for _, l := range later {
			if l.AgencyID == out[i].AgencyID.String() && l.Month == out[i].Month {
				*out[i].Later = l.N
			}
		}
	}
	return out, nil
}

// withFlagged sums what is flagged beside each month. A month of nothing else has a row too, of no answers that count: what
// is flagged is counted apart and never dropped.
func withFlagged(ctx context.Context, d *db.DB, who actor.Actor, months []Month, from, to string) ([]Month, error) {
	var flagged []Month
	const q = `
SELECT f.agency_id, a.name AS agency, ` + monthOf + ` AS month, ` + monthOf + ` AS until, ` + sumColumns + `
FROM feedbacks f JOIN agencies a ON a.id = f.agency_id WHERE f.counted AND f.suspect AND f.channel <> 'wall' AND` + sumScope + ` AND ` + inMonths + ` GROUP BY 1, 2, 3`
	if err := d.Select(ctx, &flagged, q, who.SeesCounty(), who.OfficeID, who.ID, from, to); err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i := range months {
		months[i].Flagged = &Sums{}
		at[months[i].Month+months[i].AgencyID.String()] = i
	}
	for _, f := range flagged {
		sums := f.Sums
		if i, ok := at[f.Month+f.AgencyID.String()]; ok {
			months[i].Flagged = &sums
			continue
		}
		months = append(months, Month{AgencyID: f.AgencyID, Agency: f.Agency, Month: f.Month, Until: f.Until, Flagged: &sums, Later: new(int)})
	}
	slices.SortStableFunc(months, func(a, b Month) int {
		if c := compare(b.Month, a.Month); c != 0 {
			return c
		}
		return compare(a.Agency, b.Agency)
	})
	return months, nil
}

// unpublished are the ended months of each agency that no published period covers. One server at a time may publish.
func unpublished(ctx context.Context, tx *db.DB, until time.Time) ([]tally, error) {
	const lock = `SELECT pg_advisory_xact_lock(hashtext('ballot.publish'))`
	if _, err := tx.Exec(ctx, lock); err != nil {
		return nil, err
	}
	const q = `
SELECT a.id AS agency_id, m.month, m.n, m.overall, m.good, m.r1, m.r2, m.r3, m.r4, m.r5
FROM agencies a
CROSS JOIN LATERAL (SELECT (to_date(COALESCE(max(p.to_month), '1999-12'), 'YYYY-MM') + interval '1 month') AT TIME ZONE 'Asia/Shanghai' AS since FROM ballot_periods p WHERE p.agency_id = a.id) s
CROSS JOIN LATERAL (
  SELECT ` + monthOf + ` AS month, count(*) AS n, sum(f.overall) AS overall, count(*) FILTER (WHERE f.overall >= 3) AS good,
    COALESCE(sum((f.ratings->>'R1')::int), 0) AS r1, COALESCE(sum((f.ratings->>'R2')::int), 0) AS r2, COALESCE(sum((f.ratings->>'R3')::int), 0) AS r3,
    COALESCE(sum((f.ratings->>'R4')::int), 0) AS r4, COALESCE(sum((f.ratings->>'R5')::int), 0) AS r5
  FROM feedbacks f WHERE f.agency_id = a.id AND f.received_hour >= s.since AND f.received_hour < $1 AND f.counted AND NOT f.suspect AND f.channel <> 'wall' GROUP BY 1) m`
	var out []tally
	err := tx.Select(ctx, &out, q, until)
	return out, err
}

func insertPeriod(ctx context.Context, tx *db.DB, p tally, day string) error {
	const q = `
INSERT INTO ballot_periods (agency_id, from_month, to_month, n, score, satisfied, poor, r1, r2, r3, r4, r5, published_on)
SELECT $1, $2, $3, n, round($5 * 20 / n, 1), round(100.0 * $6 / n, 1), round(100.0 * (n - $6) / n, 1), round($7 / n, 1), round($8 / n, 1), round($9 / n, 1), round($10 / n, 1), round($11 / n, 1), $12
FROM (SELECT $4::numeric AS n) x ON CONFLICT DO NOTHING`
	_, err := tx.Exec(ctx, q, p.AgencyID, p.Month, p.until, p.N, p.Overall, p.Good, p.R1, p.R2, p.R3, p.R4, p.R5, day)
	return err
}

// periodsOf is what an agency has been shown, with the words that its office let through, in no order that means anything.
func periodsOf(ctx context.Context, d *db.DB, who actor.Actor, from, to string) ([]Month, error) {
	const q = `
SELECT p.agency_id, a.name AS agency, p.from_month AS month, p.to_month AS until, p.n, p.score, p.satisfied, p.poor, p.r1, p.r2, p.r3, p.r4, p.r5
FROM ballot_periods p JOIN agencies a ON a.id = p.agency_id
WHERE p.agency_id = $3 AND p.from_month >= COALESCE(NULLIF($1, ''), '0000') AND p.to_month <= COALESCE(NULLIF($2, ''), '9999') ORDER BY p.from_month DESC LIMIT 240`
	out := []Month{}
	if err := d.Select(ctx, &out, q, from, to, who.AgencyID); err != nil {
		return nil, err
	}
	for i := range out {
		const words = `
SELECT f.agency_text FROM feedbacks f WHERE f.agency_id = $1 AND f.agency_text <> '' AND f.received_hour >= to_date($2, 'YYYY-MM')::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND f.received_hour < (to_date($3, 'YYYY-MM') + interval '1 month') AT TIME ZONE 'Asia/Shanghai' ORDER BY f.id`
		if err := d.Select(ctx, &out[i].Words, words, out[i].AgencyID, out[i].Month, out[i].Until); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Rates reads how many visits were recorded, how many of them had a ticket, and how many were answered, between two days,
// by agency and by who was to hand the code out. Supervisors and agencies do not read it, and nobody what came of her own visits.
func (s *Service) Rates(ctx context.Context, who actor.Actor, from, to string) (*Rates, error) {
	const base = `
WITH v AS (
  SELECT v.id, v.agency_id, k.id AS ticket, COALESCE(k.answered, false) AS answered
  FROM visits v LEFT JOIN tickets k ON k.visit_id = v.id AND k.revoked_at IS NULL
  WHERE v.state = 'recorded' AND ($1 OR v.office_id = $2) AND v.id NOT IN (SELECT m.visit_id FROM visit_supervisors m WHERE m.account_id = $5)
    AND v.happened_at >= $3::date::timestamp AT TIME ZONE 'Asia/Shanghai' AND v.happened_at < ($4::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
`
	const byAgency = base + `SELECT a.id, a.name, count(*) AS visits, count(v.ticket) AS handed, count(*) FILTER (WHERE v.answered) AS answered,
  round(100.0 * count(*) FILTER (WHERE v.answered) / count(*), 1) AS rate FROM v JOIN agencies a ON a.id = v.agency_id GROUP BY 1, 2 ORDER BY rate, visits DESC, a.name LIMIT 500`
	const byHolder = base + `SELECT p.id, p.name, count(*) AS visits, count(v.ticket) AS handed, count(*) FILTER (WHERE v.answered) AS answered,
  round(100.0 * count(*) FILTER (WHERE v.answered) / count(*), 1) AS rate FROM v JOIN visit_supervisors m ON m.visit_id = v.id JOIN accounts p ON p.id = m.account_id GROUP BY 1, 2 ORDER BY rate, visits DESC, p.name LIMIT 500`
	if from == "" {
		from = clock.Day(s.now().AddDate(0, -3, 0))
	}
	if to == "" {
		to = clock.Day(s.now())
	}
	out := &Rates{From: from, To: to, Agencies: []Rate{}, Supervisors: []Rate{}}
	if err := s.db.Select(ctx, &out.Agencies, byAgency, who.SeesCounty(), who.OfficeID, from, to, who.ID); err != nil {
		return nil, err
	}
	return out, s.db.Select(ctx, &out.Supervisors, byHolder, who.SeesCounty(), who.OfficeID, from, to, who.ID)
}
