package evidence

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/web"
)

// Routes: who records or answers brings photos; who may see one is the store's to say; anyone may check a receipt.
func (s *Service) Routes(r *web.Router) {
	bringers := web.Roles(actor.Supervisor, actor.Office, actor.County, actor.Agency, actor.Hotline).OrHeldDevice()
	r.Plain("PUT", "/api/photos/{sha256}", bringers, "bring a photo, under the SHA-256 of its bytes", s.putPhoto)
	r.Plain("GET", "/api/photos/{sha256}", web.SignedIn, "a photo: ?size=thumb, view or original", s.getPhoto)
	r.Plain("GET", "/v", web.Anyone, "check a receipt: type its code", s.checkForm)
	r.Plain("GET", "/v/{code}", web.Anyone, "check a receipt", s.checkPage)
	r.Plain("GET", "/custody.pub", web.Anyone, "the public keys that receipts are checked with", s.publicKeys)
	describePhotos(r, bringers)
}

type photoAnswer struct {
	SHA256    string       `json:"sha256"`
	Size      int64        `json:"size"`
	MediaType string       `json:"media_type"`
	Preview   string       `json:"preview"`
	Sheets    []SheetState `json:"sheets"`
}

func (s *Service) putPhoto(c *fiber.Ctx) error {
	up, err := s.upload(c)
	if err != nil {
		return err
	}
	ctx, who := c.UserContext(), web.ActorOf(c)
	if err := s.mayBring(ctx, who, web.SessionIn(ctx).Held, up.SHA256); err != nil {
		return err
	}
	p, fresh, err := s.Ingest(ctx, who, up)
	if err != nil {
		return err
	}
	sheets, err := s.onHeld(ctx, p.SHA256)
	if err != nil { // the photo is held; brought again it completes what this time failed
		return err
	}
	if sheets == nil {
		sheets = []SheetState{}
	}
	if who.Is(actor.Agency) { // whether others brought it before, and whose record waited for it, is not the agency's to know
		sheets, fresh = []SheetState{}, false
	}
	if fresh {
		c.Status(fiber.StatusCreated)
	}
	return c.JSON(photoAnswer{p.SHA256, p.Size, p.MediaType, p.Preview, sheets})
}

// mayBring: a phone whose work is held back brings only what its own records declare, accepted or in quarantine. An agency
// and the hotline have a bound for a day: what they bring may hang on nothing.
func (s *Service) mayBring(ctx context.Context, who actor.Actor, held, sha string) error {
	switch {
	case held != "":
		if expected, err := expectedOf(ctx, s.db, who.ID, sha); err != nil || expected {
			return err
		}
		return fault.New(fault.Forbidden, held, "这部手机已挂失，或者账号已经停用。这张照片先留在手机上，请联系司法所。")
	case who.Is(actor.Agency, actor.Hotline):
		n, bytes, err := broughtSince(ctx, s.db, who.ID, s.now().Add(-24*time.Hour))
		if err == nil && (n >= maxAgencyPhotos || bytes >= maxAgencyBytes) {
			err = fault.New(fault.TooMany, "photo_quota", "一天里上传的照片太多了，这一张没有收下。请明天再传，或者请司法所代为上传。")
		}
		return err
	}
	return nil
}

// upload reads what is sent, sealed or plain. Hash, size and type are always those of the plain bytes.
func (s *Service) upload(c *fiber.Ctx) (Upload, error) {
	up := Upload{SHA256: c.Params("sha256"), Declared: c.Get(fiber.HeaderContentType), Size: int64(c.Request().Header.ContentLength())}
	plain, sealed := IsSealed(up.Declared)
	limit := int64(MaxFile) // each kind has its own below this
	if sealed {
		limit = SealedSize(MaxPhoto)
	}
	body, err := web.Body(c, limit)
	if err != nil {
		return up, errTooLong
	}
	up.Body = body
	if !sealed {
		return up, nil
	}
	if up.Size >= 0 {
		if up.Size = PlainSize(up.Size); up.Size < 0 {
			return up, errSealed
		}
	}
	up.Declared, up.Body = plain, s.keys.Open(PhotoInfo(up.SHA256), body)
	return up, nil
}

// photoPolicy: a photo is never a page, whatever its bytes might also be taken for.
const photoPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

var errUnshown = &fault.Error{Kind: fault.Conflict, Code: "no_preview", Words: "这种格式的照片不能预览。原件已收妥，可以下载原件。"}

func (s *Service) getPhoto(c *fiber.Ctx) error {
	size := c.Query("size", view)
	if size != thumb && size != view && size != "original" {
		return fault.Field("size", "只有 thumb、view、original 三种")
	}
	ctx, who := c.UserContext(), web.ActorOf(c)
	sha := c.Params("sha256")
	if !hashForm.MatchString(sha) {
		return fault.Missing()
	}
	p, err := s.show(ctx, who, sha)
	if err != nil {
		return err
	}
	if size == "original" {
		if who.Is(actor.Agency) && !p.Own {
			return fault.Missing()
		}
		return s.sendOriginal(c, p.Photo)
	}
	return s.sendDerivative(c, p.Photo, size)
}

func (s *Service) sendOriginal(c *fiber.Ctx, p Photo) error {
	// The answer is sent after this handler and its deadline have ended.
	r, n, err := s.store.Get(context.WithoutCancel(c.UserContext()), blob.Original(p.SHA256))
	if err != nil {
		return err
	}
	photoHeaders(c, p.MediaType, p.attachment())
	return sendPart(c, r, n)
}

// sendDerivative draws the copy first if the background job has not come to it yet. It never gives the original instead.
func (s *Service) sendDerivative(c *fiber.Ctx, p Photo, kind string) error {
	if p.Preview == "none" {
		return errUnshown
	}
	tag := `"` + p.SHA256[:16] + "-" + kind + `"`
	c.Set(fiber.HeaderCacheControl, "private, max-age=3600")
	c.Set(fiber.HeaderVary, fiber.HeaderCookie)
	c.Set(fiber.HeaderETag, tag)
	if c.Get(fiber.HeaderIfNoneMatch) == tag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	r, n, err := s.derivative(c.UserContext(), p, kind)
	if err != nil {
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Response().Header.Del(fiber.HeaderETag)
		return err
	}
	photoHeaders(c, "image/jpeg", `inline; filename="`+p.SHA256[:16]+"-"+kind+`.jpg"`)
	return c.SendStream(r, int(n))
}

func (s *Service) derivative(ctx context.Context, p Photo, kind string) (io.ReadCloser, int64, error) {
	open := context.WithoutCancel(ctx)
	if p.Preview == "made" {
		r, n, err := s.store.Get(open, derivedKey(kind, p.SHA256))
		if !errors.Is(err, blob.ErrNotFound) {
			return r, n, err
		}
		if err := setPreview(ctx, s.db, p.SHA256, "due"); err != nil { // copies can be lost without loss: draw them again
			return nil, 0, err
		}
	}
	if err := s.Derive(ctx, p.SHA256); err != nil {
		return nil, 0, err
	}
	if now, err := held(ctx, s.db, p.SHA256); err != nil || now.Preview == "none" {
		return nil, 0, errors.Join(err, errUnshown)
	}
	return s.store.Get(open, derivedKey(kind, p.SHA256))
}

func photoHeaders(c *fiber.Ctx, mediaType, disposition string) {
	c.Set(fiber.HeaderContentType, mediaType)
	c.Set(fiber.HeaderContentDisposition, disposition)
	c.Set(fiber.HeaderContentSecurityPolicy, photoPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
}
