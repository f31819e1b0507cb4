package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"suixing/internal/backup"
)

// restoreCommand reads a backup into an empty database and an empty photo store; anything else is refused.
func restoreCommand(ctx context.Context, log *slog.Logger, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: suixing restore DIR")
	}
	g, err := openPlace(ctx, log)
	if err != nil {
		return err
	}
	m, err := backup.Restore(ctx, g.ownerURL, g.store, args[0])
	if m != nil {
		fmt.Printf("已恢复 %s 的备份：照片等 %d 个、共 %d 字节。启动前请把原来的密钥放回 %s\n", m.At.Format("2006-01-02 15:04 MST"), m.Objects, m.Bytes, g.cfg.Keys)
	}
	return errors.Join(err, g.Close())
}
