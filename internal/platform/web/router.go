// Package web is the HTTP ground: routes that say who may call them, faults as answers, limits, headers, logs.
package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

// Session is what the middleware knows of the login behind a request.
type Session struct {
	Token string // as the client sent it
	Kind  string // browser, token or device
	// Limited is empty, or the code of what must be done first: must_change, totp_setup.
	Limited string
	// DeviceID is the phone behind a device credential, which can only submit.
	DeviceID uuid.NullUUID
	// Held is empty, or why what a device credential submits is held back for a person to decide on:
	// device_revoked, account_left, role_changed.
	Held string
}

// KindDevice is the kind of a Session that can only submit: it opens the routes that say so by Who.OrDevice, no other.
const KindDevice = "device"

// Authenticator resolves a session or bearer token. Fault Unauthenticated when it is none.
type Authenticator func(ctx context.Context, token string) (actor.Actor, Session, error)

// Options are what the router needs from the configuration.
type Options struct {
	Log            *slog.Logger
	Now            clock.Clock
	Secure         bool     // the public address is https: __Host- cookie, HSTS
	TrustedProxies []string // addresses whose X-Forwarded-For counts
	Version        string
}

// Route is one line of the golden route list.
type Route struct{ Method, Path, Who, Summary string }

// Router collects routes. Every route says who may call it.
type Router struct {
	App     *fiber.App
	API     huma.API
	opt     Options
	auth    Authenticator
	routes  []Route
	metrics *metrics
	page    PageError
	proxies proxies
}

// New makes a router with the middleware of every request. Auth comes later by SetAuth, before the first request.
func New(opt Options) *Router {
	r := &Router{opt: opt, metrics: newMetrics(), proxies: parseProxies(opt.TrustedProxies)}
	r.App = fiber.New(fiber.Config{
		AppName: "suixing", DisableStartupMessage: true, Immutable: true, StrictRouting: false,
		ReadTimeout: 20 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 75 * time.Second,
		// Only this much is buffered before a handler runs; handlers stream the rest under their own limit.
		BodyLimit: 64 << 10, StreamRequestBody: true, DisablePreParseMultipartForm: true, ReadBufferSize: 16 << 10,
		EnableTrustedProxyCheck: true, // and none trusted: fiber would take the left end of X-Forwarded-For, see proxies
		ErrorHandler:            r.answerError,
	})
	r.App.Use(r.observe, r.headers, r.files, r.deadline, r.origin, r.authenticate)
	huma.NewError = newError
	cfg := huma.DefaultConfig("随行 Suixing", opt.Version)
	cfg.CreateHooks = nil // no $schema in answers
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.DocsPath, cfg.SchemasPath, cfg.OpenAPIPath = "", "", "/openapi"
	r.API = humafiber.New(r.App, cfg)
	for _, p := range []string{"/openapi.json", "/openapi.yaml", "/openapi-3.0.json", "/openapi-3.0.yaml"} {
		r.routes = append(r.routes, Route{"GET", p, Anyone.String(), "the API described"})
	}
	return r
}

// SetAuth gives the router the account feature's way to resolve tokens.
func (r *Router) SetAuth(a Authenticator) { r.auth = a }

// Secure tells whether the public address is https.
func (r *Router) Secure() bool { return r.opt.Secure }

// Routes lists every route, sorted, for the golden page.
func (r *Router) Routes() []Route {
	out := append([]Route(nil), r.routes...)
	sort.Slice(out, func(i, j int) bool {
		if out[i].Path != out[j].Path {
			return out[i].Path < out[j].Path
		}
		return out[i].Method < out[j].Method
	})
	return out
}

// Plain adds a handler outside the typed API: uploads, pages, health. Paths use {name} for parameters.
func (r *Router) Plain(method, path string, who Who, summary string, h fiber.Handler) {
	r.routes = append(r.routes, Route{method, path, who.String(), summary})
	pattern := strings.NewReplacer("{", ":", "}", "").Replace(path)
	r.App.Add(method, pattern, func(c *fiber.Ctx) error {
		if err := r.permit(c.UserContext(), who); err != nil {
			return err
		}
		return h(c)
	})
}

// Get, Post, Put, Patch and Delete add a typed operation. I is a struct with path, query and Body fields in huma's
// tags, O one with a Body; a nil O answers 204.
func Get[I, O any](r *Router, path string, who Who, summary string, h func(context.Context, actor.Actor, *I) (*O, error)) {
	handle(r, http.MethodGet, path, who, summary, h)
}

// Post: see Get.
func Post[I, O any](r *Router, path string, who Who, summary string, h func(context.Context, actor.Actor, *I) (*O, error)) {
	handle(r, http.MethodPost, path, who, summary, h)
}

// Put: see Get.
func Put[I, O any](r *Router, path string, who Who, summary string, h func(context.Context, actor.Actor, *I) (*O, error)) {
	handle(r, http.MethodPut, path, who, summary, h)
}

// Patch: see Get.
func Patch[I, O any](r *Router, path string, who Who, summary string, h func(context.Context, actor.Actor, *I) (*O, error)) {
	handle(r, http.MethodPatch, path, who, summary, h)
}

// Delete: see Get.
func Delete[I, O any](r *Router, path string, who Who, summary string, h func(context.Context, actor.Actor, *I) (*O, error)) {
	handle(r, http.MethodDelete, path, who, summary, h)
}

func handle[I, O any](r *Router, method, path string, who Who, summary string, h func(context.Context, actor.Actor, *I) (*O, error)) {
	r.routes = append(r.routes, Route{method, path, who.String(), summary})
	op := huma.Operation{
		OperationID: operationID(method, path), Method: method, Path: path, Summary: summary, Description: "Who: " + who.String(),
		Tags: []string{tagOf(path)}, BodyReadTimeout: time.Minute, MaxBodyBytes: 2 << 20,
		Middlewares: huma.Middlewares{r.gate(who)},
	}
	huma.Register(r.API, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, ActorIn(ctx), in)
		if err != nil {
			return nil, asStatus(err, r.opt.Log, ctx)
		}
		return out, nil
	})
}

// gate stands before the body is read: who may not call a route learns nothing from what it says about the input.
func (r *Router) gate(who Who) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		err := r.permit(c.Context(), who)
		if err == nil {
			next(c)
			return
		}
		e := asReply(err, r.opt.Log, c.Context())
		c.SetHeader("Content-Type", e.ContentType(""))
		c.SetStatus(e.Status)
		if err := json.NewEncoder(c.BodyWriter()).Encode(e); err != nil {
			r.opt.Log.Warn("answer not written", "error", err.Error())
		}
	}
}

func operationID(method, path string) string {
	words := strings.FieldsFunc(strings.ToLower(method)+path, func(c rune) bool { return strings.ContainsRune("/{}-._", c) })
	return strings.Join(words, "-")
}

func tagOf(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/api/"), "/")
	return parts[0]
}

// permit holds the role at the route. Who is not signed in is told to; whose role it is not is told so.
func (r *Router) permit(ctx context.Context, who Who) error {
	a := ActorIn(ctx)
	if who.public {
		return nil
	}
	if a.Role == actor.PublicRole {
		return fault.New(fault.Unauthenticated, "signed_out", "请先登录。登录已过期的，重新登录后可以接着办。")
	}
	s := SessionIn(ctx)
	if err := who.device.admits(s); err != nil {
		return err
	}
	if s.Limited != "" && !who.limited {
		return fault.New(fault.Forbidden, s.Limited, "请先完成账号设置，再办理业务。")
	}
	if !who.allows(a) {
		return fault.Denied()
	}
	return nil
}
