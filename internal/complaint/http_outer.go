package complaint

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
)

// outerRoutes are for the 12345 platform. A signed request carries
//
//	X-Suixing-Key: the key's id            X-Suixing-Timestamp: seconds since 1970, within five minutes of ours
//	X-Suixing-Nonce: 16-64 of A-Za-z0-9_-  X-Suixing-Signature: hex HMAC-SHA256(secret, method "\n" path with query "\n" timestamp "\n" nonce "\n" hex SHA-256 of the body)
//
// Each signature works once. POST /api/12345/tickets OuterTicket → {id,number,receipt}; GET /api/12345/results?since= (RFC 3339
// or the last answer's next) → {items:[OuterResult],next}.
func (s *Service) outerRoutes(r *web.Router) {
	r.Plain("POST", "/api/12345/tickets", web.Anyone, "Push a ticket of 12345; signed, the outer number makes it one", s.postTicket)
	r.Plain("GET", "/api/12345/results", web.Anyone, "What became of the tickets of 12345; signed", s.getResults)
	admin := web.Roles(actor.Admin)
	web.Get(r, "/api/12345/keys", admin, "Keys of the 12345 platforms, without their secrets", s.getKeys)
	web.Post(r, "/api/12345/keys", admin, "Make a key for a platform; its secret is shown once", s.postKey)
	web.Post(r, "/api/12345/keys/{id}/revoke", admin, "End a key at once", s.postRevoke)
}

// ticketMost is more than any ticket takes.
const ticketMost = 64 << 10

// signedBody reads a request's body and tells which source signed it. The signature is judged before the body is read as
// anything: who is not a source learns nothing from what is said about a ticket. Only who signs wrongly is slowed: what a
// platform signed is taken however many others try behind the same address.
func (s *Service) signedBody(c *fiber.Ctx) (source uuid.UUID, body []byte, err error) {
	stream, err := web.Body(c, ticketMost)
	if err != nil {
		return uuid.Nil, nil, err
	}
	if body, err = io.ReadAll(stream); err != nil {
		return uuid.Nil, nil, err
	}
	g, err := readSigned(c.Get("X-Suixing-Key"), c.Get("X-Suixing-Timestamp"), c.Get("X-Suixing-Nonce"), c.Get("X-Suixing-Signature"))
	if err == nil {
		source, err = s.verify(c.UserContext(), g, signedText(c.Method(), c.OriginalURL(), c.Get("X-Suixing-Timestamp"), g.nonce, body))
	}
	if fault.KindOf(err) == fault.Unauthenticated {
		if slowed := s.wrong(c.UserContext()); slowed != nil {
			return uuid.Nil, nil, slowed
		}
	}
	return source, body, err
}

// wrong counts a wrong signature and keeps its sender waiting.
func (s *Service) wrong(ctx context.Context) error {
	if err := s.slow.Hit(ctx, "12345"); err != nil {
		return err
	}
	return s.slow.Wait(ctx, "12345")
}

func (s *Service) postTicket(c *fiber.Ctx) error {
	source, body, err := s.signedBody(c)
	if err != nil {
		return err
	}
	var t OuterTicket
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil || d.More() {
		return fault.New(fault.Invalid, "json", "工单不是约定的JSON格式，或者有多余的项。没有收下。")
	}
	kept, err := s.Push(c.UserContext(), source, &t)
	if err != nil {
		return err
	}
	kept.Receipt = door.Group(kept.Receipt)
	return c.JSON(kept)
}

func (s *Service) getResults(c *fiber.Ctx) error {
	source, _, err := s.signedBody(c)
	if err != nil {
		return err
	}
	page, err := s.Results(c.UserContext(), source, c.Query("since"), actor.System)
	if err != nil {
		return err
	}
	return c.JSON(page)
}

type outerKeysOutput struct {
	Body struct {
		Items []OuterKey `json:"items" nullable:"false"`
	}
}

func (s *Service) getKeys(ctx context.Context, who actor.Actor, _ *struct{}) (*outerKeysOutput, error) {
	list, err := s.OuterKeys(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &outerKeysOutput{}
	out.Body.Items = list
	return out, nil
}

type outerKeyInput struct {
	Body struct {
		Name string `json:"name" maxLength:"40"`
	}
}

type outerKeyOutput struct{ Body *OuterKey }

func (s *Service) postKey(ctx context.Context, who actor.Actor, in *outerKeyInput) (*outerKeyOutput, error) {
	k, err := s.MakeKey(ctx, who, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &outerKeyOutput{k}, nil
}

func (s *Service) postRevoke(ctx context.Context, who actor.Actor, in *idInput) (*struct{}, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.RevokeKey(ctx, who, id)
}
