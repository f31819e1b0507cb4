// Package heif decodes stills in HEIC and HEIF files: libheif and libde265 compiled to WebAssembly and run by wazero, so
// that the program stays one static file and no byte of a photo meets C code outside a sandbox. See README.md for where
// heif.wasm.gz comes from. Compiling it costs a second and some memory, so it is done in a child process, not in a server.
package heif

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed" // the decoder and the licences
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

//go:embed heif.wasm.gz
var packed []byte

const (
	// memoryPages of 64 KiB are all that the decoder may ever use: a picture of 40 million pixels, turned, fits.
	memoryPages = 384 << 20 / (64 << 10)
	// inset is the room of what decode reports: width, height, colour space, chroma, premultiplied.
	inset = 5 * 4
)

// What libheif calls its colour spaces and how finely colour is sampled.
const (
	spaceYCbCr, spaceRGB, spaceGray = 0, 1, 2
	chroma420, chroma422, chroma444 = 1, 2, 3
)

// ErrPicture is the file's own fault: it is broken, too large, or made to hurt.
var ErrPicture = errors.New("this picture cannot be decoded")

// Decoder is the compiled code. Every picture gets an instance and a memory of its own.
type Decoder struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
}

// New compiles the decoder, which takes about a second.
func New(ctx context.Context) (*Decoder, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	code, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	// The whole room at once: growing would copy, and hold twice as much. What is not touched costs nothing.
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryPages).WithMemoryCapacityFromMax(true))
	_, err = wasi_snapshot_preview1.Instantiate(ctx, r)
	if err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	compiled, err := r.CompileModule(ctx, code)
	if err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	return &Decoder{r, compiled}, nil
}

// Close gives the code back. Pictures that were drawn stay.
func (d *Decoder) Close(ctx context.Context) error { return d.runtime.Close(ctx) }

// Decode gives the primary picture of a file, cropped, turned and mirrored as its boxes say; EXIF says the same once more
// and must not be heeded. Only pixels come out. A picture of more than most pixels is ErrPicture before any is drawn.
// How long it takes is the caller's to bound, from outside: nothing stops the code while it runs.
func (d *Decoder) Decode(ctx context.Context, data []byte, most int) (image.Image, error) {
	// No name, files, network, arguments or clock.
	m, err := d.runtime.InstantiateModule(ctx, d.code, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	defer m.Close(ctx)
	img, err := instance{m}.decode(ctx, data, most)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	return img, nil
}

// instance is the decoder at work on one picture.
type instance struct{ module api.Module }

func (d instance) decode(ctx context.Context, data []byte, most int) (image.Image, error) {
	in, err := d.alloc(ctx, len(data))
	if err != nil {
		return nil, err
	}
	if !d.module.Memory().Write(in, data) {
		return nil, errors.New("no room for the file")
	}
	facts, err := d.alloc(ctx, inset)
	if err != nil {
		return nil, err
	}
	p, err := d.measure(ctx, in, len(data), facts)
	if err != nil {
		return nil, err
	}
	if p.w < 1 || p.h < 1 || p.w > most || p.h > most || p.w*p.h > most { // each alone first: the product may overflow
		return nil, fmt.Errorf("%d by %d pixels", p.w, p.h)
	}
	size := p.layout()
	out, err := d.alloc(ctx, size)
	if err != nil {
		return nil, err
	}
	if err := d.call(ctx, in, len(data), 0, facts, out); err != nil {
		return nil, err
	}
	pix, ok := d.module.Memory().Read(out, uint32(size)) // #nosec G115 -- bounded by most
	if !ok {
		return nil, errors.New("the decoder lost its picture")
	}
	return p.image(pix)
}

func (d instance) alloc(ctx context.Context, n int) (uint32, error) {
	res, err := d.module.ExportedFunction("malloc").Call(ctx, uint64(n)) // #nosec G115 -- positive
	if err != nil {
		return 0, err
	}
	if res[0] == 0 {
		return 0, fmt.Errorf("no memory for %d bytes", n)
	}
	return uint32(res[0]), nil // #nosec G115 -- an address of 32 bits
}

// call runs decode of lib/heif.c; only is 1 to measure without drawing.
func (d instance) call(ctx context.Context, in uint32, n, only int, facts, out uint32) error {
	f := uint64(facts)
	res, err := d.module.ExportedFunction("decode").Call(ctx, uint64(in), uint64(n), uint64(only), f, f+4, f+8, f+12, f+16, uint64(out)) // #nosec G115 -- positive
	if err == nil && res[0] == 0 {
		err = errors.New("libheif refuses it")
	}
	return err
}

func (d instance) measure(ctx context.Context, in uint32, n int, facts uint32) (plan, error) {
	if err := d.call(ctx, in, n, 1, facts, 0); err != nil {
		return plan{}, err
	}
	var v [inset / 4]int
	for i := range v {
		n, ok := d.module.Memory().ReadUint32Le(facts + uint32(i*4)) // #nosec G115 -- small
		if !ok {
			return plan{}, errors.New("the decoder lost its facts")
		}
		v[i] = int(n)
	}
	return plan{w: v[0], h: v[1], space: v[2], chroma: v[3], premultiplied: v[4] == 1}, nil
}
