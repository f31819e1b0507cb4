package evidence

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// scene is a picture as busy as a photo: a sky, a ground, and things that stand in front of each other.
func scene(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 42))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fx, fy := r.Float64()*2-1, r.Float64()*2-1
	type thing struct{ x, y, wide, high, tone float64 }
	var things []thing
	for range 14 {
		things = append(things, thing{r.Float64(), r.Float64(), .06 + r.Float64()*.3, .06 + r.Float64()*.3, r.Float64() * 255})
	}
	for y := range h {
		for x := range w {
			px, py := float64(x)/float64(w), float64(y)/float64(h)
			tone := 128 + 60*fx*(px-.5) + 60*fy*(py-.5)
			for _, t := range things {
				if px > t.x-t.wide/2 && px < t.x+t.wide/2 && py > t.y-t.high/2 && py < t.y+t.high/2 {
					tone = t.tone
				}
			}
			v := uint8(max(0, min(255, tone)))
			img.SetRGBA(x, y, color.RGBA{v, uint8(float64(v) * .9), uint8(float64(v) * .8), 255})
		}
	}
	return img
}

func jpegAt(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lookAt(t testing.TB, data []byte) uint64 {
	t.Helper()
	_, small, err := redraw(data, "image/jpeg")
	if err != nil {
		t.Fatal(err)
	}
	return small.look
}

// OldPhoto: saved again, squeezed, made smaller, with other metadata, a photo keeps its look; five hundred others have others.
func TestOldPhotoLooks(t *testing.T) {
	missed, tried := 0, 0
	scenes := uint64(16)
	if hostileFull {
		scenes = 100
	}
	for seed := range scenes {
		img := scene(seed, 360, 270)
		first := lookAt(t, jpegAt(t, img, 92))
		if first == 0 {
			t.Fatalf("scene %d has no look", seed)
		}
		for name, again := range map[string][]byte{
			"saved at 60": jpegAt(t, img, 60), "at 35": jpegAt(t, img, 35), "half as wide": jpegAt(t, shrink(img, 180), 80), "three quarters": jpegAt(t, shrink(img, 270), 70),
			"with metadata": withMetadata(jpegAt(t, img, 85), 1), "turned by the camera": withMetadata(jpegAt(t, lay(img, 6), 85), 6),
		} {
			tried++
			if apart := bits.OnesCount64(first ^ lookAt(t, again)); apart > MostApart {
				missed++
				t.Logf("scene %d %s: %d bits apart", seed, name, apart)
			}
		}
	}
	if missed > 0 {
		t.Errorf("%d of %d copies are not found", missed, tried)
	}
	looks := map[uint64]uint64{}
	for seed := range uint64(500) {
		look := lookOf(scene(1000+seed, 108, 80))
		if look == 0 {
			continue
		}
		for other, of := range looks {
			if bits.OnesCount64(look^other) <= MostApart {
				t.Errorf("scenes %d and %d are taken for one", of, seed)
			}
		}
		looks[look] = seed
	}
	if len(looks) < 480 {
		t.Errorf("only %d of 500 scenes have a look", len(looks))
	}
}

// A wall, a white sheet and a form that only a shadow crosses have no look: they would all be taken for one.
func TestWhatHasNoLook(t *testing.T) {
	for name, f := range map[string]func(x, y int) uint8{"white": func(int, int) uint8 { return 255 }, "black": func(int, int) uint8 { return 0 }, "a shadow": func(x, _ int) uint8 { return uint8(255 - x/8) },
		"one stroke": func(x, y int) uint8 {
			return map[bool]uint8{true: 0, false: 255}[y > 100 && y < 104 && x > 40 && x < 90]
		}} {
		img := image.NewRGBA(image.Rect(0, 0, 320, 240))
		for y := range 240 {
			for x := range 320 {
				v := f(x, y)
				img.SetRGBA(x, y, color.RGBA{v, v, v, 255})
			}
		}
		if look := lookOf(img); look != 0 {
			t.Errorf("%s looks like %064b", name, look)
		}
	}
}

// Two looks that differ in at most MostApart bits have a band alike: the index misses none.
func TestBandsFindEveryNeighbour(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a := r.Uint64()
		b := a
		for range r.IntN(MostApart + 1) {
			b ^= 1 << r.IntN(64)
		}
		alike := false
		for i, band := range bandsOf(a) {
			alike = alike || bandsOf(b)[i] == band
		}
		if !alike {
			t.Fatalf("%064b and %064b share no band", a, b)
		}
	}
	if n := len(bandsOf(0)); n*13 < 64 {
		t.Errorf("%d bands do not cover a look", n)
	}
}
