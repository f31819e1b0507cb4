package evidence

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os/exec"
	"strings"
	"testing"
)

func TestRedrawnCopiesHoldPixelsOnly(t *testing.T) {
	src := withMetadata(jpegOf(t, 2400, 1200, 3), 1)
	for _, canary := range []string{canaryOwner, canaryXMP, "CANARY-COMMENT", "Exif"} {
		if !bytes.Contains(src, []byte(canary)) {
			t.Fatalf("the test's own photo lacks %s", canary)
		}
	}
	v, s, err := redraw(src, "image/jpeg")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]drawn{"view": v, "thumb": s} {
		for _, canary := range []string{"CANARY", "Exif", "adobe", "GPS", "ICC_PROFILE", "JFIF"} {
			if bytes.Contains(c.jpeg, []byte(canary)) {
				t.Errorf("%s still says %s", name, canary)
			}
		}
		onlyStructure(t, name, c.jpeg)
	}
	if v.width != 1600 || v.height != 800 || s.width != 320 || s.height != 160 {
		t.Fatalf("view %d×%d, thumb %d×%d", v.width, v.height, s.width, s.height)
	}
}

// onlyStructure: no application segment and no comment is in the file, and exiftool, where it is installed, finds none.
func onlyStructure(t *testing.T, name string, data []byte) {
	t.Helper()
	for p := 2; p+4 < len(data) && data[p+1] != 0xda; {
		if m := data[p+1]; m >= 0xe0 && m <= 0xef || m == 0xfe {
			t.Errorf("%s has a segment %#x", name, m)
		}
		p += 2 + int(data[p+2])<<8 + int(data[p+3])
	}
	tool, err := exec.LookPath("exiftool")
	if err != nil {
		return
	}
	cmd := exec.Command(tool, "-a", "-u", "-G0", "-s", "-")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if line != "" && !strings.HasPrefix(line, "[File]") && !strings.HasPrefix(line, "[ExifTool]") && !strings.HasPrefix(line, "[Composite]") {
			t.Errorf("%s: %s", name, line)
		}
	}
}

// The bright corner, top left when upright, must be there in the copy however the camera was held.
func TestRedrawnCopiesStandUpright(t *testing.T) {
	upright := picture(480, 320, 5)
	for o := 1; o <= 8; o++ {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, lay(upright, o), nil); err != nil {
			t.Fatal(err)
		}
		v, _, err := redraw(withMetadata(b.Bytes(), o), "image/jpeg")
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(v.jpeg))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds().Dx() != 480 || img.Bounds().Dy() != 320 {
			t.Errorf("orientation %d: %v", o, img.Bounds())
			continue
		}
		for _, p := range []struct {
			x, y   int
			bright bool
		}{{20, 20, true}, {460, 20, false}, {20, 300, false}, {460, 300, false}} {
			r, g, bl, _ := img.At(p.x, p.y).RGBA()
			if (r>>8 > 240 && g>>8 > 240 && bl>>8 > 240) != p.bright {
				t.Errorf("orientation %d: at %d,%d %d %d %d", o, p.x, p.y, r>>8, g>>8, bl>>8)
			}
		}
	}
}

// lay stores an upright picture as a camera in position o would: the inverse of what a viewer does.
func lay(img *image.RGBA, o int) *image.RGBA {
	inverse := map[int]int{6: 8, 8: 6}
	if i, ok := inverse[o]; ok {
		o = i
	}
	return orient(img, o)
}

// TestOrientOfKnownPixels holds orient to the EXIF standard's own table, without its inverse: row 0 and column 0 of the
// stored picture are, for 6, the right side and the top.
func TestOrientOfKnownPixels(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 3, 2)) // a..f
	for i := range 6 {
		src.SetRGBA(i%3, i/3, color.RGBA{uint8('a' + i), 0, 0, 255})
	}
	for o, want := range map[int]string{1: "abc/def", 2: "cba/fed", 3: "fed/cba", 4: "def/abc", 5: "ad/be/cf", 6: "da/eb/fc", 7: "fc/eb/da", 8: "cf/be/ad"} {
		got, out := "", orient(src, o)
		for y := range out.Bounds().Dy() {
			if y > 0 {
				got += "/"
			}
			for x := range out.Bounds().Dx() {
				got += string(rune(out.RGBAAt(x, y).R))
			}
		}
		if got != want {
			t.Errorf("orientation %d: %s, want %s", o, got, want)
		}
	}
}

// Averaging keeps a flat colour flat and the mean the mean, at sizes that do not divide.
func TestShrink(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {7, 3}, {320, 320}, {321, 1}, {1, 5000}, {1999, 1000}, {640, 321}} {
		flat := image.NewRGBA(image.Rect(0, 0, size[0], size[1]))
		for i := range flat.Pix {
			flat.Pix[i] = []uint8{200, 100, 50, 255}[i%4]
		}
		out := shrink(flat, 320)
		if long := max(out.Bounds().Dx(), out.Bounds().Dy()); long != min(320, max(size[0], size[1])) {
			t.Errorf("%v became %v", size, out.Bounds())
		}
		for i, v := range out.Pix {
			if v != []uint8{200, 100, 50, 255}[i%4] {
				t.Fatalf("%v: byte %d is %d", size, i, v)
			}
		}
	}
	checks := image.NewGray(image.Rect(0, 0, 1000, 1000))
	for i := range checks.Pix {
		checks.Pix[i] = uint8((i + i/1000) % 2 * 255)
	}
	for i, v := range shrink(checks, 100).Pix {
		if i%4 != 3 && (v < 126 || v > 129) {
			t.Fatalf("fine black and white averages to %d", v)
		}
	}
	clearPixels := shrink(image.NewNRGBA(image.Rect(0, 0, 5, 5)), 320)
	if clearPixels.Pix[0] != 255 {
		t.Error("what is transparent must be white")
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	whole := jpegOf(t, 600, 400, 1)
	var deep bytes.Buffer
	if err := png.Encode(&deep, image.NewRGBA64(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := redraw(deep.Bytes(), "image/png"); err != nil {
		t.Errorf("16 bits a colour: %v", err)
	}
	progressive := append([]byte{0xff, 0xd8, 0xff, 0xc2, 0, 17, 8, 0x17, 0x70, 0x17, 0x70, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}, whole[2:]...)
	for name, c := range map[string]struct {
		data []byte
		kind string
	}{
		"cut in half":            {whole[:len(whole)/2], "image/jpeg"},
		"heic in this process":   {heic("heic", [2]uint32{9, 9}), "image/heic"},
		"progressive 36 MP":      {progressive, "image/jpeg"},
		"png of nothing":         {pngChunks(ihdr(9, 9), "IDAT"), "image/png"},
		"png bomb behind a gate": {pngChunks(ihdr(50_000, 50_000), "IDAT"), "image/png"},
	} {
		if _, _, err := redraw(c.data, c.kind); !errors.Is(err, errNoPreview) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkRedraw12MP(b *testing.B) {
	data := jpegOf(b, 4000, 3000, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := redraw(data, "image/jpeg"); err != nil {
			b.Fatal(err)
		}
	}
}
