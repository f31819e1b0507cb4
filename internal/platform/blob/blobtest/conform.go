package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"suixing/internal/platform/blob"
)

// Conform holds an empty store to the contract of blob.Store.
func Conform(t *testing.T, s blob.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, blob.Store)
	}{
		{"RoundTrip", roundTrip}, {"Missing", absent}, {"Keys", keys}, {"WrongLength", wrongLength}, {"SourceFails", sourceFails},
		{"FailureLeavesOld", failureLeavesOld}, {"Replace", replace}, {"Parallel", parallel}, {"Walk", walk}, {"Cancelled", cancelled},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}

var errSource = errors.New("the source broke")

func body(seed uint64, size int) ([]byte, string) {
	b := make([]byte, size)
	src := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(size), byte(size >> 8), byte(size >> 16)})
	_, _ = src.Read(b)
	sum := sha256.Sum256(b)
	return b, blob.Original(hex.EncodeToString(sum[:]))
}

func put(t *testing.T, s blob.Store, key string, b []byte) {
	t.Helper()
	if err := s.Put(context.Background(), key, plain{bytes.NewReader(b)}, int64(len(b))); err != nil {
		t.Fatalf("put %d bytes: %v", len(b), err)
	}
}

// plain hides Seek and ReadAt: a request body has neither.
type plain struct{ io.Reader }

func read(t *testing.T, s blob.Store, key string) []byte {
	t.Helper()
	r, size, err := s.Get(context.Background(), key)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		t.Fatalf("read %d of %d bytes: %v", len(b), size, err)
	}
	return b
}

func gone(t *testing.T, s blob.Store, key string) {
	t.Helper()
	if _, err := s.Stat(context.Background(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("stat says %v, want ErrNotFound", err)
	}
	if _, _, err := s.Get(context.Background(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("get says %v, want ErrNotFound", err)
	}
}

func roundTrip(t *testing.T, s blob.Store) {
	for _, size := range []int{0, 1, 511, 64 << 10, 400 << 10, 5<<20 + 1, 20 << 20} {
		b, key := body(1, size)
		put(t, s, key, b)
		if n, err := s.Stat(context.Background(), key); err != nil || n != int64(size) {
			t.Fatalf("stat of %d bytes: %d, %v", size, n, err)
		}
		if !bytes.Equal(read(t, s, key), b) {
			t.Fatalf("%d bytes came back changed", size)
		}
		for range 2 { // the second finds nothing, and says nothing
			if err := s.Delete(context.Background(), key); err != nil {
				t.Fatal(err)
			}
		}
		gone(t, s, key)
	}
}

func absent(t *testing.T, s blob.Store) {
	_, key := body(2, 9)
	gone(t, s, key)
	gone(t, s, blob.Derived("thumb", key[len("sha256/"):]))
}

func keys(t *testing.T, s blob.Store) {
	_, good := body(3, 9)
	for _, key := range []string{"", "sha256/", "sha256/..", good + "/", good + "x", "/" + good, "sha256/" + fmt.Sprintf("%064X", 255), "derived/../" + good[7:],
		"derived/" + good[7:], "derived/Thumb/" + good[7:], "tmp/" + good[7:], good + "\x00", "other/" + good[7:], good + "\n"} {
		ctx := context.Background()
		if err := s.Put(ctx, key, bytes.NewReader([]byte("x")), 1); !errors.Is(err, blob.ErrKey) {
			t.Errorf("put %q: %v", key, err)
		}
		if _, _, err := s.Get(ctx, key); !errors.Is(err, blob.ErrKey) {
			t.Errorf("get %q: %v", key, err)
		}
		if _, err := s.Stat(ctx, key); !errors.Is(err, blob.ErrKey) {
			t.Errorf("stat %q: %v", key, err)
		}
		if err := s.Delete(ctx, key); !errors.Is(err, blob.ErrKey) {
			t.Errorf("delete %q: %v", key, err)
		}
	}
}

func wrongLength(t *testing.T, s blob.Store) {
	for _, size := range []int{1, 1000, 200 << 10} {
		b, key := body(4, size)
		for _, said := range []int{-1, 0, size - 1, size + 1, size + 4096} {
			if err := s.Put(context.Background(), key, plain{bytes.NewReader(b)}, int64(said)); !errors.Is(err, blob.ErrSize) {
				t.Fatalf("%d bytes said to be %d: %v, want ErrSize", size, said, err)
			}
			gone(t, s, key)
		}
	}
}

// sourceFails breaks the source at every interesting byte, the very last included: after all bytes, instead of io.EOF.
func sourceFails(t *testing.T, s blob.Store) {
	const size = 100 << 10
	b, key := body(5, size)
	for _, at := range []int{0, 1, 4095, 32 << 10, size - 1, size} {
		r := io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(errSource))
		if err := s.Put(context.Background(), key, r, size); !errors.Is(err, errSource) {
			t.Fatalf("source broken at %d: %v", at, err)
		}
		gone(t, s, key)
	}
	put(t, s, key, b) // and the store still works
}

func failureLeavesOld(t *testing.T, s blob.Store) {
	b, key := body(6, 50<<10)
	put(t, s, key, b)
	r := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{1}, len(b))), iotest.ErrReader(errSource))
	if err := s.Put(context.Background(), key, r, int64(len(b))); !errors.Is(err, errSource) {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, s, key), b) {
		t.Fatal("a failed put changed what was there")
	}
}

func replace(t *testing.T, s blob.Store) {
	_, original := body(7, 10)
	key := blob.Derived("view", original[len("sha256/"):])
	put(t, s, key, []byte("first"))
	put(t, s, key, []byte("the second"))
	if got := read(t, s, key); string(got) != "the second" {
		t.Fatalf("got %q", got)
	}
}

func parallel(t *testing.T, s blob.Store) {
	b, key := body(8, 300<<10)
	errs := make([]error, 16)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = s.Put(context.Background(), key, plain{bytes.NewReader(b)}, int64(len(b)))
		}()
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, s, key), b) {
		t.Fatal("changed")
	}
}

func walk(t *testing.T, s blob.Store) {
	var want []string
	for i := range 30 {
		b, key := body(uint64(100+i), 100+i)
		put(t, s, key, b)
		thumb := blob.Derived("thumb", key[len("sha256/"):])
		put(t, s, thumb, b[:9])
		want = append(want, thumb)
	}
	var got []string
	err := s.Walk(context.Background(), "derived/thumb/", func(key string, size int64, mod time.Time) error {
		if size != 9 || time.Since(mod).Abs() > time.Hour {
			t.Errorf("%s: size %d, modified %s", key, size, mod)
		}
		got = append(got, key)
		return nil
	})
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("walk found %d of %d: %v", len(got), len(want), err)
	}
	counted := map[string]int{}
	for _, prefix := range []string{"", "sha256/", want[0], want[0][:len("derived/thumb/")+1], "derived/", "sha256/" + want[0][len("derived/thumb/"):], "nothing/"} {
		_ = s.Walk(context.Background(), prefix, func(string, int64, time.Time) error { counted[prefix]++; return nil })
	}
	one := 0
	for _, k := range want {
		if k[len("derived/thumb/")] == want[0][len("derived/thumb/")] {
			one++
		}
	}
	if counted[want[0]] != 1 || counted["sha256/"+want[0][len("derived/thumb/"):]] != 1 || counted["nothing/"] != 0 || counted[want[0][:len("derived/thumb/")+1]] != one {
		t.Fatalf("prefixes: %v", counted)
	}
	if counted[""] != counted["sha256/"]+counted["derived/"] || counted["sha256/"] < 30 {
		t.Fatalf("prefixes: %v", counted)
	}
	calls := 0
	if err := s.Walk(context.Background(), "", func(string, int64, time.Time) error { calls++; return errSource }); !errors.Is(err, errSource) || calls != 1 {
		t.Fatalf("walk went on after an error: %v, %d calls", err, calls)
	}
}

func cancelled(t *testing.T, s blob.Store) {
	b, key := body(9, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Put(ctx, key, bytes.NewReader(b), int64(len(b))); !errors.Is(err, context.Canceled) {
		t.Fatalf("put after cancel: %v", err)
	}
	gone(t, s, key)
}
