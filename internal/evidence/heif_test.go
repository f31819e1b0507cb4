package evidence

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"suixing/internal/evidence/heif"
)

// inProcess is the decoder without its child: compiled once for all tests that only ask what comes out.
var inProcess = sync.OnceValues(func() (*heif.Decoder, error) { return heif.New(context.Background()) })

func decodeHere(t testing.TB, data []byte) (image.Image, error) {
	t.Helper()
	d, err := inProcess()
	if err != nil {
		t.Fatal(err)
	}
	return d.Decode(context.Background(), data, MaxPixels)
}

// colourAt names the colour of the tests at a place given in eighths of the picture.
func colourAt(img image.Image, x, y int) string {
	b := img.Bounds()
	r, g, bl, _ := img.At(b.Min.X+b.Dx()*x/8, b.Min.Y+b.Dy()*y/8).RGBA()
	for name, c := range map[string][3]int{"R": {0xe0, 0x20, 0x20}, "G": {0x20, 0xc0, 0x20}, "B": {0x20, 0x20, 0xe0}, "Y": {0xe0, 0xe0, 0x20}} {
		off := 0
		for i, v := range []uint32{r, g, bl} {
			off = max(off, c[i]-int(v>>8), int(v>>8)-c[i])
		}
		if off < 24 {
			return name
		}
	}
	return "?"
}

// corners reads the four quarters, row by row, at the middle of each.
func corners(img image.Image) string {
	return colourAt(img, 2, 2) + colourAt(img, 6, 2) + colourAt(img, 2, 6) + colourAt(img, 6, 6)
}

// What libheif makes of files from an encoder and of files as phones write them: colours in their corners, boxes of turning
// and mirroring obeyed, EXIF's orientation not.
func TestHEICStandsUpright(t *testing.T) {
	turned := quartered(2, 2, 500, 400, irot(3)) // a quarter clockwise, as a phone held upright writes
	turned.exif = string(exifOf(t, rand.New(rand.NewPCG(1, 2)), 6))
	for name, c := range map[string]struct {
		data []byte
		w, h int
		want string
	}{
		"4:2:0, padded":       {sample(t, "quarters"), 64, 48, "RGBY"},
		"4:4:4":               {sample(t, "full"), 64, 48, "RGBY"},
		"ten bits":            {sample(t, "ten"), 64, 48, "RGBY"},
		"one colour":          {sample(t, "blue"), 256, 256, "BBBB"},
		"tiles":               {quartered(6, 5, 1500, 1100).file(t), 1500, 1100, "RGBY"},
		"odd size":            {quartered(2, 2, 511, 389).file(t), 511, 389, "RGBY"},
		"turned, EXIF says 6": {turned.file(t), 400, 500, "BRYG"},
		"upside down":         {quartered(2, 2, 512, 512, irot(2)).file(t), 512, 512, "YBGR"},
		"turned left":         {quartered(2, 2, 500, 400, irot(1)).file(t), 400, 500, "GYRB"},
		"left for right":      {quartered(2, 2, 512, 512, imir(1)).file(t), 512, 512, "GRYB"},
		"top for bottom":      {quartered(2, 2, 512, 512, imir(0)).file(t), 512, 512, "BYRG"},
		"turned and mirrored": {quartered(2, 2, 512, 512, irot(3), imir(1)).file(t), 512, 512, "RBGY"},
	} {
		img, err := decodeHere(t, c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := corners(img); img.Bounds().Dx() != c.w || img.Bounds().Dy() != c.h || got != c.want {
			t.Errorf("%s: %v %s, want %d×%d %s", name, img.Bounds(), got, c.w, c.h, c.want)
		}
		if m, _, err := inspect(bytes.NewReader(c.data)); err != nil || m.Type != "image/heic" {
			t.Errorf("%s is not taken in: %+v %v", name, m, err)
		}
	}
}

// Files that are no picture, or too much of one, are refused; none breaks the decoder or makes it take more than it may.
func TestHEICThatCannotBeDecoded(t *testing.T) {
	whole := quartered(2, 2, 500, 400).file(t)
	deep := heifBox("ftyp", "heic\x00\x00\x00\x00mif1heic")
	nest := ""
	for range 20_000 {
		nest = heifBox("dinf", nest)
		if len(nest) > 160_000 {
			break
		}
	}
	huge := quartered(2, 2, 20_000, 20_000)
	quiet := quartered(2, 2, 20_000, 20_000)
	quiet.says = [2]uint32{500, 400}
	for name, data := range map[string][]byte{
		"nothing":                   {},
		"boxes without a picture":   heic("heic", [2]uint32{4032, 3024}),
		"cut before its pixels":     whole[:bytes.Index(whole, []byte("mdat"))],
		"cut in half":               whole[:len(whole)/2],
		"boxes in boxes":            []byte(deep + fullBox("meta", 0, 0, nest)),
		"says 20,000 by 20,000":     huge.file(t),
		"is 20,000 by 20,000":       quiet.file(t),
		"a grid with too few tiles": quartered(2, 2, 5000, 5000).file(t),
	} {
		if img, err := decodeHere(t, data); !errors.Is(err, heif.ErrPicture) {
			t.Errorf("%s: %T %v", name, img, err)
		}
	}
	r := rand.New(rand.NewPCG(20260512, 3))
	broken := 0
	for range 30 { // bytes turned at random, most of them where the structure is
		data := bytes.Clone(whole)
		for range 1 + r.IntN(6) {
			data[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
		}
		if _, err := decodeHere(t, data); err != nil {
			if broken++; !errors.Is(err, heif.ErrPicture) {
				t.Errorf("a broken file is called %v", err)
			}
		}
	}
	if broken == 0 {
		t.Error("none of thirty broken files was refused")
	}
	if img, err := decodeHere(t, whole); err != nil || corners(img) != "RGBY" { // and the next photo does not notice
		t.Errorf("after them: %v", err)
	}
}

// The picture is no picture of ours when there are more pixels than asked for.
func TestHEICPixelBound(t *testing.T) {
	d, err := inProcess()
	if err != nil {
		t.Fatal(err)
	}
	data := quartered(2, 2, 500, 400).file(t)
	if _, err := d.Decode(context.Background(), data, 500*400-1); !errors.Is(err, heif.ErrPicture) || !strings.Contains(err.Error(), "500 by 400") {
		t.Error(err)
	}
	if _, err := d.Decode(context.Background(), data, 500*400); err != nil {
		t.Error(err)
	}
}
