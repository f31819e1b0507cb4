package complaint

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A half-written complaint waits on the phone that wrote it: nobody else reads it, and no name goes with it.
func TestResume(t *testing.T) {
	w := newWorld(t)
	cookies := ""
	ask := func(method string, v url.Values) answer {
		req, err := http.NewRequest(method, w.Base+"/c", strings.NewReader(v.Encode()))
		w.Must(err)
		if v != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if cookies != "" {
			req.Header.Set("Cookie", cookies)
		}
		a := w.Send(req)
		if set := a.Header.Get("Set-Cookie"); set != "" {
			if !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "Path=/c;") {
				t.Error("anybody's cookie:", set)
			}
			cookies, _, _ = strings.Cut(set, ";")
		}
		return a
	}
	half := with(w.good(), "fact", "写到一半", "P1", "y", "P2", "金丝雀女士", "P3", "13799998888", "go", "save")
	if a := ask("POST", half); a.Code != 200 || !strings.Contains(a.Body, "存好了") || !strings.Contains(a.Body, "写到一半") || !strings.Contains(a.Body, "金丝雀女士") || cookies == "" {
		t.Fatal("saving loses something:", a.Code, visible(a.Body), cookies)
	}
	if w.Count(`SELECT count(*) FROM complaints`) != 0 {
		t.Error("the server kept what was not sent")
	}
	mine := cookies
	a := ask("GET", nil)
	if !strings.Contains(a.Body, "写到一半") || !strings.Contains(a.Body, half.Get("nonce")) || strings.Contains(a.Body, "金丝雀") || strings.Contains(a.Body, "13799998888") {
		t.Error("resumed:", visible(a.Body))
	}
	if len(strings.Split(mine, "=")) != 2 || strings.Contains(mine, "写到") {
		t.Error("the cookie can be read", mine)
	}
	cookies = mine[:len(mine)-4] + "AAAA"
	if a := ask("GET", nil); a.Code != 200 || strings.Contains(a.Body, "写到一半") {
		t.Error("another's cookie opens")
	}
	cookies = ""
	if a := ask("GET", nil); strings.Contains(a.Body, "写到一半") {
		t.Error("another phone reads it")
	}
	if a := ask("POST", with(w.good(), "fact", strings.Repeat("很长的经过，写了又写。龘靐齉爩", 130), "go", "save")); a.Code != 200 || !strings.Contains(a.Body, "很长的经过") {
		t.Error("too long, and lost:", a.Code)
	}
	cookies = mine
	half.Del("go")
	half.Set("fact", "写完了：没有出示证件，拿走两箱货。")
	half.Set("consent", "y")
	w.Receipt(ask("POST", half))
	if !strings.HasSuffix(cookies, "=") {
		t.Error("what was sent still waits on the phone:", cookies)
	}
	cookies = mine
	w.Env.Clock.Add(8 * 24 * time.Hour)
	if a := ask("GET", nil); strings.Contains(a.Body, "写到一半") {
		t.Error("a draft lives beyond its week")
	}
}
