package main

import (
	"bytes"
	"maps"
	"mime/multipart"
	"time"

	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
)

// ticket is a feedback ticket of the phone's little book.
type ticket struct {
	ID    uuid.UUID `json:"id"`
	URL   string    `json:"url"`
	visit uuid.UUID
	sheet uuid.UUID
	taken bool
	done  bool
	got   time.Time
}

// writeNext seals the next record: mostly of a new visit, at times a correction, a second hand on a colleague's visit, or
// other bytes under an id that is taken.
func (p *phone) writeNext(ctx context.Context, chains map[string]*record) error {
	visitID, version := uuid.Must(uuid.NewV7()), 1
	var before *record
	switch n := p.rng.IntN(100); {
	case n < 12 && len(chains) > 0:
		before = p.pick(chains)
		visitID, version = before.VisitID, before.Version+1
	case n < 20:
		if v, ok := p.colleague(chains); ok {
			visitID = v
		}
	}
	if p.rng.IntN(4) == 0 {
		p.fetchTickets(ctx)
	}
	rec, err := p.write(visitID, version, before, p.at())
	if err != nil {
		return err
	}
	chains[visitID.String()] = rec
	if err := p.seal(rec); err != nil {
		return err
	}
	if p.rng.IntN(p.storm.plan.rivals) == 0 && !p.storm.calm.Load() {
		return p.sealRival()
	}
	return nil
}

func (p *phone) pick(chains map[string]*record) *record {
	keys := make([]string, 0, len(chains))
	for k := range chains {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return chains[keys[p.rng.IntN(len(keys))]]
}

// colleague finds a visit of another account of the same office on which this phone has no sheet yet.
func (p *phone) colleague(chains map[string]*record) (uuid.UUID, bool) {
	for _, o := range p.storm.phones {
		if o.index == p.index || o.who.ID == p.who.ID || o.who.OfficeID != p.who.OfficeID {
			continue
		}
		for _, it := range o.list(func(it item) bool { return it.Version == 1 }) {
			if _, mine := chains[it.VisitID]; !mine && p.rng.IntN(4) == 0 {
				if id, err := uuid.Parse(it.VisitID); err == nil && !p.onVisit(id) {
					return id, true
				}
			}
		}
	}
	return uuid.Nil, false
}

// onVisit: has this account, on whichever phone, a sheet there?
func (p *phone) onVisit(id uuid.UUID) bool {
	p.storm.mu.Lock()
	defer p.storm.mu.Unlock()
	for _, r := range p.storm.records {
		if r.VisitID == id && r.Account == p.who.ID {
			return true
		}
	}
	return false
}

// sealRival seals other bytes under the id of a sheet that was acknowledged.
func (p *phone) sealRival() error {
	done := p.list(func(it item) bool { return it.State == "sent" && !strings.Contains(it.ID, "/") })
	if len(done) == 0 {
		return nil
	}
	it := done[p.rng.IntN(len(done))]
	_, rec, _ := p.get(it.ID)
	if _, _, there := p.get(it.ID + "/rival"); there || rec == nil {
		return nil
	}
	rival, err := rivalOf(rec)
	if err != nil {
		return err
	}
	p.storm.faults.add("same_id_other_bytes")
	return p.seal(rival)
}

// mayBeEvicted empties the phone's storage when the browser was told to.
func (p *phone) mayBeEvicted() bool {
	if !p.evict.Swap(false) && !p.reportedAndEmptied() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, it := range p.outbox {
		if it.State != "sent" {
			if err := p.ledger.note("E", id); err != nil {
				p.storm.violation("corrupt", "ledger: "+err.Error())
			}
		}
	}
	for _, id := range p.told {
		if it, there := p.outbox[id]; there && it.State != "sent" {
			p.gone = append(p.gone, id)
		}
	}
	p.told, p.reported = nil, ""
	p.outbox, p.sealed, p.boxes, p.tickets = map[string]item{}, map[string]*record{}, map[string][]byte{}, nil
	// Id and credential lay there too: to the office this is another phone of the same person and the same make.
	p.epoch, p.deviceID, p.device = uuid.New(), uuid.Nil, ""
	p.storm.faults.add("phone.evicted")
	return true
}

// reportedAndEmptied: some phones lose their storage just when the office has been told of what they hold. Not once a backup
// has begun: a phone emptied and a server put back are two copies of one record gone, and nobody has a third.
func (p *phone) reportedAndEmptied() bool {
	if p.index%5 != 3 || p.emptied || p.storm.backup.Load() || len(p.storm.plan.weather) > 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.emptied = slices.ContainsFunc(p.told, func(id string) bool { it, there := p.outbox[id]; return there && it.State != "sent" })
	if p.emptied {
		p.storm.faults.add("phone.evicted.reported")
	}
	return p.emptied
}

// mayEnrol gets a credential again where the browser threw it away: a person logs in and goes on.
func (p *phone) mayEnrol(ctx context.Context) {
	if p.device == "" && p.login(ctx) == nil && p.enrol(ctx) == nil {
		p.sessionOver = false
	}
}

// takeTicket gives about every third sheet a ticket of the book.
func (p *phone) takeTicket() *ticket {
	if p.rng.IntN(3) != 0 {
		return nil
	}
	for _, t := range p.tickets {
		if !t.taken {
			t.taken = true
			return t
		}
	}
	return nil
}

func (p *phone) fetchTickets(ctx context.Context) {
	free := 0
	for _, t := range p.tickets {
		if !t.taken {
			free++
		}
	}
	if free > 3 {
		return
	}
	if p.sessionOver && p.login(ctx) != nil {
		return
	}
	body, err := json.Marshal(map[string]any{"request_id": uuid.New(), "count": 10})
	if err != nil {
		return
	}
	res, err := p.net.ask(ctx, request{method: "POST", path: "/api/tickets", kind: "application/json", body: body, auth: p.cookie})
	if err == nil && res.status == 401 {
		p.sessionOver = true
	}
	if err == nil && res.status >= 400 && res.status < 500 && res.status != 401 && res.status != 429 {
		p.storm.violation("missing", fmt.Sprintf("tickets were refused: %d %.200s", res.status, res.raw))
	}
	if err != nil || res.status >= 300 {
		return
	}
	var got struct {
		Items []*ticket `json:"items"`
	}
	if json.Unmarshal(res.raw, &got) == nil {
		for _, t := range got.Items {
			t.got = time.Now()
		}
		p.tickets = append(p.tickets, got.Items...)
	}
}

// serveCustomers lets those who were checked answer, before their visit has arrived or after, over a network of their
// own that loses answers and repeats requests.
func (p *phone) serveCustomers(ctx context.Context) {
	for _, t := range p.tickets {
		if t.taken && !t.done && p.rng.IntN(3) == 0 && !p.storm.between(t.got) {
			t.done = true
			p.storm.public.RLock() // nobody answers while the database is put back
			bad := p.rng.IntN(4) == 0
			p.storm.mu.Lock()
			p.storm.answers++
			if bad {
				p.storm.bad++
			}
			p.storm.mu.Unlock()
			p.customer(ctx, t, bad)
			p.storm.public.RUnlock()
		}
	}
}

// between: was it given out between backup and restore? Then the server that was put back does not know it.
func (s *storm) between(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.backedUp.IsZero() && at.After(s.backedUp) && (s.restored.IsZero() || at.Before(s.restored))
}

func (p *phone) customer(ctx context.Context, t *ticket, bad bool) {
	form := url.Values{"kind": {"company"}, "P1": {"n"}, "website": {""}, "agency": {p.agency.String()}, "day": {today()}, "matter": {"safety"}, "O2": {"希望提前通知"}}
	for i := 1; i <= 10; i++ {
		form.Set(fmt.Sprintf("F%d", i), map[bool]string{true: "y", false: "n"}[(i <= 6) != (bad && i == 2)])
	}
	for i := range 6 {
		form.Set(fmt.Sprintf("R%d", i), "5")
	}
	if bad {
		form.Set("O1", "检查人员没有出示证件就进了后厨。")
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return
	}
	body, kind := multi(form)
	rq := request{method: "POST", path: u.Path, kind: kind, body: body}
	for range 200 {
		if p.rng.IntN(5) == 0 && !p.storm.calm.Load() { // the answer is lost, whatever was kept
			p.storm.faults.add("customer.answer_lost")
			_, _ = p.spoiled(ctx, rq, "customer.answer_lost", "limit_data", "downstream", map[string]any{"bytes": 0}, false)
			continue
		}
		res, err := p.customers.ask(ctx, rq)
		if err == nil && res.status == 303 {
			return
		}
		if err == nil && res.status < 500 && res.status != 429 {
			p.storm.violation("lost", fmt.Sprintf("a customer's answer was refused: %d %.300s", res.status, res.raw))
			return
		}
		pause(ctx, 100*time.Millisecond)
	}
	p.storm.violation("lost", "a customer's answer never arrived")
}

func today() string { return clock.Day(time.Now()) }

// multi is a form as a browser without script sends it.
func multi(form url.Values) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, k := range slices.Sorted(maps.Keys(form)) {
		_ = w.WriteField(k, form.Get(k)) // into memory
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}
