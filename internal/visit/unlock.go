package visit

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// Unlock opens the box in which a phone keeps the keys of its drafts for the day its PIN is forgotten. It takes the
// person's password, opens only for the account that is named inside, on a phone of theirs that is not reported lost, and
// leaves a row in the trail.
func (s *Service) Unlock(ctx context.Context, who actor.Actor, address string, in UnlockForm) (string, error) {
	if err := s.deps.ProvePassword(ctx, who, address, in.Password); err != nil {
		return "", err
	}
	box, err := base64.StdEncoding.DecodeString(in.Box)
	if err != nil {
		return "", fault.Field("box", "内容格式不对。")
	}
	plain, err := io.ReadAll(s.deps.Evidence.OpenSealed(evidence.UnlockInfo(in.DeviceID), bytes.NewReader(box)))
	if err != nil {
		return "", err
	}
	var inside struct {
		AccountID uuid.UUID `json:"account_id"`
		DeviceID  uuid.UUID `json:"device_id"`
		Keys      string    `json:"keys"`
	}
	if err := json.Unmarshal(plain, &inside); err != nil || inside.Keys == "" {
		return "", fault.Field("box", "内容格式不对。")
	}
	if inside.AccountID != who.ID || inside.DeviceID != in.DeviceID {
		return "", fault.New(fault.Forbidden, "another_account", "这部手机的开锁密码是另一个人设的，要本人登录来开。")
	}
	return inside.Keys, s.db.InTx(ctx, func(tx *db.DB) error {
		if err := goodDevice(ctx, tx, who.ID, in.DeviceID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "phone.unlock", "device", in.DeviceID, nil)
	})
}
