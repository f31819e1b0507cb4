package app_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func pngOf(chunks ...string) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range chunks {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(c)-4)), c...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(c)))
	}
	return out
}

func header(w, h uint32, depth, kind, interlace byte) string {
	return string(append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h), depth, kind, 0, 0, interlace))
}

// zeros is a stream that unpacks to n bytes and is a thousandth of it.
func zeros(n int) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, 9)
	block := make([]byte, 1<<20)
	for n > 0 {
		k := min(n, len(block))
		_, _ = w.Write(block[:k])
		n -= k
	}
	_ = w.Close()
	return b.String()
}

// flatPNG is a whole, honest PNG of one colour, as large as the limits allow and a few kilobytes long.
func flatPNG(w, h int, depth, kind, interlace byte, each int) []byte {
	return pngOf(header(uint32(w), uint32(h), depth, kind, interlace), "IDAT"+zeros(h*(1+w*each)+4096), "IEND")
}

func flatJPEG(w, h int) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), &jpeg.Options{Quality: 5})
	return b.Bytes()
}

// marked changes what a JPEG's frame says of its size, and its kind.
func marked(plain []byte, marker byte, w, h uint16) []byte {
	out := bytes.Clone(plain)
	at := bytes.Index(out, []byte{0xff, 0xc0})
	out[at+1] = marker
	binary.BigEndian.PutUint16(out[at+5:], h)
	binary.BigEndian.PutUint16(out[at+7:], w)
	return out
}

func riff(kind string, body ...byte) []byte {
	chunk := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))), body...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunk)+4)), append([]byte("WEBP"), chunk...)...)
}

func boxOf(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

func heicOf(extents ...uint32) []byte {
	inner := ""
	for i := 0; i+1 < len(extents); i += 2 {
		inner += boxOf("ispe", string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), extents[i]), extents[i+1])))
	}
	return []byte(boxOf("ftyp", "heic\x00\x00\x00\x00mif1heic") + boxOf("meta", "\x00\x00\x00\x00"+boxOf("iprp", boxOf("ipco", inner))))
}

// bombs make thirty files that are small to send and made to be dear to open. Each is made when it is wanted: to make one is dear too.
func bombs() []func() []byte {
	plain := jpegOf(9)
	end := []byte{0xff, 0xd9}
	body := plain[:len(plain)-2]
	scans := bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, 50_000)
	tables := bytes.Repeat(append([]byte{0xff, 0xc4, 0, 19, 0}, make([]byte, 16)...), 40_000)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	var deep bytes.Buffer
	wide := image.NewRGBA64(image.Rect(0, 0, 3000, 3000))
	wide.SetRGBA64(1, 1, color.RGBA64{1, 2, 3, 65535})
	_ = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&deep, wide)
	vp8l := []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0x88, 0x88, 0x08, 0, 0, 0, 0}
	return []func() []byte{
		func() []byte { return pngOf(header(50_000, 50_000, 8, 2, 0), "IDAT") },
		func() []byte { return pngOf(header(1<<32-1, 1, 8, 2, 0), "IDAT") },
		func() []byte { return pngOf(header(1, 1<<31-1, 1, 0, 0), "IDAT"+zeros(1<<20)) },
		func() []byte { return flatPNG(6300, 6300, 8, 6, 0, 4) },
		func() []byte { return flatPNG(6300, 6300, 16, 6, 0, 8) },
		func() []byte { return flatPNG(6300, 6300, 8, 2, 1, 3) },
		func() []byte { return flatPNG(6300, 6300, 8, 0, 0, 1) },
		func() []byte { return deep.Bytes() },
		func() []byte { return pngOf(header(40_000_000, 1, 8, 0, 0), "IDAT"+zeros(40_000_001), "IEND") },
		func() []byte { return pngOf(header(2, 19_000_000, 8, 0, 0), "IDAT"+zeros(57_000_000), "IEND") },
		func() []byte { return pngOf(header(9, 9, 8, 2, 0), "IDAT"+zeros(300<<20), "IEND") },
		func() []byte {
			return pngOf(header(9, 9, 8, 2, 0), "zTXtx\x00\x00"+zeros(300<<20), "IDAT"+zeros(252), "IEND")
		},
		func() []byte {
			return pngOf(header(9, 9, 8, 2, 0), "iCCPx\x00\x00"+zeros(300<<20), "IDAT"+zeros(252), "IEND")
		},
		func() []byte {
			return pngOf(append([]string{header(9, 9, 8, 2, 0)}, strings.Split(strings.Repeat("IDAT,", 60_000)+"IEND", ",")...)...)
		},
		func() []byte { return pngOf(header(9, 9, 8, 2, 0), "acTL\x00\x01\x00\x00\x00\x00\x00\x00", "IDAT") },
		func() []byte { return marked(plain, 0xc0, 65535, 65535) },
		func() []byte { return marked(plain, 0xc0, 6300, 6300) },
		func() []byte { return marked(plain, 0xc2, 6300, 6300) },
		func() []byte { return marked(plain, 0xc2, 4800, 4800) },
		func() []byte { return flatJPEG(6300, 6300) },
		func() []byte { return flatJPEG(60_000, 600) },
		func() []byte { return join(body, scans, end) },
		func() []byte { return join(plain[:2], tables, plain[2:]) },
		func() []byte { return join(plain[:2], bytes.Repeat([]byte{0xff}, 3<<20), plain[2:]) },
		func() []byte { return bytes.Repeat([]byte{0xff, 0xd8}, 1<<20) },
		func() []byte { return join(body, bytes.Repeat([]byte{0xff, 0xd0}, 1<<20), end) },
		func() []byte { return riff("VP8L", vp8l...) },
		func() []byte { return riff("VP8X", 2, 0, 0, 0, 9, 0, 0, 9, 0, 0) },
		func() []byte {
			return join(riff("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f), make([]byte, 400))
		},
		func() []byte { return heicOf(1<<32-1, 1<<32-1) },
		func() []byte { return heicOf(append(make([]uint32, 60_000), 9, 9)...) },
		func() []byte { return append([]byte("GIF89a"), bytes.Repeat([]byte("\x00,"), 1<<20)...) },
	}
}

// Bomb: thirty bombs at once into the built server, each asked for its copy too: its memory stays below half a gigabyte,
// every answer comes, none is an error of ours, and an honest photo is taken and drawn meanwhile.
func TestBombsAtTheServer(t *testing.T) {
	list, skip := bombs(), 0
	if len(list) < 30 {
		t.Fatalf("%d bombs", len(list))
	}
	if !hostileFull { // every sixth; the rest takes longer than a test may
		list = slices.DeleteFunc(list, func(func() []byte) bool { skip++; return skip%6 != 4 })
	}
	s := serveBuilt(t)
	if hostileFull {
		s.filled() // it takes part of the machine, and of the memory
	}
	office, sup := s.as("office"), s.as("supervisor")
	s.resetMost()
	limit := 20 * time.Second
	if hostileFull {
		limit = 3 * time.Second
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	slowest, taken, drawn := time.Duration(0), 0, 0
	ask := func(what string, i int, f func() *answer) *answer {
		start := time.Now()
		a := f()
		took := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		slowest = max(slowest, took)
		if a.status >= 500 || took > limit && what == "sent" {
			t.Errorf("bomb %d %s: %d after %s: %.200s", i, what, a.status, took, a.body)
		}
		return a
	}
	for i, bomb := range list {
		data := bomb()
		sum := sha256.Sum256(data)
		path := "/api/photos/" + hex.EncodeToString(sum[:])
		all.Go(func() {
			if a := ask("sent", i, func() *answer { return office.do("PUT", path, data) }); a.status >= 300 {
				return
			}
			a := ask("drawn", i, func() *answer { return office.do("GET", path+"?size=thumb", nil) })
			mu.Lock()
			defer mu.Unlock()
			if taken++; a.status == 200 {
				drawn++
			}
		})
	}
	all.Go(func() {
		honest, sha := picture(t, 111)
		for range 5 {
			start := time.Now()
			if a := sup.do("PUT", "/api/photos/"+sha, honest, "Content-Type", "image/jpeg"); a.status != 201 && a.status != 200 || time.Since(start) > limit {
				t.Errorf("an honest photo meanwhile: %d after %s", a.status, time.Since(start))
			}
		}
	})
	all.Wait()
	now, most := s.memory()
	if most == 0 || most > 512 {
		t.Errorf("the server held %d MiB at most", most)
	}
	if a := s.nobody().do("GET", "/readyz", nil); a.status != 200 || strings.Contains(s.out.String(), `"msg":"panic"`) {
		t.Errorf("afterwards: %d %.600s", a.status, s.out)
	}
	t.Logf("bomb: %d sent, %d taken as evidence, %d drawn, slowest answer %s, at most %d MiB, now %d", len(list), taken, drawn, slowest.Round(time.Millisecond), most, now)
}
