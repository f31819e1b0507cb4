package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/app"
	"suixing/internal/backup"
	"suixing/internal/evidence"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
)

// handset is a phone with a credential of its own, apart from any login.
type handset struct {
	*client
	id    string
	epoch string
}

// enrol gives a login's phone its credential; what the handset asks from then on, it asks without the login.
func (w *world) enrol(c *client) *handset {
	w.t.Helper()
	id := newID(w.t)
	secret := c.do("POST", "/api/devices", map[string]any{"id": id, "name": "红米 Note 12"}).want(201).str("secret")
	return &handset{&client{w: w, name: c.name + "'s phone", bearer: "Device " + secret}, id, newID(w.t)}
}

// contact reports what the phone holds and has receipts for.
func (h *handset) contact(items []*phone, receipts ...*phone) *answer {
	h.w.t.Helper()
	h.w.env.Clock.Add(time.Minute)
	digest := func(p *phone) string { sum := sha256.Sum256(p.raw); return hex.EncodeToString(sum[:]) }
	out, have := []any{}, []any{}
	for _, p := range items {
		out = append(out, map[string]any{"id": p.sheetID, "kind": "sheet", "visit_id": p.visitID, "day": "2026-05-06", "version": 1, "photos": len(p.photos), "photos_here": len(p.photos), "bytes": len(p.raw),
			"created_at": h.w.env.Clock.Now(), "state": "pending", "why": ""})
	}
	for _, p := range receipts {
		have = append(have, map[string]any{"id": p.sheetID, "version": 1, "digest": digest(p)})
	}
	return h.do("POST", "/api/field/contact", map[string]any{"device_id": h.id, "epoch": h.epoch, "at": h.w.env.Clock.Now(), "app_version": "test", "persisted": true, "installed": true,
		"drafts": 0, "photos": 0, "items": out, "receipts": have, "discarded": []any{}}).want(200)
}

// send brings a sheet and its photos, sealed, and gives the last answer.
func (h *handset) send(p *phone, key evidence.SealKey) *answer {
	t := h.w.t
	t.Helper()
	box := func(info string, plain []byte) []byte {
		b, err := evidence.SealBytes(key, info, plain)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	sheet := box(evidence.SheetInfo(uuid.MustParse(p.sheetID)), p.raw)
	a := h.do("PUT", "/api/sheets/"+p.sheetID, sheet, "Content-Type", evidence.SealedType).want(200, 201, 202)
	if a.status == 202 {
		return a
	}
	for sum, raw := range p.photos {
		h.do("PUT", "/api/photos/"+sum, box(evidence.PhotoInfo(sum), raw), "Content-Type", evidence.SealedType+`; type="image/jpeg"`).want(200, 201)
	}
	return h.do("PUT", "/api/sheets/"+p.sheetID, sheet, "Content-Type", evidence.SealedType).want(200)
}

func (w *world) sealKey(c *client) evidence.SealKey {
	w.t.Helper()
	var pack struct {
		SealKey evidence.SealKey `json:"seal_key"`
	}
	c.do("GET", "/api/field/pack", nil).want(200).into(&pack)
	return pack.SealKey
}

// putBack opens a second server on what a backup of the first restores: the same keys, an earlier day.
func (w *world) putBack(dir string) *world {
	t, ctx := w.t, context.Background()
	t.Helper()
	server, name := dbtest.Server(t), fmt.Sprintf("putback_%d", time.Now().UnixNano())
	if err := server.EnsureDatabase(name); err != nil {
		t.Fatal(err)
	}
	store, err := blob.NewFolder(filepath.Join(t.TempDir(), "photos"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, server.URL("suixing", name), store, dir); err != nil {
		t.Fatal(err)
	}
	open := func(role string) *db.DB {
		d, err := db.Open(ctx, server.URL(role, name), 4)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out := &world{t: t, env: &dbtest.Env{DB: open("suixing_app"), Vault: open("suixing_vault"), Owner: open("suixing"), Clock: w.env.Clock}, base: "http://" + l.Addr().String(), log: &syncBuffer{}, ppl: w.ppl}
	cfg := w.app.Config
	cfg.Addr = l.Addr().String()
	cfg.PublicURL, _ = url.Parse(out.base)
	deps := app.Deps{Config: cfg, DB: out.env.DB, Vault: out.env.Vault, Store: store, Now: out.env.Clock.Now, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Version: "test"}
	if out.app, err = app.New(ctx, deps); err != nil {
		t.Fatal(err)
	}
	go func() { _ = out.app.Router.App.Listener(l) }()
	t.Cleanup(func() { _ = out.app.Router.App.ShutdownWithTimeout(5 * time.Second) })
	return out
}

// Story: a server is put back to yesterday. What came since is asked for again, and what the phone kept brings it back.
func TestStoryServerPutBack(t *testing.T) {
	w := newWorld(t)
	sup := w.as("supervisor")
	h := w.enrol(sup)
	key := w.sealKey(sup)
	before, after := w.seal(sup, "C01"), w.seal(sup, "F02")
	if a := h.send(before, key); a.str("state") != "complete" {
		t.Fatalf("before: %s", a.body)
	}
	dir := filepath.Join(t.TempDir(), "backup")
	if _, err := backup.Backup(context.Background(), w.env.OwnerURL, w.app.Store, dir, w.env.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	var first struct {
		Receipt evidence.Receipt `json:"receipt"`
	}
	h.send(after, key).into(&first)
	if a := h.contact(nil, before, after); len(a.get("wanted").([]any)) != 0 {
		t.Fatalf("nothing is lost yet: %s", a.body)
	}

	back := w.putBack(dir)
	h2 := &handset{&client{w: back, name: "the phone", bearer: h.bearer}, h.id, h.epoch}
	if a := h2.contact(nil, before, after); !reflect.DeepEqual(a.get("wanted"), []any{after.sheetID}) {
		t.Fatalf("wanted: %s", a.body)
	}
	back.nobody().do("GET", "/v/"+first.Receipt.Code, nil, "Accept", "text/html").want(404)
	if _, err := evidence.CheckReceipt(first.Receipt, back.app.Evidence.ReceiptKey()); err != nil {
		t.Errorf("the receipt of the lost day does not hold offline: %v", err)
	}
	var again struct {
		State   string           `json:"state"`
		Receipt evidence.Receipt `json:"receipt"`
	}
	h2.send(after, key).into(&again)
	if again.State != "complete" || again.Receipt.Code == first.Receipt.Code {
		t.Fatalf("sent again: %+v", again)
	}
	if body, err := evidence.CheckReceipt(again.Receipt, back.app.Evidence.ReceiptKey()); err != nil || body.SheetID.String() != after.sheetID || len(body.Photos) != len(after.photos) {
		t.Errorf("the new receipt: %+v %v", body, err)
	}
	if a := h2.contact(nil, before, after); len(a.get("wanted").([]any)) != 0 {
		t.Errorf("still wanted: %s", a.body)
	}
	if a := h2.send(before, key); a.status != 200 || a.str("state") != "complete" {
		t.Errorf("what the backup had: %s", a.body)
	}
	if r := back.as("office").do("GET", "/api/phones", nil).want(200); len(r.get("losses").([]any)) != 0 {
		t.Errorf("an alarm about what the phone has a receipt for: %s", r.body)
	}
}

// Story: a phone is lost. One deed ends its credential, its login and its tickets; what it sends is held.
func TestStoryPhoneLost(t *testing.T) {
	w := newWorld(t)
	sup, desk := w.as("supervisor"), w.as("supervisor")
	h := w.enrol(sup)
	key, p := w.sealKey(sup), w.seal(sup, "F02")
	carried := sup.do("POST", "/api/tickets", map[string]any{"request_id": newID(t), "count": 3, "device_id": h.id}).want(200, 201)
	h.contact([]*phone{p})
	if a := w.as("office").do("GET", "/api/devices", nil).want(200); a.str("items.0.unused_tickets") != "3" {
		t.Errorf("phones: %s", a.body)
	}
	w.as("office2").do("POST", "/api/devices/"+h.id+"/revoke", map[string]any{"reason": "手机丢了"}).want(404)
	w.as("office").do("POST", "/api/devices/"+h.id+"/revoke", map[string]any{"reason": "手机丢在集市上"}).want(204)
	sup.do("GET", "/api/field/pack", nil).want(401)
	desk.do("GET", "/api/field/pack", nil).want(200)
	ticket := strings.TrimPrefix(carried.str("items.0.url"), w.base)
	if a := w.nobody().do("GET", ticket, nil, "Accept", "text/html"); a.status == 200 && bytes.Contains(a.body, []byte("<form")) {
		t.Errorf("a ticket of the lost phone still has its form: %d", a.status)
	}
	a := h.send(p, key)
	if a.status != 202 || a.str("code") != "held_for_office" {
		t.Fatalf("from the lost phone: %d %s", a.status, a.body)
	}
	if a := h.contact([]*phone{p}); a.str("held.0") != p.sheetID || a.str("standing") != "device_revoked" {
		t.Errorf("contact: %s", a.body)
	}
	held := w.as("office").do("GET", "/api/held-sheets", nil).want(200)
	w.as("office").do("POST", "/api/held-sheets/"+held.str("items.0.id")+"/settle", map[string]any{"keep": true, "reason": "本人确认，手机已找回"}).want(204)
	if a := h.send(p, key); a.str("state") != "complete" {
		t.Errorf("after the office let it in: %s", a.body)
	}
	h.do("GET", "/api/visits", nil).want(403)
}

// Story: a person leaves while a sheet of theirs arrives. Neither waits for the other for ever.
func TestStoryLeavingMeetsSheet(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	sup := w.as("supervisor")
	p := w.seal(sup, "F02")
	visit, account := uuid.MustParse(p.visitID), uuid.MustParse(sup.do("GET", "/api/session", nil).want(200).str("id"))
	w.as("office").do("PUT", "/api/visits/"+p.visitID, map[string]any{"agency_id": w.ppl.Agencies[0].ID, "business": map[string]any{"name": "示例小吃店"}, "matter": "food",
		"planned_on": "2026-05-07", "supervisor_ids": []uuid.UUID{account}}).want(201)
	successor := w.as("office").do("GET", "/api/session", nil).want(200).str("id")
	var left chan error
	err := w.env.DB.InTx(ctx, func(tx *db.DB) error { // the sheet's transaction as far as its locks go: the visit, then its author
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('visit' || $1::text, 0))`, visit); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT 1 FROM visits WHERE id = $1 FOR UPDATE`, visit); err != nil {
			return err
		}
		left = make(chan error, 1)
		go func() {
			_, err := w.app.Account.Leave(ctx, actor.Actor{ID: uuid.New(), Role: actor.Admin}, account, uuid.NullUUID{UUID: uuid.MustParse(successor), Valid: true}, "调离")
			left <- err
		}()
		time.Sleep(500 * time.Millisecond) // it has the account by now and stands before the visit
		_, err := tx.Exec(ctx, `INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, visit, account)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO visit_events (visit_id, deed, state, at, actor_role) VALUES ($1, 'record', 'recorded', $2, 'supervisor')`, visit, w.env.Clock.Now())
		if err == nil {
			_, err = tx.Exec(ctx, `SELECT 1 FROM accounts WHERE id = $1 FOR KEY SHARE`, account)
		}
		return err
	})
	if err != nil {
		t.Errorf("the sheet: %v", err)
	}
	if err := <-left; err != nil {
		t.Errorf("the leaving: %v", err)
	}
}

// Story: whatever a phone's clock says, every deadline is the same.
func TestStoryPhoneClockChangesNoDeadline(t *testing.T) {
	w := newWorld(t)
	sup := w.as("supervisor")
	h, key := w.enrol(sup), w.sealKey(sup)
	var want []string
	for _, years := range []int{0, -10, 10} {
		p := w.seal(sup, "C01", "F02")
		p.raw = shiftTimes(t, p.raw, years)
		if a := h.send(p, key); a.str("state") != "complete" {
			t.Fatalf("%d years: %s", years, a.body)
		}
		var got []string
		const q = `SELECT concat_ws(' ', 'sheet', s.received_at, s.complete_at, 'visit', v.received_at, 'lead', l.raised_at, l.due_on, l.severity, 'problem', p.registered_at, p.due_on, p.due_key, 'ticket', k.bound_at, k.expires_at)
			FROM visits v JOIN sheets s ON s.visit_id = v.id JOIN leads l ON l.origin_id = v.id LEFT JOIN problems p ON p.id = l.problem_id LEFT JOIN tickets k ON k.visit_id = v.id WHERE v.id = $1 ORDER BY l.origin_item`
		if err := w.env.Owner.Select(context.Background(), &got, q, p.visitID); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if len(got) != 1 || !slices.Equal(got, want) {
			t.Errorf("%d years off:\n%v\nwant\n%v", years, got, want)
		}
		v := w.as("office").do("GET", "/api/visits/"+p.visitID, nil).want(200)
		happened, _ := time.Parse(time.RFC3339, v.str("happened_at"))
		received, _ := time.Parse(time.RFC3339, v.str("received_at"))
		if happened.Year() != 2026+years || received.Year() != 2026 || v.get("recorded_at") == nil {
			t.Errorf("three times: happened %s, recorded %s, received %s", v.str("happened_at"), v.str("recorded_at"), v.str("received_at"))
		}
	}
}

// shiftTimes moves every time in a sheet, as a phone does whose clock is years off.
func shiftTimes(t *testing.T, raw []byte, years int) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var walk func(any) any
	walk = func(v any) any {
		switch x := v.(type) {
		case string:
			if at, err := time.Parse(time.RFC3339, x); err == nil {
				return at.AddDate(years, 0, 0).Format(time.RFC3339)
			}
		case map[string]any:
			for k := range x {
				x[k] = walk(x[k])
			}
		case []any:
			for i := range x {
				x[i] = walk(x[i])
			}
		}
		return v
	}
	out, err := json.Marshal(walk(v))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
