package evidence

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"suixing/internal/platform/blob"
	"suixing/internal/platform/blob/blobtest"
	"suixing/internal/platform/dbtest"
)

// stores are the three kinds of store a photo can end up in.
var stores = map[string]func(t testing.TB) blob.Store{
	"folder": func(t testing.TB) blob.Store {
		f, err := blob.NewFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return f
	},
	"minio":   func(t testing.TB) blob.Store { return blobtest.S3(t, blobtest.MinIO(t)) },
	"versity": func(t testing.TB) blob.Store { return blobtest.S3(t, blobtest.Versity(t)) },
}

// listen serves the bench's routes on a real connection.
func (b *bench) listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = b.router.App.Listener(l) }()
	t.Cleanup(func() { _ = b.router.App.ShutdownWithTimeout(5 * time.Second) })
	return l.Addr().String()
}

// Uploads over a real connection, cut at every interesting byte, whole, in pieces of unsaid length; and down again.
func TestOverTheWire(t *testing.T) {
	photo := jpegOf(t, 3000, 2000, 50)
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			b := newBenchOn(t, dbtest.New(t), nil, store(t))
			addr := b.listen(t)
			sha := sum(photo)
			head := fmt.Sprintf("PUT /api/photos/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer supervisor\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", sha, addr, len(photo))
			for _, at := range []int{0, 1, 100, 64 << 10, len(photo) / 2, len(photo) - 1} {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = conn.Write(append([]byte(head), photo[:at]...))
				_ = conn.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, conn) // whatever it says, it has then come to its end
				_ = conn.Close()
				b.nothing(t, fmt.Sprintf("cut at byte %d", at))
			}
			for i, body := range []io.Reader{bytes.NewReader(photo), io.MultiReader(bytes.NewReader(photo))} { // the second is chunked
				code, answer := send(t, "PUT", "http://"+addr+"/api/photos/"+sha, body)
				if code != 201-i {
					t.Fatalf("whole: %d %s", code, answer)
				}
			}
			if code, answer := send(t, "GET", "http://"+addr+"/api/photos/"+sha+"?size=original", nil); code != 200 || !bytes.Equal(answer, photo) {
				t.Fatalf("down again: %d, %d bytes", code, len(answer))
			}
			if code, answer := send(t, "GET", "http://"+addr+"/api/photos/"+sha+"?size=thumb", nil); code != 200 || !bytes.HasPrefix(answer, []byte{0xff, 0xd8}) {
				t.Fatalf("thumb: %d", code)
			}
			if keys := b.objects(t); len(keys) != 3 || !slices.Contains(keys, blob.Original(sha)) {
				t.Errorf("objects %v", keys)
			}
		})
	}
}

func send(t testing.TB, method, url string, body io.Reader, length ...int64) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if len(length) > 0 {
		req.ContentLength = length[0]
	}
	req.Header.Set("Authorization", "Bearer supervisor")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, out
}

// A refused upload does not leave its rest on the connection for the next request to be read from.
func TestRefusedBodyIsNoRequest(t *testing.T) {
	b := newBenchOn(t, dbtest.New(t), nil, stores["folder"](t))
	addr := b.listen(t)
	smuggled := "GET /v HTTP/1.1\r\nHost: x\r\n\r\n"
	body := "<html>this is no photo" + string(make([]byte, 100<<10)) + smuggled
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(conn, "PUT /api/photos/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer supervisor\r\nContent-Length: %d\r\n\r\n%s", sum([]byte(body)), addr, len(body), body)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 422 {
		t.Fatalf("%v %v", res, err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	if _, err := http.ReadResponse(r, nil); err == nil {
		t.Fatal("the body was answered as a request")
	}
	b.nothing(t, "no photo")
}

// The background job over the queue, as the app runs it.
func TestJobDrawsCopies(t *testing.T) {
	b := newBench(t)
	b.drawHEIF()
	b.heif.cpu = shortly(childCPU)
	sha := b.hold(t, "supervisor", jpegOf(t, 800, 600, 60))
	still := b.hold(t, "supervisor", heic("heic", [2]uint32{40, 30}))
	runner := newRunner(b)
	runner.Handle(JobDerive, b.Derive)
	if err := runner.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM derivatives`); n != 0 {
		t.Errorf("%d copies drawn while the burst lasts", n)
	}
	b.Clock.Add(burst)
	if err := runner.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM derivatives WHERE sha256 = $1 AND width IN (800, 320)`, sha); n != 2 {
		t.Errorf("%d copies", n)
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM jobs) * 10 + (SELECT count(*) FROM photos WHERE sha256 = $1 AND preview = 'none')`, still); n != 1 {
		t.Errorf("jobs left and marks: %d", n)
	}
	for range 2 { // a lost copy is drawn again
		if err := b.store.Delete(context.Background(), derivedKey(thumb, sha)); err != nil {
			t.Fatal(err)
		}
		if code, _, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sha+"?size=thumb", nil); code != 200 {
			t.Errorf("lost thumb: %d", code)
		}
	}
}

// Stored bytes that rotted are not drawn, and the job says so again and again.
func TestRottenOriginalIsNoticed(t *testing.T) {
	b := newBench(t)
	photo := jpegOf(t, 400, 300, 61)
	sha := b.hold(t, "supervisor", photo)
	photo[len(photo)/2] ^= 1
	if err := b.store.Put(context.Background(), blob.Original(sha), bytes.NewReader(photo), int64(len(photo))); err != nil {
		t.Fatal(err)
	}
	if err := b.Derive(context.Background(), sha); err == nil {
		t.Error("drawn")
	}
	if code, _, _ := b.call(t, "supervisor", "GET", "/api/photos/"+sha, nil); code != 500 {
		t.Errorf("shown: %d", code)
	}
}
