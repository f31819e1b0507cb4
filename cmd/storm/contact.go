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
	report, out := p.report()
	sum, err := json.Marshal(report)
	if err != nil || string(sum) == p.reported && p.left == 0 && p.rng.IntN(20) != 0 {
		return
	}
	had := p.receipted()
	named := inTurn(had, p.from, receiptsMost)
	report["receipts"], report["at"] = named, p.at().UTC()
	body, err := json.Marshal(report)
	if err != nil {
		return
	}
	res, err := p.net.ask(ctx, request{method: "POST", path: "/api/field/contact", kind: "application/json", body: body, auth: "Authorization: Device " + p.device})
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
	if p.left == 0 {
		p.left = len(had)
	}
	p.left = max(0, p.left-len(named))
	if len(named) > 0 {
		p.from = named[len(named)-1].ID
	}
	if len(answer.Wanted) == 0 {
		p.reported = string(sum)
	}
	for _, it := range p.list(func(it item) bool { return it.State == "sent" && slices.Contains(answer.Wanted, it.ID) }) {
		p.storm.wanted.Add(1)
		p.save(sendAgain(it))
	}
}

// receiptsMost is how many receipts one report names.
const receiptsMost = 200

// had is a receipt as a report names it.
type had struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

func (p *phone) receipted() (out []had) {
	for _, it := range p.list(func(it item) bool { return it.State == "sent" && !strings.Contains(it.ID, "/") }) {
		out = append(out, had{it.ID, it.Version, it.Digest})
	}
	return out
}

// inTurn is the next most after the last one named, round and round.
func inTurn(all []had, from string, most int) []had {
	slices.SortFunc(all, func(a, b had) int { return strings.Compare(a.ID, b.ID) })
	at := max(0, slices.IndexFunc(all, func(r had) bool { return r.ID > from }))
	turned := append(append(make([]had, 0, len(all)), all[at:]...), all[:at]...)
	return turned[:min(len(turned), most)]
}

// report is the report without its time and its receipts, and which records it says are still here.
func (p *phone) report() (map[string]any, []string) {
	type any1 = map[string]any
	items, out := []any1{}, []string{}
	photos := 0
	all := p.list(func(it item) bool { return !strings.Contains(it.ID, "/") })
	for _, it := range all {
		if it.State == "sent" {
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
	return any1{"device_id": p.deviceID, "epoch": p.epoch, "app_version": "storm", "persisted": true, "installed": true, "drafts": 0, "photos": photos, "items": items, "discarded": []any1{}}, out
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
