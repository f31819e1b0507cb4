package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
)

const sceneWidth, sceneHeight = 1280, 960

// scene draws a plain picture of a shop front, a counter or a yard with people before it: demo photos show nobody.
func scene(r *rand.Rand) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, sceneWidth, sceneHeight))
	tone := uint8(150 + r.IntN(60))
	fill(img, 0, 0, sceneWidth, sceneHeight, color.RGBA{tone + 30, tone + 35, tone + 42, 255})
	fill(img, 0, 700, sceneWidth, sceneHeight, color.RGBA{tone - 20, tone - 12, tone - 4, 255})
	switch r.IntN(3) {
	case 0:
		shop(img, r)
	case 1:
		counter(img, r)
	default:
		yard(img, r)
	}
	for range 1 + r.IntN(3) {
		figure(img, 160+r.IntN(900), 560+r.IntN(120), r)
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}

// stroke draws a signature-like line, as a finger leaves it on the screen.
func stroke(r *rand.Rand) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 600, 240))
	fill(img, 0, 0, 600, 240, color.RGBA{255, 255, 255, 255})
	x, y := 60, 120
	for range 220 {
		x, y = min(560, x+r.IntN(5)), max(40, min(200, y+r.IntN(23)-11))
		fill(img, x, y, x+6, y+6, color.RGBA{23, 27, 33, 255})
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 85})
	return out.Bytes(), err
}

func fill(img *image.RGBA, x0, y0, x1, y1 int, c color.Color) {
	draw.Draw(img, image.Rect(x0, y0, x1, y1), &image.Uniform{C: c}, image.Point{}, draw.Src)
}

func grey(v int) color.RGBA { return color.RGBA{uint8(v), uint8(v + 8), uint8(v + 18), 255} }

func shop(img *image.RGBA, r *rand.Rand) {
	fill(img, 140, 150, 1140, 720, grey(140))
	fill(img, 110, 120, 1170, 260, grey(80+r.IntN(40)))
	fill(img, 230, 330, 560, 720, grey(225))
	fill(img, 680, 330, 1040, 600, grey(228))
	for i := range 4 {
		fill(img, 700+i*85, 350, 770+i*85, 580, grey(190+r.IntN(40)))
	}
}

func counter(img *image.RGBA, r *rand.Rand) {
	fill(img, 0, 470, sceneWidth, sceneHeight, grey(165))
	for i := range 3 {
		x, y := 140+i*330+r.IntN(60), 520+r.IntN(160)
		fill(img, x, y, x+240, y+300, color.RGBA{245, 246, 247, 255})
		for l := range 7 {
			fill(img, x+24, y+36+l*34, x+80+r.IntN(130), y+42+l*34, grey(140))
		}
	}
	fill(img, 100, 90, 1180, 400, grey(200))
}

func yard(img *image.RGBA, r *rand.Rand) {
	for i := range 5 {
		h := 180 + r.IntN(300)
		fill(img, 60+i*240, 700-h, 250+i*240, 700, grey(100+r.IntN(70)))
	}
}

func figure(img *image.RGBA, x, y int, r *rand.Rand) {
	c := grey(40 + r.IntN(40))
	for dy := -34; dy <= 34; dy++ { // head
		for dx := -34; dx <= 34; dx++ {
			if dx*dx+dy*dy <= 34*34 {
				img.Set(x+dx, y-120+dy, c)
			}
		}
	}
	for dy := range 260 { // body: widening towards the shoulders
		w := 62
		if dy < 60 {
			w = 30 + dy/2
		}
		fill(img, x-w, y-80+dy, x+w, y-79+dy, c)
	}
}
