package visit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
)

// Named is somebody or something with a name.
type Named struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Phone is what a phone last said of itself, as the office sees it: ids, days and counts, no content.
type Phone struct {
	DeviceID    uuid.UUID     `db:"device_id" json:"device_id"`
	Name        string        `db:"name" json:"name"`
	Account     Named         `db:"-" json:"account"`
	Office      *Named        `db:"-" json:"office"`
	AccountID   uuid.UUID     `db:"account_id" json:"-"`
	AccountName string        `db:"account_name" json:"-"`
	OfficeID    uuid.NullUUID `db:"office_id" json:"-"`
	OfficeName  string        `db:"office_name" json:"-"`
	AppVersion  string        `db:"app_version" json:"app_version"`
	Persisted   *bool         `db:"persisted" json:"persisted"`
	Installed   bool          `db:"installed" json:"installed"`
	SeenAt      time.Time     `db:"seen_at" json:"seen_at"`
	RevokedAt   *time.Time    `db:"revoked_at" json:"revoked_at"`
	Drafts      int           `db:"drafts" json:"drafts"`
	Photos      int           `db:"photos" json:"photos"`
	Items       []PhoneItem   `db:"-" json:"items" nullable:"false"`
	Oldest      *time.Time    `db:"-" json:"oldest" doc:"since when the oldest of them is known to wait"`
}

// PhoneItem is one record a phone still holds.
type PhoneItem struct {
	DeviceID uuid.UUID `db:"device_id" json:"-"`
	Out
	VisitNumber string     `db:"visit_number" json:"visit_number" doc:"empty while the server knows of no such visit"`
	Title       string     `db:"title" json:"title"`
	PhotosHere  int        `db:"photos_here" json:"photos_here" doc:"photos the server does not hold yet"`
	Bytes       int64      `db:"bytes" json:"bytes"`
	SealedAt    *time.Time `db:"sealed_at" json:"sealed_at" doc:"by the phone's clock"`
	State       string     `db:"state" json:"state"`
	Why         string     `db:"why" json:"why"`
	Since       time.Time  `db:"since" json:"since" doc:"first reported"`
}

// Loss is an alarm 疑似丢失.
type Loss struct {
	ID          uuid.UUID  `db:"id" json:"id"`
	DeviceID    uuid.UUID  `db:"device_id" json:"-"`
	DeviceName  string     `db:"device_name" json:"-"`
	AccountID   uuid.UUID  `db:"account_id" json:"-"`
	AccountName string     `db:"account_name" json:"-"`
	Device      Named      `db:"-" json:"device"`
	Account     Named      `db:"-" json:"account"`
	Cause       string     `db:"cause" json:"cause" enum:"dropped,wiped,replaced"`
	Raw         []byte     `db:"items" json:"-"`
	Missing     []Out      `db:"-" json:"-"`
	Items       []LostItem `db:"-" json:"items" nullable:"false"`
	NoticedAt   time.Time  `db:"noticed_at" json:"noticed_at"`
	SettledAt   *time.Time `db:"settled_at" json:"settled_at"`
	SettledBy   string     `db:"settled_by" json:"settled_by"`
	Reason      string     `db:"reason" json:"reason"`
	Found       bool       `db:"found" json:"found" doc:"everything turned up"`
}

// LostItem is one record that is missing.
type LostItem struct {
	Out
	VisitNumber string `json:"visit_number"`
	Title       string `json:"title"`
}

// Discard is a record that a person gave up on the phone.
type Discard struct {
	ID          uuid.UUID  `db:"id" json:"id"`
	DeviceID    uuid.UUID  `db:"device_id" json:"device_id"`
	AccountName string     `db:"account_name" json:"account_name"`
	VisitNumber string     `db:"visit_number" json:"visit_number"`
	Day         string     `db:"day" json:"day"`
	SaidAt      *time.Time `db:"said_at" json:"at"`
	Reason      string     `db:"reason" json:"reason"`
	NotedAt     time.Time  `db:"noted_at" json:"noted_at"`
}

// Radar is what is still out there.
type Radar struct {
	Items    []Phone   `json:"items" nullable:"false"`
	Losses   []Loss    `json:"losses" nullable:"false" doc:"open ones, and those of the last 30 days"`
	Discards []Discard `json:"discards" nullable:"false" doc:"of the last 30 days"`
}

// seesPhones limits a query over accounts p to people whose phones who may watch.
func (w *where) seesPhones(who actor.Actor) {
	switch {
	case who.SeesCounty():
		w.parts = append(w.parts, "true")
	case who.Is(actor.Office):
		w.and("p.office_id = ?", who.OfficeID)
	default:
		w.parts = append(w.parts, "false")
	}
}

// ofPerson: a phone may name any visit; its number and name are shown only if the visit is one of the person's or of the
// person's office.
const ofPerson = `(v.office_id = p.office_id OR EXISTS (SELECT FROM visit_supervisors m WHERE m.visit_id = v.id AND m.account_id = p.id))`

// Phones shows what each phone in sight still holds, and what is suspected to be lost.
func (s *Service) Phones(ctx context.Context, who actor.Actor) (r Radar, err error) {
	r = Radar{Items: []Phone{}, Discards: []Discard{}}
	var w where
	w.seesPhones(who)
	q := `SELECT f.device_id, d.name, f.account_id, p.name AS account_name, p.office_id, COALESCE(o.name, '') AS office_name, f.app_version, f.persisted, f.installed, f.seen_at, d.revoked_at, f.drafts, f.photos
		FROM phones f JOIN devices d ON d.id = f.device_id JOIN accounts p ON p.id = f.account_id LEFT JOIN offices o ON o.id = p.office_id` + w.sql() + ` ORDER BY p.name, f.seen_at DESC, f.device_id LIMIT 1000`
	if err := s.db.Select(ctx, &r.Items, q, w.args...); err != nil {
		return r, err
	}
	var waiting []PhoneItem
	q = `SELECT i.device_id, ` + outColumns + `, COALESCE(v.number, '') AS visit_number, COALESCE(v.business_name, '') AS title, i.photos_here, i.bytes, i.sealed_at, i.state, i.why, i.since
		FROM phone_items i JOIN phones f ON f.device_id = i.device_id JOIN accounts p ON p.id = f.account_id LEFT JOIN visits v ON v.id = i.visit_id AND ` + ofPerson + w.sql() + `
			AND NOT EXISTS (SELECT FROM sheets s WHERE s.id = i.id AND s.complete_at IS NOT NULL) ORDER BY i.device_id, i.since, i.id LIMIT 20000`
	if err := s.db.Select(ctx, &waiting, q, w.args...); err != nil {
		return r, err
	}
	fillPhones(r.Items, waiting)
	since := s.now().AddDate(0, 0, -30)
	if r.Losses, err = s.losses(ctx, who, since); err != nil {
		return r, err
	}
	w.and("g.noted_at > ?", since)
	q = `SELECT g.id, g.device_id, p.name AS account_name, COALESCE(v.number, '') AS visit_number, g.day, g.said_at, g.reason, g.noted_at
		FROM phone_discards g JOIN phones f ON f.device_id = g.device_id JOIN accounts p ON p.id = f.account_id LEFT JOIN visits v ON v.id = g.visit_id AND ` + ofPerson + w.sql() + ` ORDER BY g.noted_at DESC, g.id LIMIT 200`
	return r, s.db.Select(ctx, &r.Discards, q, w.args...)
}

func fillPhones(phones []Phone, waiting []PhoneItem) {
	of := map[uuid.UUID][]PhoneItem{}
	for _, i := range waiting {
		of[i.DeviceID] = append(of[i.DeviceID], i)
	}
	for i := range phones {
		p := &phones[i]
		p.Account, p.Items = Named{p.AccountID, p.AccountName}, of[p.DeviceID]
		if p.OfficeID.Valid {
			p.Office = &Named{p.OfficeID.UUID, p.OfficeName}
		}
		if p.Items == nil {
			p.Items = []PhoneItem{}
		} else {
			p.Oldest = &p.Items[0].Since
		}
	}
}

func (s *Service) losses(ctx context.Context, who actor.Actor, since time.Time) ([]Loss, error) {
	rows := []Loss{}
	var w where
	w.seesPhones(who)
	w.and("(l.settled_at IS NULL OR l.noticed_at > ?)", since)
	q := `SELECT l.id, l.device_id, d.name AS device_name, l.account_id, p.name AS account_name, l.cause, l.items, l.noticed_at, l.settled_at, COALESCE(b.name, '') AS settled_by, l.reason, l.found
		FROM phone_losses l JOIN devices d ON d.id = l.device_id JOIN accounts p ON p.id = l.account_id LEFT JOIN accounts b ON b.id = l.settled_by` + w.sql() + `
		ORDER BY l.settled_at IS NOT NULL, l.noticed_at DESC, l.id LIMIT 200`
	if err := s.db.Select(ctx, &rows, q, w.args...); err != nil {
		return nil, err
	}
	var visits []uuid.UUID
	for i := range rows {
		l := &rows[i]
		l.Device, l.Account = Named{l.DeviceID, l.DeviceName}, Named{l.AccountID, l.AccountName}
		if err := json.Unmarshal(l.Raw, &l.Missing); err != nil {
			return nil, err
		}
		for _, o := range l.Missing {
			visits = append(visits, o.VisitID)
		}
	}
	named, err := s.namesOf(ctx, who, visits)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Items = make([]LostItem, 0, len(rows[i].Missing))
		for _, o := range rows[i].Missing {
			v := named[o.VisitID]
			rows[i].Items = append(rows[i].Items, LostItem{Out: o, VisitNumber: v.Number, Title: v.Title})
		}
	}
	return rows, nil
}

type visitName struct {
	ID     uuid.UUID `db:"id"`
	Number string    `db:"number"`
	Title  string    `db:"business_name"`
}

func (s *Service) namesOf(ctx context.Context, who actor.Actor, visits []uuid.UUID) (map[uuid.UUID]visitName, error) {
	var rows []visitName
	var w where
	w.sees(who)
	w.and("v.id = ANY (?::uuid[])", pq.Array(visits))
	err := s.db.Select(ctx, &rows, `SELECT v.id, v.number, v.business_name FROM visits v`+w.sql(), w.args...)
	out := make(map[uuid.UUID]visitName, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, err
}
