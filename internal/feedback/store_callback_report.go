package feedback

import (
	"context"

	"suixing/internal/actor"
)

// Report counts the calls of some months by agency, and the draws they came from.
func (s *Callbacks) Report(ctx context.Context, who actor.Actor, from, to string) (*CallbackReport, error) {
	// The answer is looked at for two things only: whether there is one that counts, and whether it carries the mark.
	const q = `
SELECT c.agency_id, a.name AS agency, count(*) AS drawn, count(*) FILTER (WHERE c.state = 'open') AS open, count(*) FILTER (WHERE c.state = 'reached') AS reached,
  count(*) FILTER (WHERE c.state = 'unreached') AS unreached, count(*) FILTER (WHERE c.state = 'declined') AS declined,
  count(*) FILTER (WHERE c.seen = 'no') AS no_code, count(*) FILTER (WHERE c.filled = 'officer') AS by_officer, count(*) FILTER (WHERE c.filled = 'other') AS by_other,
  count(*) FILTER (WHERE c.beside = 'yes') AS beside, count(*) FILTER (WHERE c.filled IN ('officer', 'other') AND NOT f.suspect) AS unmarked,
  count(*) FILTER (WHERE c.filled = 'own' AND f.suspect) AS marked, count(*) FILTER (WHERE c.filled = 'nobody' AND f.suspect IS NOT NULL) AS unknown
FROM callbacks c JOIN agencies a ON a.id = c.agency_id
LEFT JOIN tickets k ON k.visit_id = c.visit_id AND k.revoked_at IS NULL LEFT JOIN feedbacks f ON f.ticket_id = k.id AND f.counted
WHERE` + callScope + callMonth + ` GROUP BY 1, 2 ORDER BY count(*) FILTER (WHERE c.seen = 'no' OR c.filled IN ('officer', 'other')) DESC, a.name LIMIT 500`
	var rows []struct {
		CallbackRow
		CallbackAgainst
	}
	if err := s.db.Select(ctx, &rows, q, string(who.Role), who.ID, from, to); err != nil {
		return nil, err
	}
	out := &CallbackReport{Agencies: make([]CallbackRow, len(rows)), Rounds: []CallbackRound{}}
	for i, r := range rows {
		if out.Agencies[i] = r.CallbackRow; r.Reached >= MinShown { // of fewer, one call more would tell which answer is meant
			out.Agencies[i].Against = &r.CallbackAgainst
		}
	}
	const rounds = `SELECT month, to_char(drawn_on, 'YYYY-MM-DD') AS drawn_on, share, least, pool, drawn FROM callback_rounds
WHERE $1 = 'county' AND ($2 = '' OR month >= $2) AND ($3 = '' OR month <= $3) ORDER BY month DESC LIMIT 36`
	return out, s.db.Select(ctx, &out.Rounds, rounds, string(who.Role), from, to)
}
