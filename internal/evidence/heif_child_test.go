package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// shortly is a while, and a longer one where the child's compiler runs under the race detector here.
func shortly(d time.Duration) time.Duration {
	if childData == 0 {
		return d * 8
	}
	return d
}

// drawHEIF is DrawHEIF; where the built program is at hand, it is the child: without the race detector, as it will run.
func (b *bench) drawHEIF() {
	b.DrawHEIF()
	if program := os.Getenv("SUIXING_BIN"); program != "" {
		b.heif.program = program
	}
}

// heldHEIC are photos as phones send them, by what they are.
func heldHEIC(t *testing.T) map[string][]byte {
	turned := quartered(4, 4, 1000, 800, irot(3))
	turned.exif = string(exifOf(t, rand.New(rand.NewPCG(3, 4)), 6))
	return map[string][]byte{"small": sample(t, "quarters"), "turned": turned.file(t), "large": quartered(8, 6, 2000, 1500).file(t)}
}

// The job draws what the desk shows of a HEIC photo, in a process of its own: upright, with nothing in it but pixels. The
// original stays as it came.
func TestHEICCopiesAreDrawn(t *testing.T) {
	b := newBench(t)
	b.drawHEIF()
	b.heif.cpu = shortly(childCPU)
	photos := heldHEIC(t)
	for _, p := range photos {
		b.hold(t, "supervisor", p)
	}
	b.Clock.Add(burst)
	runner := newRunner(b)
	runner.Handle(JobDerive, b.Derive)
	if err := runner.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE preview = 'made'`); n != len(photos) {
		t.Fatalf("%d of %d drawn", n, len(photos))
	}
	for name, c := range map[string]struct {
		view, thumb [2]int
		want        string
	}{"small": {[2]int{64, 48}, [2]int{64, 48}, "RGBY"}, "turned": {[2]int{800, 1000}, [2]int{256, 320}, "BRYG"}, "large": {[2]int{1600, 1200}, [2]int{320, 240}, "RGBY"}} {
		for size, wide := range map[string][2]int{"view": c.view, "thumb": c.thumb} {
			code, body, head := b.call(t, "supervisor", "GET", "/api/photos/"+sum(photos[name])+"?size="+size, nil)
			img, err := jpeg.Decode(bytes.NewReader(body))
			if code != 200 || err != nil || head["Content-Type"][0] != "image/jpeg" {
				t.Errorf("%s %s: %d %v %v", name, size, code, err, head["Content-Type"])
				continue
			}
			if got := corners(img); got != c.want || img.Bounds().Dx() != wide[0] || img.Bounds().Dy() != wide[1] {
				t.Errorf("%s %s: %v %s, want %v %s", name, size, img.Bounds(), got, wide, c.want)
			}
			onlyStructure(t, name+" "+size, body)
			for _, word := range append([]string{"CANARY", "Exif", "xmp"}, told...) {
				if bytes.Contains(body, []byte(word)) {
					t.Errorf("%s %s says %s", name, size, word)
				}
			}
		}
		if code, body, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sum(photos[name])+"?size=original", nil); code != 200 || !bytes.Equal(body, photos[name]) {
			t.Errorf("%s: the original: %d", name, code)
		}
	}
	if !bytes.Contains(photos["small"], []byte(canaryOwner)) || !bytes.Contains(photos["turned"], []byte("ZEROOWNER")) {
		t.Error("the test's own photos say nothing")
	}
}

// timeBomb is a small file of almost as many pixels as are taken: it takes far longer than the second that it is given.
func timeBomb(t *testing.T) []byte { return quartered(24, 25, 6100, 6300).file(t) }

// largestChild watches the processes this one starts until told to stop, and gives the most memory that one of them took.
func largestChild() (stop func() int) {
	end, most := make(chan struct{}), make(chan int)
	go func() {
		peak := 0
		for {
			lists, _ := filepath.Glob("/proc/self/task/*/children")
			for _, list := range lists {
				pids, _ := os.ReadFile(list)
				for _, pid := range strings.Fields(string(pids)) {
					args, _ := os.ReadFile("/proc/" + pid + "/cmdline")
					status, _ := os.ReadFile("/proc/" + pid + "/status")
					_, high, _ := strings.Cut(string(status), "VmHWM:")
					kib := 0
					if _, err := fmt.Sscan(high, &kib); err == nil && bytes.Contains(args, []byte(HEIFCommand)) {
						peak = max(peak, kib>>10)
					}
				}
			}
			select {
			case <-end:
				most <- peak
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() int { close(end); return <-most }
}

// A photo made to hurt ends with its process, in its time and memory. The placeholder and the original stay, the queue
// goes on, and who sends other photos does not wait.
func TestHostileHEICCostsOneProcess(t *testing.T) {
	b := newBench(t)
	b.drawHEIF()
	b.heif.cpu = time.Second
	stop := largestChild()
	if _, err := b.heif.decode(t.Context(), timeBomb(t)); !errors.Is(err, errNoPreview) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the bomb did not last: %v", err)
	}
	quiet := quartered(2, 2, 20_000, 20_000)
	quiet.says = [2]uint32{500, 400}
	bombs := map[string][]byte{"time": timeBomb(t), "pixels": quiet.file(t), "pixels that are none": heic("heic", [2]uint32{4032, 3024})}
	var slow sync.WaitGroup
	for name, data := range bombs {
		if sha := b.hold(t, "supervisor", data); name == "time" {
			slow.Go(func() { _ = b.Derive(context.Background(), sha) })
		}
	}
	honest := b.hold(t, "supervisor", jpegOf(t, 800, 600, 91))
	start := time.Now()
	if code, _, _ := b.call(t, "supervisor", "GET", "/api/photos/"+honest+"?size=thumb", nil); code != 200 || time.Since(start) > shortly(2*time.Second) {
		t.Errorf("an honest photo meanwhile: %d after %s", code, time.Since(start))
	}
	slow.Wait()
	b.heif.cpu = shortly(childCPU)
	b.Clock.Add(burst)
	runner := newRunner(b)
	runner.Handle(JobDerive, b.Derive)
	if err := runner.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	for name, data := range bombs {
		code, body, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sum(data), nil)
		if code != 409 || !bytes.Contains(body, []byte("no_preview")) {
			t.Errorf("%s: %d %s", name, code, body)
		}
		if code, body, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sum(data)+"?size=original", nil); code != 200 || !bytes.Equal(body, data) {
			t.Errorf("%s: its original: %d", name, code)
		}
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM jobs) * 10 + (SELECT count(*) FROM photos WHERE preview = 'none')`); n != len(bombs) {
		t.Errorf("jobs left and marks: %d", n)
	}
	peak := stop()
	t.Logf("the largest child took %d MiB", peak)
	if childData > 0 && (peak < 20 || peak > 512) {
		t.Errorf("a child took %d MiB", peak)
	}
	big := quartered(2, 2, 20_000, 20_000).file(t) // what is measured at the door does not come in at all
	if code, body, _ := b.call(t, "supervisor", "PUT", "/api/photos/"+sum(big), big); code != 422 || !bytes.Contains(body, []byte("photo_pixels")) {
		t.Errorf("20,000 by 20,000: %d %s", code, body)
	}
}

// An accident of the machine is no fault of the photo: it stays due, and is tried again.
func TestHEICAccidentsAreTriedAgain(t *testing.T) {
	b := newBench(t)
	photo := sample(t, "quarters")
	sha := b.hold(t, "supervisor", photo)
	for _, program := range []string{"/bin/false", "/bin/true", "/nonexistent/suixing"} {
		b.heif.program = program
		if err := b.Derive(context.Background(), sha); err == nil || errors.Is(err, errNoPreview) {
			t.Errorf("%s: %v", program, err)
		}
	}
	b.drawHEIF()
	b.heif.cpu = shortly(childCPU)
	left, leave := context.WithCancel(context.Background())
	leave()
	if _, err := b.heif.decode(left, photo); err == nil || errors.Is(err, errNoPreview) {
		t.Errorf("a reader who left: %v", err)
	}
	if err := b.Derive(context.Background(), sha); err != nil {
		t.Error(err)
	}
	if n := b.count(t, `SELECT count(*) FROM photos WHERE preview = 'made'`); n != 1 {
		t.Error("not drawn after the accidents")
	}
}
