package feedback

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/lead"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// Callbacks draws visits and keeps what the county hears on the telephone. It is the county's alone: an office would check
// itself, and an agency or a supervisor who knew which visits are drawn would behave for those.
type Callbacks struct {
	db    *db.DB
	now   clock.Clock
	leads *lead.Service
	dice  rand.Source
}

// NewCallbacks makes the service.
func NewCallbacks(d *db.DB, now clock.Clock, leads *lead.Service) *Callbacks {
	return &Callbacks{db: d, now: now, leads: leads, dice: systemDice{}}
}

// Draw draws the months that have ended and were not drawn yet; once each, however many servers ask. With begun, nothing is
// drawn before the first round: demo data is written for months gone by while the server already runs.
func (s *Callbacks) Draw(ctx context.Context, begun bool) error {
	newest, err := newestRound(ctx, s.db)
	if err != nil || begun && newest == "" {
		return err
	}
	for _, month := range dueMonths(newest, s.now()) {
		if err := s.draw(ctx, month); err != nil {
			return err
		}
	}
	return nil
}

// draw draws one month in one transaction. Who comes second waits at the round's row and finds it taken.
func (s *Callbacks) draw(ctx context.Context, month string) error {
	from, until, err := monthSpan(month)
	if err != nil {
		return err
	}
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		set, err := callbackSettings(ctx, tx)
		if err != nil {
			return err
		}
		mine, err := insertRound(ctx, tx, month, clock.Day(at), set)
		if err != nil || !mine {
			return err
		}
		pool, err := callbackPool(ctx, tx, from, until)
		if err != nil {
			return err
		}
		drawn := s.pick(pool, set)
		if err := insertDrawn(ctx, tx, month, len(pool), drawn); err != nil {
			return err
		}
		slog.InfoContext(ctx, "call-backs drawn", "month", month, "visits", len(pool), "drawn", len(drawn))
		return audit.Append(ctx, tx, dayOf(at), actor.System, "callback.draw", "", uuid.Nil, map[string]any{"month": month, "visits": len(pool), "drawn": len(drawn)})
	})
}

// pick draws each agency's share of its visits; the pool comes sorted by agency.
func (s *Callbacks) pick(pool []pooled, set CallbackSettings) (out []pooled) {
	for len(pool) > 0 {
		n := 1
		for n < len(pool) && pool[n].AgencyID == pool[0].AgencyID {
			n++
		}
		for _, i := range sample(s.dice, n, set.of(n)) {
			out = append(out, pool[i])
		}
		pool = pool[n:]
	}
	return out
}

// dayOf is the start of a day: no moment finer than that is kept of a call, in the trail either. Between rows that know the
// second it would tell when an answer's business spoke.
func dayOf(t time.Time) time.Time {
	t = t.In(clock.Shanghai)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, clock.Shanghai)
}

// Record keeps one call. Faults: NotFound out of sight, Invalid with the fields, Conflict when it is closed, changed by
// another or tried today.
func (s *Callbacks) Record(ctx context.Context, who actor.Actor, id uuid.UUID, in *Call) error {
	at := s.now()
	return s.change(ctx, who, id, at, func(c Callback) (Callback, CallbackEvent, error) {
		if err := in.check(); err != nil { // only here: what is out of sight is so whatever is sent
			return c, CallbackEvent{}, err
		}
		after, err := c.after(in, clock.Day(at))
		return after, CallbackEvent{Deed: "call", Result: in.Result, Seen: in.Seen, Filled: in.Filled, Beside: in.Beside}, err
	})
}

// Undo takes back what was recorded last, with a reason; it stays in the history. Faults: NotFound out of sight, Invalid
// without a reason, Conflict when there is nothing or another changed it.
func (s *Callbacks) Undo(ctx context.Context, who actor.Actor, id uuid.UUID, version int, reason string) error {
	return s.change(ctx, who, id, s.now(), func(c Callback) (Callback, CallbackEvent, error) {
		reason = door.OneLine(reason)
		if n := utf8.RuneCountInString(reason); n < 2 || n > 200 {
			return c, CallbackEvent{}, fault.Field("reason", "请写为什么撤回，2到200字。")
		}
		after, err := c.undone(version)
		return after, CallbackEvent{Deed: "undo", Reason: reason}, err
	})
}

// change is the one way a call-back changes: held in scope, the rule, saved, event, trail.
func (s *Callbacks) change(ctx context.Context, who actor.Actor, id uuid.UUID, at time.Time, rule func(Callback) (Callback, CallbackEvent, error)) error {
	return s.db.InTx(ctx, func(tx *db.DB) error {
		c, err := lockCallback(ctx, tx, who, id)
		if err != nil {
			return err
		}
		after, ev, err := rule(c)
		if err != nil {
			return err
		}
		if err := saveCallback(ctx, tx, after); err != nil {
			return err
		}
		if err := appendCallbackEvent(ctx, tx, who, id, ev, clock.Day(at)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, dayOf(at), who, "callback."+ev.Deed, "callback", id, nil)
	})
}

// RaiseLead hands what was told on the telephone to the county's triage and gives the lead's number. The call-back does not
// remember it: lead and visit have the agency and the day in common, nothing else.
func (s *Callbacks) RaiseLead(ctx context.Context, who actor.Actor, id uuid.UUID, in *CallbackLead) (string, error) {
	c, err := s.Get(ctx, who, id)
	if err != nil {
		return "", err
	}
	if err := in.check(&c.Callback); err != nil {
		return "", err
	}
	l, err := s.leads.Create(ctx, who, lead.ByHand{ID: &in.ID, Origin: "contact", AgencyID: &c.AgencyID, Category: in.Category, Fact: in.Fact, HappenedOn: deadline.Date(c.CheckedOn)})
	return l.Number, err
}

// SaveSettings changes how many visits the next draws take. Faults: Invalid below the floor, Conflict when another changed it.
func (s *Callbacks) SaveSettings(ctx context.Context, who actor.Actor, in CallbackSettings) error {
	if in.Share < 10 || in.Share > 100 {
		return fault.Field("share", "比例在10%到100%之间。")
	}
	if in.Least < 1 || in.Least > 20 {
		return fault.Field("least", "每个单位每月至少1次，最多20次。")
	}
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		ok, err := saveCallbackSettings(ctx, tx, in)
		if err != nil {
			return err
		}
		if !ok {
			return fault.Stale()
		}
		return audit.Append(ctx, tx, at, who, "callback.settings", "", uuid.Nil, map[string]int{"share": in.Share, "least": in.Least})
	})
}
