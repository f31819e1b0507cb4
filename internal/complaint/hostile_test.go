package complaint

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// hostile is what people and programs put into fields: broken encodings, markup, format strings, long lines, and what is
// particular to Chinese: rare characters beyond the basic plane, full-width signs, marks that turn the reading direction.
var hostile = []string{
	"", " ", "\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "\xc0\xaf", "\ufffd", "\r\nSet-Cookie: x=1", "%0d%0aSet-Cookie:x=1", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "'\"`", "{{.}}", "${7*7}",
	"%s%n%x", "'; DROP TABLE complaints; --", "1 OR 1=1", "../../etc/passwd", `..\..\x`, "\\u0000", "null", "undefined", "NaN", "-1", "99999999999999999999", "1e309", "0x41", "true", "[]", "{}",
	"\u202e倒", "\u2066x\u2069", "\u200b\u200b\u200b", "\ufeff", "\u2028", "\u0085", strings.Repeat("\u0301", 500), "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "𠮷野家", "𪚥𪚥", "㐀㐁", "⿰亻吉", "＝1＋1", "＠SUM(A1)", "=cmd|' /C calc'!A0", "王·小满", "王•小満",
	"身份证41000019990101123Ｘ", "ｱｲｳ", "零〇一", "ﷺ", "0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "2026-05-06T25:61:61Z", "二〇二六年五月六日", strings.Repeat("很", 700_000), strings.Repeat("A\n", 1_000_000), strings.Repeat("&#x27;", 3000),
}

func judge(t *testing.T, where string, a answer, may ...int) {
	t.Helper()
	fine := a.Code >= 400 && a.Code < 500
	for _, m := range may {
		fine = fine || a.Code == m
	}
	if !fine {
		t.Errorf("%.80s: %d", where, a.Code)
	}
	page := strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")
	if page && strings.Contains(a.Body, "<script>alert") || page && strings.Contains(a.Body, "<img src=x") || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("%.80s came through unescaped", where)
	}
}

func TestHostileFields(t *testing.T) {
	w := newWorld(t)
	names := []string{"nonce", "unit", "man", "day", "place", "fact", "ask", "stage", "P1", "P2", "P3", "P4", "P5", "consent", "kept", "photos", "website", "pow_task", "pow_work", "pow_plain"}
	nonce, sent := w.good().Get("nonce"), 0
	for n, h := range hostile {
		for i, f := range names {
			if len(h) > 1<<20 && i > 6 && n%2 == 0 {
				continue // the 2 MB lines: every field takes one of the two
			}
			v := with(w.good(), "P1", "y", "P2", "名", "P3", "1234567", "consent", "y")
			v.Set("nonce", fmt.Sprintf("%s%04x%04x", nonce[:8], n, i))
			judge(t, fmt.Sprintf("%s = %.30q", f, h), w.Post("/c", with(v, f, h)), 303)
			sent++
		}
		w.Exec(`DELETE FROM public_slowdown`)
		judge(t, fmt.Sprintf("/t %.30q", h), w.Post("/t", url.Values{"r": {h}}))
		for _, q := range []string{"mode", "x"} {
			for _, p := range []string{"/c", "/t", "/c/notice"} {
				judge(t, p+q, w.Get(p+"?"+q+"="+url.QueryEscape(cut(h, 3000))), 200)
			}
		}
		judge(t, "/c/done", w.Get("/c/done/"+url.PathEscape(cut(h, 3000))))
	}
	if n := w.Count(`SELECT count(*) FROM complaints`); n < len(hostile)*5 {
		t.Error("hardly anything was kept, so little was tried:", n)
	}
	w.Receipt(w.Post("/c", w.good()))
	t.Logf("%d forms", sent)
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

// The same strings into every field of the hotline's desk, of a pushed ticket and of a deed: no 5xx, and honest work goes on.
func TestHostileDesk(t *testing.T) {
	w := newWorld(t)
	p := w.platform("县12345平台")
	f, sent := w.taken(one()), 0
	try := func(where string, a answer, may ...int) { t.Helper(); sent++; judge(t, where, a, may...) }
	for _, h := range hostile {
		h = strings.ToValidUTF8(h, "\ufffd")
		for field := range one() {
			in := one()
			in[field] = h
			try("taken "+field, w.As("hotline", "POST", "/api/complaints", in, nil), 200)
		}
		for _, field := range []string{"number", "target", "happened", "place", "fact", "request", "category", "already", "urgency", "name", "phone", "address", "officer"} {
			try("ticket "+field, p.request("POST", "/api/12345/tickets", ticket("number", fmt.Sprintf("T-%d", sent), field, h), nil), 200)
		}
		for _, header := range []string{"X-Suixing-Key", "X-Suixing-Timestamp", "X-Suixing-Nonce", "X-Suixing-Signature"} {
			try(header, p.request("POST", "/api/12345/tickets", ticket(), func(r *http.Request) { r.Header.Set(header, strings.Map(printable, cut(h, 2000))) }))
		}
		w.Exec(`DELETE FROM public_slowdown`)
		for _, step := range steps {
			d := step.Deed
			body := fields{"version": 1}
			raw, err := json.Marshal(Decision{})
			w.Must(err)
			w.Must(json.Unmarshal(raw, &body))
			for _, k := range []string{"text", "reason", "ground", "to", "finding", "how", "told_on", "verified", "name", "phone", "category", "urgency", "target"} {
				body[k] = cut(h, 100)
			}
			try("deed "+string(d), w.As("office", "POST", "/api/complaints/"+f.ID.String()+"/"+string(d), body, nil), 200)
		}
		for _, path := range []string{"/api/complaints?q=", "/api/complaints?after=", "/api/complaints?state=", "/api/complaints?office_id=", "/api/complaints/targets?q="} {
			try(path, w.As("county", "GET", path+url.QueryEscape(cut(h, 400)), nil, nil), 200)
		}
		try("similar", w.As("hotline", "POST", "/api/complaints/similar", fields{"target": cut(h, 60), "fact": cut(h, 900), "happened": cut(h, 30), "place": cut(h, 60)}, nil), 200)
		try("draft", w.As("hotline", "PUT", "/api/complaints/drafts/"+f.ID.String(), fields{"form": fields{"target": h, "fact": h, "name": h}}, nil), 200)
		try("no id", w.As("county", "GET", "/api/complaints/"+url.PathEscape(cut(h, 500)), nil, nil), 200, 301)
	}
	w.taken(one("id", f.ID))
	t.Logf("%d requests", sent)
}

func printable(r rune) rune {
	if r < ' ' || r == 127 {
		return -1
	}
	return r
}
