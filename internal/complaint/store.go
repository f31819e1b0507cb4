package complaint

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
	"suixing/internal/vault"
)

// record is a complaint ready to be kept.
type record struct {
	id, leadID    uuid.UUID
	in            *Input
	sealed        vault.Sealed
	receipt, body []byte // hashes
	at            time.Time
}

func nextNumber(ctx context.Context, tx *db.DB, at time.Time) (string, error) {
	var n int64
	const q = `SELECT next_number($1)`
	err := tx.Get(ctx, &n, q, "TS"+at.In(clock.Shanghai).Format("2006"))
	return number(at, n), err
}

// insertComplaint keeps the row and seals who spoke; false when the same complaint is there already. The agency is the one
// named, or the one whose name was written exactly; its office gets the complaint, the county where there is none.
func insertComplaint(ctx context.Context, tx *db.DB, who actor.Actor, number string, r *record) (bool, error) {
	const q = `
WITH a AS (
  SELECT id, office_id FROM agencies WHERE active AND (id = $3 OR $3::uuid IS NULL AND name = $4)
), kept AS (
  INSERT INTO complaints (id, number, channel, office_id, agency_id, target, officer, happened, place, fact, request, category, already, urgency,
    anonymous, confidential, reply_wanted, has_contact, outer_number, receipt_hash, body_hash, taken_by, suspect, received_at)
  SELECT $1, $2, $5, COALESCE((SELECT office_id FROM a), $6), (SELECT id FROM a), $4, $7, $8, $9, $10, $11, $12, $13, $14,
    NOT $15::bool, $16, $17, $15, $18, $19, $20, $21, $22, $23
  ON CONFLICT (body_hash) DO NOTHING RETURNING id
)
SELECT count(*) AS n, count(CASE WHEN $15 THEN vault_seal($24, 'complaint', kept.id, $25, $26, $27::date) END) AS sealed FROM kept`
	in, s := r.in, r.sealed
	var row struct{ N, Sealed int }
	var on *string
	if s.Valid {
		on = &s.On
	}
	err := tx.Get(ctx, &row, q, r.id, number, in.AgencyID, in.Target, in.Channel, who.OfficeID, in.Officer, in.Happened, in.Place, in.Fact, in.Request,
		in.Category, in.Already, in.Urgency, in.Named, in.Identity.Confidential, in.Reply, in.OuterNumber, r.receipt, r.body, who.Account(), in.Suspect, r.at,
		s.ID, s.KeyID, s.Bytes, on)
	return row.N == 1, err
}

func raiseLead(ctx context.Context, tx *db.DB, id, leadID uuid.UUID, fact string, day *string, at time.Time) error {
	const q = `SELECT lead_raise($2, 'complaint', c.id, '', c.office_id, c.agency_id, 'general', c.category, $3, $4::date, NULL, $5) FROM complaints c WHERE c.id = $1`
	_, err := tx.Exec(ctx, q, id, leadID, fact, day, at)
	return err
}

func keptBefore(ctx context.Context, d *db.DB, body []byte, code string) (*Filed, error) {
	out := &Filed{Receipt: code}
	const q = `SELECT id, number FROM complaints WHERE body_hash = $1`
	return out, d.Get(ctx, out, q, body)
}

// ComplaintItem is a complaint in a list. No identity: that is the vault's.
type ComplaintItem struct {
	ID         uuid.UUID     `db:"id" json:"id"`
	Number     string        `db:"number" json:"number"`
	Channel    string        `db:"channel" json:"channel"`
	OfficeID   uuid.NullUUID `db:"office_id" json:"office_id"`
	Office     string        `db:"office" json:"office"`
	AgencyID   uuid.NullUUID `db:"agency_id" json:"agency_id"`
	Target     string        `db:"target" json:"target"`
	Category   string        `db:"category" json:"category"`
	Urgency    string        `db:"urgency" json:"urgency"`
	Fact       string        `db:"fact" json:"fact"`
	Anonymous  bool          `db:"anonymous" json:"anonymous"`
	HasContact bool          `db:"has_contact" json:"has_contact"`
	Suspect    bool          `db:"suspect" json:"suspect"`
	State      string        `db:"state" json:"state"`
	ReceivedAt time.Time     `db:"received_at" json:"received_at"`
	LeadID     uuid.NullUUID `db:"lead_id" json:"lead_id"`
	Lead       string        `db:"lead" json:"lead_number"`
	LeadState  string        `db:"lead_state" json:"lead_state"`
}

// ComplaintDetail is one complaint whole, but for who spoke.
type ComplaintDetail struct {
	ComplaintItem
	Officer      string             `db:"officer" json:"officer"`
	Happened     string             `db:"happened" json:"happened"`
	Place        string             `db:"place" json:"place"`
	Request      string             `db:"request" json:"request"`
	Already      string             `db:"already" json:"already"`
	Confidential bool               `db:"confidential" json:"confidential"`
	ReplyWanted  bool               `db:"reply_wanted" json:"reply_wanted"`
	OuterNumber  string             `db:"outer_number" json:"outer_number"`
	TakenBy      string             `db:"taken_by" json:"taken_by"`
	Photos       []ComplaintPicture `db:"-" json:"photos" nullable:"false"`
	MayReveal    bool               `db:"-" json:"may_reveal"`
	MayRelease   bool               `db:"-" json:"may_release"`
}

// ComplaintPicture is a photo that came with a complaint; its bytes are at /api/photos/{sha256}.
type ComplaintPicture struct {
	SHA256 string `db:"sha256" json:"sha256"`
	Size   int64  `db:"size" json:"size"`
}

const (
	itemColumns = `c.id, c.number, c.channel, c.office_id, COALESCE(o.name, '') AS office, c.agency_id, c.target, c.category, c.urgency, c.anonymous, c.has_contact, c.suspect,
  c.state, c.received_at, l.id AS lead_id, COALESCE(l.number, '') AS lead, COALESCE(l.state, '') AS lead_state`
	listColumns   = itemColumns + `, left(c.fact, 80) AS fact`
	detailColumns = itemColumns + `, c.fact`
	itemFrom      = ` FROM complaints c LEFT JOIN offices o ON o.id = c.office_id LEFT JOIN leads l ON l.origin = 'complaint' AND l.origin_id = c.id`
	// county and leader see all, an office its own, the hotline what it took
	inScope = ` ($1 OR c.office_id = $2 OR c.taken_by = $3)`
)

func scope(who actor.Actor) []any {
	taken := uuid.NullUUID{}
	if who.Is(actor.Hotline) {
		taken = who.Account()
	}
	return []any{who.SeesCounty(), who.OfficeID, taken}
}

// Filter is what the desk's list can be narrowed by.
type Filter struct {
	State   string `query:"state" enum:"received,accepted,refused,transferred,decided,told,closed"`
	Channel string `query:"channel" maxLength:"20"`
	Suspect string `query:"suspect" enum:"true,false"`
	Q       string `query:"q" maxLength:"60"`
	After   string `query:"after" maxLength:"200"`
}

type position struct {
	At time.Time `json:"t"`
	ID uuid.UUID `json:"i"`
}

const pageSize = 50

// List reads complaints, newest first.
func (s *Service) List(ctx context.Context, who actor.Actor, in *Filter) (web.Page[ComplaintItem], error) {
	page := web.Page[ComplaintItem]{Items: []ComplaintItem{}}
	var after position
	more, err := web.DecodeCursor(in.After, &after)
	if err != nil {
		return page, err
	}
	const where = ` WHERE` + inScope + ` AND ($4 = '' OR c.state = $4) AND ($5 = '' OR c.channel = $5) AND ($6 = '' OR c.suspect = ($6 = 'true'))
  AND ($7 = '' OR strpos(c.number || ' ' || c.target || ' ' || c.fact, $7) > 0)`
	const q = `SELECT ` + listColumns + itemFrom + where + ` AND (NOT $8 OR (c.received_at, c.id) < ($9, $10)) ORDER BY c.received_at DESC, c.id DESC LIMIT $11`
	args := append(scope(who), in.State, in.Channel, in.Suspect, door.OneLine(in.Q))
	if err := s.db.Select(ctx, &page.Items, q, append(args[:7:7], more, after.At, after.ID, pageSize+1)...); err != nil {
		return page, err
	}
	if len(page.Items) > pageSize {
		page.Items = page.Items[:pageSize]
		last := page.Items[pageSize-1]
		page.Next = web.EncodeCursor(position{last.ReceivedAt, last.ID})
	}
	const count = `SELECT count(*) FROM (SELECT FROM complaints c` + where + ` LIMIT 1000) n` // beyond a thousand nobody counts
	return page, s.db.Get(ctx, &page.Total, count, args...)
}

// Get reads one complaint in who's scope.
func (s *Service) Get(ctx context.Context, who actor.Actor, id uuid.UUID) (*ComplaintDetail, error) {
	const q = `SELECT ` + detailColumns + `, c.officer, c.happened, c.place, c.request, c.already, c.confidential, c.reply_wanted, c.outer_number, COALESCE(t.name, '') AS taken_by` +
		itemFrom + ` LEFT JOIN accounts t ON t.id = c.taken_by WHERE` + inScope + ` AND c.id = $4`
	d := ComplaintDetail{Photos: []ComplaintPicture{}}
	if err := s.db.Get(ctx, &d, q, append(scope(who), id)...); err != nil {
		return nil, err
	}
	d.MayReveal = d.HasContact && who.Is(actor.Office, actor.County)
	d.MayRelease = d.Suspect && who.Is(actor.Office, actor.County)
	const photos = `SELECT sha256, size FROM attachments WHERE owner_kind = 'complaint' AND owner_id = $1 ORDER BY position, sha256`
	return &d, s.db.Select(ctx, &d.Photos, photos, id)
}

func lockSuspect(ctx context.Context, tx *db.DB, who actor.Actor, id uuid.UUID) (*Input, error) {
	var in Input
	const q = `SELECT c.suspect, c.target, c.officer, c.happened, c.place, c.fact, c.request FROM complaints c WHERE` + inScope + ` AND c.id = $4 FOR UPDATE`
	return &in, tx.Get(ctx, &in, q, append(scope(who), id)...)
}

func clearSuspect(ctx context.Context, tx *db.DB, id uuid.UUID) error {
	const q = `UPDATE complaints SET suspect = false, version = version + 1 WHERE id = $1`
	_, err := tx.Exec(ctx, q, id)
	return err
}

// statusOf finds a complaint by its receipt's code, and what became of it; false when there is none.
func statusOf(ctx context.Context, d *db.DB, code string) (door.Status, bool, error) {
	var rows []struct {
		ID uuid.UUID `db:"id"`
		At time.Time `db:"received_at"`
	}
	const q = `SELECT id, received_at FROM complaints WHERE receipt_hash = $1`
	if err := d.Select(ctx, &rows, q, door.Hash(code)); err != nil || len(rows) == 0 {
		return door.Status{}, false, err
	}
	var steps []door.Step
	const progress = `SELECT step, at, due FROM public_progress('complaint', $1) ORDER BY at`
	err := d.Select(ctx, &steps, progress, rows[0].ID)
	return door.Status{Received: rows[0].At, Steps: door.Steps(steps)}, err == nil, err
}

// around are the bureau that receives, and the names of agencies to choose from.
func (s *Service) around(ctx context.Context) (bureau, hotline string, agencies []string, err error) {
	var b struct{ Name, Hotline string }
	const q = `SELECT COALESCE(max(name), '') AS name, COALESCE(max(hotline), '') AS hotline FROM bureau`
	if err = s.db.GetP(ctx, &b, q); err != nil {
		return
	}
	const names = `SELECT name FROM agencies WHERE active ORDER BY kind DESC, name`
	err = s.db.Select(ctx, &agencies, names)
	return b.Name, b.Hotline, agencies, err
}
