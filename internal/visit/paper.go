package visit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	qrcode "github.com/skip2/go-qrcode"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

const (
	paperPrefix = "SXZ:" // capitals and digits: the smallest code, read from the worst photo
	paperCode   = 20     // characters of five bits: 100 bits, not to be guessed
	maxBlanks   = 20
	onPaper     = "paper" // the item a photo of the paper hangs under
)

// PaperPage is what a sheet of paper is printed from, to be filled in by hand when the phone is dead.
type PaperPage struct {
	ID         uuid.UUID  `db:"id" json:"id"`
	Number     string     `db:"number" json:"number" doc:"printed beside the code"`
	Code       string     `db:"code" json:"-"`
	QR         []byte     `db:"-" json:"qr_png" doc:"PNG with quiet zone, base64"`
	Blank      bool       `db:"blank" json:"blank"`
	OfficeID   uuid.UUID  `db:"office_id" json:"office_id"`
	OfficeName string     `db:"office_name" json:"office_name"`
	MadeAt     time.Time  `db:"made_at" json:"made_at"`
	MadeBy     string     `db:"made_by" json:"made_by"`
	VisitID    *uuid.UUID `db:"visit_id" json:"visit_id"`
	Photos     int        `db:"photos" json:"photos" doc:"photos of it that have come"`
	Visit      *Visit     `db:"-" json:"visit,omitempty"`
	Items      []Item     `db:"-" json:"items,omitempty" doc:"the checklist of today"`
	Quick      []string   `db:"-" json:"quick,omitempty"`
}

// PaperAnswer tells where a photo of a paper sheet went.
type PaperAnswer struct {
	SHA256      string     `json:"sha256"`
	PaperID     *uuid.UUID `json:"paper_id"`
	PaperNumber string     `json:"paper_number"`
	VisitID     *uuid.UUID `json:"visit_id" doc:"null: a blank sheet that is not tied to a visit yet"`
	VisitNumber string     `json:"visit_number"`
}

// VisitPaper is the paper of a visit; the same visit always has the same code.
func (s *Service) VisitPaper(ctx context.Context, who actor.Actor, id uuid.UUID) (PaperPage, error) {
	v, err := readVisit(ctx, s.db, who, id)
	if err != nil {
		return PaperPage{}, err
	}
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if err := hold(ctx, tx, id); err != nil {
			return err
		}
		if made, err := paperOfVisit(ctx, tx, id); err != nil || made {
			return err
		}
		return s.makePaper(ctx, tx, who, v.OfficeID, uuid.NullUUID{UUID: id, Valid: true})
	})
	if err != nil {
		return PaperPage{}, err
	}
	list, err := readPapers(ctx, s.db, paperFilter{visit: uuid.NullUUID{UUID: id, Valid: true}})
	if err != nil || len(list) == 0 {
		return PaperPage{}, err
	}
	page := list[0]
	page.Visit = &v
	return page, s.dress(ctx, &page)
}

// BlankPapers makes blank numbered sheets of the office, for visits that are not planned.
func (s *Service) BlankPapers(ctx context.Context, who actor.Actor, count int) ([]PaperPage, error) {
	if count < 1 || count > maxBlanks {
		return nil, fault.Field("count", "一次印1到20张。")
	}
	if !who.OfficeID.Valid {
		return nil, fault.Denied()
	}
	at := s.now()
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		for range count {
			if err := s.makePaper(ctx, tx, who, who.OfficeID.UUID, uuid.NullUUID{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	list, err := readPapers(ctx, s.db, paperFilter{maker: who.ID, since: at, limit: count})
	for i := range list {
		if err := s.dress(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, err
}

func (s *Service) makePaper(ctx context.Context, tx *db.DB, who actor.Actor, office uuid.UUID, visit uuid.NullUUID) error {
	code, err := door.RandomCode(paperCode)
	if err != nil {
		return err
	}
	id := uuid.Must(uuid.NewV7())
	if err := insertPaper(ctx, tx, id, code, office, visit, who.ID, s.now()); err != nil {
		return err
	}
	return audit.Append(ctx, tx, s.now(), who, "paper.make", "paper", id, map[string]any{"visit_id": visit})
}

// dress draws the code and adds the checklist.
func (s *Service) dress(ctx context.Context, p *PaperPage) error {
	qr, err := qrcode.New(paperPrefix+p.Code, qrcode.High)
	if err != nil {
		return fmt.Errorf("draw paper code: %w", err)
	}
	if p.QR, err = qr.PNG(-8); err != nil {
		return fmt.Errorf("draw paper code: %w", err)
	}
	list, err := s.current(ctx, clock.Day(s.now()))
	p.Items, p.Quick = list.Items, list.Quick
	return err
}

// Papers lists blank sheets of who's office that are not tied to a visit.
func (s *Service) Papers(ctx context.Context, who actor.Actor) ([]PaperPage, error) {
	if !who.SeesCounty() && !who.OfficeID.Valid {
		return []PaperPage{}, nil
	}
	return readPapers(ctx, s.db, paperFilter{open: true, all: who.SeesCounty(), office: who.OfficeID})
}

// TakePaper finds the code in a photo of a paper sheet and hangs the photo on its visit; on the sheet itself as long as
// that is blank. No code that can be read is Invalid with code "qr_not_found", and nothing is kept: a person attaches it.
func (s *Service) TakePaper(ctx context.Context, who actor.Actor, data []byte) (PaperAnswer, error) {
	code, found, err := s.deps.Evidence.ReadQR(ctx, data, paperPrefix)
	if err != nil {
		return PaperAnswer{}, err
	}
	if !found {
		return PaperAnswer{}, paperFault("qr_not_found", "照片里没有认出二维码。请把纸放平、照亮再拍一张，或者选好是哪一次监督，直接把照片附上。")
	}
	p, err := paperByCode(ctx, s.db, who, code)
	if fault.KindOf(err) == fault.NotFound {
		return PaperAnswer{}, paperFault("qr_unknown", "这个二维码不是本所的纸质记录表。请核对是不是拍错了，或者选好是哪一次监督，直接把照片附上。")
	} else if err != nil {
		return PaperAnswer{}, err
	}
	return s.attach(ctx, who, data, p)
}

func paperFault(code, words string) error {
	return &fault.Error{Kind: fault.Invalid, Code: code, Words: words, Fields: []fault.FieldError{{Field: "photo", Message: words}}}
}

// AttachPaper hangs a photo of a paper sheet on a visit by hand.
func (s *Service) AttachPaper(ctx context.Context, who actor.Actor, visit uuid.UUID, data []byte) (PaperAnswer, error) {
	if _, err := readVisit(ctx, s.db, who, visit); err != nil {
		return PaperAnswer{}, err
	}
	return s.attach(ctx, who, data, PaperPage{VisitID: &visit})
}

func (s *Service) attach(ctx context.Context, who actor.Actor, data []byte, p PaperPage) (PaperAnswer, error) {
	sum := sha256.Sum256(data)
	photo, _, err := s.deps.Evidence.Ingest(ctx, who, evidence.Upload{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data)), Body: bytes.NewReader(data)})
	if err != nil {
		return PaperAnswer{}, err
	}
	a := PaperAnswer{SHA256: photo.SHA256, PaperNumber: p.Number, VisitID: p.VisitID}
	if p.ID != uuid.Nil {
		a.PaperID = &p.ID
	}
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if p.ID != uuid.Nil { // it may have been tied in this moment
			now, err := lockPaper(ctx, tx, who, p.ID)
			if err != nil {
				return err
			}
			p.VisitID, a.VisitID = now.VisitID, now.VisitID
		}
		one := []evidence.Declared{{Item: onPaper, SHA256: photo.SHA256, Size: photo.Size, Source: "desk"}}
		if p.VisitID == nil {
			return s.hangOn(ctx, tx, who, evidence.OnPaper, p.ID, one)
		}
		if a.VisitNumber, err = numberOf(ctx, tx, *p.VisitID); err != nil {
			return err
		}
		return s.hangOn(ctx, tx, who, evidence.OnVisit, *p.VisitID, one)
	})
	return a, err
}

// hangOn declares photos of paper on a visit or a blank sheet, once each.
func (s *Service) hangOn(ctx context.Context, tx *db.DB, who actor.Actor, kind string, id uuid.UUID, photos []evidence.Declared) error {
	if kind == evidence.OnVisit {
		if err := hold(ctx, tx, id); err != nil {
			return err
		}
	}
	before, err := paperPhotos(ctx, tx, kind, id)
	if err != nil {
		return err
	}
	var fresh []evidence.Declared
	for _, p := range photos {
		if !slices.Contains(before, p.SHA256) {
			p.Position = len(before) + len(fresh)
			fresh = append(fresh, p)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if len(before)+len(fresh) > 50 {
		return fault.New(fault.Conflict, "too_many_papers", "这里已经附了很多张照片，最多50张。")
	}
	if err := s.deps.Evidence.Declare(ctx, tx, who, kind, id, fresh); err != nil {
		return err
	}
	if kind == evidence.OnVisit {
		h, err := lockVisit(ctx, tx, who, id)
		if err != nil {
			return err
		}
		return s.mark(ctx, tx, who, id, onPaper, h.State, "")
	}
	return audit.Append(ctx, tx, s.now(), who, "paper.attach", "paper", id, map[string]any{"photos": len(fresh)})
}

// BindPaper ties a blank sheet to a visit; its photos hang on the visit from then on.
func (s *Service) BindPaper(ctx context.Context, who actor.Actor, id, visit uuid.UUID) (PaperAnswer, error) {
	v, err := readVisit(ctx, s.db, who, visit)
	if fault.KindOf(err) == fault.NotFound {
		return PaperAnswer{}, fault.Field("visit_id", "没有这次监督。")
	} else if err != nil {
		return PaperAnswer{}, err
	}
	a := PaperAnswer{PaperID: &id, VisitID: &visit, VisitNumber: v.Number}
	return a, s.db.InTx(ctx, func(tx *db.DB) error {
		p, err := lockPaper(ctx, tx, who, id)
		if err != nil {
			return err
		}
		a.PaperNumber = p.Number
		if p.OfficeID != v.OfficeID {
			return fault.Field("visit_id", "这张纸质记录表是另一个司法所的。")
		}
		if p.VisitID != nil {
			if *p.VisitID == visit {
				return nil
			}
			return fault.New(fault.Conflict, "paper_bound", "这张纸质记录表已经归到另一次监督了。")
		}
		if err := bindPaper(ctx, tx, id, visit); err != nil {
			return err
		}
		photos, err := declaredOn(ctx, tx, evidence.OnPaper, id)
		if err != nil {
			return err
		}
		if err := s.hangOn(ctx, tx, who, evidence.OnVisit, visit, photos); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "paper.bind", "paper", id, map[string]any{"visit_id": visit})
	})
}
