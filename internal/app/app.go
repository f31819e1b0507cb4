// Package app wires the house: services, what they hand each other, routes, static files and jobs. It is the only
// place that sees everything.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"suixing/internal/account"
	"suixing/internal/complaint"
	"suixing/internal/deadline"
	"suixing/internal/directory"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/feedback"
	"suixing/internal/lead"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/config"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/platform/jobs"
	"suixing/internal/platform/web"
	"suixing/internal/problem"
	"suixing/internal/vault"
	"suixing/internal/visit"
	"suixing/pwa"
)

// Deps are what the app stands on.
type Deps struct {
	Config  config.Config
	DB      *db.DB // the app's role
	Vault   *db.DB // the revealing role
	Store   blob.Store
	Now     clock.Clock
	Log     *slog.Logger
	Version string
}

// App is the wired product.
type App struct {
	Deps
	Router    *web.Router
	Jobs      *jobs.Runner
	Directory *directory.Service
	Account   *account.Service
	Evidence  *evidence.Service
	Identity  *vault.Service
	Deadline  *deadline.Service
	Problem   *problem.Service
	Lead      *lead.Service
	Visit     *visit.Service
	Feedback  *feedback.Service
	Callbacks *feedback.Callbacks
	Complaint *complaint.Service
}

// New builds everything and loads what is data: the known calendar years. Keys are made only with the embedded default;
// elsewhere a missing key stops the start.
func New(ctx context.Context, d Deps) (*App, error) {
	a := &App{Deps: d, Jobs: jobs.New(d.DB, d.Now, d.Log)}
	if err := a.ground(); err != nil {
		return nil, err
	}
	if err := a.features(); err != nil {
		return nil, err
	}
	if _, err := a.Deadline.LoadKnown(ctx); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	a.background()
	a.routes() //nolint:contextcheck // the probes it adds get the context of their own request
	return a, nil
}

// ground makes the services every feature stands on.
func (a *App) ground() error {
	mayMake, dir := a.Config.Embedded(), a.Config.Keys
	accountKey, err := vault.LoadSecret(dir, "account.key", mayMake)
	if err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	signer, err := evidence.LoadOrMakeSigner(dir, mayMake)
	if err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	keys, err := vault.LoadKeyring(dir, mayMake)
	if err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	a.Directory = directory.New(a.DB, a.Now)
	a.Deadline = deadline.New(a.DB, a.Now)
	a.Evidence = evidence.New(a.DB, a.Now, a.Store, signer)
	a.Identity = vault.New(a.Vault, keys, a.Now)
	a.Account, err = account.New(a.DB, a.Now, account.Options{Key: accountKey, Demo: a.Config.Demo})
	return err
}

// features makes the rest from the bottom up; sideways they know each other only as functions handed over here.
func (a *App) features() error {
	secret, err := vault.LoadSecret(a.Config.Keys, "public.key", a.Config.Embedded())
	if err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	public := strings.TrimSuffix(a.Config.PublicURL.String(), "/")
	a.Problem = problem.New(a.DB, a.Now, a.Deadline, a.Evidence)
	a.Lead = lead.New(a.DB, a.Now, a.Problem, a.Evidence)
	a.Feedback = feedback.New(a.DB, a.Now, feedback.Parts{Vault: a.Identity, Secret: secret, PublicURL: public, Evidence: a.Evidence, Store: a.Store})
	a.Callbacks = feedback.NewCallbacks(a.DB, a.Now, a.Lead)
	a.Complaint = complaint.New(a.DB, a.Now, complaint.Parts{Vault: a.Identity, Secret: secret, Evidence: a.Evidence, Feedback: a.Feedback.Status, Deadlines: a.Deadline})
	a.Visit = visit.New(a.DB, a.Now, visit.Deps{Directory: a.Directory, Evidence: a.Evidence, RaiseLead: a.raiseLead, BindTicket: a.Feedback.BindTicket, CarryTickets: a.Feedback.CarryTickets,
		TieDevice: a.Account.TieDevice, ProvePassword: a.Account.ProvePassword, PublicURL: public})
	a.Evidence.SetOnHeld(a.Visit.PhotoHeld)
	a.Deadline.AddRefill(a.Complaint.RefillDue)
	a.Deadline.AddRefill(a.Lead.RefillDue)
	a.Account.SetRevokeTickets(a.Feedback.RevokeDeviceTickets)
	a.Account.AddHandOver(a.handOverVisits)
	a.Account.AddHandOver(a.handOverProblems)
	a.Account.AddHandOver(a.handOverComplaints)
	return nil
}

// background says what runs beside the requests.
func (a *App) background() {
	a.Jobs.Handle(evidence.JobDerive, a.Evidence.Derive)
	a.Jobs.Every("audit.seal", time.Minute, func(ctx context.Context) error {
		_, err := audit.Seal(ctx, a.DB, a.Now(), 10_000)
		return err
	})
	settle := time.Minute
	if a.Config.Demo { // made-up people need no hour to hide in, and whoever looks at the demo wants to see the lead
		settle = 2 * time.Second
	}
	a.Jobs.Every("feedback.settle", settle, func(ctx context.Context) error { return a.Feedback.Settle(ctx, a.Config.Demo) })
	a.Jobs.Every("problem.release", 5*time.Minute, a.Problem.ReleaseOrders)
	a.Jobs.Every("deadline.refill", time.Hour, a.Deadline.RefillDates)
	a.Jobs.Every("feedback.judge", 2*time.Second, a.Feedback.Judge)
	a.Jobs.Every("feedback.traces", time.Hour, a.Feedback.SweepTraces)
	a.Jobs.Every("feedback.publish", 6*time.Hour, a.Feedback.PublishPeriods)
	a.Jobs.Every("feedback.callbacks", time.Hour, func(ctx context.Context) error { return a.Callbacks.Draw(ctx, a.Config.Demo) })
	a.Jobs.Every("account.sweep", time.Hour, a.Account.Sweep)
	a.Jobs.Every("evidence.sweep", 6*time.Hour, a.Evidence.Sweep)
	a.Jobs.Every("complaint.sweep", time.Hour, a.Complaint.Sweep)
	a.Jobs.Every("vault.expire", time.Hour, func(ctx context.Context) error {
		_, err := a.Identity.Expire(ctx)
		return err
	})
	// a rotation reseals itself; this picks up what was sealed under the old key in that very moment
	a.Jobs.Every("vault.reseal", time.Hour, func(ctx context.Context) error {
		_, err := a.Identity.Reseal(ctx, func(vault.Progress) {})
		return err
	})
}

func (a *App) routes() {
	r := web.New(web.Options{Log: a.Log, Now: a.Now, Secure: a.Config.Secure(), TrustedProxies: a.Config.TrustedProxies, Version: a.Version})
	r.SetAuth(a.Account.Authenticate)
	r.SetPageError(door.ErrorPage)
	r.Ops(a.ready)
	for _, f := range []interface{ Routes(*web.Router) }{a.Account, a.Directory, a.Deadline, a.Evidence, a.Identity, a.Visit, a.Lead, a.Problem, a.Feedback, a.Callbacks, a.Complaint} {
		f.Routes(r)
	}
	frontRoutes(r, pwa.Dist())
	a.Router = r
}

// ready tells whether this server can do its work: database, its clock, the photo store.
func (a *App) ready(ctx context.Context) error {
	if err := db.CheckServer(ctx, a.DB, clock.Real); err != nil {
		return err
	}
	_, err := a.Store.Stat(ctx, blob.Original(strings.Repeat("0", 64)))
	if err != nil && !errors.Is(err, blob.ErrNotFound) && fault.KindOf(err) != fault.NotFound {
		return fmt.Errorf("photo store: %w", err)
	}
	return nil
}
