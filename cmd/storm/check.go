package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"suixing/internal/platform/audit"
)

// claim is what a phone's ledger says of one id.
type claim struct {
	id, digest, visit, version string
	acked                      []string // receipt codes, "-" where the phone freed without one
	evicted                    bool
	rivals                     []string // digests
	rivalEvicted               bool
}

// readLedgers reads the files back: the checker believes nothing that was not synced.
func (s *storm) readLedgers() (map[string]*claim, error) {
	claims := map[string]*claim{}
	get := func(id string) *claim {
		if claims[id] == nil {
			claims[id] = &claim{id: id}
		}
		return claims[id]
	}
	files, err := filepath.Glob(filepath.Join(s.ledgers, "*.ledger"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			w := strings.Fields(lines.Text())
			id, rival := strings.CutSuffix(w[1], "/rival")
			c := get(id)
			switch w[0] {
			case "I":
				c.digest, c.visit, c.version = w[2], w[3], w[4]
			case "A":
				c.acked = append(c.acked, w[2])
			case "D":
				c.rivals = append(c.rivals, w[2])
			case "E":
				c.evicted = c.evicted || !rival
				c.rivalEvicted = c.rivalEvicted || rival
			}
		}
		_ = f.Close()
		if err := lines.Err(); err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// check holds the ledgers against database and store, past all lines (THREATS B 1-12).
func (s *storm) check(ctx context.Context) error {
	claims, err := s.readLedgers()
	if err != nil {
		return err
	}
	sweep, done, err := s.sweeper(ctx, stormOrphan, 0) // nobody uploads any more
	if err != nil {
		return err
	}
	defer done()
	for _, step := range []func(context.Context, map[string]*claim) error{
		s.checkSheets, s.checkEffects, s.checkNumbers, s.checkClashes, s.checkRadar,
		func(ctx context.Context, _ map[string]*claim) error { return s.settleTrash(ctx, sweep) },
		s.checkObjects, s.checkTrail,
	} {
		if err := step(ctx, claims); err != nil {
			return err
		}
	}
	return nil
}

type sheetRow struct {
	ID       string     `db:"id"`
	Visit    string     `db:"visit_id"`
	Version  string     `db:"version"`
	Raw      []byte     `db:"raw"`
	Digest   string     `db:"digest"`
	Received time.Time  `db:"received_at"`
	Complete *time.Time `db:"complete_at"`
	Receipt  *string    `db:"code"`
	Body     []byte     `db:"body"`
}

// checkSheets: every acknowledged record is there, whole, with the receipt the phone has in hand; nothing is there that
// no phone sealed.
func (s *storm) checkSheets(ctx context.Context, claims map[string]*claim) error {
	var rows []sheetRow
	const q = `SELECT s.id, s.visit_id, s.version::text, s.raw, s.digest, s.received_at, s.complete_at, r.code, r.body FROM sheets s LEFT JOIN receipts r ON r.sheet_id = s.id`
	if err := s.bed.owner.Select(ctx, &rows, q); err != nil {
		return err
	}
	there := map[string]sheetRow{}
	for _, r := range rows {
		there[r.ID] = r
		c := claims[r.ID]
		switch {
		case c == nil:
			s.violation("doubled", "sheet "+r.ID+" was sealed by no phone")
			continue
		case r.Digest != c.digest || sumOf(r.Raw) != c.digest:
			s.violation("corrupt", "sheet "+r.ID+" holds other bytes than were sealed")
		case r.Visit != c.visit || r.Version != c.version:
			s.violation("corrupt", "sheet "+r.ID+" is on another visit or version")
		}
		if r.Received.Before(s.began.Add(-2*time.Second)) || r.Received.After(time.Now().Add(2*time.Second)) {
			s.violation("corrupt", fmt.Sprintf("sheet %s was received at %s: not the server's time", r.ID, r.Received))
		}
		if (r.Complete == nil) != (r.Receipt == nil) {
			s.violation("corrupt", "sheet "+r.ID+": complete and receipt do not go together")
		}
	}
	acked, doubt := 0, 0
	for id, c := range claims {
		r, ok := there[id]
		switch {
		case len(c.acked) > 0:
			acked++
			s.checkAcked(c, r, ok)
		case c.evicted:
			doubt++
		case c.digest != "":
			s.violation("lost", "sheet "+id+" was never acknowledged and its phone kept it")
		}
	}
	s.say("%d records sealed, %d acknowledged, %d in doubt (their phone's storage was wiped first)", len(claims), acked, doubt)
	return nil
}

func (s *storm) checkAcked(c *claim, r sheetRow, ok bool) {
	if !ok {
		s.violation("lost", "sheet "+c.id+" was acknowledged and is not there")
		return
	}
	for _, code := range c.acked {
		switch {
		case code == "-": // even where its report brought the record after all: nobody may count on that
			s.violation("lost", "sheet "+c.id+" was freed by its phone without a receipt")
		case r.Receipt == nil:
			s.violation("lost", "receipt "+code+" of sheet "+c.id+" is not there")
		case *r.Receipt != code && !s.void[code]:
			s.violation("lost", "sheet "+c.id+" was acknowledged by "+code+", the server knows "+*r.Receipt)
		}
	}
	if r.Receipt != nil && !strings.Contains(string(r.Body), c.digest) {
		s.violation("corrupt", "the receipt of "+c.id+" names another digest")
	}
}

// checkTrail: the chain holds from its beginning to its end, and every head that was taken outside is still in it.
func (s *storm) checkTrail(ctx context.Context, _ map[string]*claim) error {
	for {
		n, err := audit.Seal(ctx, s.bed.owner, time.Now().UTC(), 10_000)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if err := audit.Verify(ctx, s.bed.owner); err != nil {
		s.violation("corrupt", err.Error())
	}
	for _, h := range s.heads {
		var now []byte
		if err := s.bed.owner.Get(ctx, &now, `SELECT head FROM audit_seals WHERE id = $1`, h.Seal); err != nil || hex.EncodeToString(now) != h.HashHex {
			if s.restored.IsZero() || h.SealedAt.After(s.restored) {
				s.violation("missing", fmt.Sprintf("the trail's head %d taken outside is not in the chain (%v)", h.Seal, err))
			}
		}
	}
	var rows int
	if err := s.bed.owner.Get(ctx, &rows, `SELECT count(*) FROM audit_log`); err != nil {
		return err
	}
	s.say("audit trail: %d rows, chain verified, %d heads taken outside found in it", rows, len(s.heads))
	return nil
}
