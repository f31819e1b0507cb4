package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"suixing/internal/platform/blob"
)

// Altered names one thing that is no longer what was taken in, or is gone.
type Altered struct {
	Kind string // photo, copy, sheet, receipt, trail
	ID   string
	What string
}

// String is the line that an operator reads.
func (a Altered) String() string { return a.Kind + " " + a.ID + ": " + a.What }

// Check reads everything again that this package keeps, and names what has changed: each photo against the hash it is
// kept under, each copy against the hash noted when it was drawn, each receipt against its signature and its record.
// It gives how many things it has read.
func (s *Service) Check(ctx context.Context, found func(Altered)) (int, error) {
	photos, err := s.checkPhotos(ctx, found)
	if err != nil {
		return photos, err
	}
	copies, err := s.checkCopies(ctx, found)
	if err != nil {
		return photos + copies, err
	}
	receipts, err := s.checkReceipts(ctx, found)
	return photos + copies + receipts, err
}

func (s *Service) checkPhotos(ctx context.Context, found func(Altered)) (int, error) {
	n := 0
	for after := ""; ; {
		page, err := photosAfter(ctx, s.db, after)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, p := range page {
			n, after = n+1, p.SHA256
			sum, size, err := s.hashOf(ctx, blob.Original(p.SHA256))
			switch {
			case err != nil:
				return n, err
			case sum == "":
				found(Altered{"photo", p.SHA256, "the file is gone"})
			case sum != p.SHA256:
				found(Altered{"photo", p.SHA256, "the file has changed: it hashes to " + sum})
			case size != p.Size:
				found(Altered{"photo", p.SHA256, fmt.Sprintf("its row says %d bytes, the file has %d", p.Size, size)})
			}
		}
	}
}

func (s *Service) checkCopies(ctx context.Context, found func(Altered)) (int, error) {
	n := 0
	for sha, kind := "", ""; ; {
		page, err := copiesAfter(ctx, s.db, sha, kind)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, c := range page {
			n, sha, kind = n+1, c.SHA256, c.Kind
			sum, size, err := s.hashOf(ctx, derivedKey(c.Kind, c.SHA256))
			switch {
			case err != nil:
				return n, err
			case sum == "": // copies can be lost without loss, they are drawn again
			case c.Digest != "" && sum != c.Digest || size != c.Size:
				found(Altered{"copy", c.Kind + " " + c.SHA256, "it is not what was drawn; delete it, and it is drawn again"})
			}
		}
	}
}

// hashOf reads an object; no hash if there is none.
func (s *Service) hashOf(ctx context.Context, key string) (string, int64, error) {
	r, _, err := s.store.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", key, err)
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return "", n, fmt.Errorf("%s: %w", key, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

func (s *Service) checkReceipts(ctx context.Context, found func(Altered)) (int, error) {
	n := 0
	for after := ""; ; {
		page, err := receiptsAfter(ctx, s.db, after)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, r := range page {
			n, after = n+1, r.Code
			if what := s.wrongReceipt(r); what != "" {
				found(Altered{"receipt", r.Code, what})
			}
		}
	}
}

// wrongReceipt says what is wrong with a receipt; nothing if it holds.
func (s *Service) wrongReceipt(r checkedReceipt) string {
	key, known := s.keys.Public(r.KeyID)
	if !known {
		return "no key of ours is called " + r.KeyID
	}
	body, err := CheckReceipt(r.receipt(), key)
	switch {
	case err != nil:
		return "its signature does not fit"
	case body.SheetID != r.SheetID || body.Version != r.Version || body.VisitID != r.VisitID.UUID || body.ReceivedAt.Sub(r.IssuedAt).Abs() > time.Millisecond:
		return "its row says another record or another time than was signed"
	case body.Digest != r.Digest:
		return "the record is not the one that was signed for"
	}
	var gone int
	for _, p := range body.Photos {
		if !r.holds(p) {
			gone++
		}
	}
	if gone > 0 {
		return fmt.Sprintf("%d of the %d photos it signs for are not held as signed", gone, len(body.Photos))
	}
	return ""
}

// holds tells whether a photo that the receipt signs for is still written down with that size.
func (r checkedReceipt) holds(p HeldPhoto) bool {
	var held map[string]int64
	if json.Unmarshal(r.Held, &held) != nil {
		return false
	}
	size, ok := held[p.SHA256]
	return ok && size == p.Size
}
