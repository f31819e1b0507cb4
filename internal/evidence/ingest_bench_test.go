package evidence

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"suixing/internal/platform/blob/blobtest"
	"suixing/internal/platform/dbtest"
)

// photos400 gives photos of 400 KiB, each with a hash of its own, that cost nothing to make: the count goes behind the picture.
func photos400(b *testing.B) func() []byte {
	base := jpegOf(b, 300, 200, 1)
	base = append(base, make([]byte, 400<<10-len(base))...)
	var n atomic.Uint64
	return func() []byte {
		p := bytes.Clone(base)
		binary.BigEndian.PutUint64(p[len(p)-8:], n.Add(1)+uint64(time.Now().UnixNano()))
		return p
	}
}

// BenchmarkIngest compares a photo's whole way in (HTTP, hash, MinIO, PostgreSQL) with minio-go straight to the same MinIO.
func BenchmarkIngest(b *testing.B) {
	o := blobtest.MinIO(b)
	client, err := minio.New(o.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Region: "us-east-1"})
	if err != nil {
		b.Fatal(err)
	}
	if err := client.MakeBucket(context.Background(), "direct", minio.MakeBucketOptions{}); err != nil {
		b.Fatal(err)
	}
	bb := newBenchOn(b, dbtest.New(b), nil, blobtest.S3(b, o))
	url := "http://" + bb.listen(b) + "/api/photos/"
	next := photos400(b)
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64
	b.Run("minio-go", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p := next()
				if _, err := client.PutObject(context.Background(), "direct", sum(p), bytes.NewReader(p), int64(len(p)), minio.PutObjectOptions{}); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("suixing", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p := next()
				if code, answer := send(b, "PUT", url+sum(p), io.NopCloser(bytes.NewReader(p)), int64(len(p))); code != 201 {
					b.Errorf("%d %s", code, answer)
				}
			}
		})
	})
}
