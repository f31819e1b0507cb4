package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// noteDrawn keeps, with the copies, what they hash to and what the photo looks like.
func noteDrawn(ctx context.Context, tx *db.DB, sha string, made []derivative) error {
	for _, m := range made {
		sum := sha256.Sum256(m.jpeg)
		const q = `UPDATE derivatives SET digest = $3 WHERE sha256 = $1 AND kind = $2`
		if _, err := tx.Exec(ctx, q, sha, m.kind, hex.EncodeToString(sum[:])); err != nil {
			return err
		}
		if m.look == 0 {
			continue
		}
		const look = `INSERT INTO photo_looks (sha256, look, bands) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO UPDATE SET look = excluded.look, bands = excluded.bands`
		if _, err := tx.Exec(ctx, look, sha, int64(m.look), pq.Array(bandsOf(m.look))); err != nil { // #nosec G115 -- 64 bits are 64 bits
			return err
		}
	}
	return nil
}

// Twin is a photo of a record that another record declares as well, or one that looks like it.
type Twin struct {
	SHA256  string        `db:"sha256" json:"sha256"`
	Same    bool          `db:"same" json:"same" doc:"byte for byte; otherwise it looks alike"`
	VisitID uuid.NullUUID `db:"visit_id" json:"visit_id" doc:"the other record, if it is in sight"`
	Number  string        `db:"number" json:"number" doc:"its number; empty where it is out of sight"`
	Day     string        `db:"day" json:"day" doc:"when the other record was made"`
}

const mostTwins = 20

// Twins lists the photos of a record sheet that another visit's record has too: an old photo may have been passed off as a
// new one. It is for the office and the county to look at; nobody else is told, and nothing waits for it. Signatures look
// alike and are left out.
func (s *Service) Twins(ctx context.Context, who actor.Actor, sheetID uuid.UUID) ([]Twin, error) {
	if !who.SeesCounty() && !(who.Is(actor.Office) && who.OfficeID.Valid) {
		return nil, nil
	}
	const q = `WITH mine AS (SELECT DISTINCT a.sha256, h.visit_id FROM attachments a JOIN sheets h ON h.id = a.owner_id WHERE a.owner_kind = 'sheet' AND a.owner_id = $1 AND a.source <> 'signature'),
		alike AS (SELECT m.sha256, m.visit_id AS here, m.sha256 AS other, true AS same FROM mine m
			UNION ALL SELECT m.sha256, m.visit_id, c.sha256, false FROM mine m JOIN photo_looks l ON l.sha256 = m.sha256
			CROSS JOIN LATERAL (SELECT k.sha256 FROM photo_looks k WHERE k.bands && l.bands AND k.sha256 <> l.sha256 AND bit_count((k.look # l.look)::bit(64)) <= $3 LIMIT 20) c)
		SELECT x.sha256, bool_or(x.same) AS same, CASE WHEN $2::uuid IS NULL OR v.office_id = $2 THEN v.id END AS visit_id,
			CASE WHEN $2::uuid IS NULL OR v.office_id = $2 THEN v.number ELSE '' END AS number, to_char(min(h.received_at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS day
		FROM alike x JOIN attachments o ON o.sha256 = x.other AND o.owner_kind = 'sheet' AND o.source <> 'signature'
			JOIN sheets h ON h.id = o.owner_id JOIN visits v ON v.id = h.visit_id
		WHERE v.id <> x.here GROUP BY x.sha256, v.id ORDER BY min(h.received_at), x.sha256 LIMIT $4`
	office := uuid.NullUUID{}
	if !who.SeesCounty() {
		office = who.OfficeID
	}
	var out []Twin
	return out, s.db.Select(ctx, &out, q, sheetID, office, MostApart, mostTwins)
}
