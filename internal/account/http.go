package account

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// Routes adds the addresses of logins and one's own account, then those of the administrator and the auditor.
func (s *Service) Routes(r *web.Router) {
	c := cookies{r.CookieName(), r.Secure()}
	own := web.SignedIn.EvenLimited()
	web.Post(r, "/api/session", web.Anyone, "log in: name, password, and the code where one is due", func(ctx context.Context, _ actor.Actor, in *loginIn) (*loginOut, error) {
		return s.postSession(ctx, c, in)
	})
	web.Get(r, "/api/session", own, "who I am", s.getSession)
	web.Delete(r, "/api/session", own, "log out", func(ctx context.Context, who actor.Actor, _ *struct{}) (*cookieOut, error) {
		return &cookieOut{c.clear()}, s.Logout(ctx, who, web.SessionIn(ctx).Token)
	})
	web.Get(r, "/api/sessions", web.SignedIn, "my logins", s.getSessions)
	web.Delete(r, "/api/sessions", web.SignedIn, "end all my other logins", s.deleteSessions)
	web.Delete(r, "/api/sessions/{id}", web.SignedIn, "end one of my logins", s.deleteOneSession)
	web.Post(r, "/api/password", own, "change my password", s.postPassword)
	web.Post(r, "/api/totp", own, "begin a second factor", s.postTOTP)
	web.Post(r, "/api/totp/confirm", own, "turn the second factor on", s.postTOTPConfirm)
	web.Post(r, "/api/totp/remove", web.SignedIn, "turn the second factor off", s.postTOTPRemove)
	web.Get(r, "/api/colleagues", web.Roles(actor.County, actor.Leader, actor.Office, actor.Supervisor), "active people in sight, by role", s.getColleagues)
	s.deviceRoutes(r)
	s.adminRoutes(r)
}

type answer[T any] struct{ Body T }

func reply[T any](v T, err error) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{v}, nil
}

// none answers 204.
func none(err error) (*struct{}, error) { return nil, err }

type list[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

// cookies makes and clears the session cookie. Lax: a link from WeChat to the desk keeps the login, a foreign form does not.
type cookies struct {
	name   string
	secure bool
}

func (c cookies) make(token string) http.Cookie {
	// The server ends sessions; the cookie only has to outlive a phone's closed browser.
	const day = 24 * 60 * 60
	return http.Cookie{Name: c.name, Value: token, Path: "/", MaxAge: day, HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode}
}

func (c cookies) clear() http.Cookie {
	gone := c.make("")
	gone.MaxAge = -1
	return gone
}

type cookieOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// LoginForm is what the login page sends.
type LoginForm struct {
	Username string `json:"username" maxLength:"200"`
	Password string `json:"password" maxLength:"1000"`
	Code     string `json:"code,omitempty" maxLength:"20" doc:"second factor; asked for by 401 totp_required"`
}

type loginIn struct {
	UserAgent string `header:"User-Agent"`
	Body      LoginForm
}

type loginOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

func (s *Service) postSession(ctx context.Context, c cookies, in *loginIn) (*loginOut, error) {
	cred := Credentials{Username: in.Body.Username, Password: in.Body.Password, Code: in.Body.Code, Address: web.Address(ctx), Label: deviceName(in.UserAgent)}
	if former := web.SessionIn(ctx); former.Kind == "browser" {
		cred.Former = former.Token
	}
	token, err := s.Login(ctx, cred)
	if err != nil {
		return nil, err
	}
	who, _, err := s.Authenticate(ctx, token)
	if err != nil {
		return nil, err
	}
	me, err := s.Me(ctx, who)
	return &loginOut{c.make(token), me}, err
}

// deviceName is how a login is called in the person's own list.
func deviceName(agent string) string {
	pick := func(pairs ...string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	device := pick("HarmonyOS", "鸿蒙手机", "OpenHarmony", "鸿蒙手机", "iPhone", "iPhone", "iPad", "iPad", "Android", "安卓手机", "Windows", "Windows电脑", "Macintosh", "Mac电脑", "Linux", "Linux电脑")
	browser := pick("MicroMessenger", "微信", "DingTalk", "钉钉", "Edg", "Edge", "QQBrowser", "QQ浏览器", "Firefox", "Firefox", "Chrome", "Chrome", "Safari", "Safari")
	switch {
	case device == "" && browser == "":
		return "其他设备"
	case device == "" || browser == "":
		return device + browser
	}
	return device + "·" + browser
}

func (s *Service) getSession(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[Me], error) {
	return reply(s.Me(ctx, who))
}

func (s *Service) getSessions(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[list[Session]], error) {
	items, err := s.Sessions(ctx, who, web.SessionIn(ctx).Token)
	return reply(list[Session]{items}, err)
}

func (s *Service) deleteSessions(ctx context.Context, who actor.Actor, _ *struct{}) (*struct{}, error) {
	return none(s.EndOtherSessions(ctx, who, web.SessionIn(ctx).Token))
}

func (s *Service) deleteOneSession(ctx context.Context, who actor.Actor, in *struct {
	ID uuid.UUID `path:"id"`
}) (*struct{}, error) {
	return none(s.EndSession(ctx, who, in.ID))
}

// PasswordForm is what the page for changing the password sends.
type PasswordForm struct {
	Current string `json:"current" maxLength:"1000"`
	New     string `json:"new" maxLength:"1000"`
}

func (s *Service) postPassword(ctx context.Context, who actor.Actor, in *struct{ Body PasswordForm }) (*struct{}, error) {
	return none(s.ChangePassword(ctx, who, web.SessionIn(ctx).Token, web.Address(ctx), in.Body.Current, in.Body.New))
}

// firstPassword keeps the second factor until the first password is changed: a must_change account is not yet the person's.
func firstPassword(ctx context.Context) error {
	if web.SessionIn(ctx).Limited == "must_change" {
		return fault.New(fault.Forbidden, "must_change", "请先换掉初始密码，再绑定动态验证码。")
	}
	return nil
}

func (s *Service) postTOTP(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[TOTPSetup], error) {
	if err := firstPassword(ctx); err != nil {
		return nil, err
	}
	return reply(s.SetUpTOTP(ctx, who))
}

// CodeForm carries a code of the second factor.
type CodeForm struct {
	Code string `json:"code" maxLength:"20"`
}

func (s *Service) postTOTPConfirm(ctx context.Context, who actor.Actor, in *struct{ Body CodeForm }) (*struct{}, error) {
	if err := firstPassword(ctx); err != nil {
		return nil, err
	}
	return none(s.ConfirmTOTP(ctx, who, web.SessionIn(ctx).Token, web.Address(ctx), in.Body.Code))
}

// ProofForm asks for the password once more, and for a code where there is a second factor.
type ProofForm struct {
	Password string `json:"password" maxLength:"1000"`
	Code     string `json:"code,omitempty" maxLength:"20"`
}

func (s *Service) postTOTPRemove(ctx context.Context, who actor.Actor, in *struct{ Body ProofForm }) (*struct{}, error) {
	return none(s.RemoveTOTP(ctx, who, web.Address(ctx), in.Body.Password, in.Body.Code))
}

func (s *Service) getColleagues(ctx context.Context, who actor.Actor, in *struct {
	Role string `query:"role" enum:"county,leader,office,supervisor"`
}) (*answer[web.Page[Colleague]], error) {
	return reply(s.Colleagues(ctx, who, actor.Role(in.Role)))
}
