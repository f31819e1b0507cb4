// Package dbtest gives each test a database of its own: a real PostgreSQL, migrated, cloned from a template.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/cluster"
	"suixing/internal/platform/db"
	"suixing/migrations"
)

// Start is where every test's clock stands first: the base day of DOMAIN section K, 10:00 in Shanghai.
var Start = time.Date(2026, 5, 6, 10, 0, 0, 0, clock.Shanghai).UTC()

// Env is a database with the three roles and a clock that the test moves.
type Env struct {
	DB    *db.DB // the app's role
	Vault *db.DB // the revealing role
	Owner *db.DB
	Clock *clock.Manual
	// AppURL and the others open more pools on the same database.
	AppURL, VaultURL, OwnerURL string
}

var (
	once     sync.Once
	server   *cluster.Cluster
	errStart error
	serial   atomic.Int64
)

const template = "suixing_template"

// New makes an environment; the test's end removes it.
func New(t testing.TB) *Env {
	t.Helper()
	once.Do(func() { server, errStart = start() })
	if errStart != nil {
		t.Fatalf("PostgreSQL for tests: %v", errStart)
	}
	ctx := context.Background()
	name := fmt.Sprintf("t%d_%d", os.Getpid(), serial.Add(1))
	admin := open(t, server.URL("suixing", "postgres"))
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	e := &Env{Clock: clock.NewManual(Start), AppURL: server.URL("suixing_app", name), VaultURL: server.URL("suixing_vault", name), OwnerURL: server.URL("suixing", name)}
	e.DB, e.Vault, e.Owner = open(t, e.AppURL), open(t, e.VaultURL), open(t, e.OwnerURL)
	t.Cleanup(func() {
		for _, d := range []*db.DB{e.DB, e.Vault, e.Owner} {
			_ = d.Close()
		}
		if _, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	return e
}

// Server is the test process's own PostgreSQL, for tests that need a database from nothing.
func Server(t testing.TB) *cluster.Cluster {
	t.Helper()
	once.Do(func() { server, errStart = start() })
	if errStart != nil {
		t.Fatalf("PostgreSQL for tests: %v", errStart)
	}
	return server
}

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, 16)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const dirPrefix = "suixing-test-"

func start() (*cluster.Cluster, error) {
	sweep()
	ctx := context.Background()
	dir, err := os.MkdirTemp("", dirPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the server may run as another user
		return nil, err
	}
	c, err := cluster.Start(ctx, cluster.Options{Dir: filepath.Join(dir, "pg"), Fast: true})
	if err != nil {
		return nil, err
	}
	if err := c.EnsureDatabase(template); err != nil {
		return nil, err
	}
	owner, err := db.Open(ctx, c.URL("suixing", template), 2)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, owner, migrations.Files); err != nil {
		return nil, err
	}
	return c, owner.Close()
}

// sweep removes what test processes that are gone have left.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, d := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(d), dirPrefix), "-")
		n, err := strconv.Atoi(pid)
		if err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			_ = os.RemoveAll(d)
		}
	}
}
