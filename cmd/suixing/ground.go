package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/cluster"
	"suixing/internal/platform/config"
	"suixing/internal/platform/db"
	"suixing/migrations"
)

// ground is what every command stands on: databases and the photo store, embedded or outside.
type ground struct {
	cfg     config.Config
	log     *slog.Logger
	cluster *cluster.Cluster
	// the three roles' addresses: from the configuration, or of the private cluster
	ownerURL, appURL, vaultURL string
	app                        *db.DB
	vault                      *db.DB
	owner                      *db.DB // nil when the operator migrates by hand
	store                      blob.Store
}

const dbName = "suixing"

// startCluster is cluster.Start for the server, cluster.Join for a command that may run beside it.
type startCluster func(context.Context, cluster.Options) (*cluster.Cluster, error)

// openGround reads the configuration, starts the private cluster if there is no DATABASE_URL, and connects.
func openGround(ctx context.Context, log *slog.Logger, start startCluster) (*ground, error) {
	cfg, err := config.Load(os.Getenv)
	if err != nil {
		return nil, err
	}
	g := &ground{cfg: cfg, log: log}
	if err := g.connect(ctx, start); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func (g *ground) connect(ctx context.Context, start startCluster) error {
	if err := os.MkdirAll(g.cfg.Keys, 0o700); err != nil {
		return fmt.Errorf("SUIXING_KEYS: %w", err)
	}
	g.ownerURL, g.appURL, g.vaultURL = g.cfg.OwnerURL, g.cfg.DatabaseURL, g.cfg.VaultURL
	if g.cfg.Embedded() {
		if err := g.embed(ctx, start); err != nil {
			return err
		}
	}
	var err error
	if g.ownerURL != "" {
		if g.owner, err = db.Open(ctx, g.ownerURL, 4); err != nil {
			return fmt.Errorf("DATABASE_OWNER_URL: %w", err)
		}
		if err := db.Migrate(ctx, g.owner, migrations.Files); err != nil {
			return err
		}
	}
	if g.app, err = db.Open(ctx, g.appURL, 32); err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	if g.vault, err = db.Open(ctx, g.vaultURL, 4); err != nil {
		return fmt.Errorf("DATABASE_VAULT_URL: %w", err)
	}
	if err := db.CheckSchema(ctx, g.app, migrations.Files); err != nil {
		return err
	}
	return g.openStore(ctx)
}

func (g *ground) embed(ctx context.Context, start startCluster) error {
	if err := os.MkdirAll(g.cfg.Data, 0o755); err != nil {
		return fmt.Errorf("SUIXING_DATA: %w", err)
	}
	c, err := start(ctx, cluster.Options{Dir: filepath.Join(g.cfg.Data, "postgres"), Log: g.log})
	if err != nil {
		return err
	}
	g.cluster = c
	if err := c.EnsureDatabase(dbName); err != nil {
		return err
	}
	g.ownerURL, g.appURL, g.vaultURL = c.URL("suixing", dbName), c.URL("suixing_app", dbName), c.URL("suixing_vault", dbName)
	return nil
}

func (g *ground) openStore(ctx context.Context) (err error) {
	if s := g.cfg.S3; s.Endpoint != "" {
		g.store, err = blob.NewS3(ctx, blob.S3Options{Endpoint: s.Endpoint, AccessKey: s.AccessKey, SecretKey: s.SecretKey, Bucket: s.Bucket, Secure: s.Secure})
		if err != nil {
			return fmt.Errorf("S3_ENDPOINT: %w", err)
		}
		return nil
	}
	g.store, err = blob.NewFolder(filepath.Join(g.cfg.Data, "photos"))
	return err
}

// Close ends the pools and stops the private cluster cleanly.
func (g *ground) Close() error {
	for _, d := range []*db.DB{g.app, g.vault, g.owner} {
		if d != nil {
			_ = d.Close()
		}
	}
	if g.cluster != nil {
		return g.cluster.Stop()
	}
	return nil
}
