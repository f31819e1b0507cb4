package visit

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
)

// Counts are the figures beside the filters, each up to 1001: beyond that it is "more than a thousand".
type Counts struct {
	Planned   int `json:"planned"`
	Recorded  int `json:"recorded"`
	Cancelled int `json:"cancelled"`
	Flagged   int `json:"flagged" doc:"cancelled, and a sheet came"`
	Offered   int `json:"offered" doc:"failed items nobody has decided on"`
	Conflicts int `json:"conflicts" doc:"two sealed records for one place"`
	Late      int `json:"late" doc:"written down more than a day after it happened"`
	Waiting   int `json:"waiting" doc:"photos have not all arrived"`
	Held      int `json:"held" doc:"records in quarantine; desk only"`
}

// Counts gives them for what who may see.
func (s *Service) Counts(ctx context.Context, who actor.Actor) (Counts, error) {
	var c Counts
	for _, n := range []struct {
		into       *int
		from, cond string
	}{
		{&c.Planned, "visits v", "v.state = 'planned'"},
		{&c.Recorded, "visits v", "v.state = 'recorded'"},
		{&c.Cancelled, "visits v", "v.state = 'cancelled'"},
		{&c.Flagged, "visits v", "v.flagged"},
		{&c.Late, "visits v", "v.late"},
		{&c.Waiting, "visits v", waiting},
		{&c.Offered, "findings f JOIN visits v ON v.id = f.visit_id", "f.in_force AND f.lead_id IS NULL AND f.waived_at IS NULL AND NOT f.on_spot"},
		{&c.Conflicts, "sheet_conflicts c JOIN sheets s ON s.id = c.sheet_id JOIN visits v ON v.id = s.visit_id", "c.settled_at IS NULL"},
	} {
		var w where
		w.sees(who)
		w.and(n.cond)
		q := `SELECT count(*) FROM (SELECT 1 FROM ` + n.from + w.sql() + fmt.Sprintf(` LIMIT %d) x`, countUpTo+1)
		if err := s.db.Get(ctx, n.into, q, w.args...); err != nil {
			return c, err
		}
	}
	var w where
	w.seesHeld(who)
	return c, s.db.Get(ctx, &c.Held, `SELECT count(*) FROM held_sheets h`+w.sql()+` AND h.settled_at IS NULL`, w.args...)
}

// Companion is somebody who may go along, as the planning page offers them.
type Companion struct {
	ID          uuid.UUID `db:"id" json:"id"`
	Name        string    `db:"name" json:"name"`
	Role        string    `db:"role" json:"role"`
	OfficeID    uuid.UUID `db:"office_id" json:"office_id"`
	OfficeName  string    `db:"office_name" json:"office_name"`
	Certificate string    `db:"certificate" json:"certificate" doc:"number of a supervision certificate that is valid today"`
}

// Companions lists who may go along, the planner's own office first.
func (s *Service) Companions(ctx context.Context, who actor.Actor) ([]Companion, error) {
	out := []Companion{}
	const q = `SELECT p.id, p.name, p.role, p.office_id, o.name AS office_name,
			CASE WHEN p.certificate_until IS NULL OR p.certificate_until >= $1::date THEN p.certificate ELSE '' END AS certificate
		FROM accounts p JOIN offices o ON o.id = p.office_id WHERE p.active AND p.role IN ('supervisor', 'office')
		ORDER BY p.office_id IS NOT DISTINCT FROM $2 DESC, o.name, p.role DESC, p.name, p.id LIMIT 500`
	return out, s.db.Select(ctx, &out, q, clock.Day(s.now()), who.OfficeID)
}
