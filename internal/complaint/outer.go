package complaint

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// A platform of 12345 hands tickets in and fetches what became of them. Each request is signed; nothing is ever fetched
// from an address that a platform names.

// signatureLife is how far a signed request's time may be from ours, either way.
const signatureLife = 5 * time.Minute

// signed is what a request says of itself in its headers.
type signed struct {
	key       uuid.UUID
	at        time.Time
	nonce     string
	signature []byte
}

// signedText is what is signed: method, path with query, time, nonce and the body's SHA-256, a line each.
func signedText(method, path, timestamp, nonce string, body []byte) []byte {
	sum := sha256.Sum256(body)
	return []byte(strings.Join([]string{method, path, timestamp, nonce, hex.EncodeToString(sum[:])}, "\n"))
}

// outerSecret is a key's secret: made from the server's own and the key's id, so that it stands in no table.
func (s *Service) outerSecret(key uuid.UUID) []byte { return s.keys.Fingerprint("12345 key", key[:]) }

func unsigned() error {
	return fault.New(fault.Unauthenticated, "signature", "签名不对：密钥、时间、随机串、签名有一项不符，或者这个请求已经用过。没有收下。")
}

var nonceShape = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// readSigned reads the four headers. Whatever is wrong with them is said in the same words.
func readSigned(key, timestamp, nonce, signature string) (out signed, err error) {
	seconds, err1 := strconv.ParseInt(timestamp, 10, 64)
	id, err2 := uuid.Parse(key)
	mac, err3 := hex.DecodeString(signature)
	if err1 != nil || err2 != nil || len(key) != 36 || err3 != nil || len(mac) != sha256.Size || !nonceShape.MatchString(nonce) {
		return out, unsigned()
	}
	return signed{key: id, at: time.Unix(seconds, 0), nonce: nonce, signature: mac}, nil
}

// verify tells which source signed a request, once: the same signature again is refused, on every instance.
func (s *Service) verify(ctx context.Context, g signed, text []byte) (source uuid.UUID, err error) {
	m := hmac.New(sha256.New, s.outerSecret(g.key))
	m.Write(text)
	if !hmac.Equal(m.Sum(nil), g.signature) {
		return uuid.Nil, unsigned()
	}
	now := s.now()
	if g.at.Before(now.Add(-signatureLife)) || g.at.After(now.Add(signatureLife)) {
		return uuid.Nil, unsigned()
	}
	source, err = useSignature(ctx, s.db, g.key, door.Hash(g.nonce), now)
	if fault.KindOf(err) == fault.NotFound {
		return uuid.Nil, unsigned()
	}
	return source, err
}

// OuterTicket is a ticket as a platform pushes it. Number is the platform's own and makes pushing it twice one complaint.
type OuterTicket struct {
	Number   string `json:"number"`
	Target   string `json:"target"`
	Officer  string `json:"officer,omitempty"`
	Happened string `json:"happened"`
	Place    string `json:"place"`
	Fact     string `json:"fact"`
	Request  string `json:"request,omitempty"`
	Category string `json:"category,omitempty"`
	Already  string `json:"already,omitempty"`
	Urgency  string `json:"urgency,omitempty"`
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Address  string `json:"address,omitempty"`
	Open     bool   `json:"not_confidential,omitempty"`
	Reply    bool   `json:"reply_wanted,omitempty"`
}

func (t *OuterTicket) input(source uuid.NullUUID) (*Input, error) {
	in := &Input{
		Nonce: "12345/" + door.OneLine(t.Number), Channel: "12345", Target: door.OneLine(t.Target), Officer: door.OneLine(t.Officer), Happened: door.OneLine(t.Happened), Place: door.OneLine(t.Place),
		Fact: door.Clean(t.Fact), Request: door.Clean(t.Request), Category: t.Category, Already: t.Already, Urgency: t.Urgency, Reply: t.Reply, Consent: true,
		OuterNumber: door.OneLine(t.Number), Source: source, Named: t.Name != "" || t.Phone != "",
		Identity: vault.Identity{Name: door.OneLine(t.Name), Phone: door.OneLine(t.Phone), Address: door.OneLine(t.Address), Confidential: !t.Open},
	}
	if in.Already == "" {
		in.Already = "none"
	}
	if n := len([]rune(in.OuterNumber)); n < 4 || n > 60 {
		return nil, fault.Field("outer_number", "写明工单号，4到60个字符")
	}
	return in, checkClasses(in.Category, "", in.Urgency)
}

// Push files a ticket of a source. Pushed again it gives the same answer; with other words both versions are kept.
func (s *Service) Push(ctx context.Context, source uuid.UUID, t *OuterTicket) (*Filed, error) {
	in, err := t.input(uuid.NullUUID{UUID: source, Valid: true})
	if err != nil {
		return nil, err
	}
	out, err := s.File(ctx, actor.System, in)
	return out, onWire(err)
}

// OuterKey is a key under which a source signs. Its secret is shown once, when it is made.
type OuterKey struct {
	ID        uuid.UUID  `db:"id" json:"id"`
	SourceID  uuid.UUID  `db:"source_id" json:"source_id"`
	Source    string     `db:"source" json:"source"`
	CreatedAt time.Time  `db:"created_at" json:"created_at"`
	UsedAt    *time.Time `db:"used_at" json:"used_at"`
	RevokedAt *time.Time `db:"revoked_at" json:"revoked_at"`
	Secret    string     `db:"-" json:"secret,omitempty" doc:"base64; shown only in the answer that makes the key"`
}

// MakeKey makes a key for a source; a name that is new makes the source too, a known one gets a further key.
func (s *Service) MakeKey(ctx context.Context, who actor.Actor, name string) (*OuterKey, error) {
	name = door.OneLine(name)
	if n := len([]rune(name)); n < 2 || n > 40 {
		return nil, fault.Field("name", "写明是哪个平台，2到40字")
	}
	k := &OuterKey{ID: uuid.New(), Source: name, CreatedAt: s.now()}
	err := s.db.InTx(ctx, func(tx *db.DB) (err error) {
		if k.SourceID, err = insertKey(ctx, tx, who, k); err != nil {
			return err
		}
		return audit.Append(ctx, tx, k.CreatedAt, who, "outer.make_key", "outer_key", k.ID, map[string]any{"source": k.SourceID})
	})
	k.Secret = base64.StdEncoding.EncodeToString(s.outerSecret(k.ID))
	return k, err
}

// RevokeKey ends a key at once; doing it again changes nothing.
func (s *Service) RevokeKey(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	return s.db.InTx(ctx, func(tx *db.DB) error {
		fresh, err := revokeKey(ctx, tx, id, s.now())
		if err != nil || !fresh {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, "outer.revoke_key", "outer_key", id, nil)
	})
}
