package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"suixing/internal/app"
	"suixing/internal/demo"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/config"
	"suixing/internal/platform/db"
	"suixing/internal/platform/defect"
	"suixing/migrations"
)

// Where everything of the storm listens, on 127.0.0.1.
const (
	portFront   = 18400 // the one address of both instances
	portDB      = 18401
	portStore   = 18402
	portPortal  = 18403
	portToxi    = 18404
	portDBLine  = 18405 // the database as the instances reach it
	portS3Line  = 18406 // the store as the instances reach it
	portApp     = 18410 // and 18411
	portPhones  = 18420 // each phone's line to the front
	accessKey   = "suixing-storm"
	secretKey   = "suixing-storm-secret" // #nosec G101 -- of a store that lives for minutes on this machine
	bucket      = "photos"
	database    = "suixing"
	lineDB      = "postgres"
	lineStore   = "minio"
	diskSpace   = "3g"
	readyWithin = 40 * time.Second
)

// bed is what the storm blows over: real PostgreSQL, real MinIO, two instances of the program, toxiproxy between all.
type bed struct {
	dir      string
	disks    string // why there are no disks of our own that can be full; empty when there are
	pg       *postgres
	minio    proc
	toxiproc proc
	toxi     *toxi
	apps     [2]proc
	front    *balance
	s3       blob.S3Options
	store    blob.Store // straight, past the lines
	client   *minio.Client
	owner    *db.DB // straight, past the lines
	ppl      demo.People
	log      *slog.Logger
	undo     []func()
}

func (b *bed) on(f func()) { b.undo = append(b.undo, f) }

// close undoes in reverse order.
func (b *bed) close() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
	b.undo = nil
}

func newBed(ctx context.Context, phones int, log *slog.Logger) (*bed, error) {
	b := &bed{log: log}
	if err := b.lay(ctx, phones); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bed) lay(ctx context.Context, phones int) (err error) {
	if err := mustBeFree(portFront, portDB, portStore, portPortal, portToxi, portDBLine, portS3Line, portApp, portApp+1, portPhones); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "suixing-storm-"); err != nil {
		return err
	}
	b.on(func() { _ = os.RemoveAll(b.dir) })
	if err := os.Chmod(b.dir, 0o755); err != nil { // PostgreSQL runs as another user
		return err
	}
	for _, name := range []string{"pg", "store", "keys", "logs", "ledgers"} {
		if err := os.Mkdir(filepath.Join(b.dir, name), 0o755); err != nil {
			return err
		}
	}
	b.mountDisks()
	for _, step := range []func(context.Context) error{b.startDatabase, b.startStore, func(ctx context.Context) error { return b.startLines(ctx, phones) }, b.settlePeople, b.startApps} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	b.front, err = newBalance(ctx, addrOf(portFront), addrOf(portApp), addrOf(portApp+1))
	if err != nil {
		return err
	}
	b.on(b.front.close)
	return awaitHTTP(ctx, "http://"+addrOf(portFront)+"/readyz", nil, readyWithin)
}

// mountDisks gives database and store a disk each whose size can be changed, in this process's own mount namespace
// (scripts/storm makes it). Where that is not allowed, full disks are left out and the storm says so.
func (b *bed) mountDisks() {
	if os.Getenv("SUIXING_STORM_MOUNTS") != "own" {
		b.disks = "no mount namespace of our own (needs root, see scripts/storm)"
		return
	}
	for _, name := range []string{"pg", "store"} {
		dir := filepath.Join(b.dir, name)
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+diskSpace+",mode=0755"); err != nil {
			b.disks = "cannot mount: " + err.Error()
			return
		}
		b.on(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
}

func (b *bed) logFile(name string) *os.File {
	f, err := os.OpenFile(filepath.Join(b.dir, "logs", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil // the program's words go nowhere then
	}
	return f
}

func (b *bed) startDatabase(ctx context.Context) (err error) {
	if b.pg, err = newPostgres(filepath.Join(b.dir, "pg"), portDB, b.logFile("postgres")); err != nil {
		return err
	}
	b.on(func() { b.pg.signal(syscall.SIGCONT); b.pg.end(syscall.SIGINT) })
	if err := b.pg.up(ctx); err != nil {
		return err
	}
	admin, err := db.Open(ctx, b.pg.url("suixing", "postgres", portDB), 1)
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+database); err != nil {
		return err
	}
	if b.owner, err = db.Open(ctx, b.pg.url("suixing", database, portDB), 6); err != nil {
		return err
	}
	b.on(func() { _ = b.owner.Close() })
	if err := db.Migrate(ctx, b.owner, migrations.Files); err != nil {
		return err
	}
	if defect.On("no_unique_key") {
		_, err = b.owner.Exec(ctx, `ALTER TABLE photo_uploads DROP CONSTRAINT photo_uploads_pkey`)
	}
	return err
}

func (b *bed) startStore(ctx context.Context) (err error) {
	program := os.Getenv("SUIXING_TEST_MINIO")
	if program == "" {
		return errors.New("SUIXING_TEST_MINIO is not set: run scripts/storm")
	}
	b.minio = proc{name: "minio", path: program, log: b.logFile("minio"), args: []string{"server", "--quiet", "--address", addrOf(portStore), filepath.Join(b.dir, "store")},
		env: append(os.Environ(), "MINIO_ROOT_USER="+accessKey, "MINIO_ROOT_PASSWORD="+secretKey, "MINIO_BROWSER=off", "MINIO_UPDATE=off")}
	b.on(func() { b.minio.signal(syscall.SIGKILL) })
	if err := b.storeUp(ctx); err != nil {
		return err
	}
	b.s3 = blob.S3Options{Endpoint: addrOf(portStore), AccessKey: accessKey, SecretKey: secretKey, Bucket: bucket}
	if b.store, err = blob.NewS3(ctx, b.s3); err != nil {
		return err
	}
	b.client, err = minio.New(b.s3.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, "")})
	return err
}

func (b *bed) storeUp(ctx context.Context) error {
	if err := b.minio.start(); err != nil {
		return err
	}
	return awaitHTTP(ctx, "http://"+addrOf(portStore)+"/minio/health/ready", &b.minio, readyWithin)
}

func (b *bed) startLines(ctx context.Context, phones int) error {
	program := os.Getenv("SUIXING_TEST_TOXIPROXY")
	if program == "" {
		return errors.New("SUIXING_TEST_TOXIPROXY is not set: run scripts/storm")
	}
	b.toxiproc = proc{name: "toxiproxy", path: program, log: b.logFile("toxiproxy"), args: []string{"-host", "127.0.0.1", "-port", fmt.Sprint(portToxi)}, env: []string{"LOG_LEVEL=fatal"}}
	if err := b.toxiproc.start(); err != nil {
		return err
	}
	b.on(func() { b.toxiproc.signal(syscall.SIGKILL) })
	b.toxi = &toxi{api: "http://" + addrOf(portToxi), client: &http.Client{Timeout: 10 * time.Second}}
	if err := awaitHTTP(ctx, b.toxi.api+"/version", &b.toxiproc, readyWithin); err != nil {
		return err
	}
	if err := b.toxi.line(ctx, lineDB, addrOf(portDBLine), addrOf(portDB)); err != nil {
		return err
	}
	if err := b.toxi.line(ctx, lineStore, addrOf(portS3Line), addrOf(portStore)); err != nil {
		return err
	}
	for i := range phones {
		if err := b.toxi.line(ctx, phoneLine(i), addrOf(portPhones+i), addrOf(portFront)); err != nil {
			return err
		}
	}
	return nil
}

func phoneLine(i int) string { return fmt.Sprintf("phone%d", i) }

// settlePeople makes keys, offices, officers, businesses and accounts, past all lines.
func (b *bed) settlePeople(ctx context.Context) error {
	appURL, vaultURL := b.pg.url("suixing_app", database, portDB), b.pg.url("suixing_vault", database, portDB)
	make := exec.CommandContext(ctx, os.Getenv("SUIXING_BIN"), "keys")
	make.Env = append(os.Environ(), "SUIXING_KEYS="+filepath.Join(b.dir, "keys"), "DATABASE_URL="+appURL, "DATABASE_VAULT_URL="+vaultURL)
	if out, err := make.CombinedOutput(); err != nil {
		return fmt.Errorf("suixing keys: %w: %s", err, out)
	}
	return b.within(ctx, func(a *app.App) (err error) {
		b.ppl, err = demo.Settle(ctx, a)
		return err
	})
}

// within runs the product's own services in this process, past all lines.
func (b *bed) within(ctx context.Context, f func(*app.App) error) error {
	appURL, vaultURL := b.pg.url("suixing_app", database, portDB), b.pg.url("suixing_vault", database, portDB)
	d, err := db.Open(ctx, appURL, 4)
	if err != nil {
		return err
	}
	defer d.Close()
	v, err := db.Open(ctx, vaultURL, 2)
	if err != nil {
		return err
	}
	defer v.Close()
	public, err := url.Parse("http://" + addrOf(portFront))
	if err != nil {
		return err
	}
	cfg := config.Config{Addr: addrOf(portFront), PublicURL: public, Keys: filepath.Join(b.dir, "keys"), Demo: true, DatabaseURL: appURL, VaultURL: vaultURL}
	a, err := app.New(ctx, app.Deps{Config: cfg, DB: d, Vault: v, Store: b.store, Now: clock.Real, Log: slog.New(slog.DiscardHandler), Version: "storm"})
	if err != nil {
		return err
	}
	return f(a)
}

func (b *bed) startApps(ctx context.Context) error {
	for i := range b.apps {
		addr := addrOf(portApp + i)
		b.apps[i] = proc{name: fmt.Sprintf("app%d", i), path: os.Getenv("SUIXING_BIN"), args: []string{"serve"}, log: b.logFile(fmt.Sprintf("app%d", i)),
			env: append(os.Environ(), "SUIXING_ADDR="+addr, "SUIXING_DATA="+filepath.Join(b.dir, "var"), "SUIXING_PUBLIC_URL=http://"+addrOf(portFront), "SUIXING_DEMO=1",
				"SUIXING_KEYS="+filepath.Join(b.dir, "keys"), "DATABASE_URL="+b.pg.url("suixing_app", database, portDBLine), "DATABASE_VAULT_URL="+b.pg.url("suixing_vault", database, portDBLine),
				"S3_ENDPOINT="+addrOf(portS3Line), "S3_ACCESS_KEY="+accessKey, "S3_SECRET_KEY="+secretKey, "S3_BUCKET="+bucket)}
		b.on(func() { b.apps[i].signal(syscall.SIGKILL) })
		if err := b.appUp(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// appUp starts an instance and waits until it answers. What it needs may be down: it is started again until it stands.
func (b *bed) appUp(ctx context.Context, i int) error {
	var err error
	for end := time.Now().Add(readyWithin); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(150 * time.Millisecond) {
		if err = b.apps[i].start(); err != nil {
			return err
		}
		if err = awaitHTTP(ctx, "http://"+addrOf(portApp+i)+"/healthz", &b.apps[i], 15*time.Second); err == nil {
			return nil
		}
		b.apps[i].end(syscall.SIGKILL)
	}
	return fmt.Errorf("instance %d does not start: %w", i, err)
}
