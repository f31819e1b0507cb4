package lead

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
)

// fill reads what hangs on a lead that was read in its scope.
func (s *Service) fill(ctx context.Context, who actor.Actor, l Lead, v *LeadView) error {
	var n struct {
		Office   string        `db:"office"`
		Agency   string        `db:"agency"`
		Problem  string        `db:"problem"`
		Reporter string        `db:"reporter"`
		Origin   string        `db:"origin"`
		Sheet    uuid.NullUUID `db:"sheet"`
		Waits    bool          `db:"waits"`
	}
	const names = `SELECT COALESCE((SELECT name FROM offices WHERE id = $1), '') AS office, COALESCE((SELECT name FROM agencies WHERE id = $2), '') AS agency,
		COALESCE((SELECT number FROM problems WHERE id = $3), '') AS problem, COALESCE((SELECT name FROM accounts WHERE id = $4), '') AS reporter,
		COALESCE(CASE $5::text WHEN 'visit' THEN (SELECT number FROM visits WHERE id = $6) WHEN 'complaint' THEN (SELECT number FROM complaints WHERE id = $6) END, '') AS origin,
		CASE WHEN $5::text = 'visit' THEN (SELECT s.id FROM sheets s WHERE s.visit_id = $6 AND NOT EXISTS (SELECT FROM sheets n WHERE n.supersedes = s.id) ORDER BY s.received_at DESC LIMIT 1) END AS sheet,
		($5::text = 'visit' AND visit_incomplete($6)) AS waits`
	if err := s.db.Get(ctx, &n, names, l.OfficeID, l.AgencyID, l.ProblemID, l.ReporterID, l.Origin, l.OriginID); err != nil {
		return err
	}
	v.OfficeName, v.AgencyName, v.ProblemNumber, v.ReporterName, v.OriginNumber, v.SheetID, v.Incomplete = n.Office, n.Agency, n.Problem, n.Reporter, n.Origin, pointer(n.Sheet), n.Waits
	if l.Origin == "visit" && l.OriginItem != "" {
		var err error
		if v.Basis, err = basisOf(ctx, s.db, l.OriginItem); err != nil {
			return err
		}
	}
	const events = `SELECT e.deed, e.state, e.at, COALESCE(a.name, '') AS actor_name, e.actor_role, e.text
		FROM lead_events e LEFT JOIN accounts a ON a.id = e.actor_id WHERE e.lead_id = $1 ORDER BY e.id LIMIT 100`
	if err := s.db.Select(ctx, &v.Events, events, l.ID); err != nil {
		return err
	}
	const photos = `SELECT DISTINCT ON (t.sha256) t.sha256, COALESCE(p.media_type, '') AS media_type, t.size, t.taken_at, ($3 <> '' AND t.item = $3) AS for_item, p.sha256 IS NOT NULL AS held
		FROM attachments t LEFT JOIN photos p USING (sha256) WHERE ` + ofRecord + ` AND t.source <> 'signature' ORDER BY t.sha256, for_item DESC LIMIT 300`
	if err := s.db.Select(ctx, &v.Photos, photos, l.Origin, l.record(), l.OriginItem); err != nil {
		return err
	}
	if l.State != Open {
		return nil
	}
	if err := s.seconds(ctx, who, l, v); err != nil {
		return err
	}
	return s.duplicates(ctx, who, l, v)
}

func (s *Service) seconds(ctx context.Context, who actor.Actor, l Lead, v *LeadView) error {
	const q = `SELECT a.id, a.name, a.role FROM accounts a WHERE a.id <> $1 AND ` + asSecond + ` ORDER BY a.role DESC, a.name LIMIT 50`
	return s.db.Select(ctx, &v.Seconds, q, who.ID, l.OfficeID, l.OriginID)
}

// duplicates looks among problems and other leads of the same agency, thirty days either side, in the actor's scope.
func (s *Service) duplicates(ctx context.Context, who actor.Actor, l Lead, v *LeadView) error {
	if !l.AgencyID.Valid {
		return nil
	}
	at := l.RaisedAt
	if t := l.HappenedOn.Time(); !t.IsZero() {
		at = t
	}
	office := uuid.NullUUID{}
	if who.Is(actor.Office) {
		office = who.OfficeID
	}
	a := &args{list: []any{l.AgencyID, l.OriginItem, l.Category, at, l.ID, office}}
	me := a.add(who.ID)
	q := `(SELECT 'problem' AS kind, p.id, p.number, CASE WHEN p.origin = 'feedback' AND rates_own_visit(p.id, ` + me + `) THEN left(p.agency_text, 120) ELSE left(p.fact, 120) END AS fact, p.state, (SELECT name FROM agencies WHERE id = p.agency_id) AS agency_name,
			to_char(p.found_on, 'YYYY-MM-DD') AS happened_on, ($2 <> '' AND p.item = $2) AS same_item, p.category = $3 AS same_kind, p.found_on = $4::date AS same_day
		FROM problems p WHERE p.agency_id = $1 AND p.registered_at BETWEEN $4::timestamptz - interval '60 days' AND $4::timestamptz + interval '60 days'
			AND p.found_on BETWEEN $4::date - 30 AND $4::date + 30 AND (p.category = $3 OR ($2 <> '' AND p.item = $2)) AND ($6::uuid IS NULL OR p.office_id = $6)
		ORDER BY p.registered_at DESC LIMIT 10)
		UNION ALL
		(SELECT 'lead', l.id, l.number, left(l.fact, 120), l.state, (SELECT name FROM agencies WHERE id = l.agency_id),
			COALESCE(to_char(l.happened_on, 'YYYY-MM-DD'), ''), ($2 <> '' AND l.origin_item = $2), l.category = $3, COALESCE(l.happened_on = $4::date, FALSE)
		FROM leads l WHERE l.agency_id = $1 AND l.id <> $5 AND l.state IN ('open', 'dismissed', 'referred') AND l.raised_at BETWEEN $4::timestamptz - interval '30 days' AND $4::timestamptz + interval '30 days'
			AND (l.category = $3 OR ($2 <> '' AND l.origin_item = $2)) AND ($6::uuid IS NULL OR l.office_id = $6) AND ` + independent(who, a.add) + `
		ORDER BY l.raised_at DESC LIMIT 10)`
	if err := s.db.Select(ctx, &v.Duplicates, q, a.list...); err != nil {
		return err
	}
	for i := range v.Duplicates {
		v.Duplicates[i].say()
	}
	return nil
}
