package visit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"

	"suixing/internal/evidence"
)

// CheckSheets reads every sealed record again: its bytes against their fingerprint, and what people read of it against
// its bytes. It gives how many it has read.
func (s *Service) CheckSheets(ctx context.Context, found func(evidence.Altered)) (int, error) {
	n := 0
	for after := ""; ; {
		page, err := sheetsAfter(ctx, s.db, after)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, r := range page {
			n, after = n+1, r.ID
			sum := sha256.Sum256(r.Raw)
			switch {
			case hex.EncodeToString(sum[:]) != r.Digest:
				found(evidence.Altered{Kind: "sheet", ID: r.ID, What: "the sealed bytes are not those of its fingerprint"})
			case !shows(r.Raw, r.Body):
				found(evidence.Altered{Kind: "sheet", ID: r.ID, What: "what is shown of it is not what was sealed"})
			}
		}
	}
}

// shows tells whether body is what insertSheet keeps of these bytes.
func shows(raw, body []byte) bool {
	sheet, err := ReadSheet(raw)
	if err != nil {
		return false
	}
	again, err := json.Marshal(sheet)
	if err != nil {
		return false
	}
	var a, b any
	return json.Unmarshal(again, &a) == nil && json.Unmarshal(body, &b) == nil && reflect.DeepEqual(a, b)
}
