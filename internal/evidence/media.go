package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"io"
	"strings"

	"golang.org/x/image/webp"

	"suixing/internal/fault"
)

// media is what the bytes themselves say a photo is.
type media struct {
	Type          string
	Width, Height int
}

// headLimit is how far into a file its size in pixels is looked for: some phones put a depth map before the picture.
const headLimit = 4 << 20

var (
	errType   = refuse("photo_type", "这不是能收的照片。请用 JPEG、PNG、WebP 或 HEIC 格式，不收视频、动图和文件。")
	errFrames = refuse("photo_frames", "动图和连拍合成的文件不收，请用单张照片。")
	errPixels = refuse("photo_pixels", "照片的像素太大，最多四千万。请用普通模式拍，或缩小后再传。")
	errBroken = refuse("photo_broken", "照片文件不完整，打不开，服务器没有收下。")
)

// inspect reads the beginning of r far enough to know type and size, and gives back what it has read. What the name or
// the sender calls the file plays no part. Errors of r itself come back as they are.
func inspect(r io.Reader) (media, []byte, error) {
	src := &remember{r: r}
	head := io.TeeReader(io.LimitReader(src, headLimit), &src.seen)
	magic := make([]byte, 12)
	_, err := io.ReadFull(head, magic)
	if err != nil {
		return media{}, nil, src.or(errType)
	}
	m, err := measure(magic, io.MultiReader(bytes.NewReader(magic), head))
	switch {
	case err != nil:
		return media{}, nil, src.or(err)
	case m.Width < 1 || m.Height < 1:
		return media{}, nil, errBroken
	case m.Width > MaxPixels || m.Height > MaxPixels || int64(m.Width)*int64(m.Height) > MaxPixels: // each alone first: the product may overflow
		return media{}, nil, errPixels
	}
	return m, src.seen.Bytes(), nil
}

func measure(magic []byte, r io.Reader) (media, error) {
	switch {
	case bytes.HasPrefix(magic, []byte{0xff, 0xd8, 0xff}):
		c, err := jpeg.DecodeConfig(r)
		return media{"image/jpeg", c.Width, c.Height}, broken(err)
	case bytes.HasPrefix(magic, []byte("\x89PNG\r\n\x1a\n")):
		return measurePNG(r)
	case string(magic[:4]) == "RIFF" && string(magic[8:12]) == "WEBP":
		return measureWebP(r)
	case string(magic[4:8]) == "ftyp":
		return measureHEIF(r)
	}
	return media{}, errType
}

func broken(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	return errBroken
}

// measurePNG reads the chunks before the picture: the header, and acTL, which makes it an animation.
func measurePNG(r io.Reader) (media, error) {
	if _, err := io.CopyN(io.Discard, r, 8); err != nil {
		return media{}, errBroken
	}
	m := media{Type: "image/png"}
	var chunk [8]byte
	for first := true; ; first = false {
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return m, errBroken
		}
		length, kind := int64(binary.BigEndian.Uint32(chunk[:4])), string(chunk[4:])
		switch {
		case first && (kind != "IHDR" || length != 13):
			return m, errBroken
		case kind == "acTL":
			return m, errFrames
		case kind == "IDAT":
			return m, nil
		case kind == "IHDR":
			var size [8]byte
			if _, err := io.ReadFull(r, size[:]); err != nil {
				return m, errBroken
			}
			m.Width, m.Height = int(binary.BigEndian.Uint32(size[:4])), int(binary.BigEndian.Uint32(size[4:]))
			length -= 8
		}
		if _, err := io.CopyN(io.Discard, r, length+4); err != nil {
			return m, errBroken
		}
	}
}

func measureWebP(r io.Reader) (media, error) {
	var head [30]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return media{}, errBroken
	}
	if string(head[12:16]) == "VP8X" && head[20]&0x02 != 0 {
		return media{}, errFrames
	}
	c, err := webp.DecodeConfig(io.MultiReader(bytes.NewReader(head[:]), r))
	return media{"image/webp", c.Width, c.Height}, broken(err)
}

// preview is where a photo's copies stand at first: to be drawn, or never. Nothing here decodes papers or films.
func (m media) preview() string {
	if m.kind() != kindPhoto {
		return "none"
	}
	return "due"
}

// fits tells whether what the sender called the photo agrees with what it is. An unnamed type agrees with everything.
func (m media) fits(declared string) bool {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(declared)), ";")
	switch name = strings.TrimSpace(name); name {
	case "", "application/octet-stream", "image/*", m.Type:
		return true
	case "image/jpg", "image/pjpeg":
		return m.Type == "image/jpeg"
	case "image/heic", "image/heif":
		return m.Type == "image/heic" || m.Type == "image/heif"
	}
	return false
}

// remember keeps what was read, and the source's own error, which decoders like to replace by one of theirs.
type remember struct {
	r    io.Reader
	seen bytes.Buffer
	err  error
}

// Read implements io.Reader.
func (m *remember) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

func (m *remember) or(err error) error {
	if m.err != nil {
		return m.err
	}
	return err
}
