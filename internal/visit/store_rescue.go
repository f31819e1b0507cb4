package visit

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// rescuedAuthor is whose records a file holds: somebody who records, of the office that brings it; the county brings any's.
func rescuedAuthor(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (actor.Actor, error) {
	author, err := authorOf(ctx, d, id)
	if err == nil && !who.SeesCounty() && (!who.OfficeID.Valid || author.OfficeID != who.OfficeID) {
		err = fault.Missing()
	}
	if fault.KindOf(err) == fault.NotFound {
		return author, fault.New(fault.NotFound, "not_found", "这部手机的本人不在您的范围内，没有收下。请交给他所在的司法所，或者县司法局。")
	}
	return author, err
}
