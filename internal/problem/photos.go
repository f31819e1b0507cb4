package problem

import (
	"context"
	"fmt"
	"strings"
	"time"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// attach hangs a deed's photos on the problem. They must be held, and be the person's own or already on this problem.
func (s *Service) attach(ctx context.Context, tx *db.DB, who actor.Actor, p Problem, hashes []string, d Deed, forAgency bool) error {
	if len(hashes) == 0 {
		return nil
	}
	sizes, err := mayUse(ctx, tx, who.ID, p.ID, who.Is(actor.Agency), hashes)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		if _, ok := sizes[h]; !ok {
			return fault.Field("photos", "有一张照片还没有传上来，先传照片再提交。已填的都留着。")
		}
	}
	list := make([]evidence.Declared, len(hashes))
	for i, h := range hashes {
		list[i] = evidence.Declared{Item: itemOf(d, p.Version), Position: i, SHA256: h, Size: sizes[h], Source: "desk", ForAgency: forAgency}
	}
	return s.evidence.Declare(ctx, tx, who, evidence.OnProblem, p.ID, list)
}

// adopt hangs the photos of a lead's record on the problem it became, with the time and place they were taken. They may
// still be on the phone: a red line is registered as soon as the sheet arrives, and its manifest comes before its photos.
func (s *Service) adopt(ctx context.Context, tx *db.DB, who actor.Actor, p Problem, hashes []string) error {
	if len(hashes) == 0 {
		return nil
	}
	found, err := declaredParts(ctx, tx, hashes)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, h := range hashes {
		at[h] = i
	}
	if len(found) < len(at) {
		return fault.Field("photos", "选的照片不在这条线索的记录里，请重新选择。")
	}
	for i := range found {
		found[i].Item, found[i].Position = itemOf(Registered, p.Version), at[found[i].SHA256]
	}
	return s.evidence.Declare(ctx, tx, who, evidence.OnProblem, p.ID, found)
}

// itemOf names what a photo came with; the version keeps the rounds of one deed apart.
func itemOf(d Deed, version int) string { return fmt.Sprintf("%s/%d", d, version) }

// deedOf takes the version off an attachment's item again.
func deedOf(item string) string {
	d, _, _ := strings.Cut(item, "/")
	return d
}

// dated gives photos the moment of the event they came with, so that a time line can show them there.
func dated(photos []Photo, events []EventView) {
	for i := range photos {
		f := &photos[i]
		f.Deed = deedOf(f.Deed)
		best := time.Minute
		at := f.At
		for _, e := range events {
			if string(e.Deed) != f.Deed {
				continue
			}
			if gap := at.Sub(e.At).Abs(); gap < best {
				best, f.At = gap, e.At
			}
		}
	}
}
