package visit

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/uuid"
)

// receiptFor is a receipt as a phone's report names it.
func receiptFor(t *testing.T, d doc) map[string]any {
	return map[string]any{"id": d.id(), "version": 1, "digest": digestOf(d.bytes(t))}
}

// TestReceiptsInTurn: a phone with more receipts than a report holds names them report by report; what a server that was
// put back has lost is asked for in whichever it stands, and an alarm that a part of them caused ends by itself.
func TestReceiptsInTurn(t *testing.T) {
	w := newTown(t)
	kept, first, last := w.sheet("supervisor"), w.sheet("supervisor"), w.sheet("supervisor")
	w.sent("supervisor", kept)
	w.upload("supervisor", 101, 102)
	p := w.pocket("supervisor").holds(last) // as the backup knew the phone
	p.login()
	window := func(sheets ...doc) []any {
		list := []any{}
		for _, d := range sheets {
			list = append(list, receiptFor(t, d))
		}
		for len(list) < 200 {
			list = append(list, receiptFor(t, kept))
		}
		return list
	}
	p.holds()
	p.rest["receipts"] = window(first, kept)
	if a := p.login(); !reflect.DeepEqual(a["wanted"], []any{first.id().String()}) {
		t.Errorf("wanted of the first part: %v", a["wanted"])
	}
	p.rest["receipts"] = window(kept, last)
	if a := p.login(); !reflect.DeepEqual(a["wanted"], []any{last.id().String()}) {
		t.Errorf("wanted of the second part: %v", a["wanted"])
	}
	w.alarms("", 0)
	body := map[string]any{"device_id": p.device, "epoch": p.epoch, "at": w.Clock.Now(), "app_version": "1", "persisted": nil, "installed": true, "drafts": 0, "photos": 0, "items": []any{}, "discarded": []any{},
		"receipts": append(window(), receiptFor(t, last))}
	if code, answer, _ := w.call("supervisor", "POST", "/api/field/contact", body); code != 422 {
		t.Errorf("more than fit: %d %v", code, answer)
	}
}

// TestTicketsGone: the phone hears which of its codes open nothing: unknown after a restore, revoked, another person's.
func TestTicketsGone(t *testing.T) {
	w := newTown(t)
	ticket := func(to, n string, answered, revoked bool) uuid.UUID {
		id := uuid.New()
		const q = `INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position, answered, revoked_at)
			VALUES ($1, $2, $2, $3, $4, '2026-05-06', $1, 1, $5, CASE WHEN $6 THEN $7::timestamptz END)`
		_, err := w.DB.Exec(context.Background(), q, id, []byte(n), w.people[to].ID, w.west.ID, answered, revoked, w.Clock.Now())
		w.must(err)
		return id
	}
	good, answered, revoked := ticket("supervisor", "1", false, false), ticket("supervisor", "2", true, false), ticket("supervisor", "3", false, true)
	others, unknown := ticket("supervisor2", "4", false, false), uuid.New()
	p := w.pocket("supervisor").holds()
	if a := p.login(); !reflect.DeepEqual(a["tickets_gone"], []any{}) {
		t.Fatalf("a phone that names none, of an earlier version: %v", a["tickets_gone"])
	}
	p.rest["tickets"] = []any{good, answered, revoked, others, unknown, unknown}
	for _, how := range []string{"Bearer supervisor", "Device good:supervisor"} {
		a := p.report(how)
		got := map[string]bool{}
		for _, id := range a["tickets_gone"].([]any) {
			got[fmt.Sprint(id)] = true
		}
		if want := map[string]bool{revoked.String(): true, others.String(): true, unknown.String(): true}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: gone %v, want %v", how, got, want)
		}
	}
}
