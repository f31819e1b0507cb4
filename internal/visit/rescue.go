package visit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// Bounds of one rescue file (pwa/src/offline/rescue.ts): what a phone can write in a week without a network, and no more.
const (
	MaxRescue     = 1 << 30
	maxRescueList = 4 << 20
	maxRescued    = 200 // records
)

// Rescued is what became of one record of a rescue file.
type Rescued struct {
	ID           uuid.UUID `json:"id"`
	AuthorName   string    `json:"author_name"`
	BusinessName string    `json:"business_name"`
	Version      int       `json:"version"`
	State        string    `json:"state" enum:"saved,same,held,clashed,refused" doc:"saved now; here already; held for the office; other bytes are here, both kept; not taken"`
	Why          string    `json:"why" doc:"in words, where something is to be said"`
	Missing      int       `json:"missing" doc:"photos that have not arrived"`
	ReceiptCode  string    `json:"receipt_code" doc:"once everything is held"`
}

type rescueList struct {
	V     int          `json:"v"`
	Items []rescueItem `json:"items"`
	Parts []rescuePart `json:"parts"`
}

type rescueItem struct {
	ID        uuid.UUID `json:"id"`
	AccountID uuid.UUID `json:"account_id"`
	Kind      string    `json:"kind"`
	Digest    string    `json:"digest"`
}

type rescuePart struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Length int64  `json:"length"`
}

func errForeign() error {
	return fault.Field("file", "这不是随行的备份文件，或者文件头已经损坏，没有收下。请让本人再存一次。")
}

// rescue is one file on its way in.
type rescue struct {
	s      *Service
	who    actor.Actor
	list   rescueList
	out    []Rescued
	wanted map[string]actor.Actor // the photos that records of this file declare, by whom
}

// Rescue takes in a phone's rescue file through the very code that a phone's own sending runs through: records as their
// authors', by who. The same file again changes nothing. Photos are taken only if a record of the file declares them.
func (s *Service) Rescue(ctx context.Context, who actor.Actor, file io.Reader) ([]Rescued, error) {
	r := rescue{s: s, who: who, wanted: map[string]actor.Actor{}}
	if err := r.readList(file); err != nil {
		return nil, err
	}
	for _, p := range r.list.Parts {
		part := io.LimitReader(file, p.Length)
		if err := r.take(ctx, p, part); err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return nil, err
		}
	}
	for i := range r.out {
		if o := &r.out[i]; o.State == "saved" || o.State == "same" {
			a, err := s.settleCustody(ctx, o.ID)
			if err != nil {
				return nil, err
			}
			if o.Missing = len(a.Missing); a.Receipt != nil {
				o.ReceiptCode = a.Receipt.Code
			}
		}
	}
	return r.out, nil
}

// readList reads "SXR1", the length of the list, its sum and the list.
func (r *rescue) readList(file io.Reader) error {
	var head [40]byte
	if _, err := io.ReadFull(file, head[:]); err != nil || string(head[:4]) != "SXR1" {
		return errForeign()
	}
	n := binary.BigEndian.Uint32(head[4:8])
	if n > maxRescueList {
		return errForeign()
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(file, text); err != nil {
		return errForeign()
	}
	if sum := sha256.Sum256(text); !bytes.Equal(sum[:], head[8:]) || json.Unmarshal(text, &r.list) != nil || r.list.V != 1 || len(r.list.Items) > maxRescued {
		return errForeign()
	}
	for _, p := range r.list.Parts {
		if p.Length < 0 || p.Length > evidence.SealedSize(evidence.MaxFile) {
			return errForeign()
		}
	}
	return nil
}

func (r *rescue) take(ctx context.Context, p rescuePart, part io.Reader) error {
	if p.Kind == "photo" {
		return r.photo(ctx, p, part)
	}
	i := slices.IndexFunc(r.list.Items, func(it rescueItem) bool { return it.ID.String() == p.ID && it.Kind == "sheet" })
	if i < 0 || slices.ContainsFunc(r.out, func(o Rescued) bool { return o.ID.String() == p.ID }) {
		return nil
	}
	o := Rescued{ID: r.list.Items[i].ID, State: "refused"}
	err := r.sheet(ctx, r.list.Items[i], part, &o)
	if err != nil && fault.KindOf(err) == fault.Internal {
		return err
	}
	var f *fault.Error
	if errors.As(err, &f) {
		o.Why = f.Words
	}
	r.out = append(r.out, o)
	return nil
}

// sheet opens one record and saves it as its author's. A fault that is not internal is what is said of it.
func (r *rescue) sheet(ctx context.Context, it rescueItem, part io.Reader, o *Rescued) error {
	raw, err := io.ReadAll(io.LimitReader(r.s.deps.Evidence.OpenSealed(evidence.SheetInfo(it.ID), part), MaxSheet+1))
	if err != nil {
		return err
	}
	author, err := rescuedAuthor(ctx, r.s.db, r.who, it.AccountID)
	if err != nil {
		return err
	}
	sheet, err := readLoosely(raw)
	if err != nil || len(raw) > MaxSheet || sheet.ID.UUID != it.ID {
		return errForeign()
	}
	o.AuthorName, o.BusinessName, o.Version = author.Name, sheet.Visit.Business.Name, sheet.Version
	if !slices.Contains(plain(sheet.Visit.SupervisorIDs), author.ID) {
		return fault.New(fault.Conflict, "not_author", "记录里的监督人员没有这部手机的本人，没有收下。")
	}
	o.State, err = r.place(ctx, author, it.ID, raw)
	if o.State != "refused" {
		for _, sha := range sheet.hashes() {
			r.wanted[sha] = author
		}
	}
	return err
}

// place is SaveSheet by who for the author; what breaks a rule is held, as from a phone.
func (r *rescue) place(ctx context.Context, author actor.Actor, id uuid.UUID, raw []byte) (string, error) {
	digest := digestOf(raw)
	if a, done, err := r.s.again(ctx, author, id, digest); done || err != nil {
		if err == nil && a.As != nil {
			return "clashed", nil // chosen by a person: it lives on as another version
		}
		return state(err, "same")
	}
	sheet, list, err := r.s.readChecked(ctx, author, id, raw)
	var got outcome
	if err == nil {
		err = r.s.db.InTx(ctx, func(tx *db.DB) (err error) {
			if got, err = r.s.storeIn(ctx, tx, r.who, author, sheet, list, raw, digest, "from_rescue"); err != nil {
				return err
			}
			return audit.Append(ctx, tx, r.s.now(), r.who, "sheet.rescue", "sheet", id, map[string]any{"author_id": author.ID, "digest": digest})
		})
	}
	if fault.KindOf(err) == fault.Invalid {
		a, _, err := r.s.HoldSheet(ctx, author, uuid.NullUUID{}, heldInvalid, err, id, raw)
		if a != nil {
			return state(err, "same")
		}
		return state(err, "held")
	}
	return state(err, [...]string{saved: "saved", same: "same", clashed: "clashed"}[got])
}

func state(err error, good string) (string, error) {
	switch {
	case err == nil:
		return good, nil
	case fault.CodeOf(err) == "sheet_conflict":
		return "clashed", nil
	}
	return "refused", err
}

// photo takes one that a record of the file declares; one that does not open is missed by its record, which says so.
func (r *rescue) photo(ctx context.Context, p rescuePart, part io.Reader) error {
	author, ok := r.wanted[p.ID]
	if !ok {
		return nil
	}
	_, _, err := r.s.deps.Evidence.Ingest(ctx, author, evidence.Upload{SHA256: p.ID, Declared: p.Type, Size: -1, Body: r.s.deps.Evidence.OpenSealed(evidence.PhotoInfo(p.ID), part)})
	if err == nil {
		_, err = r.s.PhotoHeld(ctx, p.ID)
	}
	if fault.KindOf(err) == fault.Internal {
		return err
	}
	return nil
}
