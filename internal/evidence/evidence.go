// Package evidence keeps photos and files (证据照片): what was uploaded stays byte for byte under its hash, what others
// see is a copy redrawn without metadata, and what a record sheet declared ends in a signed custody receipt (回执).
package evidence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Limits of what is taken in.
const (
	MaxPhoto    = 20 << 20   // bytes of one photo
	MaxPublic   = 10 << 20   // bytes of one photo from a public form
	MaxPixels   = 40_000_000 // of one photo
	MaxDeclared = 300        // photos one record may declare

	maxAgencyPhotos = 300       // photos one agency account may bring in a day
	maxAgencyBytes  = 500 << 20 // and their bytes
)

// The records a photo can hang on.
const (
	OnSheet     = "sheet"
	OnProblem   = "problem"
	OnFeedback  = "feedback"
	OnComplaint = "complaint"
	OnLead      = "lead"  // of one that a person entered
	OnVisit     = "visit" // a photo of the paper sheet
	OnPaper     = "paper" // of a blank one that is not tied to a visit yet
)

// Photo is a photo that is held: its object is stored under its hash.
type Photo struct {
	SHA256    string    `db:"sha256" json:"sha256"`
	Size      int64     `db:"size" json:"size"`
	MediaType string    `db:"media_type" json:"media_type"`
	Width     int       `db:"width" json:"width"`
	Height    int       `db:"height" json:"height"`
	HeldAt    time.Time `db:"held_at" json:"held_at"`
	Preview   string    `db:"preview" json:"preview"` // due, made, or none: only the original can be opened
}

// Declared is a photo as a record's manifest lists it. It may still be on the phone.
type Declared struct {
	Item      string     `json:"item"`
	Position  int        `json:"position"`
	SHA256    string     `json:"sha256"`
	Size      int64      `json:"size"`
	Source    string     `json:"source"` // camera album signature public desk
	TakenAt   *time.Time `json:"taken_at"`
	Lat       *float64   `json:"lat"`
	Lng       *float64   `json:"lng"`
	Accuracy  *float64   `json:"accuracy"`
	Datum     string     `json:"datum"`
	Caption   string     `json:"caption"`
	ForAgency bool       `json:"for_agency"`
}

// Attachment is a declared photo as a reader of the record sees it.
type Attachment struct {
	ID        uuid.UUID     `db:"id" json:"id"`
	Item      string        `db:"item" json:"item"`
	Position  int           `db:"position" json:"position"`
	SHA256    string        `db:"sha256" json:"sha256"`
	Size      int64         `db:"size" json:"size"`
	Source    string        `db:"source" json:"source"`
	TakenAt   *time.Time    `db:"taken_at" json:"taken_at"`
	Lat       *float64      `db:"lat" json:"lat"`
	Lng       *float64      `db:"lng" json:"lng"`
	Accuracy  *float64      `db:"accuracy" json:"accuracy"`
	Datum     string        `db:"datum" json:"datum"`
	Caption   string        `db:"caption" json:"caption"`
	ForAgency bool          `db:"for_agency" json:"for_agency"`
	By        uuid.NullUUID `db:"by_account" json:"-"`
	Held      bool          `db:"held" json:"held"` // false: still on the phone
	MediaType string        `db:"media_type" json:"media_type"`
	Width     int           `db:"width" json:"width"`
	Height    int           `db:"height" json:"height"`
	Preview   string        `db:"preview" json:"preview"` // due made none
}

// SheetState is what became of a record sheet that was waiting for a photo.
type SheetState struct {
	ID      uuid.UUID `json:"id"`
	State   string    `json:"state"` // complete or waiting
	Receipt *Receipt  `json:"receipt"`
}

// OnHeld is told of every photo that is held, after its transaction: it completes the sheets that declared it.
type OnHeld func(ctx context.Context, sha256 string) ([]SheetState, error)

// Service takes photos in, shows them, and signs for them.
type Service struct {
	db     *db.DB
	now    clock.Clock
	store  blob.Store
	keys   *Keyring
	onHeld OnHeld
	slot   chan struct{} // one photo is decoded at a time: decoding costs memory, not time
	heif   heifDrawer
}

// New makes the service. keys signs receipts and knows the public keys of earlier ones.
func New(d *db.DB, now clock.Clock, store blob.Store, keys *Keyring) *Service {
	return &Service{db: d, now: now, store: store, keys: keys, slot: make(chan struct{}, 1), heif: heifDrawer{slot: make(chan struct{}, 1), cpu: childCPU},
		onHeld: func(context.Context, string) ([]SheetState, error) { return nil, nil }}
}

// SetOnHeld says who completes sheets. It is set while the app is wired, before the first request.
func (s *Service) SetOnHeld(f OnHeld) { s.onHeld = f }

// refuse is an Invalid fault about the photo, with a code for programs.
func refuse(code, words string) error {
	return &fault.Error{Kind: fault.Invalid, Code: code, Words: words, Fields: []fault.FieldError{{Field: "photo", Message: words}}}
}
