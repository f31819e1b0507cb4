package lead_test

import (
	"testing"

	"github.com/google/uuid"

	"suixing/internal/lead"
	"suixing/internal/problem"
)

// byHand enters a lead by hand and gives its id.
func (w *town) byHand(who, severity, fact string) string {
	w.Helper()
	return w.Want(200, who, "POST", "/api/leads", object{"origin": "casefile", "agency_id": w.Agency1, "office_id": w.Office1, "severity": severity, "category": "procedure", "fact": fact})["id"].(string)
}

// proven is a registration with a file that who brought.
func (w *town) proven(who string) object {
	w.Helper()
	in := w.registration()
	in["photos"] = []string{w.Photo(who)}
	return in
}

// answered takes a problem to the agency and back, so that it waits for its review.
func (w *town) answered(who, id string) {
	w.Helper()
	w.deed(200, who, id, "deidentify", object{"text": "一次进店检查中，执法人员未主动出示执法证件。"})
	w.deed(200, who, id, "order", object{"rung": "FBK", "served_on": "2026-05-06"})
	w.deed(200, "agency", id, "submit", object{"measures": "组织培训并签到", "result": "之后的检查都亮证", "responsible": "批评教育", "photos": []string{w.Photo("agency")}})
}

// Who registered a problem does not close it, nor who wrote the lead it came from, nor who wrote one that came to it later.
func TestNoReporterCloses(t *testing.T) {
	w := newTown(t)
	pid := w.decide(200, "colleague", w.byHand("office", problem.General, "查阅案卷发现没有送达回证"), "register", w.proven("colleague"))["id"].(string)
	w.decide(200, "colleague", w.byHand("county2", problem.General, "县里抽查也发现没有送达回证"), "attach", object{"problem_id": pid})
	w.answered("office", pid)
	for _, who := range []string{"colleague", "office", "county2"} {
		if o := w.deed(403, who, pid, "close", object{"conclusion": "看过"}); o["code"] != "own_report" {
			t.Errorf("%s: %v", who, o)
		}
		if o := w.Want(200, who, "GET", "/api/problems/"+pid, nil); o["reporter_is_me"] != true {
			t.Errorf("%s is not told that the report is hers", who)
		}
	}
	w.deed(200, "county", pid, "close", object{"conclusion": "查阅新案卷，都有送达回证"})
}

// A red line is not made less by the office: neither as what it is registered, nor by the problem it joins.
func TestARedLineIsNotMadeLessByTheOffice(t *testing.T) {
	w := newTown(t)
	less := w.decide(200, "office", w.seen(uuid.New(), nil), "register", w.registration())["id"].(string)
	red := w.byHand("office", problem.Redline, "查阅案卷发现由未经委托的公司检查")
	for _, severity := range []string{"general", "minor"} {
		in := w.proven("colleague")
		in["severity"] = severity
		if o := w.decide(403, "colleague", red, "register", in); o["code"] != "redline_county" {
			t.Errorf("%s: %v", severity, o)
		}
	}
	if o := w.decide(403, "colleague", red, "attach", object{"problem_id": less}); o["code"] != "redline_county" {
		t.Errorf("%v", o)
	}
	w.decide(404, "colleague", red, "attach", object{"problem_id": uuid.New()})
	in := w.proven("office")
	in["severity"], in["second_id"] = "redline", w.People["colleague"].ID
	p := w.decide(200, "office", red, "register", in)["id"].(string)
	w.decide(200, "colleague", w.byHand("office", problem.Redline, "又一份案卷由未经委托的公司检查"), "attach", object{"problem_id": p})
	w.decide(200, "county", w.byHand("office", problem.Redline, "写成红线，核实是一般问题"), "attach", object{"problem_id": less})
	w.decide(200, "county", w.byHand("office", problem.Redline, "写成红线，核实是一般问题，单独登记"), "register", w.proven("county"))
	offered := w.Want(200, "colleague", "GET", "/api/leads/"+w.byHand("office", problem.Redline, "第三份案卷也是"), nil)["deeds"].([]any)
	for _, d := range offered {
		for _, f := range d.(object)["fields"].([]any) {
			if f := f.(object); d.(object)["deed"] == string(lead.Register) && f["name"] == "severity" && len(f["choices"].([]any)) != 1 {
				t.Errorf("the office is offered %v", f["choices"])
			}
		}
	}
}

// Files come with a lead by hand: they are seen in its scope, are its evidence at registering, and the same again is the same.
func TestFilesOfALeadByHand(t *testing.T) {
	w := newTown(t)
	file, other := w.Photo("office"), w.Photo("office")
	in := object{"id": uuid.New(), "origin": "transfer", "agency_id": w.Agency1, "severity": "general", "category": "discretion", "fact": "法院转来：两起相近案件罚款相差较大", "photos": []string{file}}
	id := w.Want(200, "office", "POST", "/api/leads", in)["id"].(string)
	w.Want(200, "office", "POST", "/api/leads", in)
	in["photos"] = []string{file, other}
	w.Want(409, "office", "POST", "/api/leads", in)
	in["id"], in["photos"] = uuid.New(), []string{w.Photo("county")}
	w.Want(422, "office", "POST", "/api/leads", in) // somebody else's file
	l := w.Want(200, "colleague", "GET", "/api/leads/"+id, nil)
	if ph := l["photos"].([]any); len(ph) != 2 || ph[0].(object)["held"] != true { // its own, and the second version's
		t.Errorf("%v", ph)
	}
	for who, want := range map[string]int{"colleague": 200, "county": 200, "office2": 404, "agency": 404, "supervisor": 404} {
		if a := w.Raw(who, "GET", "/api/photos/"+file+"?size=original", "", nil); a.Code != want {
			t.Errorf("%s reads the file: %d, want %d", who, a.Code, want)
		}
	}
	w.decide(422, "colleague", id, "register", w.registration())
	reg := w.registration()
	reg["photos"] = []string{file}
	if p := w.decide(200, "colleague", id, "register", reg); len(p["photos"].([]any)) != 1 {
		t.Errorf("%v", p["photos"])
	}
}
