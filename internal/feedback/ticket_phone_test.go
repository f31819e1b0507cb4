package feedback

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/db"
)

// phone enrols a phone of a person's.
func (w *world) phone(who, name string) uuid.UUID {
	w.Helper()
	id := uuid.New()
	w.Exec(`INSERT INTO devices (id, account_id, name, secret_hash, created_at, seen_at) VALUES ($1, $2, $3, sha256($4::text::bytea), now(), now())`, id, w.People[who].ID, name, id.String())
	return id
}

// lost reports a phone lost and tells how many tickets ended.
func (w *world) lost(phone uuid.UUID) (n int64) {
	w.Helper()
	w.Exec(`UPDATE devices SET revoked_at = now(), revoked_reason = '手机丢了' WHERE id = $1`, phone)
	w.Must(w.Env.DB.InTx(context.Background(), func(tx *db.DB) (err error) {
		n, err = w.s.RevokeDeviceTickets(context.Background(), tx, actor.System, phone, w.Env.Clock.Now())
		return err
	}))
	return n
}

func (w *world) carry(who string, phone uuid.UUID, carried ...Ticket) {
	w.Helper()
	ids := make([]uuid.UUID, len(carried))
	for i, t := range carried {
		ids[i] = t.ID
	}
	w.Must(w.Env.DB.InTx(context.Background(), func(tx *db.DB) error {
		return w.s.CarryTickets(context.Background(), tx, w.People[who], phone, ids)
	}))
}

// However a phone came by its tickets, they end when it is reported lost; those of another phone do not.
func TestLostPhoneLeavesNoTicket(t *testing.T) {
	w := newWorld(t)
	lost, kept, foreign := w.phone("supervisor", "丢的"), w.phone("supervisor", "还在的"), w.phone("office", "别人的")
	order := func(who string, n int, phone any) (out Batch, a int) {
		w.Helper()
		in := map[string]any{"request_id": uuid.New(), "count": n}
		if phone != nil {
			in["device_id"] = phone
		}
		return out, w.As(who, "POST", "/api/tickets", in, &out).Code
	}
	for name, id := range map[string]uuid.UUID{"another's phone": foreign, "a phone that is not enrolled": uuid.New()} {
		if _, code := order("supervisor", 1, id); code != 422 {
			t.Errorf("%s is given tickets: %d", name, code)
		}
	}
	said, _ := order("supervisor", 3, lost)
	early, _ := order("supervisor", 2, nil) // fetched before the phone was enrolled
	loose, _ := order("supervisor", 4, nil) // nobody has told of these
	safe, _ := order("supervisor", 5, nil)
	shown, _ := order("supervisor", 1, lost)
	w.carry("supervisor", lost, early.Items...)
	w.carry("supervisor", kept, append(safe.Items, said.Items...)...) // what is tied is not tied anew
	w.carry("office", foreign, loose.Items...)                        // nor is another's
	w.Must(w.bind(shown.Items[0].ID, w.visit()))                      // somebody holds this one in her hands
	if n := w.lost(lost); n != 3+2+4 {
		t.Errorf("ended with the phone: %d", n)
	}
	open := func(b Batch) int { return w.Get(strings.TrimPrefix(b.Items[0].URL, "http://suixing.example")).Code }
	for name, c := range map[string]struct {
		b    Batch
		want int
	}{"said": {said, 404}, "early": {early, 404}, "loose": {loose, 404}, "safe": {safe, 200}, "shown": {shown, 200}} {
		if got := open(c.b); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if _, code := order("supervisor", 1, lost); code != 409 {
		t.Errorf("a phone reported lost is given tickets: %d", code)
	}
	late, _ := order("supervisor", 2, nil)
	w.carry("supervisor", lost, late.Items...) // by whoever has found it
	if n := w.Count(`SELECT count(*) FROM tickets WHERE device_id = $1 AND id = $2`, lost, late.Items[0].ID); n != 0 {
		t.Error("a lost phone takes tickets over")
	}
}

// What lies on phones that nobody goes out with is no stock, and does not stand in the way of new ones.
func TestDeadPhonesAreNoStock(t *testing.T) {
	w := newWorld(t)
	dead, good := w.phone("supervisor", "挂失的"), w.phone("supervisor", "在用的")
	batch := func(phone uuid.UUID, n int) int {
		w.Helper()
		return w.As("supervisor", "POST", "/api/tickets", map[string]any{"request_id": uuid.New(), "count": n, "device_id": phone}, nil).Code
	}
	stock := func(who string) (out Stock) {
		w.Helper()
		w.As(who, "GET", "/api/tickets/stock", nil, &out)
		return out
	}
	for range 4 {
		batch(dead, 50)
	}
	if code := batch(good, 1); code != 409 {
		t.Fatal("more than a person may hold", code)
	}
	w.Exec(`UPDATE devices SET revoked_at = now(), revoked_reason = '手机丢了' WHERE id = $1`, dead) // as a backup may bring it back: the report without its tickets
	if got := stock("office"); got.Unused != 0 || len(got.Phones) != 0 {
		t.Errorf("tickets on a dead phone: %+v", got)
	}
	if code := batch(good, 7); code != 200 || stock("supervisor").Unused != 7 || stock("office").Unused != 7 {
		t.Errorf("%d, %+v", code, stock("office"))
	}
	w.Exec(`UPDATE accounts SET active = false WHERE id = $1`, w.People["supervisor"].ID)
	if got := stock("office"); got.Unused != 0 {
		t.Errorf("tickets of somebody who has left: %+v", got)
	}
}
