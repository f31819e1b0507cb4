package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// contact reports what the phone still holds and what it has receipts for, as the app does after a pass (contact.ts), and
// sends again what a server that was put back has lost.
func (p *phone) contact(ctx context.Context) {
	if p.device == "" || (p.rng.IntN(4) != 0 && !p.storm.calm.Load()) {
		return
	}
	body, out := p.reportBody()
	if string(body) == p.reported && p.rng.IntN(20) != 0 {
		return
	}
	sealed := append([]byte(nil), body...)
	sealed = append(sealed[:len(sealed)-1], []byte(`,"at":"`+p.at().UTC().Format(time.RFC3339Nano)+`"}`)...)
	res, err := p.net.ask(ctx, request{method: "POST", path: "/api/field/contact", kind: "application/json", body: sealed, auth: "Authorization: Device " + p.device})
	if err != nil || res.status != 200 {
		if err == nil && res.status < 500 && res.status != 401 {
			p.storm.violation("missing", fmt.Sprintf("a phone's report was refused: %d %.300s", res.status, res.raw))
		}
		return
	}
	var answer struct {
		Wanted []string `json:"wanted"`
	}
	if json.Unmarshal(res.raw, &answer) != nil {
		return
	}
	p.storm.contacts.Add(1)
	p.told = out
	if len(answer.Wanted) == 0 {
		p.reported = string(body)
	}
	for _, it := range p.list(func(it item) bool { return it.State == "sent" && slices.Contains(answer.Wanted, it.ID) }) {
		p.storm.wanted.Add(1)
		p.save(sendAgain(it))
	}
}

// reportBody is the report without its time, and which records it says are still here.
func (p *phone) reportBody() ([]byte, []string) {
	type any1 = map[string]any
	items, receipts, out := []any1{}, []any1{}, []string{}
	photos := 0
	all := p.list(func(it item) bool { return !strings.Contains(it.ID, "/") })
	for _, it := range all {
		if it.State == "sent" {
			receipts = append(receipts, any1{"id": it.ID, "version": it.Version, "digest": it.Digest})
			continue
		}
		here := 0
		for _, ph := range it.Photos {
			if ph.State != "held" {
				here++
			}
		}
		photos += here
		if len(items) < 200 {
			out = append(out, it.ID)
			items = append(items, any1{"id": it.ID, "kind": it.Kind, "visit_id": it.VisitID, "day": "2026-05-06", "version": it.Version, "photos": len(it.Photos), "photos_here": here,
				"bytes": it.Size, "created_at": time.UnixMilli(it.CreatedAt).UTC(), "state": it.State, "why": it.Why})
		}
	}
	body, err := json.Marshal(any1{"device_id": p.deviceID, "epoch": p.epoch, "app_version": "storm", "persisted": true, "installed": true, "drafts": 0, "photos": photos, "items": items,
		"receipts": receipts[max(0, len(receipts)-200):], "discarded": []any1{}})
	if err != nil {
		return []byte("{}"), nil
	}
	return body, out
}

// checkRadar: what a wiped phone had reported and nobody received is named to the office as suspected lost.
func (s *storm) checkRadar(ctx context.Context, _ map[string]*claim) error {
	var named []string
	const q = `SELECT DISTINCT i->>'id' FROM phone_losses, jsonb_array_elements(items) i`
	if err := s.bed.owner.Select(ctx, &named, q); err != nil {
		return err
	}
	var complete []uuid.UUID
	if err := s.bed.owner.Select(ctx, &complete, `SELECT id FROM sheets WHERE complete_at IS NOT NULL`); err != nil {
		return err
	}
	wiped := 0
	for _, p := range s.phones {
		for _, id := range p.gone {
			wiped++
			if !slices.Contains(named, id) && !slices.ContainsFunc(complete, func(u uuid.UUID) bool { return u.String() == id }) {
				s.violation("missing", "record "+id+" was reported, then its phone was wiped: the office was not told")
			}
		}
	}
	s.say("%d reports of phones; %d reported records were on phones that were wiped, all received or named to the office", s.contacts.Load(), wiped)
	return nil
}
