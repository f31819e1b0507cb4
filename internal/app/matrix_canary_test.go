package app_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/md5"  // #nosec G501 -- a hash of a phone number is as good as the number
	"crypto/sha1" // #nosec G505 -- as above
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// canary is one planted word that gives a person away. Class says where it was planted, place whose case it belongs to.
type canary struct {
	place, class, what, value string
}

func (c canary) String() string { return c.place + "/" + c.class + "/" + c.what }

// The classes: identity goes into the vault; text is what people write about themselves into free text; meta is what
// cameras write into pictures; name is what a file was called. The first is shown by one route, the last by none.
const (
	clsIdentity, clsText, clsMeta, clsFile = "identity", "text", "meta", "file"
)

// person is one planted speaker. The names are of rare characters, so that no other text of the product holds them.
type person struct {
	name, pinyin, phone, id, address string
}

var spoken = map[string][2]person{ // by place: in the vault, and in the free text
	"own":     {{"欧阳隺霙", "ouyangheying", "13971230011", "410799198801010011", "隺霙巷甲一号"}, {"东郭翀羿", "dongguochongyi", "13971230012", "410799198801010012", "翀羿里乙二号"}},
	"call":    {{"公冶翾彧", "gongyexuanyu", "13971230021", "410799198802020021", "翾彧弄丙三号"}, {"濮阳骉焱", "puyangbiaoyan", "13971230022", "41079919880202002X", "骉焱坊丁四号"}},
	"rated":   {{"司徒犇羴", "situbenshan", "13971230051", "410799198805050051", "犇羴桥壬九号"}, {"闾丘靐龘", "lvqiubingda", "13971230052", "410799198805050052", "靐龘坡癸十号"}},
	"sibling": {{"淳于瓛煊", "chunyuhuanxuan", "13971230031", "410799198803030031", "瓛煊庄戊五号"}, {"尉迟曌堃", "yuchizhaokun", "13971230032", "410799198803030032", "曌堃屯己六号"}},
	"parent":  {{"𠮷川龑", "jichuanyan", "13971230041", "410799198804040041", "龑龖街庚七号"}, {"澹台犇淼", "tantaibenmiao", "13971230042", "410799198804040042", "犇淼道辛八号"}},
}

// networks are the addresses the planted people send their complaints and answers from.
var networks = map[string]string{"own": "198.51.100.11", "call": "198.51.100.21", "rated": "198.51.100.51", "sibling": "198.51.100.31", "parent": "198.51.100.41"}

func canariesOf(place string) []canary {
	var out []canary
	for i, class := range []string{clsIdentity, clsText} {
		p := spoken[place][i]
		out = append(out, canary{place, class, "name", p.name}, canary{place, class, "pinyin", p.pinyin}, canary{place, class, "phone", p.phone},
			canary{place, class, "id", p.id}, canary{place, class, "address", p.address})
	}
	return append(out, canary{place, clsMeta, "artist", "matrixartist" + place}, canary{place, clsMeta, "gps", "matrixgps" + place},
		canary{place, clsMeta, "xmp", "matrixxmp" + place}, canary{place, clsMeta, "iptc", "matrixiptc" + place}, canary{place, clsMeta, "tail", "matrixtail" + place},
		canary{place, clsMeta, "serial", "matrixserial" + place}, canary{place, clsFile, "file", "matrixfile" + place},
		canary{place, clsMeta, "agent", "matrixagent" + place}, canary{place, clsMeta, "network", networks[place]})
}

// form is one way the word can stand in bytes.
type form struct {
	c     canary
	how   string
	bytes []byte
}

// scanner finds canaries in anything a server says.
type scanner struct {
	raw    []form // looked for as bytes
	folded []form // looked for in lower case without spaces and hyphens
	known  map[[32]byte][]found
}

func newScanner(canaries []canary) *scanner {
	s := &scanner{known: map[[32]byte][]found{}}
	for _, c := range canaries {
		for how, b := range formsOf(c.value) {
			s.raw = append(s.raw, form{c, how, b})
		}
		s.folded = append(s.folded, form{c, "folded", fold([]byte(c.value))})
	}
	return s
}

func formsOf(v string) map[string][]byte {
	out := map[string][]byte{"utf-8": []byte(v)}
	le, be := &bytes.Buffer{}, &bytes.Buffer{}
	var slash, dec, hexa strings.Builder
	for _, u := range utf16.Encode([]rune(v)) {
		_ = binary.Write(le, binary.LittleEndian, u)
		_ = binary.Write(be, binary.BigEndian, u)
		fmt.Fprintf(&slash, `\u%04x`, u)
	}
	for _, r := range v {
		fmt.Fprintf(&dec, "&#%d;", r)
		fmt.Fprintf(&hexa, "&#x%x;", r)
	}
	out["utf-16le"], out["utf-16be"], out["entity"], out["hex entity"] = le.Bytes(), be.Bytes(), []byte(dec.String()), []byte(hexa.String())
	out["escape"], out["upper escape"] = []byte(slash.String()), []byte(strings.ReplaceAll(strings.ToUpper(slash.String()), `\U`, `\u`))
	if gb, err := simplifiedchinese.GB18030.NewEncoder().String(v); err == nil && gb != v {
		out["gb18030"] = []byte(gb)
	}
	var percent strings.Builder
	for _, b := range []byte(v) {
		fmt.Fprintf(&percent, "%%%02X", b)
	}
	out["percent"], out["lower percent"], out["query"] = []byte(percent.String()), []byte(strings.ToLower(percent.String())), []byte(url.QueryEscape(v))
	out["hex"], out["upper hex"] = []byte(hex.EncodeToString([]byte(v))), []byte(strings.ToUpper(hex.EncodeToString([]byte(v))))
	m, s1, s2 := md5.Sum([]byte(v)), sha1.Sum([]byte(v)), sha256.Sum256([]byte(v)) // #nosec G401 -- looked for, not used
	out["md5"], out["sha1"], out["sha256"] = []byte(hex.EncodeToString(m[:])), []byte(hex.EncodeToString(s1[:])), []byte(hex.EncodeToString(s2[:]))
	for i := range 3 { // base64 by where the word begins within three bytes; the edges depend on the neighbours
		for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			text := e.EncodeToString(append(bytes.Repeat([]byte{0}, i), v...))
			from, to := []int{0, 2, 3}[i], len(text)
			if (i+len(v))%3 != 0 {
				to--
			}
			out[fmt.Sprint(name, i)] = []byte(text[from:to])
		}
	}
	return out
}

func fold(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+32)
		case c != ' ' && c != '-' && c != '_' && c != '.' && c != '\'':
			out = append(out, c)
		}
	}
	return out
}

// found is a canary where it stood.
type found struct {
	canary
	how, in string
}

// scan looks through the bytes, and through everything that can be unpacked from them.
func (s *scanner) scan(in string, b []byte) []found {
	sum := sha256.Sum256(b)
	if out, ok := s.known[sum]; ok { // many answers are the same bytes
		return out
	}
	var out []found
	s.deep(in, b, 4, &out)
	s.known[sum] = out
	return out
}

func (s *scanner) deep(in string, b []byte, depth int, out *[]found) {
	if len(b) == 0 {
		return
	}
	for _, f := range s.raw {
		if bytes.Contains(b, f.bytes) {
			*out = append(*out, found{f.c, f.how, in})
		}
	}
	folded := fold(b)
	for _, f := range s.folded {
		if bytes.Contains(folded, f.bytes) {
			*out = append(*out, found{f.c, f.how, in})
		}
	}
	if depth == 0 {
		return
	}
	for name, inner := range unpack(b) {
		s.deep(in+" > "+name, inner, depth-1, out)
	}
}

var longBase64 = regexp.MustCompile(`[A-Za-z0-9+/_-]{24,}={0,2}`)

// unpack gives what is packed inside: archives, compressed streams, chunks of pictures, base64, escaped JSON and HTML.
func unpack(b []byte) map[string][]byte {
	out := map[string][]byte{}
	put := func(name string, r io.Reader, err error) {
		if err != nil {
			return
		}
		if raw, _ := io.ReadAll(io.LimitReader(r, 64<<20)); len(raw) > 0 {
			out[name] = raw
		}
	}
	switch {
	case bytes.HasPrefix(b, []byte("PK")):
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			break
		}
		for _, f := range z.File {
			r, err := f.Open()
			put(f.Name, r, err)
			out["name of "+f.Name] = []byte(f.Name + f.Comment + string(f.Extra))
		}
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(bytes.NewReader(b))
		put("gzip", r, err)
	case bytes.HasPrefix(b, []byte("\x89PNG")), bytes.HasPrefix(b, []byte("%PDF")):
		for i := 0; i+2 < len(b); i++ { // every zlib stream that begins anywhere
			if b[i] == 0x78 && (b[i+1] == 0x01 || b[i+1] == 0x5e || b[i+1] == 0x9c || b[i+1] == 0xda) {
				r, err := zlib.NewReader(bytes.NewReader(b[i:]))
				put(fmt.Sprint("stream at ", i), r, err)
			}
		}
	case b[0] == '{' || b[0] == '[':
		var v any
		if json.Unmarshal(b, &v) == nil {
			var text strings.Builder
			leaves(v, &text)
			if text.String() != string(b) {
				out["json"] = []byte(text.String())
			}
		}
	}
	if plain := html.UnescapeString(string(b)); bytes.Contains(b, []byte("&")) && plain != string(b) && len(b) < 8<<20 {
		out["html"] = []byte(plain)
	}
	for i, m := range longBase64.FindAll(b, 200) {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if raw, err := e.DecodeString(strings.TrimRight(string(m), "=")); err == nil {
				out[fmt.Sprint("base64 ", i)] = raw
			}
		}
	}
	return out
}

func leaves(v any, out *strings.Builder) {
	switch x := v.(type) {
	case map[string]any:
		for k, w := range x {
			out.WriteString(k + "\n")
			leaves(w, out)
		}
	case []any:
		for _, w := range x {
			leaves(w, out)
		}
	case string:
		out.WriteString(x + "\n")
	}
}
