package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"suixing/internal/evidence"
	"suixing/internal/platform/clock"
)

const verifyUsage = "suixing verify receipt.json --key custody.pub|folder [--key ...] [photo ...]"

// verifyCommand checks a custody receipt without network or database: the receipt as the phone keeps it, the server's
// public keys, retired ones among them, and any photos, whose bytes must be among those the receipt signs for.
func verifyCommand(args []string) error {
	var keyFiles, files []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--key" && i+1 < len(args):
			i++
			keyFiles = append(keyFiles, args[i])
		case len(args[i]) > 6 && args[i][:6] == "--key=":
			keyFiles = append(keyFiles, args[i][6:])
		default:
			files = append(files, args[i])
		}
	}
	if len(keyFiles) == 0 || len(files) == 0 {
		return errors.New("usage: " + verifyUsage)
	}
	body, err := verifyReceipt(files[0], keyFiles)
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

func verifyReceipt(receiptFile string, keyFiles []string) (evidence.ReceiptBody, error) {
	var r evidence.Receipt
	keys, err := publicKeys(keyFiles)
	if err != nil {
		return evidence.ReceiptBody{}, err
	}
	raw, err := os.ReadFile(receiptFile) // #nosec G304 -- named by who runs the command
	if err != nil {
		return evidence.ReceiptBody{}, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return evidence.ReceiptBody{}, fmt.Errorf("%s: %w", receiptFile, err)
	}
	key, known := keys[r.KeyID]
	if !known {
		return evidence.ReceiptBody{}, errors.New("无效：不是这些公钥签的")
	}
	body, err := evidence.CheckReceipt(r, key)
	if errors.Is(err, evidence.ErrReceipt) {
		return body, errors.New("无效：签名不符，回执改动过，或不是这把公钥签的")
	}
	return body, err
}

// publicKeys reads the keys to check with by their ids; a folder stands for every custody*.pub in it.
func publicKeys(files []string) (map[string]evidence.PublicKey, error) {
	keys := map[string]evidence.PublicKey{}
	for i := 0; i < len(files); i++ {
		name := files[i]
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			found, err := filepath.Glob(filepath.Join(name, "custody*.pub"))
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
			continue
		}
		text, err := os.ReadFile(name) // #nosec G304 -- named by who runs the command
		if err != nil {
			return nil, err
		}
		for rest := text; ; { // a server's own file holds the keys of all years
			var block *pem.Block
			if block, rest = pem.Decode(rest); block != nil {
				text = pem.EncodeToMemory(block)
			}
			key, err := evidence.ParsePublicKey(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			keys[key.ID] = key
			if next, _ := pem.Decode(rest); next == nil {
				break
			}
		}
	}
	return keys, nil
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
