package evidence

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

// held gives a photo that is held, whoever asks; NotFound if it is not. For the service's own steps.
func held(ctx context.Context, d *db.DB, sha string) (Photo, error) {
	var p Photo
	const q = `SELECT sha256, size, media_type, width, height, held_at, preview FROM photos WHERE sha256 = $1`
	return p, d.GetP(ctx, &p, q, sha)
}

// insertPhoto writes what is held, who brought it, the trail and the job that draws its copies in one statement, the
// hottest of the service; true if the photo is new. One that nobody has claimed counts from now on again: the sweep asks how
// long it has lain. A new photo waits for manifests in the making that declare it, and they for it: see Declare.
func insertPhoto(ctx context.Context, d *db.DB, p Photo, who actor.Actor) (bool, error) {
	const q = `WITH p AS (
		INSERT INTO photos (sha256, size, media_type, width, height, held_at, preview) VALUES ($1, $2, $3, $4, $5, $6, $9)
		ON CONFLICT (sha256) DO UPDATE SET held_at = excluded.held_at WHERE photos.held_at < excluded.held_at AND ` + unclaimedPhoto + `
		RETURNING sha256, preview, xmax = 0 AS fresh
	), l AS MATERIALIZED (
		SELECT pg_advisory_xact_lock(('x' || left(sha256, 16))::bit(64)::bigint) AS done FROM p WHERE fresh
	), j AS MATERIALIZED (
		SELECT job_enqueue($10, sha256, $11) AS done FROM p WHERE fresh AND preview = 'due'
	), u AS (
		INSERT INTO photo_uploads (sha256, account_id, at) SELECT $1::text, $7::uuid, $6::timestamptz WHERE $7::uuid IS NOT NULL ON CONFLICT DO NOTHING RETURNING sha256
	), a AS MATERIALIZED (
		SELECT audit_append($6, $7, $8, 'photo.hold', 'photo', NULL, jsonb_build_object('sha256', sha256, 'size', $2::bigint)) AS done FROM u
	)
	SELECT (SELECT count(*) FROM p WHERE fresh) + 0 * ((SELECT count(done) FROM a) + (SELECT count(done) FROM j) + (SELECT count(*) FROM l)) AS fresh`
	var fresh int
	err := d.GetP(ctx, &fresh, q, p.SHA256, p.Size, p.MediaType, p.Width, p.Height, p.HeldAt, who.Account(), string(who.Role), p.Preview, JobDerive, p.HeldAt.Add(burst))
	return fresh == 1, err
}

// Declare writes a record's manifest in the caller's transaction. The same declaration again changes nothing.
//
// It holds, until that transaction ends, the arrival of the very photos it declares. So Missing, asked after Declare in
// the same transaction, and OnHeld, called after a photo's own, cannot both overlook the other: one of them sees
// record and photo together.
func (s *Service) Declare(ctx context.Context, tx *db.DB, who actor.Actor, ownerKind string, ownerID uuid.UUID, photos []Declared) error {
	if len(photos) == 0 {
		return nil
	}
	if err := checkDeclared(photos); err != nil {
		return err
	}
	const lock = `SELECT count(pg_advisory_xact_lock_shared(k)) FROM (SELECT DISTINCT ('x' || left(h, 16))::bit(64)::bigint AS k FROM unnest($1::text[]) h ORDER BY k) keys`
	if _, err := tx.Exec(ctx, lock, pq.Array(hashes(photos))); err != nil {
		return err
	}
	rows, err := json.Marshal(photos)
	if err != nil {
		return err
	}
	const q = `INSERT INTO attachments (id, owner_kind, owner_id, item, position, sha256, size, source, taken_at, lat, lng, accuracy, datum, caption, for_agency, by_account, declared_at)
		SELECT gen_random_uuid(), $1::text, $2::uuid, d.item, d.position, d.sha256, d.size, d.source, d.taken_at, d.lat, d.lng, d.accuracy, d.datum, d.caption, d.for_agency, $3::uuid, $4::timestamptz
		FROM jsonb_to_recordset($5::jsonb) AS d(item text, position int, sha256 text, size bigint, source text, taken_at timestamptz,
			lat float8, lng float8, accuracy float8, datum text, caption text, for_agency bool)
		ON CONFLICT (owner_kind, owner_id, item, sha256) DO NOTHING`
	_, err = tx.Exec(ctx, q, ownerKind, ownerID, who.Account(), declaredAt(s.now(), ownerKind), rows)
	return err
}

// declaredAt rounds the public's time to the hour (invariant 4).
func declaredAt(now time.Time, ownerKind string) time.Time {
	if ownerKind == OnFeedback || ownerKind == OnComplaint {
		return now.Truncate(time.Hour)
	}
	return now
}

// Missing tells which of the photos are not held yet, each once, in the order given. tx may be a transaction or the pool.
func (s *Service) Missing(ctx context.Context, tx *db.DB, sha256s []string) ([]string, error) {
	var out []string
	const q = `SELECT h FROM unnest($1::text[]) WITH ORDINALITY AS w(h, n) WHERE NOT EXISTS (SELECT FROM photos WHERE sha256 = h) GROUP BY h ORDER BY min(n)`
	err := tx.Select(ctx, &out, q, pq.Array(sha256s))
	return out, err
}

// Held gives those of the photos that are held, by hash.
func (s *Service) Held(ctx context.Context, tx *db.DB, sha256s []string) (map[string]Photo, error) {
	var rows []Photo
	const q = `SELECT sha256, size, media_type, width, height, held_at, preview FROM photos WHERE sha256 = ANY($1)`
	if err := tx.Select(ctx, &rows, q, pq.Array(sha256s)); err != nil {
		return nil, err
	}
	out := make(map[string]Photo, len(rows))
	for _, p := range rows {
		out[p.SHA256] = p
	}
	return out, nil
}

// MustHave makes sure that who itself brought every one of the photos: what an agency hangs on its answer must be its
// own, or a hash would be a way to another's picture.
func (s *Service) MustHave(ctx context.Context, tx *db.DB, who actor.Actor, sha256s []string) error {
	var foreign int
	const q = `SELECT count(*) FROM unnest($1::text[]) h WHERE NOT EXISTS (SELECT FROM photo_uploads WHERE sha256 = h AND account_id = $2)`
	if err := tx.Get(ctx, &foreign, q, pq.Array(sha256s), who.ID); err != nil {
		return err
	}
	if foreign > 0 {
		return fault.Field("photos", "有照片还没有传上来，请先上传再提交。已填的都留着。")
	}
	return nil
}

// expectedOf tells whether a record of the account declares the photo: one that was accepted, or one held for the office.
func expectedOf(ctx context.Context, d *db.DB, account uuid.UUID, sha string) (yes bool, err error) {
	const q = `SELECT EXISTS (SELECT FROM attachments a JOIN sheets s ON s.id = a.owner_id WHERE a.sha256 = $2 AND a.owner_kind = 'sheet' AND s.author_id = $1)
		OR EXISTS (SELECT FROM held_sheets h WHERE h.account_id = $1 AND $2 = ANY (h.photos) AND h.kept IS NOT false)`
	return yes, d.Get(ctx, &yes, q, account, sha)
}

// broughtSince is how much an account has brought since a time.
func broughtSince(ctx context.Context, d *db.DB, account uuid.UUID, since time.Time) (n int, bytes int64, err error) {
	var row struct {
		N     int   `db:"n"`
		Bytes int64 `db:"bytes"`
	}
	const q = `SELECT count(*) AS n, COALESCE(sum(p.size), 0) AS bytes FROM photo_uploads u JOIN photos p ON p.sha256 = u.sha256 WHERE u.account_id = $1 AND u.at > $2`
	err = d.Get(ctx, &row, q, account, since)
	return row.N, row.Bytes, err
}

type derivative struct {
	kind string
	drawn
}

func insertDerivatives(ctx context.Context, tx *db.DB, sha string, at time.Time, made []derivative) error {
	const q = `INSERT INTO derivatives (sha256, kind, key, size, width, height, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (sha256, kind) DO UPDATE SET key = excluded.key, size = excluded.size, width = excluded.width, height = excluded.height, made_at = excluded.made_at`
	for _, m := range made {
		if _, err := tx.Exec(ctx, q, sha, m.kind, derivedKey(m.kind, sha), len(m.jpeg), m.width, m.height, at); err != nil {
			return err
		}
	}
	return setPreview(ctx, tx, sha, "made")
}

func setPreview(ctx context.Context, tx *db.DB, sha, state string) error {
	const q = `UPDATE photos SET preview = $2 WHERE sha256 = $1`
	_, err := tx.Exec(ctx, q, sha, state)
	return err
}

type receiptRow struct {
	Code      string    `db:"code"`
	SheetID   uuid.UUID `db:"sheet_id"`
	Version   int       `db:"version"`
	Body      []byte    `db:"body"`
	KeyID     string    `db:"key_id"`
	Algorithm string    `db:"algorithm"`
	Signature []byte    `db:"signature"`
	IssuedAt  time.Time `db:"issued_at"`
}

func (r receiptRow) receipt() Receipt {
	return Receipt{Code: r.Code, KeyID: r.KeyID, Algorithm: r.Algorithm,
		Body: base64.StdEncoding.EncodeToString(r.Body), Signature: base64.StdEncoding.EncodeToString(r.Signature)}
}

func receiptOf(ctx context.Context, d *db.DB, sheetID uuid.UUID) (Receipt, error) {
	var r receiptRow
	const q = `SELECT code, sheet_id, version, body, key_id, algorithm, signature, issued_at FROM receipts WHERE sheet_id = $1`
	err := d.Get(ctx, &r, q, sheetID)
	return r.receipt(), err
}

// receiptByCode serves the public check: it gives what is signed, and nothing of the sheet itself.
func receiptByCode(ctx context.Context, d *db.DB, code string) (Receipt, error) {
	var r receiptRow
	const q = `SELECT code, sheet_id, version, body, key_id, algorithm, signature, issued_at FROM receipts WHERE code = $1`
	err := d.Get(ctx, &r, q, code)
	return r.receipt(), err
}

// insertReceipt is false when the sheet has one already, or the code is taken.
func insertReceipt(ctx context.Context, tx *db.DB, r receiptRow) (bool, error) {
	const q = `INSERT INTO receipts (code, sheet_id, version, body, key_id, algorithm, signature, issued_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
	n, err := tx.Exec(ctx, q, r.Code, r.SheetID, r.Version, r.Body, r.KeyID, r.Algorithm, r.Signature, r.IssuedAt)
	return n == 1, err
}
