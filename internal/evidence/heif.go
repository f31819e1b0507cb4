package evidence

import (
	"encoding/binary"
	"io"
)

// heifStills are the brands of a single picture. hevc, hevx and msf1 are bursts and films; avif is not on our list.
var heifStills = map[string]string{"heic": "image/heic", "heix": "image/heic", "heim": "image/heic", "heis": "image/heic", "mif1": "image/heif"}

// measureHEIF reads the boxes of a HEIC file up to the picture's extent (ispe): ftyp, then meta/iprp/ipco. An iPhone's
// picture is a grid of tiles, each with an extent of its own: the largest is the whole.
func measureHEIF(r io.Reader) (media, error) {
	kind, body, err := box(r)
	if err != nil || kind != "ftyp" {
		return media{}, errBroken
	}
	var brand [4]byte
	if _, err := io.ReadFull(body, brand[:]); err != nil {
		return media{}, errBroken
	}
	m := media{Type: heifStills[string(brand[:])]}
	if m.Type == "" {
		if b := string(brand[:]); b == "hevc" || b == "hevx" || b == "msf1" {
			return m, errFrames
		}
		return m, errType
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return m, errBroken
	}
	for range 8 { // meta comes first or almost first
		if kind, body, err = box(r); err != nil {
			return m, errBroken
		}
		if kind == "meta" {
			return m, m.extent(body)
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return m, errBroken
		}
	}
	return m, errBroken
}

// extent looks for ispe in meta (a full box: four bytes come first), iprp and ipco.
func (m *media) extent(meta io.Reader) error {
	if _, err := io.CopyN(io.Discard, meta, 4); err != nil {
		return errBroken
	}
	level := meta
	for _, name := range []string{"iprp", "ipco"} {
		var err error
		if level, err = nextBox(level, name); err != nil {
			return err
		}
	}
	for {
		kind, body, err := box(level)
		if err != nil {
			break
		}
		var ispe [12]byte
		if kind == "ispe" {
			if _, err := io.ReadFull(body, ispe[:]); err != nil {
				return errBroken
			}
			w, h := int(binary.BigEndian.Uint32(ispe[4:])), int(binary.BigEndian.Uint32(ispe[8:]))
			if w > MaxPixels || h > MaxPixels {
				return errPixels
			}
			if w*h > m.Width*m.Height {
				m.Width, m.Height = w, h
			}
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return errBroken
		}
	}
	if m.Width == 0 {
		return errBroken
	}
	return nil
}

// nextBox goes on to the next box of this kind and gives its body.
func nextBox(level io.Reader, name string) (io.Reader, error) {
	for {
		kind, body, err := box(level)
		if err != nil {
			return nil, errBroken
		}
		if kind == name {
			return body, nil
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return nil, errBroken
		}
	}
}

// box reads one box's head and gives its kind and a reader of its body.
func box(r io.Reader) (string, io.Reader, error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:8]); err != nil {
		return "", nil, err
	}
	size, used := int64(binary.BigEndian.Uint32(head[:4])), int64(8)
	if size == 1 {
		if _, err := io.ReadFull(r, head[8:16]); err != nil {
			return "", nil, err
		}
		size, used = int64(binary.BigEndian.Uint64(head[8:16])), 16 // #nosec G115 -- a negative one fails below
	}
	if size < used {
		return "", nil, errBroken
	}
	return string(head[4:8]), io.LimitReader(r, size-used), nil
}
