package evidence

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strconv"
	"syscall"

	"suixing/internal/evidence/heif"
)

// HEIFCommand is the hidden command by which the program starts itself to decode one HEIC photo: the decoder is C code
// for hostile files, compiled anew each time, and shall neither take the server down nor stay in its memory.
const HEIFCommand = "draw-heif"

// What stands before the child's answer.
const (
	undrawable = 0 // and then why
	drawable   = 1 // and then width, height and its pixels, four bytes each
)

// HEIFChild is what HEIFCommand does: it reads a photo and answers with its picture, no larger than the larger copy, or
// with the reason why there is none. Its argument is how many seconds of computing it has. An error is an accident of the
// machine and says nothing about the photo.
func HEIFChild(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New(HEIFCommand + " SECONDS: not a command for people")
	}
	seconds, err := strconv.ParseUint(args[0], 10, 16)
	if err != nil {
		return err
	}
	if err := confine(seconds); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(in, MaxPhoto+1))
	if err != nil {
		return err
	}
	img, err := still(data)
	if errors.Is(err, heif.ErrPicture) {
		_, err = fmt.Fprintf(out, "%c%.300s", undrawable, err)
		return err
	}
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32([]byte{drawable}, uint32(img.Rect.Dx()))                   // #nosec G115 -- no larger than viewSide
	if _, err := out.Write(binary.BigEndian.AppendUint32(head, uint32(img.Rect.Dy()))); err != nil { // #nosec G115 -- the same
		return err
	}
	_, err = out.Write(img.Pix)
	return err
}

// still decodes and makes smaller. A picture that breaks Go code on the way is the photo's fault.
func still(data []byte) (out *image.RGBA, err error) {
	ctx := context.Background()
	d, err := heif.New(ctx)
	if err != nil {
		return nil, err
	}
	defer d.Close(ctx)
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("%w: %v", heif.ErrPicture, p)
		}
	}()
	img, err := d.Decode(ctx, data, MaxPixels)
	if err != nil {
		return nil, err
	}
	return shrink(img, viewSide), nil
}

// confine binds this process: so much time and memory, no file that grows, and first to go when the machine runs short.
// The decoder has a narrower bound of its own; this one holds whatever happens.
func confine(seconds uint64) error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0o600) // #nosec G703 -- where there is none, there is none
	for what, most := range map[int]uint64{syscall.RLIMIT_CPU: seconds, syscall.RLIMIT_DATA: childData, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0} {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(what, &now); err != nil {
			return err
		}
		if most = min(most, now.Max); what == syscall.RLIMIT_DATA && childData == 0 {
			continue
		}
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limit %d: %w", what, err)
		}
	}
	return nil
}
