package visit

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Raise makes a lead of an offered finding. Raising twice gives the same lead.
func (s *Service) Raise(ctx context.Context, who actor.Actor, id uuid.UUID) (lead uuid.UUID, err error) {
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		f, err := lockFinding(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if f.LeadID.Valid {
			lead = f.LeadID.UUID
			return nil
		}
		if err := f.undecided(); err != nil {
			return err
		}
		photos, err := photosOf(ctx, tx, f.SheetID, f.Item)
		if err != nil {
			return err
		}
		lead, err = s.deps.RaiseLead(ctx, tx, who, LeadInput{Origin: "visit", OriginID: f.VisitID, Item: f.Item, OfficeID: f.OfficeID, AgencyID: f.AgencyID,
			Severity: f.Severity, Category: f.Category, Fact: "不符合“" + f.Text + "”：" + f.Note, HappenedOn: clock.Day(f.HappenedAt), ReporterID: f.AuthorID, Photos: photos})
		if err != nil {
			return err
		}
		if err := setLead(ctx, tx, f, lead, s.now()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "finding.raise", "finding", id, map[string]any{"lead_id": lead})
	})
	return lead, err
}

// Waive lets an offered finding rest, with a reason that stays on the record.
func (s *Service) Waive(ctx context.Context, who actor.Actor, id uuid.UUID, reason string) error {
	var c check
	c.text("reason", reason, 2, 500)
	if err := c.err(); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		f, err := lockFinding(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if f.LeadID.Valid {
			return fault.New(fault.Conflict, "raised", "这一项已经提为线索，请到线索里处理。")
		}
		if err := f.undecided(); err != nil {
			return err
		}
		if err := setWaived(ctx, tx, id, reason, who.ID, s.now()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "finding.waive", "finding", id, nil)
	})
}

func (f open) undecided() error {
	switch {
	case !f.InForce:
		return fault.New(fault.Conflict, "superseded", "这一项所在的记录已被更正，请看新的一版。")
	case f.WaivedAt != nil:
		return fault.New(fault.Conflict, "waived", "这一项已经决定不提。")
	}
	return nil
}

// Settle chooses between two sealed records for one place. The other one becomes the next version, with its bytes as
// they came; nothing is thrown away either way.
func (s *Service) Settle(ctx context.Context, who actor.Actor, id uuid.UUID, keep string) error {
	if keep != "first" && keep != "other" {
		return fault.Field("keep", "请选保留哪一份。")
	}
	var result uuid.UUID
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		c, err := lockClash(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if c.Kept == keep {
			return nil
		}
		if c.Kept != "" {
			return fault.New(fault.Conflict, "settled", "这两份已经选定过了。")
		}
		if keep == "other" {
			if result, err = s.adopt(ctx, tx, who, c); err != nil {
				return err
			}
		}
		if err := settleClash(ctx, tx, id, keep, result, who.ID, s.now()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "sheet.settle", "sheet", c.SheetID, map[string]any{"conflict_id": id, "kept": keep})
	})
	if err == nil && result != uuid.Nil {
		_, err = s.settleCustody(ctx, result)
	}
	return err
}

// adopt makes the other record the next version of its author's series.
func (s *Service) adopt(ctx context.Context, tx *db.DB, who actor.Actor, c clashRow) (uuid.UUID, error) {
	if err := hold(ctx, tx, c.VisitID); err != nil {
		return uuid.Nil, err
	}
	sheet, err := readLoosely(c.Raw)
	if err != nil {
		return uuid.Nil, err
	}
	list, err := s.checklist(ctx, tx, sheet.ChecklistVersion)
	if err != nil {
		return uuid.Nil, err
	}
	if sheet, err = sheet.mend(list); err != nil {
		return uuid.Nil, err
	}
	h, err := lockVisit(ctx, tx, who, c.VisitID)
	if err != nil {
		return uuid.Nil, err
	}
	row := sheetRow{ID: sheet.ID.UUID, VisitID: h.ID, AuthorID: c.AuthorID, Version: 1, Reason: "同一份记录收到两份不同的内容，经人工选定采用这一份。",
		Sheet: sheet, Raw: c.Raw, Digest: c.Digest, ReceivedAt: s.now()}
	if _, takenID, err := sheetByID(ctx, tx, row.ID); err != nil {
		return uuid.Nil, err
	} else if takenID {
		row.ID = uuid.Must(uuid.NewV7())
	}
	last, found, err := lastOf(ctx, tx, h.ID, c.AuthorID)
	if err != nil {
		return uuid.Nil, err
	}
	if found {
		row.Version, row.Supersedes = last.Version+1, uuid.NullUUID{UUID: last.ID, Valid: true}
	}
	return row.ID, s.place(ctx, tx, who, h, list, row)
}
