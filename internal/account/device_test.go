package account

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// phone asks with a device's secret instead of a login.
func (h *house) phone(t *testing.T, secret, method, path string) int {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader("{}"))
	req.Header.Set("Authorization", "Device "+secret)
	req.Header.Set("Content-Type", "application/json")
	res, err := h.r.App.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

// withWork adds one route of each kind that other features have.
func (h *house) withWork() (last *web.Session) {
	last = &web.Session{}
	seen := func(c *fiber.Ctx) error { *last = web.SessionIn(c.UserContext()); return c.SendStatus(204) }
	field := web.Roles(actor.Supervisor, actor.Office)
	h.r.Plain("PUT", "/t/submit", field.OrHeldDevice(), "", seen)
	h.r.Plain("PUT", "/t/good", field.OrDevice(), "", seen)
	h.r.Plain("GET", "/t/read", field, "", seen)
	h.r.Plain("GET", "/t/any", web.SignedIn, "", seen)
	return last
}

func (h *house) enrol(t *testing.T, token string, id uuid.UUID) string {
	t.Helper()
	res := h.do(t, token, "POST", "/api/devices", m{"id": id, "name": "红米 Note 12"})
	if res.status != 201 && res.status != 200 {
		t.Fatalf("enrol: %d %s", res.status, res.raw)
	}
	return res.body["secret"].(string)
}

func TestDeviceCanOnlySubmit(t *testing.T) {
	h := newHouse(t)
	last := h.withWork()
	sup := h.person(t, "sup", actor.Supervisor)
	token, id := h.login(t, "sup"), uuid.New()
	secret := h.enrol(t, token, id)
	if len(secret) != 43 {
		t.Fatalf("secret of %d characters", len(secret))
	}
	h.after(90 * 24 * time.Hour) // the login has long run out
	if res := h.do(t, token, "GET", "/api/session", nil); res.status != 401 {
		t.Fatalf("the login lives: %d", res.status)
	}
	for path, want := range map[string]int{"PUT /t/submit": 204, "PUT /t/good": 204, "GET /t/read": 403, "GET /t/any": 403, "GET /api/session": 403, "GET /api/devices": 403, "POST /api/devices": 403,
		"POST /api/password": 403, "GET /api/sessions": 403, "DELETE /api/sessions": 403, "GET /api/colleagues": 403} {
		method, path, _ := strings.Cut(path, " ")
		if got := h.phone(t, secret, method, path); got != want {
			t.Errorf("%s %s: %d, want %d", method, path, got, want)
		}
	}
	if last.Kind != web.KindDevice || last.DeviceID.UUID != id || last.Held != "" {
		t.Errorf("session %+v", last)
	}
	if n := h.count(t, `SELECT count(*) FROM devices WHERE secret_hash = convert_to($1, 'UTF8') OR id = $2 AND seen_at = $3`, secret, id, h.Clock.Now()); n != 1 {
		t.Error("the secret is kept as it is, or use is not noted")
	}
	for _, bad := range []string{"", "x", secret[:42], secret + "A", strings.Repeat("A", 43), "' OR 1=1 --"} {
		if got := h.phone(t, bad, "PUT", "/t/submit"); got != 401 {
			t.Errorf("secret %q: %d", bad, got)
		}
	}
	again := h.enrol(t, h.login(t, "sup"), id)
	if h.phone(t, secret, "PUT", "/t/submit") != 401 || h.phone(t, again, "PUT", "/t/submit") != 204 {
		t.Error("asked again, the old secret must end and the new one hold")
	}
	h.person(t, "other", actor.Supervisor)
	if res := h.do(t, h.login(t, "other"), "POST", "/api/devices", m{"id": id, "name": "x"}); res.status != 409 || res.body["code"] != "device_taken" {
		t.Errorf("another's phone: %d %s", res.status, res.raw)
	}
	h.person(t, "agent", actor.Agency)
	if res := h.do(t, h.login(t, "agent"), "POST", "/api/devices", m{"id": uuid.New(), "name": "x"}); res.status != 403 {
		t.Errorf("an agency enrols: %d", res.status)
	}
	if n := h.count(t, `SELECT count(*) FROM accounts WHERE id = $1 AND active`, sup.ID); n != 1 {
		t.Fatal("person gone")
	}
}

func TestRevokeEndsEverythingOnThePhone(t *testing.T) {
	h := newHouse(t)
	last := h.withWork()
	h.person(t, "sup", actor.Supervisor)
	h.person(t, "peer", actor.Supervisor)
	h.person(t, "desk", actor.Office)
	h.person(t, "county", actor.County)
	phoneLogin, deskLogin, id := h.login(t, "sup"), h.login(t, "sup"), uuid.New()
	secret := h.enrol(t, phoneLogin, id)
	h.exec(t, `INSERT INTO accounts (id, username, name, role, office_id, password_hash, must_change, created_at) SELECT gen_random_uuid(), 'east', '东', 'office', $1, password_hash, false, now() FROM accounts WHERE username = 'desk'`, h.east)
	path := "/api/devices/" + id.String() + "/revoke"
	for who, want := range map[string]int{"peer": 404, "east": 404} {
		if res := h.do(t, h.login(t, who), "POST", path, m{"reason": "手机丢了"}); res.status != want {
			t.Errorf("%s revokes: %d", who, res.status)
		}
	}
	for who, want := range map[string]int{"peer": 0, "east": 0, "desk": 1, "county": 1, "admin": 1} {
		res := h.do(t, h.login(t, who), "GET", "/api/devices", nil)
		if got := len(res.body["items"].([]any)); got != want {
			t.Errorf("%s sees %d phones, want %d: %s", who, got, want, res.raw)
		}
	}
	if res := h.do(t, h.login(t, "desk"), "POST", path, m{"reason": " "}); res.status != 422 {
		t.Errorf("no reason: %d", res.status)
	}
	if res := h.do(t, h.login(t, "desk"), "POST", path, m{"reason": "手机丢了"}); res.status != 204 {
		t.Fatalf("revoke: %d %s", res.status, res.raw)
	}
	if got := h.phone(t, secret, "PUT", "/t/good"); got != 403 {
		t.Errorf("revoked, and still in good standing: %d", got)
	}
	if got := h.phone(t, secret, "PUT", "/t/submit"); got != 204 || last.Held != HeldRevoked {
		t.Errorf("revoked: %d, held %q", got, last.Held)
	}
	if h.do(t, phoneLogin, "GET", "/api/session", nil).status != 401 || h.do(t, deskLogin, "GET", "/api/session", nil).status != 200 {
		t.Error("the login on the phone must end, the one at the desk stay")
	}
	if res := h.do(t, deskLogin, "POST", "/api/devices", m{"id": id, "name": "x"}); res.status != 409 || res.body["code"] != HeldRevoked {
		t.Errorf("a login from before the report brings the phone back: %d %s", res.status, res.raw)
	}
	h.after(time.Second)
	found := h.enrol(t, h.login(t, "sup"), id)
	if h.phone(t, found, "PUT", "/t/good") != 204 || h.phone(t, secret, "PUT", "/t/submit") != 401 {
		t.Error("found again, with a new login: the new secret must do, the old one not")
	}
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE deed = 'device.revoke' AND subject_id = $1 AND detail->>'sessions' = '1'`, id); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
}

func TestLeavingEndsPhones(t *testing.T) {
	h := newHouse(t)
	last := h.withWork()
	sup := h.person(t, "sup", actor.Supervisor)
	secret := h.enrol(t, h.login(t, "sup"), uuid.New())
	if _, err := h.s.Leave(bg, h.admin, sup.ID, uuid.NullUUID{}, "调离"); err != nil {
		t.Fatal(err)
	}
	if got := h.phone(t, secret, "PUT", "/t/submit"); got != 204 || last.Held != HeldLeft {
		t.Errorf("after leaving: %d, held %q", got, last.Held)
	}
	if got := h.phone(t, secret, "PUT", "/t/good"); got != 403 {
		t.Errorf("after leaving, in good standing: %d", got)
	}
	up := h.person(t, "up", actor.Supervisor)
	secret = h.enrol(t, h.login(t, "up"), uuid.New())
	county, none := actor.County, uuid.NullUUID{}
	if _, err := h.s.ChangeAccount(bg, h.admin, up.ID, Patch{Role: &county, OfficeID: &none, Version: h.count(t, `SELECT version FROM accounts WHERE id = $1`, up.ID)}); err != nil {
		t.Fatal(err)
	}
	if got := h.phone(t, secret, "PUT", "/t/submit"); got != 204 || last.Held != HeldMoved {
		t.Errorf("moved up: %d, held %q", got, last.Held)
	}
}

func TestManyPhones(t *testing.T) {
	h := newHouse(t)
	sup := h.actorOf(h.person(t, "sup", actor.Supervisor))
	for range maxDevices {
		if _, _, err := h.s.Enrol(bg, sup, "x", uuid.New(), "手机"); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := h.s.Enrol(bg, sup, "x", uuid.New(), "手机"); fault.CodeOf(err) != "too_many_devices" {
		t.Errorf("one more: %v", err)
	}
}
