package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"runtime/debug"

	"golang.org/x/image/webp"
)

// The copies others see: no more pixels than a screen shows, and nothing in the file but pixels.
const (
	viewSide, viewQuality   = 1600, 82
	thumbSide, thumbQuality = 320, 75
	// decodeBytes bounds the memory of one decoding. Only one runs at a time.
	decodeBytes = 360 << 20
	// largeDecode is from where memory is handed back to the machine at once.
	largeDecode = 32 << 20
	// mostScans is far above what cameras write (ten) and far below what makes a decoder slow.
	mostScans = 64
)

// errNoPreview: this photo cannot be drawn here. The original is untouched and can be opened by who may.
var errNoPreview = errors.New("no preview can be drawn")

// drawn is a copy re-encoded as JPEG.
type drawn struct {
	jpeg          []byte
	width, height int
	look          uint64 // of the photo, with the smaller copy; 0: none, see look.go
}

// redraw decodes a photo and makes the two copies, turned upright. Whatever a decoder trips over is errNoPreview.
func redraw(data []byte, mediaType string) (view, thumb drawn, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: decoder: %v", errNoPreview, p)
		}
	}()
	facts := jpegFacts{orientation: 1}
	if mediaType == "image/jpeg" {
		facts = readJPEGFacts(data)
		facts.scans = countScans(data)
	}
	cost, err := decodeCost(data, mediaType, facts)
	if err != nil {
		return view, thumb, err
	}
	if cost > largeDecode {
		defer debug.FreeOSMemory()
	}
	img, err := decode(data, mediaType)
	if err != nil {
		return view, thumb, fmt.Errorf("%w: %w", errNoPreview, err)
	}
	return copies(img, facts.orientation)
}

// copies makes the two copies of a decoded picture.
func copies(img image.Image, orientation int) (view, thumb drawn, err error) {
	upright := orient(shrink(img, viewSide), orientation)
	if view, err = encode(upright, viewQuality); err == nil {
		small := shrink(upright, thumbSide)
		thumb, err = encode(small, thumbQuality)
		thumb.look = lookOf(small)
	}
	return view, thumb, err
}

func decode(data []byte, mediaType string) (image.Image, error) {
	r := bytes.NewReader(data)
	switch mediaType {
	case "image/jpeg":
		return jpeg.Decode(r)
	case "image/png":
		return png.Decode(r)
	case "image/webp":
		return webp.Decode(r)
	}
	return nil, errors.New(mediaType + " has no decoder here")
}

// decodeCost estimates the memory of decoding, so that a file made to be expensive is not drawn at all.
func decodeCost(data []byte, mediaType string, facts jpegFacts) (int64, error) {
	m, _, err := inspect(bytes.NewReader(data))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errNoPreview, err)
	}
	if facts.scans > mostScans {
		return 0, fmt.Errorf("%w: %d scans", errNoPreview, facts.scans)
	}
	if mediaType == "image/webp" && !webpHonest(data, m) {
		return 0, fmt.Errorf("%w: the picture inside is another than the file says", errNoPreview)
	}
	each := int64(4)
	switch {
	case facts.progressive: // all coefficients are kept until the end
		each = 15
	case mediaType == "image/png" && len(data) > 24 && data[24] == 16: // bit depth
		each = 8
	case mediaType == "image/webp":
		each = 8
	}
	cost := int64(m.Width) * int64(m.Height) * each
	if cost > decodeBytes {
		return cost, fmt.Errorf("%w: it would take %d MiB", errNoPreview, cost>>20)
	}
	return cost, nil
}

// webpHonest: the picture inside an extended WebP may be no larger than the canvas that was measured.
func webpHonest(data []byte, m media) bool {
	for at := 12; at+18 <= len(data); {
		size := int(binary.LittleEndian.Uint32(data[at+4:]))
		body := data[at+8:]
		w, h := 0, 0
		switch string(data[at : at+4]) {
		case "VP8 ":
			w, h = int(binary.LittleEndian.Uint16(body[6:]))&0x3fff, int(binary.LittleEndian.Uint16(body[8:]))&0x3fff
		case "VP8L":
			bits := binary.LittleEndian.Uint32(body[1:])
			w, h = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		}
		if w > m.Width || h > m.Height {
			return false
		}
		if size < 0 || size > len(data) {
			return true // the decoder says what is wrong with it
		}
		at += 8 + size + size&1
	}
	return true
}

func encode(img *image.RGBA, quality int) (drawn, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return drawn{}, err
	}
	return drawn{jpeg: b.Bytes(), width: img.Bounds().Dx(), height: img.Bounds().Dy()}, nil
}

// shrink makes the longer side at most side pixels by averaging areas, over white. It goes through the source once, row
// by row, so that it needs little memory beside the two pictures.
func shrink(src image.Image, side int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	dw, dh := w, h
	if long := max(w, h); long > side {
		dw, dh = max(1, (w*side+long/2)/long), max(1, (h*side+long/2)/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, dw, dh))
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	across, sum := make([]uint64, dw*3), make([]uint64, dw*3)
	area := uint64(w) * uint64(h) // #nosec G115 -- sizes are positive
	y, filled := 0, 0             // a source row is dh high, a row of the copy h
	for sy := range h {
		draw.Draw(row, row.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(row, row.Bounds(), src, image.Pt(b.Min.X, b.Min.Y+sy), draw.Over)
		squeeze(across, row.Pix, w, dw)
		take := min(dh, h-filled)
		addRow(sum, across, take)
		if filled += take; filled < h {
			continue
		}
		for x := range dw {
			out.SetRGBA(x, y, color.RGBA{mean(sum[x*3], area), mean(sum[x*3+1], area), mean(sum[x*3+2], area), 255})
		}
		clear(sum)
		y, filled = y+1, dh-take
		addRow(sum, across, filled)
	}
	return out
}

func mean(sum, area uint64) uint8 { return uint8((sum + area/2) / area) } // #nosec G115 -- a mean of bytes

func addRow(sum, row []uint64, weight int) {
	if weight == 0 {
		return
	}
	for i, v := range row {
		sum[i] += v * uint64(weight) // #nosec G115 -- positive
	}
}

// squeeze averages one row: a source pixel is dw wide, one of the copy w.
func squeeze(dst []uint64, pix []uint8, w, dw int) {
	clear(dst)
	x, filled := 0, 0
	for sx := range w {
		r, g, b := uint64(pix[sx*4]), uint64(pix[sx*4+1]), uint64(pix[sx*4+2])
		take := min(dw, w-filled)
		add3(dst[x*3:], r, g, b, uint64(take)) // #nosec G115 -- positive
		if filled += take; filled == w {
			x, filled = x+1, dw-take
			if filled > 0 {
				add3(dst[x*3:], r, g, b, uint64(filled)) // #nosec G115 -- positive
			}
		}
	}
}

func add3(dst []uint64, r, g, b, weight uint64) {
	dst[0] += r * weight
	dst[1] += g * weight
	dst[2] += b * weight
}
