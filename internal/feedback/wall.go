package feedback

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// A wall code (墙上码) hangs at a business for anyone who was inspected there or passes by. What comes in by it belongs to a
// township that has five of them and to the agency that the person names, to no business and no visit, and is in no visit's
// score. Of a township with fewer it is the county's alone.

const (
	wallSoft  = 30 // answers a day that one wall may bring before they are looked at first
	wallPlain = 10 // answers a day from one network that a wall takes, to be looked at, without proof of work
	// wallsEnough is how many good walls a township must have for an answer to say of which township it is.
	wallsEnough = 5
)

// Wall is a wall code as the desk lists it.
type Wall struct {
	ID         uuid.UUID  `db:"id" json:"id"`
	BusinessID uuid.UUID  `db:"business_id" json:"business_id"`
	Business   string     `db:"business" json:"business"`
	OfficeID   uuid.UUID  `db:"office_id" json:"office_id"`
	Office     string     `db:"office" json:"office"`
	CreatedOn  string     `db:"created_on" json:"created_on"`
	RevokedAt  *time.Time `db:"revoked_at" json:"revoked_at"`
	URL        string     `db:"-" json:"url,omitempty"`
	Short      string     `db:"-" json:"short,omitempty"`
}

// wallSecrets makes a wall's code and its short form from its id: a poster can be printed again, and the database cannot.
func (s *Service) wallSecrets(id uuid.UUID) (raw []byte, short string) {
	return s.keys.Derive("wall", id[:])[:tokenBytes], door.Code(s.keys.Derive("wall short", id[:]), shortLen)
}

func (s *Service) tell(w *Wall) {
	if w.RevokedAt != nil {
		return
	}
	raw, short := s.wallSecrets(w.ID)
	w.URL, w.Short = s.publicURL+"/w/"+base64.RawURLEncoding.EncodeToString(raw), door.Group(short)
}

// MakeWall gives a business a wall code, or a new one in place of the old, which ends. An office does it for the businesses
// of its township. Faults: NotFound out of sight.
func (s *Service) MakeWall(ctx context.Context, who actor.Actor, business uuid.UUID) (*Wall, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return nil, err
	}
	raw, short := s.wallSecrets(id)
	at := s.now()
	var out *Wall
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if err := revokeWallsOf(ctx, tx, who, business, at); err != nil {
			return err
		}
		if err := insertWall(ctx, tx, who, id, business, hashToken(raw), door.Hash(short), clock.Day(at)); err != nil {
			return err
		}
		if out, err = wallByID(ctx, tx, who, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "wall.make", "wall", id, nil)
	})
	if err != nil {
		return nil, err
	}
	s.tell(out)
	return out, nil
}

// RevokeWall ends a wall code. Answers that came by it stay.
func (s *Service) RevokeWall(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		w, err := wallByID(ctx, tx, who, id)
		if err != nil || w.RevokedAt != nil {
			return err
		}
		if err := revokeWallsOf(ctx, tx, who, w.BusinessID, at); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "wall.revoke", "wall", id, nil)
	})
}

// WallOf reads one wall code with its address, for the poster.
func (s *Service) WallOf(ctx context.Context, who actor.Actor, id uuid.UUID) (*Wall, error) {
	w, err := wallByID(ctx, s.db, who, id)
	if err != nil {
		return nil, err
	}
	s.tell(w)
	return w, nil
}

// submitWall keeps an answer given by wall code: township, agency, month, day of receipt, and what was said. No wall, no
// business, no contact. What somebody without script pressed through a burst waits in quarantine: the desk looks before it is
// worth anything. What came in a burst at all is flagged.
// nonce is the form's own random number: the same form sent twice is one answer, two people of one mind are two.
func (s *Service) submitWall(ctx context.Context, w *wallInfo, a *Answer, nonce string, came door.Verdict) (*Receipt, error) {
	at := s.now()
	if bad := a.checkWall(at); len(bad) > 0 {
		return nil, fault.Invalidf(bad...)
	}
	a.Contact, a.Business, a.Photos = false, "", nil
	r, code, err := s.record([]byte(nonce), uuid.New(), a, at)
	if err != nil {
		return nil, err
	}
	day, err := clock.ParseDay(clock.Day(at))
	if err != nil {
		return nil, err
	}
	r.hour = day.UTC()
	if err := insertWallAnswer(ctx, s.db, w.OfficeID, r, came == door.Plain, came != door.Free); err != nil {
		return nil, err
	}
	return &Receipt{Code: code, Office: w.Office}, nil
}

// checkWall is Check for a form that asks for the month only and for no name.
func (a *Answer) checkWall(now time.Time) []fault.FieldError {
	out := a.Check(known{day: true}, now)
	months := map[string]bool{}
	for _, m := range lastMonths(now) {
		months[m.code] = true
	}
	if !months[a.CheckedOn] {
		out = append([]fault.FieldError{{Field: "day", Message: "请选是哪个月检查的"}}, out...)
	}
	return out
}

// lastMonths are the months that a wall's form offers, newest first, as the first day of each.
func lastMonths(now time.Time) []word {
	t := now.In(clock.Shanghai)
	out := make([]word, 0, 6)
	for i := range 6 {
		m := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, clock.Shanghai).AddDate(0, -i, 0)
		out = append(out, word{code: clock.Day(m), words: fmt.Sprintf("%d年%d月", m.Year(), m.Month())})
	}
	return out
}

// Release lets a quarantined answer stand, or leaves it where it is with the reason in the trail: nothing is deleted.
func (s *Service) Release(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		if err := release(ctx, tx, who, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "feedback.release", "feedback", id, nil)
	})
}
