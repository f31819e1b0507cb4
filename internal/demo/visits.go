package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/platform/clock"
	"suixing/internal/visit"
)

// shot is a picture ready to be sent.
type shot struct {
	raw []byte
	sum string
}

func newShot(raw []byte) shot {
	sum := sha256.Sum256(raw)
	return shot{raw, hex.EncodeToString(sum[:])}
}

// draw makes the pictures that the demo's visits share.
func (m *maker) draw(context.Context) error {
	for i := range 18 {
		raw, err := scene(rand.New(rand.NewPCG(7, uint64(i))))
		if err != nil {
			return err
		}
		m.shots = append(m.shots, newShot(raw))
	}
	return nil
}

// fail is an item that did not hold on a demo visit.
type fail struct{ item, note string }

// outing is a demo visit before it is sealed.
type outing struct {
	office, business int // indexes
	method, overall  string
	matter           string
	fails            []fail
	stop             string
	withhold         int // photos that stay on the phone
	late             string
}

// made is what a demo visit left behind.
type made struct {
	visit, sheet uuid.UUID
	ticket       string
	photos       []string // of the failed items
}

// supervisorOf is the account that records for an office.
func (m *maker) supervisorOf(office int) actor.Actor {
	if office == 0 {
		return m.ppl.Accounts["supervisor"]
	}
	return m.ppl.Accounts[fmt.Sprintf("supervisor%d", 2+office)]
}

// visit records an outing at a time: tickets in stock, photos, the sealed sheet, exactly as a phone would send them.
func (m *maker) visit(ctx context.Context, at time.Time, o outing) (made, error) {
	m.clock.Set(at)
	who := m.supervisorOf(o.office)
	batch, err := m.app.Feedback.IssueTickets(ctx, who, id(), 1)
	if err != nil {
		return made{}, fmt.Errorf("ticket: %w", err)
	}
	out := made{visit: id(), sheet: id(), ticket: batch.Items[0].URL}
	s := m.newSheet(at, o, out)
	s.body["ticket_id"] = batch.Items[0].ID
	if err := m.answers(s, o, &out); err != nil {
		return out, err
	}
	s.body["photos"] = s.manifest
	raw, err := json.Marshal(s.body)
	if err != nil {
		return out, err
	}
	if _, _, err := m.app.Visit.SaveSheet(ctx, who, out.sheet, raw); err != nil {
		return out, fmt.Errorf("sheet: %w", err)
	}
	for _, p := range s.shots[:len(s.shots)-o.withhold] {
		m.clock.Add(3 * time.Second)
		if err := m.send(ctx, who, p); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (m *maker) send(ctx context.Context, who actor.Actor, p shot) error {
	_, _, err := m.app.Evidence.Ingest(ctx, who, evidence.Upload{SHA256: p.sum, Declared: "image/jpeg", Size: int64(len(p.raw)), Body: bytes.NewReader(p.raw)})
	if err != nil {
		return fmt.Errorf("photo: %w", err)
	}
	_, err = m.app.Visit.PhotoHeld(ctx, p.sum) // what the route does after each photo
	return err
}

type sheetDraft struct {
	body     map[string]any
	manifest []map[string]any
	shots    []shot
	at       time.Time
}

func (s *sheetDraft) photo(p shot, source string) string {
	if slices.ContainsFunc(s.shots, func(x shot) bool { return x.sum == p.sum }) {
		return p.sum
	}
	s.shots = append(s.shots, p)
	s.manifest = append(s.manifest, map[string]any{"sha256": p.sum, "size": len(p.raw), "type": "image/jpeg", "source": source, "taken_at": stamp(s.at.Add(-40 * time.Minute)), "place": nil})
	return p.sum
}

func stamp(t time.Time) string { return t.In(clock.Shanghai).Format(time.RFC3339) }

func (m *maker) newSheet(at time.Time, o outing, out made) *sheetDraft {
	agency := m.ppl.Agencies[o.office]
	office := m.ppl.Offices[o.office]
	b := m.ppl.Businesses[office.ID][o.business]
	staff := m.ppl.Officers[agency.ID]
	var officers []map[string]any
	for _, of := range staff[:2] {
		officers = append(officers, map[string]any{"id": of.ID, "name": of.Name, "credential_number": of.Credential, "standing": of.Standing(at)})
	}
	method := o.method
	if method == "" {
		method = "accompanied"
	}
	s := &sheetDraft{at: at}
	s.body = map[string]any{
		"id": out.sheet, "visit_id": out.visit, "version": 1, "app_version": "demo", "checklist_version": m.list.Version, "mode": "full", "method": method,
		"visit": map[string]any{"agency_id": agency.ID, "business_id": b.ID, "business": visit.Business{Name: b.Name, USCC: b.USCC, Address: b.Address, Kind: b.Kind},
			"matter": o.matter, "notice_number": fmt.Sprintf("%s检通〔%d〕%d号", office.Township, at.Year(), 10+m.rng.IntN(80)), "external_code": "", "supervisor_ids": m.companions(o.office)},
		"recusal": map[string]any{"declared": true, "at": stamp(at.Add(-70 * time.Minute))}, "started_at": stamp(at.Add(-65 * time.Minute)),
		"ended_at": stamp(at.Add(-12 * time.Minute)), "sealed_at": stamp(at.Add(-10 * time.Minute)),
		"officers": officers, "helpers": m.rng.IntN(2), "observations": []any{}, "stop": nil, "opinion": "已当场向执法队反馈，过程总体有序。", "overall": o.overall, "place": nil,
	}
	if o.late != "" {
		s.body["late_reason"] = o.late
	}
	if o.stop != "" {
		s.body["stop"] = map[string]any{"reason": o.stop, "at": stamp(at.Add(-30 * time.Minute))}
	}
	return s
}

// companions are the supervisors of a visit: two where the office has two.
func (m *maker) companions(office int) []uuid.UUID {
	ids := []uuid.UUID{m.supervisorOf(office).ID}
	if office == 0 {
		ids = append(ids, m.ppl.Accounts["supervisor2"].ID)
	}
	return ids
}

func (m *maker) answers(s *sheetDraft, o outing, out *made) error {
	var answers []map[string]any
	for _, it := range m.list.Items {
		a := map[string]any{"code": it.Code, "result": "yes", "note": "", "photos": []string{}, "at": stamp(s.at.Add(-45 * time.Minute))}
		switch it.Code[0] {
		case 'G':
			a["result"] = "na"
		case 'B':
			if m.rng.IntN(5) == 0 {
				a["result"] = "unseen"
			}
		}
		for _, f := range o.fails {
			if f.item == it.Code {
				sum := s.photo(m.shots[m.rng.IntN(len(m.shots))], "camera")
				a["result"], a["note"], a["photos"] = "no", f.note, []string{sum}
				out.photos = append(out.photos, sum)
			}
		}
		answers = append(answers, a)
	}
	s.body["answers"] = answers
	s.body["observations"] = []map[string]any{{"text": "现场秩序正常，执法记录仪全程开启。", "photos": []string{s.photo(m.shots[m.rng.IntN(len(m.shots))], "camera")}, "at": stamp(s.at.Add(-35 * time.Minute))}}
	signs := make([]string, 2)
	for i := range signs {
		raw, err := stroke(m.rng)
		if err != nil {
			return err
		}
		signs[i] = s.photo(newShot(raw), "signature")
	}
	who := m.supervisorOf(o.office)
	first := s.body["officers"].([]map[string]any)[0]
	s.body["officer_sign"] = map[string]any{"name": first["name"], "credential_number": first["credential_number"], "stance": "accept", "text": "", "signature": signs[0]}
	s.body["supervisor_signs"] = []map[string]any{{"account_id": who.ID, "name": who.Name, "signature": signs[1]}}
	return nil
}
