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

// Stock counts a person's tickets, or an office's.
type Stock struct {
	Unused  int          `json:"unused"`
	Revoked int          `json:"revoked"`
	Phones  []PhoneStock `json:"phones" nullable:"false" doc:"what is unused, by who carries it and on which phone"`
}

// PhoneStock counts what one phone carries.
type PhoneStock struct {
	HolderID uuid.UUID     `db:"holder_id" json:"holder_id"`
	Holder   string        `db:"holder" json:"holder"`
	DeviceID uuid.NullUUID `db:"device_id" json:"device_id" doc:"null: fetched by a phone that does not say which it is"`
	Device   string        `db:"device" json:"device"`
	Unused   int           `db:"unused" json:"unused"`
}

// Revocation says which tickets end: those named, what is unused on one phone, or all that are unused.
type Revocation struct {
	IDs      []uuid.UUID   `json:"ids,omitempty" maxItems:"200"`
	HolderID uuid.NullUUID `json:"holder_id,omitempty" required:"false" doc:"with device_id as the stock tells them: what is unused on that phone; it fetches others when it is next on line (换一批)"`
	DeviceID uuid.NullUUID `json:"device_id,omitempty" required:"false"`
	All      bool          `json:"all,omitempty" doc:"everything unused: a supervisor's own, an office's of all its phones"`
	own      bool          // nobody else's, whatever the role
}

// pass is a ticket as someone presents it: by what it hashes to, and whether it was scanned or typed.
type pass struct {
	hash   []byte
	typed  bool
	worked bool // the browser has done work for it
	vetted bool // typed, found, and carried on sealed
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

// TicketOrder is what a phone asks for.
type TicketOrder struct {
	RequestID uuid.UUID     `json:"request_id"`
	Count     int           `json:"count" minimum:"1" maximum:"50"`
	DeviceID  uuid.NullUUID `json:"device_id,omitempty" required:"false" doc:"the phone that will carry them, one's own and not reported lost: lost with it, they are revoked; without it they end with whichever of one's phones is lost first"`
}

func (in *TicketOrder) check() error {
	switch {
	case in.Count < 1 || in.Count > maxBatch:
		return fault.Field("count", fmt.Sprintf("一次领1到%d个。", maxBatch))
	case in.RequestID == uuid.Nil:
		return fault.Field("request_id", "缺请求编号。")
	}
	return nil
}

// IssueTickets makes a batch for the phone of who. The secrets are told once: the same request id again is fault Conflict.
func (s *Service) IssueTickets(ctx context.Context, who actor.Actor, requestID uuid.UUID, count int) (*Batch, error) {
	return s.Issue(ctx, who, &TicketOrder{RequestID: requestID, Count: count})
}

// Issue is IssueTickets for a phone that says which it is.
func (s *Service) Issue(ctx context.Context, who actor.Actor, in *TicketOrder) (*Batch, error) {
	return s.issue(ctx, who, in, false)
}

// RotateTickets revokes everything unused that who holds and issues a new batch, both or neither.
func (s *Service) RotateTickets(ctx context.Context, who actor.Actor, in *TicketOrder) (*Batch, error) {
	return s.issue(ctx, who, in, true)
}

func (s *Service) issue(ctx context.Context, who actor.Actor, in *TicketOrder, rotate bool) (*Batch, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out, rows := &Batch{Items: make([]Ticket, 0, in.Count)}, make([]ticketRow, 0, in.Count)
	for range in.Count {
		t, row, err := s.newTicket()
		if err != nil {
			return nil, err
		}
		out.Items, rows = append(out.Items, t), append(rows, row)
	}
	at, detail, deed := s.now(), map[string]int64{"count": int64(in.Count)}, "ticket.issue"
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if err := lockCarrier(ctx, tx, who, in.DeviceID); err != nil {
			return err
		}
		if rotate {
			deed = "ticket.rotate"
			if detail["revoked"], err = revokeTickets(ctx, tx, who, &Revocation{All: true, own: true}, at); err != nil {
				return err
			}
		}
		if n, err := unusedOf(ctx, tx, who); err != nil {
			return err
		} else if n+in.Count > maxStock {
			return fault.New(fault.Conflict, "enough_tickets", fmt.Sprintf("手里还有%d个没用的评价码，够用了。先用完或作废旧的再领。", n))
		}
		if err := insertTickets(ctx, tx, who, in, clock.Day(at), rows); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, deed, "", uuid.Nil, detail)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ReissueTicket gives a visit another ticket, valid for seven days from now, and ends the one it had: for a code that was
// lost, torn or pasted over. Faults: NotFound out of sight, Conflict once somebody has answered.
func (s *Service) ReissueTicket(ctx context.Context, who actor.Actor, visit uuid.UUID) (*Ticket, error) {
	t, row, err := s.newTicket()
	if err != nil {
		return nil, err
	}
	at := s.now()
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		old, err := ticketToReplace(ctx, tx, who, visit)
		if err != nil {
			return err
		}
		if old.Answered {
			return fault.New(fault.Conflict, "answered", "这次检查的评价码已经有人填过，不能换。本人还可以扫原来的码再填一份，两份都会留着。")
		}
		if old.Ticket.Valid {
			if err := revokeTicket(ctx, tx, old.Ticket, at); err != nil {
				return err
			}
		}
		if err := insertBoundTicket(ctx, tx, who, row, old.Office, visit, at, at.Add(ticketLife)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "ticket.reissue", "visit", visit, nil)
	})
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// RevokeDeviceTickets makes the unused tickets that a phone carries useless, in the transaction that reports it lost; and
// those of its holder that no phone has owned up to, because they may be on it.
func (s *Service) RevokeDeviceTickets(ctx context.Context, tx *db.DB, _ actor.Actor, device uuid.UUID, at time.Time) (int64, error) {
	return revokeCarried(ctx, tx, device, at)
}

// CarryTickets ties to a phone those of its holder's tickets that it reports to carry and that were fetched without saying
// for which phone: they end with it, and with no other.
func (s *Service) CarryTickets(ctx context.Context, tx *db.DB, who actor.Actor, device uuid.UUID, carried []uuid.UUID) error {
	if len(carried) == 0 {
		return nil
	}
	return carryTickets(ctx, tx, who, device, carried)
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
	if err := settleAnswers(ctx, tx, ticketID); err != nil {
		return err
	}
	return correctLeads(ctx, tx, ticketID, at)
}

// RevokeTickets makes tickets useless. A supervisor revokes her own, an office those of its phones; a phone drops what is
// revoked and fetches others when it is next on line.
func (s *Service) RevokeTickets(ctx context.Context, who actor.Actor, in *Revocation) (int64, error) {
	if len(in.IDs) == 0 && !in.HolderID.Valid && !in.All {
		return 0, fault.Field("ids", "请选要作废的评价码。")
	}
	var n int64
	at := s.now()
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if n, err = revokeTickets(ctx, tx, who, in, at); err != nil || n == 0 {
			return err
		}
		return audit.Append(ctx, tx, at, who, "ticket.revoke", "", uuid.Nil, map[string]int64{"count": n})
	})
	return n, err
}
