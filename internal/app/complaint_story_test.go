package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// What a complainant says reaches the agency in no words of the complainant's: not by list, search, count, workbook, photo
// or event, before the problem is ordered and after, and 已去标识 stands in the way of ordering.
func TestStoryComplaintToTheAgency(t *testing.T) {
	w := newWorld(t)
	hotline, office, county, agency := w.as("hotline"), w.as("office"), w.as("county"), w.as("agency")
	canaries := []string{"金丝雀太太", "13900001234", "金丝雀胡同", "进店拿走两箱鸭蛋", "要求退还鸭蛋", "执法员金丝雀"}
	filed := hotline.do("POST", "/api/complaints", map[string]any{"id": uuid.NewString(), "channel": "phone", "agency_id": w.ppl.Agencies[0].ID, "target": w.ppl.Agencies[0].Name, "officer": canaries[5],
		"happened": "2026-05-04", "place": canaries[2], "fact": "两个人没有出示证件，" + canaries[3] + "，没有写单子。", "request": canaries[4], "anonymous": false, "name": canaries[0], "phone": canaries[1], "reply_wanted": true}).want(200)
	id, receipt := filed.str("id"), filed.str("receipt")
	quiet := func(when string) {
		t.Helper()
		for _, path := range []string{"/api/problems", "/api/problems/counts", "/api/problems?q=" + url.QueryEscape("鸭蛋"), "/api/problems.xlsx", "/api/leads", "/api/leads/counts", "/api/complaints", "/api/complaints/" + id,
			"/api/complaints/targets?q=" + url.QueryEscape("金丝雀"), "/api/feedback/summary?from=2026-05&to=2026-05", "/api/directory", "/api/session"} {
			a := agency.do("GET", path, nil)
			for _, c := range canaries {
				if strings.Contains(string(a.body), c) || a.status >= 500 {
					t.Errorf("%s: the agency reads %q at %s (%d)", when, c, path, a.status)
				}
			}
		}
	}
	quiet("filed")
	deed := func(c *client, name string, body map[string]any) *answer {
		t.Helper()
		body["version"] = county.do("GET", "/api/complaints/"+id, nil).want(200).get("version")
		return c.do("POST", "/api/complaints/"+id+"/"+name, body)
	}
	deed(office, "accept", map[string]any{}).want(200)
	people := map[string]string{}
	for _, p := range office.do("GET", "/api/complaints/"+id, nil).want(200).get("people").([]any) {
		one := p.(map[string]any)
		people[fmt.Sprint(one["role"])] = fmt.Sprint(one["id"])
	}
	deed(office, "assign", map[string]any{"first_id": people["office"], "second_id": people["county"]}).want(200)
	lead := office.do("GET", "/api/complaints/"+id, nil).want(200).str("lead_id")
	// the complainant's own words, as a clerk in a hurry would copy them, are refused; what was verified goes in
	fact := map[string]any{"severity": "general", "category": "procedure", "nature": "improper", "basis": "河南省行政执法条例第二十四条",
		"fact": "两个人没有出示证件，" + canaries[3] + "。", "agency_id": w.ppl.Agencies[0].ID, "version": 1}
	office.do("POST", "/api/leads/"+lead+"/register", fact).want(422)
	fact["fact"] = "核对记录仪：未亮证，" + canaries[3][:18] + "无清单。"
	reg := office.do("POST", "/api/leads/"+lead+"/register", fact).want(200, 201)
	problem := reg.str("id")
	quiet("registered")
	order := func(want ...int) {
		t.Helper()
		version := func() any { return office.do("GET", "/api/problems/"+problem, nil).want(200).get("version") }
		if office.do("POST", "/api/problems/"+problem+"/queue", map[string]any{"rung": "FBK", "version": version()}).want(want...); want[0] == 200 {
			w.as("leader").do("POST", "/api/problems/"+problem+"/hasten", map[string]any{"urgent_reason": "当事人的货物还在被扣，不能等", "version": version()}).want(200)
		}
	}
	order(409)
	quiet("order refused")
	office.do("POST", "/api/problems/"+problem+"/deidentify", map[string]any{"text": "有一次检查没有出示执法证件，也没有开具清单。", "version": office.do("GET", "/api/problems/"+problem, nil).want(200).get("version")}).want(200)
	order(200)
	quiet("ordered")
	if seen := agency.do("GET", "/api/problems/"+problem, nil).want(200); strings.Contains(string(seen.body), "complaint") || strings.Contains(string(seen.body), "2026-05-04") {
		t.Errorf("the agency's copy tells that somebody complained, or of which day: %s", seen.body)
	}
	deed(office, "decide", map[string]any{"finding": "founded", "text": "属实，已登记为问题，要求整改。"}).want(200)
	deed(w.as("leader"), "approve", map[string]any{}).want(200)
	deed(office, "answer", map[string]any{"text": "您反映的情况属实，已要求改正。", "how": "phone", "told_on": "2026-05-06", "deidentified": true}).want(200)
	deed(office, "close", map[string]any{"text": "归档"}).want(409)
	status := w.nobody().form("/t", nil, url.Values{"r": {receipt}}).want(200)
	if !strings.Contains(string(status.body), "您反映的情况属实") {
		t.Errorf("the person is not told: %s", status.body)
	}
	for _, c := range canaries {
		if strings.Contains(string(status.body), c) || strings.Contains(w.log.String(), c) {
			t.Errorf("status page or log holds %q", c)
		}
	}
	quiet("answered")
}

// A person who leaves leaves no complaint without somebody.
func TestStoryLeaverOfComplaints(t *testing.T) {
	w := newWorld(t)
	office, county, admin := w.as("office"), w.as("county"), w.as("admin")
	filed := w.as("hotline").do("POST", "/api/complaints", map[string]any{"id": uuid.NewString(), "channel": "phone", "agency_id": w.ppl.Agencies[0].ID, "target": w.ppl.Agencies[0].Name,
		"happened": "2026-05-04", "place": "东街", "fact": "两个人没有出示证件就检查了半天。", "anonymous": true}).want(200)
	id := filed.str("id")
	deed := func(name string, body map[string]any) {
		t.Helper()
		body["version"] = county.do("GET", "/api/complaints/"+id, nil).want(200).get("version")
		office.do("POST", "/api/complaints/"+id+"/"+name, body).want(200)
	}
	me, boss := w.ppl.Accounts["office"].ID, w.ppl.Accounts["county"].ID
	deed("accept", map[string]any{})
	deed("assign", map[string]any{"first_id": me, "second_id": boss})
	made := admin.do("POST", "/api/accounts", map[string]any{"username": "successor", "name": "测试员九", "role": "office", "office_id": w.ppl.Accounts["office"].OfficeID.UUID}).want(200, 201)
	next := made.str("account.id")
	if work := admin.do("GET", "/api/accounts/"+me.String()+"/open-work", nil).want(200); len(work.get("complaints").([]any)) != 1 || work.str("complaints.0.number") != filed.str("number") {
		t.Errorf("what he would leave behind: %s", work.body)
	}
	admin.do("POST", "/api/accounts/"+me.String()+"/leave", map[string]any{"reason": "调走"}).want(409)
	admin.do("POST", "/api/accounts/"+me.String()+"/leave", map[string]any{"successor_id": next, "reason": "调走"}).want(200)
	seen := county.do("GET", "/api/complaints/"+id, nil).want(200)
	if work := admin.do("GET", "/api/accounts/"+next+"/open-work", nil).want(200); len(work.get("complaints").([]any)) != 1 {
		t.Errorf("what the successor has: %s", work.body)
	}
	draft := uuid.NewString()
	w.as("hotline").do("PUT", "/api/complaints/drafts/"+draft, map[string]any{"form": map[string]any{"target": "示例镇A"}}).want(200)
	heir := admin.do("POST", "/api/accounts", map[string]any{"username": "hotline9", "name": "测试员十", "role": "hotline"}).want(200, 201).str("account.id")
	gone := "/api/accounts/" + w.ppl.Accounts["hotline"].ID.String() + "/leave"
	admin.do("POST", gone, map[string]any{"reason": "辞职"}).want(409)
	admin.do("POST", gone, map[string]any{"successor_id": heir, "reason": "辞职"}).want(200)
	if work := admin.do("GET", "/api/accounts/"+heir+"/open-work", nil).want(200); work.get("drafts") != float64(1) {
		t.Errorf("what the hotline's successor has: %s", work.body)
	}
	if seen.str("handler") != "测试员九" || !strings.Contains(string(seen.body), next) || len(seen.get("investigators").([]any)) != 2 {
		t.Errorf("%s", seen.body)
	}
}
