package visit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Bounds of what the phone of someone who may no longer send can leave in quarantine.
const (
	maxHeld      = 100
	maxHeldBytes = 1 << 30 // of photos that its pending records declare
)

// HeldAnswer tells a phone that its record is with the office. It is no receipt: the phone keeps everything.
type HeldAnswer struct {
	ID    uuid.UUID `json:"id"`
	State string    `json:"state" enum:"held"`
	Code  string    `json:"code" enum:"held_for_office"`
	Why   string    `json:"why" enum:"device_revoked,account_left,role_changed,invalid"`
	// Detail says what breaks a rule, in words.
	Detail string `json:"detail,omitempty"`
}

// Held is a record in quarantine as the office sees it.
type Held struct {
	ID           uuid.UUID     `db:"id" json:"id"`
	SheetID      uuid.UUID     `db:"sheet_id" json:"sheet_id"`
	VisitID      uuid.UUID     `db:"visit_id" json:"visit_id"`
	VisitNumber  string        `db:"visit_number" json:"visit_number" doc:"empty if the visit is not known here"`
	Version      int           `db:"version" json:"version"`
	AccountID    uuid.UUID     `db:"account_id" json:"account_id"`
	AccountName  string        `db:"account_name" json:"account_name"`
	DeviceID     uuid.NullUUID `db:"device_id" json:"device_id"`
	DeviceName   string        `db:"device_name" json:"device_name"`
	Why          string        `db:"why" json:"why" enum:"device_revoked,account_left,role_changed,invalid"`
	Faults       string        `db:"faults" json:"faults" doc:"which rules of a record it breaks, in words; empty if none"`
	Corrected    bool          `db:"corrected" json:"corrected" doc:"its author has sent a correction instead"`
	BusinessName string        `db:"business_name" json:"business_name"`
	HappenedAt   time.Time     `db:"happened_at" json:"happened_at"`
	ReceivedAt   time.Time     `db:"received_at" json:"received_at"`
	Digest       string        `db:"digest" json:"digest"`
	Photos       int           `db:"photos" json:"photos"`
	PhotosHere   int           `db:"photos_here" json:"photos_here"`
	SettledAt    *time.Time    `db:"settled_at" json:"settled_at"`
	SettledBy    string        `db:"settled_by" json:"settled_by"`
	Kept         *bool         `db:"kept" json:"kept"`
	Reason       string        `db:"reason" json:"reason"`
	Outcome      string        `db:"outcome" json:"outcome" enum:",saved,same,clashed"`
	Body         *Sheet        `db:"-" json:"body,omitempty"`
}

// TakeSheet is SaveSheet for a phone that nobody stands beside: what is sealed can be changed no more, so a record that
// breaks a rule is held for the office instead of being refused. why is set for a phone whose records are held anyway.
func (s *Service) TakeSheet(ctx context.Context, who actor.Actor, device uuid.NullUUID, why string, id uuid.UUID, raw []byte) (a *SheetAnswer, h HeldAnswer, fresh bool, err error) {
	if why == "" {
		var saved SheetAnswer
		if saved, fresh, err = s.SaveSheet(ctx, who, id, raw); fault.KindOf(err) != fault.Invalid {
			return &saved, h, fresh, err
		}
		if e := s.mayHoldFor(ctx, who, id, raw); e != nil {
			return nil, h, false, e
		}
		why = heldInvalid
	}
	a, h, err = s.HoldSheet(ctx, who, device, why, err, id, raw)
	return a, h, false, err
}

// mayHoldFor: quarantine is for records that who might have sent. Missing for a visit, or a record of a visit, that who may
// not record on.
func (s *Service) mayHoldFor(ctx context.Context, who actor.Actor, id uuid.UUID, raw []byte) error {
	sheet, err := readLoosely(raw)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		visits := []uuid.UUID{sheet.VisitID.UUID}
		if k, found, err := sheetByID(ctx, tx, id); err != nil {
			return err
		} else if found && k.AuthorID != who.ID && who.Is(actor.Supervisor) { // a colleague's, which she does not even see
			return fault.Missing()
		} else if found && k.VisitID != visits[0] {
			visits = append(visits, k.VisitID)
		}
		for _, v := range visits {
			h, err := lockVisit(ctx, tx, who, v)
			switch {
			case fault.KindOf(err) == fault.NotFound: // begun on the spot, and not known here yet
			case err != nil:
				return err
			case !mayRecord(who, h):
				return fault.Missing()
			}
		}
		return nil
	})
}

// HoldSheet takes what a revoked phone, or someone who has left, sealed, and what breaks a rule: not lost, and not accepted
// before the office has decided. What was accepted before, or has been since, gets its ordinary answer; a is nil while it
// is held. Only what is no record at all is refused. found is what is wrong with it, if that is known.
func (s *Service) HoldSheet(ctx context.Context, who actor.Actor, device uuid.NullUUID, why string, found error, id uuid.UUID, raw []byte) (a *SheetAnswer, h HeldAnswer, err error) {
	h = HeldAnswer{ID: id, State: "held", Code: "held_for_office", Why: why}
	digest := digestOf(raw)
	if got, done, err := s.again(ctx, who, id, digest); done || err != nil {
		return &got, h, err
	}
	if row, here, err := heldByDigest(ctx, s.db, who.ID, digest); err != nil {
		return nil, h, err
	} else if here {
		h.Why, h.Detail = row.Why, row.Faults
		return nil, h, row.refusal()
	}
	sheet, err := readLoosely(raw)
	if err == nil && sheet.ID.UUID != id {
		err = fault.Field("id", "记录里的编号与地址不一致。")
	}
	if err != nil {
		return nil, h, err
	}
	if found == nil {
		_, _, found = s.readChecked(ctx, who, id, raw)
	}
	if found != nil && fault.KindOf(found) != fault.Invalid {
		return nil, h, found
	}
	h.Detail = faultLines(found)
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if err := hold(ctx, tx, who.ID); err != nil { // one person's phones take turns at the bounds
			return err
		}
		row := heldRow{ID: uuid.Must(uuid.NewV7()), Sheet: sheet, AccountID: who.ID, DeviceID: device, OfficeID: who.OfficeID, Why: why, Faults: h.Detail, Raw: raw, Digest: digest, ReceivedAt: s.now()}
		if err := mayHold(ctx, tx, row); err != nil {
			return err
		}
		fresh, err := insertHeld(ctx, tx, row)
		if err != nil || !fresh {
			return err
		}
		return audit.Append(ctx, tx, row.ReceivedAt, who, "sheet.hold", "sheet", id, map[string]any{"held_id": row.ID, "why": why, "digest": digest, "device_id": device})
	})
	return nil, h, err
}

func mayHold(ctx context.Context, tx *db.DB, row heldRow) error {
	n, bytes, err := heldLoad(ctx, tx, row.AccountID)
	if err != nil {
		return err
	}
	if n >= maxHeld || bytes+row.Sheet.photoBytes() > maxHeldBytes {
		return fault.New(fault.TooMany, "too_many_held", "待司法所核实的记录太多，这一份先留在手机上。请联系司法所处理。")
	}
	return nil
}

// refusal is the answer to a record that was decided on: nil while nobody has, or when it was kept.
func (r heldKnown) refusal() error {
	switch {
	case r.Corrected:
		return fault.New(fault.Conflict, "held_corrected", "这一份已由您后来的更正代替，不用再发。底稿留在服务器上。")
	case r.Kept != nil && !*r.Kept && r.Why == heldInvalid:
		return fault.New(fault.Conflict, "held_refused", "司法所退回了这份记录："+r.Reason)
	case r.Kept != nil && !*r.Kept:
		return fault.New(fault.Conflict, "held_refused", "司法所核实后没有采用这份记录。底稿留在服务器上，有疑问请联系司法所。")
	}
	return nil
}

// SettleHeld decides on a record in quarantine. Kept, it is saved as its author's, as if it had come in time; refused, its
// bytes stay in quarantine. Deciding the same again changes nothing.
func (s *Service) SettleHeld(ctx context.Context, who actor.Actor, id uuid.UUID, keep bool, reason string) error {
	var c check
	c.text("reason", reason, 2, 500)
	if err := c.err(); err != nil {
		return err
	}
	var saved uuid.UUID
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		row, err := lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if row.Kept != nil {
			if *row.Kept != keep {
				return fault.New(fault.Conflict, "settled", "这份记录已经核实过了。")
			}
			return nil
		}
		outcome := ""
		if keep {
			if outcome, err = s.admit(ctx, tx, who, row); err != nil {
				return err
			}
			if outcome != "clashed" {
				saved = row.SheetID
			}
		}
		if err := settleHeld(ctx, tx, id, keep, reason, outcome, who.ID, s.now()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "sheet.settle_held", "sheet", row.SheetID, map[string]any{"held_id": id, "kept": keep, "outcome": outcome, "reason": reason})
	})
	if err == nil && saved != uuid.Nil {
		_, err = s.settleCustody(ctx, saved)
	}
	return err
}

// admit saves a held record as its author's.
func (s *Service) admit(ctx context.Context, tx *db.DB, who actor.Actor, row heldKnown) (string, error) {
	author, err := authorOf(ctx, tx, row.AccountID)
	if err != nil {
		return "", err
	}
	if !author.OfficeID.Valid { // moved up since: where the record was held
		author.OfficeID = row.OfficeID
	}
	if !author.OfficeID.Valid {
		author.OfficeID = who.OfficeID
	}
	sheet, err := readLoosely(row.Raw)
	if err != nil {
		return "", err
	}
	list, err := s.checklist(ctx, tx, sheet.ChecklistVersion)
	if err != nil {
		return "", err
	}
	if sheet, err = sheet.mend(list); err != nil {
		return "", err
	}
	notes := []string{"from_quarantine"}
	if row.Faults != "" {
		notes = append(notes, "rules_broken")
	}
	got, err := s.storeIn(ctx, tx, who, author, sheet, list, row.Raw, row.Digest, notes...)
	return [...]string{saved: "saved", same: "same", clashed: "clashed"}[got], err
}

// HeldSheets lists records in quarantine that who may decide on, or those decided, newest first.
func (s *Service) HeldSheets(ctx context.Context, who actor.Actor, settled bool, after string) (web.Page[Held], error) {
	return listHeld(ctx, s.db, who, settled, after)
}

// HeldSheet shows one with its content.
func (s *Service) HeldSheet(ctx context.Context, who actor.Actor, id uuid.UUID) (Held, error) {
	h, raw, err := readHeld(ctx, s.db, who, id)
	if err != nil {
		return h, err
	}
	sheet, err := readLoosely(raw)
	h.Body = &sheet
	return h, err
}
