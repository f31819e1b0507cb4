package lead

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/problem"
)

// Service keeps the queue.
type Service struct {
	db       *db.DB
	now      clock.Clock
	problems *problem.Service
	files    *evidence.Service
}

// New makes the service.
func New(d *db.DB, now clock.Clock, problems *problem.Service, files *evidence.Service) *Service {
	db.Constraint("leads_agency_id_fkey", "agency_id", "没有这个执法单位")
	db.Constraint("leads_office_id_fkey", "office_id", "没有这个司法所")
	return &Service{db: d, now: now, problems: problems, files: files}
}

// Raise raises a lead in the transaction of the intake it comes from; the same origin again gives the same lead.
// A red line seen on a visit is registered as a problem at once, reported by who saw it.
func (s *Service) Raise(ctx context.Context, tx *db.DB, who actor.Actor, in Input) (uuid.UUID, error) {
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	now := s.now()
	id, fresh, err := raise(ctx, tx, in, now)
	if err != nil || !fresh {
		return id, err
	}
	if err := audit.Append(ctx, tx, now, who, "lead.raise", "lead", id, map[string]any{"origin": in.Origin, "severity": in.Severity}); err != nil {
		return id, err
	}
	if in.Severity != problem.Redline || in.Origin != "visit" {
		return id, nil
	}
	return id, s.registerRedline(ctx, tx, who, id, in)
}

// registerRedline takes a red line straight to the register: nobody may sit on one (DOMAIN D.2).
func (s *Service) registerRedline(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, in Input) error {
	l, err := lockLead(ctx, tx, actor.System, id)
	if err != nil {
		return err
	}
	photos, err := declared(ctx, tx, l, in.Photos)
	if err != nil {
		return err
	}
	basis, err := basisOf(ctx, tx, in.Item)
	if err != nil {
		return err
	}
	business, err := businessOf(ctx, tx, l)
	if err != nil {
		return err
	}
	pid, _, err := s.problems.Register(ctx, tx, who, problem.Registration{
		OfficeID: l.OfficeID, AgencyID: in.AgencyID, Origin: l.Origin, Severity: l.Severity, Category: l.Category, Item: l.OriginItem,
		Nature: "unlawful", Fact: l.Fact, Basis: basis, FoundOn: l.foundOn(deadline.DayOf(s.now())), ReporterID: l.ReporterID, Photos: photos, Business: business,
	})
	if err != nil {
		return err
	}
	l.State, l.ProblemID = Registered, uuid.NullUUID{UUID: pid, Valid: true}
	return s.settle(ctx, tx, actor.System, l.decided(actor.System, s.now()), Event{Deed: Register, State: Registered})
}

// settle writes a decision: row, event, audit.
func (s *Service) settle(ctx context.Context, tx *db.DB, who actor.Actor, l Lead, ev Event) error {
	if err := saveLead(ctx, tx, l); err != nil {
		return err
	}
	if err := appendEvent(ctx, tx, l.ID, who, ev, s.now()); err != nil {
		return err
	}
	return audit.Append(ctx, tx, s.now(), who, "lead."+string(ev.Deed), "lead", l.ID, map[string]any{"to": l.State, "problem_id": l.ProblemID})
}

// Act decides an open lead. It gives the problem the lead became or joined; uuid.Nil for the rest.
func (s *Service) Act(ctx context.Context, who actor.Actor, d Deed, id uuid.UUID, version int, in Decision) (uuid.UUID, error) {
	in.Fact, in.Basis, in.Reason, in.To = strings.TrimSpace(in.Fact), strings.TrimSpace(in.Basis), strings.TrimSpace(in.Reason), strings.TrimSpace(in.To)
	in.Letter, in.Text = strings.TrimSpace(in.Letter), strings.TrimSpace(in.Text)
	var pid uuid.UUID
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		l, err := lockLead(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if l.Version != version {
			return fault.Stale()
		}
		if err := s.look(ctx, tx, who, d, l, &in); err != nil {
			return err
		}
		if d == Outcome {
			if err := s.hang(ctx, tx, who, l.ID, in.Photos, "outcome"); err != nil {
				return err
			}
		}
		if err := l.Check(d, who, in); err != nil {
			return err
		}
		if pid, err = s.toProblem(ctx, tx, who, d, l, in); err != nil {
			return err
		}
		if pid != uuid.Nil {
			in.ProblemID = &pid
		}
		after, ev, err := l.Take(d, who, in, s.now())
		if err != nil {
			return err
		}
		return s.settle(ctx, tx, who, after, ev)
	})
	return pid, err
}

// look reads what triage's rules ask about other records.
func (s *Service) look(ctx context.Context, tx *db.DB, who actor.Actor, d Deed, l Lead, in *Decision) (err error) {
	switch {
	case d == Attach && in.ProblemID != nil && l.Severity == problem.Redline:
		in.Target, err = s.problems.Severity(ctx, tx, who, *in.ProblemID)
	case d == Register && in.AgencyID != nil && l.fromVoice():
		in.Agency, err = agencyName(ctx, tx, *in.AgencyID)
	case d == Refer || d == Press:
		sum, bad := s.problems.OutcomeDue(ctx, tx, in.HandledOn)
		in.Awaited, err = Awaited{sum.Rule, sum.From, sum.Due}, bad
	}
	return err
}

func (s *Service) toProblem(ctx context.Context, tx *db.DB, who actor.Actor, d Deed, l Lead, in Decision) (uuid.UUID, error) {
	switch d {
	case Register:
		return s.toNew(ctx, tx, who, l, in)
	case Attach:
		_, err := s.problems.Join(ctx, tx, who, *in.ProblemID, l.Number)
		return *in.ProblemID, err
	default:
		return uuid.Nil, nil
	}
}

// toNew registers the problem. Its reporter is who registers it, beside who wrote the lead: who closes it must be someone else.
func (s *Service) toNew(ctx context.Context, tx *db.DB, who actor.Actor, l Lead, in Decision) (uuid.UUID, error) {
	if err := s.mayShow(ctx, tx, who, l, in.Photos); err != nil {
		return uuid.Nil, err
	}
	verifier := uuid.NullUUID{}
	if in.SecondID != nil {
		if err := maySecond(ctx, tx, l, *in.SecondID); err != nil {
			return uuid.Nil, err
		}
		verifier = uuid.NullUUID{UUID: *in.SecondID, Valid: true}
	}
	office, err := officeFor(ctx, tx, l, *in.AgencyID)
	if err != nil {
		return uuid.Nil, err
	}
	if who.Is(actor.Office) {
		office = who.OfficeID
	}
	business, err := businessOf(ctx, tx, l)
	if err != nil {
		return uuid.Nil, err
	}
	r := problem.Registration{
		OfficeID: office, AgencyID: *in.AgencyID, Origin: l.Origin, Severity: in.Severity, Category: in.Category, Tag: in.Tag, Nature: in.Nature, Common: in.Common,
		Item: l.OriginItem, Fact: in.Fact, Basis: in.Basis, FoundOn: l.foundOn(deadline.DayOf(s.now())), ReporterID: who.Account(), VerifierID: verifier, Photos: in.Photos, Business: business,
	}
	if r.Fact == "" {
		r.Fact = l.Fact
	}
	if r.Category == "" {
		r.Category = l.Category
	}
	id, _, err := s.problems.Register(ctx, tx, who, r)
	return id, err
}

// mayShow holds the chosen photos to the lead's own record and to what the person brought: no other hash will do.
func (s *Service) mayShow(ctx context.Context, tx *db.DB, who actor.Actor, l Lead, hashes []string) error {
	if len(hashes) == 0 {
		return nil
	}
	ours, err := declared(ctx, tx, l, hashes)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, h := range ours {
		known[h] = true
	}
	var rest []string
	for _, h := range hashes {
		if !known[h] {
			rest = append(rest, h)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return s.files.MustHave(ctx, tx, who, rest)
}

func (in Input) check() error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(in.Fact)); {
	case !listed(problem.Origins, in.Origin):
		return fault.Field("origin", "没有这种来源")
	case in.Severity != problem.Redline && in.Severity != problem.General && in.Severity != problem.Minor:
		return fault.Field("severity", "选一个严重程度")
	case !listed(problem.Categories, in.Category):
		return fault.Field("category", "选一个类别")
	case n < 2 || n > 4000:
		return fault.Field("fact", "写明时间、地点、经过，最多4000字")
	}
	return nil
}

func listed(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
