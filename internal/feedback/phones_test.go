package feedback

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

// An office counts and ends what all its phones carry, and changes one phone's tickets for others; a supervisor her own.
func TestOfficeHoldsItsPhonesTickets(t *testing.T) {
	w := newWorld(t)
	phones := map[string]uuid.UUID{}
	take := func(who, phone string, n int) (out Batch) {
		w.Helper()
		if phones[phone] == uuid.Nil {
			phones[phone] = uuid.New()
			w.Exec(`INSERT INTO devices (id, account_id, name, secret_hash, created_at, seen_at) VALUES ($1, $2, $3, sha256($3::text::bytea), now(), now())`, phones[phone], w.People[who].ID, phone)
		}
		if a := w.As(who, "POST", "/api/tickets", map[string]any{"request_id": uuid.New(), "count": n, "device_id": phones[phone]}, &out); a.Code != 200 {
			t.Fatal(a.Code, a.Body)
		}
		return out
	}
	stock := func(who string) (out Stock) {
		w.As(who, "GET", "/api/tickets/stock", nil, &out)
		return out
	}
	old := take("supervisor", "A", 3)
	take("supervisor", "B", 4)
	take("office", "C", 2)
	take("office2", "D", 5)
	if got := stock("office"); got.Unused != 9 || len(got.Phones) != 3 {
		t.Errorf("the office's phones: %+v", got)
	}
	if got := stock("supervisor"); got.Unused != 7 || len(got.Phones) != 2 {
		t.Errorf("her own: %+v", got)
	}
	change := map[string]any{"holder_id": w.People["supervisor"].ID, "device_id": phones["A"]}
	if a := w.As("office2", "POST", "/api/tickets/revoke", change, nil); !strings.Contains(a.Body, `"revoked":0`) {
		t.Error("another office ends it", a.Body)
	}
	if a := w.As("office", "POST", "/api/tickets/revoke", change, nil); !strings.Contains(a.Body, `"revoked":3`) {
		t.Error(a.Body)
	}
	if got := stock("office"); got.Unused != 6 || got.Revoked != 3 || w.Get(strings.TrimPrefix(old.Items[0].URL, "http://suixing.example")).Code != 404 {
		t.Errorf("%+v", got)
	}
	take("supervisor", "A", 3) // what the phone does when it is on line
	take("office", "C", 1)
	var mine Batch
	if w.As("office", "POST", "/api/tickets/rotate", map[string]any{"request_id": uuid.New(), "count": 1}, &mine); len(mine.Items) != 1 || stock("supervisor").Unused != 7 {
		t.Errorf("who changes her own ends others': %+v", stock("supervisor"))
	}
	if a := w.As("supervisor", "POST", "/api/tickets/revoke", map[string]any{"all": true}, nil); !strings.Contains(a.Body, `"revoked":7`) {
		t.Error(a.Body)
	}
	take("supervisor", "B", 4)
	if a := w.As("office", "POST", "/api/tickets/revoke", map[string]any{"all": true}, nil); !strings.Contains(a.Body, `"revoked":5`) || stock("office").Unused != 0 || stock("office2").Unused != 5 {
		t.Errorf("本所各手机上的全部: %s, %+v", a.Body, stock("office"))
	}
}
