package complaint

import (
	"crypto/sha256"
	"encoding/binary"
	"html"
	"math/bits"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var hiddenShape = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"(?: data-bits="(\d+)")?>`)

// waiting reads the form on the waiting page, and how hard its task is.
func waiting(body string) (v url.Values, hard int) {
	v = url.Values{}
	for _, m := range hiddenShape.FindAllStringSubmatch(body, -1) {
		v.Add(m[1], html.UnescapeString(m[2]))
		if m[3] != "" {
			hard, _ = strconv.Atoi(m[3])
		}
	}
	return v, hard
}

func solve(task string, hard int) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(task + ":" + strconv.Itoa(n)))
		if bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) >= hard {
			return strconv.Itoa(n)
		}
	}
}

// Under load a browser works a second, a person without script presses a button and waits for a look; nobody is refused.
func TestUnderLoadNobodyIsRefused(t *testing.T) {
	w := newWorld(t)
	for range softHere {
		w.Receipt(w.Post("/c", w.good()))
	}
	v := w.good()
	page := w.Post("/c", v, picture(1))
	carried, hard := waiting(page.Body)
	if page.Code != 200 || hard == 0 || carried.Get("fact") != v.Get("fact") || len(carried["kept"]) != 1 {
		t.Fatalf("%d %s", page.Code, visible(page.Body))
	}
	carried.Set("pow_work", solve(carried.Get("pow_task"), hard))
	code := w.Receipt(w.Post("/c", carried))
	if w.Count(`SELECT count(*) FROM complaints WHERE NOT suspect`) != softHere+1 || w.Count(`SELECT count(*) FROM attachments`) != 1 {
		t.Error("worked, and not taken whole")
	}
	v2, hard2 := waiting(w.Post("/c", w.good()).Body)
	v2.Set("pow_task", carried.Get("pow_task"))
	v2.Set("pow_work", carried.Get("pow_work"))
	if a := w.Post("/c", v2); a.Code == 303 || hard2 == 0 {
		t.Error("one proof worked twice")
	}
	v3, _ := waiting(w.Post("/c", w.good()).Body)
	v3.Set("pow_plain", "y")
	if other := w.Receipt(w.Post("/c", v3)); other == code || w.Count(`SELECT count(*) FROM complaints WHERE suspect`) != 1 || w.Count(`SELECT count(*) FROM leads`) != softHere+1 {
		t.Error("without script: not kept apart for a person")
	}
	if bad := w.Post("/c", with(w.good(), "fact", "")); bad.Code != 422 {
		t.Error("what is missing is said before any work:", bad.Code)
	}
}

func TestNotice(t *testing.T) {
	w := newWorld(t)
	page := w.Get("/c/notice")
	for _, want := range []string{"示例县司法局", "0371-1234567", "办结归档后2年", "收到后1年", "7天", "第四十五条", "第四十六条", "第四十七条"} {
		if !strings.Contains(visible(page.Body), want) {
			t.Errorf("the notice lacks %q", want)
		}
	}
	w.Exec(`INSERT INTO deadline_rules (code, effective_from, event, value, unit, basis, strength) VALUES ('RT01', '2026-05-01', 'x', 400, 'd', '县里', 'inferred')`)
	if page = w.Get("/c/notice"); !strings.Contains(visible(page.Body), "办结归档后400天") {
		t.Error("the page says one thing and the rule another")
	}
	if a := w.Get("/c"); !strings.Contains(a.Body, `href="/c/notice"`) {
		t.Error("the form does not lead to it")
	}
}
