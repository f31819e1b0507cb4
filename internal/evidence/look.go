package evidence

import (
	"image"
	"math/bits"
)

// A photo's look is 64 bits that stay nearly the same when it is saved again, made smaller or squeezed harder: a grid of
// nine by eight cells, each bit telling whether a cell is clearly darker than its right neighbour.
const (
	lookWide, lookHigh = 9, 8
	// lookStep is how much brighter the neighbour must be, of 255: less is noise of the compression.
	lookStep = 2.0
	// A picture with hardly a bit set, a wall or a white sheet, looks like every other wall and sheet: it has no look.
	fewestBits = 8
	// MostApart is how many bits two looks of one picture may differ in.
	MostApart = 4
)

// lookOf gives the look of an upright picture; 0 if it has none.
func lookOf(img *image.RGBA) uint64 {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if w < lookWide*2 || h < lookHigh*2 {
		return 0
	}
	var cells [lookHigh][lookWide]float64
	for cy := range lookHigh {
		for cx := range lookWide {
			cells[cy][cx] = brightness(img, image.Rect(cx*w/lookWide, cy*h/lookHigh, (cx+1)*w/lookWide, (cy+1)*h/lookHigh))
		}
	}
	var look uint64
	for cy := range lookHigh {
		for cx := range lookWide - 1 {
			look <<= 1
			if cells[cy][cx+1] > cells[cy][cx]+lookStep {
				look |= 1
			}
		}
	}
	if n := bits.OnesCount64(look); n < fewestBits || n > 64-fewestBits {
		return 0
	}
	return look
}

func brightness(img *image.RGBA, r image.Rectangle) float64 {
	var sum uint64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[img.PixOffset(r.Min.X, y):img.PixOffset(r.Max.X, y)]
		for i := 0; i+3 < len(row); i += 4 {
			sum += 299*uint64(row[i]) + 587*uint64(row[i+1]) + 114*uint64(row[i+2])
		}
	}
	return float64(sum) / 1000 / float64(r.Dx()*r.Dy())
}

// bandsOf cuts a look into one band more than MostApart: two looks that differ in so few bits have one band alike, so that
// an index of bands finds every one of them. Each number says which band it is and what it holds.
func bandsOf(look uint64) []int64 {
	out := make([]int64, MostApart+1)
	for i := range out {
		out[i] = int64(i)<<13 | int64(look>>(13*i)&(1<<13-1)) // #nosec G115 -- small
	}
	return out
}
