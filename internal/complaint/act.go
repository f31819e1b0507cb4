package complaint

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// Act does one deed of the life-cycle: the complaint is locked in who's scope, the rule decides, and row, people, event,
// lead and audit are written together. version is the one the person looked at.
func (s *Service) Act(ctx context.Context, who actor.Actor, d Deed, id uuid.UUID, version int, in Decision) (*ComplaintDetail, error) {
	in.clean()
	var seen *vault.Revealed
	var err error
	switch d {
	case GiveAccess, CorrectPerson, ErasePerson:
		seen, err = s.onPerson(ctx, who, d, id, version, in)
	default:
		err = s.db.InTx(ctx, func(tx *db.DB) error { return s.act(ctx, tx, who, d, id, version, in) })
	}
	if err != nil {
		return nil, err
	}
	out, err := s.Get(ctx, who, id)
	if err == nil {
		out.Identity = seen
	}
	return out, err
}

func (s *Service) act(ctx context.Context, tx *db.DB, who actor.Actor, d Deed, id uuid.UUID, version int, in Decision) error {
	now := s.now()
	was, err := readCase(ctx, tx, who, id, " FOR UPDATE OF c")
	if err != nil {
		return err
	}
	if was.Version != version {
		return fault.Stale()
	}
	if in.People, err = eligible(ctx, tx, was); err != nil {
		return err
	}
	today := deadline.DayOf(now)
	if err := was.Check(d, who, in, today); err != nil {
		return err
	}
	if due := was.dueFor(d, in, today); due.rule != "" {
		if in.Sum, err = s.deadlines.DueStopped(ctx, tx, due.rule, due.from, due.stops); err != nil {
			return err
		}
	}
	c, ev, err := was.Take(d, who, in, now)
	if err != nil {
		return err
	}
	if err := saveCase(ctx, tx, c, now); err != nil {
		return err
	}
	if err := savePeople(ctx, tx, id, ev, now); err != nil {
		return err
	}
	if err := s.leadOf(ctx, tx, who, c, ev); err != nil {
		return err
	}
	if err := s.attach(ctx, tx, who, id, ev.Attach); err != nil {
		return err
	}
	return s.leaves(ctx, tx, who, was, c, ev)
}

// attach hangs the files of a deed on the complaint; they were brought before, by who does it.
func (s *Service) attach(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, hashes []string) error {
	if len(hashes) == 0 {
		return nil
	}
	if len(hashes) > MaxPhotos {
		return fault.Field("photos", "一次最多9个文件")
	}
	files, err := s.brought(ctx, tx, who, hashes)
	if err != nil {
		return err
	}
	return s.evidence.Declare(ctx, tx, who, evidence.OnComplaint, id, declared(files, who))
}

// leaves writes what a deed leaves behind: an event on the time line and a row in the trail.
func (s *Service) leaves(ctx context.Context, tx *db.DB, who actor.Actor, was, c Case, ev Event) error {
	if err := appendEvent(ctx, tx, c.ID, who, ev, s.now()); err != nil {
		return err
	}
	return audit.Append(ctx, tx, s.now(), who, "complaint."+strings.ReplaceAll(string(ev.Deed), "-", "_"), "complaint", c.ID,
		map[string]any{"from": was.State, "to": c.State, "version": was.Version + 1})
}

// leadOf ends the open lead with the complaint's own decision, or raises another where a matter is taken up again whose
// lead came to nothing. One complaint stays one: figures count complaints, not their leads.
func (s *Service) leadOf(ctx context.Context, tx *db.DB, who actor.Actor, c Case, ev Event) error {
	if ev.Settle != "" {
		return settleLead(ctx, tx, who, c, ev, s.now())
	}
	if !ev.RaiseAgain {
		return nil
	}
	in, err := factOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	return raiseLead(ctx, tx, c.ID, uuid.New(), "again"+strconv.Itoa(c.Reopened)+"."+strconv.Itoa(c.Version), in.leadFact(), in.day(), s.now())
}

// onPerson meets a right of the person behind the complaint (PIPL 45-47). The vault is another pool, and its change of the
// row would wait for ours: the vault does its part first, with its own row in the trail, then the event is written. Broken
// off in between, the deed can be done again; an erasure too, while the time line does not tell of it.
func (s *Service) onPerson(ctx context.Context, who actor.Actor, d Deed, id uuid.UUID, version int, in Decision) (*vault.Revealed, error) {
	was, err := readCase(ctx, s.db, who, id, "")
	if err != nil {
		return nil, err
	}
	if was.Version != version {
		return nil, fault.Stale()
	}
	if err := was.Check(d, who, in, deadline.DayOf(s.now())); err != nil {
		return nil, err
	}
	var seen *vault.Revealed
	switch d {
	case GiveAccess:
		seen, err = s.vault.Reveal(ctx, who, vault.Complaint, id, in.Reason)
	case CorrectPerson:
		err = s.vault.Correct(ctx, who, vault.Complaint, id, in.identity(), in.Reason)
	default:
		err = s.vault.Erase(ctx, who, vault.Complaint, id, in.Reason)
	}
	if err != nil {
		return nil, err
	}
	_, ev, err := was.Take(d, who, in, s.now())
	if err != nil {
		return nil, err
	}
	return seen, s.db.InTx(ctx, func(tx *db.DB) error {
		c, err := readCase(ctx, tx, who, id, " FOR UPDATE OF c")
		if err != nil {
			return err
		}
		if err := saveCase(ctx, tx, c, s.now()); err != nil {
			return err
		}
		return s.leaves(ctx, tx, who, c, c, ev)
	})
}

// clean takes what cannot be kept off what was typed.
func (in *Decision) clean() {
	for _, t := range []*string{&in.Text, &in.Reason, &in.Remedies, &in.Verified} {
		*t = strings.TrimSpace(door.Clean(*t))
	}
	for _, t := range []*string{&in.To, &in.Target, &in.Name, &in.Phone, &in.Address, &in.IDNumber} {
		*t = door.OneLine(*t)
	}
}

// HandOver gives a leaver's part in open complaints to a successor, or to nobody, within the caller's transaction.
func (s *Service) HandOver(ctx context.Context, tx *db.DB, who actor.Actor, from uuid.UUID, to uuid.NullUUID, at time.Time) (int, error) {
	ids, err := handOver(ctx, tx, from, to, at)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := audit.Append(ctx, tx, at, who, "complaint.hand_over", "complaint", id, map[string]any{"from": from, "to": to}); err != nil {
			return 0, err
		}
	}
	drafts, err := s.handOverDrafts(ctx, tx, from, to)
	return len(ids) + drafts, err
}
