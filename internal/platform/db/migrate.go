package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"suixing/internal/platform/clock"
)

// Migrate brings the database to the newest schema as its owner; two servers that start at once take turns.
func Migrate(ctx context.Context, owner *DB, files fs.FS) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, owner.Raw(), files, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// ErrStaleSchema: the database is older or newer than this program.
var ErrStaleSchema = errors.New("the database schema does not fit this program; run: suixing migrate")

// CheckSchema refuses a database that is not at the version these files make.
func CheckSchema(ctx context.Context, d *DB, files fs.FS) error {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	var have int
	const q = `SELECT count(*) FROM goose_db_version WHERE is_applied AND version_id > 0`
	if err := d.pool.GetContext(ctx, &have, q); err != nil || have != len(names) {
		return ErrStaleSchema
	}
	return nil
}

// CheckServer refuses a server on which Chinese search or deadlines would silently fail:
// a LC_CTYPE without UTF-8, a version before 15, a clock more than two seconds from ours.
func CheckServer(ctx context.Context, d *DB, now clock.Clock) error {
	var s struct {
		Version int       `db:"version"`
		Trigram int       `db:"trigram"`
		Now     time.Time `db:"now"`
	}
	const q = `SELECT current_setting('server_version_num')::int AS version, cardinality(show_trgm('违法建筑')) AS trigram, clock_timestamp() AS now`
	if err := d.pool.GetContext(ctx, &s, q); err != nil {
		return fmt.Errorf("check server: %w", err)
	}
	switch skew := s.Now.Sub(now()); {
	case s.Version < 150000:
		return fmt.Errorf("PostgreSQL 15 or newer is needed, this server is %d", s.Version)
	case s.Trigram == 0:
		return errors.New("the database must have a UTF-8 LC_CTYPE (C.UTF-8): Chinese search finds nothing under this one")
	case skew > 2*time.Second || skew < -2*time.Second:
		return fmt.Errorf("the clock of this machine and the database's differ by %s", skew.Round(time.Millisecond))
	}
	return nil
}
