package feedback

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
	"suixing/internal/platform/web"
)

// The columns a caller reads: of the visit its number, day, agency and business; of its answer nothing. The scope of every
// read: the county, and of it nobody who stood beside that visit herself.
const (
	callColumns = `c.id, c.month, v.number AS visit_number, COALESCE(to_char(v.happened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), '') AS checked_on, c.agency_id, a.name AS agency,
  v.business_name AS business, v.business_address AS address, c.state, c.tries, COALESCE(to_char(c.tried_on, 'YYYY-MM-DD'), '') AS tried_on, c.contact, c.seen, c.filled, c.beside, c.version`
	callFrom  = ` FROM callbacks c JOIN visits v ON v.id = c.visit_id JOIN agencies a ON a.id = c.agency_id`
	callScope = ` $1 = 'county' AND NOT EXISTS (SELECT FROM visit_supervisors m WHERE m.visit_id = c.visit_id AND m.account_id = $2)`
	callMonth = ` AND ($3 = '' OR c.month >= $3) AND ($4 = '' OR c.month <= $4)`
)

// CallbackFilter is what the list can be narrowed by; every figure of the report is one such filter.
type CallbackFilter struct {
	State    string `query:"state" enum:"open,reached,unreached,declined"`
	From     string `query:"from" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" doc:"first month, 2026-01"`
	To       string `query:"to" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" doc:"last month"`
	AgencyID string `query:"agency_id" format:"uuid"`
	Seen     string `query:"seen" enum:"yes,no,unsure"`
	Filled   string `query:"filled" enum:"own,officer,other,nobody"`
	After    string `query:"after" maxLength:"200"`
}

type callPosition struct {
	Month string    `json:"m"`
	ID    uuid.UUID `json:"i"`
}

// List reads drawn visits, newest month first, in an order that tells nothing.
func (s *Callbacks) List(ctx context.Context, who actor.Actor, in *CallbackFilter) (web.Page[Callback], error) {
	page := web.Page[Callback]{Items: []Callback{}}
	var after callPosition
	more, err := web.DecodeCursor(in.After, &after)
	if err != nil {
		return page, err
	}
	const where = ` WHERE` + callScope + callMonth + ` AND ($5 = '' OR c.state = $5) AND ($6 = '' OR c.agency_id::text = $6) AND ($7 = '' OR c.seen = $7) AND ($8 = '' OR c.filled = $8)`
	const q = `SELECT ` + callColumns + callFrom + where + ` AND (NOT $9 OR (c.month < $10 OR c.month = $10 AND c.id > $11)) ORDER BY c.month DESC, c.id LIMIT $12`
	args := []any{string(who.Role), who.ID, in.From, in.To, in.State, in.AgencyID, in.Seen, in.Filled}
	if err := s.db.Select(ctx, &page.Items, q, append(args, more, after.Month, after.ID, pageSize+1)...); err != nil {
		return page, err
	}
	page.Cut(pageSize, func(last Callback) any { return callPosition{last.Month, last.ID} })
	const count = `SELECT count(*) FROM (SELECT FROM callbacks c` + where + ` LIMIT 1000) n`
	return page, s.db.Get(ctx, &page.Total, count, args...)
}

// Get reads one drawn visit in who's scope with what was recorded of it.
func (s *Callbacks) Get(ctx context.Context, who actor.Actor, id uuid.UUID) (*CallbackDetail, error) {
	d := CallbackDetail{History: []CallbackEvent{}}
	const q = `SELECT ` + callColumns + callFrom + ` WHERE` + callScope + ` AND c.id = $3`
	if err := s.db.Get(ctx, &d.Callback, q, string(who.Role), who.ID, id); err != nil {
		return nil, err
	}
	d.MayCall, d.MayUndo = d.State == callOpen, d.recorded()
	const events = `SELECT e.deed, e.result, e.seen, e.filled, e.beside, e.reason, to_char(e.on_day, 'YYYY-MM-DD') AS on_day, p.name AS by
FROM callback_events e JOIN accounts p ON p.id = e.actor_id WHERE e.callback_id = $1 ORDER BY e.id DESC LIMIT 100`
	return &d, s.db.Select(ctx, &d.History, events, id)
}

// Settings reads how many visits the next draw takes.
func (s *Callbacks) Settings(ctx context.Context, _ actor.Actor) (CallbackSettings, error) {
	return callbackSettings(ctx, s.db)
}

func callbackSettings(ctx context.Context, d *db.DB) (out CallbackSettings, err error) {
	err = d.Get(ctx, &out, `SELECT share, least, version FROM callback_settings`)
	return out, err
}

func saveCallbackSettings(ctx context.Context, tx *db.DB, in CallbackSettings) (bool, error) {
	const q = `UPDATE callback_settings SET share = $1, least = $2, version = version + 1 WHERE version = $3`
	n, err := tx.Exec(ctx, q, in.Share, in.Least, in.Version)
	return n == 1, err
}

// newestRound is the newest month that was drawn; empty before the first.
func newestRound(ctx context.Context, d *db.DB) (month string, err error) {
	err = d.Get(ctx, &month, `SELECT COALESCE(max(month), '') FROM callback_rounds`)
	return month, err
}

// insertRound takes a month; false when it is taken. A second server waits here until the first has drawn.
func insertRound(ctx context.Context, tx *db.DB, month, day string, set CallbackSettings) (bool, error) {
	const q = `INSERT INTO callback_rounds (month, drawn_on, share, least) VALUES ($1, $2, $3, $4) ON CONFLICT (month) DO NOTHING`
	n, err := tx.Exec(ctx, q, month, day, set.Share, set.Least)
	return n == 1, err
}

// pooled is a visit that may be drawn.
type pooled struct {
	ID       uuid.UUID `db:"id"`
	AgencyID uuid.UUID `db:"agency_id"`
}

// callbackPool are the visits of a month, answered or silent: those whose first record arrived in it. By the day of the visit, a record held
// back until the month was drawn would be in no draw; and the first record, because a corrected one comes later. A review of files visits no business.
func callbackPool(ctx context.Context, tx *db.DB, from, until time.Time) ([]pooled, error) {
	const q = `
SELECT v.id, v.agency_id FROM visits v CROSS JOIN LATERAL (SELECT min(s.received_at) AS at FROM sheets s WHERE s.visit_id = v.id) came
WHERE v.state = 'recorded' AND v.method <> 'casefile' AND v.received_at >= $1 AND came.at >= $1 AND came.at < $2 ORDER BY v.agency_id, v.id`
	var out []pooled
	err := tx.Select(ctx, &out, q, from, until)
	return out, err
}

func insertDrawn(ctx context.Context, tx *db.DB, month string, pool int, drawn []pooled) error {
	ids, visits, agencies := make([]uuid.UUID, len(drawn)), make([]uuid.UUID, len(drawn)), make([]uuid.UUID, len(drawn))
	for i, d := range drawn {
		ids[i], visits[i], agencies[i] = uuid.New(), d.ID, d.AgencyID
	}
	const q = `INSERT INTO callbacks (id, month, visit_id, agency_id) SELECT x.id, $1, x.visit, x.agency FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS x (id, visit, agency) ORDER BY x.id`
	if _, err := tx.Exec(ctx, q, month, pq.Array(texts(ids)), pq.Array(texts(visits)), pq.Array(texts(agencies))); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE callback_rounds SET pool = $2, drawn = $3 WHERE month = $1`, month, pool, len(drawn))
	return err
}

// lockCallback holds a drawn visit in who's scope.
func lockCallback(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (c Callback, err error) {
	const q = `SELECT ` + callColumns + callFrom + ` WHERE` + callScope + ` AND c.id = $3 FOR UPDATE OF c`
	err = tx.Get(ctx, &c, q, string(who.Role), who.ID, id)
	return c, err
}

func saveCallback(ctx context.Context, tx *db.DB, c Callback) error {
	const q = `UPDATE callbacks SET state = $2, tries = $3, tried_on = NULLIF($4, '')::date, contact = $5, seen = $6, filled = $7, beside = $8, version = version + 1 WHERE id = $1 AND version = $9`
	n, err := tx.Exec(ctx, q, c.ID, c.State, c.Tries, c.TriedOn, c.Contact, c.Seen, c.Filled, c.Beside, c.Version)
	if err == nil && n == 0 {
		return fault.Stale()
	}
	return err
}

func appendCallbackEvent(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID, ev CallbackEvent, day string) error {
	const q = `INSERT INTO callback_events (callback_id, deed, result, seen, filled, beside, reason, on_day, actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	_, err := tx.Exec(ctx, q, id, ev.Deed, ev.Result, ev.Seen, ev.Filled, ev.Beside, ev.Reason, day, who.ID)
	return err
}
