// Package blobtest starts real object stores for tests, and holds every store to one conformance suite.
package blobtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suixing/internal/platform/blob"
)

const accessKey, secretKey = "suixing-test", "suixing-test-secret"

// MinIO starts a MinIO server of its own for this test and gives the way to it.
func MinIO(t testing.TB) blob.S3Options {
	t.Helper()
	program := find(t, "SUIXING_TEST_MINIO", "minio")
	addr := freeAddr(t)
	cmd := exec.CommandContext(context.Background(), program, "server", "--quiet", "--address", addr, t.TempDir())
	cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+accessKey, "MINIO_ROOT_PASSWORD="+secretKey, "MINIO_BROWSER=off", "MINIO_UPDATE=off", "MINIO_CALLHOME_ENABLE=off")
	run(t, cmd, "http://"+addr+"/minio/health/ready")
	return options(addr)
}

// Versity starts a versitygw server over a folder: the second opinion on what plain S3 is.
func Versity(t testing.TB) blob.S3Options {
	t.Helper()
	program := find(t, "SUIXING_TEST_VERSITYGW", "versitygw")
	addr := freeAddr(t)
	root := t.TempDir()
	cmd := exec.CommandContext(context.Background(), program, "--access", accessKey, "--secret", secretKey, "--port", addr, "--region", "us-east-1", "--health", "/health", "--quiet", "posix", root)
	run(t, cmd, "http://"+addr+"/health")
	return options(addr)
}

func options(addr string) blob.S3Options {
	return blob.S3Options{Endpoint: addr, AccessKey: accessKey, SecretKey: secretKey, Bucket: "photos"}
}

// S3 opens a store on the server with a bucket of its own.
func S3(t testing.TB, o blob.S3Options) *blob.S3 {
	t.Helper()
	var r [6]byte
	_, _ = rand.Read(r[:])
	o.Bucket = "test-" + hex.EncodeToString(r[:])
	s, err := blob.NewS3(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// find gives the program named by the environment, or the one the tools cache holds. On the CI machine a missing one is
// a failure: a suite that skips itself there proves nothing.
func find(t testing.TB, env, name string) string {
	t.Helper()
	if p := os.Getenv(env); p != "" {
		return p
	}
	cache, err := os.UserCacheDir()
	if err == nil {
		hits, _ := filepath.Glob(filepath.Join(cache, "suixing", "tools", "*", name))
		if len(hits) > 0 {
			return hits[len(hits)-1]
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not set and no %s stands in the tools cache; make test builds it", env, name)
	}
	t.Skipf("%s is not set and no %s stands in the tools cache; make test builds it", env, name)
	return ""
}

// freeAddr finds a loopback port nobody listens on.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func run(t testing.TB, cmd *exec.Cmd, health string) {
	t.Helper()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := start(cmd); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-done })
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-done:
			t.Fatalf("%s ended at once:\n%s", cmd.Path, out.String())
		default:
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, health, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	_ = cmd.Process.Kill()
	<-done
	t.Fatalf("%s was not ready in 30 s:\n%s", cmd.Path, out.String())
}
