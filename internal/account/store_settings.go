package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
)

func readSetting(ctx context.Context, d *db.DB, key string) (json.RawMessage, error) {
	var v json.RawMessage
	return v, d.Get(ctx, &v, `SELECT value FROM settings WHERE key = $1`, key)
}

func saveSetting(ctx context.Context, tx *db.DB, key string, value []byte, by uuid.NullUUID, at time.Time) error {
	const q = `INSERT INTO settings (key, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET value = $2, changed_at = $3, changed_by = $4`
	_, err := tx.Exec(ctx, q, key, value, at, by)
	return err
}
