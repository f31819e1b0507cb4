package evidence

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// laidOut is a HEIC file laid out by hand, as phones do: tiles of 256 by 256, an item that makes one picture of them, and
// what is to be done with it. Its tiles are the pixels of the files in testdata.
type laidOut struct {
	kind       string    // grid; iovl lays tiles over each other
	places     []int     // which of the four colours stands at each place, row by row
	cols       int       // of a grid
	w, h       uint32    // what the item says
	says       [2]uint32 // what its extent says; zero: the same
	properties []string  // irot, imir
	exif       string
}

const tileSide = 256

var tileNames = []string{"red", "green", "blue", "yellow"}

func heifBox(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

func fullBox(kind string, version, flags byte, body string) string {
	return heifBox(kind, string([]byte{version, 0, 0, flags})+body)
}

func u16(v int) string    { return string(binary.BigEndian.AppendUint16(nil, uint16(v))) }
func u32(v uint32) string { return string(binary.BigEndian.AppendUint32(nil, v)) }

func irot(quarters byte) string { return heifBox("irot", string([]byte{quarters})) }
func imir(axis byte) string     { return heifBox("imir", string([]byte{axis})) }

// sample reads a file of testdata.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".heic"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// coded gives a tile's configuration and its pixels.
func coded(t testing.TB, name string) (config, pixels string) {
	t.Helper()
	data := sample(t, name)
	at := bytes.Index(data, []byte("hvcC")) - 4
	config = string(data[at : at+int(binary.BigEndian.Uint32(data[at:]))])
	at = bytes.Index(data, []byte("mdat")) - 4
	return config, string(data[at+8 : at+int(binary.BigEndian.Uint32(data[at:]))])
}

// file writes the boxes: an item for each place, whose pixels may be another's too, then the picture, then EXIF.
func (l laidOut) file(t testing.TB) []byte {
	t.Helper()
	properties, pixels, at := "", "", [][2]int{}
	for _, name := range tileNames {
		config, p := coded(t, name)
		at = append(at, [2]int{len(pixels), len(p)})
		properties, pixels = properties+config, pixels+p
	}
	says := l.says
	if says == [2]uint32{} {
		says = [2]uint32{l.w, l.h}
	}
	properties += fullBox("ispe", 0, 0, u32(tileSide)+u32(tileSide)) + fullBox("ispe", 0, 0, u32(says[0])+u32(says[1])) + strings.Join(l.properties, "")
	var where [][2]int
	for _, p := range l.places {
		where = append(where, at[p])
	}
	for _, item := range []string{l.item(), "\x00\x00\x00\x06Exif\x00\x00" + l.exif} {
		where = append(where, [2]int{len(pixels), len(item)})
		pixels += item
	}
	head := heifBox("ftyp", "heic\x00\x00\x00\x00mif1heic")
	meta := func(start int) string { return l.meta(properties, where, start) }
	return []byte(head + meta(len(head)+len(meta(0))+8) + heifBox("mdat", pixels))
}

// item is what the picture says of itself.
func (l laidOut) item() string {
	if l.kind == "grid" {
		return string([]byte{0, 1, byte(len(l.places)/l.cols - 1), byte(l.cols - 1)}) + u32(l.w) + u32(l.h)
	}
	return "\x00\x01" + strings.Repeat("\xff", 8) + u32(l.w) + u32(l.h) + strings.Repeat(u32(0)+u32(0), len(l.places))
}

func (l laidOut) meta(properties string, where [][2]int, start int) string {
	var info, locations, uses, made strings.Builder
	n := len(l.places)
	for i, w := range where {
		kind, hidden := "hvc1", byte(1)
		switch i {
		case n:
			kind, hidden = l.kind, 0
		case n + 1:
			kind = "Exif"
		}
		info.WriteString(fullBox("infe", 2, hidden, u16(i+1)+u16(0)+kind+"\x00"))
		locations.WriteString(u16(i+1) + u16(0) + u16(1) + u32(uint32(start+w[0])) + u32(uint32(w[1])))
		if i < n {
			uses.WriteString(u16(i+1) + string([]byte{2, 0x80 | byte(l.places[i]+1), 5}))
			made.WriteString(u16(i + 1))
		}
	}
	uses.WriteString(u16(n+1) + string([]byte{byte(1 + len(l.properties)), 6}))
	for i := range l.properties {
		uses.WriteByte(0x80 | byte(7+i))
	}
	refs := heifBox("dimg", u16(n+1)+u16(n)+made.String()) + heifBox("cdsc", u16(n+2)+u16(1)+u16(n+1))
	return fullBox("meta", 0, 0, fullBox("hdlr", 0, 0, u32(0)+"pict"+strings.Repeat("\x00", 13))+fullBox("pitm", 0, 0, u16(n+1))+
		fullBox("iloc", 0, 0, "\x44\x00"+u16(len(where))+locations.String())+fullBox("iinf", 0, 0, u16(len(where))+info.String())+fullBox("iref", 0, 0, refs)+
		heifBox("iprp", heifBox("ipco", properties)+fullBox("ipma", 0, 0, u32(uint32(n+1))+uses.String())))
}

// quartered is a picture of cols by rows tiles whose quarters are red, green, blue and yellow.
func quartered(cols, rows int, w, h uint32, properties ...string) laidOut {
	l := laidOut{kind: "grid", cols: cols, w: w, h: h, properties: properties}
	for y := range rows {
		for x := range cols {
			l.places = append(l.places, y*2/rows*2+x*2/cols)
		}
	}
	return l
}
