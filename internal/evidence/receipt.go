package evidence

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/defect"
	"suixing/internal/platform/door"
)

// Receipt is a custody receipt as the phone keeps and checks it (invariant 3).
type Receipt struct {
	Code      string `json:"code"`
	KeyID     string `json:"key_id"`
	Algorithm string `json:"algorithm"`
	Body      string `json:"body"`      // base64 of the exact bytes that were signed
	Signature string `json:"signature"` // base64
}

// ReceiptBody is what a receipt says: which record sheet with which photos the server has, and since when.
type ReceiptBody struct {
	V          int         `json:"v"`
	Code       string      `json:"code"`
	SheetID    uuid.UUID   `json:"sheet_id"`
	VisitID    uuid.UUID   `json:"visit_id"`
	Version    int         `json:"version"`
	Digest     string      `json:"digest"` // SHA-256 of the sheet's bytes
	Photos     []HeldPhoto `json:"photos"`
	ReceivedAt time.Time   `json:"received_at"`
}

// HeldPhoto is a photo that a receipt signs for.
type HeldPhoto struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

const codeLength = 12 // characters of five bits: 60 bits, not to be guessed, short enough for paper

// receiptCode sets a code as it is printed: HZ-8F2K-41QD-7MXA.
func receiptCode(chars string) string {
	return "HZ-" + strings.ReplaceAll(door.Group(chars), " ", "-")
}

// typedCode reads a receipt code as people type it, with or without HZ and dashes; "" if it cannot be one.
func typedCode(s string) string {
	if c := door.Typed(s, codeLength); c != "" {
		return receiptCode(c)
	}
	if c := door.Typed(s, codeLength+2); strings.HasPrefix(c, "HZ") {
		return receiptCode(c[2:])
	}
	return ""
}

// IssueReceipt signs for a sheet whose photos are all held, inside the transaction that completes it. The same sheet gets
// the same receipt again, whatever is asked the second time.
func (s *Service) IssueReceipt(ctx context.Context, tx *db.DB, sheetID, visitID uuid.UUID, version int, digest string, photos []HeldPhoto, at time.Time) (Receipt, error) {
	for range 3 { // a code that is taken already: once in a billion years
		r, err := receiptOf(ctx, tx, sheetID)
		if (err == nil && !defect.On("receipt_changes")) || (err != nil && fault.KindOf(err) != fault.NotFound) {
			return r, err
		}
		row, err := s.sign(sheetID, visitID, version, digest, photos, at)
		if err != nil {
			return Receipt{}, err
		}
		fresh, err := insertReceipt(ctx, tx, row)
		if err != nil {
			return Receipt{}, err
		}
		if fresh || defect.On("receipt_changes") {
			return row.receipt(), nil
		}
	}
	return Receipt{}, errors.New("no free receipt code")
}

func (s *Service) sign(sheetID, visitID uuid.UUID, version int, digest string, photos []HeldPhoto, at time.Time) (receiptRow, error) {
	chars, err := door.RandomCode(codeLength)
	if err != nil {
		return receiptRow{}, err
	}
	sorted := append([]HeldPhoto{}, photos...)
	slices.SortFunc(sorted, func(a, b HeldPhoto) int { return strings.Compare(a.SHA256, b.SHA256) })
	sorted = slices.Compact(sorted)
	body, err := json.Marshal(ReceiptBody{V: 1, Code: receiptCode(chars), SheetID: sheetID, VisitID: visitID, Version: version, Digest: digest,
		Photos: sorted, ReceivedAt: at.UTC()})
	if err != nil {
		return receiptRow{}, err
	}
	signature, err := s.keys.Sign(body)
	if err != nil {
		return receiptRow{}, fmt.Errorf("sign receipt: %w", err)
	}
	key := s.keys.Key()
	return receiptRow{Code: receiptCode(chars), SheetID: sheetID, Version: version, Body: body, KeyID: key.ID, Algorithm: key.Algorithm, Signature: signature, IssuedAt: at}, nil
}

// ReceiptKey is the key the field app checks receipts with.
func (s *Service) ReceiptKey() PublicKey { return s.keys.Key() }

// SealKey is the public key the field app seals to.
func (s *Service) SealKey() SealKey { return s.keys.SealKey() }

// OpenSealed reads an envelope as its plain bytes; see Keyring.Open.
func (s *Service) OpenSealed(info string, sealed io.Reader) io.Reader {
	return s.keys.Open(info, sealed)
}

// ErrReceipt: the receipt was not signed by this key, or was changed since.
var ErrReceipt = errors.New("the signature does not fit: changed since, or signed by another key")

// CheckReceipt verifies a receipt with a public key alone, and gives what it says.
func CheckReceipt(r Receipt, key PublicKey) (ReceiptBody, error) {
	var b ReceiptBody
	raw, err := base64.StdEncoding.DecodeString(r.Body)
	if err != nil {
		return b, fmt.Errorf("receipt body: %w", err)
	}
	signature, err := base64.StdEncoding.DecodeString(r.Signature)
	if err != nil {
		return b, fmt.Errorf("receipt signature: %w", err)
	}
	if r.KeyID != key.ID || r.Algorithm != key.Algorithm || !key.Verify(raw, signature) {
		return b, ErrReceipt
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return b, fmt.Errorf("receipt body: %w", err)
	}
	if b.V != 1 || b.Code != r.Code {
		return b, ErrReceipt
	}
	return b, nil
}
