package feedback

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"suixing/internal/platform/db"
)

// deaf is a server whose database is gone: whatever it still answers was answered without it.
func (w *world) deaf() string {
	w.Helper()
	d, err := db.Open(context.Background(), w.Env.AppURL, 2)
	w.Must(err)
	s := New(d, w.Env.Clock.Now, Parts{Vault: w.Identities, Secret: bytes.Repeat([]byte{7}, 32), PublicURL: "http://suixing.example", Evidence: w.Evidence, Store: w.Store})
	base, _ := w.Serve(s)
	w.Must(d.Close())
	return base
}

func (w *world) ask(base, path string) answer {
	w.Helper()
	req, err := http.NewRequest("GET", base+path, nil)
	w.Must(err)
	return w.Send(req)
}

// T07: no ticket that was ever issued is in a log, a table, an object or an answer's header, as it is written, in raw bytes or
// in any form these are commonly written in.
func TestTokenLeak(t *testing.T) {
	w := newWorld(t)
	var secrets [][]byte
	headers := ""
	for i := range 20 {
		path, ticket, _ := w.bound()
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(path, "/f/"))
		w.Must(err)
		secrets = append(secrets, raw, []byte(strings.TrimPrefix(path, "/f/")), []byte(strings.ReplaceAll(ticket.Short, " ", "")), []byte(ticket.Short))
		a := w.Post(path, with(good(), "O2", fmt.Sprint(i)), picture(uint8(i)))
		headers += fmt.Sprint(a.Header, a.Location, w.Get(path).Header)
		w.Post("/f", url.Values{"code": {ticket.Short}})
	}
	w.settle()
	w.Must(w.s.Judge(context.Background()))
	if found := leaked(w.everything()+headers, secrets); found != "" {
		t.Fatal("a ticket leaked:", found)
	}
	// What is planted is found, or nothing is proved.
	plants := []func(secret []byte){
		func(secret []byte) { // raw bytes in a column
			w.Exec(`UPDATE feedbacks SET body_hash = $1::bytea || '\x00'::bytea WHERE id = (SELECT min(id::text)::uuid FROM feedbacks)`, secret)
		},
		func(secret []byte) {
			w.Exec(`UPDATE feedbacks SET reply = 'x' || $1 WHERE id = (SELECT min(id::text)::uuid FROM feedbacks)`, hex.EncodeToString(secret))
		},
		func(secret []byte) {
			w.Must(w.Store.Put(context.Background(), "sha256/"+strings.Repeat("ab", 32), bytes.NewReader(secret), int64(len(secret))))
		},
	}
	for i, plant := range plants {
		secret := secrets[i*4]
		if plant(secret); leaked(w.everything(), [][]byte{secret}) == "" {
			t.Errorf("leak %d is not found where it was planted", i)
		}
	}
	page := w.Get("/f")
	if page.Header.Get("Referrer-Policy") == "" || strings.Contains(page.Body, "src=\"http") {
		t.Error("an address may go elsewhere")
	}
}

// everything that a server keeps or writes: rows, columns of bytes in hexadecimal, objects with their keys, the log.
func (w *world) everything() string {
	w.Helper()
	var out strings.Builder
	out.WriteString(w.dump() + w.Logged.String())
	ctx := context.Background()
	w.Must(w.Store.Walk(ctx, "", func(key string, _ int64, _ time.Time) error {
		body, _, err := w.Store.Get(ctx, key)
		if err != nil {
			return err
		}
		defer func() { _ = body.Close() }()
		raw, err := io.ReadAll(body)
		out.WriteString(key + "\n" + string(raw) + "\n")
		return err
	}))
	return out.String()
}

// leaked finds the first secret in any of its forms.
func leaked(kept string, secrets [][]byte) string {
	for _, s := range secrets {
		for _, form := range []string{string(s), hex.EncodeToString(s), strings.ToUpper(hex.EncodeToString(s)), base64.StdEncoding.EncodeToString(s), base64.RawURLEncoding.EncodeToString(s)} {
			if i := strings.Index(kept, form); i >= 0 {
				return fmt.Sprintf("%q after %q", form, kept[max(0, i-80):i])
			}
		}
	}
	return ""
}
