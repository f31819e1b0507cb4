package feedback

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/platform/door"
)

// A half-filled form waits on the phone that filled it (先存一下), sealed in a cookie: the server keeps nothing of it, and
// whoever else holds the same code, the supervisor's own screen among them, sees none of it.

const (
	draftFor  = 7 * 24 * time.Hour
	draftMost = 3800 // what browsers take in one cookie, less its name
	deviceFor = 24 * time.Hour
)

type draft struct {
	Values map[string]string `json:"v"`
	Photos []door.Photo      `json:"p,omitempty"`
}

// draftFields are what a draft holds; everything else of a form is the page's own.
var draftFields = func() []string {
	out := []string{"agency", "day", "matter", "kind", "business", "O1", "O2", "P1", "P2", "P3", "P4", "P5", "consent", "o"}
	for _, f := range facts {
		out = append(out, f.id)
	}
	for _, r := range ratings {
		out = append(out, r.id)
	}
	return out
}()

func (s *Service) draftName(ticket uuid.UUID) string {
	return "sx" + hex.EncodeToString(s.keys.Derive("draft name", ticket[:])[:5])
}

// saveDraft puts the form on the phone; false when it is too long for it.
func (s *Service) saveDraft(c *fiber.Ctx, ticket uuid.UUID, form *door.Form) (bool, error) {
	d := draft{Values: map[string]string{}, Photos: form.Photos}
	for _, name := range draftFields {
		if v := form.Values.Get(name); v != "" {
			d.Values[name] = v
		}
	}
	body, err := json.Marshal(d)
	if err != nil {
		return false, err
	}
	token, err := s.keys.Pack(s.draftName(ticket), body, s.now().Add(draftFor))
	if err != nil || len(token) > draftMost {
		return false, err
	}
	s.setCookie(c, s.draftName(ticket), token, draftFor)
	return true, nil
}

// openDraft gives back what this phone has saved for a ticket; nil when there is nothing.
func (s *Service) openDraft(c *fiber.Ctx, ticket uuid.UUID) *door.Form {
	token := c.Cookies(s.draftName(ticket))
	if token == "" {
		return nil
	}
	body, ok := s.keys.Unpack(s.draftName(ticket), token, s.now())
	var d draft
	if !ok || json.Unmarshal(body, &d) != nil {
		return nil
	}
	form := &door.Form{Values: url.Values{}, Photos: d.Photos}
	for k, v := range d.Values {
		form.Values.Set(k, v)
	}
	return form
}

func (s *Service) dropDraft(c *fiber.Ctx, ticket uuid.UUID) {
	if c.Get(fiber.HeaderCookie) == "" { // nearly always: nothing was saved
		return
	}
	if name := s.draftName(ticket); c.Cookies(name) != "" {
		s.setCookie(c, name, "", -1)
	}
}

// The phone that answered keeps a mark made from the ticket; the server keeps nothing, and can tell ours from any other.
func (s *Service) spentMark(ticket uuid.UUID) (name, value string) {
	m := s.keys.Derive("spent", ticket[:])
	return "sf" + hex.EncodeToString(m[:5]), door.Code(m[5:], 24)
}

func (s *Service) noteAnswered(c *fiber.Ctx, ticket uuid.UUID) {
	name, value := s.spentMark(ticket)
	s.setCookie(c, name, value, ticketLife+24*time.Hour)
}

func (s *Service) answeredHere(c *fiber.Ctx, ticket uuid.UUID) bool {
	if c.Get(fiber.HeaderCookie) == "" {
		return false
	}
	name, value := s.spentMark(ticket)
	return hmac.Equal([]byte(c.Cookies(name)), []byte(value))
}

func (s *Service) setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if life < 0 {
		age = -1
	}
	// The name and value are ours: letters, digits, - and _.
	c.Response().Header.Add(fiber.HeaderSetCookie, name+"="+value+"; Path=/f; Max-Age="+strconv.Itoa(max(age, 0))+"; HttpOnly; SameSite=Lax"+map[bool]string{true: "; Secure"}[strings.HasPrefix(s.publicURL, "https:")])
}

// opened is when a form was first opened, under our mark, so that a form filled faster than a person can is known.
func (s *Service) openedMark(scope []byte) string {
	t := strconv.FormatInt(s.now().Unix(), 36)
	return t + "." + door.Code(s.keys.Derive("opened", scope, []byte(t)), 8)
}

// openFor is how long the form was open; 0 when that is not known.
func (s *Service) openFor(mark string, scope []byte) time.Duration {
	t, sum, ok := strings.Cut(mark, ".")
	if !ok || len(t) > 10 || sum != door.Code(s.keys.Derive("opened", scope, []byte(t)), 8) {
		return 0
	}
	at, err := strconv.ParseInt(t, 36, 64)
	if err != nil {
		return 0
	}
	return max(s.now().Sub(time.Unix(at, 0)), time.Second)
}
