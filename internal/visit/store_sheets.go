package visit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// sheetRow is one sealed version to be kept.
type sheetRow struct {
	ID, VisitID, AuthorID uuid.UUID
	Version               int
	Supersedes            uuid.NullUUID
	Reason                string
	Sheet                 Sheet
	Raw                   []byte
	Digest                string
	Standings             []Standing
	Remarks               []string
	ReceivedAt            time.Time
}

func insertSheet(ctx context.Context, tx *db.DB, r sheetRow) error {
	body, err := json.Marshal(r.Sheet)
	if err != nil {
		return err
	}
	found, err := json.Marshal(r.Standings)
	if err != nil {
		return err
	}
	s := r.Sheet
	const q = `INSERT INTO sheets (id, visit_id, author_id, version, supersedes, reason, checklist_version, mode, body, raw, digest, overall, stopped,
			late_reason, standings, remarks, happened_at, ended_at, sealed_at, received_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`
	_, err = tx.Exec(ctx, q, r.ID, r.VisitID, r.AuthorID, r.Version, r.Supersedes, r.Reason, s.ChecklistVersion, s.Mode, body, r.Raw, r.Digest, s.Overall, s.Stop != nil,
		s.LateReason, found, pq.Array(r.Remarks), s.StartedAt.Time, s.EndedAt.Time, s.SealedAt.Time, r.ReceivedAt)
	return err
}

// known is a sheet that is already kept, as far as placing another needs it.
type known struct {
	ID         uuid.UUID  `db:"id"`
	VisitID    uuid.UUID  `db:"visit_id"`
	AuthorID   uuid.UUID  `db:"author_id"`
	Version    int        `db:"version"`
	Digest     string     `db:"digest"`
	CompleteAt *time.Time `db:"complete_at"`
}

const knownColumns = `SELECT id, visit_id, author_id, version, digest, complete_at FROM sheets`

// sheetByID finds a kept sheet; found is false when there is none.
func sheetByID(ctx context.Context, d *db.DB, id uuid.UUID) (k known, found bool, err error) {
	err = d.Get(ctx, &k, knownColumns+` WHERE id = $1`, id)
	return maybe(k, err)
}

// lastOf is the newest version of an author on a visit.
func lastOf(ctx context.Context, tx *db.DB, visitID, author uuid.UUID) (k known, found bool, err error) {
	err = tx.Get(ctx, &k, knownColumns+` WHERE visit_id = $1 AND author_id = $2 ORDER BY version DESC LIMIT 1`, visitID, author)
	return maybe(k, err)
}

func maybe[T any](v T, err error) (T, bool, error) {
	if fault.KindOf(err) == fault.NotFound {
		return v, false, nil
	}
	return v, err == nil, err
}

// settled tells what became of bytes that once clashed: kept is empty while nobody has decided.
type settled struct {
	ID       uuid.UUID     `db:"id"`
	Kept     string        `db:"kept"`
	ResultID uuid.NullUUID `db:"result_id"`
}

func clashOf(ctx context.Context, d *db.DB, author uuid.UUID, digest string) (c settled, found bool, err error) {
	const q = `SELECT id, kept, result_id FROM sheet_conflicts WHERE author_id = $1 AND digest = $2 ORDER BY kept DESC LIMIT 1`
	err = d.Get(ctx, &c, q, author, digest)
	return maybe(c, err)
}

// maxClashes bounds what a broken or hostile phone can leave beside one sheet.
const maxClashes = 20

// insertClash keeps the other bytes. It tells whether they were new.
func insertClash(ctx context.Context, tx *db.DB, id, sheetID uuid.UUID, kind string, raw []byte, digest string, author uuid.UUID, at time.Time) (bool, error) {
	var n int
	if err := tx.Get(ctx, &n, `SELECT count(*) FROM sheet_conflicts WHERE sheet_id = $1`, sheetID); err != nil {
		return false, err
	}
	if n >= maxClashes {
		return false, fault.New(fault.TooMany, "too_many_conflicts", "这份记录已有20份内容不同的版本，不再收新的。请联系司法所处理。")
	}
	const q = `INSERT INTO sheet_conflicts (id, sheet_id, kind, raw, digest, author_id, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sheet_id, digest) DO NOTHING`
	rows, err := tx.Exec(ctx, q, id, sheetID, kind, raw, digest, author, at)
	return rows > 0, err
}

// officersByNumber is what the register knows of the credentials a sheet names.
func officersByNumber(ctx context.Context, tx *db.DB, s Sheet) (map[string]registered, error) {
	numbers := make([]string, 0, len(s.Officers))
	for _, o := range s.Officers {
		numbers = append(numbers, o.CredentialNumber)
	}
	var rows []registered
	const q = `SELECT credential_number, name, agency_id, to_char(valid_from, 'YYYY-MM-DD') AS valid_from, to_char(valid_to, 'YYYY-MM-DD') AS valid_to, status
		FROM officers WHERE credential_number = ANY($1)`
	if err := tx.Select(ctx, &rows, q, pq.Array(numbers)); err != nil {
		return nil, err
	}
	out := map[string]registered{}
	for _, r := range rows {
		out[r.Number] = r
	}
	return out, nil
}

// restFindings takes the findings of a superseded sheet out of force. Their leads live on.
func restFindings(ctx context.Context, tx *db.DB, sheetID uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE findings SET in_force = false WHERE sheet_id = $1`, sheetID)
	return err
}

// leadOf is the lead that this item of this visit has raised before, by whichever sheet.
func leadOf(ctx context.Context, tx *db.DB, visitID uuid.UUID, item string) (id uuid.UUID, found bool, err error) {
	const q = `SELECT lead_id FROM findings WHERE visit_id = $1 AND item = $2 AND lead_id IS NOT NULL LIMIT 1`
	err = tx.Get(ctx, &id, q, visitID, item)
	return maybe(id, err)
}

func insertFinding(ctx context.Context, tx *db.DB, id, sheetID, visitID uuid.UUID, f Failed, lead uuid.NullUUID, at time.Time) error {
	const q = `INSERT INTO findings (id, sheet_id, visit_id, item, severity, category, text, note, on_spot, lead_id, raised_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $10::uuid IS NULL THEN NULL ELSE $11::timestamptz END)`
	_, err := tx.Exec(ctx, q, id, sheetID, visitID, f.Item.Code, f.Item.Sev, f.Item.Category, f.Item.Text, f.Note, f.OnSpot, lead, at)
	return err
}

// sumUp writes on the visit what its sheets in force say together: earliest times, worst verdict.
func sumUp(ctx context.Context, tx *db.DB, visitID uuid.UUID, state State, flagged bool) error {
	const q = `UPDATE visits v SET state = $2, flagged = $3, version = version + 1, method = x.method, happened_at = x.happened, recorded_at = x.sealed, received_at = x.received,
			late = x.late, late_reason = x.late_reason, overall = x.overall
		FROM (SELECT min(happened_at) AS happened, min(sealed_at) AS sealed, min(received_at) AS received, max(late_reason) AS late_reason,
				bool_or(late_reason <> '' OR remarks && ARRAY['late', 'late_unexplained']) AS late,
				(array_agg(overall ORDER BY array_position(ARRAY['poor', 'mostly', 'standard'], overall)))[1] AS overall,
				(array_agg(body->>'method' ORDER BY received_at))[1] AS method
			FROM sheets s WHERE s.visit_id = $1 AND NOT EXISTS (SELECT 1 FROM sheets n WHERE n.supersedes = s.id)) x
		WHERE v.id = $1`
	_, err := tx.Exec(ctx, q, visitID, state, flagged)
	return err
}

// lockSheet reads a sheet for completion; two photos that arrive at once take turns here.
func lockSheet(ctx context.Context, tx *db.DB, id uuid.UUID) (known, error) {
	var k known
	return k, tx.Get(ctx, &k, knownColumns+` WHERE id = $1 FOR UPDATE`, id)
}

func setComplete(ctx context.Context, tx *db.DB, id uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE sheets SET complete_at = $2 WHERE id = $1 AND complete_at IS NULL`, id, now)
	return err
}

// visibleSheet finds a kept sheet that who may see. Fault NotFound otherwise.
func visibleSheet(ctx context.Context, d *db.DB, who actor.Actor, id uuid.UUID) (known, error) {
	var k known
	var w where
	w.and("s.id = ?", id)
	w.sees(who)
	q := `SELECT s.id, s.visit_id, s.author_id, s.version, s.digest, s.complete_at FROM sheets s JOIN visits v ON v.id = s.visit_id` + w.sql()
	return k, d.Get(ctx, &k, q, w.args...)
}

// ticketOf tells whether the ticket is tied to the visit.
func ticketOf(ctx context.Context, tx *db.DB, ticketID, visitID uuid.UUID) (tied bool, err error) {
	const q = `SELECT EXISTS (SELECT 1 FROM tickets WHERE id = $1 AND visit_id = $2)`
	return tied, tx.Get(ctx, &tied, q, ticketID, visitID)
}
