package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// Head is the end of the chain: print it, and a trail cut off later shows.
type Head struct {
	Seal     int64     `db:"id" json:"seal"`
	LastTx   string    `db:"last_txid" json:"last_tx"`
	LastID   int64     `db:"last_id" json:"last_id"`
	Hash     []byte    `db:"head" json:"-"`
	HashHex  string    `db:"-" json:"head"`
	SealedAt time.Time `db:"sealed_at" json:"sealed_at"`
}

type row struct {
	ID      int64     `db:"id"`
	Tx      string    `db:"txid"`
	At      time.Time `db:"at"`
	ActorID *string   `db:"actor_id"`
	Role    string    `db:"actor_role"`
	Deed    string    `db:"deed"`
	Kind    string    `db:"subject_kind"`
	Subject *string   `db:"subject_id"`
	Detail  string    `db:"detail"`
}

const rowColumns = `id, txid::text, at, actor_id::text, actor_role, deed, subject_kind, subject_id::text, detail::text`

func chain(prev []byte, rows []row) []byte {
	head := prev
	for _, r := range rows {
		r.At = r.At.UTC()
		line, _ := json.Marshal(r) // plain fields: cannot fail
		sum := sha256.Sum256(append(append([]byte{}, head...), line...))
		head = sum[:]
	}
	return head
}

// ReadHead gives the newest seal; NotFound before the first.
func ReadHead(ctx context.Context, d *db.DB) (Head, error) {
	var h Head
	const q = `SELECT id, last_txid::text, last_id, head, sealed_at FROM audit_seals ORDER BY id DESC LIMIT 1`
	err := d.Get(ctx, &h, q)
	h.HashHex = hex.EncodeToString(h.Hash)
	return h, err
}

// Seal chains the rows of every transaction that has ended for all, at most limit, and tells how many it took.
// An advisory lock lets one of several servers seal.
func Seal(ctx context.Context, d *db.DB, at time.Time, limit int) (int, error) {
	n := 0
	err := d.InTx(ctx, func(tx *db.DB) error {
		var mine bool
		if err := tx.Get(ctx, &mine, `SELECT pg_try_advisory_xact_lock(hashtext('audit.seal'))`); err != nil || !mine {
			return err
		}
		head, err := ReadHead(ctx, tx)
		if fault.KindOf(err) == fault.NotFound {
			head, err = Head{LastTx: "0", Hash: make([]byte, sha256.Size)}, nil
		}
		if err != nil {
			return err
		}
		var rows []row
		const q = `SELECT ` + rowColumns + ` FROM audit_log
			WHERE (txid, id) > ($1::xid8, $2) AND txid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY audit_log.txid, id LIMIT $3`
		if err := tx.Select(ctx, &rows, q, head.LastTx, head.LastID, limit); err != nil || len(rows) == 0 {
			return err
		}
		n = len(rows)
		last := rows[n-1]
		const ins = `INSERT INTO audit_seals (last_txid, last_id, rows, prev, head, sealed_at) VALUES ($1::xid8, $2, $3, $4, $5, $6)`
		_, err = tx.Exec(ctx, ins, last.Tx, last.ID, n, head.Hash, chain(head.Hash, rows), at)
		return err
	})
	return n, err
}

// Verify walks the whole chain and names the first seal that does not hold.
func Verify(ctx context.Context, d *db.DB) error {
	type seal struct {
		ID     int64  `db:"id"`
		LastTx string `db:"last_txid"`
		LastID int64  `db:"last_id"`
		Rows   int    `db:"rows"`
		Prev   []byte `db:"prev"`
		Head   []byte `db:"head"`
	}
	prev, tx, id := make([]byte, sha256.Size), "0", int64(0)
	var after int64
	for {
		var s seal
		err := d.Get(ctx, &s, `SELECT id, last_txid::text, last_id, rows, prev, head FROM audit_seals WHERE id > $1 ORDER BY id LIMIT 1`, after)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		var rows []row
		const q = `SELECT ` + rowColumns + ` FROM audit_log WHERE (txid, id) > ($1::xid8, $2) AND (txid, id) <= ($3::xid8, $4) ORDER BY audit_log.txid, id`
		if err := d.Select(ctx, &rows, q, tx, id, s.LastTx, s.LastID); err != nil {
			return err
		}
		if len(rows) != s.Rows || !bytes.Equal(prev, s.Prev) || !bytes.Equal(chain(prev, rows), s.Head) {
			return fmt.Errorf("audit trail: seal %d (rows up to %d) does not hold", s.ID, s.LastID)
		}
		prev, tx, id, after = s.Head, s.LastTx, s.LastID, s.ID
	}
}
