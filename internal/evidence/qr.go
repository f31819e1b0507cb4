package evidence

import (
	"bytes"
	"context"
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
)

// qrSides are the sizes a photo is looked at for codes, the quickest first: a code on a sheet of paper is small in a
// photo of the whole sheet, and noise hides it in a large one.
var qrSides = []int{1600, 2400, 1000, 3600}

// ReadQR finds a QR code in a photo that starts with prefix and gives what follows; false if there is none that can be
// read. One photo is looked at at a time.
func (s *Service) ReadQR(ctx context.Context, data []byte, prefix string) (string, bool, error) {
	m, _, err := inspect(bytes.NewReader(data))
	if err != nil {
		return "", false, err
	}
	select {
	case s.slot <- struct{}{}:
		defer func() { <-s.slot }()
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
	img, err := legible(data, m.Type)
	if err != nil { // what cannot be drawn here has no code that can be read here
		return "", false, nil
	}
	long := max(img.Bounds().Dx(), img.Bounds().Dy())
	for i, side := range qrSides {
		if ctx.Err() != nil {
			return "", false, ctx.Err()
		}
		if i > 0 && side > long && qrSides[0] >= long {
			continue // it has been looked at as it is
		}
		for _, text := range codesIn(shrink(img, side)) {
			if len(text) > len(prefix) && text[:len(prefix)] == prefix {
				return text[len(prefix):], true, nil
			}
		}
	}
	return "", false, nil
}

func legible(data []byte, mediaType string) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decoder: %v", p)
		}
	}()
	facts := jpegFacts{orientation: 1}
	if mediaType == "image/jpeg" {
		facts = readJPEGFacts(data)
		facts.scans = countScans(data)
	}
	if _, err := decodeCost(data, mediaType, facts); err != nil {
		return nil, err
	}
	return decode(data, mediaType)
}

// codesIn reads every QR code of a picture, turned any way, by local contrast first and by the picture's whole then.
func codesIn(img image.Image) (found []string) {
	defer func() {
		if recover() != nil { // a reader that trips over a picture has found nothing in it
			found = nil
		}
	}()
	source := gozxing.NewLuminanceSourceFromImage(img)
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	for _, b := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bits, err := gozxing.NewBinaryBitmap(b)
		if err != nil {
			continue
		}
		list, err := multi.NewQRCodeMultiReader().DecodeMultiple(bits, hints)
		if err != nil {
			continue
		}
		for _, r := range list {
			found = append(found, r.GetText())
		}
	}
	return found
}
