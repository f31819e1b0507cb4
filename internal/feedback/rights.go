package feedback

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// The rights of the person behind an answer (PIPL 45-47), met by its handler at the person's wish. To see is the vault's own
// deed, with a second person at county level; to correct and to erase are here. What is said in the answer itself is no
// contact and stays: nobody can be called by it.

// Wish is what somebody asks about what is kept of her, and how it was made sure that it is she.
type Wish struct {
	Verified string `json:"verified" maxLength:"200" doc:"怎样核实是本人"`
	Reason   string `json:"reason" maxLength:"200" doc:"本人的请求"`
}

// Correction is the contact as it is to be.
type Correction struct {
	Wish
	Name         string `json:"name" maxLength:"30"`
	Phone        string `json:"phone" maxLength:"30"`
	Confidential bool   `json:"confidential,omitempty" required:"false" default:"true"`
}

func (w *Wish) faults() (out []fault.FieldError) {
	w.Verified, w.Reason = door.OneLine(w.Verified), door.OneLine(w.Reason)
	if len([]rune(w.Verified)) < 2 {
		out = append(out, fault.FieldError{Field: "verified", Message: "写明怎样核实是本人，比如回拨登记的电话"})
	}
	if len([]rune(w.Reason)) < 5 {
		out = append(out, fault.FieldError{Field: "reason", Message: "写明本人的请求，至少5个字"})
	}
	return out
}

// told is what the trail says of a wish: why, and how it was made sure; no value.
func (w *Wish) told() string {
	words := []rune(w.Reason + "（核实：" + w.Verified + "）")
	return string(words[:min(len(words), 200)])
}

// CorrectContact puts another name and telephone in the place of those that came with an answer.
// Faults: NotFound out of sight, Conflict without a contact, Invalid with the fields.
func (s *Service) CorrectContact(ctx context.Context, who actor.Actor, id uuid.UUID, in *Correction) error {
	a := Answer{Contact: true, Consent: true, Identity: vault.Identity{Name: door.OneLine(in.Name), Phone: door.OneLine(in.Phone), Confidential: in.Confidential}}
	bad := append(in.faults(), onPaper(a.contactFaults())...)
	if len(bad) > 0 {
		return fault.Invalidf(bad...)
	}
	if err := s.hasContact(ctx, who, id); err != nil {
		return err
	}
	return s.vault.Correct(ctx, who, vault.Feedback, id, a.Identity, in.told())
}

// EraseContact shreds the name and telephone that came with an answer. The answer stays, and is still found by its receipt.
// Faults: as CorrectContact's.
func (s *Service) EraseContact(ctx context.Context, who actor.Actor, id uuid.UUID, in *Wish) error {
	if bad := in.faults(); len(bad) > 0 {
		return fault.Invalidf(bad...)
	}
	if err := s.hasContact(ctx, who, id); err != nil {
		return err
	}
	return s.vault.Erase(ctx, who, vault.Feedback, id, in.told())
}

func (s *Service) hasContact(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	about, err := saidBy(ctx, s.db, who, id)
	if err == nil && !about.Contact {
		err = fault.New(fault.Conflict, "no_contact", "这份反馈没有联系方式：没有留，或者已经删除。")
	}
	return err
}
