package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"suixing/internal/backup"
	"suixing/internal/platform/cluster"
	"suixing/internal/platform/config"
)

// backupCommand writes database and photos into a new folder. The server may go on running.
func backupCommand(ctx context.Context, log *slog.Logger, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: suixing backup DIR")
	}
	g, err := openPlace(ctx, log)
	if err != nil {
		return err
	}
	m, err := backup.Backup(ctx, g.ownerURL, g.store, args[0], time.Now())
	if m != nil {
		fmt.Printf("已备份到 %s：数据库 %d 字节，照片等 %d 个、共 %d 字节\n", args[0], m.Database.Size, m.Objects, m.Bytes)
		fmt.Printf("密钥不在备份里（没有密钥，身份信息无法读出），请把 %s 另存到别处\n", g.cfg.Keys)
	}
	return errors.Join(err, g.Close())
}

// openPlace reaches the database as its owner, and the photo store, without migrating: a restore needs the place empty.
// Beside a running server on the embedded default it uses that server's cluster.
func openPlace(ctx context.Context, log *slog.Logger) (*ground, error) {
	cfg, err := config.Load(os.Getenv)
	if err != nil {
		return nil, err
	}
	g := &ground{cfg: cfg, log: log, ownerURL: cfg.OwnerURL}
	if cfg.Embedded() {
		err = g.embed(ctx, cluster.Join)
	} else if cfg.OwnerURL == "" {
		err = errors.New("DATABASE_OWNER_URL is missing: backup and restore work as the owner of the database")
	}
	if err == nil {
		err = g.openStore(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}
