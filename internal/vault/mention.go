package vault

import (
	"context"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// Mentions tells whether a text that others will read names who is sealed for a case. Yes or no is all that leaves the vault,
// and a yes leaves a row in the trail: who writes a name to try it is seen.
// Faults: as Reveal's for the case; a case without an identity mentions nobody.
func (s *Service) Mentions(ctx context.Context, who actor.Actor, caseKind string, caseID uuid.UUID, text string) (found bool, err error) {
	if !who.Is(actor.Office, actor.County) {
		return false, fault.Denied()
	}
	err = s.pool.InTx(ctx, func(tx *db.DB) error {
		if err := mayHandle(ctx, tx, who, caseKind, caseID); err != nil {
			return err
		}
		rows, err := sealedOf(ctx, tx, caseKind, caseID)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		for _, row := range rows {
			var one inside
			if err == nil {
				one, err = s.keys.open(row)
			}
			found = found || one.namedIn(text)
		}
		if err != nil || !found {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "vault.mention", caseKind, caseID, nil)
	})
	return found, err
}

func (i Identity) namedIn(text string) bool {
	phone := digits(i.Phone)
	return door.Names(i.Name, text) || len(phone) >= 7 && strings.Contains(digits(text), phone) ||
		door.Names(i.Address, text) || door.Quotes(i.Address, text, 8) || door.Names(i.IDNumber, text)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF10 && r <= 0xFF19 {
			r -= 0xFEE0
		}
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
