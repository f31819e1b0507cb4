package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"suixing/internal/evidence"
	"suixing/internal/platform/clock"
)

const verifyUsage = "suixing verify receipt.json --key custody.pub [photo ...]"

// verifyCommand checks a custody receipt without network or database: the receipt as the phone keeps it, the server's
// public key, and any photos, whose bytes must be among those the receipt signs for.
func verifyCommand(args []string) error {
	var keyFile string
	var files []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--key" && i+1 < len(args):
			i++
			keyFile = args[i]
		case len(args[i]) > 6 && args[i][:6] == "--key=":
			keyFile = args[i][6:]
		default:
			files = append(files, args[i])
		}
	}
	if keyFile == "" || len(files) == 0 {
		return errors.New("usage: " + verifyUsage)
	}
	body, err := verifyReceipt(files[0], keyFile)
	if err != nil {
		return err
	}
	fmt.Printf("有效：回执%s\n", body.Code)
	fmt.Printf("记录 %s 第%d版，指纹 %s\n", body.SheetID, body.Version, body.Digest)
	fmt.Printf("%s收齐，照片%d张\n", body.ReceivedAt.In(clock.Shanghai).Format("2006-01-02 15:04:05"), len(body.Photos))
	for _, p := range body.Photos {
		fmt.Printf("  %s  %d字节\n", p.SHA256, p.Size)
	}
	return verifyPhotos(body, files[1:])
}

func verifyReceipt(receiptFile, keyFile string) (evidence.ReceiptBody, error) {
	var r evidence.Receipt
	text, err := os.ReadFile(keyFile) // #nosec G304 -- named by who runs the command
	if err != nil {
		return evidence.ReceiptBody{}, err
	}
	key, err := evidence.ParsePublicKey(text)
	if err != nil {
		return evidence.ReceiptBody{}, fmt.Errorf("%s: %w", keyFile, err)
	}
	raw, err := os.ReadFile(receiptFile) // #nosec G304 -- named by who runs the command
	if err != nil {
		return evidence.ReceiptBody{}, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return evidence.ReceiptBody{}, fmt.Errorf("%s: %w", receiptFile, err)
	}
	body, err := evidence.CheckReceipt(r, key)
	if errors.Is(err, evidence.ErrReceipt) {
		return body, errors.New("无效：签名不符，回执改动过，或不是这把公钥签的")
	}
	return body, err
}

func verifyPhotos(body evidence.ReceiptBody, files []string) error {
	signed := map[string]int64{}
	for _, p := range body.Photos {
		signed[p.SHA256] = p.Size
	}
	var strangers int
	for _, name := range files {
		f, err := os.Open(name) // #nosec G304 -- named by who runs the command
		if err != nil {
			return err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		_ = f.Close()
		if err != nil {
			return err
		}
		if size, ok := signed[hex.EncodeToString(h.Sum(nil))]; ok && size == n {
			fmt.Printf("相符 %s\n", name)
			continue
		}
		fmt.Printf("不在回执里 %s\n", name)
		strangers++
	}
	if strangers > 0 {
		return fmt.Errorf("%d张照片不在这张回执里", strangers)
	}
	return nil
}
