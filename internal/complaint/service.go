package complaint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// FeedbackStatus tells what became of a feedback answer by its receipt code; false when there is none.
type FeedbackStatus func(ctx context.Context, code string) (door.Status, bool, error)

// Parts is what the feature stands on besides the database.
type Parts struct {
	Vault    *vault.Service
	Secret   []byte // shared by all instances: receipts, marks, slowing
	Evidence *evidence.Service
	Feedback FeedbackStatus
	// Deadlines counts what is due with each step.
	Deadlines *deadline.Service
}

// Service takes complaints and tells what became of them.
type Service struct {
	db        *db.DB
	now       clock.Clock
	vault     *vault.Service
	keys      door.Keys
	slow      *door.Slow
	gate      *door.Gate
	reader    door.Reader
	evidence  *evidence.Service
	feedback  FeedbackStatus
	deadlines *deadline.Service
}

// New makes the service.
func New(d *db.DB, now clock.Clock, p Parts) *Service {
	db.Constraint("complaints_agency_id_fkey", "agency_id", "没有这个执法单位")
	db.Constraint("outer_sources_name_key", "name", "这个平台已经登记过，请给它换一把密钥")
	keys := door.NewKeys(p.Secret)
	ingest := func(ctx context.Context, r io.Reader) (door.Photo, error) {
		photo, err := p.Evidence.IngestPublicFile(ctx, r)
		return door.Photo{SHA256: photo.SHA256, Size: photo.Size}, err
	}
	slow := door.NewSlow(d, keys, now)
	return &Service{db: d, now: now, vault: p.Vault, keys: keys, slow: slow, gate: door.NewGate(slow, keys, now), reader: door.Reader{Ingest: ingest, Keys: keys, Files: true},
		evidence: p.Evidence, feedback: p.Feedback, deadlines: p.Deadlines}
}

// Filed is what a complaint became. The receipt code is for the person alone.
type Filed struct {
	ID      uuid.UUID `json:"id"`
	Number  string    `json:"number"`
	Receipt string    `json:"receipt"`
}

// errAgain ends the transaction of a complaint that came before, so that its number goes back.
var errAgain = errors.New("complaint: came before")

// File keeps a complaint and raises its lead, all in one transaction. The same complaint again gives the same receipt and
// changes nothing. The same number with other words (a form corrected after its answer was lost, an outer ticket pushed
// anew) makes no second complaint: both versions are kept with the one, each under a receipt of its own. Faults: Invalid with the form's fields; Conflict
// for a clerk's or a platform's other version, which is kept.
func (s *Service) File(ctx context.Context, who actor.Actor, in *Input) (*Filed, error) {
	at := s.now()
	in.settle()
	if bad := in.Check(at); len(bad) > 0 {
		return nil, fault.Invalidf(bad...)
	}
	r, code, err := s.record(who, in, at)
	if err != nil {
		return nil, err
	}
	out := &Filed{ID: r.id, Receipt: code}
	err = s.db.InTx(ctx, func(tx *db.DB) error { return s.keep(ctx, tx, who, r, out) })
	if errors.Is(err, errAgain) {
		return s.again(ctx, who, r, code)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

var formNonce = regexp.MustCompile(`^[0-9a-f]{32}$`)

// record makes the row. The receipt comes from everything that was sent, the form's own number among it: the same again gives
// the same code, and nobody gets one for what another wrote.
func (s *Service) record(who actor.Actor, in *Input, at time.Time) (*record, string, error) {
	body, err := in.body()
	if err != nil {
		return nil, "", err
	}
	code := s.keys.Receipt("complaint", body)
	r := &record{id: uuid.New(), leadID: uuid.New(), in: in, body: s.keys.Fingerprint("complaint", body), at: at}
	switch who.Role {
	case actor.PublicRole:
		r.at = door.Hour(at)
		if formNonce.MatchString(in.Nonce) {
			r.nonce = s.keys.Fingerprint("complaint nonce", []byte(in.Nonce))
		}
	default:
		if named, err := uuid.Parse(in.Nonce); err == nil { // the clerk's own id: other words under it are no second complaint
			r.id = s.keys.ID("complaint", named)
		}
	}
	r.receipt = door.Hash(code)
	if in.Named {
		r.sealed, err = s.vault.Seal(vault.Complaint, r.id, in.Identity)
	}
	return r, code, err
}

func (s *Service) keep(ctx context.Context, tx *db.DB, who actor.Actor, r *record, out *Filed) error {
	n, err := nextNumber(ctx, tx, r.at)
	if err != nil {
		return err
	}
	out.Number = n
	kept, err := insertComplaint(ctx, tx, who, n, r)
	if err != nil {
		return err
	}
	if !kept {
		return errAgain
	}
	if err := s.evidence.Declare(ctx, tx, who, evidence.OnComplaint, r.id, declared(r.in.Photos, who)); err != nil {
		return err
	}
	if !r.in.Suspect {
		if err := raiseLead(ctx, tx, r.id, r.leadID, "", r.in.leadFact(), r.in.day(), r.at); err != nil {
			return err
		}
	}
	if err := appendEvent(ctx, tx, r.id, who, Event{Deed: File, State: Received}, r.at); err != nil {
		return err
	}
	if who.Role != actor.PublicRole {
		if err := dropDraft(ctx, tx, who, r.in.Nonce); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, r.at, who, "complaint.file", "complaint", inTrail(who, r.id), nil)
}

// inTrail keeps the trail from leading to who spoke.
func inTrail(who actor.Actor, id uuid.UUID) uuid.UUID {
	if who.Role == actor.PublicRole {
		return uuid.Nil
	}
	return id
}

// again finds what came before under the same number. Other words are kept beside it, once, until a person has looked.
func (s *Service) again(ctx context.Context, who actor.Actor, r *record, code string) (*Filed, error) {
	first, err := keptBefore(ctx, s.db, r)
	if err != nil {
		return nil, err
	}
	out := &Filed{ID: first.ID, Number: first.Number, Receipt: code}
	if first.Same {
		if r.in.Source.Valid {
			return out, adopt(ctx, s.db, first.ID, r.in.Source, r.at)
		}
		return out, nil
	}
	if r.in.Named {
		if r.sealed, err = s.vault.Seal(vault.Complaint, first.ID, r.in.Identity); err != nil {
			return nil, err
		}
	}
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		fresh, err := insertVersion(ctx, tx, who, first.ID, r)
		if err != nil || !fresh {
			return err
		}
		if err := s.evidence.Declare(ctx, tx, who, evidence.OnComplaint, first.ID, declared(r.in.Photos, who)); err != nil {
			return err
		}
		if err := appendEvent(ctx, tx, first.ID, who, Event{Deed: "version", State: first.State}, r.at); err != nil {
			return err
		}
		return audit.Append(ctx, tx, r.at, who, "complaint.version", "complaint", inTrail(who, first.ID), nil)
	})
	if err != nil || who.Role == actor.PublicRole {
		return out, err
	}
	return nil, fault.New(fault.Conflict, "kept_both", "这一件已经登记为"+first.Number+"，内容和这次的不同。两份都留着，请打开"+first.Number+"核对用哪一份。")
}

// brought looks up what a clerk has uploaded; another's photo is as good as none.
func (s *Service) brought(ctx context.Context, d *db.DB, who actor.Actor, hashes []string) ([]door.Photo, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	if err := s.evidence.MustHave(ctx, d, who, hashes); err != nil {
		return nil, err
	}
	held, err := s.evidence.Held(ctx, d, hashes)
	if err != nil {
		return nil, err
	}
	out := make([]door.Photo, 0, len(hashes))
	for _, h := range hashes {
		out = append(out, door.Photo{SHA256: h, Size: held[h].Size})
	}
	return out, nil
}

func declared(photos []door.Photo, who actor.Actor) []evidence.Declared {
	source := "desk"
	if who.Role == actor.PublicRole {
		source = "public"
	}
	out := make([]evidence.Declared, len(photos))
	for i, p := range photos {
		out[i] = evidence.Declared{Position: i, SHA256: p.SHA256, Size: p.Size, Source: source}
	}
	return out
}

// Release says that a complaint taken for a machine's is a person's: only now it raises its lead.
// Faults: NotFound out of sight, Forbidden for who is in conflict, Conflict when it is no longer held back.
func (s *Service) Release(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		in, err := lockSuspect(ctx, tx, who, id)
		if err != nil {
			return err
		}
		c, err := readCase(ctx, tx, who, id, "")
		if err != nil {
			return err
		}
		if err := c.conflict(who); err != nil {
			return err
		}
		if !in.Suspect {
			return fault.New(fault.Conflict, "not_held", "这件投诉已经在办，不用再放行。")
		}
		if err := clearSuspect(ctx, tx, id); err != nil {
			return err
		}
		if err := raiseLead(ctx, tx, id, uuid.New(), "", in.leadFact(), in.day(), at); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "complaint.release", "complaint", id, nil)
	})
}

// Status tells by a receipt's code what became of a complaint; false when there is none. Whoever has the code may ask.
func (s *Service) Status(ctx context.Context, code string) (door.Status, bool, error) {
	return statusOf(ctx, s.db, code)
}

// number writes TS2026-0001.
func number(at time.Time, n int64) string {
	return fmt.Sprintf("TS%s-%04d", at.In(clock.Shanghai).Format("2006"), n)
}
