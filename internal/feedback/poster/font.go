package poster

import (
	"bytes"
	"compress/zlib"
	_ "embed" // the two fonts
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Noto Sans SC, medium, as published in two parts under the SIL Open Font License (FONT-LICENSE.txt): Chinese, and Latin with
// digits. A poster must read the same on every printer, so the glyphs it uses travel inside it.
var (
	//go:embed han.woff
	han []byte
	//go:embed latin.woff
	latin []byte
)

const (
	woffHead  = 44
	woffEntry = 20
	sfntHead  = 12
	sfntEntry = 16
)

// unpack turns a WOFF file into the plain font that it packs. It is done for each poster: nobody keeps four megabytes for
// what is asked for once a week.
func unpack(woff []byte) ([]byte, error) {
	if len(woff) < woffHead || string(woff[:4]) != "wOFF" {
		return nil, errors.New("font: not WOFF")
	}
	n := int(binary.BigEndian.Uint16(woff[12:]))
	if len(woff) < woffHead+n*woffEntry {
		return nil, errors.New("font: cut off")
	}
	out := make([]byte, sfntHead+n*sfntEntry)
	copy(out, woff[4:8])
	binary.BigEndian.PutUint16(out[4:], uint16(n)) // #nosec G115 -- it came as 16 bits
	for i := range n {
		e := woff[woffHead+i*woffEntry:]
		table, err := inflate(woff, e)
		if err != nil {
			return nil, fmt.Errorf("font: table %s: %w", e[:4], err)
		}
		d := out[sfntHead+i*sfntEntry:]
		copy(d, e[:4])
		copy(d[4:], e[16:20])
		binary.BigEndian.PutUint32(d[8:], uint32(len(out)))    // #nosec G115 -- a font of a few megabytes
		binary.BigEndian.PutUint32(d[12:], uint32(len(table))) // #nosec G115
		out = append(out, table...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out, nil
}

func inflate(woff, e []byte) ([]byte, error) {
	at, packed, whole := int(binary.BigEndian.Uint32(e[4:])), int(binary.BigEndian.Uint32(e[8:])), int(binary.BigEndian.Uint32(e[12:]))
	if at+packed > len(woff) {
		return nil, io.ErrUnexpectedEOF
	}
	if packed == whole {
		return woff[at : at+packed], nil
	}
	r, err := zlib.NewReader(bytes.NewReader(woff[at : at+packed]))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, int64(whole)))
}
