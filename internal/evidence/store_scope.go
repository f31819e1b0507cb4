package evidence

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// The attachments a role may see, as a condition on a; $2 is the role's place: its office, account or agency; $3 its account.
const (
	seesAll  = `$2::uuid IS NULL`
	seesNone = `false AND $2::uuid IS NULL`
	// An office sees what hangs on the records of its township.
	seesOffice = `CASE a.owner_kind
		WHEN 'sheet' THEN EXISTS (SELECT FROM sheets s JOIN visits v ON v.id = s.visit_id WHERE s.id = a.owner_id AND v.office_id = $2)
		WHEN 'visit' THEN EXISTS (SELECT FROM visits v WHERE v.id = a.owner_id AND v.office_id = $2)
		WHEN 'paper' THEN EXISTS (SELECT FROM papers o WHERE o.id = a.owner_id AND o.office_id = $2)
		WHEN 'problem' THEN EXISTS (SELECT FROM problems o WHERE o.id = a.owner_id AND o.office_id = $2)
		WHEN 'lead' THEN EXISTS (SELECT FROM leads o WHERE o.id = a.owner_id AND o.office_id = $2)
		WHEN 'feedback' THEN feedback_handler(a.owner_id, $3, 'office', $2)
		WHEN 'complaint' THEN EXISTS (SELECT FROM complaints o WHERE o.id = a.owner_id AND o.office_id = $2) END`
	// A supervisor sees the visits it made, never what the business sent in afterwards.
	seesSupervisor = `(a.owner_kind = 'sheet' AND EXISTS (SELECT FROM sheets s WHERE s.id = a.owner_id AND (s.author_id = $2
			OR EXISTS (SELECT FROM visit_supervisors w WHERE w.visit_id = s.visit_id AND w.account_id = $2)))
		OR a.owner_kind = 'visit' AND EXISTS (SELECT FROM visit_supervisors w WHERE w.visit_id = a.owner_id AND w.account_id = $2))`
	// An agency sees what was released to it on its own problems, once the problem was ordered of it.
	seesAgency = `a.owner_kind = 'problem' AND a.for_agency AND EXISTS (SELECT FROM problems o WHERE o.id = a.owner_id AND o.agency_id = $2 AND o.ordered_at IS NOT NULL)`
)

func scope(who actor.Actor) (condition string, place uuid.NullUUID) {
	switch {
	case who.SeesCounty():
		return seesAll, uuid.NullUUID{}
	case who.Is(actor.Office) && who.OfficeID.Valid:
		return seesOffice, who.OfficeID
	case who.Is(actor.Supervisor):
		return seesSupervisor, who.Account()
	case who.Is(actor.Agency) && who.AgencyID.Valid:
		return seesAgency, who.AgencyID
	}
	return seesNone, uuid.NullUUID{}
}

type shown struct {
	Photo
	Own bool `db:"own"` // who asks brought it
}

// show gives a photo that who may see: by a record in its scope, or because it brought the photo itself. What the hotline
// brings is its own until the complaint is sent; from then on it is for those who work on it.
func (s *Service) show(ctx context.Context, who actor.Actor, sha string) (shown, error) {
	condition, place := scope(who)
	q := `SELECT * FROM (SELECT p.sha256, p.size, p.media_type, p.width, p.height, p.held_at, p.preview,
			EXISTS (SELECT FROM photo_uploads u WHERE u.sha256 = p.sha256 AND u.account_id = $3) AS own
		FROM photos p WHERE p.sha256 = $1) p
		WHERE p.own AND NOT ($5 AND EXISTS (SELECT FROM attachments a WHERE a.sha256 = p.sha256)) OR EXISTS (SELECT FROM attachments a WHERE a.sha256 = p.sha256 AND (` + condition + `))
			OR $4 AND EXISTS (SELECT FROM held_sheets h WHERE p.sha256 = ANY (h.photos) AND ($2::uuid IS NULL OR h.office_id = $2))`
	var out shown
	decides := who.Is(actor.County, actor.Leader) || who.Is(actor.Office) && who.OfficeID.Valid // on records in quarantine
	return out, s.db.GetP(ctx, &out, q, sha, place, who.Account(), decides, who.Is(actor.Hotline))
}

// Attachments lists the photos of a record that who may see, in the record's order. What an agency did not bring itself
// comes to it without time, place, source and caption: they would tell when the problem was found, and by whom.
func (s *Service) Attachments(ctx context.Context, who actor.Actor, tx *db.DB, ownerKind string, ownerID uuid.UUID) ([]Attachment, error) {
	condition, place := scope(who)
	q := `SELECT a.id, a.item, a.position, a.sha256, a.size, a.source, a.taken_at, a.lat, a.lng, a.accuracy, a.datum, a.caption, a.for_agency, a.by_account,
			p.sha256 IS NOT NULL AS held, COALESCE(p.media_type, '') AS media_type, COALESCE(p.width, 0) AS width, COALESCE(p.height, 0) AS height,
			COALESCE(p.preview, 'due') AS preview
		FROM attachments a LEFT JOIN photos p ON p.sha256 = a.sha256
		WHERE a.owner_kind = $1 AND a.owner_id = $4 AND $3::uuid IS NOT DISTINCT FROM $3 AND (` + condition + `) ORDER BY a.item, a.position, a.id`
	out := []Attachment{}
	if err := tx.Select(ctx, &out, q, ownerKind, place, who.Account(), ownerID); err != nil {
		return nil, err
	}
	if who.Is(actor.Agency) {
		for i := range out {
			if a := &out[i]; a.By.UUID != who.ID || !a.By.Valid {
				*a = Attachment{ID: a.ID, Position: i, SHA256: a.SHA256, Size: a.Size, ForAgency: true, Held: a.Held,
					MediaType: a.MediaType, Width: a.Width, Height: a.Height, Preview: a.Preview}
			}
		}
	}
	return out, nil
}
