package visit

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/defect"
)

// SheetAnswer tells a phone where its sheet stands. The phone frees nothing before it has checked a receipt.
type SheetAnswer struct {
	ID          uuid.UUID         `json:"id"`
	State       string            `json:"state" enum:"complete,waiting"`
	Missing     []string          `json:"missing" nullable:"false" doc:"hashes of photos that have not arrived"`
	VisitNumber string            `json:"visit_number"`
	Receipt     *evidence.Receipt `json:"receipt"`
	As          *SheetAs          `json:"as,omitempty" doc:"set when the record was chosen among two: what it became, which is what its receipt signs for"`
}

// SheetAs is what a record became that clashed with another and was chosen by a person.
type SheetAs struct {
	ID      uuid.UUID `json:"id"`
	Version int       `json:"version"`
	Digest  string    `json:"digest"`
}

// Manifest is what the sheet declares to evidence: each photo at each place it belongs to. Pure.
func (s Sheet) Manifest() []evidence.Declared {
	byHash := map[string]Photo{}
	placed := map[string]bool{}
	for _, p := range s.Photos {
		byHash[p.SHA256] = p
	}
	var out []evidence.Declared
	put := func(item string, shas ...string) {
		for i, sha := range shas {
			if p, ok := byHash[sha]; ok {
				placed[sha] = true
				out = append(out, declared(p, item, i))
			}
		}
	}
	for _, a := range s.Answers {
		put(a.Code, a.Photos...)
	}
	for i, o := range s.Observations {
		put("obs."+strconv.Itoa(i+1), o.Photos...)
	}
	put("sign.officer", s.OfficerSign.Signature)
	for i, g := range s.SupervisorSigns {
		put("sign."+strconv.Itoa(i+1), g.Signature)
	}
	for i, p := range s.Photos { // a photo of the whole scene belongs to no line
		if !placed[p.SHA256] {
			out = append(out, declared(p, "", i))
		}
	}
	return out
}

func declared(p Photo, item string, position int) evidence.Declared {
	d := evidence.Declared{Item: item, Position: position, SHA256: p.SHA256, Size: p.Size, Source: p.Source}
	if !p.TakenAt.IsZero() {
		taken := p.TakenAt.Time
		d.TakenAt = &taken
	}
	if p.Place != nil {
		d.Lat, d.Lng, d.Accuracy, d.Datum = &p.Place.Lat, &p.Place.Lng, &p.Place.Accuracy, p.Place.Datum
	}
	return d
}

func (s *Service) declare(ctx context.Context, tx *db.DB, r sheetRow) error {
	author := actor.Actor{ID: r.AuthorID, Role: actor.Supervisor} // also when an office adopts his record later
	return s.deps.Evidence.Declare(ctx, tx, author, evidence.OnSheet, r.ID, r.Sheet.Manifest())
}

// settleCustody completes a sheet if all its photos are held, and answers where it stands. It runs after the sheet's own
// transaction has ended: whichever of sheet and last photo ends later sees the other.
func (s *Service) settleCustody(ctx context.Context, id uuid.UUID) (a SheetAnswer, err error) {
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		k, err := lockSheet(ctx, tx, id)
		if err != nil {
			return err
		}
		a = SheetAnswer{ID: id, State: "waiting"}
		if a.VisitNumber, err = numberOf(ctx, tx, k.VisitID); err != nil {
			return err
		}
		held, missing, err := custodyOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Missing = missing; len(missing) > 0 && !defect.On("receipt_without_photos") {
			return nil
		}
		now := s.now()
		if k.CompleteAt == nil {
			if err := setComplete(ctx, tx, id, now); err != nil {
				return err
			}
		}
		if defect.On("receipt_other_digest") {
			k.Digest = digestOf([]byte(k.Digest))
		}
		receipt, err := s.deps.Evidence.IssueReceipt(ctx, tx, id, k.VisitID, k.Version, k.Digest, held, now)
		a.State, a.Receipt = "complete", &receipt
		return err
	})
	return a, err
}

// settledAs is settleCustody for a record that a person chose to count as another version: the answer is about the id that
// was asked, and says what it became, so that the phone can check a receipt for that.
func (s *Service) settledAs(ctx context.Context, asked, became uuid.UUID) (SheetAnswer, error) {
	a, err := s.settleCustody(ctx, became)
	if err != nil {
		return a, err
	}
	k, _, err := sheetByID(ctx, s.db, became)
	a.ID, a.As = asked, &SheetAs{ID: k.ID, Version: k.Version, Digest: k.Digest}
	return a, err
}

// PhotoHeld completes every sheet that waited for a photo which is now held; evidence calls it after its transaction.
func (s *Service) PhotoHeld(ctx context.Context, sha string) ([]evidence.SheetState, error) {
	ids, err := sheetsWaitingFor(ctx, s.db, sha)
	if err != nil {
		return nil, err
	}
	out := make([]evidence.SheetState, 0, len(ids))
	for _, id := range ids {
		a, err := s.settleCustody(ctx, id)
		if err != nil {
			return out, err
		}
		out = append(out, evidence.SheetState{ID: id, State: a.State, Receipt: a.Receipt})
	}
	return out, nil
}

// Receipt gives the custody receipt of a sheet. Fault Conflict while photos are missing.
func (s *Service) Receipt(ctx context.Context, who actor.Actor, id uuid.UUID) (evidence.Receipt, error) {
	if _, err := visibleSheet(ctx, s.db, who, id); err != nil {
		return evidence.Receipt{}, err
	}
	a, err := s.settleCustody(ctx, id)
	switch {
	case err != nil:
		return evidence.Receipt{}, err
	case a.Receipt == nil:
		return evidence.Receipt{}, fault.New(fault.Conflict, "waiting", "还有"+strconv.Itoa(len(a.Missing))+"张照片没有收到，收齐后才有回执。")
	}
	return *a.Receipt, nil
}
