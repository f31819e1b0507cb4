package account

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

func TestLoginGivesOurOwnSession(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	planted := strings.Repeat("A", 43)
	res := h.do(t, planted, "POST", "/api/session", m{"username": " Office ", "password": good})
	if res.status != 200 || res.cookie == nil || res.cookie.Value == planted || len(res.cookie.Value) != 43 {
		t.Fatalf("%+v", res)
	}
	if c := res.cookie; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Name != "suixing_session" {
		t.Errorf("cookie %+v", c)
	}
	if h.do(t, planted, "GET", "/api/session", nil).status != 401 {
		t.Error("a planted id became a session")
	}
	me := h.do(t, res.cookie.Value, "GET", "/api/session", nil)
	if me.status != 200 || me.body["username"] != "office" || me.body["office"].(map[string]any)["township"] != "示例镇A" || me.body["agency"] != nil {
		t.Errorf("%+v", me.body)
	}
	again := h.do(t, res.cookie.Value, "POST", "/api/session", m{"username": "office", "password": good})
	if again.cookie.Value == res.cookie.Value || h.do(t, res.cookie.Value, "GET", "/api/session", nil).status != 401 {
		t.Error("a second login kept the first one's id alive")
	}
	if n := h.count(t, `SELECT count(*) FROM sessions WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, again.cookie.Value); n != 0 {
		t.Error("the token itself is stored")
	}
	if res := h.do(t, again.cookie.Value, "DELETE", "/api/session", nil); res.status != 204 || res.cookie.MaxAge >= 0 {
		t.Errorf("logout %+v", res)
	}
	if h.do(t, again.cookie.Value, "GET", "/api/session", nil).status != 401 {
		t.Error("the session outlived the logout")
	}
}

func TestLoginNeedsOurPageAndKnownFields(t *testing.T) {
	h := newHouse(t)
	if res := h.do(t, "", "POST", "/api/session", m{"username": "admin", "password": good, "role": "county"}); res.status != 422 {
		t.Errorf("an unknown field passed: %d", res.status)
	}
	if res := h.do(t, "", "POST", "/api/session", m{"username": "admin"}); res.status != 422 {
		t.Errorf("no password: %d", res.status)
	}
	if res := h.do(t, "", "POST", "/api/session", m{"username": "a\x00b", "password": "x"}); res.status >= 500 {
		t.Errorf("a NUL byte: %d %s", res.status, res.raw)
	}
}

func TestSameWordsForEveryRefusal(t *testing.T) {
	h := newHouse(t)
	gone := h.person(t, "gone", actor.Hotline)
	h.person(t, "there", actor.Hotline)
	if _, err := h.s.Leave(bg, h.admin, gone.ID, none0, "调离"); err != nil {
		t.Fatal(err)
	}
	var first string
	for _, c := range []struct{ name, user, password string }{
		{"wrong password", "there", "wrong"}, {"unknown name", "nobody", good}, {"has left", "gone", good}, {"empty", "", ""}, {"long", strings.Repeat("x", 200), strings.Repeat("y", 1000)},
	} {
		res := h.do(t, "", "POST", "/api/session", m{"username": c.user, "password": c.password})
		if first == "" {
			first = res.raw
		}
		if res.status != 401 || res.raw != first || res.cookie != nil {
			t.Errorf("%s: %d %s", c.name, res.status, res.raw)
		}
	}
}

func TestUnknownNamesTakeAsLong(t *testing.T) {
	h := newHouse(t)
	h.person(t, "there", actor.Hotline)
	took := func(user string) time.Duration {
		best := time.Hour
		for i := range 4 {
			start := time.Now()
			_, _ = h.s.Login(bg, Credentials{Username: user, Password: "wrong", Address: "10.1.0." + string(rune('1'+i))})
			best = min(best, time.Since(start))
		}
		return best
	}
	if a, b := took("there"), took("nobody"); a > 3*b || b > 3*a {
		t.Errorf("known %v, unknown %v", a, b)
	}
}

func TestSessionEndsIdleAndAbsolutely(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	alive := func(token string) bool {
		_, _, err := h.s.Authenticate(bg, token)
		if err != nil && fault.KindOf(err) != fault.Unauthenticated {
			t.Fatal(err)
		}
		return err == nil
	}
	idle := h.login(t, "office")
	h.after(119 * time.Minute)
	if !alive(idle) {
		t.Fatal("ended before its idle limit")
	}
	h.after(119 * time.Minute)
	if !alive(idle) {
		t.Fatal("use did not move the idle limit")
	}
	h.after(121 * time.Minute)
	if alive(idle) {
		t.Fatal("alive after its idle limit")
	}
	used := h.login(t, "office")
	for range 12 {
		h.after(time.Hour)
		if alive(used) != (h.Clock.Now().Sub(startOf(t, h, used)) < 12*time.Hour) {
			t.Fatal("the absolute limit")
		}
	}
	if alive(used) {
		t.Fatal("alive after its absolute limit")
	}
	if _, err := h.s.SaveSecurity(bg, h.admin, Security{IdleMinutes: 10, AbsoluteHours: 1}); err != nil {
		t.Fatal(err)
	}
	short := h.login(t, "office")
	h.after(11 * time.Minute)
	if alive(short) {
		t.Fatal("the setting is not followed")
	}
	if err := h.s.Sweep(bg); err != nil || h.count(t, `SELECT count(*) FROM sessions`) != 0 {
		t.Errorf("ended sessions stay: %v", err)
	}
}

func startOf(t *testing.T, h *house, token string) (at time.Time) {
	t.Helper()
	if err := h.DB.Get(bg, &at, `SELECT created_at FROM sessions WHERE token_hash = $1`, hashToken(token)); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLoweredIdleLimitHoldsForOldSessions(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	old := h.login(t, "office")
	if _, err := h.s.SaveSecurity(bg, h.admin, Security{IdleMinutes: 5, AbsoluteHours: 12}); err != nil {
		t.Fatal(err)
	}
	h.after(6 * time.Minute)
	if _, _, err := h.s.Authenticate(bg, old); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the old limit still holds: %v", err)
	}
}

func TestSessionIsTouchedOnceAMinute(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	token := h.login(t, "office")
	version := func() (x string) {
		if err := h.DB.Get(bg, &x, `SELECT xmin::text FROM sessions WHERE token_hash = $1`, hashToken(token)); err != nil {
			t.Fatal(err)
		}
		return x
	}
	before := version()
	for range 20 {
		h.after(2 * time.Second)
		if _, _, err := h.s.Authenticate(bg, token); err != nil {
			t.Fatal(err)
		}
	}
	if version() != before {
		t.Error("the row was written within the minute")
	}
	h.after(time.Minute)
	if _, _, err := h.s.Authenticate(bg, token); err != nil || version() == before {
		t.Errorf("the row was not written after it: %v", err)
	}
}

func TestMyLogins(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	h.person(t, "other", actor.Office)
	here, there, foreign := h.login(t, "office"), h.login(t, "office"), h.login(t, "other")
	res := h.do(t, here, "GET", "/api/sessions", nil)
	items := res.body["items"].([]any)
	if len(items) != 2 {
		t.Fatalf("%s", res.raw)
	}
	current, other := "", ""
	for _, i := range items {
		if s := i.(map[string]any); s["current"] == true {
			current = s["id"].(string)
		} else {
			other = s["id"].(string)
		}
	}
	if h.do(t, foreign, "DELETE", "/api/sessions/"+current, nil).status != 404 {
		t.Error("somebody else ended my login")
	}
	if h.do(t, here, "DELETE", "/api/sessions/"+other, nil).status != 204 || h.do(t, there, "GET", "/api/session", nil).status != 401 {
		t.Error("the other login goes on")
	}
	there = h.login(t, "office")
	if h.do(t, here, "DELETE", "/api/sessions", nil).status != 204 || h.do(t, there, "GET", "/api/session", nil).status != 401 || h.do(t, here, "GET", "/api/session", nil).status != 200 {
		t.Error("ending the others")
	}
	if h.do(t, foreign, "GET", "/api/session", nil).status != 200 {
		t.Error("somebody else's login ended too")
	}
}

func TestBearerToken(t *testing.T) {
	h := newHouse(t)
	a := h.person(t, "hotline", actor.Hotline)
	res := h.do(t, h.login(t, "admin"), "POST", "/api/accounts/"+a.ID.String()+"/tokens", m{"label": "12345平台", "days": 30})
	token, _ := res.body["token"].(string)
	if res.status != 200 || !strings.HasPrefix(token, "sx_") {
		t.Fatalf("%s", res.raw)
	}
	h.after(29 * 24 * time.Hour) // idle for weeks is no matter
	who, sess, err := h.s.Authenticate(bg, token)
	if err != nil || who.ID != a.ID || sess.Kind != "token" {
		t.Fatalf("%v %+v", err, who)
	}
	h.after(2 * 24 * time.Hour)
	if _, _, err := h.s.Authenticate(bg, token); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the token outlived its days: %v", err)
	}
}
