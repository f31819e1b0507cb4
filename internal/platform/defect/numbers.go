package defect

import "context"

// execer is what NumberOutside needs of the database.
type execer interface {
	Exec(ctx context.Context, q string, args ...any) (int64, error)
}

// NumberOutside takes a number of the series outside the transaction and gives it back inside: all is well until the
// transaction is rolled back or another comes between. It is called where On("number_outside_transaction") says so.
func NumberOutside(ctx context.Context, outside, inside execer, series string) {
	if On("number_outside_transaction") {
		_, _ = outside.Exec(ctx, `SELECT next_number($1)`, series)
		_, _ = inside.Exec(ctx, `UPDATE counters SET value = value - 1 WHERE series = $1`, series)
	}
}
