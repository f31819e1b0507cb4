package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"math"
	"os"
	"regexp"
	"time"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/defect"
)

var (
	hashForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	errHash    = refuse("photo_hash", "照片与本机的不一致，可能没有传完整，服务器没有收下。照片还在本机，请再传一次。")
	errEmpty   = refuse("photo_empty", "照片是空的，服务器没有收下。")
	errNamed   = refuse("photo_type", "文件的格式与说明的不一致，服务器没有收下。")
	errTooLong = fault.New(fault.TooLarge, "photo_size", "照片太大，没有收下。一张最多20MB。")
	sources    = map[string]bool{"camera": true, "album": true, "signature": true, "public": true, "desk": true}
)

// Upload is a photo on its way in.
type Upload struct {
	SHA256   string // what the sender says it is; the bytes must agree
	Declared string // Content-Type; may be empty
	Size     int64  // -1 if not known beforehand
	Body     io.Reader
}

// Ingest takes a photo in: stored under its hash first, then written down in one statement. fresh tells whether it was
// new. The same photo again, by anyone, gives the same answer. What does not agree with its hash, is no photo, or is
// too large is refused, and nothing of it is kept.
func (s *Service) Ingest(ctx context.Context, who actor.Actor, u Upload) (p Photo, fresh bool, err error) {
	switch {
	case !hashForm.MatchString(u.SHA256):
		return p, false, fault.Field("sha256", "照片的编号应当是64位小写十六进制")
	case u.Size == 0:
		return p, false, errEmpty
	case u.Size > MaxFile:
		return p, false, errTooLong
	case u.Size < 0:
		f, size, err := spool(u.Body, MaxFile)
		if err != nil {
			return p, false, err
		}
		defer f.Close()
		u.Body, u.Size = f, size
	}
	body := &checker{r: u.Body, h: sha256.New(), want: u.SHA256}
	m, seen, err := examine(who, body)
	if err == nil {
		err = m.within(u.Size)
	}
	if err != nil {
		return p, false, err
	}
	if !m.fitsFile(u.Declared) {
		return p, false, errNamed
	}
	p = Photo{SHA256: u.SHA256, Size: u.Size, MediaType: m.Type, Width: m.Width, Height: m.Height, HeldAt: s.now(), Preview: m.preview()}
	whole := io.MultiReader(bytes.NewReader(seen), body)
	if defect.On("row_before_object") {
		if _, err := insertPhoto(ctx, s.db, p, who); err != nil {
			return p, false, err
		}
	}
	if err = s.keep(ctx, p, whole); err != nil {
		return p, false, err
	}
	fresh, err = insertPhoto(ctx, s.db, p, who) // only now, when the object is stored (invariant 2)
	return p, fresh, err
}

// keep stores the object, unless it is there: then the bytes are only checked. Who does not have them shall not be able
// to say so. A row whose object has gone is healed by whoever brings the photo again.
func (s *Service) keep(ctx context.Context, p Photo, whole io.Reader) error {
	key := blob.Original(p.SHA256)
	if _, err := held(ctx, s.db, p.SHA256); err == nil {
		if _, err := s.store.Stat(ctx, key); err == nil {
			n, err := io.Copy(io.Discard, whole)
			if err == nil && n != p.Size {
				err = errHash
			}
			return err
		}
	} else if fault.KindOf(err) != fault.NotFound {
		return err
	}
	err := s.store.Put(ctx, key, whole, p.Size)
	if errors.Is(err, blob.ErrSize) {
		return errHash
	}
	return err
}

// IngestPublic takes a photo from a form that anyone may fill in, at most limit bytes (MaxPublic if 0). Nobody is named
// as its bringer, the time is kept to the hour, and nobody can open it before a record declares it.
func (s *Service) IngestPublic(ctx context.Context, body io.Reader, limit int64) (Photo, error) {
	return s.ingestPublic(ctx, body, limit, inspect)
}

// IngestPublicFile is IngestPublic for a form that takes papers, recordings and films beside photos.
func (s *Service) IngestPublicFile(ctx context.Context, body io.Reader) (Photo, error) {
	return s.ingestPublic(ctx, body, MaxPublic, inspectAny)
}

func (s *Service) ingestPublic(ctx context.Context, body io.Reader, limit int64, look func(io.Reader) (media, []byte, error)) (Photo, error) {
	if limit <= 0 || limit > MaxPublic {
		limit = MaxPublic
	}
	f, size, err := spool(body, limit)
	if err != nil {
		return Photo{}, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Photo{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Photo{}, err
	}
	m, _, err := look(f)
	if err != nil {
		return Photo{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Photo{}, err
	}
	p := Photo{SHA256: hex.EncodeToString(h.Sum(nil)), Size: size, MediaType: m.Type, Width: m.Width, Height: m.Height,
		HeldAt: s.now().Truncate(time.Hour), Preview: m.preview()}
	if err := s.keep(ctx, p, f); err != nil {
		return Photo{}, err
	}
	_, err = insertPhoto(ctx, s.db, p, actor.Public)
	return p, err
}

// spool puts a body of unknown length into an unnamed file, at most limit bytes, and stands at its beginning.
func spool(body io.Reader, limit int64) (*os.File, int64, error) {
	f, err := os.CreateTemp("", "suixing-photo-*")
	if err != nil {
		return nil, 0, err
	}
	_ = os.Remove(f.Name()) // a crash leaves nothing behind
	src := &remember{r: body}
	n, err := io.Copy(f, io.LimitReader(src, limit+1))
	switch {
	case src.err != nil:
		err = interrupted(src.err)
	case err == nil && n == 0:
		err = errEmpty
	case err == nil && n > limit:
		err = errTooLong
	case err == nil:
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, n, nil
}

// checker hashes what passes and answers its end with errHash if the hash is another. It stays at the error it met.
type checker struct {
	r    io.Reader
	h    hash.Hash
	want string
	err  error
}

// Read implements io.Reader.
func (c *checker) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	_, _ = c.h.Write(p[:n]) // a hash never fails
	switch {
	case err == io.EOF && hex.EncodeToString(c.h.Sum(nil)) != c.want && !defect.On("hash_unchecked"):
		c.err = errHash
	case err == io.EOF:
		c.err = io.EOF
	case err != nil:
		c.err = interrupted(err)
	}
	return n, c.err
}

// interrupted says that the sender broke off; faults that the transport found keep their own words.
func interrupted(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return errHash
}

func hashes(photos []Declared) []string {
	out := make([]string, len(photos))
	for i, p := range photos {
		out[i] = p.SHA256
	}
	return out
}

func checkDeclared(photos []Declared) error {
	if len(photos) > MaxDeclared {
		return fault.Field("photos", "照片太多，一份记录最多300张")
	}
	for _, p := range photos {
		switch {
		case !hashForm.MatchString(p.SHA256):
			return fault.Field("photos", "有照片的编号不对")
		case p.Size < 1 || p.Size > MaxFile:
			return fault.Field("photos", "有文件的大小不对，一张照片最多20MB，一段录像最多50MB")
		case !sources[p.Source]:
			return fault.Field("photos", "有照片的来源不对")
		case len(p.Item) > 64 || len(p.Datum) > 32 || len(p.Caption) > 900:
			return fault.Field("photos", "有照片的说明太长")
		case !within(p.Lat, 90) || !within(p.Lng, 180) || !within(p.Accuracy, 1e7):
			return fault.Field("photos", "有照片的位置不对")
		}
	}
	return nil
}

func within(v *float64, bound float64) bool { return v == nil || math.Abs(*v) <= bound }
