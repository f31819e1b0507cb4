package complaint

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/vault"
)

// An office never reads what was said about it, whichever version says so and whichever stands.
func TestVersionAboutItsOwnOffice(t *testing.T) {
	for _, keep := range []string{"first", "other", "both"} {
		t.Run(keep, func(t *testing.T) {
			w := newWorld(t)
			v := w.good()
			w.Receipt(w.Post("/c", v))
			var id uuid.UUID
			w.Must(w.Env.Owner.Get(t.Context(), &id, `SELECT id FROM complaints`))
			path := "/api/complaints/" + id.String()
			if a := w.As("office", "GET", path, nil, nil); a.Code != 200 {
				t.Fatal(a.Code)
			}
			w.Receipt(w.Post("/c", with(v, "unit", "示例镇A司法所", "fact", "司法所的人和执法队是一伙的，收了材料不给办。")))
			if a := w.As("office", "GET", path, nil, nil); a.Code != 404 {
				t.Error("the office reads what was said about it:", a.Code)
			}
			var d ComplaintDetail
			if a := w.As("county", "GET", path, nil, &d); a.Code != 200 || len(d.Versions) != 1 {
				t.Fatal(a.Code, a.Body)
			}
			settle := path + "/versions/" + d.Versions[0].ID.String() + "/settle"
			if a := w.As("office", "POST", settle, fields{"keep": "first"}, nil); a.Code != 404 {
				t.Error("and settles it:", a.Code)
			}
			if a := w.As("county", "POST", settle, fields{"keep": keep}, &d); a.Code != 200 {
				t.Fatal(a.Code, a.Body)
			}
			about, agency := "agency", 1
			if keep == "other" {
				about, agency = "office", 0
			}
			if n := w.Count(`SELECT count(*) FROM complaints WHERE office_id IS NULL AND about = $1 AND (about_office_id IS NOT NULL) = ($1 = 'office') AND (agency_id IS NOT NULL)::int = $2`, about, agency); n != 1 {
				t.Errorf("the case does not say what it is about: %+v", d.ComplaintItem)
			}
			if a := w.As("office", "GET", path, nil, nil); a.Code != 404 || w.Count(`SELECT count(*) FROM leads WHERE office_id IS NOT NULL`) != 0 {
				t.Error("settled, and the office has the case or its lead again:", a.Code)
			}
		})
	}
}

// An erasure that broke off behind the vault is done again, once, and the time line tells of it.
func TestErasureBrokenOff(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	w.Must(w.s.vault.Erase(t.Context(), w.People["office"], vault.Complaint, f.ID, "本人要求删除"))
	in := fields{"verified": "回拨登记的电话", "reason": "本人要求删除信息"}
	d := w.do("office", f.ID, "erase-person", 200, in)
	if d.Events[0].Deed != ErasePerson || d.ShreddedOn == "" || d.HasContact {
		t.Errorf("%+v", d.Events)
	}
	w.do("office", f.ID, "erase-person", 409, in)
}

// A ticket's caller may have left a number alone, or a name alone.
func TestTicketWithNumberAlone(t *testing.T) {
	w := newWorld(t)
	p := w.platform("县12345平台")
	for number, left := range map[string][2]string{"2026050600001": {"", "0371-7654321"}, "2026050600002": {"银丝雀先生", ""}, "2026050600003": {"", ""}} {
		if a := p.request("POST", "/api/12345/tickets", ticket("number", number, "name", left[0], "phone", left[1], "fact", number+"：罚款没有票据，要求退还。"), nil); a.Code != 200 {
			t.Error(number, a.Code, a.Body)
		}
	}
	if a := p.request("POST", "/api/12345/tickets", ticket("number", "2026050600004", "name", "", "phone", "12"), nil); a.Code != 422 {
		t.Error("half a number:", a.Code)
	}
	if n := w.Count(`SELECT count(*) FROM complaints WHERE has_contact`); n != 2 {
		t.Errorf("%d with a contact", n)
	}
	if bad := (&Input{Channel: "phone", Named: true, Consent: true, Identity: vault.Identity{Phone: "0371-7654321"}}).personFaults(); len(bad) != 1 {
		t.Error("at the telephone a name is asked for:", bad)
	}
}

// What a file brought in is read by the platform it names, and by no other; the one that pushes the same ticket gets it.
func TestImportNamesItsPlatform(t *testing.T) {
	w := newWorld(t)
	county, city := w.platform("县12345平台"), w.platform("市12345平台")
	row := func(number, source string) []string {
		return []string{number, "示例镇A综合执法大队", "2026-05-04", "西街", number + "：罚款没有票据，要求退还。", "", "", source}
	}
	file := sheet(t, row("20260506000201", "县12345平台"), row("20260506000202", ""))
	var rep ImportReport
	if a := w.file("hotline", "/api/complaints/import", sheet(t, row("20260506000203", "省平台")), &rep); rep.Bad != 1 || rep.Rows[0].Errors[0].Field != "source" {
		t.Error("an unknown platform:", a.Body)
	}
	if a := w.file("hotline", "/api/complaints/import?commit=true", file, &rep); a.Code != 200 || !rep.Committed {
		t.Fatal(a.Code, a.Body)
	}
	fetch := func(p *platform) string {
		w.Env.Clock.Add(time.Minute)
		var out struct {
			Items []OuterResult `json:"items"`
		}
		w.Must(json.Unmarshal([]byte(p.request("GET", "/api/12345/results?since=", nil, nil).Body), &out))
		var all []string
		for _, r := range out.Items {
			all = append(all, r.OuterNumber)
		}
		return strings.Join(all, " ")
	}
	if got := fetch(county); got != "20260506000201" {
		t.Errorf("the platform named reads %q", got)
	}
	if got := fetch(city); got != "" {
		t.Errorf("another platform reads %q", got)
	}
	push := func(fact string) int {
		b, err := json.Marshal(map[string]string{"number": "20260506000202", "target": "示例镇A综合执法大队", "happened": "2026-05-04", "place": "西街", "fact": fact})
		w.Must(err)
		return city.request("POST", "/api/12345/tickets", b, nil).Code
	}
	if code := push("只知道工单号，不知道内容的人也来推送。"); code != 409 || fetch(city) != "" {
		t.Error("a number alone makes the ticket another platform's:", code)
	}
	if code := push("20260506000202：罚款没有票据，要求退还。"); code != 200 || fetch(city) != "20260506000202" {
		t.Error("the platform that pushed the very ticket does not read it:", code)
	}
}
