package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/db"
)

// JobDerive is the kind of background job that draws a photo's copies; its key is the hash.
const JobDerive = "photo_derive"

// burst is how long a photo's copies wait to be drawn: what a phone sends comes in a burst, and drawing one picture costs
// as much as taking ten in. Who asks sooner has it drawn at once.
const burst = time.Minute

// The two copies.
const (
	view  = "view"
	thumb = "thumb"
)

func derivedKey(kind, sha string) string { return blob.Derived(kind, sha) }

// Derive draws the copies that others see. It is the handler of JobDerive, and what a reader waits for who is quicker
// than the job. A photo that cannot be drawn is marked so, and is not tried again.
func (s *Service) Derive(ctx context.Context, sha string) error {
	p, err := s.due(ctx, sha)
	if err != nil || p.SHA256 == "" {
		return err
	}
	slot := s.slot
	if isHEIF(p.MediaType) { // takes seconds, in memory of its own: others do not wait behind it
		slot = s.heif.slot
	}
	select {
	case slot <- struct{}{}:
		defer func() { <-slot }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if p, err = s.due(ctx, sha); err != nil || p.SHA256 == "" { // drawn while we waited
		return err
	}
	return s.draw(ctx, p)
}

// due gives the photo if its copies are still to be drawn, else none.
func (s *Service) due(ctx context.Context, sha string) (Photo, error) {
	p, err := held(ctx, s.db, sha)
	if fault.KindOf(err) == fault.NotFound {
		return Photo{}, nil
	}
	if err != nil || p.Preview != "due" {
		return Photo{}, err
	}
	return p, nil
}

func (s *Service) draw(ctx context.Context, p Photo) error {
	data, err := s.original(ctx, p)
	if err != nil {
		return err
	}
	v, t, err := s.redraw(ctx, data, p.MediaType)
	if errors.Is(err, errNoPreview) {
		return setPreview(ctx, s.db, p.SHA256, "none")
	}
	if err != nil {
		return err
	}
	made := []derivative{{view, v}, {thumb, t}}
	for _, m := range made {
		if err := s.store.Put(ctx, derivedKey(m.kind, p.SHA256), bytes.NewReader(m.jpeg), int64(len(m.jpeg))); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		if err := insertDerivatives(ctx, tx, p.SHA256, s.now(), made); err != nil {
			return err
		}
		return noteDrawn(ctx, tx, p.SHA256, made)
	})
}

func (s *Service) redraw(ctx context.Context, data []byte, mediaType string) (view, thumb drawn, err error) {
	if !isHEIF(mediaType) {
		return redraw(data, mediaType)
	}
	img, err := s.heif.decode(ctx, data)
	if err != nil {
		return view, thumb, err
	}
	return copies(img, 1) // the decoder has turned it; what EXIF says is the same once more
}

// original reads the uploaded bytes and makes sure that they are still the same.
func (s *Service) original(ctx context.Context, p Photo) ([]byte, error) {
	r, _, err := s.store.Get(ctx, blob.Original(p.SHA256))
	if err != nil {
		return nil, fmt.Errorf("photo %s: %w", p.SHA256, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, MaxPhoto+1))
	if err != nil {
		return nil, fmt.Errorf("photo %s: %w", p.SHA256, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != p.SHA256 {
		return nil, fmt.Errorf("photo %s: the stored bytes have changed", p.SHA256)
	}
	return data, nil
}
