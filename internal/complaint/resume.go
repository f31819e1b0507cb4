package complaint

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/platform/door"
)

// A half-written complaint waits on the phone that wrote it (先存一下), sealed in a cookie: the server keeps nothing of it.
// Name and telephone number do not go along: whoever borrows the phone must not find out who was about to complain.

const (
	resumeName = "sxc"
	resumeFor  = 7 * 24 * time.Hour
	resumeMost = 3800 // what browsers take in one cookie, less its name
)

type resumed struct {
	Values map[string]string `json:"v"`
	Photos []door.Photo      `json:"p,omitempty"`
}

var resumeFields = []string{"nonce", "unit", "man", "day", "place", "fact", "ask", "stage"}

// keepHere saves the form on the phone and shows it again, with nothing lost where it is too long for that.
func (s *Service) keepHere(c *fiber.Ctx, in *Input, form *door.Form) error {
	d := resumed{Values: map[string]string{}, Photos: form.Photos}
	for _, name := range resumeFields {
		if v := form.Values.Get(name); v != "" {
			d.Values[name] = v
		}
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	token, err := s.keys.Pack("complaint resume", body, s.now().Add(resumeFor))
	if err != nil {
		return err
	}
	saved := "存好了，7天内用这部手机再打开这一页，接着写。姓名电话没有存。"
	if len(token) > resumeMost {
		saved = "字太多，这部手机存不下。写的都在这一页，请先不要关，写完直接提交。"
	} else {
		s.resumeCookie(c, token, resumeFor)
	}
	return s.drawForm(c, fiber.StatusOK, in, form, nil, saved)
}

// resume gives back what this phone has saved; nil when there is nothing.
func (s *Service) resume(c *fiber.Ctx) *door.Form {
	token := c.Cookies(resumeName)
	if token == "" {
		return nil
	}
	body, ok := s.keys.Unpack("complaint resume", token, s.now())
	var d resumed
	if !ok || json.Unmarshal(body, &d) != nil {
		return nil
	}
	form := &door.Form{Values: url.Values{"P4": {"y"}, "P5": {"y"}}, Photos: d.Photos}
	for k, v := range d.Values {
		form.Values.Set(k, v)
	}
	return form
}

func (s *Service) dropResume(c *fiber.Ctx) {
	if c.Cookies(resumeName) != "" {
		s.resumeCookie(c, "", 0)
	}
}

// resumeCookie: the name and value are ours: letters, digits, - and _.
func (s *Service) resumeCookie(c *fiber.Ctx, value string, life time.Duration) {
	secure := ""
	if c.Secure() || strings.HasPrefix(c.Get(fiber.HeaderOrigin), "https:") {
		secure = "; Secure"
	}
	c.Response().Header.Add(fiber.HeaderSetCookie, resumeName+"="+value+"; Path=/c; Max-Age="+strconv.Itoa(int(life/time.Second))+"; HttpOnly; SameSite=Lax"+secure)
}
