package evidence

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// told are the words that cameras and programs write into a photo; each of them says who or where.
var told = []string{"ZEROGPS", "ZEROOWNER", "ZEROSERIAL", "ZEROLENS", "ZEROTHUMB", "ZEROMAKER", "ZEROXMP", "ZEROIPTC", "ZEROCOMMENT", "ZEROICC"}

// tag is one entry of a TIFF directory.
type tag struct {
	id, kind uint16
	data     []byte
	count    uint32
}

// tiff writes directories as EXIF has them: IFD0 with owner, EXIF with serial and maker notes, GPS, and IFD1 with a thumbnail.
type tiff struct {
	order binary.AppendByteOrder
	out   []byte
}

func text(id uint16, s string) tag {
	return tag{id, 2, append([]byte(s), 0), uint32(len(s) + 1)}
}
func (f *tiff) long(id uint16, v int) tag {
	return tag{id, 4, f.order.AppendUint32(nil, uint32(v)), 1}
}
func (f *tiff) short(id uint16, v int) tag {
	return tag{id, 3, f.order.AppendUint16(nil, uint16(v)), 1}
}

func (f *tiff) ratio(id uint16, values ...uint32) tag {
	var b []byte
	for _, v := range values {
		b = f.order.AppendUint32(f.order.AppendUint32(b, v), 1)
	}
	return tag{id, 5, b, uint32(len(values))}
}

// directory appends a directory, what does not fit into an entry behind it, and gives where it begins.
func (f *tiff) directory(next int, tags ...tag) int {
	at := len(f.out)
	behind := at + 2 + 12*len(tags) + 4
	var values []byte
	f.out = f.order.AppendUint16(f.out, uint16(len(tags)))
	for _, t := range tags {
		f.out = f.order.AppendUint32(f.order.AppendUint16(f.order.AppendUint16(f.out, t.id), t.kind), t.count)
		if len(t.data) <= 4 {
			f.out = append(f.out, append(bytes.Clone(t.data), 0, 0, 0, 0)[:4]...)
			continue
		}
		f.out = f.order.AppendUint32(f.out, uint32(behind+len(values)))
		values = append(values, t.data...)
		if len(values)%2 == 1 {
			values = append(values, 0)
		}
	}
	f.out = append(f.order.AppendUint32(f.out, uint32(next)), values...)
	return at
}

// exifOf is a whole EXIF block; how it is laid out changes with r.
func exifOf(t testing.TB, r *rand.Rand, orientation int) []byte {
	f := &tiff{order: binary.LittleEndian, out: []byte("II*\x00\x00\x00\x00\x00")}
	if r.IntN(2) == 0 {
		f.order, f.out = binary.BigEndian, []byte("MM\x00*\x00\x00\x00\x00")
	}
	small := withComment(jpegOf(t, 40, 30, r.Uint64()), "ZEROTHUMB inside the thumbnail")
	gps := f.directory(0, text(1, "N"), f.ratio(2, 35, 11, uint32(r.IntN(60))), text(3, "E"), f.ratio(4, 113, 54, uint32(r.IntN(60))), text(27, "ZEROGPS"), text(29, "2026:05:06"))
	maker := []byte("ZEROMAKER\x00\x01\x00" + fmt.Sprint(r.Uint64()))
	note := []byte("ASCII\x00\x00\x00ZEROCOMMENT of the user")
	camera := f.directory(0, tag{0x927c, 7, maker, uint32(len(maker))}, tag{0x9286, 7, note, uint32(len(note))}, text(0xa430, "ZEROOWNER"), text(0xa431, "ZEROSERIAL"), text(0xa434, "ZEROLENS"))
	at := len(f.out)
	f.out = append(f.out, small...)
	if len(f.out)%2 == 1 {
		f.out = append(f.out, 0)
	}
	second := f.directory(0, f.short(0x0103, 6), f.long(0x0201, at), f.long(0x0202, len(small)))
	first := f.directory(second, text(0x010e, "ZEROCOMMENT description"), text(0x010f, "ZEROMAKER"), f.short(0x0112, orientation), text(0x013b, "ZEROOWNER"),
		text(0x8298, "ZEROOWNER right"), f.long(0x8769, camera), f.long(0x8825, gps))
	copy(f.out[4:], f.order.AppendUint32(nil, uint32(first)))
	return f.out
}

const xmpOf = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="ZEROXMP"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`

// iptcOf is a by-line in Photoshop's wrapping, as agencies' photo programs write it.
func iptcOf() []byte {
	line := append([]byte{0x1c, 2, 80, 0, 8}, "ZEROIPTC"...)
	out := append([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00"), 0, 0, 0, byte(len(line)))
	return append(append(out, line...), 0)
}

func segmentOf(marker byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

func withComment(jpg []byte, words string) []byte {
	return append(append(bytes.Clone(jpg[:2]), segmentOf(0xfe, []byte(words))...), jpg[2:]...)
}

// tellingJPEG is a photo with everything a JPEG can say beside its picture, and words behind its end.
func tellingJPEG(t testing.TB, r *rand.Rand, w, h int) []byte {
	plain := jpegOf(t, w, h, r.Uint64())
	parts := [][]byte{
		segmentOf(0xe0, append([]byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01"), 0, 0, 0)), segmentOf(0xe0, []byte("JFXX\x00\x10ZEROTHUMB")),
		segmentOf(0xe1, append([]byte("Exif\x00\x00"), exifOf(t, r, 1+r.IntN(8))...)), segmentOf(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+xmpOf)),
		segmentOf(0xe2, []byte("ICC_PROFILE\x00\x01\x01ZEROICC")), segmentOf(0xe2, []byte("MPF\x00II*\x00ZEROTHUMB")), segmentOf(0xed, iptcOf()), segmentOf(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x01")),
		segmentOf(0xe5, []byte("ZEROMAKER")), segmentOf(0xef, []byte("ZEROMAKER")), segmentOf(0xfe, []byte("ZEROCOMMENT")),
	}
	r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	out := bytes.Clone(plain[:2])
	for _, p := range parts {
		out = append(out, p...)
	}
	return append(append(out, plain[2:]...), "ZEROMAKER behind the picture"...)
}

func tellingPNG(t testing.TB, r *rand.Rand, w, h int) []byte {
	plain := pngOf(t, w, h, r.Uint64())
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write([]byte("ZEROCOMMENT packed"))
	_ = zw.Close()
	extra := pngChunks("eXIf"+string(exifOf(t, r, 1)), "tEXtAuthor\x00ZEROOWNER", "zTXtComment\x00\x00"+z.String(), "iTXtXML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmpOf, "tIME\x07\xea\x05\x06\x0a\x1e\x00", "iCCPZEROICC\x00\x00"+z.String())[8:]
	return append(append(append(bytes.Clone(plain[:33]), extra...), plain[33:]...), "ZEROMAKER behind the picture"...)
}

// tellingWebP is a picture of one colour, by hand because nothing here encodes WebP, with its chunks of metadata.
func tellingWebP(t testing.TB, r *rand.Rand, w, h int) []byte {
	bits, n := []byte{}, 0
	put := func(v uint32, width int) {
		for i := range width {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(v>>i&1) << (n % 8)
			n++
		}
	}
	put(0x2f, 8)
	put(uint32(w-1), 14)
	put(uint32(h-1), 14)
	put(0, 1+3+1+1+1) // alpha, version, no transform, no cache, no groups
	for _, v := range []uint32{uint32(r.IntN(256)), uint32(r.IntN(256)), uint32(r.IntN(256)), 255} {
		put(1|0<<1|1<<2, 3) // one symbol of eight bits
		put(v, 8)
	}
	put(1|0<<1|0<<2, 3) // no distances: symbol 0
	put(0, 1)
	chunk := func(kind string, body []byte) []byte {
		out := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))), body...)
		return append(out, make([]byte, len(body)%2)...)
	}
	head := []byte{0x2c, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), 0, byte(h - 1), byte((h - 1) >> 8), 0}
	body := append([]byte("WEBP"), chunk("VP8X", head)...)
	for _, c := range [][]byte{chunk("ICCP", []byte("ZEROICC")), chunk("VP8L", bits), chunk("EXIF", exifOf(t, r, 1)), chunk("XMP ", []byte(xmpOf)), chunk("ZERO", []byte("ZEROMAKER"))} {
		body = append(body, c...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// tellingHEIC says the same as phones do, in an item of its own, and in a box that nobody knows.
func tellingHEIC(t testing.TB, r *rand.Rand) []byte {
	l := quartered(2, 2, uint32(300+r.IntN(200)), uint32(300+r.IntN(200)), irot(byte(r.IntN(4))))
	l.exif = string(exifOf(t, r, 1+r.IntN(8)))
	return append(l.file(t), heifBox("uuid", "ZERO-NOTE-OF-XMP"+xmpOf)...)
}

// redrawAny draws copies as the job does, HEIC without the process of its own.
func redrawAny(t testing.TB, src []byte, kind string) (view, thumb drawn, err error) {
	if !isHEIF(kind) {
		return redraw(src, kind)
	}
	img, err := decodeHere(t, src)
	if err != nil {
		return view, thumb, err
	}
	return copies(shrink(img, viewSide), 1)
}
