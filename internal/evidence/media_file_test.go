package evidence

import (
	"bytes"
	"context"
	"encoding/binary"
	"image/jpeg"
	"io"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

// box is one box of an ISO file.
func isoFile(brand string) []byte {
	return append([]byte("\x00\x00\x00\x18ftyp"+brand+"\x00\x00\x02\x00isommp42"), make([]byte, 64)...)
}

var mp3 = append([]byte{0xff, 0xfb, 0x90, 0x64}, make([]byte, 400)...)

func files() map[string][]byte {
	return map[string][]byte{
		"application/pdf": []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
		"audio/mpeg":      mp3, "audio/aac": append([]byte{0xff, 0xf1, 0x50, 0x80}, make([]byte, 60)...), "audio/mp4": isoFile("M4A "),
		"audio/wav": append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 40)...), "audio/ogg": append([]byte("OggS\x00\x02"), make([]byte, 60)...),
		"audio/amr": append([]byte("#!AMR\n"), make([]byte, 60)...), "video/mp4": isoFile("isom"), "video/quicktime": isoFile("qt  "), "video/3gpp": isoFile("3gp5"),
		"video/webm": append([]byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"), make([]byte, 60)...),
	}
}

// Every kind is known by its bytes whatever it is called, and nothing else is taken for one.
func TestKindsByTheirBytes(t *testing.T) {
	desk := actor.Actor{Role: actor.Office}
	for kind, data := range files() {
		m, seen, err := examine(desk, bytes.NewReader(data))
		if err != nil || m.Type != kind || !bytes.HasPrefix(data, seen) || m.preview() != "none" {
			t.Errorf("%s: %+v, %v", kind, m, err)
		}
		if _, _, err := examine(actor.Actor{Role: actor.Supervisor}, bytes.NewReader(data)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a phone brought %s: %v", kind, err)
		}
		if m.fitsFile("text/html") || m.fitsFile("image/svg+xml") || !m.fitsFile("application/octet-stream") {
			t.Errorf("%s may be called a page", kind)
		}
	}
	for name, data := range map[string][]byte{
		"zip": []byte("PK\x03\x04 and more than twelve bytes"), "exe": []byte("MZ\x90\x00 and more than twelve bytes"), "gif": []byte("GIF89a and more than twelve bytes"),
		"office": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), "page": []byte("<!doctype html><script>"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"pdf behind a page": []byte("<html>%PDF-1.7 %%EOF"), "avif": isoFile("avif"), "text": []byte("twelve bytes and more of text"), "matroska": append([]byte("\x1a\x45\xdf\xa3\x42\x82\x88matroska"), make([]byte, 60)...),
	} {
		if m, _, err := examine(desk, bytes.NewReader(data)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s was taken for %+v: %v", name, m, err)
		}
	}
	if m, _, err := examine(desk, bytes.NewReader(jpegOf(t, 30, 20, 1))); err != nil || m.Type != "image/jpeg" || m.Width != 30 {
		t.Errorf("a photo among files: %+v, %v", m, err)
	}
	for _, c := range []struct {
		kind string
		size int64
		ok   bool
	}{{"image/jpeg", MaxPhoto, true}, {"image/jpeg", MaxPhoto + 1, false}, {"application/pdf", MaxPaper + 1, false}, {"video/mp4", MaxFilm, true}, {"video/mp4", MaxFilm + 1, false}, {"audio/mpeg", MaxSound + 1, false}} {
		if err := (media{Type: c.kind}).within(c.size); (err == nil) != c.ok || err != nil && fault.KindOf(err) != fault.TooLarge {
			t.Errorf("%s of %d bytes: %v", c.kind, c.size, err)
		}
	}
}

// A file goes out as a download under our name, whole, and only to who handles the case; nobody gets a preview of it.
func TestHeaders(t *testing.T) {
	b := newBench(t)
	all := files()
	all["image/jpeg"] = withMetadata(jpegOf(t, 640, 480, 3), 1)
	safe := regexp.MustCompile(`^(attachment|inline); filename="[0-9a-f]{16}(-view|-thumb)?\.[a-z0-9]{3,4}"$`)
	for kind, data := range all {
		sha := b.hold(t, "office", data)
		for _, size := range []string{"original", "view", "thumb"} {
			code, body, head := b.call(t, "office", "GET", "/api/photos/"+sha+"?size="+size, nil)
			if size != "original" && kind != "image/jpeg" {
				if code != 409 || bytes.Contains(body, data[:12]) {
					t.Errorf("%s as %s: %d %.80q", kind, size, code, body)
				}
				continue
			}
			one := func(name string) string { return strings.Join(head[name], "|") }
			if code != 200 || size == "original" && (!bytes.Equal(body, data) || one("Content-Type") != kind || !strings.HasPrefix(one("Content-Disposition"), "attachment;")) {
				t.Errorf("%s as %s: %d %v", kind, size, code, head)
			}
			if !safe.MatchString(one("Content-Disposition")) || one("X-Content-Type-Options") != "nosniff" || one("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("%s as %s: %v", kind, size, head)
			}
			if csp := one("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
				t.Errorf("%s as %s: %s", kind, size, csp)
			}
		}
		if code, _, _ := b.call(t, "agency", "GET", "/api/photos/"+sha+"?size=original", nil); code != 404 {
			t.Errorf("the agency gets %s: %d", kind, code)
		}
	}
}

// A form takes files with nobody's name on them, under a limit of its own.
func TestPublicFiles(t *testing.T) {
	b := newBench(t)
	pdf := files()["application/pdf"]
	p, err := b.IngestPublicFile(context.Background(), bytes.NewReader(pdf))
	if err != nil || p.MediaType != "application/pdf" || p.Preview != "none" || p.HeldAt.Minute() != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	if n := b.count(t, `SELECT count(*) FROM photo_uploads`); n != 0 {
		t.Error("the bringer is written down")
	}
	if _, err := b.IngestPublic(context.Background(), bytes.NewReader(pdf), 0); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a form for photos took a paper: %v", err)
	}
	if _, err := b.IngestPublicFile(context.Background(), io.MultiReader(bytes.NewReader(pdf), bytes.NewReader(make([]byte, MaxPublic)))); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too large: %v", err)
	}
}

// SvgNo: what a browser would run is no evidence, under no name and no role.
func TestSvgNo(t *testing.T) {
	b := newBench(t)
	for _, text := range []string{`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "\xef\xbb\xbf<svg></svg>     ", `<?xml version="1.0"?><!DOCTYPE svg><svg/>`, "<!doctype html><script>alert(1)</script>",
		"\xff\xfe<\x00s\x00v\x00g\x00>\x00     ", "<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "javascript:alert(1)//     ", "%!PS-Adobe-3.0 EPSF     "} {
		for _, kind := range []string{"image/svg+xml", "image/jpeg", "application/pdf", "text/html", "application/octet-stream", ""} {
			for _, who := range []string{"office", "supervisor", "agency", "county"} {
				head := []string{}
				if kind != "" {
					head = []string{"Content-Type", kind}
				}
				if code, body, _ := b.call(t, who, "PUT", "/api/photos/"+sum([]byte(text)), []byte(text), head...); code != 422 || bytes.Contains(body, []byte("alert")) {
					t.Errorf("%s as %s: %d %s", text, kind, code, body)
				}
			}
		}
	}
	if len(b.objects(t)) != 0 || b.count(t, `SELECT count(*) FROM photos`) != 0 {
		t.Error("something was kept")
	}
}

// Bomb: files made to be expensive cost little, many at once, and an honest photo is taken meanwhile.
func TestBomb(t *testing.T) {
	b := newBench(t)
	big := func(plain []byte, w, h uint16) []byte { // a JPEG that says it is large
		out := bytes.Clone(plain)
		at := bytes.Index(out, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(out[at+5:], h)
		binary.BigEndian.PutUint16(out[at+7:], w)
		return out
	}
	plain := jpegOf(t, 64, 48, 1)
	scans := append(bytes.Clone(plain[:len(plain)-2]), bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, 50_000)...)
	webpInside := append([]byte("RIFF\x00\x10\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x09\x00\x00VP8 \x40\x00\x00\x00\x10\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f"), make([]byte, 80)...)
	bombs := [][]byte{
		pngChunks(ihdr(50_000, 50_000), "IDAT"), pngChunks(ihdr(1<<32-1, 1), "IDAT"), pngChunks(ihdr(6000, 6600), "IDAT"+strings.Repeat("\x00", 1000)), big(plain, 65535, 65535), big(plain, 6300, 6300),
		append(scans, 0xff, 0xd9), webpInside, pngChunks(ihdr(9, 9), "iCCP"+strings.Repeat("x", 1<<20), "IDAT"), pngChunks(ihdr(9, 9), "acTL\x00\x01\x00\x00\x00\x00\x00\x00", "IDAT"),
		heic("heic", [2]uint32{1<<32 - 1, 1<<32 - 1}), heic("hevc", [2]uint32{9, 9}), append([]byte("GIF89a"), bytes.Repeat([]byte("\x00,"), 1<<19)...), bytes.Repeat([]byte{0xff, 0xd8}, 1<<19),
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	var all sync.WaitGroup
	for i := range 39 {
		all.Go(func() {
			data := append(bytes.Clone(bombs[i%len(bombs)]), byte(i)) // none alike
			start := time.Now()
			code, _, _ := b.call(t, "office", "PUT", "/api/photos/"+sum(data), data)
			if code >= 500 || time.Since(start) > 20*time.Second {
				t.Errorf("bomb %d: %d after %s", i%len(bombs), code, time.Since(start))
			}
			if code < 300 { // taken as evidence: then drawing it must be cheap, or left
				if code, _, _ := b.call(t, "office", "GET", "/api/photos/"+sum(data)+"?size=thumb", nil); code >= 500 {
					t.Errorf("bomb %d drawn: %d", i%len(bombs), code)
				}
			}
		})
	}
	all.Go(func() {
		honest := jpegOf(t, 800, 600, 77)
		start := time.Now()
		if code, _, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sum(honest), honest); code != 201 || time.Since(start) > 10*time.Second {
			t.Errorf("an honest photo meanwhile: %d after %s", code, time.Since(start))
		}
	})
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for wait := true; wait; {
		select {
		case <-done:
			wait = false
		case <-time.After(50 * time.Millisecond):
		}
		runtime.ReadMemStats(&after)
		peak = max(peak, after.HeapInuse)
	}
	if grown := int64(peak) - int64(before.HeapInuse); grown > 512<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// Polyglot: a photo that is a page, an archive or a program too leaves none of that in what others see.
func TestPolyglot(t *testing.T) {
	b := newBench(t)
	payloads := []string{"<script>alert('POLYGLOT')</script>", "PK\x03\x04POLYGLOT", "%PDF-1.7 POLYGLOT %%EOF", "#!/bin/sh\necho POLYGLOT", "<?php POLYGLOT ?>", "MZ POLYGLOT", "=cmd|' /C POLYGLOT'!A0", "\x00POLYGLOT\r\nContent-Type: text/html\r\n\r\n<b>"}
	segment := func(marker byte, body string) string {
		return string(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))) + body
	}
	n := 0
	for i, p := range payloads {
		jpg, pngBytes := string(jpegOf(t, 200, 150, uint64(i+1))), string(pngOf(t, 90, 60, uint64(i+1)))
		for name, data := range map[string]string{
			"behind": jpg + p, "in a comment": jpg[:2] + segment(0xfe, p) + jpg[2:], "in an application segment": jpg[:2] + segment(0xe0+byte(i%16), p) + jpg[2:], "in EXIF": jpg[:2] + segment(0xe1, "Exif\x00\x00"+p) + jpg[2:],
			"behind a png": pngBytes + p, "in a png's text": pngBytes[:33] + string(pngChunks("tEXtComment\x00" + p))[8:] + pngBytes[33:], "twice": jpg + jpg + p, "before the end": jpg[:len(jpg)-2] + p + jpg[len(jpg)-2:],
		} {
			n++
			sha := b.hold(t, "office", []byte(data))
			for _, size := range []string{"view", "thumb"} {
				code, body, _ := b.call(t, "office", "GET", "/api/photos/"+sha+"?size="+size, nil)
				if code != 200 || bytes.Contains(body, []byte("POLYGLOT")) || bytes.Contains(body, []byte(p)) {
					t.Errorf("%q %s: %d", p, name, code)
					continue
				}
				onlyBasics(t, body)
				if img, err := jpeg.Decode(bytes.NewReader(body)); err != nil || img.Bounds().Dx() < 60 {
					t.Errorf("%q %s: %v", p, name, err)
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d files", n)
	}
}

// onlyBasics: nothing in the file but tables, frame and scan, and nothing behind its end.
func onlyBasics(t *testing.T, data []byte) {
	t.Helper()
	for p := 2; p+4 < len(data) && data[p+1] != 0xda; {
		if m := data[p+1]; m >= 0xe0 && m <= 0xef || m == 0xfe {
			t.Errorf("a segment %#x", m)
		}
		p += 2 + int(data[p+2])<<8 + int(data[p+3])
	}
	if !bytes.HasSuffix(data, []byte{0xff, 0xd9}) {
		t.Error("something stands behind the picture")
	}
}

// KeySpace: whatever the address and the file are called, an object's key is the hash of its bytes, or nothing is kept.
func TestKeySpace(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 30, 20, 9)
	sha := sum(photo)
	names := []string{"../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/" + sha, sha + "%00.html", strings.ToUpper(sha), sha + ".svg", sha[:63], sha + "0", "sha256/" + sha, "..\\..\\x", "%5c%5chost%5cshare", "con", "aux.jpg", "%E2%80%AE" + sha,
		strings.Repeat("a", 5000), "%ef%bc%8e%ef%bc%8e%ef%bc%8f", "originals", "derived", ".", "..", "%20", "%0d%0aSet-Cookie:x", "'; DROP TABLE photos;--", "{{7*7}}", "$(id)", "`id`", "|id", "𠮷"}
	for _, n := range names {
		path := "/api/photos/" + strings.NewReplacer(" ", "%20", "\"", "%22", "`", "%60", "{", "%7b", "}", "%7d", "|", "%7c", "\\", "%5c", "𠮷", "%F0%A0%AE%B7").Replace(n)
		if code, body, head := b.call(t, "office", "PUT", path, photo, "Content-Disposition", "attachment; filename=\"../../x.php\""); code >= 500 || code < 400 || bytes.Contains(body, []byte("passwd")) || len(head["Set-Cookie"]) > 0 {
			t.Errorf("%s: %d %s", n, code, body)
		}
	}
	if keys := b.objects(t); len(keys) != 0 {
		t.Errorf("kept: %v", keys)
	}
	b.hold(t, "office", photo)
	b.call(t, "office", "GET", "/api/photos/"+sha+"?size=view", nil)
	form := regexp.MustCompile(`^(sha256/[0-9a-f]{64}|derived/(view|thumb)/[0-9a-f]{64}(\.jpg)?)$`)
	for _, k := range b.objects(t) {
		if !form.MatchString(k) || !strings.Contains(k, sha) {
			t.Errorf("a key %q", k)
		}
	}
}
