package directory

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/db"
)

var bg = context.Background()

func TestBusinessSearch(t *testing.T) {
	w := newTown(t)
	for i, n := range []string{"亢村示例小吃店", "亢村100%好粮油", "示例制造公司", "清风_茶馆"} {
		b := Business{Name: n, Kind: "household"}
		if i == 0 {
			b.USCC = "91350100M000100Y43"
		}
		if _, err := w.s.CreateBusiness(bg, w.office, b); err != nil {
			t.Fatal(err)
		}
	}
	for q, want := range map[string]int{"亢村": 2, "小吃": 1, "村": 2, "%": 1, "_": 1, `\`: 0, "913501": 1, "９１３５": 1, "": 4, "茶楼": 0, "亢 村": 0} {
		page, err := w.s.Businesses(bg, w.office, BusinessFilter{Q: q})
		if err != nil || len(page.Items) != want {
			t.Errorf("%q: %d, want %d (%v)", q, len(page.Items), want, err)
		}
	}
}

func TestTwoCharacterSearchUsesTheIndex(t *testing.T) {
	w := newTown(t)
	ctx := bg
	const fill = `INSERT INTO businesses (id, name, kind) SELECT gen_random_uuid(), '示例商户' || i || '号铺', 'household' FROM generate_series(1, 20000) i`
	if _, err := w.Owner.Exec(ctx, fill); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Owner.Exec(ctx, `ANALYZE businesses`); err != nil {
		t.Fatal(err)
	}
	var plan []string
	if err := w.DB.Select(ctx, &plan, `EXPLAIN SELECT id FROM businesses WHERE bigrams(name) @> bigrams('小吃') AND name ILIKE '%小吃%'`); err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(plan); !contains(s, "businesses_name") {
		t.Errorf("the plan reads the whole table: %s", s)
	}
}

func TestBusinessPages(t *testing.T) {
	w := newTown(t)
	for i := range 120 {
		if _, err := w.s.CreateBusiness(bg, w.office, Business{Name: fmt.Sprintf("商户%02d", i/2), Kind: "other"}); err != nil { // pairs share a name
			t.Fatal(err)
		}
	}
	seen, after := map[uuid.UUID]bool{}, ""
	for pages := 1; ; pages++ {
		page, err := w.s.Businesses(bg, w.office, BusinessFilter{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Items {
			if seen[b.ID] {
				t.Fatalf("%s stands on two pages", b.Name)
			}
			seen[b.ID] = true
		}
		if after = page.Next; after == "" {
			if pages != 3 || len(seen) != 120 {
				t.Fatalf("%d rows on %d pages", len(seen), pages)
			}
			return
		}
	}
}

func TestScope(t *testing.T) {
	w := newTown(t)
	b, err := w.s.CreateBusiness(bg, w.office, Business{Name: "示例小吃店", Kind: "household"})
	if err != nil || b.OfficeID != place(w.west) {
		t.Fatalf("%v %+v", err, b)
	}
	if page, _ := w.s.Businesses(bg, w.officeE, BusinessFilter{}); len(page.Items) != 0 {
		t.Error("the other township sees it")
	}
	name := "改名"
	if _, err := w.s.PatchBusiness(bg, w.officeE, b.ID, BusinessPatch{Name: &name, Version: 1}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the other township changed it: %v", err)
	}
	if _, err := w.s.Businesses(bg, w.agency, BusinessFilter{}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an agency read the register: %v", err)
	}
	if _, err := w.s.CreateBusiness(bg, w.office, Business{Name: "别镇商户", Kind: "other", OfficeID: place(w.east)}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an office registered in another township: %v", err)
	}
	for _, a := range []Agency{w.team, w.other} {
		if _, err := w.s.CreateOfficer(bg, w.admin, Officer{AgencyID: a.ID, Name: "张示例", Credential: "1607" + a.ID.String()[24:], ValidFrom: "2024-01-01", ValidTo: "2026-05-05"}); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.s.Officers(bg, w.agency, OfficerFilter{})
	if err != nil || len(page.Items) != 1 || page.Items[0].AgencyID != w.team.ID || page.Items[0].Now != Expired {
		t.Errorf("%v %+v", err, page)
	}
	if page, _ = w.s.Officers(bg, w.agency, OfficerFilter{AgencyID: uuid.NullUUID{UUID: w.other.ID, Valid: true}}); len(page.Items) != 0 {
		t.Error("the agency filter widened the scope")
	}
	if all, _ := w.s.Directory(bg, w.agency); len(all.Agencies) != 1 || len(all.Offices) != 1 || all.Bureau == nil {
		t.Errorf("%+v", all)
	}
	if _, err := w.s.CreateOffice(bg, w.office, Office{Name: "新所", Township: "新镇"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an office made an office: %v", err)
	}
}

func TestOldVersionIsRefusedAndTheTrailNamesFields(t *testing.T) {
	w := newTown(t)
	phone, before := "0373-0000000", w.count(t, "audit_log")
	o, err := w.s.PatchOffice(bg, w.admin, w.west.ID, OfficePatch{Phone: &phone, Version: 1})
	if err != nil || o.Version != 2 || o.Phone != phone {
		t.Fatalf("%v %+v", err, o)
	}
	if _, err = w.s.PatchOffice(bg, w.admin, w.west.ID, OfficePatch{Phone: &phone, Version: 1}); fault.CodeOf(err) != "stale" {
		t.Errorf("stale change: %v", err)
	}
	var detail string
	if err := w.DB.Get(bg, &detail, `SELECT detail::text FROM audit_log ORDER BY id DESC LIMIT 1`); err != nil || detail != `{"fields": ["phone"]}` {
		t.Errorf("%v %s", err, detail)
	}
	if w.count(t, "audit_log") != before+1 {
		t.Error("the refused change left a row")
	}
	off := false
	if _, err = w.s.PatchOffice(bg, w.admin, w.west.ID, OfficePatch{Active: &off, Version: 2}); fault.CodeOf(err) != "in_use" {
		t.Errorf("an office with an agency was closed: %v", err)
	}
	kind := "county"
	a, err := w.s.PatchAgency(bg, w.admin, w.team.ID, AgencyPatch{Kind: &kind, Version: 1})
	if err != nil || a.OfficeID.Valid {
		t.Errorf("a county agency keeps no office: %v %+v", err, a)
	}
}

func TestMetOnTheSpot(t *testing.T) {
	w := newTown(t)
	var wg sync.WaitGroup
	ids := make([]uuid.UUID, 8)
	for i := range ids { // eight phones meet the same business at once
		wg.Go(func() {
			w.inTx(t, func(tx *db.DB) (err error) {
				ids[i], err = w.s.RegisterOnSpot(bg, tx, w.supervisor, Business{Name: "示例小吃店", USCC: "91350100m000100y43", Kind: "household"})
				return err
			})
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == uuid.Nil {
			t.Fatalf("one business, several rows: %v", ids)
		}
	}
	w.inTx(t, func(tx *db.DB) error {
		id, err := w.s.RegisterOnSpot(bg, tx, w.supervisor, Business{Name: "抄错代码的店", USCC: "91350100M000100Y44"})
		if err != nil || id == ids[0] {
			t.Errorf("a mistyped code must not stop a sealed sheet: %v", err)
		}
		return nil
	})
	page, err := w.s.Businesses(bg, w.office, BusinessFilter{Confirmed: "no"})
	if err != nil || len(page.Items) != 2 || page.Items[0].OfficeID != place(w.west) {
		t.Fatalf("%v %+v", err, page)
	}
	if err := w.DB.InTx(bg, func(tx *db.DB) error {
		_, err := w.s.RegisterOnSpot(bg, tx, actor.Actor{ID: uuid.New(), Role: actor.Agency}, Business{Name: "示例"})
		return err
	}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an agency registered a business: %v", err)
	}
}

func TestHTTP(t *testing.T) {
	w := newTown(t)
	r := w.router()
	for _, c := range []struct {
		name, as, method, path string
		body                   any
		status                 int
	}{
		{"directory", "agency", "GET", "/api/directory", nil, 200},
		{"nobody", "-", "GET", "/api/directory", nil, 401},
		{"agency and businesses", "agency", "GET", "/api/businesses", nil, 403},
		{"supervisor may look", "supervisor", "GET", "/api/businesses?q=%E5%B0%8F%E5%90%83", nil, 200},
		{"bad cursor", "office", "GET", "/api/businesses?after=zzz", nil, 422},
		{"office adds", "office", "POST", "/api/businesses", map[string]any{"name": "示例小吃店", "kind": "household", "uscc": " 91350100m000100y43"}, 200},
		{"same code", "office", "POST", "/api/businesses", map[string]any{"name": "另一家", "kind": "household", "uscc": "91350100M000100Y43"}, 409},
		{"wrong digit", "office", "POST", "/api/businesses", map[string]any{"name": "另一家", "kind": "household", "uscc": "91350100M000100Y44"}, 422},
		{"cannot bring an id", "office", "POST", "/api/businesses", map[string]any{"name": "另一家", "kind": "other", "id": uuid.NewString()}, 422},
		{"cannot bring confirmed", "office", "POST", "/api/businesses", map[string]any{"name": "另一家", "kind": "other", "confirmed": false}, 422},
		{"no office is null", "admin", "POST", "/api/businesses", map[string]any{"name": "县直企业", "kind": "company", "office_id": nil}, 200},
		{"supervisor may not add", "supervisor", "POST", "/api/businesses", map[string]any{"name": "另一家", "kind": "other"}, 403},
		{"unknown office", "admin", "POST", "/api/businesses", map[string]any{"name": "另一家", "kind": "other", "office_id": uuid.NewString()}, 422},
		{"unknown officer", "admin", "PATCH", "/api/officers/" + uuid.NewString(), map[string]any{"version": 1}, 404},
		{"office may not import officers", "office", "POST", "/api/import/officers", []byte("x"), 403},
		{"no such import", "admin", "POST", "/api/import/problems", []byte("x"), 404},
		{"template", "office", "GET", "/api/import/businesses/template", nil, 200},
	} {
		if status, m := call(t, r, c.as, c.method, c.path, c.body); status != c.status {
			t.Errorf("%s: %d, want %d: %v", c.name, status, c.status, m)
		}
	}
	if status, m := call(t, r, "admin", "POST", "/api/import/businesses", make([]byte, maxImport+1)); status != 413 {
		t.Errorf("%d %v", status, m)
	}
}
