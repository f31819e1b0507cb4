package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"suixing/internal/demo"
)

// photoWorkers are enough that both ways are bound by what a photo costs, not by waiting for one sync after the other.
const photoWorkers = 8

// photo400 is a JPEG of about 400 KiB, as a phone leaves it after shrinking.
func photo400() ([]byte, error) {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, 1280, 960))
	for y := range 960 {
		for x := range 1280 {
			v := uint8(r.IntN(70))
			img.Set(x, y, color.RGBA{v + uint8(x/10), v + uint8(y/8), v, 255})
		}
	}
	var b bytes.Buffer
	for q := 90; q > 20; q -= 5 {
		b.Reset()
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: q}); err != nil {
			return nil, err
		}
		if b.Len() <= 400<<10 {
			break
		}
	}
	return b.Bytes(), nil
}

// variant is the same picture with other bytes: a comment segment after the start marker makes the hash new.
func variant(base []byte, n uint64) []byte {
	out := make([]byte, 0, len(base)+12)
	out = append(out, base[:2]...)
	out = append(out, 0xFF, 0xFE, 0, 10)
	out = binary.BigEndian.AppendUint64(out, n)
	return append(out, base[2:]...)
}

// benchPhoto sends photos through PUT /api/photos and straight to the same MinIO by minio-go, in turn.
func benchPhoto(ctx context.Context, b *bed) ([]measure, error) {
	base, err := photo400()
	if err != nil {
		return nil, err
	}
	direct, err := minio.New(b.s3.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(b.s3.AccessKey, b.s3.SecretKey, "")})
	if err != nil {
		return nil, err
	}
	c := newClient()
	cookie, err := c.login(b.base, "supervisor", demo.Password)
	if err != nil {
		return nil, err
	}
	slice := time.Duration(max(2, b.seconds/3)) * time.Second
	const rounds = 7
	var ratios, ours, theirs []float64
	for round := -1; round < rounds; round++ { // in turn, as the answers are; the first one only warms up
		seed := uint64(round+1) << 40
		reference, err := load(photoWorkers, slice, func(_, i int) error {
			raw := variant(base, seed|uint64(i))
			_, err := direct.PutObject(ctx, b.s3.Bucket, fmt.Sprintf("direct/%d/%d", round, i), bytes.NewReader(raw), int64(len(raw)), minio.PutObjectOptions{ContentType: "image/jpeg"})
			return err
		})
		if err != nil {
			return nil, err
		}
		rate, err := load(photoWorkers, slice, func(_, i int) error {
			raw := variant(base, seed|1<<39|uint64(i))
			sum := sha256.Sum256(raw)
			_, err := c.do("PUT", b.base+"/api/photos/"+hex.EncodeToString(sum[:]), "image/jpeg", cookie, b.base, raw, 200, 201)
			return err
		})
		if err != nil {
			return nil, err
		}
		if round >= 0 {
			ratios, ours, theirs = append(ratios, rate/reference), append(ours, rate), append(theirs, reference)
		}
	}
	note := fmt.Sprintf("a burst of %d KiB photos (copies are drawn a minute later), %d at once, median of %d turns: %.0f/s ours, %.0f/s minio-go straight to MinIO", len(base)>>10, photoWorkers, rounds, median(ours), median(theirs))
	return []measure{{"photo.ingest", median(ratios), 0.95, true, note}}, nil
}
