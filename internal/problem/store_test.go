package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"suixing/internal/platform/db"
	"suixing/internal/platform/dbtest"
	"suixing/internal/problem"
	"suixing/internal/worldtest"
)

// Numbers have no gaps: 50 register at once, a third of them roll back after they took one.
func TestNumbersWithoutGaps(t *testing.T) {
	w := newTown(t)
	boom := errors.New("rolled back")
	var kept int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 50 {
		back := rand.IntN(3) == 0
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := w.Env.DB.InTx(context.Background(), func(tx *db.DB) error {
				_, _, err := w.problems.Register(context.Background(), tx, w.People["office"], problem.Registration{OfficeID: worldtest.Some(w.Office1), AgencyID: w.Agency1, Origin: "visit",
					Severity: problem.General, Category: "procedure", Fact: "未亮证", Basis: "条例", FoundOn: "2026-05-06"})
				if err == nil && back {
					return boom
				}
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				kept++
			case !errors.Is(err, boom):
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if n := w.Count(`SELECT count(*) FROM problems`); n != kept || kept == 0 || kept == 50 {
		t.Errorf("%d rows, %d kept", n, kept)
	}
	if n := w.Count(`SELECT count(*) FROM generate_series(1, $1::int) n WHERE NOT EXISTS (SELECT FROM problems WHERE number = 'WT2026-' || lpad(n::text, 4, '0'))`, kept); n != 0 {
		t.Errorf("%d numbers are missing", n)
	}
	w.Exec(`UPDATE counters SET value = 9999 WHERE series = 'WT2026'`)
	id := w.register("office", nil)
	if n := w.Count(`SELECT count(*) FROM problems WHERE id = $1 AND number = 'WT2026-10000'`, id); n != 1 {
		t.Error("the ten-thousandth number is cut")
	}
	w.At("2027-01-01") // the year begins in Shanghai
	if id = w.register("office", nil); w.Count(`SELECT count(*) FROM problems WHERE id = $1 AND number = 'WT2027-0001'`, id) != 1 {
		t.Error("the new year's series does not begin at one")
	}
}

// The database's lists are the code's lists.
func TestChecksEqualTheLists(t *testing.T) {
	env := dbtest.New(t)
	states := make([]string, len(problem.States))
	for i, s := range problem.States {
		states[i] = string(s)
	}
	rungs := []string{""}
	for _, r := range problem.Rungs {
		rungs = append(rungs, string(r))
	}
	for column, want := range map[string][]string{"state": states, "rung": rungs, "origin": problem.Origins, "category": problem.Categories, "nature": problem.Natures,
		"severity": {problem.Redline, problem.General, problem.Minor}} {
		var def string
		if err := env.Owner.Get(t.Context(), &def, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'problems'::regclass AND conname = 'problems_' || $1 || '_check'`, column); err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		var got []string
		for _, m := range regexp.MustCompile(`'([a-zA-Z]*)'::text`).FindAllStringSubmatch(def, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: database %v, code %v", column, got, want)
		}
	}
}

// Search by two characters and by number; what is typed is never a pattern.
func TestSearch(t *testing.T) {
	w := newTown(t)
	for i, fact := range []string{"进店检查未主动出示执法证", "查封没有清单，罚款100%收缴", "第3车间被要求停机", "under_score 与 % 号", `反斜杠\在这里`} {
		w.register("office", func(r *problem.Registration) { r.Fact, r.Common = fact, i%2 == 0 })
	}
	for q, want := range map[string]int{"出示": 1, "查封": 1, "查封 清单": 1, "查封 停机": 0, "WT2026-0003": 1, "wt2026": 5, "00%": 1, "r_s": 1, "_%": 0, `\在`: 1, "示出": 0, "检查未主动": 1, "UNDER": 1} {
		o := w.Want(200, "office", "GET", "/api/problems?q="+url.QueryEscape(q), nil)
		if n := len(o["items"].([]any)); n != want {
			t.Errorf("%q finds %d, want %d", q, n, want)
		}
	}
	for _, q := range []string{"查", " ", "a b", strings.Repeat("很长", 40), "\x00\x00"} {
		if code, _ := w.Call("office", "GET", "/api/problems?q="+url.QueryEscape(q), nil); code != 422 {
			t.Errorf("%q: %d", q, code)
		}
	}
}

// The desk finds a problem by what the agency reads and by the business; the agency never by the business, nor by the fact.
func TestSearchByBusiness(t *testing.T) {
	w := newTown(t)
	id := w.register("office", func(r *problem.Registration) { r.Fact, r.Business = "当众训斥店主", "红日照相馆" })
	w.deed(200, "office", id, "deidentify", object{"text": "在一次检查中言语不当"})
	w.deed(200, "office", id, "order", object{"rung": "FBK", "served_on": "2026-05-06"})
	for _, c := range []struct {
		who, q string
		want   int
	}{{"office", "照相馆", 1}, {"county", "红日 训斥", 1}, {"office", "言语不当", 1}, {"office2", "照相馆", 0}, {"agency", "言语不当", 1}, {"agency", "照相馆", 0}, {"agency", "训斥", 0}, {"office", "没有的店", 0}} {
		o := w.Want(200, c.who, "GET", "/api/problems?q="+url.QueryEscape(c.q), nil)
		if n := len(o["items"].([]any)); n != c.want {
			t.Errorf("%s asks for %s: %d, want %d", c.who, c.q, n, c.want)
		}
	}
	if _, body := w.read("agency", "/api/problems/"+id); strings.Contains(string(body), "照相馆") {
		t.Error("the agency is told the business")
	}
}

// Pages by keyset: each problem once, in both orders, the ones without a date last, while others close.
func TestPages(t *testing.T) {
	w := newTown(t)
	for i := range 23 {
		if i%3 == 0 {
			w.register("office", nil)
			continue
		}
		id := w.register("office", nil)
		w.deed(200, "office", id, "deidentify", object{"text": agencyText})
		w.deed(200, "office", id, "order", object{"rung": "FBK", "served_on": "2026-05-06", "due_on": fmt.Sprintf("2026-05-%02d", 8+i%4)})
	}
	for _, list := range []string{"?open=true&limit=4", "?sort=new&limit=4", "?limit=5"} {
		seen, after, last := map[string]bool{}, "", ""
		for range 12 {
			page := w.Want(200, "office", "GET", "/api/problems"+list+"&after="+after, nil)
			for _, it := range page["items"].([]any) {
				o := it.(object)
				if seen[o["id"].(string)] {
					t.Errorf("%s: %v twice", list, o["number"])
				}
				seen[o["id"].(string)] = true
				due := o["due_on"].(string)
				if due == "" {
					due = "9999"
				}
				if strings.Contains(list, "open") && due < last {
					t.Errorf("%s: %s after %s", list, due, last)
				}
				last = due
			}
			if after = page["next"].(string); after == "" {
				break
			}
		}
		if len(seen) != 23 {
			t.Errorf("%s: %d of 23", list, len(seen))
		}
	}
	c := w.Want(200, "office", "GET", "/api/problems/counts", nil)
	if c["open"] != 23.0 || c["no_date"] != 8.0 || c["by_state"].(object)["rectifying"] != 15.0 {
		t.Errorf("%v", c)
	}
	for due, key := range map[string]string{"overdue": "overdue", "near": "near", "none": "no_date"} { // every figure opens its list
		w.At("2026-05-09")
		c := w.Want(200, "office", "GET", "/api/problems/counts", nil)
		if n := len(w.Want(200, "office", "GET", "/api/problems?limit=100&due="+due, nil)["items"].([]any)); float64(n) != c[key] {
			t.Errorf("%s: list %d, figure %v", due, n, c[key])
		}
	}
	new1 := w.Want(200, "office", "GET", "/api/problems?sort=new&limit=2", nil)["next"].(string)
	w.Want(422, "office", "GET", "/api/problems?sort=due&after="+new1, nil) // a cursor of the other order
	w.Want(422, "office", "GET", "/api/problems?sort=sideways", nil)
	w.Want(422, "office", "GET", "/api/problems?state=nowhere", nil)
	w.Want(422, "office", "GET", "/api/problems?agency_id=1", nil)
}

// The register as a workbook: the list's rows, text cells only, nothing that acts as a formula.
func TestFormula(t *testing.T) {
	w := newTown(t)
	for _, fact := range []string{"=1+1", `=HYPERLINK("http://x","y")`, "+SUM(A1)", "-2+3", "@cmd", "普通事实\x0b含控制字符", strings.Repeat("长", 300)} {
		w.register("office", func(r *problem.Registration) { r.Fact = fact })
	}
	w.register("office2", func(r *problem.Registration) { r.OfficeID, r.AgencyID = worldtest.Some(w.Office2), w.Agency2 })
	code, raw := w.read("office", "/api/problems.xlsx?sort=new")
	if code != 200 {
		t.Fatalf("%d %s", code, raw)
	}
	x, err := excelize.OpenReader(bytes.NewReader(raw))
	w.Must(err)
	rows, err := x.GetRows("问题台账")
	w.Must(err)
	if len(rows) != 8 || rows[0][0] != "编号" || rows[0][7] != "事实" {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
	var facts []string
	for _, r := range rows {
		facts = append(facts, r[7])
	}
	for _, want := range []string{"=1+1", "@cmd", "普通事实含控制字符", strings.Repeat("长", 300)} {
		if !slices.Contains(facts, want) {
			t.Errorf("no %q among %v", want, facts)
		}
	}
	for r := range rows {
		for c := range rows[r] {
			cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
			kind, err := x.GetCellType("问题台账", cell)
			w.Must(err)
			formula, err := x.GetCellFormula("问题台账", cell)
			w.Must(err)
			if formula != "" || (kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString) {
				t.Errorf("%s is %v %q", cell, kind, formula)
			}
		}
	}
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'problem.export' AND (detail->>'rows')::int = 7`); n != 1 {
		t.Error("the export left no audit row")
	}
	for who, want := range map[string]int{"supervisor": 403, "admin": 403, "": 401} {
		if code, _ := w.read(who, "/api/problems.xlsx"); code != want {
			t.Errorf("%q exports: %d", who, code)
		}
	}
	if code, _ := w.read("office", "/api/problems.xlsx?state=nowhere"); code != 422 {
		t.Errorf("a bad filter: %d", code)
	}
}

// A leaver's open problems go to a successor; closed ones keep who handled them.
func TestHandOver(t *testing.T) {
	w := newTown(t)
	open := w.register("office", nil)
	from, to := w.People["office"], w.People["colleague"]
	w.Must(w.Env.DB.InTx(t.Context(), func(tx *db.DB) error {
		moved, err := w.problems.HandOver(t.Context(), tx, w.People["admin"], from.ID, to.Account(), w.Env.Clock.Now())
		if moved != 1 {
			t.Errorf("moved %d", moved)
		}
		return err
	}))
	if o := w.Want(200, "office", "GET", "/api/problems/"+open, nil); o["handler_name"] != "测试员colleague" || o["version"] != 1.0 {
		t.Errorf("%v", o["handler_name"])
	}
}

// The app's role cannot touch what was written.
func TestEventsAreAppendOnly(t *testing.T) {
	w := newTown(t)
	id := w.register("office", nil)
	for _, q := range []string{`UPDATE problem_events SET text = ''`, `DELETE FROM problem_events`, `TRUNCATE problem_events`} {
		if _, err := w.Env.DB.Exec(t.Context(), q); err == nil {
			t.Errorf("%s went through", q)
		}
	}
	w.trail(id, "register", "confirmed")
}

// Every list the desk can ask for is read along an index at 100 000 rows: no scan of the register, no sort of more than a few pages.
func TestListsFollowAnIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("fills 100 000 rows")
	}
	w := newTown(t)
	w.Exec(`INSERT INTO offices (id, name, township) SELECT md5('office' || i)::uuid, '测量镇' || i || '司法所', '测量镇' || i FROM generate_series(1, 20) i`)
	w.Exec(`INSERT INTO agencies (id, name, kind, office_id) SELECT md5('agency' || i)::uuid, '测量镇' || i || '执法大队', 'township', md5('office' || (i % 20 + 1))::uuid FROM generate_series(1, 40) i`)
	w.Must(problem.FillForBench(t.Context(), w.Env.Owner, 100_000))
	w.At("2026-05-06")
	var office, agency uuid.UUID
	w.Must(w.Env.Owner.Get(t.Context(), &office, `SELECT id FROM offices WHERE name = '测量镇3司法所'`))
	w.Must(w.Env.Owner.Get(t.Context(), &agency, `SELECT id FROM agencies WHERE name = '测量镇22执法大队'`))
	o, g := w.People["office"], w.People["agency"]
	o.OfficeID, g.AgencyID = worldtest.Some(office), worldtest.Some(agency)
	for _, who := range []string{"county", "office", "agency"} {
		a := map[string]any{"county": w.People["county"], "office": o, "agency": g}[who]
		for name, f := range problem.ListsToExplain(agency) {
			if who == "agency" && (f.Origin != "" || f.AgencyID != "") {
				continue
			}
			for _, later := range []bool{false, true} {
				q, args := problem.ExplainList(a, f, later)
				var plan string
				w.Must(w.Env.DB.Get(t.Context(), &plan, `EXPLAIN (FORMAT JSON) `+q, args...))
				if bad := faults(t, plan, f.Q != ""); bad != "" {
					t.Errorf("%s, %s, later page %v: %s", who, name, later, bad)
					if testing.Verbose() {
						t.Log(plan)
					}
				}
			}
		}
	}
}

// faults finds a scan of the whole register, or a sort; a search may sort what it found.
func faults(t *testing.T, plan string, search bool) string {
	t.Helper()
	var out []struct {
		Plan node `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(plan), &out); err != nil || len(out) != 1 {
		t.Fatal(err, plan)
	}
	var bad []string
	out[0].Plan.walk(func(n node) {
		switch {
		case n.Type == "Seq Scan" && n.Relation == "problems":
			bad = append(bad, "reads the whole register")
		case strings.Contains(n.Type, "Sort") && !search && n.Rows > 200: // a few pages may be sorted
			bad = append(bad, "sorts")
		}
	})
	return strings.Join(bad, ", ")
}

type node struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Rows     int    `json:"Plan Rows"`
	Plans    []node `json:"Plans"`
}

func (n node) walk(f func(node)) {
	f(n)
	for _, p := range n.Plans {
		p.walk(f)
	}
}

// A search gives the same answer whether the newest rows fill the page or the index has to be asked.
func TestSearchBeyondTheNewest(t *testing.T) {
	w := newTown(t)
	w.Must(problem.FillForBench(t.Context(), w.Env.Owner, 9000)) // 200 mention a fish pond, spread over all
	for _, who := range []string{"county", "office"} {
		seen, after := map[string]bool{}, ""
		for range 20 {
			page := w.Want(200, who, "GET", "/api/problems?limit=30&q="+url.QueryEscape("鱼塘")+"&after="+after, nil)
			for _, it := range page["items"].([]any) {
				seen[it.(object)["number"].(string)] = true
			}
			if after = page["next"].(string); after == "" {
				break
			}
		}
		want := w.Count(`SELECT count(*) FROM problems WHERE fact LIKE '%鱼塘%' AND ($1 OR office_id = $2)`, who == "county", w.Office1)
		if len(seen) != want || want < 50 {
			t.Errorf("%s: found %d of %d", who, len(seen), want)
		}
	}
}
