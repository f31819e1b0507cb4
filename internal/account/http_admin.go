package account

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/web"
)

func (s *Service) adminRoutes(r *web.Router) {
	admin := web.Roles(actor.Admin)
	auditor := web.Roles(actor.Auditor)
	setters := web.Roles(actor.Admin, actor.County)
	web.Get(r, "/api/accounts", admin, "accounts by name", s.getAccounts)
	web.Post(r, "/api/accounts", admin, "add an account; the initial password is given once", s.postAccount)
	web.Get(r, "/api/accounts/{id}", admin, "one account", s.getAccount)
	web.Patch(r, "/api/accounts/{id}", admin, "change an account", s.patchAccount)
	web.Post(r, "/api/accounts/{id}/reset", admin, "a new initial password, given once", s.postReset)
	web.Get(r, "/api/accounts/{id}/open-work", admin, "what is open in a person's name", s.getOpenWork)
	web.Post(r, "/api/accounts/{id}/leave", admin, "end a login and hand open work over", s.postLeave)
	web.Post(r, "/api/accounts/{id}/return", admin, "let a person who left log in again", s.postReturn)
	web.Post(r, "/api/accounts/{id}/totp-reset", admin, "take a lost second factor away", s.postTOTPReset)
	web.Post(r, "/api/accounts/{id}/tokens", admin, "a bearer token for a program, given once", s.postToken)
	web.Get(r, "/api/settings/security", setters, "how logins are guarded", s.getSecurity)
	web.Put(r, "/api/settings/security", setters, "change how logins are guarded", s.putSecurity)
	web.Get(r, "/api/audit", auditor, "the audit trail, newest first", s.getTrail)
	web.Get(r, "/api/audit/head", auditor, "the newest seal over the trail", s.getTrailHead)
}

type oneAccount struct {
	ID uuid.UUID `path:"id"`
}

func (s *Service) getAccounts(ctx context.Context, who actor.Actor, in *struct {
	Q      string `query:"q" maxLength:"100"`
	Role   string `query:"role" enum:"county,leader,office,supervisor,agency,hotline,admin,auditor"`
	Active string `query:"active" enum:"true,false"`
	After  string `query:"after" maxLength:"600"`
}) (*answer[web.Page[Account]], error) {
	return reply(s.Accounts(ctx, who, Filter{in.Q, actor.Role(in.Role), in.Active, in.After}))
}

func (s *Service) getAccount(ctx context.Context, who actor.Actor, in *oneAccount) (*answer[Account], error) {
	return reply(s.Account(ctx, who, in.ID))
}

// NewAccount is an account just made. The password is nowhere to be read again.
type NewAccount struct {
	Account         Account `json:"account"`
	InitialPassword string  `json:"initial_password"`
}

func (s *Service) postAccount(ctx context.Context, who actor.Actor, in *struct{ Body Form }) (*answer[NewAccount], error) {
	a, password, err := s.CreateAccount(ctx, who, in.Body)
	return reply(NewAccount{a, password}, err)
}

func (s *Service) patchAccount(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body Patch
}) (*answer[Account], error) {
	return reply(s.ChangeAccount(ctx, who, in.ID, in.Body))
}

// InitialPassword is shown once.
type InitialPassword struct {
	Password string `json:"initial_password"`
}

func (s *Service) postReset(ctx context.Context, who actor.Actor, in *oneAccount) (*answer[InitialPassword], error) {
	password, err := s.ResetPassword(ctx, who, in.ID)
	return reply(InitialPassword{password}, err)
}

func (s *Service) postReturn(ctx context.Context, who actor.Actor, in *oneAccount) (*answer[InitialPassword], error) {
	password, err := s.Return(ctx, who, in.ID)
	return reply(InitialPassword{password}, err)
}

func (s *Service) getOpenWork(ctx context.Context, who actor.Actor, in *oneAccount) (*answer[OpenWork], error) {
	return reply(s.OpenWork(ctx, who, in.ID))
}

// LeaveForm says why a person leaves and who takes over.
type LeaveForm struct {
	SuccessorID uuid.NullUUID `json:"successor_id,omitempty" nullable:"true"`
	Reason      string        `json:"reason" maxLength:"500"`
}

// LeaveResult tells how many records changed hands.
type LeaveResult struct {
	Moved int `json:"moved"`
}

func (s *Service) postLeave(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body LeaveForm
}) (*answer[LeaveResult], error) {
	moved, err := s.Leave(ctx, who, in.ID, in.Body.SuccessorID, in.Body.Reason)
	return reply(LeaveResult{moved}, err)
}

func (s *Service) postTOTPReset(ctx context.Context, who actor.Actor, in *oneAccount) (*struct{}, error) {
	return none(s.ResetTOTP(ctx, who, in.ID))
}

// TokenForm names the program a token is for.
type TokenForm struct {
	Label string `json:"label" maxLength:"200"`
	Days  int    `json:"days"`
}

// BearerToken is shown once.
type BearerToken struct {
	Token string `json:"token"`
}

func (s *Service) postToken(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body TokenForm
}) (*answer[BearerToken], error) {
	token, err := s.CreateToken(ctx, who, in.ID, in.Body.Label, in.Body.Days)
	return reply(BearerToken{token}, err)
}

func (s *Service) getSecurity(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[Security], error) {
	return reply(s.Security(ctx, who))
}

func (s *Service) putSecurity(ctx context.Context, who actor.Actor, in *struct{ Body Security }) (*answer[Security], error) {
	return reply(s.SaveSecurity(ctx, who, in.Body))
}

func (s *Service) getTrail(ctx context.Context, who actor.Actor, in *struct {
	Deed    string `query:"deed" maxLength:"60"`
	Actor   string `query:"actor" maxLength:"60"`
	Subject string `query:"subject_id" format:"uuid"`
	From    string `query:"from" format:"date"`
	To      string `query:"to" format:"date"`
	After   string `query:"after" maxLength:"60"`
}) (*answer[web.Page[TrailRow]], error) {
	return reply(s.Trail(ctx, who, TrailFilter{in.Deed, in.Actor, in.Subject, in.From, in.To, in.After}))
}

func (s *Service) getTrailHead(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[audit.Head], error) {
	return reply(s.TrailHead(ctx, who))
}
