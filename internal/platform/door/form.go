package door

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// Photo is a picture that is stored under its hash.
type Photo struct {
	SHA256 string
	Size   int64
}

// Ingest stores one uploaded picture, or says as a fault why it is none.
type Ingest func(ctx context.Context, r io.Reader) (Photo, error)

// Form is what came in: the typed texts, the pictures that are kept, and what is to be said about those that are not.
type Form struct {
	Values     url.Values
	Photos     []Photo
	PhotoFault string
	held       string // why a press of the waiting page's button did not get through
}

const (
	bodyMost  = 100 << 20 // nine pictures of a phone without script, and the text
	fieldMost = 64 << 10  // read of one field; each field has its own limit in characters
	partsMost = 120
	photoMost = 10 << 20
)

// Reader reads forms with pictures.
type Reader struct {
	Ingest Ingest
	Keys   Keys
	Files  bool // Ingest takes papers, recordings and films too, and the words say so
}

// Read takes a form as browsers send it. Scope ties the pictures' marks to this form, most is how many may be kept.
// Faults: TooLarge for a body over all limits, Invalid for one that is no form.
func (f Reader) Read(c *fiber.Ctx, scope []byte, most int) (*Form, error) {
	out, err := f.read(c, most)
	if err == nil {
		f.recall(out, scope, most)
	}
	return out, err
}

// ReadOwn is Read for a form that carries its own scope in a field.
func (f Reader) ReadOwn(c *fiber.Ctx, field string, most int) (*Form, error) {
	out, err := f.read(c, most)
	if err == nil {
		f.recall(out, []byte(out.Values.Get(field)), most)
	}
	return out, err
}

func (f Reader) read(c *fiber.Ctx, most int) (*Form, error) {
	body, err := web.Body(c, bodyMost)
	if err != nil {
		return nil, err
	}
	out := &Form{Values: url.Values{}}
	kind, params, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	switch {
	case kind == fiber.MIMEMultipartForm && params["boundary"] != "":
		err = f.multipart(c.UserContext(), multipart.NewReader(body, params["boundary"]), out, most)
	case kind == fiber.MIMEApplicationForm:
		err = urlencoded(body, out)
	default:
		err = notAForm()
	}
	if err != nil {
		drain(body)
		return nil, err
	}
	return out, nil
}

func notAForm() error {
	return fault.New(fault.Invalid, "form", "没有收到表格的内容，请返回再提交一次。")
}

// drain reads what is left, so that the browser hears the answer instead of a broken connection.
func drain(r io.Reader) { _, _ = io.Copy(io.Discard, r) }

func urlencoded(body io.Reader, out *Form) error {
	raw, err := io.ReadAll(io.LimitReader(body, partsMost*fieldMost/8))
	if err != nil {
		return err
	}
	drain(body)
	// A form from a real browser parses; of a broken one what could be read is kept.
	values, _ := url.ParseQuery(string(raw))
	for k, v := range values {
		for _, one := range v {
			add(out, k, one)
		}
	}
	return nil
}

func add(out *Form, name, value string) {
	if len(out.Values) < partsMost && len(out.Values[name]) < 20 && len(name) < 40 {
		out.Values.Add(name, Clean(value))
	}
}

func (f Reader) multipart(ctx context.Context, r *multipart.Reader, out *Form, most int) error {
	for n := 0; ; n++ {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return brokenForm(err)
		}
		switch {
		case n >= partsMost:
			return fault.New(fault.TooLarge, "too_large", "内容太多，没有收下。")
		case part.FormName() == "photos" && part.FileName() != "":
			f.photo(ctx, part, out, most)
		case part.FileName() == "":
			var raw []byte
			if raw, err = io.ReadAll(io.LimitReader(part, fieldMost)); err == nil {
				add(out, part.FormName(), string(raw))
			}
		}
		if err != nil {
			return brokenForm(err)
		}
		if err := rest(part); err != nil {
			return brokenForm(err)
		}
	}
}

func rest(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }

// brokenForm keeps faults, and calls everything else what it is: a form that broke off.
func brokenForm(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return notAForm()
}

func (f Reader) photo(ctx context.Context, part *multipart.Part, out *Form, most int) {
	if len(out.Photos) >= most+20 { // the kept ones are recalled later; this only bounds the work
		out.PhotoFault = "最多" + strconv.Itoa(most) + "张，多出来的没有收。"
		return
	}
	limited := &io.LimitedReader{R: part, N: photoMost + 1}
	p, err := f.Ingest(ctx, limited)
	var said *fault.Error
	switch {
	case limited.N <= 0:
		out.PhotoFault = f.words("有一张照片超过10 MB，没有收；其他的都留着。", "有一个文件超过10 MB，没有收；其他的都留着。")
	case errors.As(err, &said) && said.Kind != fault.Internal:
		out.PhotoFault = f.words("有一个文件不是能看的照片，没有收；其他的都留着。", "有一个文件不是能收的照片、录音、录像或PDF，没有收；其他的都留着。")
	case err != nil: // the store is down: the words must not go down with it
		slog.ErrorContext(ctx, "a picture of a public form was not stored", "error", err)
		out.PhotoFault = "照片这会儿存不上。可以去掉照片先提交，其他的都留着。"
	default:
		out.Photos = append(out.Photos, p)
	}
}

func (f Reader) words(photos, files string) string {
	if f.Files {
		return files
	}
	return photos
}

// recall puts the pictures of an earlier try first, if their marks are ours and of this form, and keeps each only once.
func (f Reader) recall(out *Form, scope []byte, most int) {
	var all []Photo
	for _, v := range out.Values["kept"] {
		if p, ok := f.unmark(v, scope); ok {
			all = append(all, p)
		}
	}
	delete(out.Values, "kept")
	seen := map[string]bool{}
	kept := []Photo{}
	for _, p := range append(all, out.Photos...) {
		if seen[p.SHA256] {
			continue
		}
		seen[p.SHA256] = true
		if len(kept) == most {
			out.PhotoFault = "最多" + strconv.Itoa(most) + "张，多出来的没有收。"
			break
		}
		kept = append(kept, p)
	}
	out.Photos = kept
}

var hexHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Mark is what the form carries of a received picture.
func (f Reader) Mark(p Photo, scope []byte) string {
	size := strconv.FormatInt(p.Size, 10)
	m := f.Keys.mac("photo", scope, []byte(p.SHA256), []byte(size))[:12]
	return p.SHA256 + "." + size + "." + base64.RawURLEncoding.EncodeToString(m)
}

func (f Reader) unmark(v string, scope []byte) (Photo, bool) {
	part := strings.Split(v, ".")
	if len(part) != 3 || !hexHash.MatchString(part[0]) {
		return Photo{}, false
	}
	size, err := strconv.ParseInt(part[1], 10, 64)
	if err != nil || size <= 0 {
		return Photo{}, false
	}
	p := Photo{SHA256: part[0], Size: size}
	return p, sameMark([]byte(f.Mark(p, scope)), []byte(v))
}

// Field is the picture field as it is drawn again.
func (f Reader) Field(form *Form, scope []byte, most int, note string) Photos {
	out := Photos{Files: f.Files, Max: most, Note: note}
	if form == nil {
		return out
	}
	out.Fault = form.PhotoFault
	for i, p := range form.Photos {
		out.Kept = append(out.Kept, Kept{Value: f.Mark(p, scope), N: i + 1, KB: (p.Size + 1023) / 1024})
	}
	return out
}
