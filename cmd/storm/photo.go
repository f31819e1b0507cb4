package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
)

// picture is a photo as the phone keeps it after shrinking.
type picture struct {
	raw []byte
	sum string
}

// darkroom makes pictures: one small image, made new and of any size by comment segments that hold noise.
type darkroom struct{ base []byte }

func newDarkroom() (*darkroom, error) {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			img.Set(x, y, color.RGBA{uint8(x * 4), uint8(y * 5), uint8(x ^ y), 255}) // #nosec G115 -- colours
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 70})
	return &darkroom{out.Bytes()}, err
}

// shoot makes a picture nobody has taken before. Most are a few KB, some cross the chunks of an envelope.
func (d *darkroom) shoot(r *rand.Rand) picture {
	size := 300 + r.IntN(6000)
	if r.IntN(12) == 0 {
		size = 60_000 + r.IntN(90_000)
	}
	out := append(make([]byte, 0, len(d.base)+size+64), d.base[:2]...)
	for size > 0 {
		n := min(size, 60_000)
		out = append(out, 0xFF, 0xFE)
		out = binary.BigEndian.AppendUint16(out, uint16(n+2+8)) // #nosec G115 -- below 65536
		out = binary.BigEndian.AppendUint64(out, r.Uint64())
		for range n {
			out = append(out, byte(r.Uint32()))
		}
		size -= n
	}
	out = append(out, d.base[2:]...)
	return picture{out, sumOf(out)}
}

func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
