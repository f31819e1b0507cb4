package complaint

import (
	"context"
	"math"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/door"
)

// Target is something a complaint may be about, found by what has been typed so far.
type Target struct {
	Kind     string        `db:"kind" json:"kind" enum:"agency,officer,office"`
	ID       uuid.UUID     `db:"id" json:"id"`
	AgencyID uuid.NullUUID `db:"agency_id" json:"agency_id"`
	Name     string        `db:"name" json:"name"`
	Note     string        `db:"note" json:"note" doc:"an officer's agency, an agency's township"`
}

// Targets finds agencies, officers by name or credential number, and our own offices. Whoever takes complaints needs the
// whole county: a caller does not know the borders of townships.
func (s *Service) Targets(ctx context.Context, _ actor.Actor, typed string) ([]Target, error) {
	out := []Target{}
	typed = door.OneLine(typed)
	if typed == "" {
		return out, nil
	}
	pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(typed) + "%"
	const q = `
(SELECT 'agency' AS kind, a.id, a.id AS agency_id, a.name, COALESCE(o.township, '县直') AS note FROM agencies a LEFT JOIN offices o ON o.id = a.office_id
  WHERE a.active AND (a.name ILIKE $1 OR o.township ILIKE $1) ORDER BY strpos(a.name, $2) = 0, length(a.name), a.name LIMIT 10)
UNION ALL
(SELECT 'officer', f.id, f.agency_id, f.name, g.name || ' ' || f.credential_number FROM officers f JOIN agencies g ON g.id = f.agency_id
  WHERE f.name ILIKE $1 OR f.credential_number ILIKE $1 ORDER BY f.name, f.credential_number LIMIT 8)
UNION ALL
(SELECT 'office', o.id, NULL, o.name, '由县司法局办理' FROM offices o WHERE o.name ILIKE $1 ORDER BY o.name LIMIT 3)`
	return out, s.db.Select(ctx, &out, q, pattern, typed)
}

// Sketch is a complaint as far as it has been written.
type Sketch struct {
	Target   string        `json:"target,omitempty" required:"false" maxLength:"60"`
	AgencyID uuid.NullUUID `json:"agency_id,omitempty" required:"false"`
	Happened string        `json:"happened,omitempty" required:"false" maxLength:"40"`
	Place    string        `json:"place,omitempty" required:"false" maxLength:"80"`
	Fact     string        `json:"fact,omitempty" required:"false" maxLength:"2000"`
}

// Similar is a complaint that may be the same matter.
type Similar struct {
	ID         uuid.UUID `db:"id" json:"id"`
	Number     string    `db:"number" json:"number"`
	Target     string    `db:"target" json:"target"`
	Happened   string    `db:"happened" json:"happened"`
	State      State     `db:"state" json:"state"`
	ReceivedOn string    `db:"received_on" json:"received_on"`
	Fact       string    `db:"fact" json:"fact"`
	Score      int       `db:"-" json:"score" doc:"0 to 100"`
	Why        []string  `db:"-" json:"why" nullable:"false"`
	Unit       bool      `db:"unit" json:"-"`
	Day        bool      `db:"day" json:"-"`
	Spot       bool      `db:"spot" json:"-"`
	Words      float64   `db:"words" json:"-"`
}

// alikeDays is how far back a second call about the same matter is looked for.
const alikeDays = 180

const notRecused = ` AND NOT EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.account_id = $10 AND p.part = 'recused')`

// Alike finds complaints of the last half year that share unit, day, place or words with what is being written, among those
// of the clerk's own list. Whoever may ask with two characters at a time reads a text by it: nothing is computed about a
// complaint out of sight, nor about one the clerk has stood back from.
func (s *Service) Alike(ctx context.Context, who actor.Actor, in Sketch) ([]Similar, error) {
	out := []Similar{}
	grams := bigrams(door.OneLine(in.Fact))
	if in.Target == "" && !in.AgencyID.Valid && len(grams) < 3 {
		return out, nil
	}
	since := s.now().AddDate(0, 0, -alikeDays)
	const q = `
WITH near AS (
  (SELECT c.* FROM complaints c WHERE` + inScope + notRecused + ` AND c.received_at >= $4 AND ($5::uuid IS NOT NULL AND c.agency_id = $5 OR $6 <> '' AND c.target = $6) ORDER BY c.received_at DESC LIMIT 200)
  UNION
  (SELECT c.* FROM complaints c WHERE` + inScope + notRecused + ` AND c.received_at >= $4 AND cardinality($7::text[]) > 2 AND bigrams(c.number || ' ' || c.target || ' ' || c.fact) && $7 ORDER BY c.received_at DESC LIMIT 200))
SELECT c.id, c.number, c.target, c.happened, c.state, to_char(c.received_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS received_on, left(c.fact, 80) AS fact,
  ($5::uuid IS NOT NULL AND COALESCE(c.agency_id = $5, false) OR $6 <> '' AND c.target = $6) AS unit,
  ($8 <> '' AND c.happened = $8) AS day, ($9 <> '' AND (strpos(c.place, $9) > 0 OR strpos($9, c.place) > 0)) AS spot,
  (SELECT count(*)::float8 / greatest(cardinality($7::text[]), 1) FROM unnest(bigrams(c.fact)) g WHERE g = ANY($7)) AS words
FROM near c`
	args := append(scope(who), since, in.AgencyID, door.OneLine(in.Target), pq.Array(grams), door.OneLine(in.Happened), door.OneLine(in.Place), who.ID)
	var rows []Similar
	if err := s.db.Select(ctx, &rows, q, args...); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.rate(); r.Score >= alikeLeast {
			out = append(out, r)
		}
	}
	return best(out), nil
}

const alikeLeast, alikeMost = 30, 5

// rate weighs what two complaints share: the same unit alone says little, the same words much.
func (r *Similar) rate() {
	r.Why = []string{}
	add := func(has bool, why string, points int) {
		if has {
			r.Score += points
			r.Why = append(r.Why, why)
		}
	}
	add(r.Unit, "unit", 20)
	add(r.Day, "day", 20)
	add(r.Spot, "place", 15)
	if share := int(math.Round(r.Words * 60)); share >= 12 {
		add(true, "words", min(share, 45))
	}
}

func best(list []Similar) []Similar {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && (list[j].Score > list[j-1].Score || list[j].Score == list[j-1].Score && list[j].Number > list[j-1].Number); j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return list[:min(len(list), alikeMost)]
}

// bigrams are the pairs of characters in a text, as the database's function of that name makes them.
func bigrams(text string) []string {
	r := []rune(strings.ToLower(text))
	seen, out := map[string]bool{}, []string{}
	for i := 0; i+1 < len(r); i++ {
		if g := string(r[i : i+2]); !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	return out
}
