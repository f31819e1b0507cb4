package account

import (
	"strings"
	"testing"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

func TestCheckPassword(t *testing.T) {
	for p, want := range map[string]string{
		good: "", "春风化雨Spring26": "", "kd93-Fjw0-plM2": "",
		"Short-1": "至少10位", "alllowercase1": "三种", "1234567890": "三种", "Password1234!": "太常见", "P@ssw0rd2024": "太常见", "Admin@123456": "太常见",
		"Qwerty123456!": "太常见", "Suixing-2026": "太常见", "Aa1!Aa1!Aa1!": "太常见", "suixing-demo": "三种", "Suixing-demo1": "太常见", "Zhangsan-2026x": "账号",
		strings.Repeat("aB3-", 40): "最多128位",
	} {
		if why := CheckPassword(p, "zhangsan"); (want == "") != (why == "") || !strings.Contains(why, want) {
			t.Errorf("%s: %q, want %q", p, why, want)
		}
	}
	seen := map[string]bool{}
	for range 200 {
		p := initialPassword()
		if CheckPassword(p, "") != "" || seen[p] || strings.ContainsAny(p, "0O1lI") {
			t.Fatal(p)
		}
		seen[p] = true
	}
}

func TestHash(t *testing.T) {
	h := newHasher()
	a, err := h.hash(bg, good)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := h.hash(bg, good)
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error(a)
	}
	if ok, err := h.verify(bg, a, good); err != nil || !ok {
		t.Error(err)
	}
	if ok, _ := h.verify(bg, a, good+" "); ok {
		t.Error("another password holds")
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=99999999,t=2,p=1$YQ$YQ", "$2a$10$abc"} {
		if ok, err := h.verify(bg, bad, good); ok || err == nil {
			t.Errorf("%q", bad)
		}
	}
}

func TestFirstLoginAndChange(t *testing.T) {
	h := newHouse(t)
	admin := h.login(t, "admin")
	res := h.do(t, admin, "POST", "/api/accounts", m{"username": "zhang.san", "name": "张示例", "role": "office", "office_id": h.west.String()})
	initial, _ := res.body["initial_password"].(string)
	if res.status != 200 || initial == "" || strings.Contains(res.raw, "argon2") {
		t.Fatalf("%s", res.raw)
	}
	login := h.do(t, "", "POST", "/api/session", m{"username": "zhang.san", "password": initial})
	token := login.cookie.Value
	if login.body["must_change"] != true {
		t.Fatalf("%s", login.raw)
	}
	for _, c := range []struct {
		method, path string
		body         any
	}{{"GET", "/api/sessions", nil}, {"GET", "/api/colleagues", nil}, {"POST", "/api/totp", m{}}} {
		if r := h.do(t, token, c.method, c.path, c.body); r.status != 403 || r.body["code"] != "must_change" {
			t.Errorf("%s %s before the first change: %d %s", c.method, c.path, r.status, r.raw)
		}
	}
	for name, c := range map[string]struct {
		current, fresh, field string
	}{
		"wrong current": {"nope", good, "current"}, "weak": {initial, "12345", "new"}, "the same": {initial, initial, "new"}, "with the name": {initial, "Zhang.San-99x", "new"},
	} {
		if r := h.do(t, token, "POST", "/api/password", m{"current": c.current, "new": c.fresh}); r.status != 422 || !strings.Contains(r.raw, `"field":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	other := h.do(t, "", "POST", "/api/session", m{"username": "zhang.san", "password": initial}).cookie.Value
	if r := h.do(t, token, "POST", "/api/password", m{"current": initial, "new": good}); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	if h.do(t, token, "GET", "/api/colleagues", nil).status != 200 || h.do(t, other, "GET", "/api/session", nil).status != 401 {
		t.Error("after the change: this session works, the other ones end")
	}
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE detail::text LIKE '%'||$1||'%' OR detail::text LIKE '%'||$2||'%'`, initial, good); n != 0 {
		t.Error("a password stands in the trail")
	}
}

func TestFormerPasswordsDoNotComeBack(t *testing.T) {
	h := newHouse(t)
	who := h.actorOf(h.person(t, "office", actor.Office))
	token := h.login(t, "office")
	used := []string{good}
	for _, p := range []string{"Maple-71-River", "Stone-28-Cloud", "Lotus-95-Ember", "Cedar-13-Bridge"} {
		if err := h.s.ChangePassword(bg, who, token, "10.0.0.1", used[len(used)-1], p); err != nil {
			t.Fatal(err)
		}
		used = append(used, p)
	}
	now := used[len(used)-1]
	for _, p := range used {
		if err := h.s.ChangePassword(bg, who, token, "10.0.0.1", now, p); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s came back: %v", p, err)
		}
	}
	if err := h.s.ChangePassword(bg, who, token, "10.0.0.1", now, "Heron-64-Valley"); err != nil {
		t.Fatal(err)
	}
	if err := h.s.ChangePassword(bg, who, token, "10.0.0.1", "Heron-64-Valley", good); err != nil {
		t.Errorf("the sixth last is free again: %v", err)
	}
}

func TestAStolenSessionCannotGuessThePassword(t *testing.T) {
	h := newHouse(t)
	h.person(t, "office", actor.Office)
	token := h.login(t, "office")
	last := response{}
	for range 12 {
		last = h.do(t, token, "POST", "/api/password", m{"current": "wrong", "new": "Heron-64-Valley"})
	}
	if last.status != 429 {
		t.Errorf("%d %s", last.status, last.raw)
	}
}

func TestDemoPassword(t *testing.T) {
	h := newHouse(t)
	if err := h.s.CheckNoDemoPassword(bg); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.CreateDemoAccount(bg, Form{Username: "county", Name: "县局示例", Role: actor.County}); err != nil {
		t.Fatal(err)
	}
	if res := h.do(t, "", "POST", "/api/session", m{"username": "county", "password": DemoPassword}); res.status != 200 || res.body["must_change"] != false {
		t.Fatalf("%s", res.raw)
	}
	if err := h.s.CheckNoDemoPassword(bg); err == nil || !strings.Contains(err.Error(), "county") {
		t.Errorf("%v", err)
	}
	hash, _ := h.s.hasher.hash(bg, DemoPassword)
	h.exec(t, `UPDATE accounts SET password_hash = $1 WHERE username = 'county'`, hash)
	if err := h.s.CheckNoDemoPassword(bg); err == nil {
		t.Error("the demo password under another salt passed")
	}
	h.exec(t, `UPDATE accounts SET active = false WHERE username = 'county'`)
	if err := h.s.CheckNoDemoPassword(bg); err != nil {
		t.Error(err)
	}
	h.s.opt.Demo = false
	if _, err := h.s.CreateDemoAccount(bg, Form{Username: "leader", Name: "领导示例", Role: actor.Leader}); err == nil {
		t.Error("a demo account outside demo mode")
	}
}
