//go:build ignore

// Writes receipts.json: custody receipts signed by the server's own code, one a signature algorithm, for the phone's
// check. From the project root: go run pwa/test/vectors/receipts.go > pwa/test/vectors/receipts.json
package main

import (
	"encoding/base64"
	"encoding/json"
	"log"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/evidence"
)

type vector struct {
	Key     evidence.PublicKey `json:"key"`
	Receipt evidence.Receipt   `json:"receipt"`
	Want    map[string]any     `json:"want"`
}

func main() {
	sheet, visit := uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8058")
	photos := []evidence.HeldPhoto{{SHA256: strings.Repeat("a", 64), Size: 3}, {SHA256: strings.Repeat("b", 64), Size: 20_000_000}}
	digest := strings.Repeat("d", 64)
	var out []vector
	for _, algorithm := range []string{evidence.Ed25519, evidence.SM2} {
		signer, err := evidence.NewSigner(algorithm)
		if err != nil {
			log.Fatal(err)
		}
		body, err := json.Marshal(evidence.ReceiptBody{V: 1, Code: "HZ-8F2K-41QD-7MXA", SheetID: sheet, VisitID: visit, Version: 2, Digest: digest,
			Photos: photos, ReceivedAt: time.Date(2026, 5, 6, 2, 0, 5, 0, time.UTC)})
		if err != nil {
			log.Fatal(err)
		}
		signature, err := signer.Sign(body)
		if err != nil {
			log.Fatal(err)
		}
		key := signer.Key()
		out = append(out, vector{key, evidence.Receipt{Code: "HZ-8F2K-41QD-7MXA", KeyID: key.ID, Algorithm: key.Algorithm,
			Body: base64.StdEncoding.EncodeToString(body), Signature: base64.StdEncoding.EncodeToString(signature)},
			map[string]any{"id": sheet, "visit_id": visit, "version": 2, "digest": digest, "photos": photos}})
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		log.Fatal(err)
	}
}
