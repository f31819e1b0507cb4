package complaint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// A draft holds a caller's name before there is a case whose vault it could lie in, and its writer must read it back
// without a reason. So it is sealed as a whole with the server's own key, is its writer's alone (or the successor's, when the writer leaves), and lives a few days.
const (
	draftPurpose = "complaint draft "
	draftLife    = 60 * 24 * time.Hour // the sweep by rule RT02 comes first
	maxDrafts    = 50
)

func draftKey(who actor.Actor, id uuid.UUID) string {
	return draftPurpose + who.ID.String() + id.String()
}

// SaveDraft keeps what has been typed, under the id that the complaint will have. Faults: Conflict for another's id.
func (s *Service) SaveDraft(ctx context.Context, who actor.Actor, id uuid.UUID, form DraftForm) (*Draft, error) {
	at := s.now()
	sealed, err := s.keys.Seal(draftKey(who, id), form, at.Add(draftLife))
	if err != nil {
		return nil, err
	}
	d := &Draft{ID: id, SavedAt: at}
	return d, s.db.InTx(ctx, func(tx *db.DB) error {
		n, err := countDrafts(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if n >= maxDrafts {
			return fault.New(fault.Conflict, "drafts", "草稿太多，请先提交或者删去一些。")
		}
		d.Version, err = saveDraft(ctx, tx, who, id, sealed, at)
		return err
	})
}

// Draft reads one back. Faults: NotFound for another's, or none.
func (s *Service) Draft(ctx context.Context, who actor.Actor, id uuid.UUID) (*Draft, error) {
	row, err := readDraft(ctx, s.db, who, id)
	if err != nil {
		return nil, err
	}
	d := &Draft{ID: id, Version: row.Version, SavedAt: row.SavedAt}
	if !s.keys.Open(draftKey(who, id), row.Body, &d.Form, s.now()) {
		return nil, fault.Missing()
	}
	return d, nil
}

// Drafts lists the actor's own, newest first.
func (s *Service) Drafts(ctx context.Context, who actor.Actor) ([]DraftItem, error) {
	rows, err := readDrafts(ctx, s.db, who)
	if err != nil {
		return nil, err
	}
	out := []DraftItem{}
	for _, row := range rows {
		var raw json.RawMessage
		var form DraftForm
		if !s.keys.Open(draftKey(who, row.ID), row.Body, &raw, s.now()) || json.Unmarshal(raw, &form) != nil {
			continue
		}
		out = append(out, DraftItem{ID: row.ID, Title: form.Target, SavedAt: row.SavedAt})
	}
	return out, nil
}

// DropDraft throws one away; what is not there is gone already.
func (s *Service) DropDraft(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	return dropDraft(ctx, s.db, who, id.String())
}

// handOverDrafts gives the successor what the leaver began and did not file: sealed anew, for the seal names its reader.
// What no longer opens was readable by nobody; it goes along and is swept in its time.
func (s *Service) handOverDrafts(ctx context.Context, tx *db.DB, from uuid.UUID, to uuid.NullUUID) (int, error) {
	if !to.Valid {
		return 0, nil
	}
	rows, err := lockDrafts(ctx, tx, from)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		var form json.RawMessage
		if s.keys.Open(draftKey(actor.Actor{ID: from}, row.ID), row.Body, &form, s.now()) {
			if row.Body, err = s.keys.Seal(draftKey(actor.Actor{ID: to.UUID}, row.ID), form, row.SavedAt.Add(draftLife)); err != nil {
				return 0, err
			}
		}
		if err := moveDraft(ctx, tx, row, to.UUID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// Sweep clears away drafts past their keeping (rule RT02), and signatures of 12345 that can no longer be replayed.
func (s *Service) Sweep(ctx context.Context) error {
	return sweep(ctx, s.db, s.now(), s.now().Add(-2*signatureLife))
}
