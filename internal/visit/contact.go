package visit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// Report is what a phone says of itself: what it still holds, what it has receipts for, what a person gave up.
type Report struct {
	DeviceID   uuid.UUID        `json:"device_id" format:"uuid"`
	Epoch      string           `json:"epoch" maxLength:"36" doc:"uuid made when the database on the phone was made; empty if it has none"`
	At         time.Time        `json:"at" doc:"by the phone's clock"`
	AppVersion string           `json:"app_version" maxLength:"40"`
	Persisted  *bool            `json:"persisted" nullable:"true" doc:"whether the browser promised to keep the data; null: not asked"`
	Installed  bool             `json:"installed"`
	Drafts     int              `json:"drafts" minimum:"0" maximum:"100000"`
	Photos     int              `json:"photos" minimum:"0" maximum:"1000000" doc:"not yet held by the server"`
	Items      []ReportItem     `json:"items" maxItems:"200" nullable:"false"`
	Receipts   []ReportReceipt  `json:"receipts" maxItems:"200" nullable:"false" doc:"of the last seven days; a phone with more names them in turn, report by report"`
	Discarded  []ReportDiscards `json:"discarded" maxItems:"200" nullable:"false"`
	Tickets    []uuid.UUID      `json:"tickets,omitempty" required:"false" maxItems:"200" doc:"feedback tickets that this phone may yet show"`
}

// ReportItem is something sealed that waits on the phone.
type ReportItem struct {
	ID         uuid.UUID `json:"id" format:"uuid"`
	Kind       string    `json:"kind" enum:"sheet,cancel"`
	VisitID    uuid.UUID `json:"visit_id" format:"uuid"`
	Day        string    `json:"day" maxLength:"10"`
	Version    int       `json:"version" minimum:"0" maximum:"99"`
	Photos     int       `json:"photos" minimum:"0" maximum:"1000"`
	PhotosHere int       `json:"photos_here" minimum:"0" maximum:"1000"`
	Bytes      int64     `json:"bytes" minimum:"0"`
	CreatedAt  time.Time `json:"created_at"`
	State      string    `json:"state" maxLength:"30"`
	Why        string    `json:"why" maxLength:"300"`
}

// ReportReceipt is a receipt the phone holds together with what it signs for.
type ReportReceipt struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Version int       `json:"version" minimum:"0" maximum:"999"`
	Digest  string    `json:"digest" maxLength:"64"`
}

// ReportDiscards is something the person gave up on the phone.
type ReportDiscards struct {
	ID     uuid.UUID `json:"id" format:"uuid"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason" maxLength:"600"`
}

// ReportAnswer tells the phone what the server wants of it.
type ReportAnswer struct {
	ServerTime time.Time   `json:"server_time"`
	Wanted     []uuid.UUID `json:"wanted" nullable:"false" doc:"the phone has a receipt, the server has nothing complete: send again"`
	Forgotten  []uuid.UUID `json:"forgotten" nullable:"false" doc:"discards that were noted"`
	Held       []uuid.UUID `json:"held" nullable:"false" doc:"records the office has yet to decide on"`
	Refused    []uuid.UUID `json:"refused" nullable:"false" doc:"records the office did not take"`
	// TicketsGone are useless in anybody's hand: made between a backup and the day it was put back, or revoked.
	TicketsGone []uuid.UUID `json:"tickets_gone" nullable:"false" doc:"of the tickets named: unknown here, or revoked; not to be shown"`
	Standing    string      `json:"standing" enum:"good,device_revoked,account_left,role_changed"`
}

// Contact takes a phone's report in, notices what has disappeared, and says what is to be sent again.
func (s *Service) Contact(ctx context.Context, who actor.Actor, session web.Session, r Report) (ReportAnswer, error) {
	a := ReportAnswer{ServerTime: s.now(), Standing: "good"}
	if session.Held != "" {
		a.Standing = session.Held
	}
	if session.Kind == web.KindDevice && session.DeviceID.UUID != r.DeviceID {
		return a, fault.Field("device_id", "手机编号与凭据不一致。")
	}
	if session.Kind != web.KindDevice && s.deps.TieDevice != nil {
		if err := s.deps.TieDevice(ctx, who, session.Token, r.DeviceID); err != nil {
			return a, err
		}
	}
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if err := hold(ctx, tx, who.ID); err != nil { // the phones of one person take turns
			return err
		}
		if err := ownDevice(ctx, tx, who.ID, r.DeviceID); err != nil {
			return err
		}
		if a.Forgotten, err = s.noteDiscards(ctx, tx, who, r); err != nil {
			return err
		}
		if err := s.watch(ctx, tx, who, r, a.ServerTime); err != nil {
			return err
		}
		if a.Wanted, err = wantedOf(ctx, tx, who.ID, r.Receipts); err != nil {
			return err
		}
		if a.TicketsGone, err = s.ticketBook(ctx, tx, who, r); err != nil {
			return err
		}
		a.Held, a.Refused, err = heldOf(ctx, tx, who.ID)
		return err
	})
	return a, err
}

// ticketBook notes which phone carries the tickets, and tells which of them open no form.
func (s *Service) ticketBook(ctx context.Context, tx *db.DB, who actor.Actor, r Report) ([]uuid.UUID, error) {
	if s.deps.CarryTickets != nil {
		if err := s.deps.CarryTickets(ctx, tx, who, r.DeviceID, r.Tickets); err != nil {
			return nil, err
		}
	}
	return ticketsGone(ctx, tx, who.ID, r.Tickets)
}

// noteDiscards keeps what a person gave up, and tells which are noted now or were before.
func (s *Service) noteDiscards(ctx context.Context, tx *db.DB, who actor.Actor, r Report) ([]uuid.UUID, error) {
	noted := []uuid.UUID{}
	for _, d := range r.Discarded {
		at := s.now()
		fresh, err := insertDiscard(ctx, tx, r.DeviceID, d, at)
		if err != nil {
			return nil, err
		}
		noted = append(noted, d.ID)
		if !fresh {
			continue
		}
		if err := audit.Append(ctx, tx, at, who, "phone.discard", "sheet", d.ID, map[string]any{"device_id": r.DeviceID, "reason": d.Reason, "said_at": d.At}); err != nil {
			return nil, err
		}
	}
	return noted, nil
}

// watch compares a report with what was known, and writes down the report and what is missing.
func (s *Service) watch(ctx context.Context, tx *db.DB, who actor.Actor, r Report, now time.Time) error {
	epoch, err := uuid.Parse(r.Epoch)
	if err != nil && r.Epoch != "" {
		return fault.Field("epoch", "编号格式不对。")
	}
	known, firstTime, err := lockPhone(ctx, tx, r.DeviceID, now)
	if err != nil {
		return err
	}
	if !firstTime && overtaken(known.Epoch == epoch, known.SaidAt, r.At) {
		return nil
	}
	phone := phoneRow{DeviceID: r.DeviceID, AccountID: who.ID, Epoch: epoch, AppVersion: r.AppVersion, Persisted: r.Persisted, Installed: r.Installed,
		Drafts: r.Drafts, Photos: r.Photos, SaidAt: r.At, FirstAt: known.FirstAt, SeenAt: now}
	was, err := sceneOf(ctx, tx, who.ID, r.DeviceID)
	if err != nil {
		return err
	}
	if err := savePhone(ctx, tx, phone); err != nil {
		return err
	}
	if err := replaceItems(ctx, tx, r.DeviceID, r.Items, now); err != nil {
		return err
	}
	a, err := s.explain(ctx, tx, who.ID, r, was)
	if err != nil {
		return err
	}
	if gone, cause := lost(was.before, known.Epoch == epoch, a); len(gone) > 0 {
		if err := s.alarm(ctx, tx, who, r.DeviceID, cause, gone, now); err != nil {
			return err
		}
	}
	for _, old := range was.others {
		if gone := replaced(old, phone.FirstAt, now, a); len(gone) > 0 {
			if err := s.alarm(ctx, tx, who, old.DeviceID, Replaced, gone, now); err != nil {
				return err
			}
		}
	}
	return s.clear(ctx, tx, was.missing, a, now)
}

// scene is what was known before a report: what this phone held, what the person's others hold, what was missing already.
type scene struct {
	before  []Out
	others  []mute
	missing []Loss
}

func sceneOf(ctx context.Context, tx *db.DB, account, device uuid.UUID) (was scene, err error) {
	if was.before, err = outOf(ctx, tx, device); err != nil {
		return was, err
	}
	if was.others, err = othersOf(ctx, tx, account, device); err != nil {
		return was, err
	}
	was.missing, err = openLosses(ctx, tx, account)
	return was, err
}

// explain gathers what accounts for the records in question.
func (s *Service) explain(ctx context.Context, tx *db.DB, account uuid.UUID, r Report, was scene) (accounted, error) {
	asked := append([]Out{}, was.before...)
	for _, o := range was.others {
		asked = append(asked, o.Out...)
	}
	for _, m := range was.missing {
		asked = append(asked, m.Missing...)
	}
	a := accounted{receipted: ids{}, discarded: ids{}}
	for _, x := range r.Receipts {
		a.receipted[x.ID] = true
	}
	var err error
	if a.received, err = receivedOf(ctx, tx, account, asked); err != nil {
		return a, err
	}
	if a.discarded, err = discardedOf(ctx, tx, account, asked); err != nil {
		return a, err
	}
	a.reported, a.sole, err = reportedSince(ctx, tx, account, s.now().Add(-silentAfter))
	for _, i := range r.Items {
		a.reported[i.ID] = true
		delete(a.sole, i.ID)
	}
	return a, err
}

// alarm writes down what is suspected to be lost.
func (s *Service) alarm(ctx context.Context, tx *db.DB, who actor.Actor, device uuid.UUID, cause string, gone []Out, now time.Time) error {
	id := uuid.Must(uuid.NewV7())
	if err := insertLoss(ctx, tx, id, device, who.ID, cause, gone, now); err != nil {
		return err
	}
	return audit.Append(ctx, tx, now, actor.System, "phone.loss", "device", device, map[string]any{"loss_id": id, "cause": cause, "account_id": who.ID, "items": gone})
}

// clear ends alarms about what has turned up since: on another phone, from a rescue file, or late.
func (s *Service) clear(ctx context.Context, tx *db.DB, missing []Loss, a accounted, now time.Time) error {
	for _, m := range missing {
		if !found(m.Missing, m.DeviceID, a) {
			continue
		}
		if err := settleLoss(ctx, tx, m.ID, uuid.NullUUID{}, "", true, now); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, now, actor.System, "phone.found", "device", m.DeviceID, map[string]any{"loss_id": m.ID}); err != nil {
			return err
		}
	}
	return nil
}

// SettleLoss notes what a person found out about an alarm. Again changes nothing.
func (s *Service) SettleLoss(ctx context.Context, who actor.Actor, id uuid.UUID, reason string) error {
	var c check
	c.text("reason", reason, 2, 500)
	if err := c.err(); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.DB) error {
		device, settled, err := lockLoss(ctx, tx, who, id)
		if err != nil || settled {
			return err
		}
		if err := settleLoss(ctx, tx, id, who.Account(), reason, false, s.now()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "phone.settle_loss", "device", device, map[string]any{"loss_id": id, "reason": reason})
	})
}
