package feedback

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"
	qrcode "github.com/skip2/go-qrcode"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

const (
	tokenBytes = 16 // 128 random bits in the code to scan
	shortLen   = 12 // 60 random bits in the code to type
	maxBatch   = 50
	maxStock   = 200
	// ticketLife runs from the visit's arrival (DOMAIN E.2, inferred: 7 days).
	ticketLife = 7 * 24 * time.Hour
)

// Ticket is what a phone holds of a ticket: the only time its secret is told.
type Ticket struct {
	ID    uuid.UUID `json:"id"`
	URL   string    `json:"url"`
	Short string    `json:"short"`
	QR    []byte    `json:"qr_png" doc:"PNG with quiet zone, base64"`
}

// Batch is what one request of a phone brought.
type Batch struct {
	Items []Ticket `json:"items" nullable:"false"`
}

// Stock counts a person's tickets.
type Stock struct {
	Unused  int `db:"unused" json:"unused"`
	Revoked int `db:"revoked" json:"revoked"`
}

// pass is a ticket as someone presents it: by what it hashes to, and whether it was scanned or typed.
type pass struct {
	hash  []byte
	typed bool
}

// readPass reads the last part of a ticket's address; false for what cannot be one.
func readPass(s string) (pass, bool) {
	if raw, err := base64.RawURLEncoding.DecodeString(s); err == nil && len(raw) == tokenBytes {
		return pass{hash: hashToken(raw)}, true
	}
	if code := door.Typed(s, shortLen); code != "" {
		return pass{hash: door.Hash(code), typed: true}, true
	}
	return pass{}, false
}

func hashToken(raw []byte) []byte {
	sum := sha256.Sum256(raw)
	return sum[:]
}

// IssueTickets makes a batch for the phone of who. The secrets are told once: the same request id again is fault Conflict.
func (s *Service) IssueTickets(ctx context.Context, who actor.Actor, requestID uuid.UUID, count int) (*Batch, error) {
	if count < 1 || count > maxBatch {
		return nil, fault.Field("count", fmt.Sprintf("一次领1到%d个。", maxBatch))
	}
	if requestID == uuid.Nil {
		return nil, fault.Field("request_id", "缺请求编号。")
	}
	out, rows := &Batch{Items: make([]Ticket, 0, count)}, make([]ticketRow, 0, count)
	for range count {
		t, row, err := s.newTicket()
		if err != nil {
			return nil, err
		}
		out.Items, rows = append(out.Items, t), append(rows, row)
	}
	at := s.now()
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		if n, err := unusedOf(ctx, tx, who); err != nil {
			return err
		} else if n+count > maxStock {
			return fault.New(fault.Conflict, "enough_tickets", fmt.Sprintf("手里还有%d个没用的评价码，够用了。先用完或作废旧的再领。", n))
		}
		if err := insertTickets(ctx, tx, who, requestID, clock.Day(at), rows); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "ticket.issue", "", uuid.Nil, map[string]int{"count": count})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) newTicket() (Ticket, ticketRow, error) {
	raw := make([]byte, tokenBytes)
	if _, err := rand.Read(raw); err != nil {
		return Ticket{}, ticketRow{}, err
	}
	code, err := door.RandomCode(shortLen)
	if err != nil {
		return Ticket{}, ticketRow{}, err
	}
	t := Ticket{ID: uuid.New(), URL: s.publicURL + "/f/" + base64.RawURLEncoding.EncodeToString(raw), Short: door.Group(code)}
	qr, err := qrcode.New(t.URL, qrcode.Medium)
	if err != nil {
		return Ticket{}, ticketRow{}, fmt.Errorf("draw ticket: %w", err)
	}
	if t.QR, err = qr.PNG(-6); err != nil { // six pixels a module, four modules of quiet zone
		return Ticket{}, ticketRow{}, fmt.Errorf("draw ticket: %w", err)
	}
	return t, ticketRow{ID: t.ID, Hash: hashToken(raw), Short: door.Hash(code)}, nil
}

// BindTicket ties the ticket that was shown to the visit that arrived; it is valid for seven days from then. An answer
// that came before the visit gets its agency and office from it. A ticket that is already tied elsewhere, or a visit that
// has one, changes nothing: a record sheet is never refused for its ticket.
func (s *Service) BindTicket(ctx context.Context, tx *db.DB, ticketID, visitID uuid.UUID, at time.Time) error {
	bound, err := bindTicket(ctx, tx, ticketID, visitID, at, at.Add(ticketLife))
	if err != nil || !bound {
		return err
	}
	return settleAnswers(ctx, tx, ticketID)
}

// RevokeTickets makes tickets useless: those named, or all that are unused. A supervisor revokes her own, an office its own.
func (s *Service) RevokeTickets(ctx context.Context, who actor.Actor, ids []uuid.UUID, all bool) (int64, error) {
	if len(ids) == 0 && !all {
		return 0, fault.Field("ids", "请选要作废的评价码。")
	}
	var n int64
	at := s.now()
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if n, err = revokeTickets(ctx, tx, who, ids, all, at); err != nil || n == 0 {
			return err
		}
		return audit.Append(ctx, tx, at, who, "ticket.revoke", "", uuid.Nil, map[string]int64{"count": n})
	})
	return n, err
}
