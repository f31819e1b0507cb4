package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/demo"
	"suixing/internal/evidence"
)

// speed is how much faster a phone's clock runs than ours: fifteen minutes of back-off are then nine seconds.
const speed = 100

// phone is a simulated phone. Its store survives its crashes; what was not written down before is gone.
type phone struct {
	storm     *storm
	index     int
	rng       *rand.Rand
	username  string
	who       actor.Actor
	agency    uuid.UUID
	skew      time.Duration // what its clock is off by
	seals     bool          // an older version of the app sends plain
	checklist int
	keys      []evidence.PublicKey
	sealKey   evidence.SealKey
	cookie    string
	device    string // secret of the device credential
	net       line
	ledger    *ledger
	tickets   []*ticket
	customers line

	mu     sync.Mutex
	outbox map[string]item
	sealed map[string]*record // by sheet id; rivals under their own mark
	boxes  map[string][]byte  // envelopes, made once
	made   time.Time

	trouble string // what befell the last request
	evict   atomic.Bool
	emptied bool      // once, while the office knew what it held
	epoch   uuid.UUID // of this storage; another after it was wiped

	deviceID    uuid.UUID
	sessionOver bool     // the login has run out: the device sends
	reported    string   // the last report that the server took
	from        string   // the last receipt it named
	left        int      // how many receipts of this round are still to be named
	told        []string // the records it named
	gone        []string // of these, what went with the phone's storage
}

func (s *storm) newPhone(i int) (*phone, error) {
	p := &phone{storm: s, index: i, rng: rand.New(rand.NewPCG(s.seed, uint64(i)+1)), outbox: map[string]item{}, sealed: map[string]*record{}, boxes: map[string][]byte{}, made: time.Now(), epoch: uuid.New()} // #nosec G404 -- not a secret
	accounts := []string{"supervisor", "supervisor2"}
	for n := range 9 {
		accounts = append(accounts, fmt.Sprintf("supervisor%d", n+3))
	}
	p.username = accounts[i%len(accounts)]
	p.who = s.bed.ppl.Accounts[p.username]
	for n, o := range s.bed.ppl.Offices {
		if o.ID == p.who.OfficeID.UUID {
			p.agency = s.bed.ppl.Agencies[n].ID
		}
	}
	p.seals = i%4 != 3
	p.net.addr = addrOf(portPhones + i)
	p.customers.addr = addrOf(portFront)
	if i%3 == 1 { // a clock off by up to ten years
		p.skew = time.Duration(p.rng.IntN(20*365)-10*365) * 24 * time.Hour
		s.faults.add("clock.years_off")
	}
	var err error
	p.ledger, err = newLedger(s.ledgers, fmt.Sprintf("phone%02d", i))
	return p, err
}

// now is the phone's clock in milliseconds; at the same as a time.
func (p *phone) now() int64 { return p.at().UnixMilli() }

func (p *phone) at() time.Time {
	return p.made.Add(p.skew).Add(time.Since(p.made) * speed)
}

// login takes a session, the pack, and, where the server gives one, a device credential.
func (p *phone) login(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"username": p.username, "password": demo.Password})
	if err != nil {
		return err
	}
	res, err := p.net.ask(ctx, request{method: "POST", path: "/api/session", kind: "application/json", body: body})
	if err != nil {
		return err
	}
	if res.status != 200 {
		return fmt.Errorf("login of %s: %d %.200s", p.username, res.status, res.raw)
	}
	cookie, _, _ := bytes.Cut([]byte(res.header.Get("Set-Cookie")), []byte(";"))
	p.cookie, p.sessionOver = "Cookie: "+string(cookie), false
	return nil
}

// prepare brings what a phone needs before it leaves: pack, keys, device credential.
func (p *phone) prepare(ctx context.Context) error {
	if err := p.login(ctx); err != nil {
		return err
	}
	res, err := p.net.ask(ctx, request{method: "GET", path: "/api/field/pack", auth: p.cookie})
	if err != nil {
		return err
	}
	var pack struct {
		Checklist struct {
			Version int `json:"version"`
		} `json:"checklist"`
		ReceiptKey struct {
			Public string `json:"public"`
		} `json:"receipt_key"`
		SealKey evidence.SealKey `json:"seal_key"`
	}
	if err := json.Unmarshal(res.raw, &pack); err != nil {
		return fmt.Errorf("pack: %w: %.200s", err, res.raw)
	}
	key, err := evidence.ParsePublicKey([]byte(pack.ReceiptKey.Public))
	if err != nil {
		return err
	}
	p.checklist, p.keys, p.sealKey = pack.Checklist.Version, []evidence.PublicKey{key}, pack.SealKey
	p.seals = p.seals && pack.SealKey.Public != ""
	if err := p.enrol(ctx); err != nil {
		return err
	}
	p.fetchTickets(ctx)
	return nil
}

// enrol asks for the device credential: it can only submit, and does not run out with the login.
func (p *phone) enrol(ctx context.Context) error {
	if p.deviceID == uuid.Nil { // one id for all tries: the answer may have been lost
		p.deviceID = uuid.Must(uuid.NewV7())
	}
	body, err := json.Marshal(map[string]string{"id": p.deviceID.String(), "name": fmt.Sprintf("风暴手机%d", p.index)})
	if err != nil {
		return err
	}
	res, err := p.net.ask(ctx, request{method: "POST", path: "/api/devices", kind: "application/json", body: body, auth: p.cookie})
	if err != nil {
		return err
	}
	j, _ := res.json.(map[string]any)
	if p.device, _ = j["secret"].(string); p.device == "" {
		return fmt.Errorf("no device credential: %d %.200s", res.status, res.raw)
	}
	return nil
}

// auth is what the phone submits with: half of the phones are out for a week and have nothing but their device, the
// others send with their login as long as it lasts.
func (p *phone) auth() string {
	if p.device != "" && (p.index%2 == 0 || p.sessionOver) {
		return "Authorization: Device " + p.device
	}
	return p.cookie
}

// seal makes a record final: envelopes once, the ledger's line, then the outbox.
func (p *phone) seal(r *record) error {
	mark := r.ID.String()
	if r.Rival {
		mark += "/rival"
	}
	if p.seals {
		box, err := evidence.SealBytes(p.sealKey, evidence.SheetInfo(r.ID), r.Raw)
		if err != nil {
			return err
		}
		p.boxes[mark] = box
		for _, ph := range r.Photos {
			if p.boxes[ph.sum], err = evidence.SealBytes(p.sealKey, evidence.PhotoInfo(ph.sum), ph.raw); err != nil {
				return err
			}
		}
	}
	word := "I"
	if r.Rival {
		word = "D"
	}
	if err := p.ledger.note(word, r.ID, r.Digest, r.VisitID, r.Version); err != nil {
		return err
	}
	r.SealedAt = time.Now()
	p.storm.keepRecord(r)
	it := item{ID: mark, Kind: "sheet", AccountID: p.who.ID.String(), VisitID: r.VisitID.String(), Version: r.Version, Digest: r.Digest, Size: int64(len(r.Raw)), State: "pending", CreatedAt: p.now()}
	for sum, size := range r.Manifest {
		it.Photos = append(it.Photos, itemPhoto{SHA256: sum, Size: size, Type: "image/jpeg", State: "here"})
	}
	slices.SortFunc(it.Photos, func(a, b itemPhoto) int { return bytes.Compare([]byte(a.SHA256), []byte(b.SHA256)) })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sealed[mark] = r
	p.outbox[mark] = it
	return nil
}

func (p *phone) list(keep func(item) bool) []item {
	p.mu.Lock()
	out := slices.Collect(maps.Values(p.outbox))
	p.mu.Unlock()
	out = slices.DeleteFunc(out, func(it item) bool { return !keep(it) })
	slices.SortFunc(out, func(a, b item) int {
		if a.CreatedAt != b.CreatedAt {
			return int(a.CreatedAt - b.CreatedAt)
		}
		return bytes.Compare([]byte(a.ID), []byte(b.ID))
	})
	return out
}

func (p *phone) save(it item) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.outbox[it.ID]; there { // storage that was wiped meanwhile stays empty
		p.outbox[it.ID] = it
	}
}

func (p *phone) get(id string) (item, *record, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it, there := p.outbox[id]
	return it, p.sealed[id], there
}
