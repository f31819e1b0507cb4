package main

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/evidence"
)

// receiptFiles writes a receipt, the public key and a photo as a person would have them.
func receiptFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	keys, err := evidence.LoadOrMakeSigner(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	const photoHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" // of "test"
	body, err := json.Marshal(evidence.ReceiptBody{V: 1, Code: "HZ-8F2K-41QD-7MXA", SheetID: uuid.New(), VisitID: uuid.New(), Version: 1,
		Digest: photoHash, Photos: []evidence.HeldPhoto{{SHA256: photoHash, Size: 4}}, ReceivedAt: time.Date(2026, 5, 6, 1, 5, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := keys.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := json.Marshal(evidence.Receipt{Code: "HZ-8F2K-41QD-7MXA", KeyID: keys.Key().ID, Algorithm: keys.Key().Algorithm,
		Body: base64.StdEncoding.EncodeToString(body), Signature: base64.StdEncoding.EncodeToString(sig)})
	if err != nil {
		t.Fatal(err)
	}
	older, err := evidence.LoadOrMakeSigner(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	all, err := evidence.NewKeyring(older, keys.Key()).PublicFile()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"receipt.json": receipt, "all.pub": all, "photo.jpg": []byte("test"), "other.jpg": []byte("toast"),
		"changed.json": []byte(strings.Replace(string(receipt), `"signature":"`, `"signature":"AAAA`, 1)), "bare.pub": []byte(keys.Key().Raw())} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestVerifyCommand(t *testing.T) {
	dir := receiptFiles(t)
	other := t.TempDir()
	if _, err := evidence.LoadOrMakeSigner(other, true); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		name string
		args []string
		want string // part of the error; empty: valid
	}{
		{"valid", []string{in("receipt.json"), "--key", in("custody.pub")}, ""},
		{"key first, as the field app has it", []string{"--key=" + in("bare.pub"), in("receipt.json")}, ""},
		{"with the keys of all years", []string{in("receipt.json"), "--key", in("all.pub")}, ""},
		{"with its photo", []string{in("receipt.json"), "--key", in("custody.pub"), in("photo.jpg")}, ""},
		{"with a stranger's photo", []string{in("receipt.json"), "--key", in("custody.pub"), in("photo.jpg"), in("other.jpg")}, "1张照片不在"},
		{"changed", []string{in("changed.json"), "--key", in("custody.pub")}, "无效"},
		{"another key", []string{in("receipt.json"), "--key", filepath.Join(other, "custody.pub")}, "无效"},
		{"no key", []string{in("receipt.json")}, "usage"},
		{"key missing", []string{in("receipt.json"), "--key", in("nothing")}, "no such file"},
		{"no receipt", []string{in("photo.jpg"), "--key", in("custody.pub")}, "photo.jpg"},
	} {
		err := verifyCommand(c.args)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestVerifyAfterRotation: years and keys later, each receipt is checked with the public keys alone.
func TestVerifyAfterRotation(t *testing.T) {
	dir := receiptFiles(t)
	if _, _, err := evidence.RotateSigner(dir, evidence.SM2); err != nil {
		t.Fatal(err)
	}
	sm2 := receiptOf(t, dir, "HZ-8F2K-41QD-7MXB", "sm2.json")
	if _, _, err := evidence.RotateSigner(dir, evidence.Ed25519); err != nil {
		t.Fatal(err)
	}
	newest := receiptOf(t, dir, "HZ-8F2K-41QD-7MXC", "newest.json")
	public := t.TempDir() // what a court is given: no private key
	found, err := filepath.Glob(filepath.Join(dir, "custody*.pub"))
	if err != nil || len(found) != 3 {
		t.Fatalf("public keys %v %v", found, err)
	}
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(public, filepath.Base(name)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{filepath.Join(dir, "receipt.json"), sm2, newest} {
		if err := verifyCommand([]string{file, "--key", public}); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
	if err := verifyCommand([]string{sm2, "--key", filepath.Join(public, "custody.pub")}); err == nil || !strings.Contains(err.Error(), "无效") {
		t.Errorf("a retired key's receipt under the new one: %v", err)
	}
	text, err := os.ReadFile(sm2)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(public, "changed.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), "7MXB", "7MXD", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verifyCommand([]string{changed, "--key", public}); err == nil {
		t.Error("an SM2 receipt with another code is valid")
	}
}

// receiptOf signs a receipt with the folder's key of today.
func receiptOf(t *testing.T, dir, code, name string) string {
	t.Helper()
	keys, err := evidence.LoadOrMakeSigner(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(evidence.ReceiptBody{V: 1, Code: code, SheetID: uuid.New(), VisitID: uuid.New(), Version: 1, Digest: strings.Repeat("a", 64), Photos: []evidence.HeldPhoto{}, ReceivedAt: time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := keys.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(evidence.Receipt{Code: code, KeyID: keys.Key().ID, Algorithm: keys.Key().Algorithm, Body: base64.StdEncoding.EncodeToString(body), Signature: base64.StdEncoding.EncodeToString(sig)})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
