package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
	"suixing/internal/visit"
)

// record is one sealed sheet as the phone that made it knows it: what the checker expects of the server.
type record struct {
	ID, VisitID, Supersedes uuid.UUID
	Account                 uuid.UUID
	Phone                   int
	Version                 int
	Raw                     []byte
	Digest                  string
	Photos                  []picture // what is to be sent; a correction may name photos that went with the version before
	Manifest                map[string]int64
	Failed                  map[string]string // item to severity
	Ticket                  *ticket
	Office, Agency          uuid.UUID
	Rival                   bool // other bytes under a taken id
	SealedAt                time.Time
	early                   bool // its photos went before it once
}

// quick are the twelve lines of the quick checklist.
var quick = []struct{ code, severity string }{{"A02", "redline"}, {"A03", "redline"}, {"B01", "general"}, {"C01", "redline"}, {"C02", "general"}, {"C03", "general"},
	{"D01", "general"}, {"D02", "general"}, {"E02", "general"}, {"E03", "redline"}, {"F02", "general"}, {"H03", "minor"}}

// draft is a sheet while it is being written.
type draft struct {
	rec      *record
	body     map[string]any
	manifest []map[string]any
	rng      *rand.Rand
	room     *darkroom
	at       time.Time
}

func stamp(t time.Time) string { return t.In(clock.Shanghai).Format(time.RFC3339) }

func (d *draft) photo(p picture, source string) string {
	if _, there := d.rec.Manifest[p.sum]; there {
		return p.sum
	}
	d.rec.Manifest[p.sum] = int64(len(p.raw))
	d.rec.Photos = append(d.rec.Photos, p)
	d.manifest = append(d.manifest, map[string]any{"sha256": p.sum, "size": len(p.raw), "type": "image/jpeg", "source": source, "taken_at": stamp(d.at.Add(-40 * time.Minute)), "place": nil})
	return p.sum
}

// write makes a whole sheet as the field app would have sealed it at the phone's time at.
func (p *phone) write(visitID uuid.UUID, version int, before *record, at time.Time) (*record, error) {
	d := &draft{rec: &record{ID: uuid.Must(uuid.NewV7()), VisitID: visitID, Account: p.who.ID, Phone: p.index, Version: version, Manifest: map[string]int64{}, Failed: map[string]string{}, Office: p.who.OfficeID.UUID, Agency: p.agency},
		rng: p.rng, room: p.storm.room, at: at}
	d.head(p, before)
	d.answers(p, before)
	d.signs(p)
	d.body["photos"] = d.manifest
	raw, err := json.Marshal(d.body)
	if err != nil {
		return nil, err
	}
	d.rec.Raw, d.rec.Digest = raw, sumOf(raw)
	return d.rec, nil
}

func (d *draft) head(p *phone, before *record) {
	office := p.storm.bed.ppl.Businesses[p.who.OfficeID.UUID]
	known := office[d.rng.IntN(len(office))]
	place := map[string]any{"agency_id": p.agency, "matter": visit.Matters[d.rng.IntN(len(visit.Matters))], "notice_number": fmt.Sprintf("检通〔2026〕%d号", d.rng.IntN(90)+1), "external_code": "",
		"supervisor_ids": []uuid.UUID{p.who.ID}}
	if d.rng.IntN(2) == 0 {
		place["business_id"] = known.ID
		place["business"] = visit.Business{Name: known.Name, USCC: known.USCC, Address: known.Address, Kind: known.Kind}
	} else {
		place["business"] = visit.Business{Name: fmt.Sprintf("风暴示例商店%06d", d.rng.IntN(1_000_000)), Address: "示例路1号", Kind: "household"}
	}
	var officers []map[string]any
	for _, o := range p.storm.bed.ppl.Officers[p.agency][:2] {
		officers = append(officers, map[string]any{"id": o.ID, "name": o.Name, "credential_number": o.Credential, "standing": "valid"})
	}
	at := d.at
	d.body = map[string]any{
		"id": d.rec.ID, "visit_id": d.rec.VisitID, "version": d.rec.Version, "app_version": "storm", "checklist_version": p.checklist, "mode": "quick", "method": "accompanied", "visit": place,
		"recusal": map[string]any{"declared": true, "at": stamp(at.Add(-70 * time.Minute))}, "started_at": stamp(at.Add(-65 * time.Minute)), "ended_at": stamp(at.Add(-12 * time.Minute)), "sealed_at": stamp(at),
		"officers": officers, "helpers": d.rng.IntN(3), "stop": nil, "opinion": "已当场反馈。", "overall": []string{"standard", "mostly", "poor"}[d.rng.IntN(3)], "place": nil,
		"observations": []map[string]any{{"text": "现场秩序正常。", "photos": []string{d.photo(d.room.shoot(d.rng), "camera")}, "at": stamp(at.Add(-35 * time.Minute))}},
	}
	if before != nil {
		d.rec.Supersedes = before.ID
		d.body["supersedes"], d.body["reason"] = before.ID, "核对后发现前一版有误"
	}
	if t := p.takeTicket(); t != nil && before == nil {
		d.rec.Ticket, t.visit, t.sheet = t, d.rec.VisitID, d.rec.ID
		d.body["ticket_id"] = t.ID
	}
}

// answers fails an item now and then; a correction keeps what failed before, so that a lead could be raised twice.
func (d *draft) answers(p *phone, before *record) {
	var out []map[string]any
	for _, line := range quick {
		code, severity := line.code, line.severity
		fails := d.rng.IntN(p.storm.plan.fails) == 0
		if before != nil {
			_, fails = before.Failed[code]
		}
		a := map[string]any{"code": code, "result": "yes", "note": "", "photos": []string{}, "at": stamp(d.at.Add(-45 * time.Minute))}
		if fails {
			d.rec.Failed[code] = severity
			a["result"], a["note"] = "no", "现场看到的与要求不一致，已拍照。"
			a["photos"] = []string{d.photo(d.room.shoot(d.rng), "camera")}
		}
		out = append(out, a)
	}
	d.body["answers"] = out
}

func (d *draft) signs(p *phone) {
	officer := d.photo(d.room.shoot(d.rng), "signature")
	mine := d.photo(d.room.shoot(d.rng), "signature")
	first := d.body["officers"].([]map[string]any)[0]
	d.body["officer_sign"] = map[string]any{"name": first["name"], "credential_number": first["credential_number"], "stance": "accept", "text": "", "signature": officer}
	d.body["supervisor_signs"] = []map[string]any{{"account_id": p.who.ID, "name": p.who.Name, "signature": mine}}
}

// rival is the same sheet with other words: what a second device or tab could have sealed under the same id.
func rivalOf(r *record) (*record, error) {
	var body map[string]any
	if err := json.Unmarshal(r.Raw, &body); err != nil {
		return nil, err
	}
	body["opinion"] = "另一台手机上写的意见，两份都要留下。"
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	out := *r
	out.Raw, out.Digest, out.Rival, out.Photos, out.Ticket = raw, sumOf(raw), true, nil, nil
	return &out, nil
}
