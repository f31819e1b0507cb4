package evidence

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childCPU is what one photo may cost: nine times an honest one of 12 million pixels, three times the largest.
const childCPU = 45 * time.Second

// childWall ends a child that neither answers nor computes. It is far above childCPU: a busy machine is no photo's fault.
const childWall = 3 * time.Minute

// heifDrawer decodes HEIC photos in a process of its own, one at a time.
type heifDrawer struct {
	program string // empty: no HEIC is drawn
	cpu     time.Duration
	slot    chan struct{}
}

// DrawHEIF has HEIC photos drawn from now on, by this very program, started once more with HEIFCommand. Its main must
// answer to that command. It is set while the app is wired.
func (s *Service) DrawHEIF() { s.heif.program = "/proc/self/exe" }

func isHEIF(mediaType string) bool { return mediaType == "image/heic" || mediaType == "image/heif" }

// decode gives the picture, upright and no larger than the larger copy. errNoPreview is the photo's fault; other errors are
// accidents of the machine, and worth another try.
func (h heifDrawer) decode(ctx context.Context, data []byte) (image.Image, error) {
	if h.program == "" {
		return nil, fmt.Errorf("%w: this program has no decoder for HEIC", errNoPreview)
	}
	defer debug.FreeOSMemory() // photo and picture are twenty megabytes and more
	ctx, cancel := context.WithTimeout(ctx, childWall)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.program, HEIFCommand, strconv.Itoa(int(h.cpu/time.Second))) // #nosec G204 -- this very program
	cmd.Env, cmd.Dir, cmd.WaitDelay = []string{}, "/", 5*time.Second                              // it needs no secrets of ours
	var words lastWords
	cmd.Stdin, cmd.Stderr = bytes.NewReader(data), &words
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("HEIC decoder: %w", err)
	}
	img, answer := readStill(out)
	_, _ = io.Copy(io.Discard, io.LimitReader(out, 1<<20))
	if err := cmd.Wait(); err != nil {
		return nil, h.blame(ctx, err, words.said.String())
	}
	return img, answer
}

// readStill reads what HEIFChild answers, and believes no size that it may not have.
func readStill(r io.Reader) (image.Image, error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:1]); err != nil {
		return nil, fmt.Errorf("HEIC decoder: no answer: %w", err)
	}
	if head[0] == undrawable {
		why, _ := io.ReadAll(io.LimitReader(r, 400))
		return nil, fmt.Errorf("%w: %q", errNoPreview, why)
	}
	if _, err := io.ReadFull(r, head[1:]); err != nil {
		return nil, fmt.Errorf("HEIC decoder: %w", err)
	}
	w, h := int(binary.BigEndian.Uint32(head[1:])), int(binary.BigEndian.Uint32(head[5:]))
	if w < 1 || h < 1 || w > viewSide || h > viewSide {
		return nil, fmt.Errorf("%w: the decoder answers %d by %d", errNoPreview, w, h)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	if _, err := io.ReadFull(r, img.Pix); err != nil {
		return nil, fmt.Errorf("HEIC decoder: %w", err)
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img, nil
}

// blame tells an accident from a file that is made to hurt. The machine's are: a reader or a server that left, a child
// that could not begin (exit 1) or that the machine has no memory for, and one that was killed before its time was up. All
// else, running out of time and breaking down among them, comes from the file, and would come again; what memory the
// decoder may have is set aside before it sees the file.
func (h heifDrawer) blame(ctx context.Context, err error, said string) error {
	var exit *exec.ExitError
	if ctx.Err() != nil || !errors.As(err, &exit) {
		return fmt.Errorf("HEIC decoder: %w", errors.Join(err, ctx.Err()))
	}
	spent := exit.UserTime() + exit.SystemTime()
	status, _ := exit.Sys().(syscall.WaitStatus)
	killed := status.Signaled() && status.Signal() != syscall.SIGABRT && status.Signal() != syscall.SIGSEGV
	short := strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory")
	if (killed || short || exit.ExitCode() == 1) && spent < h.cpu-time.Second {
		return fmt.Errorf("HEIC decoder: %w after %s: %.300q", err, spent, said)
	}
	return fmt.Errorf("%w: %w after %s", errNoPreview, err, spent)
}

// lastWords keeps the beginning of what a process says when it breaks down.
type lastWords struct{ said bytes.Buffer }

// Write implements io.Writer.
func (l *lastWords) Write(p []byte) (int, error) {
	if room := 4096 - l.said.Len(); room > 0 {
		l.said.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
