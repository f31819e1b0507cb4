package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"suixing/internal/platform/db"
)

// Broken is a seal whose rows are not those it was set on. A minute's rows lie under one seal.
type Broken struct {
	Seal        int64
	First, Last int64 // ids of the rows it covers
	What        string
}

// Check walks the whole chain and names every seal that does not hold, where Verify stops at the first. Each seal keeps the
// head before it, so that one broken seal does not hide what lies behind it. It gives how many rows it has read.
func Check(ctx context.Context, d *db.DB, found func(Broken)) (int, error) {
	prev, tx, id, n := make([]byte, sha256.Size), "0", int64(0), 0
	var after int64
	for {
		var s []sealRow
		if err := d.Select(ctx, &s, `SELECT id, last_txid::text, last_id, rows, prev, head FROM audit_seals WHERE id > $1 ORDER BY id LIMIT 1`, after); err != nil || len(s) == 0 {
			return n, err
		}
		seal := s[0]
		var rows []row
		const q = `SELECT ` + rowColumns + ` FROM audit_log WHERE (txid, id) > ($1::xid8, $2) AND (txid, id) <= ($3::xid8, $4) ORDER BY audit_log.txid, id`
		if err := d.Select(ctx, &rows, q, tx, id, seal.LastTx, seal.LastID); err != nil {
			return n, err
		}
		b := Broken{Seal: seal.ID, First: id + 1, Last: seal.LastID}
		if len(rows) > 0 {
			b.First, b.Last = rows[0].ID, rows[len(rows)-1].ID
		}
		n += len(rows)
		switch {
		case !bytes.Equal(prev, seal.Prev):
			b.What = "it does not follow the seal before it"
		case len(rows) != seal.Rows:
			b.What = fmt.Sprintf("%d rows were sealed, %d are there", seal.Rows, len(rows))
		case !bytes.Equal(chain(seal.Prev, rows), seal.Head):
			b.What = "a row has changed"
		}
		if b.What != "" {
			found(b)
		}
		prev, tx, id, after = seal.Head, seal.LastTx, seal.LastID, seal.ID
	}
}

type sealRow struct {
	ID     int64  `db:"id"`
	LastTx string `db:"last_txid"`
	LastID int64  `db:"last_id"`
	Rows   int    `db:"rows"`
	Prev   []byte `db:"prev"`
	Head   []byte `db:"head"`
}
