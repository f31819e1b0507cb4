package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options say where the objects are kept. Bucket is made if it is not there.
type S3Options struct {
	Endpoint, AccessKey, SecretKey, Bucket string
	Region                                 string // us-east-1 if empty
	Secure                                 bool
}

// S3 keeps objects on a server that speaks plain S3: no trailing headers, no versions, no vendor's extras.
type S3 struct {
	client *minio.Client
	bucket string
}

// NewS3 connects and makes sure of the bucket.
func NewS3(ctx context.Context, o S3Options) (*S3, error) {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	transport, err := minio.DefaultTransport(o.Secure)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	transport.MaxIdleConnsPerHost = 64
	client, err := minio.New(o.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure:       o.Secure,
		Region:       o.Region, // known, so that no request asks for it first
		Transport:    transport,
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   3,
	})
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	s := &S3{client: client, bucket: o.Bucket}
	return s, s.makeBucket(ctx, o.Region)
}

func (s *S3) makeBucket(ctx context.Context, region string) error {
	ok, err := s.client.BucketExists(ctx, s.bucket)
	if err != nil {
		return fmt.Errorf("object store: %w", err)
	}
	if ok {
		return nil
	}
	err = s.client.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: region})
	switch minio.ToErrorResponse(err).Code {
	case "BucketAlreadyOwnedByYou", "BucketAlreadyExists": // another instance was quicker
		return nil
	}
	if err != nil {
		return fmt.Errorf("object store: make bucket %s: %w", s.bucket, err)
	}
	return nil
}

// Put implements Store in one request, of a body that is whole: see stage. The payload is not hashed again for the
// signature, which would cost an eighth of the throughput: the caller's reader checks the content.
func (s *S3) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	whole, release, err := stage(&exact{ctx: ctx, r: r, left: size}, size)
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	_, err = s.client.PutObject(ctx, s.bucket, key, whole, size, minio.PutObjectOptions{
		ContentType:          "application/octet-stream",
		DisableMultipart:     true,
		DisableContentSha256: true,
	})
	release(err == nil)
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return nil
}

// Get implements Store.
func (s *S3) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := CheckKey(key); err != nil {
		return nil, 0, err
	}
	core := minio.Core{Client: s.client}
	body, info, _, err := core.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, translate(err)
	}
	return body, info.Size, nil
}

// Stat implements Store.
func (s *S3) Stat(ctx context.Context, key string) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	info, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return 0, translate(err)
	}
	return info.Size, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := translate(s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// Walk implements Store.
func (s *S3) Walk(ctx context.Context, prefix string, fn func(string, int64, time.Time) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the lister when fn stops early
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return translate(o.Err)
		}
		if CheckKey(o.Key) != nil {
			continue
		}
		if err := fn(o.Key, o.Size, o.LastModified); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func translate(err error) error {
	if err == nil {
		return nil
	}
	if r := minio.ToErrorResponse(err); r.Code == "NoSuchKey" || r.StatusCode == http.StatusNotFound && r.Code != "NoSuchBucket" {
		return ErrNotFound
	}
	return err
}
