package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"suixing/internal/evidence"
	"suixing/internal/platform/defect"
)

// The sender of the field app (pwa/src/offline/sync.ts): what is due, one request after the other, every outcome written
// down before the next request leaves.

// errCrash: the phone died between an answer and writing it down.
var errCrash = errors.New("the phone died")

func (p *phone) pass(ctx context.Context) error {
	ready := func(it item) bool { return due(it, p.now(), p.who.ID.String()) && p.inTurn(it) }
	for _, it := range p.list(ready) {
		if !it.SheetHeld {
			if p.rng.IntN(p.storm.plan.early) == 0 {
				p.photosFirst(ctx, it)
			}
			if _, err := p.one(ctx, it, nextStep(it)); err != nil {
				return err
			}
		}
	}
	for _, first := range p.list(ready) {
		for it := first; ready(it) && ctx.Err() == nil; {
			st := nextStep(it)
			if st.Do == "nothing" {
				break
			}
			next, err := p.one(ctx, it, st)
			if err != nil {
				return err
			}
			it = next
		}
	}
	return nil
}

// inTurn: the other tab has not opened its version while the first is still on its way, or on its way again to a server
// that was put back to a day before it.
func (p *phone) inTurn(it item) bool {
	id, rival := strings.CutSuffix(it.ID, "/rival")
	if !rival {
		return true
	}
	first, _, there := p.get(id)
	return there && first.State == "sent" && p.storm.holds(id) && !p.final(it)
}

// photosFirst sends photos before their record, in any order, and pays no heed to what becomes of them: another tab, or
// an order that the network made.
func (p *phone) photosFirst(ctx context.Context, it item) {
	_, rec, _ := p.get(it.ID)
	if rec == nil || rec.early || len(rec.Photos) == 0 {
		return
	}
	rec.early = true
	p.storm.faults.add("reorder")
	for _, i := range p.rng.Perm(len(it.Photos)) {
		if rq, ok := p.photoRequest(it, it.Photos[i].SHA256); ok {
			if res, err := p.send(ctx, rq, true); err == nil {
				p.seen(res.json)
			}
		}
	}
}

// one does a step of an item. A crash leaves the item as it was written last.
func (p *phone) one(ctx context.Context, it item, st step) (item, error) {
	if strings.HasSuffix(it.ID, "/rival") { // none is under way while the database is put back, and none of before comes after
		p.storm.public.RLock()
		defer p.storm.public.RUnlock()
		if !p.inTurn(it) {
			return it, nil
		}
	}
	it.State, it.Why, it.Words = "sending", "", ""
	p.save(it)
	p.storm.requests.Add(1)
	out, code := p.request(ctx, it, st)
	if p.trouble == "crash" {
		p.trouble = ""
		p.storm.faults.add("phone.crash")
		return it, errCrash
	}
	next := settle(it, st, out, p.now(), p.rng.Float64())
	if next.State == "sent" {
		if err := p.acknowledged(ctx, next, code); err != nil {
			return next, err
		}
	}
	p.save(next)
	return next, nil
}

func (p *phone) request(ctx context.Context, it item, st step) (outcome, string) {
	rq, ok := p.photoRequest(it, st.SHA256)
	if st.Do == "sheet" {
		rq, ok = p.sheetRequest(it)
	}
	if !ok {
		return outcome{Kind: "lost"}, ""
	}
	res, err := p.send(ctx, rq, st.Do == "photo")
	out := outcomeOf(res, err)
	if out.Kind != "answer" {
		return out, ""
	}
	raw := receiptIn(out.JSON, it.ID, st.Do)
	if raw == nil || out.Status >= 300 {
		return out, ""
	}
	check, code := p.verify(it, raw)
	out.Receipt = &check
	if check.OK {
		p.storm.portal.remember(res.raw)
	}
	return out, code
}

func (p *phone) sheetRequest(it item) (request, bool) {
	_, rec, _ := p.get(it.ID)
	if rec == nil {
		return request{}, false
	}
	rq := request{method: "PUT", path: "/api/sheets/" + rec.ID.String(), kind: "application/json", body: rec.Raw, auth: p.auth()}
	if box := p.boxes[it.ID]; box != nil {
		rq.kind, rq.body = evidence.SealedType, box
	}
	return rq, true
}

func (p *phone) photoRequest(it item, sum string) (request, bool) {
	_, rec, _ := p.get(it.ID)
	if rec == nil {
		return request{}, false
	}
	for _, ph := range rec.Photos {
		if ph.sum == sum {
			rq := request{method: "PUT", path: "/api/photos/" + sum, kind: "image/jpeg", body: ph.raw, auth: p.auth()}
			if box := p.boxes[sum]; box != nil {
				rq.kind, rq.body = evidence.SealedType+`; type="image/jpeg"`, box
			}
			return rq, true
		}
	}
	return request{}, false
}

// send submits with the login where there is one, with the device where the login has run out.
func (p *phone) send(ctx context.Context, rq request, photo bool) (*reply, error) {
	res, err := p.sendOnce(ctx, rq, photo)
	if _, ours := jsonOf(res); err == nil && ours && res.status == 401 && rq.auth == p.cookie && p.device != "" {
		p.sessionOver = true
		rq.auth = p.auth()
		return p.sendOnce(ctx, rq, photo)
	}
	return res, err
}

func jsonOf(res *reply) (map[string]any, bool) {
	if res == nil {
		return nil, false
	}
	j, ok := res.json.(map[string]any)
	return j, ok
}

// sendOnce lets a request through, or gives it trouble.
func (p *phone) sendOnce(ctx context.Context, rq request, photo bool) (*reply, error) {
	p.trouble = ""
	if p.storm.calm.Load() || p.rng.Float64() >= p.storm.plan.rate {
		return p.net.ask(ctx, rq)
	}
	name := draw(p.rng, p.storm.plan.only)
	if name == "flip" && !photo && !strings.HasPrefix(rq.kind, evidence.SealedType) {
		name = "answer.lost" // a plain record has nothing but TLS against a changed byte
	}
	p.trouble = name
	return p.troubled(ctx, name, rq)
}

// receiptIn finds the receipt an answer brings for this item, if any.
func receiptIn(j any, id, do string) any {
	m, _ := j.(map[string]any)
	if do == "sheet" {
		return m["receipt"]
	}
	sheets, _ := m["sheets"].([]any)
	for _, s := range sheets {
		if one, _ := s.(map[string]any); one["id"] == id && one["receipt"] != nil {
			return one["receipt"]
		}
	}
	return nil
}

func readReceipt(v any) (evidence.Receipt, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return evidence.Receipt{}, false
	}
	text := func(k string) string { s, _ := m[k].(string); return s }
	r := evidence.Receipt{Code: text("code"), KeyID: text("key_id"), Algorithm: text("algorithm"), Body: text("body"), Signature: text("signature")}
	return r, r.Code != "" && r.Body != ""
}

// verify is receipt.ts: a receipt of ours for exactly these bytes?
func (p *phone) verify(it item, raw any) (receiptCheck, string) {
	r, ok := readReceipt(raw)
	if !ok {
		return receiptCheck{Why: "form"}, ""
	}
	said, err := evidence.CheckReceipt(r, p.keys[0])
	if err != nil {
		return receiptCheck{Why: "signature"}, ""
	}
	if defect.On("phone_other_receipt") {
		return receiptCheck{OK: true, ReceivedAt: said.ReceivedAt.Format(time.RFC3339)}, r.Code
	}
	id, _, _ := strings.Cut(it.ID, "/")
	switch {
	case said.SheetID.String() != id || said.VisitID.String() != it.VisitID:
		return receiptCheck{Why: "id"}, ""
	case said.Version != it.Version:
		return receiptCheck{Why: "version"}, ""
	case said.Digest != it.Digest:
		return receiptCheck{Why: "digest"}, ""
	case !samePhotos(said.Photos, it.Photos):
		return receiptCheck{Why: "photos"}, ""
	}
	return receiptCheck{OK: true, ReceivedAt: said.ReceivedAt.Format(time.RFC3339)}, r.Code
}

func samePhotos(said []evidence.HeldPhoto, want []itemPhoto) bool {
	if len(said) != len(want) {
		return false
	}
	sizes := map[string]int64{}
	for _, s := range said {
		sizes[s.SHA256] = s.Size
	}
	for _, w := range want {
		if size, ok := sizes[w.SHA256]; !ok || size != w.Size {
			return false
		}
	}
	return true
}

// seen checks receipts that came to nobody: copies of requests, photos sent early. They must be the receipt of the sheet.
func (p *phone) seen(j any) {
	m, _ := j.(map[string]any)
	all := []any{m["receipt"]}
	sheets, _ := m["sheets"].([]any)
	for _, s := range sheets {
		if one, _ := s.(map[string]any); one != nil {
			all = append(all, one["receipt"])
		}
	}
	for _, raw := range all {
		if r, ok := readReceipt(raw); ok {
			if said, err := evidence.CheckReceipt(r, p.keys[0]); err == nil {
				p.storm.receipt(said.SheetID.String(), r.Code)
			}
		}
	}
}

// acknowledged writes the ledger's line before anything is freed.
func (p *phone) acknowledged(ctx context.Context, it item, code string) error {
	_, rec, _ := p.get(it.ID)
	if code == "" {
		code = "-"
	}
	if err := p.ledger.note("A", rec.ID, code, rec.Digest); err != nil {
		return err
	}
	if code != "-" {
		p.storm.receipt(rec.ID.String(), code)
	}
	p.storm.took(time.Since(rec.SealedAt))
	if defect.On("phone_frees_at_once") {
		p.mu.Lock()
		delete(p.sealed, it.ID)
		p.mu.Unlock()
	}
	if p.rng.IntN(20) == 0 && !p.storm.calm.Load() {
		p.readBothWays(ctx, rec, code)
	}
	return nil
}

// readBothWays: what was acknowledged can be read through both instances at once (no stale read). An instance that is
// down or slow at this moment proves nothing either way.
func (p *phone) readBothWays(ctx context.Context, rec *record, code string) {
	for i := range p.storm.bed.apps {
		l := line{addr: addrOf(portApp + i)}
		res, err := l.ask(ctx, request{method: "GET", path: "/api/sheets/" + rec.ID.String() + "/receipt", auth: p.cookie})
		l.drop()
		if err != nil || res.status >= 500 || res.status == 401 {
			continue
		}
		p.storm.readBack.Add(1)
		if r, ok := readReceipt(res.json); !ok || r.Code != code {
			p.storm.violation("lost", fmt.Sprintf("%s acknowledged as %s, instance %d answers %d %.120s", rec.ID, code, i, res.status, res.raw))
		}
	}
}
