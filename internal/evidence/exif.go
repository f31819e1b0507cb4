package evidence

import (
	"bytes"
	"encoding/binary"
	"image"
)

// jpegFacts are what must be known of a JPEG beside its pixels.
type jpegFacts struct {
	orientation int // EXIF 1 to 8: how the camera was held
	progressive bool
	scans       int // how often a decoder goes through the picture; a file made to be slow has thousands
}

// countScans counts the scans of a JPEG: each begins with a marker, and inside a scan 0xff is never followed by one.
func countScans(data []byte) int { return bytes.Count(data, []byte{0xff, 0xda}) }

// readJPEGFacts walks the segments before the picture. Nothing in them is trusted beyond its length.
func readJPEGFacts(data []byte) jpegFacts {
	f := jpegFacts{orientation: 1}
	for p := 2; p+4 <= len(data); {
		if data[p] != 0xff {
			return f
		}
		marker := data[p+1]
		if marker == 0xff { // padding
			p++
			continue
		}
		if marker == 0xda || marker == 0xd9 { // the picture, the end
			return f
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 { // stand alone
			p += 2
			continue
		}
		length := int(binary.BigEndian.Uint16(data[p+2:]))
		if length < 2 || p+2+length > len(data) {
			return f
		}
		body := data[p+4 : p+2+length]
		switch {
		case marker == 0xc2:
			f.progressive = true
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			if o := exifOrientation(body[6:]); o != 0 {
				f.orientation = o
			}
		}
		p += 2 + length
	}
	return f
}

// exifOrientation reads tag 0x0112 of the first directory; 0 if it is not there or makes no sense.
func exifOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	count := int64(order.Uint16(tiff[at:]))
	for i := range count {
		e := at + 2 + i*12
		if e+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[e:]) == 0x0112 && order.Uint16(tiff[e+2:]) == 3 { // a SHORT
			if v := int(order.Uint16(tiff[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
	}
	return 0
}

// orient turns and mirrors a picture as EXIF orientation o asks.
func orient(src *image.RGBA, o int) *image.RGBA {
	if o <= 1 || o > 8 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	dw, dh := w, h
	if o >= 5 {
		dw, dh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := x, y
			switch o {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
