package account

import (
	"encoding/base64"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

var none0 uuid.NullUUID

func (h *house) code(t *testing.T, secret string) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// twoFactors turns the second factor on and gives its secret.
func (h *house) twoFactors(t *testing.T, token string) string {
	t.Helper()
	set := h.do(t, token, "POST", "/api/totp", nil)
	secret, _ := set.body["secret"].(string)
	png, err := base64.StdEncoding.DecodeString(set.body["qr_png"].(string))
	if err != nil || !strings.HasPrefix(string(png), "\x89PNG") || !strings.HasPrefix(set.body["uri"].(string), "otpauth://totp/") {
		t.Fatalf("%s", set.raw)
	}
	if res := h.do(t, token, "POST", "/api/totp/confirm", m{"code": h.code(t, secret)}); res.status != 204 {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	return secret
}

func TestSecondFactor(t *testing.T) {
	h := newHouse(t)
	a := h.person(t, "office", actor.Office)
	token, other := h.login(t, "office"), h.login(t, "office")
	if res := h.do(t, token, "POST", "/api/totp/confirm", m{"code": "000000"}); res.status != 409 {
		t.Errorf("confirm before set-up: %d", res.status)
	}
	secret := h.twoFactors(t, token)
	if h.do(t, other, "GET", "/api/session", nil).status != 401 {
		t.Error("a login with one factor goes on")
	}
	if n := h.count(t, `SELECT count(*) FROM accounts WHERE encode(totp_secret, 'escape') LIKE '%'||$1||'%'`, secret); n != 0 {
		t.Error("the secret is stored in clear")
	}
	in := m{"username": "office", "password": good}
	if res := h.do(t, "", "POST", "/api/session", in); res.status != 401 || res.body["code"] != "totp_required" || res.cookie != nil {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	if res := h.do(t, "", "POST", "/api/session", m{"username": "office", "password": "wrong", "code": h.code(t, secret)}); res.body["code"] != "wrong" {
		t.Errorf("a wrong password with a right code: %s", res.raw)
	}
	h.after(30 * time.Second)
	in["code"] = h.code(t, secret)
	if res := h.do(t, "", "POST", "/api/session", in); res.status != 200 {
		t.Fatalf("%s", res.raw)
	}
	if res := h.do(t, "", "POST", "/api/session", in); res.status != 401 || res.body["code"] != "totp_wrong" {
		t.Errorf("the same code twice: %d %s", res.status, res.raw)
	}
	h.after(5 * time.Minute)
	if res := h.do(t, "", "POST", "/api/session", in); res.status != 401 {
		t.Error("an old code")
	}
	for name, in := range map[string]m{"a wrong password": {"password": "wrong", "code": h.code(t, secret)}, "no code": {"password": good}, "a wrong code": {"password": good, "code": "000000"}} {
		if res := h.do(t, token, "POST", "/api/totp/remove", in); res.status != 422 || h.count(t, `SELECT count(*) FROM accounts WHERE id = $1 AND totp_confirmed_at IS NOT NULL`, a.ID) != 1 {
			t.Errorf("removed with %s: %d %s", name, res.status, res.raw)
		}
	}
	h.after(time.Minute) // so many mistakes are slowed
	if res := h.do(t, token, "POST", "/api/totp/remove", m{"password": good, "code": h.code(t, secret)}); res.status != 204 {
		t.Errorf("not removed with password and code: %d %s", res.status, res.raw)
	}
	h.after(time.Minute)
	h.twoFactors(t, token)
	if res := h.do(t, h.login(t, "admin"), "POST", "/api/accounts/"+a.ID.String()+"/totp-reset", nil); res.status != 204 {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	if res := h.do(t, "", "POST", "/api/session", m{"username": "office", "password": good}); res.status != 200 {
		t.Errorf("after the reset: %s", res.raw)
	}
}

func TestOneCodeOpensOneOfManyAtOnce(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	secret := h.twoFactors(t, h.login(t, "office"))
	h.after(time.Minute)
	code := h.code(t, secret)
	var opened atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if _, err := h.s.Login(bg, Credentials{Username: "office", Password: good, Code: code, Address: "10.8.0." + string(rune('1'+i))}); err == nil {
				opened.Add(1)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 {
		t.Errorf("one code opened %d sessions", opened.Load())
	}
}

func TestDemandedSecondFactor(t *testing.T) {
	h := newHouse(t)
	h.person(t, "county", actor.County)
	if res := h.do(t, h.login(t, "county"), "PUT", "/api/settings/security", m{"totp_roles": []string{"office"}, "idle_minutes": 60, "absolute_hours": 8}); res.status != 200 {
		t.Fatalf("%s", res.raw)
	}
	h.person(t, "office", actor.Office)
	token := h.login(t, "office")
	if res := h.do(t, token, "GET", "/api/colleagues", nil); res.status != 403 || res.body["code"] != "totp_setup" {
		t.Fatalf("%d %s", res.status, res.raw)
	}
	me := h.do(t, token, "GET", "/api/session", nil)
	if f := me.body["totp"].(map[string]any); f["demanded"] != true || f["enabled"] != false {
		t.Errorf("%s", me.raw)
	}
	secret := h.twoFactors(t, token)
	if res := h.do(t, token, "GET", "/api/colleagues", nil); res.status != 200 {
		t.Errorf("after the set-up: %s", res.raw)
	}
	h.after(time.Minute)
	if res := h.do(t, token, "POST", "/api/totp/remove", m{"password": good, "code": h.code(t, secret)}); res.status != 409 || res.body["code"] != "totp_demanded" {
		t.Errorf("taken off against the county's demand: %d %s", res.status, res.raw)
	}
	bad := Security{TOTPRoles: []actor.Role{"king"}, IdleMinutes: 1, AbsoluteHours: 999}
	if _, err := h.s.SaveSecurity(bg, h.admin, bad); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if _, err := h.s.SaveSecurity(bg, actor.Actor{Role: actor.Office}, defaultSecurity()); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("%v", err)
	}
}
