package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"suixing/internal/app"
	"suixing/internal/platform/blob"
)

// oddity is a row of a question that should have no answer.
type oddity struct {
	What string `db:"what"`
	N    int    `db:"n"`
}

// questions: each finds effects that are there more often than their cause, or not at all.
var questions = []struct{ kind, about, sql string }{
	{"doubled", "sheets at one place", `SELECT visit_id || ' ' || author_id || ' v' || version AS what, count(*) AS n FROM sheets GROUP BY visit_id, author_id, version HAVING count(*) > 1`},
	{"doubled", "receipts of a sheet", `SELECT sheet_id::text AS what, count(*) AS n FROM receipts GROUP BY sheet_id HAVING count(*) > 1`},
	{"doubled", "findings of a sheet's item", `SELECT sheet_id || ' ' || item AS what, count(*) AS n FROM findings GROUP BY sheet_id, item HAVING count(*) > 1`},
	{"doubled", "red-line leads of a visit's item", `SELECT v.id || ' ' || f.item AS what, count(DISTINCT f.lead_id) AS n FROM findings f JOIN visits v ON v.id = f.visit_id WHERE f.lead_id IS NOT NULL GROUP BY v.id, f.item HAVING count(DISTINCT f.lead_id) > 1`},
	{"doubled", "leads that no finding and no answer knows", `SELECT l.id::text AS what, 1 AS n FROM leads l WHERE l.origin = 'visit' AND NOT EXISTS (SELECT FROM findings f WHERE f.lead_id = l.id)`},
	{"doubled", "problems of a lead", `SELECT problem_id::text AS what, count(*) AS n FROM leads WHERE state = 'registered' GROUP BY problem_id HAVING count(*) > 1`},
	{"doubled", "problems without a lead", `SELECT id::text AS what, 1 AS n FROM problems p WHERE NOT EXISTS (SELECT FROM leads l WHERE l.problem_id = p.id)`},
	{"doubled", "trail of saved sheets", `SELECT subject_id::text AS what, count(*) AS n FROM audit_log WHERE deed = 'sheet.save' GROUP BY subject_id HAVING count(*) > 1`},
	{"doubled", "trail without its sheet", `SELECT subject_id::text AS what, 1 AS n FROM audit_log a WHERE deed = 'sheet.save' AND NOT EXISTS (SELECT FROM sheets s WHERE s.id = a.subject_id)`},
	{"missing", "sheets without trail", `SELECT id::text AS what, 1 AS n FROM sheets s WHERE NOT EXISTS (SELECT FROM audit_log a WHERE a.deed = 'sheet.save' AND a.subject_id = s.id)`},
	{"doubled", "trail of photos", `SELECT actor_id || ' ' || (detail->>'sha256') AS what, count(*) AS n FROM audit_log WHERE deed = 'photo.hold' GROUP BY 1 HAVING count(*) > 1`},
	{"missing", "photos without trail", `SELECT u.sha256 AS what, 1 AS n FROM photo_uploads u WHERE NOT EXISTS (SELECT FROM audit_log a WHERE a.deed = 'photo.hold' AND a.actor_id = u.account_id AND a.detail->>'sha256' = u.sha256)`},
	{"doubled", "events of a visit", `SELECT v.id::text AS what, count(*) AS n FROM visits v JOIN visit_events e ON e.visit_id = v.id AND e.deed = 'record' GROUP BY v.id HAVING count(*) <> (SELECT count(*) FROM sheets s WHERE s.visit_id = v.id)`},
	{"doubled", "visits without a sheet", `SELECT id::text AS what, 1 AS n FROM visits v WHERE NOT EXISTS (SELECT FROM sheets s WHERE s.visit_id = v.id)`},
	{"corrupt", "visits in no legal state", `SELECT id || ' ' || state AS what, 1 AS n FROM visits v WHERE state <> 'recorded' OR (SELECT count(DISTINCT state) FROM visit_events e WHERE e.visit_id = v.id) <> 1`},
	{"doubled", "tickets of a visit", `SELECT visit_id::text AS what, count(*) AS n FROM tickets WHERE visit_id IS NOT NULL GROUP BY visit_id HAVING count(*) > 1`},
	{"missing", "photos of complete sheets not held", `SELECT DISTINCT a.sha256 AS what, 1 AS n FROM attachments a JOIN sheets s ON s.id = a.owner_id AND a.owner_kind = 'sheet' WHERE s.complete_at IS NOT NULL AND NOT EXISTS (SELECT FROM photos p WHERE p.sha256 = a.sha256)`},
	{"corrupt", "photos of another size than declared", `SELECT DISTINCT a.sha256 AS what, 1 AS n FROM attachments a JOIN photos p ON p.sha256 = a.sha256 WHERE p.size <> a.size`},
}

// checkEffects asks for everything that may be there once only, and compares the sums with what the phones know.
func (s *storm) checkEffects(ctx context.Context, claims map[string]*claim) error {
	for _, q := range questions {
		var odd []oddity
		if err := s.bed.owner.Select(ctx, &odd, q.sql); err != nil {
			return fmt.Errorf("%s: %w", q.about, err)
		}
		for _, o := range odd {
			s.violation(q.kind, fmt.Sprintf("%s: %s (%d)", q.about, o.What, o.N))
		}
	}
	if err := s.checkFindings(ctx, claims); err != nil {
		return err
	}
	return s.checkAnswers(ctx)
}

// checkFindings: each kept sheet has exactly its failed items as findings and exactly its photos declared; each red line has its lead.
func (s *storm) checkFindings(ctx context.Context, claims map[string]*claim) error {
	var rows []struct {
		ID       string `db:"id"`
		Digest   string `db:"digest"`
		Findings int    `db:"findings"`
		Red      int    `db:"red"`
		Photos   int    `db:"photos"`
	}
	const q = `SELECT s.id, s.digest, (SELECT count(*) FROM findings f WHERE f.sheet_id = s.id) AS findings, (SELECT count(*) FROM findings f JOIN leads l ON l.id = f.lead_id AND l.problem_id IS NOT NULL WHERE f.sheet_id = s.id AND f.severity = 'redline') AS red,
		(SELECT count(DISTINCT a.sha256) FROM attachments a WHERE a.owner_kind = 'sheet' AND a.owner_id = s.id) AS photos FROM sheets s`
	if err := s.bed.owner.Select(ctx, &rows, q); err != nil {
		return err
	}
	for _, r := range rows {
		rec := s.records[r.Digest]
		if rec == nil || claims[r.ID] == nil {
			continue // counted before
		}
		red := 0
		for _, severity := range rec.Failed {
			if severity == "redline" {
				red++
			}
		}
		if r.Findings != len(rec.Failed) || r.Red != red || r.Photos != len(rec.Manifest) {
			s.violation(more(r.Findings > len(rec.Failed) || r.Photos > len(rec.Manifest)), fmt.Sprintf("sheet %s: %d findings of %d, %d red lines registered of %d, %d photos declared of %d", r.ID, r.Findings, len(rec.Failed), r.Red, red, r.Photos, len(rec.Manifest)))
		}
	}
	return nil
}

func more(is bool) string {
	if is {
		return "doubled"
	}
	return "missing"
}

// checkAnswers: customers' answers are counted once each, in the sum: an answer leads back to nobody.
func (s *storm) checkAnswers(ctx context.Context) error {
	// An hour's answers are settled together when it is over; here it is over now.
	if err := s.bed.within(ctx, func(a *app.App) error { return a.Feedback.Settle(ctx, true) }); err != nil {
		return err
	}
	var kept, counted, leads int
	for _, q := range []struct {
		into *int
		sql  string
	}{{&kept, `SELECT count(*) FROM feedbacks`}, {&counted, `SELECT count(*) FROM feedbacks WHERE counted`}, {&leads, `SELECT count(*) FROM leads WHERE origin = 'feedback'`}} {
		if err := s.bed.owner.Get(ctx, q.into, q.sql); err != nil {
			return err
		}
	}
	given, bad := s.answers-s.answersGone, s.bad-s.badGone
	if kept != given || counted != given || leads != bad {
		s.violation(more(kept > given || leads > bad), fmt.Sprintf("feedback: %d answers given, %d kept, %d counted; %d bad ones, %d leads", given, kept, counted, bad, leads))
	}
	s.say("feedback: %d answers by ticket, each counted once; %d leads of them", counted, leads)
	if !s.restored.IsZero() {
		s.say("restore of an older database: %d records came again from their phones; %d customers' answers given between backup and restore are gone", s.wanted.Load(), s.answersGone)
	}
	return nil
}

// checkNumbers: numbers are given once, and none is skipped.
func (s *storm) checkNumbers(ctx context.Context, _ map[string]*claim) error {
	var gaps []oddity
	const q = `SELECT c.series || ': ' || x.n || ' numbers, counter at ' || c.value AS what, abs(c.value - x.n)::int AS n FROM counters c JOIN (
			SELECT regexp_replace(number, '-[0-9]+$', '') AS series, count(DISTINCT number) AS n FROM (SELECT number FROM visits UNION ALL SELECT number FROM leads UNION ALL SELECT number FROM problems) a GROUP BY 1) x ON x.series = c.series
		WHERE c.value <> x.n`
	if err := s.bed.owner.Select(ctx, &gaps, q); err != nil {
		return err
	}
	for _, g := range gaps {
		s.violation("missing", "numbers: "+g.What)
	}
	return nil
}

// checkClashes: other bytes under a taken id are kept beside the first.
func (s *storm) checkClashes(ctx context.Context, claims map[string]*claim) error {
	var rows []struct {
		Sheet  string `db:"sheet_id"`
		Digest string `db:"digest"`
		Raw    []byte `db:"raw"`
	}
	if err := s.bed.owner.Select(ctx, &rows, `SELECT sheet_id, digest, raw FROM sheet_conflicts`); err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, r := range rows {
		kept[r.Sheet+r.Digest] = true
		if sumOf(r.Raw) != r.Digest {
			s.violation("corrupt", "conflict of "+r.Sheet+" holds other bytes")
		}
		if c := claims[r.Sheet]; c == nil || !has(c.rivals, r.Digest) {
			s.violation("doubled", "sheet "+r.Sheet+" has a conflict that nobody made")
		}
	}
	n := 0
	for id, c := range claims {
		for _, d := range c.rivals {
			if n++; !kept[id+d] && !c.rivalEvicted && s.records[d].SealedAt.After(s.restored) {
				s.violation("lost", "the other version of sheet "+id+" was not kept")
			}
		}
	}
	s.say("%d times other bytes under a taken id, both versions kept", n)
	return nil
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// settleTrash lets the sweep decide on what it set aside, as it would a day later.
func (s *storm) settleTrash(ctx context.Context, sweep func(context.Context) error) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); pause(ctx, time.Second) {
		if err := sweep(ctx); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		waiting, err := s.referencedInTrash(ctx)
		if err != nil || waiting == 0 {
			return err
		}
	}
	return nil
}

func (s *storm) referencedInTrash(ctx context.Context) (n int, err error) {
	err = s.bed.store.Walk(ctx, "derived/trash/", func(key string, _ int64, _ time.Time) error {
		var held bool
		if err := s.bed.owner.Get(ctx, &held, `SELECT EXISTS (SELECT FROM photos WHERE sha256 = $1)`, key[len(key)-64:]); err != nil {
			return err
		}
		if held {
			n++
		}
		return nil
	})
	return n, err
}

// checkObjects reads every object back: it is there, its bytes are what its name says, and nothing lies about for good.
func (s *storm) checkObjects(ctx context.Context, _ map[string]*claim) error {
	var sums []string
	if err := s.bed.owner.Select(ctx, &sums, `SELECT sha256 FROM photos`); err != nil {
		return err
	}
	known := map[string]bool{}
	var size int64
	for _, sum := range sums {
		known[sum] = true
		n, err := s.readObject(ctx, sum)
		size += n
		if errors.Is(err, blob.ErrNotFound) {
			s.violation("missing", "photo "+sum+" is in the register and not in the store")
		} else if err != nil {
			s.violation("corrupt", "photo "+sum+": "+err.Error())
		}
	}
	orphans, old := 0, 0
	err := s.bed.store.Walk(ctx, "sha256/", func(key string, _ int64, mod time.Time) error {
		if !known[strings.TrimPrefix(key, "sha256/")] {
			if orphans++; time.Since(mod) > stormTrash+stormOrphan {
				old++
			}
		}
		return nil
	})
	s.say("%d photos read back from the store (%d KB), %d objects without a row (%d of them older than the sweep allows), swept %d times under load", len(sums), size>>10, orphans, old, s.sweeps.Load())
	if old > 0 {
		s.violation("corrupt", fmt.Sprintf("%d objects without a row were left lying", old))
	}
	return err
}

func (s *storm) readObject(ctx context.Context, sum string) (int64, error) {
	r, _, err := s.bed.store.Get(ctx, blob.Original(sum))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err == nil && hex.EncodeToString(h.Sum(nil)) != sum {
		err = errors.New("the bytes are others than the name says")
	}
	return n, err
}
