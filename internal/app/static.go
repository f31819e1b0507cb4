package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"

	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// static serves the built front end. Each file is compressed once, when first asked for.
type static struct {
	files fs.FS
	cache sync.Map // name to *asset
}

type asset struct {
	raw, br, gz []byte
	etag, kind  string
}

// compressible are the kinds worth compressing; pictures are so already.
func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "javascript") || strings.Contains(kind, "json") || strings.Contains(kind, "svg")
}

func (s *static) load(name string) (*asset, error) {
	if a, ok := s.cache.Load(name); ok {
		return a.(*asset), nil
	}
	raw, err := fs.ReadFile(s.files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	a := &asset{raw: raw, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, kind: kindOf(name)}
	if compressible(a.kind) && len(raw) > 512 {
		a.br, a.gz = squeeze(raw)
	}
	s.cache.Store(name, a)
	return a, nil
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if k := mime.TypeByExtension(path.Ext(name)); k != "" {
		return k
	}
	return "application/octet-stream"
}

func squeeze(raw []byte) (br, gz []byte) {
	var b, g bytes.Buffer
	bw := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, err := bw.Write(raw)
	err = errors.Join(err, bw.Close())
	gw, e := gzip.NewWriterLevel(&g, gzip.BestCompression)
	if err == nil && e == nil {
		_, err = gw.Write(raw)
		err = errors.Join(err, gw.Close())
	}
	if err != nil { // cannot happen on a buffer; then the raw bytes serve
		return nil, nil
	}
	return b.Bytes(), g.Bytes()
}

// send answers with a file. Hashed assets may be kept for a year; everything else is asked for again each time.
func (s *static) send(c *fiber.Ctx, name string) error {
	a, err := s.load(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return fault.Missing()
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if strings.HasPrefix(name, "assets/") {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	c.Set(fiber.HeaderETag, a.etag)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderContentType, a.kind)
	if c.Get(fiber.HeaderIfNoneMatch) == a.etag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	accepts := c.Get(fiber.HeaderAcceptEncoding)
	switch {
	case a.br != nil && strings.Contains(accepts, "br"):
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Send(a.br)
	case a.gz != nil && strings.Contains(accepts, "gzip"):
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.gz)
	}
	return c.Send(a.raw)
}

// frontRoutes come last: what no other route takes is a page of the field app, if a browser asks for a page.
func frontRoutes(r *web.Router, files fs.FS) {
	s := &static{files: files}
	desk := func(c *fiber.Ctx) error { return s.page(c, "desk.html") }
	r.Plain("GET", "/desk", web.Anyone, "the desk", desk)
	r.Plain("GET", "/desk/*", web.Anyone, "the desk's pages", desk)
	// Browsers ask for it on every page; ours carry their mark inline.
	r.Plain("GET", "/favicon.ico", web.Anyone, "nothing, for a day", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
		return c.SendStatus(fiber.StatusNoContent)
	})
	r.Plain("GET", "/*", web.Anyone, "the field app and its files", func(c *fiber.Ctx) error {
		name := strings.TrimPrefix(path.Clean("/"+c.Path()), "/")
		if strings.HasPrefix(name, "api/") || name == "api" {
			return fiber.ErrNotFound
		}
		if name == "" || name == "index.html" || path.Ext(name) == "" {
			return s.page(c, "index.html")
		}
		return s.send(c, name)
	})
}

func (s *static) page(c *fiber.Ctx, name string) error {
	err := s.send(c, name)
	if fault.KindOf(err) == fault.NotFound {
		return c.Status(fiber.StatusServiceUnavailable).SendString("The front end is not built: run make front.\n")
	}
	return err
}
