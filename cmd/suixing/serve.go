package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"suixing/internal/app"
	"suixing/internal/demo"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/cluster"
	"suixing/internal/platform/db"
)

// build makes the app on the ground, with the clock that demo data may have moved.
func build(ctx context.Context, g *ground, now clock.Clock) (*app.App, error) {
	a, err := app.New(ctx, app.Deps{Config: g.cfg, DB: g.app, Vault: g.vault, Store: g.store, Now: now, Log: g.log, Version: version})
	if err == nil {
		a.Evidence.DrawHEIF() // only here: tests have a main of their own
	}
	return a, err
}

func serve(ctx context.Context, log *slog.Logger) error {
	g, err := openGround(ctx, log, cluster.Start)
	if err != nil {
		return err
	}
	return errors.Join(serveOn(ctx, g), g.Close())
}

func serveOn(ctx context.Context, g *ground) error {
	if err := db.CheckServer(ctx, g.app, clock.Real); err != nil {
		return err
	}
	fill, err := beginDemo(ctx, g)
	if err != nil {
		return err
	}
	a, err := build(ctx, g, clock.Real)
	if err != nil {
		return err
	}
	if fill != nil { // the people are there; the rest comes in while the first pages are already open
		go func() {
			if err := fill(ctx); err != nil && ctx.Err() == nil {
				g.log.Error("demo data", "error", err.Error())
			} else if err == nil {
				fmt.Fprint(os.Stdout, "\n  演示数据已写全；先打开的页面请刷新一次。\n\n")
			}
		}()
	}
	if !g.cfg.Demo {
		if err := a.Account.CheckNoDemoPassword(ctx); err != nil {
			return err
		}
	}
	return listen(ctx, g, a)
}

// listen serves until ctx ends, then lets requests under way finish and stops the jobs.
func listen(ctx context.Context, g *ground, a *app.App) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", g.cfg.Addr)
	if err != nil {
		return fmt.Errorf("SUIXING_ADDR %s: %w", g.cfg.Addr, err)
	}
	jobs, stopJobs := context.WithCancel(ctx)
	a.Jobs.Start(jobs)
	ended := make(chan error, 1)
	go func() { ended <- a.Router.App.Listener(l) }()
	app.TuneMemory()
	debug.FreeOSMemory() // checking passwords at the start took 19 MiB that nobody needs again
	greet(g, a)
	var lost <-chan struct{}
	if g.cluster != nil {
		lost = g.cluster.Done()
	}
	select {
	case err = <-ended:
	case <-lost:
		err = errors.New("the private PostgreSQL has ended; see the log above")
	case <-ctx.Done():
		g.log.Info("stopping: requests under way may finish")
	}
	stopJobs()
	err = errors.Join(err, a.Router.App.ShutdownWithTimeout(20*time.Second))
	a.Jobs.Wait()
	return err
}

func demoGround(g *ground) demo.Ground {
	return demo.Ground{Config: g.cfg, DB: g.app, Vault: g.vault, Store: g.store, Log: g.log, Version: version}
}

func beginDemo(ctx context.Context, g *ground) (func(context.Context) error, error) {
	if !g.cfg.Demo {
		return nil, nil
	}
	return demo.Begin(ctx, demoGround(g))
}

func fillDemo(ctx context.Context, g *ground) error {
	if !g.cfg.Demo {
		return errors.New("demo data is for SUIXING_DEMO=1 only")
	}
	return demo.Fill(ctx, demoGround(g))
}

func greet(g *ground, a *app.App) {
	base := g.cfg.PublicURL.String()
	g.log.Info("listening", "addr", g.cfg.Addr, "public", base, "routes", len(a.Router.Routes()))
	if !g.cfg.Demo {
		return
	}
	fmt.Fprintf(os.Stdout, `
  随行 演示已就绪
    手机端（监督员）   %s/
    工作台             %s/desk
    投诉举报           %s/c      查询进度  %s/t

  演示账号  county leader office office2 supervisor supervisor2 agency agency2 hotline admin auditor
  密码      %s

  第一次启动时，演示数据要再过十几秒才写全，写全后这里另有一行。

`, base, base, base, base, demo.Password)
}
