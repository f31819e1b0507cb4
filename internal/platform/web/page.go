package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/fault"
)

// PageError draws an error as a page for people who came with a browser.
type PageError func(c *fiber.Ctx, status int, words string) error

// SetPageError gives the router the public pages' way to say that something is not there.
func (r *Router) SetPageError(p PageError) { r.page = p }

// StyleHash is a stylesheet's hash as a CSP source.
func StyleHash(css string) string {
	sum := sha256.Sum256([]byte(css))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// PageCSP is the policy of a server-rendered page: its one inlined stylesheet, our images, our forms, no script.
func PageCSP(styleHash string) string {
	return "default-src 'none'; style-src " + styleHash + "; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// Page is one page of a list by keyset. Next is empty at the end. Total is given where counting is cheap.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next"`
	Total int    `json:"total,omitempty"`
}

// Cut makes a page of size rows out of rows that were asked for with one more; that one tells that there is a next page,
// after the position of the last row that stays.
func (p *Page[T]) Cut(size int, position func(last T) any) {
	if len(p.Items) > size {
		p.Items = p.Items[:size]
		p.Next = EncodeCursor(position(p.Items[size-1]))
	}
}

// ID reads the id in an address. One that is none is not found, in the same words as one that is out of sight.
func ID(raw string) (uuid.UUID, error) {
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != 36 {
		return uuid.Nil, fault.Missing()
	}
	return id, nil
}

// EncodeCursor packs a keyset position for the client to hand back.
func EncodeCursor(position any) string {
	b, err := json.Marshal(position)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeCursor unpacks it into dest; an empty cursor leaves dest as it is and gives false.
func DecodeCursor(cursor string, dest any) (bool, error) {
	if cursor == "" {
		return false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, dest)
	}
	if err != nil {
		return false, fault.Field("after", "翻页的位置不对，请从第一页看起")
	}
	return true, nil
}
