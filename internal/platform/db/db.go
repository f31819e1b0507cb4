// Package db is the one way to PostgreSQL: pool and transaction behind the same type, handed on explicitly.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver

	"suixing/internal/fault"
	"suixing/internal/platform/defect"
)

// DB is a pool or, inside InTx, a transaction. Query functions need not know which.
type DB struct {
	pool  *sqlx.DB
	tx    *sqlx.Tx
	stmts *sync.Map // query text to *sqlx.Stmt, for the hot statements
}

// Open connects a pool of at most conns connections and checks that the server answers.
func Open(ctx context.Context, url string, conns int) (*DB, error) {
	if defect.On("ack_before_commit") {
		url += "&synchronous_commit=off"
	}
	pool, err := sqlx.Open("postgres", plain(url))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return &DB{pool: pool, stmts: &sync.Map{}}, nil
}

// settings every connection begins with. Every query runs in one process and uncompiled: the pages of a list take a few
// milliseconds; starting helpers or a compiler for them takes ten times that, and a large register makes the planner want
// both. A transaction whose program fell silent gives its locks back, and so does a query whose program is gone: nothing but
// PostgreSQL is called inside a transaction, so none is idle for a minute.
var settings = []string{"max_parallel_workers_per_gather=0", "jit=off", "idle_in_transaction_session_timeout=60000", "client_connection_check_interval=10000"}

func plain(url string) string {
	switch {
	case !strings.HasPrefix(url, "postgres"):
		return url + " " + strings.Join(settings, " ")
	case strings.Contains(url, "?"):
		return url + "&" + strings.Join(settings, "&")
	}
	return url + "?" + strings.Join(settings, "&")
}

// Close ends the pool.
func (d *DB) Close() error { return d.pool.Close() }

// Raw is the pool itself, for what only the standard library's type can do (migrations, statistics).
func (d *DB) Raw() *sql.DB { return d.pool.DB }

func (d *DB) ext() sqlx.ExtContext {
	if d.tx != nil {
		return d.tx
	}
	return d.pool
}

// Get reads one row into dest. No row is fault NotFound.
func (d *DB) Get(ctx context.Context, dest any, q string, args ...any) error {
	return translate(sqlx.GetContext(ctx, d.ext(), dest, q, args...))
}

// Select reads rows into the slice dest.
func (d *DB) Select(ctx context.Context, dest any, q string, args ...any) error {
	return translate(sqlx.SelectContext(ctx, d.ext(), dest, q, args...))
}

// Exec runs a statement and tells how many rows it touched.
func (d *DB) Exec(ctx context.Context, q string, args ...any) (int64, error) {
	res, err := d.ext().ExecContext(ctx, q, args...)
	if err != nil {
		return 0, translate(err)
	}
	return res.RowsAffected()
}

// GetP is Get with a statement prepared once for the pool: for hot single statements outside a transaction.
func (d *DB) GetP(ctx context.Context, dest any, q string, args ...any) error {
	stmt, err := d.prepared(ctx, q) //nolint:sqlclosecheck // kept for the pool's life
	if err != nil {
		return translate(err)
	}
	return translate(stmt.GetContext(ctx, dest, args...))
}

// SelectP is Select with a statement prepared once for the pool.
func (d *DB) SelectP(ctx context.Context, dest any, q string, args ...any) error {
	stmt, err := d.prepared(ctx, q) //nolint:sqlclosecheck // kept for the pool's life
	if err != nil {
		return translate(err)
	}
	return translate(stmt.SelectContext(ctx, dest, args...))
}

// ExecP is Exec with a statement prepared once for the pool.
func (d *DB) ExecP(ctx context.Context, q string, args ...any) (int64, error) {
	stmt, err := d.prepared(ctx, q) //nolint:sqlclosecheck // kept for the pool's life
	if err != nil {
		return 0, translate(err)
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, translate(err)
	}
	return res.RowsAffected()
}

func (d *DB) prepared(ctx context.Context, q string) (*sqlx.Stmt, error) {
	if d.tx != nil {
		return nil, errors.New("db: a prepared hot statement runs outside a transaction")
	}
	if s, ok := d.stmts.Load(q); ok {
		return s.(*sqlx.Stmt), nil
	}
	stmt, err := d.pool.PreparexContext(ctx, q)
	if err != nil {
		return nil, err
	}
	if first, loaded := d.stmts.LoadOrStore(q, stmt); loaded {
		_ = stmt.Close() //nolint:sqlclosecheck // only the loser of a race is closed; the first one stays
		return first.(*sqlx.Stmt), nil
	}
	return stmt, nil
}

// InTx runs f in one transaction: an error or a panic rolls back. Within a transaction it is a fault of the programmer.
// Nothing but PostgreSQL may be called inside (invariant 2).
func (d *DB) InTx(ctx context.Context, f func(tx *DB) error) (err error) {
	if d.tx != nil {
		return errors.New("db: InTx within InTx")
	}
	tx, err := d.pool.BeginTxx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	if err = f(&DB{pool: d.pool, tx: tx, stmts: d.stmts}); err != nil {
		return err
	}
	return translate(tx.Commit())
}

// translate turns what the driver says into faults where a person can act on it.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Missing()
	}
	return decode(err)
}
