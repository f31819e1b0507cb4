package problem

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// Categories are DOMAIN F.2's first level; Natures and Origins those of G.1.
var (
	Categories = []string{"inaction", "misconduct", "procedure", "manner", "integrity", "discretion", "qualification", "paperwork", "disturbance", "other"}
	Natures    = []string{"unlawful", "improper", "flaw", "advice"}
	Origins    = []string{"visit", "feedback", "complaint", "casefile", "special", "contact", "supervisor", "transfer", "activity", "filing"}
	severities = []string{Redline, General, Minor}
)

// Registration is what a lead becomes a problem with.
type Registration struct {
	OfficeID   uuid.NullUUID
	AgencyID   uuid.UUID
	Origin     string
	Severity   string
	Category   string
	Tag        string
	Nature     string
	Common     bool
	Item       string
	Fact       string
	Basis      string
	FoundOn    deadline.Date
	ReporterID uuid.NullUUID
	VerifierID uuid.NullUUID
	// Photos are hashes already held with the lead's record; they become the problem's evidence.
	Photos []string
	// Business is where it was found, for the desk's search; the agency is never told.
	Business string
}

func (r Registration) check(today deadline.Date) error {
	var f faults
	f.add(r.AgencyID == uuid.Nil, "agency_id", "写明是哪个执法单位")
	f.add(!listed(Origins, r.Origin), "origin", "没有这种来源")
	f.add(!listed(severities, r.Severity), "severity", "选一个严重程度")
	f.add(!listed(Categories, r.Category), "category", "选一个类别")
	f.add(!listed(Natures, r.Nature), "nature", "选一个性质")
	f.add(!isTag(r.Tag), "tag", "没有这一项监督内容")
	f.text("fact", r.Fact, "写明事实", 4000)
	f.text("basis", r.Basis, "写明依据的条款", 1000)
	f.add(utf8.RuneCountInString(r.Item) > 40, "item", "事项编号太长")
	f.date("found_on", r.FoundOn, "2000-01-01", today, "发现日期不能晚于今天")
	f.photos(r.Photos, 0, "")
	f.add(utf8.RuneCountInString(r.Business) > 400, "business", "单位名称太长")
	return f.err()
}

func listed(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func isTag(t string) bool { return t == "" || (len(t) == 3 && t >= "T01" && t <= "T19") }

// Register enters a problem, already confirmed, within the caller's transaction, and gives it the next number.
// Whoever calls it (lead) has decided that who may do so.
func (s *Service) Register(ctx context.Context, tx *db.DB, who actor.Actor, in Registration) (uuid.UUID, string, error) {
	now := s.now()
	if in.Nature == "" {
		in.Nature = "improper"
	}
	if err := in.check(deadline.DayOf(now)); err != nil {
		return uuid.Nil, "", err
	}
	id, err := uuid.NewRandom() // not v7: see migrations/0007_problem.sql
	if err != nil {
		return uuid.Nil, "", err
	}
	p := Problem{
		ID: id, OfficeID: in.OfficeID, AgencyID: in.AgencyID, Origin: in.Origin, Severity: in.Severity, Category: in.Category, Tag: in.Tag,
		Nature: in.Nature, Common: in.Common, Item: in.Item, Fact: in.Fact, Basis: in.Basis, FoundOn: in.FoundOn, State: Confirmed,
		ReporterID: in.ReporterID, VerifierID: in.VerifierID, RegisteredAt: now, Version: 1,
	}
	if who.Is(actor.Office, actor.County) {
		p.HandlerID = who.Account()
	}
	if p.Number, err = takeNumber(ctx, tx, seriesRegister, now); err != nil {
		return uuid.Nil, "", err
	}
	if err := insertProblem(ctx, tx, p, in.Business); err != nil {
		return uuid.Nil, "", err
	}
	if err := s.adopt(ctx, tx, who, p, in.Photos); err != nil {
		return uuid.Nil, "", err
	}
	ev := Event{Deed: Registered, State: Confirmed, Text: in.Fact, Data: map[string]any{"severity": in.Severity, "basis": in.Basis}}
	if err := appendEvent(ctx, tx, p.ID, who, ev, now); err != nil {
		return uuid.Nil, "", err
	}
	return p.ID, p.Number, audit.Append(ctx, tx, now, who, "problem.register", "problem", p.ID, map[string]any{"number": p.Number, "severity": p.Severity})
}

// Severity is how severe a problem is that who can see.
func (s *Service) Severity(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (string, error) {
	p, err := readProblem(ctx, tx, who, id, "")
	return p.Severity, err
}

// Join notes that one more lead tells of this open problem, which who must be able to see. It gives its number.
func (s *Service) Join(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, leadNumber string) (string, error) {
	p, err := lockProblem(ctx, tx, who, id)
	if err != nil {
		return "", err
	}
	if !p.Open() {
		return "", conflict("state", "这个问题已经办结，不能并入。可以登记为新问题，或请县司法局重新打开。")
	}
	now := s.now()
	ev := Event{Deed: Joined, State: p.State, Data: map[string]any{"lead": leadNumber}}
	if err := appendEvent(ctx, tx, id, who, ev, now); err != nil {
		return "", err
	}
	return p.Number, audit.Append(ctx, tx, now, who, "problem.join", "problem", id, map[string]any{"lead": leadNumber})
}

// HandOver gives a leaver's open problems to a successor, or to nobody in particular, within the caller's transaction.
func (s *Service) HandOver(ctx context.Context, tx *db.DB, who actor.Actor, from uuid.UUID, to uuid.NullUUID, at time.Time) (int, error) {
	ids, err := handOver(ctx, tx, from, to)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := audit.Append(ctx, tx, at, who, "problem.hand_over", "problem", id, map[string]any{"from": from, "to": to}); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
