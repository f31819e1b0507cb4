package visit

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestScopeOfEveryRouteForEveryRole asks every route as everyone: the role at the route, the row in the WHERE.
func TestScopeOfEveryRouteForEveryRole(t *testing.T) {
	w := newTown(t)
	d := w.fail(w.fail(w.sheet("supervisor"), "C02", 8), "D01", 9)
	w.sent("supervisor", d)
	other := w.sheet("supervisor")
	other["id"], other["visit_id"] = d["id"], d["visit_id"]
	_, _, _ = w.send("supervisor", other)
	planned := uuid.Must(uuid.NewV7())
	plan := map[string]any{"agency_id": w.team.ID, "business_id": w.shop.ID, "matter": "food", "planned_on": "2026-05-07", "supervisor_ids": []any{w.people["supervisor"].ID}}
	if code, _, _ := w.call("office", "PUT", "/api/visits/"+planned.String(), plan); code != 201 {
		t.Fatalf("plan: %d", code)
	}
	offered, err := w.s.Findings(context.Background(), w.people["office"], true, uuid.NullUUID{}, "")
	w.must(err)
	clashes, err := w.s.Clashes(context.Background(), w.people["office"], "")
	w.must(err)
	visit, sheet, finding, clash := "/api/visits/"+d.visit().String(), "/api/sheets/"+d.id().String(), "/api/findings/"+offered.Items[0].ID.String(), "/api/sheet-conflicts/"+clashes.Items[0].ID.String()
	change := map[string]any{"version": 99}
	for k, v := range plan {
		change[k] = v
	}
	reason := map[string]any{"reason": "执法队改期"}
	// what each sees: 2 its own rows, 4 nothing there for it, 3 not its role's. Deeds are asked so that they change nothing:
	// a stale version, a state that forbids, a settled choice.
	everyone := []string{"county", "leader", "office", "officeE", "supervisor", "supervisor2", "supervisorE", "agency", "hotline", "admin", "auditor", "nobody"}
	for _, c := range []struct {
		method, path string
		body         any
		want         string // one letter per person of everyone: o 2xx or a conflict, n 404, f 403, u 401
	}{
		{"GET", visit, nil, "ooononnffffu"},
		{"GET", visit + "/sheets", nil, "ooonon nffffu"},
		{"GET", sheet, nil, "ooononnffffu"},
		{"GET", sheet + "/receipt", nil, "ooononnffffu"},
		{"PATCH", "/api/visits/" + planned.String(), change, "ofonffffffffu"},
		{"POST", visit + "/cancel", reason, "ofononnffffu"},
		{"POST", visit + "/accept", nil, "ofonfffffffu"},
		{"POST", finding + "/raise", nil, "ofonfffffffu"},
		{"POST", finding + "/waive", reason, "ofonfffffffu"},
		{"POST", clash + "/settle", map[string]any{"keep": "first"}, "ofonfffffffu"},
		{"GET", "/api/my/findings", nil, "ffoooooffffu"},
		{"GET", "/api/findings", nil, "oooofffffffu"},
		{"GET", "/api/sheet-conflicts", nil, "oooofffffffu"},
		{"GET", "/api/field/pack", nil, "ffoooooffffu"},
		{"GET", "/api/visits/counts", nil, "oooooooffffu"},
		{"GET", "/api/supervisors", nil, "ofoofffffffu"},
		{"GET", "/api/visits", nil, "oooooooffffu"},
	} {
		want := strings.ReplaceAll(c.want, " ", "")
		if c.path == "/api/visits/"+planned.String() {
			want = "ofonfffffffu"
		}
		for i, who := range everyone {
			code, body, _ := w.call(who, c.method, c.path, c.body)
			got := map[bool]string{true: "o"}[code < 300 || code == http.StatusConflict] + map[int]string{404: "n", 403: "f", 401: "u"}[code]
			if got != want[i:i+1] {
				t.Errorf("%s %s as %s: %d %v, want %s", c.method, c.path, who, code, body["detail"], want[i:i+1])
			}
		}
	}
	for who, want := range map[string]int{"county": 2, "leader": 2, "office": 2, "officeE": 0, "supervisor": 2, "supervisor2": 0, "supervisorE": 0} {
		_, body, _ := w.call(who, "GET", "/api/visits", nil)
		if got := len(body["items"].([]any)); got != want {
			t.Errorf("%s lists %d visits, want %d", who, got, want)
		}
	}
	for who, want := range map[string]float64{"county": 1, "officeE": 0, "supervisor": 1, "supervisor2": 0} {
		if _, body, _ := w.call(who, "GET", "/api/visits/counts", nil); body["planned"] != want || body["recorded"] != want || body["conflicts"] != 0.0 {
			t.Errorf("%s counts %v", who, body)
		}
	}
	for who, want := range map[string]int{"county": 2, "office": 2, "officeE": 0} {
		_, body, _ := w.call(who, "GET", "/api/findings", nil)
		if got := len(body["items"].([]any)); got != want {
			t.Errorf("%s lists %d findings, want %d", who, got, want)
		}
	}
}

func TestWhoMaySendASheet(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	for _, who := range []string{"county", "leader", "agency", "hotline", "admin", "auditor"} {
		if code, _, _ := w.call(who, "PUT", d.path(), d.bytes(t)); code != 403 {
			t.Errorf("%s: %d", who, code)
		}
	}
	if code, body, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 201 || body["visit_number"] != "BS2026-0001" || body["state"] != "waiting" {
		t.Fatalf("%d %v", code, body)
	}
	if code, _, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 200 {
		t.Fatalf("the same again: %d", code)
	}
	stranger := w.sheet("supervisorE")
	stranger["visit_id"] = d["visit_id"]
	if code, _, _ := w.call("supervisorE", "PUT", stranger.path(), stranger.bytes(t)); code != 404 {
		t.Errorf("another township's supervisor wrote on the visit: %d", code)
	}
	colleague := w.sheet("supervisor2")
	colleague["visit_id"] = d["visit_id"]
	if code, _, _ := w.call("supervisor2", "PUT", colleague.path(), colleague.bytes(t)); code != 201 {
		t.Errorf("a colleague who stepped in: %d", code)
	}
}

// TestHostileInput: what is no record is refused and keeps nothing; a record that breaks a rule is held, and nothing else
// comes of it.
func TestHostileInput(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	good := string(d.bytes(t))
	huge := strings.Repeat("长", 700_000)
	for name, c := range map[string]struct {
		raw  []byte
		code int
		says string // the field refused, or a word of what is held
	}{
		"unknown field":   {[]byte(strings.Replace(good, `"helpers"`, `"admin":true,"helpers"`, 1)), 202, "没有这一项"},
		"wrong type":      {[]byte(strings.Replace(good, `"helpers":0`, `"helpers":"many"`, 1)), 202, "协助人员人数"},
		"half a helper":   {[]byte(strings.Replace(good, `"helpers":0`, `"helpers":1.5`, 1)), 202, "协助人员人数"},
		"number for text": {[]byte(strings.Replace(good, `"opinion":""`, `"opinion":5`, 1)), 202, "现场意见"},
		"list for object": {[]byte(strings.Replace(good, `"stop":null`, `"stop":[]`, 1)), 202, "当场制止"},
		"two megabytes":   {[]byte(strings.Replace(good, `"opinion":""`, `"opinion":"`+huge+`"`, 1)), 413, ""},
		"one megabyte":    {[]byte(strings.Replace(good, `"opinion":""`, `"opinion":"`+huge[:900_000]+`"`, 1)), 202, "现场意见"},
		"NUL":             {[]byte(strings.Replace(good, `"opinion":""`, `"opinion":"a\u0000b"`, 1)), 202, "现场意见"},
		"NUL in a name":   {[]byte(strings.Replace(good, `"name":"示例小吃店"`, `"name":"示例\u0000店"`, 1)), 202, "被检查对象"},
		"lone surrogate":  {[]byte(strings.Replace(good, `"opinion":""`, `"opinion":"\ud800"`, 1)), 202, "现场意见"},
		"bad UTF-8":       {[]byte(strings.Replace(good, `"opinion":""`, "\"opinion\":\"\xff\"", 1)), 422, "body"},
		"cut short":       {[]byte(good[:len(good)/2]), 422, "body"},
		"two documents":   {[]byte(good + good), 422, "body"},
		"deep":            {bytes.Repeat([]byte("["), 100_000), 422, "body"},
		"a list":          {[]byte(`[1]`), 422, "body"},
		"empty":           {[]byte{}, 422, "body"},
		"another id":      {[]byte(strings.Replace(good, d["id"].(string), uuid.NewString(), 1)), 422, "id"},
		"no such list":    {[]byte(strings.Replace(good, `"checklist_version":1`, `"checklist_version":9`, 1)), 202, "检查表"},
		"no such agency":  {[]byte(strings.Replace(good, w.team.ID.String(), uuid.NewString(), 1)), 202, "执法单位"},
		"no such person":  {[]byte(strings.ReplaceAll(good, w.people["supervisor"].ID.String(), uuid.NewString())), 202, "监督人员"},
		"huge number":     {[]byte(strings.Replace(good, `"helpers":0`, `"helpers":1e400`, 1)), 202, "协助人员人数"},
		"version 1e9":     {[]byte(strings.Replace(good, `"version":1`, `"version":1000000000`, 1)), 202, "1到99"},
		"null everything": {[]byte(`{"id":null,"visit_id":null,"answers":null,"photos":null,"visit":null}`), 422, "id"},
	} {
		code, body, _ := w.call("supervisor", "PUT", d.path(), c.raw)
		text, err := json.Marshal(body)
		w.must(err)
		if code != c.code || !strings.Contains(string(text), c.says) {
			t.Errorf("%s: %d, want %d and %q: %s", name, code, c.code, c.says, text)
		}
		if code == 202 && (body["state"] != "held" || body["why"] != "invalid" || w.count(`SELECT count(*) FROM held_sheets WHERE raw = $1`, c.raw) != 1) {
			t.Errorf("%s: not held byte for byte: %s", name, text)
		}
		if strings.Contains(string(text), "长长") {
			t.Errorf("%s: the answer repeats what was sent", name)
		}
	}
	for _, table := range []string{"visits", "sheets", "sheet_conflicts", "findings", "leads", "attachments", "counters", "audit_log WHERE deed = 'sheet.save'", "businesses WHERE NOT confirmed"} {
		if n := w.count(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%s: %d rows left behind", table, n)
		}
	}
}

func TestHostilePlans(t *testing.T) {
	w := newTown(t)
	good := func() map[string]any {
		return map[string]any{"agency_id": w.team.ID, "business_id": w.shop.ID, "matter": "food", "planned_on": "2026-05-07", "supervisor_ids": []any{w.people["supervisor"].ID}}
	}
	for field, v := range map[string]any{"agency_id": uuid.New(), "business_id": uuid.New(), "matter": "x", "planned_on": "2036-01-01", "supervisor_ids": []any{}, "notice_number": "a\x00b", "external_code": strings.Repeat("长", 61), "extra": 1} {
		p := good()
		p[field] = v
		code, body, _ := w.call("office", "PUT", "/api/visits/"+uuid.NewString(), p)
		if code != 422 || len(body["errors"].([]any)) != 1 || !strings.HasPrefix(body["errors"].([]any)[0].(map[string]any)["field"].(string), field) {
			t.Errorf("%s: %d %v", field, code, body)
		}
	}
	if n := w.count(`SELECT count(*) FROM visits`) + w.count(`SELECT count(*) FROM counters`); n != 0 {
		t.Errorf("%d rows left behind", n)
	}
	if code, _, _ := w.call("office", "GET", "/api/visits?state=x", nil); code != 422 {
		t.Errorf("an unknown state: %d", code)
	}
	if code, _, _ := w.call("office", "GET", "/api/visits?after=%00%ff", nil); code != 422 && code != 400 {
		t.Errorf("a made-up cursor: %d", code)
	}
}

func TestPackWithETag(t *testing.T) {
	w := newTown(t)
	code, body, tag := w.call("supervisor", "GET", "/api/field/pack", nil)
	if code != 200 || tag == "" {
		t.Fatalf("%d %q", code, tag)
	}
	list := body["checklist"].(map[string]any)
	if len(list["items"].([]any)) != 36 || len(body["officers"].([]any)) != 2 || len(body["agencies"].([]any)) != 2 || len(body["businesses"].([]any)) != 1 ||
		body["me"].(map[string]any)["name"] != "supervisor" || body["receipt_key"].(map[string]any)["algorithm"] != "ed25519" || body["public_url"] != "https://sx.example" {
		t.Fatalf("pack %v", body)
	}
	w.Clock.Add(60e9)
	if code, _, _ := w.call("supervisor", "GET", "/api/field/pack", nil, "If-None-Match", tag); code != 304 {
		t.Fatalf("nothing changed: %d", code)
	}
	w.sent("supervisor", w.sheet("supervisor"))
	code, body, again := w.call("supervisor", "GET", "/api/field/pack", nil, "If-None-Match", tag)
	if code != 200 || again == tag || len(body["visits"].([]any)) != 1 {
		t.Fatalf("a new visit: %d", code)
	}
	_, body, _ = w.call("supervisor2", "GET", "/api/field/pack", nil)
	if len(body["visits"].([]any)) != 0 {
		t.Fatal("another supervisor's visits are in the pack")
	}
}
