package feedback

import (
	"regexp"
	"strings"
	"testing"
)

// hostile are texts that have broken other people's forms.
var hostile = []string{
	"", "\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "\r\n\r\nSet-Cookie: x=1", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "{{.Head}}", "${7*7}", "'; DROP TABLE feedbacks; --",
	"\u202e倒着写", "\u2066\u2069", strings.Repeat("\u0301", 500), "👩‍👩‍👧‍👦", "𠮷野家", "null", "NaN", "-1", "1e309", "99999999999999999999", "0000-00-00", "2026-02-30", "../../etc/passwd", "%s%n",
	strings.Repeat("很", 2_000_000/3), strings.Repeat("A\n", 1_000_000), strings.Repeat("\u3000", 600), "\ufeff", "\ufffd", "\u0085\u2028", "{\"a\":1}", "\\u0000", "=1+1", "＝1＋1",
}

// ownCookies: an answer that was kept leaves its mark on the phone, and nothing that was typed sets any other.
func ownCookies(a answer) bool {
	set := a.Header.Values("Set-Cookie")
	return len(set) == 0 || a.Code == 303 && len(set) == 1 && ownMark.MatchString(set[0])
}

var ownMark = regexp.MustCompile(`^sf[0-9a-f]{10}=[0-9A-Z]{24}; Path=/f; Max-Age=\d+; HttpOnly; SameSite=Lax$`)

func TestHostileFields(t *testing.T) {
	w := newWorld(t)
	fields := []string{"agency", "day", "matter", "kind", "business", "F1", "F10", "R0", "O1", "O2", "P1", "P2", "P3", "P4", "P5", "consent", "kept", "website", "F\x00", "photos"}
	for _, h := range hostile {
		path, _ := w.ticket()
		for _, f := range fields {
			v := with(good(), "agency", w.Agency1.String(), "matter", "food", "day", "2026-05-05", "P1", "y", "P2", "名", "P3", "1234567", "consent", "y", f, h)
			a := w.Post(path, v)
			if a.Code != 303 && (a.Code < 400 || a.Code >= 500) {
				t.Errorf("%s = %.30q: %d", f, h, a.Code)
			}
			if strings.Contains(a.Body, "<script>alert") || strings.Contains(a.Body, "<img src=x") || !ownCookies(a) {
				t.Errorf("%s = %.30q came through unescaped", f, h)
			}
			if a.Code == 422 && len(a.Body) > 200_000 {
				t.Errorf("%s: an answer of %d bytes", f, len(a.Body))
			}
		}
	}
	if n := w.Count(`SELECT count(*) FROM feedbacks`); n < len(hostile) {
		t.Error("hardly anything was kept, so little was tried:", n)
	}
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE problem_text ~ '[\u202a-\u202e\u2066-\u2069\u0001-\u0008]' OR length(problem_text) > 500 OR length(business_name) > 60`); n != 0 {
		t.Error("kept what no desk can read:", n)
	}
}

func TestWholeAnswerOfHostileText(t *testing.T) {
	w := newWorld(t)
	for _, h := range hostile {
		path, _, _ := w.bound()
		v := good()
		for name := range v {
			v.Set(name, h)
		}
		v["kept"] = []string{h, h, h}
		if a := w.Post(path+"?mode="+"%00", v); a.Code != 422 {
			t.Errorf("%.30q everywhere: %d", h, a.Code)
		}
	}
	if w.Count(`SELECT count(*) FROM feedbacks`) != 0 {
		t.Error("an answer was kept")
	}
}
