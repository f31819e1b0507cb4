package evidence

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
)

// Reuse is a photo that answers a problem and that an earlier record sheet or an earlier problem has too, or one that looks
// like it.
type Reuse struct {
	SHA256 string        `db:"sha256" json:"sha256"`
	Same   bool          `db:"same" json:"same" doc:"byte for byte; otherwise it looks alike"`
	Kind   string        `db:"kind" json:"kind" enum:"visit,problem"`
	ID     uuid.NullUUID `db:"id" json:"id" doc:"of the visit or problem that had it before, if it is in sight"`
	Number string        `db:"number" json:"number" doc:"its number; empty where it is out of sight"`
	Own    bool          `db:"own" json:"own" doc:"this problem itself had it before, in another round or as what was found"`
	Day    string        `db:"day" json:"day" doc:"when it was there first"`
}

// Reused lists what stands as an answer on a problem and was there before: an old photo may have been passed off as the
// rectification. items are the deeds whose photos are answers. As with Twins it is for the office and the county to look at;
// nobody else is told, and nothing waits for it.
func (s *Service) Reused(ctx context.Context, who actor.Actor, problemID uuid.UUID, items []string) ([]Reuse, error) {
	out := []Reuse{}
	if !who.SeesCounty() && !(who.Is(actor.Office) && who.OfficeID.Valid) {
		return out, nil
	}
	const q = `WITH mine AS (SELECT a.sha256, a.item, a.declared_at FROM attachments a WHERE a.owner_kind = 'problem' AND a.owner_id = $1 AND split_part(a.item, '/', 1) = ANY($5)),
		alike AS (SELECT m.*, m.sha256 AS other, true AS same FROM mine m
			UNION ALL SELECT m.*, c.sha256, false FROM mine m JOIN photo_looks l ON l.sha256 = m.sha256
			CROSS JOIN LATERAL (SELECT k.sha256 FROM photo_looks k WHERE k.bands && l.bands AND k.sha256 <> l.sha256 AND bit_count((k.look # l.look)::bit(64)) <= $3 LIMIT 20) c),
		before AS (SELECT x.*, o.owner_kind, o.owner_id, o.item AS there, o.declared_at AS at FROM alike x
			JOIN attachments o ON o.sha256 = x.other AND o.owner_kind IN ('sheet', 'problem') AND o.source <> 'signature' AND o.declared_at <= x.declared_at),
		found AS (SELECT b.sha256, b.same, 'visit' AS kind, v.id, v.number, v.office_id, b.at FROM before b JOIN sheets h ON h.id = b.owner_id JOIN visits v ON v.id = h.visit_id WHERE b.owner_kind = 'sheet'
			UNION ALL SELECT b.sha256, b.same, 'problem', p.id, p.number, p.office_id, b.at FROM before b JOIN problems p ON p.id = b.owner_id
				WHERE b.owner_kind = 'problem' AND (p.id <> $1 OR b.there <> b.item))
		SELECT sha256, bool_or(same) AS same, kind, CASE WHEN $2::uuid IS NULL OR office_id = $2 THEN id END AS id, CASE WHEN $2::uuid IS NULL OR office_id = $2 THEN number ELSE '' END AS number,
			kind = 'problem' AND id = $1 AS own, to_char(min(at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS day
		FROM found GROUP BY sha256, kind, found.id, number, office_id ORDER BY min(at), sha256, kind LIMIT $4`
	office := uuid.NullUUID{}
	if !who.SeesCounty() {
		office = who.OfficeID
	}
	return out, s.db.Select(ctx, &out, q, problemID, office, MostApart, mostTwins, pq.Array(items))
}
