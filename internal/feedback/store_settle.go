package feedback

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/db"
)

// How far before the last settlement new rows are looked for: what was committed late, or entered while a server stood still.
const lookBack = 3 * 24 * time.Hour

// hoursToSettle are the hours that are over and not settled; with ever also those that lie far before the last settlement, as
// demo data does that is written while the server already runs.
func hoursToSettle(ctx context.Context, d *db.DB, until, days time.Time, ever bool) ([]time.Time, error) {
	const q = `
SELECT DISTINCT f.received_hour FROM feedbacks f
WHERE f.settled = 0 AND f.received_hour < $1 AND (f.channel <> 'wall' OR f.received_hour < $4) AND ($3 OR f.received_hour >= COALESCE((SELECT settled_until FROM ballot_clock) - $2 * interval '1 second', '-infinity')) ORDER BY 1`
	var out []time.Time
	err := d.Select(ctx, &out, q, until, int(lookBack/time.Second), ever, days)
	return out, err
}

func noteSettled(ctx context.Context, d *db.DB, until time.Time) error {
	const q = `INSERT INTO ballot_clock (settled_until) VALUES ($1) ON CONFLICT (only_one) DO UPDATE SET settled_until = greatest(ballot_clock.settled_until, excluded.settled_until)
WHERE ballot_clock.settled_until < excluded.settled_until`
	_, err := d.Exec(ctx, q, until)
	return err
}

// which rows one settlement takes: those of an hour that just came, or everything touched whose own hour is over.
const (
	ofHour  = ` f.received_hour = $1 AND f.settled = 0 AND (f.channel <> 'wall' OR f.received_hour < $3) AND $2::timestamptz IS NOT NULL`
	touched = ` f.settled IN (1, 3) AND COALESCE(f.more_hour, f.received_hour) < $2 AND $1::timestamptz IS NOT NULL AND $3::timestamptz IS NOT NULL`
)

// lockWaiting holds the rows of one settlement; one server at a time settles.
// Tickets are held before answers, as where a visit is bound to its ticket.
func lockWaiting(ctx context.Context, tx *db.DB, hour, until, days time.Time) ([]waiting, error) {
	if err := holdSettlement(ctx, tx); err != nil {
		return nil, err
	}
	which := ofHour
	if hour.IsZero() {
		which = touched
	}
	tickets := `SELECT FROM tickets x WHERE x.id IN (SELECT f.ticket_id FROM feedbacks f WHERE` + which + ` ORDER BY f.id LIMIT $4) ORDER BY x.id FOR NO KEY UPDATE`
	if _, err := tx.Exec(ctx, tickets, hour, until, days, settleMost); err != nil {
		return nil, err
	}
	const columns = `SELECT f.id, f.settled, f.channel, f.office_id, f.agency_id, to_char(f.checked_on, 'YYYY-MM-DD') AS checked_on, f.facts, f.ratings, f.problem_text, f.bad,
  f.quarantined, f.received_hour, f.more_hour FROM feedbacks f WHERE`
	var out []waiting
	err := tx.Select(ctx, &out, columns+which+` ORDER BY f.id LIMIT $4 FOR UPDATE`, hour, until, days, settleMost)
	return out, err
}

// holdSettlement: until the transaction ends nobody else settles or flags.
func holdSettlement(ctx context.Context, tx *db.DB) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('ballot.settle'))`)
	return err
}

// picturesToSettle are the objects of the pictures that came with those answers.
func picturesToSettle(ctx context.Context, d *db.DB, hour, until, days time.Time) ([]string, error) {
	const from = ` FROM feedbacks f JOIN attachments a ON a.owner_kind = 'feedback' AND a.owner_id = f.id JOIN photos p ON p.sha256 = a.sha256`
	var shas, keys []string
	q, derived := `SELECT DISTINCT a.sha256`+from+` WHERE`+ofHour, `SELECT DISTINCT v.key`+from+` JOIN derivatives v ON v.sha256 = a.sha256 WHERE`+ofHour
	if hour.IsZero() {
		return nil, nil // their pictures were stored anew when their hour was
	}
	if err := d.Select(ctx, &shas, q, hour, until, days); err != nil {
		return nil, err
	}
	if err := d.Select(ctx, &keys, derived, hour, until, days); err != nil {
		return nil, err
	}
	for _, sha := range shas {
		keys = append(keys, blob.Original(sha))
	}
	return keys, nil
}

func mix(ctx context.Context, tx *db.DB, ids []uuid.UUID) error {
	const q = `SELECT feedback_mix($1::uuid[])`
	_, err := tx.Exec(ctx, q, pq.Array(texts(ids)))
	return err
}

func texts(ids []uuid.UUID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// raiseAll raises the leads of bad answers in the order in which they stand here. A lead that is there stays.
func raiseAll(ctx context.Context, tx *db.DB, rows []waiting) error {
	const q = `SELECT lead_raise($1, 'feedback', $2, '', $3, $4, 'general', $5, $6, $7, NULL, $8)`
	for i := range rows {
		w := &rows[i]
		if !w.raises() {
			continue
		}
		a, err := w.answerOf()
		if err != nil {
			return err
		}
		fact := a.leadFact()
		if w.Channel == "wall" {
			fact = "墙上码，未核实。" + fact
		}
		if _, err := tx.Exec(ctx, q, uuid.New(), w.ID, w.OfficeID, w.AgencyID, a.leadCategory(), fact, w.CheckedOn, w.Hour); err != nil {
			return err
		}
	}
	return nil
}

// countAll leaves one row in the trail for each kind of thing that came in an hour, with how many there were.
func countAll(ctx context.Context, tx *db.DB, rows []waiting) error {
	type of struct {
		deed string
		hour time.Time
	}
	n := map[of]int{}
	var order []of
	for i := range rows {
		for _, deed := range rows[i].counts() {
			at := rows[i].Hour
			if deed == "feedback.more" {
				at = *rows[i].MoreHour
			}
			k := of{deed, at}
			if n[k] == 0 {
				order = append(order, k)
			}
			n[k]++
		}
	}
	slices.SortFunc(order, func(a, b of) int {
		if c := a.hour.Compare(b.hour); c != 0 {
			return c
		}
		return compare(a.deed, b.deed)
	})
	const q = `SELECT audit_append($1, NULL, 'public', $2, '', NULL, $3)`
	for _, k := range order {
		detail, err := json.Marshal(map[string]int{"count": n[k]})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, q, k.hour, k.deed, detail); err != nil {
			return err
		}
	}
	return nil
}
