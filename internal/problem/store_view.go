package problem

import (
	"context"
	"encoding/json"

	"suixing/internal/actor"
)

// fill reads what hangs on a problem that was read in its scope.
func (s *Service) fill(ctx context.Context, who actor.Actor, p Problem, v *View) error {
	var n struct {
		Office   string `db:"office"`
		Agency   string `db:"agency"`
		Reporter string `db:"reporter"`
		Verifier string `db:"verifier"`
		Handler  string `db:"handler"`
	}
	const names = `SELECT COALESCE((SELECT name FROM offices WHERE id = $1), '') AS office, COALESCE((SELECT name FROM agencies WHERE id = $2), '') AS agency,
		COALESCE((SELECT name FROM accounts WHERE id = $3), '') AS reporter, COALESCE((SELECT name FROM accounts WHERE id = $4), '') AS verifier,
		COALESCE((SELECT name FROM accounts WHERE id = $5), '') AS handler`
	if err := s.db.Get(ctx, &n, names, p.OfficeID, p.AgencyID, p.ReporterID, p.VerifierID, p.HandlerID); err != nil {
		return err
	}
	v.OfficeName, v.AgencyName, v.ReporterName, v.VerifierName, v.HandlerName = n.Office, n.Agency, n.Reporter, n.Verifier, n.Handler
	if err := s.db.Get(ctx, &v.Incomplete, `SELECT `+incomplete+` FROM problems p WHERE p.id = $1`, p.ID); err != nil {
		return err
	}
	const events = `SELECT e.deed, e.state, e.at, COALESCE(a.name, '') AS actor_name, e.actor_role, e.text, e.for_agency, e.data
		FROM problem_events e LEFT JOIN accounts a ON a.id = e.actor_id WHERE e.problem_id = $1 ORDER BY e.id LIMIT 1000`
	if err := s.db.Select(ctx, &v.Events, events, p.ID); err != nil {
		return err
	}
	// Nobody is led to the answer that rates her own visit (as in lead's scope).
	const sources = `SELECT l.id, l.number, l.origin, l.origin_id, l.origin_item, l.raised_at FROM leads l WHERE l.problem_id = $1
		AND (l.origin <> 'feedback' OR NOT EXISTS (SELECT FROM feedbacks f JOIN tickets k ON k.id = f.ticket_id LEFT JOIN visit_supervisors m ON m.visit_id = k.visit_id AND m.account_id = $2
			WHERE f.id = l.origin_id AND (m.account_id IS NOT NULL OR k.visit_id IS NULL AND k.issued_to = $2))) ORDER BY l.raised_at LIMIT 200`
	if err := s.db.Select(ctx, &v.Sources, sources, p.ID, who.ID); err != nil {
		return err
	}
	if err := s.db.Select(ctx, &v.Photos, photosOf+` ORDER BY t.declared_at, t.position LIMIT 500`, p.ID); err != nil {
		return err
	}
	dated(v.Photos, v.Events)
	var err error
	v.Reused, err = s.evidence.Reused(ctx, who, p.ID, answering)
	return err
}

// answering are the deeds whose photos are the agency's answer.
var answering = []string{string(Submit), string(CorrectOnSpot)}

const photosOf = `SELECT t.sha256, t.item, COALESCE(p.media_type, '') AS media_type, t.size, t.taken_at, t.for_agency, t.declared_at, p.sha256 IS NOT NULL AS held
	FROM attachments t LEFT JOIN photos p USING (sha256) WHERE t.owner_kind = 'problem' AND t.owner_id = $1`

// agencyParts reads what the agency may see besides the row: the lines and photos meant for it, and the office's name.
func (s *Service) agencyParts(ctx context.Context, p Problem, v *AgencyView) error {
	const office = `SELECT COALESCE((SELECT name FROM offices WHERE id = $1), (SELECT name FROM bureau LIMIT 1), '')`
	if err := s.db.Get(ctx, &v.OfficeName, office, p.OfficeID); err != nil {
		return err
	}
	var rows []EventView
	const events = `SELECT deed, state, at, '' AS actor_name, actor_role, text, for_agency, data FROM problem_events WHERE problem_id = $1 AND for_agency ORDER BY id LIMIT 1000`
	if err := s.db.Select(ctx, &rows, events, p.ID); err != nil {
		return err
	}
	for _, e := range rows {
		line, err := agencyEvent(e)
		if err != nil {
			return err
		}
		if line.Deed == Order {
			line.By = p.side()
		}
		v.Events = append(v.Events, line)
	}
	var photos []Photo
	if err := s.db.Select(ctx, &photos, photosOf+` AND t.for_agency ORDER BY t.declared_at, t.position LIMIT 500`, p.ID); err != nil {
		return err
	}
	for _, f := range photos {
		if !f.Held {
			continue
		}
		v.Photos = append(v.Photos, AgencyPhoto{SHA256: f.SHA256, MediaType: f.MediaType, Size: f.Size, Ours: deedOf(f.Deed) != string(Deidentify)})
	}
	return nil
}

func agencyEvent(e EventView) (AgencyEvent, error) {
	out := AgencyEvent{Deed: e.Deed, State: e.State, At: e.At, By: e.ActorRole, Text: e.Text}
	err := json.Unmarshal(e.Data, &out.AgencyData) // only the fields named there come through
	if e.Deed != Submit {
		out.Measures, out.Result, out.Responsible = "", "", ""
	}
	return out, err
}
