package deadline

import (
	"context"
	"strings"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// Routes: everyone signed in may see how a deadline is counted, the county changes it.
func (s *Service) Routes(r *web.Router) {
	web.Get(r, "/api/deadlines/rules", web.SignedIn, "deadline rules with their basis", s.getRules)
	web.Put(r, "/api/deadlines/rules/{code}", web.Roles(actor.County), "change a rule from a day on", s.putRule)
	web.Get(r, "/api/deadlines/calendar/{year}", web.SignedIn, "holidays and working weekends of a year", s.getYear)
	web.Put(r, "/api/deadlines/calendar/{year}", web.Roles(actor.County), "write a year's holidays and working weekends", s.putYear)
	web.Get(r, "/api/deadlines/due", web.SignedIn, "count a due date and show the sum", s.getDue)
}

// RuleView is a rule with what people are told about its force.
type RuleView struct {
	Rule
	Statutory bool `json:"statutory"`
}

type deadlineRulesOut struct {
	Body struct {
		Items []RuleView `json:"items" nullable:"false"`
	}
}

func (s *Service) getRules(ctx context.Context, who actor.Actor, _ *struct{}) (*deadlineRulesOut, error) {
	rules, err := s.Rules(ctx, who)
	out := &deadlineRulesOut{}
	out.Body.Items = make([]RuleView, 0, len(rules))
	for _, r := range rules {
		out.Body.Items = append(out.Body.Items, RuleView{r, r.Statutory()})
	}
	return out, err
}

type putRuleIn struct {
	Code string `path:"code" maxLength:"8"`
	Body struct {
		EffectiveFrom Date   `json:"effective_from,omitempty" maxLength:"10" doc:"empty: today"`
		Value         int    `json:"value"`
		Unit          string `json:"unit" maxLength:"2"`
		Basis         string `json:"basis" maxLength:"400"`
		Strength      string `json:"strength" maxLength:"16"`
		Version       int    `json:"version,omitempty" minimum:"0" doc:"the newest version of the code that was looked at; another in between is a conflict"`
		Reason        string `json:"reason,omitempty" maxLength:"200" doc:"why it is changed; stands in the trail"`
	}
}
type ruleOut struct{ Body RuleView }

func (s *Service) putRule(ctx context.Context, who actor.Actor, in *putRuleIn) (*ruleOut, error) {
	b := in.Body
	var bad []fault.FieldError
	if b.Version == 0 {
		bad = append(bad, fault.FieldError{Field: "version", Message: "写明看过的是第几版"})
	}
	if len([]rune(strings.TrimSpace(b.Reason))) < 2 {
		bad = append(bad, fault.FieldError{Field: "reason", Message: "写明这次为什么改，会留在记录里"})
	}
	if len(bad) > 0 {
		return nil, fault.Invalidf(bad...)
	}
	r, err := s.SetRule(ctx, who, Rule{Code: in.Code, EffectiveFrom: b.EffectiveFrom, Value: b.Value, Unit: b.Unit, Basis: b.Basis, Strength: b.Strength, Version: b.Version, Reason: b.Reason})
	return &ruleOut{RuleView{r, r.Statutory()}}, err
}

type yearIn struct {
	Year int `path:"year"`
}
type yearOut struct{ Body Year }

func (s *Service) getYear(ctx context.Context, who actor.Actor, in *yearIn) (*yearOut, error) {
	y, err := s.CalendarYear(ctx, who, in.Year)
	return &yearOut{y}, err
}

type putYearIn struct {
	Year int `path:"year"`
	Body struct {
		Version int         `json:"version" doc:"the version looked at; 0 for a year that is not there yet"`
		Source  string      `json:"source" maxLength:"100"`
		Days    []Exception `json:"days" maxItems:"120"`
	}
}

func (s *Service) putYear(ctx context.Context, who actor.Actor, in *putYearIn) (*yearOut, error) {
	y, err := s.SetYear(ctx, who, Year{Year: in.Year, Source: in.Body.Source, Version: in.Body.Version, Days: in.Body.Days})
	return &yearOut{y}, err
}

type dueIn struct {
	Rule string `query:"rule" maxLength:"8"`
	From Date   `query:"from" maxLength:"10"`
}
type dueOut struct{ Body DueSum }

func (s *Service) getDue(ctx context.Context, _ actor.Actor, in *dueIn) (*dueOut, error) {
	sum, err := s.Due(ctx, s.db, in.Rule, in.From)
	return &dueOut{sum}, err
}
