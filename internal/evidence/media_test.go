package evidence

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestInspect(t *testing.T) {
	gif := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	for _, c := range []struct {
		name string
		data []byte
		want error
		kind string
		w, h int
	}{
		{"jpeg", jpegOf(t, 30, 20, 1), nil, "image/jpeg", 30, 20},
		{"jpeg with a web page behind", append(jpegOf(t, 30, 20, 1), "<script>alert(1)</script>"...), nil, "image/jpeg", 30, 20},
		{"jpeg, 3 MB before the picture", longHead(jpegOf(t, 30, 20, 1)), nil, "image/jpeg", 30, 20},
		{"png", pngOf(t, 30, 20, 1), nil, "image/png", 30, 20},
		{"heic of tiles", heic("heic", [2]uint32{512, 512}, [2]uint32{4032, 3024}, [2]uint32{512, 512}), nil, "image/heic", 4032, 3024},
		{"heif", heic("mif1", [2]uint32{640, 480}), nil, "image/heif", 640, 480},
		{"empty", nil, errType, "", 0, 0},
		{"short", []byte("\xff\xd8\xff"), errType, "", 0, 0},
		{"web page", []byte("<!doctype html><script>alert(1)</script>"), errType, "", 0, 0},
		{"web page called jpeg", []byte("\xff\xd8\xff<!doctype html><script>alert(1)</script>"), errBroken, "", 0, 0},
		{"gif", gif, errType, "", 0, 0},
		{"gif that goes on as jpeg", append(gif, jpegOf(t, 9, 9, 1)...), errType, "", 0, 0},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), errType, "", 0, 0},
		{"pdf", []byte("%PDF-1.7 and more than twelve bytes"), errType, "", 0, 0},
		{"zip", []byte("PK\x03\x04 and more than twelve bytes"), errType, "", 0, 0},
		{"film", heic("isom", [2]uint32{640, 480}), errType, "", 0, 0},
		{"avif", heic("avif", [2]uint32{640, 480}), errType, "", 0, 0},
		{"burst", heic("hevc", [2]uint32{640, 480}), errFrames, "", 0, 0},
		{"animated png", pngChunks(ihdr(9, 9), "acTL\x00\x00\x00\x02\x00\x00\x00\x00", "IDAT"), errFrames, "", 0, 0},
		{"animated webp", append([]byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00"), make([]byte, 30)...), errFrames, "", 0, 0},
		{"png bomb", pngChunks(ihdr(50_000, 50_000), "IDAT"), errPixels, "", 0, 0},
		{"png whose area overflows", pngChunks(ihdr(1<<32-1, 1<<32-1), "IDAT"), errPixels, "", 0, 0},
		{"png whose area overflows to little", pngChunks(ihdr(1<<31, 1<<31), "IDAT"), errPixels, "", 0, 0},
		{"heic whose area overflows", heic("heic", [2]uint32{1<<32 - 1, 1<<32 - 1}), errPixels, "", 0, 0},
		{"png of no width", pngChunks(ihdr(0, 9), "IDAT"), errBroken, "", 0, 0},
		{"png without header", pngChunks("IDAT"), errBroken, "", 0, 0},
		{"png that ends", pngChunks(ihdr(9, 9)), errBroken, "", 0, 0},
		{"heic without extent", heic("heic"), errBroken, "", 0, 0},
		{"heic that ends", heic("heic", [2]uint32{9, 9})[:40], errBroken, "", 0, 0},
		{"box of no size", []byte("\x00\x00\x00\x01ftyp\xff\xff\xff\xff\xff\xff\xff\xff"), errBroken, "", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, seen, err := inspect(bytes.NewReader(c.data))
			if !errors.Is(err, c.want) || m.Type != c.kind || m.Width != c.w || m.Height != c.h {
				t.Fatalf("%+v, %v; want %s %d×%d, %v", m, err, c.kind, c.w, c.h, c.want)
			}
			if err == nil && !bytes.HasPrefix(c.data, seen) {
				t.Fatal("what was read is not given back")
			}
		})
	}
}

// longHead puts 3 MB of application segments before the picture, as phones with depth maps do.
func longHead(plain []byte) []byte {
	out := append([]byte{}, plain[:2]...)
	for range 46 {
		out = append(out, 0xff, 0xe2, 0xff, 0xff)
		out = append(out, make([]byte, 65533)...)
	}
	return append(out, plain[2:]...)
}

// The source's own error is not taken for a broken photo.
func TestInspectKeepsTheSourcesError(t *testing.T) {
	cut := errors.New("cut")
	data := jpegOf(t, 300, 200, 1)
	for _, at := range []int{0, 5, 100, 500} {
		_, _, err := inspect(io.MultiReader(bytes.NewReader(data[:at]), iotest.ErrReader(cut)))
		if !errors.Is(err, cut) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
}

func TestDeclaredType(t *testing.T) {
	for declared, want := range map[string]bool{"": true, "image/jpeg": true, "IMAGE/JPEG; charset=x": true, "image/jpg": true, "application/octet-stream": true,
		"image/png": false, "text/html": false, "image/heic": false, "application/x-www-form-urlencoded": false} {
		if (media{Type: "image/jpeg"}).fits(declared) != want {
			t.Errorf("%q: want %v", declared, want)
		}
	}
}

// FuzzInspect: whatever the bytes, inspect neither panics nor accepts too many pixels.
func FuzzInspect(f *testing.F) {
	f.Add(jpegOf(f, 9, 9, 1))
	f.Add(pngOf(f, 9, 9, 1))
	f.Add(heic("heic", [2]uint32{9, 9}))
	f.Add([]byte("RIFF\x20\x00\x00\x00WEBPVP8L" + strings.Repeat("\x2f", 30)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, _, err := inspect(bytes.NewReader(data))
		if err == nil && (m.Width < 1 || m.Height < 1 || m.Width > MaxPixels || m.Height > MaxPixels || m.Width*m.Height > MaxPixels) {
			t.Fatalf("accepted %+v", m)
		}
		_ = readJPEGFacts(data)
	})
}
