package evidence

import (
	"bytes"
	"io"
	"strings"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

// What beside photos is taken as evidence: papers, recordings and films. Nothing here opens them: they lie sealed as they
// came, are never shown in a page, and go out only as downloads to those who handle the case.
const (
	MaxPaper = 20 << 20 // bytes of one PDF
	MaxSound = 20 << 20 // of one sound recording
	MaxFilm  = 50 << 20 // of one film
	MaxFile  = MaxFilm  // of anything
)

// The kinds of evidence.
const (
	kindPhoto = "photo"
	kindPaper = "paper"
	kindSound = "sound"
	kindFilm  = "film"
)

var errKind = refuse("file_type", "这种文件不能收。可以传照片（JPEG、PNG、WebP、HEIC）、PDF、录音（MP3、M4A、AAC、WAV、OGG、AMR）和录像（MP4、MOV、3GP、WebM）。")

// fileTypes are the types with their kind and the ending of a download's name, which is ours: the sender's name plays no part.
var fileTypes = map[string]struct{ kind, ending string }{
	"image/jpeg": {kindPhoto, ".jpg"}, "image/png": {kindPhoto, ".png"}, "image/webp": {kindPhoto, ".webp"}, "image/heic": {kindPhoto, ".heic"}, "image/heif": {kindPhoto, ".heif"},
	"application/pdf": {kindPaper, ".pdf"},
	"audio/mpeg":      {kindSound, ".mp3"}, "audio/mp4": {kindSound, ".m4a"}, "audio/aac": {kindSound, ".aac"}, "audio/wav": {kindSound, ".wav"}, "audio/ogg": {kindSound, ".ogg"}, "audio/amr": {kindSound, ".amr"},
	"video/mp4": {kindFilm, ".mp4"}, "video/quicktime": {kindFilm, ".mov"}, "video/3gpp": {kindFilm, ".3gp"}, "video/webm": {kindFilm, ".webm"},
}

// limits are the bytes of one file by kind, and the words where there are more.
var limits = map[string]struct {
	most  int64
	words string
}{
	kindPhoto: {MaxPhoto, "照片太大，没有收下。一张最多20MB。"}, kindPaper: {MaxPaper, "PDF太大，没有收下。一份最多20MB。"},
	kindSound: {MaxSound, "录音太大，没有收下。一段最多20MB，可以分段传。"}, kindFilm: {MaxFilm, "录像太大，没有收下。一段最多50MB，可以分段传。"},
}

func (m media) kind() string { return fileTypes[m.Type].kind }

// within holds the size to the limit of the kind.
func (m media) within(size int64) error {
	if l := limits[m.kind()]; size > l.most {
		return fault.New(fault.TooLarge, "photo_size", l.words)
	}
	return nil
}

// examine is inspect for who may bring more than photos: the desk, and the agency that answers. Phones bring photos.
func examine(who actor.Actor, r io.Reader) (media, []byte, error) {
	if who.Is(actor.Supervisor) {
		return inspect(r)
	}
	return inspectAny(r)
}

// inspectAny is inspect that takes papers, recordings and films too.
func inspectAny(r io.Reader) (media, []byte, error) {
	src := &remember{r: r}
	head := make([]byte, 64)
	n, err := io.ReadFull(src, head)
	head = head[:n]
	if src.err != nil {
		return media{}, nil, src.err
	}
	if err != nil && n < 12 {
		return media{}, nil, errKind
	}
	m := recognise(head)
	if m.Type != "" {
		return m, head, nil
	}
	m, seen, err := inspect(io.MultiReader(bytes.NewReader(head), src)) // a photo, or nothing we know
	if src.err != nil {
		err = src.err
	}
	if fault.CodeOf(err) == "photo_type" {
		err = errKind
	}
	if len(seen) < len(head) { // what was read beyond is given back too
		seen = head
	}
	return m, seen, err
}

// films and sounds are the brands of an ISO file's first box that we take: what phones write.
var brands = map[string]string{
	"isom": "video/mp4", "iso2": "video/mp4", "iso3": "video/mp4", "iso4": "video/mp4", "iso5": "video/mp4", "iso6": "video/mp4", "mp41": "video/mp4", "mp42": "video/mp4", "avc1": "video/mp4",
	"M4V ": "video/mp4", "MSNV": "video/mp4", "qt  ": "video/quicktime", "3gp4": "video/3gpp", "3gp5": "video/3gpp", "3gp6": "video/3gpp", "3g2a": "video/3gpp",
	"M4A ": "audio/mp4", "M4B ": "audio/mp4",
}

// recognise reads from the first bytes what is no photo; the empty media where it may be one.
func recognise(head []byte) media {
	has := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && string(head[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "%PDF-1.") || has(0, "%PDF-2."):
		return media{Type: "application/pdf"}
	case has(4, "ftyp") && len(head) >= 12:
		return media{Type: brands[string(head[8:12])]}
	case has(0, "RIFF") && has(8, "WAVE"):
		return media{Type: "audio/wav"}
	case has(0, "OggS"):
		return media{Type: "audio/ogg"}
	case has(0, "#!AMR\n"), has(0, "#!AMR-WB\n"):
		return media{Type: "audio/amr"}
	case has(0, "ID3\x02"), has(0, "ID3\x03"), has(0, "ID3\x04"):
		return media{Type: "audio/mpeg"}
	case has(0, "\x1a\x45\xdf\xa3") && bytes.Contains(head, []byte("webm")):
		return media{Type: "video/webm"}
	case len(head) >= 4 && head[0] == 0xff:
		return media{Type: frames(head)}
	}
	return media{}
}

// frames tells a bare MP3 or AAC stream by its first frame's head; empty for anything else that begins with 0xff, as JPEG does.
func frames(head []byte) string {
	b1, b2 := head[1], head[2]
	layer, rate, sampling := b1>>1&3, b2>>4, b2>>2&3
	switch {
	case b1&0xf6 == 0xf0 && b2>>2&15 <= 12: // ADTS: sync, layer 0, a sampling rate
		return "audio/aac"
	case b1&0xe0 == 0xe0 && b1>>3&3 != 1 && layer == 1 && rate != 0 && rate != 15 && sampling != 3:
		return "audio/mpeg"
	}
	return ""
}

// fits for what is no photo: senders differ in what they call a recording; a page or a program it may not be called.
func (m media) fitsFile(declared string) bool {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(declared)), ";")
	name = strings.TrimSpace(name)
	family, _, _ := strings.Cut(name, "/")
	switch m.kind() {
	case kindPaper:
		return name == "" || name == "application/octet-stream" || name == "application/pdf" || name == "application/x-pdf"
	case kindSound, kindFilm: // an .m4a is called a film by some, a .3gp a sound by others
		return name == "" || name == "application/octet-stream" || family == "audio" || family == "video" || name == "application/ogg"
	}
	return m.fits(declared)
}

// attachment is the Content-Disposition of an original: always a download, under a name of ours.
func (p Photo) attachment() string {
	return `attachment; filename="` + p.SHA256[:16] + fileTypes[p.MediaType].ending + `"`
}
