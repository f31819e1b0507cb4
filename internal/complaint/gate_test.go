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
		w.receipt(w.post("/c", w.good()))
	}
	v := w.good()
	page := w.post("/c", v, picture(1))
	carried, hard := waiting(page.body)
	if page.code != 200 || hard == 0 || carried.Get("fact") != v.Get("fact") || len(carried["kept"]) != 1 {
		t.Fatalf("%d %s", page.code, visible(page.body))
	}
	carried.Set("pow_work", solve(carried.Get("pow_task"), hard))
	code := w.receipt(w.post("/c", carried))
	if w.count(`SELECT count(*) FROM complaints WHERE NOT suspect`) != softHere+1 || w.count(`SELECT count(*) FROM attachments`) != 1 {
		t.Error("worked, and not taken whole")
	}
	v2, hard2 := waiting(w.post("/c", w.good()).body)
	v2.Set("pow_task", carried.Get("pow_task"))
	v2.Set("pow_work", carried.Get("pow_work"))
	if a := w.post("/c", v2); a.code == 303 || hard2 == 0 {
		t.Error("one proof worked twice")
	}
	v3, _ := waiting(w.post("/c", w.good()).body)
	v3.Set("pow_plain", "y")
	if other := w.receipt(w.post("/c", v3)); other == code || w.count(`SELECT count(*) FROM complaints WHERE suspect`) != 1 || w.count(`SELECT count(*) FROM leads`) != softHere+1 {
		t.Error("without script: not kept apart for a person")
	}
	if bad := w.post("/c", with(w.good(), "fact", "")); bad.code != 422 {
		t.Error("what is missing is said before any work:", bad.code)
	}
}

func TestNotice(t *testing.T) {
	w := newWorld(t)
	page := w.get("/c/notice")
	for _, want := range []string{"示例县司法局", "0371-1234567", "办结归档后2年", "收到后1年", "7天", "第四十五条", "第四十六条", "第四十七条"} {
		if !strings.Contains(visible(page.body), want) {
			t.Errorf("the notice lacks %q", want)
		}
	}
	w.exec(`INSERT INTO deadline_rules (code, effective_from, event, value, unit, basis, strength) VALUES ('RT01', '2026-05-01', 'x', 400, 'd', '县里', 'inferred')`)
	if page = w.get("/c/notice"); !strings.Contains(visible(page.body), "办结归档后400天") {
		t.Error("the page says one thing and the rule another")
	}
	if a := w.get("/c"); !strings.Contains(a.body, `href="/c/notice"`) {
		t.Error("the form does not lead to it")
	}
}
