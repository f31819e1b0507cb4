package lead

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lifecycle"
)

// LeadView is one lead with what triage needs beside it.
type LeadView struct {
	LeadItem
	// OriginNumber is the origin record's own number, where it has one; SheetID the sheet in force of a visit.
	OriginNumber string              `json:"origin_number"`
	SheetID      *uuid.UUID          `json:"sheet_id"`
	ReporterName string              `json:"reporter_name"`
	Reason       string              `json:"reason"`
	ReferredTo   string              `json:"referred_to"`
	Letter       string              `json:"letter_number" doc:"of the letter of referral"`
	DueFrom      deadline.Date       `json:"due_from" doc:"the day the date runs from"`
	DecidedAt    *time.Time          `json:"decided_at"`
	Basis        string              `json:"basis"` // the article behind the checklist item, to start from
	Photos       []LeadPhoto         `json:"photos" nullable:"false"`
	Duplicates   []Duplicate         `json:"duplicates" nullable:"false"`
	Seconds      []Colleague         `json:"seconds" nullable:"false"` // who may verify with you
	Events       []LeadEvent         `json:"events" nullable:"false"`
	Deeds        []lifecycle.Allowed `json:"deeds" nullable:"false"`
	Blocked      []lifecycle.Blocked `json:"blocked" nullable:"false"`
}

// LeadPhoto is one of the origin's record. ForItem: it belongs to the very item that raised the lead.
type LeadPhoto struct {
	SHA256    string     `db:"sha256" json:"sha256"`
	MediaType string     `db:"media_type" json:"media_type"`
	Size      int64      `db:"size" json:"size"`
	TakenAt   *time.Time `db:"taken_at" json:"taken_at"`
	ForItem   bool       `db:"for_item" json:"for_item"`
	Held      bool       `db:"held" json:"held"`
}

// Duplicate may be the same matter: the same agency within thirty days, and the same item or category.
type Duplicate struct {
	Kind       string        `db:"kind" json:"kind"` // problem or lead
	ID         uuid.UUID     `db:"id" json:"id"`
	Number     string        `db:"number" json:"number"`
	Fact       string        `db:"fact" json:"fact"`
	State      string        `db:"state" json:"state"`
	AgencyName string        `db:"agency_name" json:"agency_name"`
	HappenedOn deadline.Date `db:"happened_on" json:"happened_on"`
	SameItem   bool          `db:"same_item" json:"-"`
	SameKind   bool          `db:"same_kind" json:"-"`
	SameDay    bool          `db:"same_day" json:"-"`
	Same       []string      `db:"-" json:"same" nullable:"false"` // agency, item, category, day
}

// Colleague is a colleague who may verify too.
type Colleague struct {
	ID   uuid.UUID `db:"id" json:"id"`
	Name string    `db:"name" json:"name"`
	Role string    `db:"role" json:"role"`
}

// LeadEvent is one line of the time line.
type LeadEvent struct {
	Deed      Deed      `db:"deed" json:"deed"`
	State     State     `db:"state" json:"state"`
	At        time.Time `db:"at" json:"at"`
	ActorName string    `db:"actor_name" json:"actor_name"`
	ActorRole string    `db:"actor_role" json:"actor_role"`
	Text      string    `db:"text" json:"text"`
}

// Get reads one lead in the actor's scope with all that hangs on it.
func (s *Service) Get(ctx context.Context, who actor.Actor, id uuid.UUID) (LeadView, error) {
	l, err := readLead(ctx, s.db, who, id, "")
	if err != nil {
		return LeadView{}, err
	}
	v := LeadView{Reason: l.Reason, ReferredTo: l.ReferredTo, Letter: l.Letter, DueFrom: deadline.DayOf(l.RaisedAt), DecidedAt: l.DecidedAt, Photos: []LeadPhoto{}, Duplicates: []Duplicate{}, Seconds: []Colleague{}, Events: []LeadEvent{}}
	v.LeadItem = LeadItem{ID: l.ID, Number: l.Number, Origin: l.Origin, OriginID: pointer(l.OriginID), OriginItem: l.OriginItem, OfficeID: pointer(l.OfficeID), AgencyID: pointer(l.AgencyID),
		Severity: l.Severity, Category: l.Category, Fact: l.Fact, HappenedOn: l.HappenedOn, RaisedAt: l.RaisedAt, State: l.State, DueOn: l.DueOn, DueRule: ruleOf(l), ProblemID: pointer(l.ProblemID), Version: l.Version}
	if v.Outcome = l.Outcome; l.State == Referred {
		v.DueOn, v.DueRule, v.DueFrom = l.Due, l.Rule, l.From
	}
	v.Overdue = v.late(deadline.DayOf(s.now()))
	v.Deeds, v.Blocked = l.Offers(who)
	return v, s.fill(ctx, who, l, &v)
}

// ruleOf is dueRule for a lead that was read whole.
func ruleOf(l Lead) string {
	if l.DueOn == "" {
		return ""
	}
	return map[string]string{"feedback": "DL13", "complaint": "DL01", "transfer": "DL15"}[l.Origin]
}

func pointer(id uuid.NullUUID) *uuid.UUID {
	if !id.Valid {
		return nil
	}
	return &id.UUID
}

func (d *Duplicate) say() {
	d.Same = []string{"agency"}
	for _, x := range []struct {
		is   bool
		name string
	}{{d.SameItem, "item"}, {d.SameKind, "category"}, {d.SameDay, "day"}} {
		if x.is {
			d.Same = append(d.Same, x.name)
		}
	}
}
