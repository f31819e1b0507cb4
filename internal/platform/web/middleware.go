package web

import (
	"context"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

type ctxKey int

const (
	keyActor ctxKey = iota
	keySession
	keyRequest
	keyAddress
)

// ActorIn is who stands behind the request of ctx; the public when nobody is logged in.
func ActorIn(ctx context.Context) actor.Actor {
	if a, ok := ctx.Value(keyActor).(actor.Actor); ok {
		return a
	}
	return actor.Public
}

// ActorOf is ActorIn for a plain handler.
func ActorOf(c *fiber.Ctx) actor.Actor { return ActorIn(c.UserContext()) }

// SessionIn is the login behind the request of ctx.
func SessionIn(ctx context.Context) Session {
	s, _ := ctx.Value(keySession).(Session)
	return s
}

// RequestID is the id under which the log knows the request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(keyRequest).(string)
	return id
}

// Address is the client's network address, for throttles only: it is never logged or stored as it is.
func Address(ctx context.Context) string {
	a, _ := ctx.Value(keyAddress).(string)
	return a
}

// CookieName is the session cookie's name; the __Host- prefix binds it to https and this host.
func (r *Router) CookieName() string {
	if r.opt.Secure {
		return "__Host-suixing_session"
	}
	return "suixing_session"
}

// observe gives the request an id, catches panics, counts and logs it by its pattern: no address, no ticket, no name.
func (r *Router) observe(c *fiber.Ctx) (err error) {
	start := time.Now()
	id := uuid.NewString()[:13]
	ctx := context.WithValue(c.UserContext(), keyRequest, id)
	c.SetUserContext(context.WithValue(ctx, keyAddress, r.proxies.client(c)))
	c.Set("X-Request-Id", id)
	defer func() {
		if p := recover(); p != nil {
			r.opt.Log.Error("panic", "request_id", id, "panic", p, "stack", stack())
			err = r.answerError(c, fault.New(fault.Internal, "internal", "系统出了错，已经记下，编号"+id+"。"))
		}
		pattern := "none"
		if rt := c.Route(); rt != nil && c.Response().StatusCode() != 404 {
			pattern = rt.Path
		}
		took := time.Since(start)
		r.metrics.count(c.Method(), pattern, c.Response().StatusCode(), took)
		r.opt.Log.Info("request", "request_id", id, "method", c.Method(), "route", pattern, "status", c.Response().StatusCode(),
			"ms", took.Milliseconds(), "role", string(ActorOf(c).Role))
	}()
	if err = c.Next(); err != nil {
		err = r.answerError(c, err)
	}
	if c.Response().StatusCode() >= 400 {
		leaveBody(c)
	}
	return err
}

// leaveBody ends a connection whose body was refused: a little is read so that the client gets to see the answer,
// and nothing of the rest is taken for the next request.
func leaveBody(c *fiber.Ctx) {
	if !c.Request().IsBodyStream() {
		return
	}
	c.Response().SetConnectionClose()
	if conn := c.Context().Conn(); conn != nil {
		_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	}
	_, _ = io.CopyN(io.Discard, c.Context().RequestBodyStream(), 8<<20)
}

// DefaultCSP allows only our own files, and no text becomes markup or script but through the two policies named
// (pwa/src/ui/trusted.ts); pages with an inlined stylesheet set their own by hash.
const DefaultCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; font-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types vue default"

func (r *Router) headers(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", DefaultCSP)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()")
	c.Set(fiber.HeaderCacheControl, "no-store")
	if r.opt.Secure {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return c.Next()
}

// deadline gives every request an end: fasthttp never tells that a client has hung up. Uploads get their own.
func (r *Router) deadline(c *fiber.Ctx) error {
	limit := 30 * time.Second
	path := c.Path()
	if strings.HasPrefix(path, "/api/photos/") || strings.HasPrefix(path, "/api/sheets/") || strings.HasSuffix(path, "/paper") || path == "/api/rescue" || c.Method() == fiber.MethodPost && !strings.HasPrefix(c.Path(), "/api/") {
		limit = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), limit)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// origin refuses an unsafe request that carries a session and does not come from our own pages. The public forms' own cookies
// give no right to anything, and an old browser that sends no Origin must still be able to answer.
func (r *Router) origin(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	head := c.Get(fiber.HeaderAuthorization)
	if c.Cookies(r.CookieName()) == "" || strings.HasPrefix(head, "Bearer ") || strings.HasPrefix(head, DevicePrefix) {
		return c.Next()
	}
	if c.Get("Sec-Fetch-Site") == "same-origin" || sameOrigin(c.Get(fiber.HeaderOrigin), string(c.Request().Host())) {
		return c.Next()
	}
	return fault.New(fault.Forbidden, "cross_origin", "请求不是从本系统的页面发出的，没有办理。")
}

func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && origin != "" && u.Host != "" && strings.EqualFold(u.Host, host)
}

// DevicePrefix stands before a device's secret in the Authorization header, and in the token an Authenticator is given.
const DevicePrefix = "Device "

// authenticate resolves the token; a bad or ended one is the public, and the route says what that may do.
func (r *Router) authenticate(c *fiber.Ctx) error {
	token := strings.TrimPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	if token == "" {
		token = c.Cookies(r.CookieName())
	}
	if token == "" || r.auth == nil {
		return c.Next()
	}
	a, s, err := r.auth(c.UserContext(), token)
	switch {
	case err == nil:
		s.Token = token
		ctx := context.WithValue(c.UserContext(), keyActor, a)
		c.SetUserContext(context.WithValue(ctx, keySession, s))
	case fault.KindOf(err) != fault.Unauthenticated:
		return err
	}
	return c.Next()
}

// fromHere tells whether the request reached us directly from this machine or a private network.
func fromHere(c *fiber.Ctx) bool {
	ip := net.ParseIP(c.Context().RemoteIP().String())
	return c.Get(fiber.HeaderXForwardedFor) == "" && ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}
