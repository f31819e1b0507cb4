package db

import (
	"context"
	"fmt"
)

// Bulk fills a table of a database made for measuring by one statement, its indexes built afterwards at once: a tenth of the
// time. It needs the owner's role. The table's name is the program's own, never what somebody typed.
func (d *DB) Bulk(ctx context.Context, table, fill string, args ...any) error {
	var list []struct {
		Name string `db:"indexname"`
		Def  string `db:"indexdef"`
	}
	const q = `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1 AND indexname NOT IN (SELECT conname FROM pg_constraint)`
	if err := d.Select(ctx, &list, q, table); err != nil {
		return err
	}
	for _, i := range list {
		if _, err := d.Exec(ctx, `DROP INDEX `+i.Name); err != nil {
			return err
		}
	}
	if _, err := d.Exec(ctx, fill, args...); err != nil {
		return fmt.Errorf("fill %s: %w", table, err)
	}
	for _, i := range list {
		if _, err := d.Exec(ctx, i.Def); err != nil {
			return err
		}
	}
	_, err := d.Exec(ctx, `VACUUM ANALYZE `+table)
	return err
}
