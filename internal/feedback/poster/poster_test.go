package poster

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	zxqr "github.com/makiuchi-d/gozxing/qrcode"
)

var sample = Content{URL: "https://suixing.example/w/AAAAAAAAAAAAAAAAAAAAAA", Address: "suixing.example/f", Short: "7KQ4 M2XA T9DR", Hotline: "0371-1234567",
	Bureau: "示例县司法局", Office: "示例镇A司法所", Business: "某餐饮店（东街 12 号）髙𠮷"}

func TestPosterReadsOnPaper(t *testing.T) {
	for _, size := range []Size{A4, A6} {
		raw, err := Draw(size, sample)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > 200<<10 {
			t.Errorf("%s: %d bytes", size, len(raw))
		}
		file := filepath.Join(t.TempDir(), "p.pdf")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if keep := os.Getenv("POSTER_OUT"); keep != "" {
			_ = os.WriteFile(filepath.Join(keep, string(size)+".pdf"), raw, 0o600)
		}
		text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
		if err != nil {
			t.Skip("poppler is not here: ", err)
		}
		for _, want := range []string{"来检查的人怎么样", "不留名", "suixing.example/f", "7KQ4 M2XA T9DR", "0371-1234567", "示例镇A司法所", "某餐饮店"} {
			if !strings.Contains(strings.Join(strings.Fields(string(text)), ""), strings.ReplaceAll(want, " ", "")) {
				t.Errorf("%s lacks %q: %s", size, want, text)
			}
		}
		drawn, err := exec.Command("pdftoppm", "-png", "-r", "150", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(drawn))
		if err != nil {
			t.Fatal(err)
		}
		bits, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			t.Fatal(err)
		}
		read, err := zxqr.NewQRCodeReader().Decode(bits, nil)
		if err != nil || read.GetText() != sample.URL {
			t.Errorf("%s: the code does not scan: %v", size, err)
		}
	}
	if _, err := Draw("a3", sample); err == nil {
		t.Error("a size nobody prints")
	}
}

func TestBrokenFontIsSaid(t *testing.T) {
	for n := range 60 {
		if _, err := unpack(latin[:n]); err == nil {
			t.Fatal("took a font of", n, "bytes")
		}
	}
	if _, err := unpack(latin[:len(latin)/2]); err == nil {
		t.Error("took half a font")
	}
}
