package feedback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// Parts is what the feature stands on besides the database.
type Parts struct {
	Vault     *vault.Service
	Secret    []byte // shared by all instances: receipts, marks, slowing
	PublicURL string // what codes point at
	Evidence  *evidence.Service
	Store     blob.Store // where pictures are; settled hours store theirs anew
}

// Service issues tickets and takes answers.
type Service struct {
	db        *db.DB
	now       clock.Clock
	vault     *vault.Service
	keys      door.Keys
	slow      *door.Slow
	gate      *door.Gate
	reader    door.Reader
	evidence  *evidence.Service
	store     blob.Store
	watcher   *watcher
	together  *together
	publicURL string

	ticketScanned, ticketTyped string
}

// New makes the service.
func New(d *db.DB, now clock.Clock, p Parts) *Service {
	db.Constraint("tickets_batch", "request_id", "这一批评价码已经发过，不能再取。请重新领一批。")
	db.Constraint("feedbacks_pkey", "id", "这张表刚才已经录入，内容和这次的不同。")
	keys := door.NewKeys(p.Secret)
	slow := door.NewSlow(d, keys, now)
	return &Service{
		db: d, now: now, vault: p.Vault, keys: keys, slow: slow, gate: door.NewGate(slow, keys, now), reader: door.Reader{Ingest: ingest(p.Evidence), Keys: keys},
		evidence: p.Evidence, store: p.Store, watcher: newWatcher(), together: &together{db: d}, publicURL: strings.TrimSuffix(p.PublicURL, "/"),
		ticketScanned: fmt.Sprintf(ticketSQL, "hash"), ticketTyped: fmt.Sprintf(ticketSQL, "short_hash"),
	}
}

// errNoTicket is one answer for unknown, expired and revoked.
func errNoTicket() error {
	return fault.New(fault.NotFound, "no_ticket", "这个评价码不能用。")
}

// Receipt is what the person takes along.
type Receipt struct {
	Code           string
	Day            string // of the inspection
	Agency, Office string // names

	id     uuid.UUID // of the row, when this made one; it goes no further than the day's traces
	ticket uuid.UUID
}

// laterMost is how many later answers of one ticket are kept just so; then each wants proof of work, or the word
// of a person without script: hers waits until the office has looked at it. laterPlain of a day from one network wait for
// nothing else.
const laterMost, laterPlain = 120, 5

// errCrowded asks the form for proof of work, or for a person's word.
var errCrowded = errors.New("too many later answers of one ticket")

// Submit keeps one answer given by ticket. The first answer of a ticket counts; a later one is kept beside it, and nobody
// is told the difference; the same answer again gives the same receipt and changes nothing.
// Faults: NotFound for a ticket that is unknown, expired or revoked; Invalid with the form's fields.
func (s *Service) Submit(ctx context.Context, p pass, a *Answer) (*Receipt, error) {
	return s.submit(ctx, p, a, false)
}

// submit is Submit; what was pressed on the waiting page is kept, and waits for a look.
func (s *Service) submit(ctx context.Context, p pass, a *Answer, pressed bool) (*Receipt, error) {
	at := s.now()
	// What the ticket settles is known only to the statement; here those fields may be absent, there they are asked for.
	if bad := a.Check(known{agency: true, day: true, matter: true}, at); len(bad) > 0 {
		return nil, fault.Invalidf(bad...)
	}
	a.clearUnknown(at)
	r, code, err := s.record(p.hash, uuid.New(), a, at)
	if err != nil {
		return nil, err
	}
	if r.many = laterMost; p.worked || pressed {
		r.many, r.held = 0, pressed
	}
	row, err := s.keep(ctx, p, r)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil, errNoTicket()
	case err != nil:
		return nil, err
	case !row.Complete:
		return nil, fault.Invalidf(a.Check(known{}, at)...)
	case row.Crowded:
		return nil, errCrowded
	}
	out := &Receipt{Code: code, Day: row.CheckedOn, Agency: row.Agency, Office: row.Office, ticket: row.Ticket}
	if row.Kept {
		out.id = r.id
	}
	return out, nil
}

// Status tells by a receipt's code what became of an answer; false when there is none. Whoever has the code may ask.
func (s *Service) Status(ctx context.Context, code string) (door.Status, bool, error) {
	return statusOf(ctx, s.db, code)
}

// clearUnknown empties what an unbound ticket would have to be told properly.
func (a *Answer) clearUnknown(now time.Time) {
	if dayFault(a.CheckedOn, now) != "" {
		a.CheckedOn = ""
	}
	if _, ok := matterWords[a.Matter]; !ok {
		a.Matter = ""
	}
}

// record seals the contact and makes the receipt. scope is the ticket, or whatever else this form was for.
func (s *Service) record(scope []byte, id uuid.UUID, a *Answer, at time.Time) (*record, string, error) {
	if !a.Contact {
		a.Identity, a.Reply = vault.Identity{}, false
	}
	body, err := a.body()
	if err != nil {
		return nil, "", err
	}
	code := s.keys.Receipt("feedback", scope, body)
	r := &record{id: id, answer: a, at: at, hour: door.Hour(at), receipt: door.Hash(code), body: s.keys.Fingerprint("feedback", scope, body)}
	if a.Contact {
		if r.sealed, err = s.vault.Seal(vault.Feedback, r.id, a.Identity); err != nil {
			return nil, "", err
		}
	}
	return r, code, nil
}

// keep runs the one statement, for several answers at once where several wait; with pictures it shares a transaction with
// their declaration.
func (s *Service) keep(ctx context.Context, p pass, r *record) (row answerRow, err error) {
	if len(r.answer.Photos) == 0 {
		return s.together.keep(ctx, p, r)
	}
	args := r.args(p)
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		if err := tx.Get(ctx, &row, answerSQL, args...); err != nil || !row.Kept {
			return err
		}
		return s.evidence.Declare(ctx, tx, actor.Public, evidence.OnFeedback, r.id, declared(r.answer.Photos))
	})
	return row, err
}

// ingest hands pictures of the form to the evidence.
func ingest(e *evidence.Service) door.Ingest {
	return func(ctx context.Context, r io.Reader) (door.Photo, error) {
		p, err := e.IngestPublic(ctx, r, 0)
		return door.Photo{SHA256: p.SHA256, Size: p.Size}, err
	}
}

func declared(photos []door.Photo) []evidence.Declared {
	out := make([]evidence.Declared, len(photos))
	for i, p := range photos {
		out[i] = evidence.Declared{Position: i, SHA256: p.SHA256, Size: p.Size, Source: "public"}
	}
	return out
}
