package evidence

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
)

func (b *bench) issue(t *testing.T, sheet, visit uuid.UUID, photos []HeldPhoto) Receipt {
	t.Helper()
	var r Receipt
	err := b.DB.InTx(context.Background(), func(tx *db.DB) (err error) {
		r, err = b.IssueReceipt(context.Background(), tx, sheet, visit, 2, sum([]byte("sheet")), photos, b.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceiptIsIssuedOnceAndSaysWhatWasReceived(t *testing.T) {
	b := newBench(t)
	sheet, visit := newID(), newID()
	photos := []HeldPhoto{{sum([]byte("b")), 2}, {sum([]byte("a")), 1}, {sum([]byte("b")), 2}}
	first := b.issue(t, sheet, visit, photos)
	b.Clock.Add(time.Hour)
	if again := b.issue(t, sheet, visit, nil); again != first {
		t.Fatalf("asked again: %+v, first %+v", again, first)
	}
	if other := b.issue(t, newID(), visit, photos); other.Code == first.Code {
		t.Fatal("two sheets, one code")
	}
	if !regexp.MustCompile(`^HZ(-[0-9A-HJKMNP-TV-Z]{4}){3}$`).MatchString(first.Code) {
		t.Errorf("code %s", first.Code)
	}
	body, err := CheckReceipt(first, b.ReceiptKey())
	if err != nil {
		t.Fatal(err)
	}
	if body.SheetID != sheet || body.VisitID != visit || body.Version != 2 || body.Digest != sum([]byte("sheet")) || !body.ReceivedAt.Equal(dbtest.Start) {
		t.Errorf("%+v", body)
	}
	if len(body.Photos) != 2 || body.Photos[0].SHA256 > body.Photos[1].SHA256 {
		t.Errorf("photos %+v", body.Photos)
	}
	raw, _ := base64.StdEncoding.DecodeString(first.Body)
	if !regexp.MustCompile(`^{"v":1,"code":"HZ-.{14}","sheet_id":".{36}","visit_id":".{36}","version":2,"digest":".{64}","photos":\[{"sha256":".{64}","size":\d}.*\],"received_at":"2026-05-06T02:00:00Z"}$`).Match(raw) {
		t.Errorf("the contract's form: %s", raw)
	}
	if empty := b.issue(t, newID(), visit, nil); !strings.Contains(string(must(base64.StdEncoding.DecodeString(empty.Body))), `"photos":[]`) {
		t.Error("no photos must be an empty list")
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestReceiptsInParallelAreOne(t *testing.T) {
	b := newBench(t)
	sheet, visit := newID(), newID()
	got := make([]Receipt, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Add(1)
		go func() { defer wg.Done(); got[i] = b.issue(t, sheet, visit, []HeldPhoto{{sum(nil), 9}}) }()
	}
	wg.Wait()
	for _, r := range got {
		if r != got[0] {
			t.Fatalf("%+v and %+v", r, got[0])
		}
	}
}

func TestChangedReceiptIsNotValid(t *testing.T) {
	b := newBench(t)
	good := b.issue(t, newID(), newID(), []HeldPhoto{{sum(nil), 9}})
	for _, alg := range []string{Ed25519, SM2} {
		other, err := NewSigner(alg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := CheckReceipt(good, other.Key()); err == nil {
			t.Errorf("valid under another %s key", alg)
		}
	}
	raw := must(base64.StdEncoding.DecodeString(good.Body))
	signature := must(base64.StdEncoding.DecodeString(good.Signature))
	for i := range raw {
		c := good
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		c.Body = base64.StdEncoding.EncodeToString(bad)
		if _, err := CheckReceipt(c, b.ReceiptKey()); err == nil {
			t.Fatalf("byte %d changed, still valid", i)
		}
	}
	for i := range signature {
		c := good
		bad := bytes.Clone(signature)
		bad[i] ^= 1
		c.Signature = base64.StdEncoding.EncodeToString(bad)
		if _, err := CheckReceipt(c, b.ReceiptKey()); err == nil {
			t.Fatalf("byte %d of the signature changed, still valid", i)
		}
	}
	c := good
	c.Code = "HZ-0000-0000-0000"
	if _, err := CheckReceipt(c, b.ReceiptKey()); err == nil {
		t.Error("another code, still valid")
	}
}

func TestCheckPage(t *testing.T) {
	b := newBench(t)
	at := time.Date(2026, 5, 6, 1, 5, 0, 0, time.UTC)
	b.Clock.Set(at)
	photos := []HeldPhoto{{sum([]byte("a")), 1}, {sum([]byte("b")), 2}}
	sheet := newID()
	r := b.issue(t, sheet, newID(), photos)
	for _, typed := range []string{r.Code, strings.ToLower(r.Code), strings.ReplaceAll(r.Code, "-", ""), strings.TrimPrefix(r.Code, "HZ-")} {
		code, body, head := b.call(t, "", "GET", "/v/"+typed, nil)
		if code != 200 {
			t.Fatalf("%s: %d %s", typed, code, body)
		}
		for _, want := range []string{"有效", r.Code, "2026年5月6日09:05", "2张照片", photos[0].SHA256[:8] + "…"} {
			if !bytes.Contains(body, []byte(want)) {
				t.Errorf("%s: the page lacks %s:\n%s", typed, want, body)
			}
		}
		for _, never := range []string{photos[0].SHA256, sum([]byte("sheet")), sheet.String(), "<script", " style="} {
			if bytes.Contains(body, []byte(never)) {
				t.Errorf("%s: the page says %s", typed, never)
			}
		}
		if csp := head["Content-Security-Policy"][0]; !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "style-src 'sha256-") {
			t.Errorf("policy %s", csp)
		}
	}
	for path, want := range map[string]int{"/v/HZ-0000-0000-0000": 404, "/v/nonsense": 404, "/v/%3Cscript%3E": 404, "/v": 200, "/v?code=" + r.Code: 303, "/v?code=x": 404} {
		code, body, _ := b.call(t, "", "GET", path, nil)
		if code != want || bytes.Contains(body, []byte("有效")) || bytes.Contains(body, []byte("<script")) {
			t.Errorf("%s: %d %s", path, code, body)
		}
		if want == 404 && !bytes.Contains(body, []byte("找不到")) {
			t.Errorf("%s lacks words: %s", path, body)
		}
	}
	b.exec(t, `UPDATE receipts SET body = convert_to(replace(convert_from(body, 'UTF8'), '"version":2', '"version":3'), 'UTF8')`)
	if code, body, _ := b.call(t, "", "GET", "/v/"+r.Code, nil); code != 200 || !bytes.Contains(body, []byte("签名不符")) || bytes.Contains(body, []byte("有效")) {
		t.Errorf("a receipt changed in the database: %d %s", code, body)
	}
}

func TestKeysFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := LoadOrMakeSigner(dir, false); err == nil || !strings.Contains(err.Error(), "custody.ed25519") {
		t.Fatalf("no key, none to be made: %v", err)
	}
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			k, err := LoadOrMakeSigner(dir, true)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = k.Key().ID
		}()
	}
	wg.Wait()
	again, err := LoadOrMakeSigner(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id != again.Key().ID {
			t.Fatalf("servers that started together have keys %v, the folder has %s", ids, again.Key().ID)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "custody.ed25519"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info.Mode(), err)
	}
	public, err := ParsePublicKey(must(os.ReadFile(filepath.Join(dir, "custody.pub"))))
	if err != nil || public.ID != again.Key().ID {
		t.Errorf("public key file: %v %v", public.ID, err)
	}
	if bare, err := ParsePublicKey([]byte(public.Raw() + "\n")); err != nil || bare.ID != public.ID {
		t.Errorf("base64 key: %v", err)
	}
	text, err := json.Marshal(public)
	if err != nil || string(text) != `{"id":"`+public.ID+`","algorithm":"ed25519","public":"`+public.Raw()+`"}` {
		t.Errorf("%s %v", text, err)
	}
	opensslChecks(t, again, dir)
	rotate(t, dir, again)
	if err := os.WriteFile(filepath.Join(dir, "custody.ed25519"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "custody.sm2")); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrMakeSigner(dir, true); err == nil || !strings.Contains(err.Error(), "custody.ed25519") {
		t.Errorf("a broken key must stop the start and be named: %v", err)
	}
}

// opensslChecks has a program that is not ours verify what we signed.
func opensslChecks(t *testing.T, k *Keyring, dir string) {
	t.Helper()
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Log("openssl is not installed: not cross-checked")
		return
	}
	tmp := t.TempDir()
	sig, err := k.Sign([]byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"m": []byte("message"), "s": sig} {
		if err := os.WriteFile(filepath.Join(tmp, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(tool, "pkeyutl", "-verify", "-pubin", "-inkey", filepath.Join(dir, "custody.pub"), "-rawin", "-in", filepath.Join(tmp, "m"), "-sigfile", filepath.Join(tmp, "s")).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %v %s", err, out)
	}
}

// rotate puts an SM2 key into the folder and keeps the old public key: new receipts are SM2, old ones stay valid.
func rotate(t *testing.T, dir string, old *Keyring) {
	t.Helper()
	if _, err := makeSigner(dir, SM2); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "custody.pub"), filepath.Join(dir, "custody-2026.pub")); err != nil {
		t.Fatal(err)
	}
	now, err := LoadOrMakeSigner(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if now.Key().Algorithm != SM2 {
		t.Fatalf("signs with %s", now.Key().Algorithm)
	}
	sig, err := now.Sign([]byte("message"))
	if err != nil || !now.Key().Verify([]byte("message"), sig) || now.Key().Verify([]byte("massage"), sig) {
		t.Errorf("SM2 signature: %v", err)
	}
	if k, ok := now.Public(old.Key().ID); !ok || k.Algorithm != Ed25519 {
		t.Error("the earlier key is forgotten")
	}
	text, err := now.Key().PEM()
	if err != nil {
		t.Fatal(err)
	}
	if k, err := ParsePublicKey(text); err != nil || k.ID != now.Key().ID {
		t.Errorf("SM2 public key file: %v", err)
	}
}

// TestCheckPageAfterRotation: the page checks what a retired key signed, and what SM2 signs now.
func TestCheckPageAfterRotation(t *testing.T) {
	b := newBench(t)
	dir := filepath.Join(t.TempDir(), "keys")
	load := func() {
		t.Helper()
		k, err := LoadOrMakeSigner(dir, true)
		if err != nil {
			t.Fatal(err)
		}
		b.keys = k
	}
	load()
	first := b.issue(t, newID(), newID(), nil)
	for i, alg := range []string{SM2, Ed25519, SM2} {
		if _, _, err := RotateSigner(dir, alg); err != nil {
			t.Fatalf("rotation %d: %v", i, err)
		}
		load()
		if b.keys.Key().Algorithm != alg {
			t.Fatalf("signs with %s", b.keys.Key().Algorithm)
		}
		now := b.issue(t, newID(), newID(), []HeldPhoto{{sum([]byte(alg)), 3}})
		for _, r := range []Receipt{first, now} {
			if code, body, _ := b.call(t, "", "GET", "/v/"+r.Code, nil); code != 200 || !bytes.Contains(body, []byte("有效")) || !bytes.Contains(body, []byte(r.KeyID)) {
				t.Errorf("rotation %d, signed by %s: %d %s", i, r.Algorithm, code, body)
			}
		}
	}
	sealedBefore := b.keys.SealKey()
	box, err := SealBytes(sealedBefore, PhotoInfo("x"), []byte("sealed last year"))
	if err != nil {
		t.Fatal(err)
	}
	if _, now, err := RotateSealing(dir); err != nil || now == sealedBefore {
		t.Fatalf("sealing key: %v", err)
	}
	load()
	if plain, err := io.ReadAll(b.keys.Open(PhotoInfo("x"), bytes.NewReader(box))); err != nil || string(plain) != "sealed last year" {
		t.Errorf("the retired sealing key does not open: %v", err)
	}
}
