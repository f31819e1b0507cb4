package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
)

// What is written when it happens stands in the order in which it happened: in the table's pages, in transaction ids, in the
// numbers of leads, in the trail between rows that know the second. So an answer is only put down when it comes. When its
// hour is over, the hour is settled in one transaction: all its rows are written anew in random order, its leads are raised
// in that order, and one row in the trail counts them and names none (docs/adr/0012).

// settleLate is how long after its end an hour still takes in what was under way.
const settleLate = 5 * time.Minute

// Settle settles every hour that is over, and whatever was touched since it was settled. With all, the running hour too: for
// demo data, whose people need no protection, and for tests.
func (s *Service) Settle(ctx context.Context, all bool) error {
	until := door.Hour(s.now().Add(-settleLate))
	today, err := clock.ParseDay(clock.Day(s.now().Add(-settleLate)))
	if err != nil {
		return err
	}
	days := today.UTC() // what came by a wall says its day and no hour: it waits until that is over
	if all {
		until = door.Hour(s.now()).Add(time.Hour)
		days = until
	}
	hours, err := hoursToSettle(ctx, s.db, until, days, all)
	if err != nil {
		return err
	}
	for _, h := range hours {
		if err := s.settle(ctx, h, until, days); err != nil {
			return fmt.Errorf("settle %s: %w", h.Format(time.RFC3339), err)
		}
	}
	if err := s.settle(ctx, time.Time{}, until, days); err != nil {
		return fmt.Errorf("settle what was touched: %w", err)
	}
	if all { // demo data is written for years gone by while this runs: nothing is over yet
		return nil
	}
	return noteSettled(ctx, s.db, until)
}

// waiting is an answer that waits for its settlement.
type waiting struct {
	ID        uuid.UUID       `db:"id"`
	Settled   int             `db:"settled"`
	Channel   string          `db:"channel"`
	OfficeID  uuid.NullUUID   `db:"office_id"`
	AgencyID  uuid.NullUUID   `db:"agency_id"`
	CheckedOn string          `db:"checked_on"`
	Facts     json.RawMessage `db:"facts"`
	Ratings   json.RawMessage `db:"ratings"`
	Problem   string          `db:"problem_text"`
	Bad       bool            `db:"bad"`
	Held      bool            `db:"quarantined"`
	Hour      time.Time       `db:"received_hour"`
	MoreHour  *time.Time      `db:"more_hour"`
}

// settle settles one hour, or with the zero hour what was touched.
func (s *Service) settle(ctx context.Context, hour, until, days time.Time) error {
	for {
		n, err := s.settleSome(ctx, hour, until, days)
		if err != nil || n < settleMost {
			return err
		}
	}
}

const settleMost = 20_000 // answers in one transaction; a busier hour is settled in parts

func (s *Service) settleSome(ctx context.Context, hour, until, days time.Time) (n int, err error) {
	pictures, err := picturesToSettle(ctx, s.db, hour, until, days)
	if err != nil {
		return 0, err
	}
	s.retime(ctx, pictures)
	err = s.db.InTx(ctx, func(tx *db.DB) error {
		rows, err := lockWaiting(ctx, tx, hour, until, days)
		if err != nil || len(rows) == 0 {
			return err
		}
		n = len(rows)
		rand.Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] }) // #nosec G404 -- seeded by the system; the rows are drawn again below
		ids := make([]uuid.UUID, n)
		for i, r := range rows {
			ids[i] = r.ID
		}
		if !hour.IsZero() {
			if err := flagBursts(ctx, tx, hour); err != nil {
				return err
			}
		}
		if err := mix(ctx, tx, ids); err != nil {
			return err
		}
		if err := raiseAll(ctx, tx, rows); err != nil {
			return err
		}
		return countAll(ctx, tx, rows)
	})
	return n, err
}

// answerOf is the answer as far as its lead needs it.
func (w *waiting) answerOf() (*Answer, error) {
	a := &Answer{Problem: w.Problem}
	if err := json.Unmarshal(w.Facts, &a.Facts); err != nil {
		return nil, err
	}
	return a, json.Unmarshal(w.Ratings, &a.Ratings)
}

// raises tells whether the answer raises a lead: a bad one that nobody holds back. Raised again, it is the same lead.
func (w *waiting) raises() bool { return w.Bad && !w.Held && w.Channel != "paper" }

// counts says which rows of the trail an answer is counted in.
func (w *waiting) counts() (out []string) {
	if w.Settled == 0 {
		out = append(out, "feedback.submit."+w.Channel)
	}
	if w.MoreHour != nil && (w.Settled == 3 || w.Settled == 0) {
		out = append(out, "feedback.more")
	}
	return out
}

// retime stores the pictures of an hour anew, in random order: a store tells when an object was written.
func (s *Service) retime(ctx context.Context, keys []string) {
	if s.store == nil {
		return
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] }) // #nosec G404 -- seeded by the system
	for _, key := range keys {
		if err := s.rewrite(ctx, key); err != nil {
			slog.WarnContext(ctx, "a picture of a public form keeps its time", "error", err) // settled all the same; the words matter more
		}
	}
}

// rewrite puts the same bytes under the same key. An original is named by its hash: what does not match is left alone.
func (s *Service) rewrite(ctx context.Context, key string) error {
	body, size, err := s.store.Get(ctx, key)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(body, size+1))
	_ = body.Close()
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(raw); int64(len(raw)) != size || strings.HasPrefix(key, "sha256/") && key != "sha256/"+hex.EncodeToString(sum[:]) {
		return fmt.Errorf("object %s is not what it is called", key)
	}
	return s.store.Put(ctx, key, strings.NewReader(string(raw)), size)
}
