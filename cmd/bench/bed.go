package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"suixing/internal/app"
	"suixing/internal/demo"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/cluster"
	"suixing/internal/platform/config"
	"suixing/internal/platform/db"
	"suixing/migrations"
)

// bed is what is measured on: a private cluster that syncs to disk as in production, a real MinIO, the app on a port.
type bed struct {
	dir      string
	seconds  int
	rows     int
	log      *slog.Logger
	cluster  *cluster.Cluster
	ownerURL string
	owner    *db.DB
	minio    *exec.Cmd
	s3       blob.S3Options
	app      *app.App
	base     string
	ppl      demo.People
	undo     []func()
}

func newBed(ctx context.Context, log *slog.Logger, rows, seconds int) (*bed, error) {
	b := &bed{log: log, rows: rows, seconds: seconds}
	if err := b.lay(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bed) lay(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "suixing-bench-"); err != nil {
		return err
	}
	b.undo = append(b.undo, func() { _ = os.RemoveAll(b.dir) })
	if err := os.Chmod(b.dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	if b.cluster, err = cluster.Start(ctx, cluster.Options{Dir: filepath.Join(b.dir, "pg"), Log: b.log}); err != nil {
		return err
	}
	b.undo = append(b.undo, func() { _ = b.cluster.Stop() })
	if err := b.cluster.EnsureDatabase("bench"); err != nil {
		return err
	}
	b.ownerURL = b.cluster.URL("suixing", "bench")
	if b.owner, err = db.Open(ctx, b.ownerURL, 4); err != nil {
		return err
	}
	b.undo = append(b.undo, func() { _ = b.owner.Close() })
	if err := db.Migrate(ctx, b.owner, migrations.Files); err != nil {
		return err
	}
	if err := b.startMinIO(ctx); err != nil {
		return err
	}
	return b.startApp(ctx)
}

// close undoes in reverse order.
func (b *bed) close() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
	b.undo = nil
}

func (b *bed) startMinIO(ctx context.Context) error {
	program := os.Getenv("SUIXING_TEST_MINIO")
	if program == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		found, _ := filepath.Glob(filepath.Join(cache, "suixing", "tools", "*", "minio"))
		if len(found) == 0 {
			return errors.New("no MinIO server: run make tools")
		}
		program = found[len(found)-1]
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	b.s3 = blob.S3Options{Endpoint: addr, AccessKey: "suixing-bench", SecretKey: "suixing-bench-secret", Bucket: "photos"}
	b.minio = exec.CommandContext(context.WithoutCancel(ctx), program, "server", "--quiet", "--address", addr, filepath.Join(b.dir, "minio"))
	b.minio.Env = append(os.Environ(), "MINIO_ROOT_USER="+b.s3.AccessKey, "MINIO_ROOT_PASSWORD="+b.s3.SecretKey, "MINIO_BROWSER=off", "MINIO_UPDATE=off")
	if err := b.minio.Start(); err != nil {
		return err
	}
	b.undo = append(b.undo, func() { _ = b.minio.Process.Kill(); _ = b.minio.Wait() })
	return await(ctx, "http://"+addr+"/minio/health/ready")
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func await(ctx context.Context, address string) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return fmt.Errorf("%s was not ready in 30 s", address)
}

func (b *bed) startApp(ctx context.Context) error {
	appDB, err := db.Open(ctx, b.cluster.URL("suixing_app", "bench"), 32)
	if err != nil {
		return err
	}
	vaultDB, err := db.Open(ctx, b.cluster.URL("suixing_vault", "bench"), 4)
	if err != nil {
		return err
	}
	b.undo = append(b.undo, func() { _ = appDB.Close(); _ = vaultDB.Close() })
	store, err := blob.NewS3(ctx, b.s3)
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b.base = "http://" + l.Addr().String()
	public, err := url.Parse(b.base)
	if err != nil {
		return err
	}
	keys := filepath.Join(b.dir, "keys")
	if err := os.Mkdir(keys, 0o700); err != nil {
		return err
	}
	cfg := config.Config{Addr: l.Addr().String(), PublicURL: public, Keys: keys, Demo: true}
	b.app, err = app.New(ctx, app.Deps{Config: cfg, DB: appDB, Vault: vaultDB, Store: store, Now: clock.Real, Log: b.log, Version: "bench"})
	if err != nil {
		return err
	}
	if b.ppl, err = demo.Settle(ctx, b.app); err != nil {
		return err
	}
	app.TuneMemory()
	go func() { _ = b.app.Router.App.Listener(l) }()
	b.undo = append(b.undo, func() { _ = b.app.Router.App.ShutdownWithTimeout(5 * time.Second) })
	return await(ctx, b.base+"/healthz")
}
