package heif

import (
	"fmt"
	"image"
)

// plan is what a picture will look like in the decoder's memory.
type plan struct {
	w, h, space, chroma int
	premultiplied       bool
	stride, cStride, ch int // set by layout
}

// stride is how libheif lays out a row: at least 64 samples, and a multiple of 16 bytes.
func stride(samples, each int) int {
	return (max(64, samples+samples&1)*each + 15) &^ 15
}

// layout gives the bytes that all planes take together.
func (p *plan) layout() int {
	switch p.space {
	case spaceYCbCr:
		cw := p.w
		p.ch = p.h
		if p.chroma != chroma444 {
			cw = (p.w + 1) / 2
		}
		if p.chroma == chroma420 {
			p.ch = (p.h + 1) / 2
		}
		p.stride, p.cStride = stride(p.w, 1), stride(cw, 1)
	case spaceRGB:
		p.stride = stride(p.w, 4)
	default:
		p.stride = stride(p.w, 1)
	}
	return p.stride*p.h + 2*p.cStride*p.ch
}

// image puts a face on the planes. They stay where they are.
func (p *plan) image(pix []byte) (image.Image, error) {
	rect := image.Rect(0, 0, p.w, p.h)
	switch p.space {
	case spaceGray:
		return &image.Gray{Pix: pix, Stride: p.stride, Rect: rect}, nil
	case spaceRGB:
		if p.premultiplied {
			return &image.RGBA{Pix: pix, Stride: p.stride, Rect: rect}, nil
		}
		return &image.NRGBA{Pix: pix, Stride: p.stride, Rect: rect}, nil
	case spaceYCbCr:
		ratio, known := map[int]image.YCbCrSubsampleRatio{chroma420: image.YCbCrSubsampleRatio420, chroma422: image.YCbCrSubsampleRatio422, chroma444: image.YCbCrSubsampleRatio444}[p.chroma]
		if known {
			cb, cr := p.stride*p.h, p.stride*p.h+p.cStride*p.ch
			return &image.YCbCr{Y: pix[:cb:cb], Cb: pix[cb:cr:cr], Cr: pix[cr:], YStride: p.stride, CStride: p.cStride, SubsampleRatio: ratio, Rect: rect}, nil
		}
	}
	return nil, fmt.Errorf("colour space %d, chroma %d", p.space, p.chroma)
}
