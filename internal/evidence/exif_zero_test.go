package evidence

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hostileFull is the long run, make hostile; make test has a share of what takes long.
var hostileFull = os.Getenv("SUIXING_HOSTILE") == "full"

// ExifZero: five hundred photos that say everything a camera and its programs can say; what others see of them is tables,
// frame and scan, segment by segment, and a reader of metadata finds nothing in it.
func TestExifZero(t *testing.T) {
	r := rand.New(rand.NewPCG(20260506, 14))
	dir := t.TempDir()
	makers := []struct {
		kind string
		make func() []byte
	}{
		{"image/jpeg", func() []byte { return tellingJPEG(t, r, 60+r.IntN(200), 50+r.IntN(160)) }}, {"image/jpeg", func() []byte { return tellingJPEG(t, r, 400, 300) }},
		{"image/png", func() []byte { return tellingPNG(t, r, 40+r.IntN(90), 40+r.IntN(90)) }}, {"image/webp", func() []byte { return tellingWebP(t, r, 20+r.IntN(200), 20+r.IntN(200)) }},
		{"image/heic", func() []byte { return tellingHEIC(t, r) }},
	}
	drawnCopies, kept, said := 0, 0, map[string]bool{}
	for i := range 500 {
		m := makers[i%len(makers)]
		src := m.make()
		found, _, err := inspect(bytes.NewReader(src))
		if err != nil || found.Type != m.kind {
			t.Fatalf("file %d: the test's own photo is %+v, not %s: %v", i, found, m.kind, err)
		}
		for _, word := range told {
			said[m.kind+" "+word] = said[m.kind+" "+word] || bytes.Contains(src, []byte(word))
		}
		if i < 10 {
			keepFile(t, dir, fmt.Sprintf("source%d.%s", i, m.kind[6:]), src)
		}
		v, s, err := redrawAny(t, src, m.kind)
		if err != nil {
			t.Fatalf("file %d, %s: %v", i, m.kind, err)
		}
		for name, c := range map[string]drawn{"view": v, "thumb": s} {
			drawnCopies++
			if segments := strangeSegments(c.jpeg); len(segments) > 0 {
				t.Errorf("file %d, %s, %s holds %v", i, m.kind, name, segments)
			}
			for _, word := range append([]string{"ZERO", "Exif", "adobe", "JFIF", "ICC_PROFILE", "Photoshop"}, told...) {
				if bytes.Contains(c.jpeg, []byte(word)) {
					t.Errorf("file %d, %s, %s says %s", i, m.kind, name, word)
				}
			}
			if hostileFull || i%5 < 4 && i < 125 {
				keepFile(t, dir, fmt.Sprintf("copy%d-%s.jpg", i, name), c.jpeg)
				kept++
			}
		}
	}
	for _, word := range told {
		if !said["image/jpeg "+word] {
			t.Errorf("no JPEG of this test says %s", word)
		}
	}
	for _, word := range []string{"ZEROGPS", "ZEROOWNER", "ZEROSERIAL", "ZEROXMP"} {
		if !said["image/heic "+word] {
			t.Errorf("no HEIC of this test says %s", word)
		}
	}
	if drawnCopies != 1000 {
		t.Errorf("%d copies", drawnCopies)
	}
	exiftoolFindsNothing(t, dir, kept)
}

func keepFile(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// structural are the segments a JPEG cannot do without: tables, frame, scan, restart interval, end.
var structural = map[byte]bool{0xdb: true, 0xc0: true, 0xc4: true, 0xda: true, 0xdd: true}

// strangeSegments walks a whole JPEG, through its scan to its end, and gives whatever is not structure.
func strangeSegments(data []byte) []string {
	var out []string
	if len(data) < 4 || data[0] != 0xff || data[1] != 0xd8 {
		return []string{"no beginning"}
	}
	p := 2
	for p+4 <= len(data) {
		if data[p] != 0xff {
			return append(out, fmt.Sprintf("%#x between segments", data[p]))
		}
		m, size := data[p+1], int(data[p+2])<<8+int(data[p+3])
		if m == 0xd9 {
			break
		}
		if !structural[m] {
			out = append(out, fmt.Sprintf("segment %#x of %d", m, size))
		}
		p += 2 + size
		if m == 0xda { // coded pixels: 0xff is followed by 0 or a restart
			for p+1 < len(data) && (data[p] != 0xff || data[p+1] == 0 || data[p+1] >= 0xd0 && data[p+1] <= 0xd7) {
				p++
			}
		}
	}
	if p+2 != len(data) || data[p] != 0xff || data[p+1] != 0xd9 {
		out = append(out, fmt.Sprintf("%d bytes behind the end", len(data)-p-2))
	}
	return out
}

// exiftoolFindsNothing is the second witness, which scripts/setup installs: it finds the words in the photos as they
// came, so that they are real ones, and in the copies only what the pixels are.
func exiftoolFindsNothing(t *testing.T, dir string, kept int) {
	t.Helper()
	tool, err := exec.LookPath("exiftool")
	if err != nil {
		t.Log("exiftool is not installed (scripts/setup test): the copies were walked segment by segment without it")
		return
	}
	out, err := exec.CommandContext(context.Background(), tool, "-a", "-u", "-G0", "-s", "-q", "-q", "-m", "-ext", "*", dir).Output()
	if err != nil {
		t.Logf("exiftool: %v", err) // it counts what it could not read in its exit code
	}
	seen := map[string]int{}
	name := ""
	for _, line := range strings.Split(string(out), "\n") {
		if _, rest, ok := strings.Cut(line, " FileName "); ok {
			name = strings.TrimLeft(rest, " :")
			seen[name]++
			continue
		}
		if strings.HasPrefix(name, "source") {
			for _, word := range told {
				if strings.Contains(line, word) {
					seen["word "+word]++
				}
			}
			continue
		}
		if line != "" && !strings.HasPrefix(line, "[File]") && !strings.HasPrefix(line, "[ExifTool]") && !strings.HasPrefix(line, "[Composite]") {
			t.Errorf("exiftool in %s: %s", name, line)
		}
	}
	if len(seen) < kept {
		t.Errorf("exiftool looked at %d files only:\n%.2000s", len(seen), out)
	}
	for _, word := range []string{"ZEROGPS", "ZEROOWNER", "ZEROSERIAL", "ZEROLENS", "ZEROXMP", "ZEROIPTC", "ZEROCOMMENT", "ZEROMAKER"} {
		if seen["word "+word] == 0 {
			t.Errorf("exiftool does not find %s in the photos as they came: they are not what cameras write", word)
		}
	}
}
