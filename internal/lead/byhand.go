package lead

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/problem"
)

// ByHand is what a person writes down that no form brought in.
type ByHand struct {
	ID         *uuid.UUID    `json:"id,omitempty" doc:"made by the client; the same again gives the same lead"`
	Origin     string        `json:"origin" maxLength:"16"`
	AgencyID   *uuid.UUID    `json:"agency_id,omitempty"`
	OfficeID   *uuid.UUID    `json:"office_id,omitempty" doc:"the county says which office; left out: the county itself"`
	Severity   string        `json:"severity,omitempty" maxLength:"16"`
	Category   string        `json:"category,omitempty" maxLength:"16"`
	Fact       string        `json:"fact" maxLength:"4000"`
	HappenedOn deadline.Date `json:"happened_on,omitempty" maxLength:"10"`
	Photos     []string      `json:"photos,omitempty" maxItems:"30" doc:"files the person has uploaded"`
}

// byHand are the origins that no other part of the product brings in.
var byHand = []string{"contact", "transfer", "supervisor", "special", "casefile", "activity", "filing"}

// Create enters a lead by hand, for the office its own, for the county any.
func (s *Service) Create(ctx context.Context, who actor.Actor, b ByHand) (Lead, error) {
	in, err := b.input(who, deadline.DayOf(s.now()))
	if err != nil {
		return Lead{}, err
	}
	var l Lead
	clash := false
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		var id uuid.UUID
		if id, clash, err = s.insertByHand(ctx, tx, who, b, in); err != nil || clash {
			return err
		}
		l, err = lockLead(ctx, tx, who, id)
		return err
	})
	if err == nil && clash { // after the transaction: what came second is kept with the first
		err = errTaken
	}
	return l, err
}

var errTaken = fault.New(fault.Conflict, "taken", "这个编号已经登记过别的内容。先登记的没有改；这次写的已经记在那条线索的经过里，请人核对。")

// insertByHand enters a lead, once. The same id with other words changes nothing: they are noted for a person to compare,
// where the lead is in sight of who wrote them; clash tells so.
func (s *Service) insertByHand(ctx context.Context, tx *db.DB, who actor.Actor, b ByHand, in Input) (id uuid.UUID, clash bool, err error) {
	now := s.now()
	if id, err = uuid.NewV7(); err != nil {
		return id, false, err
	}
	if b.ID != nil {
		id = *b.ID
		there, same, err := sameByHand(ctx, tx, id, who, in)
		switch {
		case err != nil || same:
			return id, false, err
		case there:
			return id, true, s.noteSecond(ctx, tx, who, id, in, now)
		}
	}
	if err := raiseByHand(ctx, tx, id, in, now); err != nil {
		return id, false, err
	}
	if err := s.hang(ctx, tx, who, id, in.Photos, ""); err != nil {
		return id, false, err
	}
	return id, false, audit.Append(ctx, tx, now, who, "lead.raise", "lead", id, map[string]any{"origin": in.Origin, "severity": in.Severity})
}

// noteSecond keeps the second version of a lead as an event of the first, once however often it is sent.
func (s *Service) noteSecond(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, in Input, now time.Time) error {
	l, err := lockLead(ctx, tx, who, id)
	if fault.KindOf(err) == fault.NotFound { // another's lead: nothing of theirs is touched, and nothing is said of it
		return nil
	}
	if err != nil {
		return err
	}
	fresh, err := noteOnce(ctx, tx, l, who, in, now)
	if err != nil || !fresh {
		return err
	}
	if err := s.hang(ctx, tx, who, id, in.Photos, "second"); err != nil {
		return err
	}
	return audit.Append(ctx, tx, now, who, "lead.second_version", "lead", id, nil)
}

func (b ByHand) input(who actor.Actor, today deadline.Date) (Input, error) {
	in := Input{Origin: b.Origin, Severity: b.Severity, Category: b.Category, Fact: strings.TrimSpace(b.Fact), HappenedOn: string(b.HappenedOn), ReporterID: who.ID, Photos: b.Photos}
	if in.Severity == "" {
		in.Severity = problem.General
	}
	if in.Category == "" {
		in.Category = "other"
	}
	if b.AgencyID != nil {
		in.AgencyID = *b.AgencyID
	}
	switch {
	case who.Is(actor.Office):
		in.OfficeID = who.OfficeID.UUID
	case b.OfficeID != nil:
		in.OfficeID = *b.OfficeID
	}
	if !listed(byHand, b.Origin) {
		return in, fault.Field("origin", "这种来源的线索由系统自动登记，请选别的来源")
	}
	if b.HappenedOn != "" && (!b.HappenedOn.Valid() || b.HappenedOn > today) {
		return in, fault.Field("happened_on", "日期要写成2026-05-14这样，不能晚于今天")
	}
	return in, in.check()
}

// hang keeps the files that a person brought with a lead of her own: a letter of transfer, copies of a case file.
func (s *Service) hang(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, hashes []string, item string) error {
	if len(hashes) == 0 {
		return nil
	}
	if len(hashes) > 30 {
		return fault.Field("photos", "一次最多30件")
	}
	if err := s.files.MustHave(ctx, tx, who, hashes); err != nil {
		return err
	}
	sizes, err := sizesOf(ctx, tx, hashes)
	if err != nil {
		return err
	}
	list := make([]evidence.Declared, len(hashes))
	for i, h := range hashes {
		list[i] = evidence.Declared{Item: item, Position: i, SHA256: h, Size: sizes[h], Source: "desk"}
	}
	return s.files.Declare(ctx, tx, who, evidence.OnLead, id, list)
}
