package visit

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
)

const revoked = "Device device_revoked:"

// from asks as a phone with a device's credential.
func (w *town) from(device, method, path string, body any, headers ...string) (int, map[string]any) {
	w.t.Helper()
	code, answer, _ := w.call("", method, path, body, append([]string{"Authorization", device}, headers...)...)
	return code, answer
}

// TestQuarantine: what a revoked phone sends is neither lost nor accepted; the office decides, and then it is as if it had come in time.
func TestQuarantine(t *testing.T) {
	w := newTown(t)
	d := w.fail(w.sheet("supervisor"), "C01", 7) // a red line: it would raise a lead
	for range 3 {
		code, body := w.from(revoked+"supervisor", "PUT", d.path(), d.bytes(t))
		if code != 202 || body["state"] != "held" || body["code"] != "held_for_office" || body["id"] != d.id().String() || body["receipt"] != nil {
			t.Fatalf("held: %d %v", code, body)
		}
	}
	for table, want := range map[string]int{"sheets": 0, "visits": 0, "leads": 0, "findings": 0, "attachments": 0, "held_sheets": 1} {
		if n := w.count(`SELECT count(*) FROM ` + table); n != want {
			t.Errorf("%s: %d rows, want %d", table, n, want)
		}
	}
	if n := w.count(`SELECT count(*) FROM held_sheets WHERE raw = $1 AND digest = $2`, d.bytes(t), digestOf(d.bytes(t))); n != 1 {
		t.Error("not kept byte for byte")
	}
	held := w.heldList("office", 1)[0]
	for _, who := range []string{"officeE", "supervisor"} {
		if code, _, _ := w.call(who, "GET", "/api/held-sheets/"+held, nil); code != 404 && code != 403 {
			t.Errorf("%s reads it: %d", who, code)
		}
		if code, _, _ := w.call(who, "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": true, "reason": "本人确认"}); code != 404 && code != 403 {
			t.Errorf("%s settles it: %d", who, code)
		}
	}
	w.heldList("officeE", 0)
	data, sha := shot(t, 7)
	stranger, strangeSHA := shot(t, 55)
	if code, body := w.from(revoked+"supervisor", "PUT", "/api/photos/"+sha, data, "Content-Type", "image/jpeg"); code != 201 {
		t.Errorf("a photo its record declares: %d %v", code, body)
	}
	if code, body := w.from(revoked+"supervisor", "PUT", "/api/photos/"+strangeSHA, stranger, "Content-Type", "image/jpeg"); code != 403 || body["code"] != "device_revoked" {
		t.Errorf("a photo of nothing: %d %v", code, body)
	}
	if _, body, _ := w.call("office", "GET", "/api/held-sheets/"+held, nil); body["photos_here"] != 1.0 || body["photos"] != 3.0 || body["why"] != "device_revoked" || body["body"].(map[string]any)["overall"] != "standard" {
		t.Errorf("what the office sees: %v", body)
	}
	for who, want := range map[string]int{"office": 200, "county": 200, "officeE": 404, "supervisor2": 404, "agency": 404} {
		if code, _, _ := w.call(who, "GET", "/api/photos/"+sha+"?size=original", nil); code != want {
			t.Errorf("%s looks at a photo in quarantine: %d", who, code)
		}
	}
	if code, body, _ := w.call("office", "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": true, "reason": ""}); code != 422 {
		t.Errorf("without a reason: %d %v", code, body)
	}
	for range 2 {
		if code, body, _ := w.call("office", "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": true, "reason": "电话核实，确是本人所记"}); code != 204 {
			t.Fatalf("keep: %d %v", code, body)
		}
	}
	if code, _, _ := w.call("office", "POST", "/api/held-sheets/"+held+"/settle", map[string]any{"keep": false, "reason": "改主意"}); code != 409 {
		t.Errorf("decided otherwise afterwards: %d", code)
	}
	w.afterKeep(d)
}

func (w *town) heldList(who string, want int) (ids []string) {
	w.t.Helper()
	_, body, _ := w.call(who, "GET", "/api/held-sheets", nil)
	for _, x := range body["items"].([]any) {
		ids = append(ids, x.(map[string]any)["id"].(string))
	}
	if len(ids) != want {
		w.t.Fatalf("%s sees %d held records, want %d: %v", who, len(ids), want, body)
	}
	return ids
}

// afterKeep: the record is its author's, the red line has its lead, and the phone gets its receipt.
func (w *town) afterKeep(d doc) {
	t := w.t
	code, body := w.from(revoked+"supervisor", "PUT", d.path(), d.bytes(t))
	if code != 200 || body["state"] != "waiting" || len(body["missing"].([]any)) != 2 {
		t.Fatalf("resent after it was kept: %d %v", code, body)
	}
	for _, seed := range []int{101, 102} {
		data, sha := shot(t, seed)
		if code, body := w.from(revoked+"supervisor", "PUT", "/api/photos/"+sha, data, "Content-Type", "image/jpeg"); code != 201 {
			t.Fatalf("photo: %d %v", code, body)
		}
	}
	if code, body = w.from(revoked+"supervisor", "PUT", d.path(), d.bytes(t)); code != 200 || body["state"] != "complete" || body["receipt"] == nil {
		t.Fatalf("complete: %d %v", code, body)
	}
	if n := w.count(`SELECT count(*) FROM sheets WHERE author_id = $1 AND 'from_quarantine' = ANY (remarks)`, w.people["supervisor"].ID); n != 1 || len(w.raised) != 1 {
		t.Errorf("%d sheets of the author, %d leads", n, len(w.raised))
	}
	for deed, who := range map[string]string{"sheet.hold": "supervisor", "sheet.settle_held": "office", "sheet.save": "office"} {
		if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = $1 AND actor_id = $2`, deed, w.people[who].ID); n != 1 {
			t.Errorf("%s by %s: %d rows in the trail", deed, who, n)
		}
	}
}

func TestQuarantineRefusedAndBounds(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	if code, _ := w.from("Device account_left:supervisor", "PUT", d.path(), d.bytes(t)); code != 202 {
		t.Fatalf("held: %d", code)
	}
	id := w.heldList("county", 1)[0]
	if code, body, _ := w.call("county", "POST", "/api/held-sheets/"+id+"/settle", map[string]any{"keep": false, "reason": "不是本人所记"}); code != 204 {
		t.Fatalf("refuse: %d %v", code, body)
	}
	if code, body := w.from("Device account_left:supervisor", "PUT", d.path(), d.bytes(t)); code != 409 || body["code"] != "held_refused" {
		t.Errorf("resent after it was refused: %d %v", code, body)
	}
	if w.count(`SELECT count(*) FROM sheets`) != 0 || w.count(`SELECT count(*) FROM held_sheets WHERE raw IS NOT NULL`) != 1 {
		t.Error("refused: the sheet must not be there, its bytes must")
	}
	bad := w.sheet("supervisor").set("", "overall")
	if code, body := w.from(revoked+"supervisor", "PUT", bad.path(), bad.bytes(t)[1:]); code != 422 {
		t.Errorf("what is no sheet is not held: %d %v", code, body)
	}
	if code, body := w.from(revoked+"supervisor", "POST", "/api/visits/"+d.visit().String()+"/cancel", map[string]any{"reason": "执法队改期"}); code != 403 || body["code"] != "device_revoked" {
		t.Errorf("a revoked phone cancels: %d %v", code, body)
	}
	for _, path := range []string{"/api/visits", "/api/field/pack", "/api/held-sheets", "/api/my/findings", d.path()} {
		if code, body := w.from("Device good:supervisor", "GET", path, nil); code != 403 || body["code"] != "device_only" {
			t.Errorf("a phone reads %s: %d %v", path, code, body)
		}
	}
	_, err := w.DB.Exec(context.Background(), `UPDATE held_sheets SET kept = NULL, settled_at = NULL, settled_by = NULL, reason = '', photo_bytes = $1`, maxHeldBytes)
	w.must(err)
	more := w.sheet("supervisor")
	if code, body := w.from(revoked+"supervisor", "PUT", more.path(), more.bytes(t)); code != 429 || body["code"] != "too_many_held" {
		t.Errorf("beyond the bound: %d %v", code, body)
	}
}

// TestSealedSheet: an envelope and the plain bytes are the same sheet.
func TestSealedSheet(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	key := w.ev.SealKey()
	box, err := evidence.SealBytes(key, evidence.SheetInfo(d.id()), d.bytes(t))
	w.must(err)
	code, body := w.from("Device good:supervisor", "PUT", d.path(), box, "Content-Type", evidence.SealedType)
	if code != 201 || body["state"] != "waiting" {
		t.Fatalf("sealed: %d %v", code, body)
	}
	if n := w.count(`SELECT count(*) FROM sheets WHERE raw = $1 AND digest = $2`, d.bytes(t), digestOf(d.bytes(t))); n != 1 {
		t.Error("what is kept is not the plain bytes")
	}
	if code, _, _ := w.call("supervisor", "PUT", d.path(), d.bytes(t)); code != 200 {
		t.Errorf("the same, plain: %d", code)
	}
	changed := bytes.Clone(box)
	changed[len(changed)-1] ^= 1
	other := w.sheet("supervisor")
	for name, c := range map[string]struct {
		box  []byte
		path string
		code string
	}{"changed": {changed, d.path(), "sealed"}, "for another sheet": {box, other.path(), "sealed"}, "torn": {box[:len(box)/2], d.path(), "sealed"}} {
		if code, body := w.from("Device good:supervisor", "PUT", c.path, c.box, "Content-Type", evidence.SealedType); code != 422 || body["code"] != c.code {
			t.Errorf("%s: %d %v", name, code, body)
		}
	}
	huge, err := evidence.SealBytes(key, evidence.SheetInfo(other.id()), make([]byte, MaxSheet+1))
	w.must(err)
	if code, body := w.from("Device good:supervisor", "PUT", other.path(), huge, "Content-Type", evidence.SealedType); code != 413 {
		t.Errorf("over 1 MiB: %d %v", code, body["code"])
	}
	_, pack, _ := w.call("supervisor", "GET", "/api/field/pack", nil)
	if k := pack["seal_key"].(map[string]any); k["id"] != key.ID || k["public"] != key.Public || k["algorithm"] != "hpke-p256-aes256gcm" {
		t.Errorf("the pack's key: %v", k)
	}
}

// TestTakenOffThePlan: a phone that has not heard of it yet sends what it sealed; it is kept with a remark.
func TestTakenOffThePlan(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	id := uuid.Must(uuid.NewV7())
	plan := Plan{AgencyID: w.team.ID, BusinessID: &w.shop.ID, Matter: "food", PlannedOn: "2026-05-07", SupervisorIDs: []uuid.UUID{w.people["supervisorE"].ID, w.people["supervisor"].ID}}
	v, _, err := w.s.Plan(ctx, w.people["office"], id, plan)
	w.must(err)
	plan.SupervisorIDs = []uuid.UUID{w.people["supervisor"].ID}
	_, err = w.s.Change(ctx, w.people["office"], id, v.Version, plan)
	w.must(err)
	if _, err := w.s.Visit(ctx, w.people["supervisorE"], id); err == nil {
		t.Fatal("taken off, and still sees the plan")
	}
	d := w.sheet("supervisorE")
	d["visit_id"] = id.String()
	a, fresh, err := w.send("supervisorE", d)
	if err != nil || !fresh || a.State != "waiting" {
		t.Fatalf("lost: %+v %v", a, err)
	}
	sheets, err := w.s.SheetsOf(ctx, w.people["office"], id)
	w.must(err)
	if len(sheets) != 1 || !slices.Contains(sheets[0].Remarks, "off_plan") {
		t.Errorf("remarks %v", sheets[0].Remarks)
	}
	stranger := w.sheet("supervisorE")
	other := w.sheet("supervisor")
	w.sent("supervisor", other)
	stranger["visit_id"] = other["visit_id"]
	if code, _, _ := w.call("supervisorE", "PUT", stranger.path(), stranger.bytes(t)); code != 404 {
		t.Errorf("a stranger to the visit: %d", code)
	}
	gone := uuid.Must(uuid.NewV7())
	plan.SupervisorIDs = []uuid.UUID{w.people["supervisorE"].ID}
	_, _, err = w.s.Plan(ctx, w.people["office"], gone, plan)
	w.must(err)
	w.must(w.DB.InTx(ctx, func(tx *txDB) error {
		n, err := w.s.HandOver(ctx, tx, actor.System, w.people["supervisorE"].ID, null(w.people["supervisor2"].ID))
		if n != 1 {
			t.Errorf("%d handed over", n)
		}
		return err
	}))
	late := w.sheet("supervisorE")
	late["visit_id"] = gone.String()
	if _, _, err := w.send("supervisorE", late); err != nil {
		t.Errorf("handed over while offline: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM visits WHERE state = 'recorded'`); n != 3 {
		t.Errorf("%d recorded", n)
	}
}

// What waits can be seen to its end, however much of it there is.
func TestHeldPages(t *testing.T) {
	w := newTown(t)
	const fill = `INSERT INTO held_sheets (id, sheet_id, visit_id, version, account_id, office_id, why, raw, digest, photos, photo_bytes, business_name, happened_at, received_at)
		SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, $1, $2, 'device_revoked', '{}', i::text, '{}', 0, '示例店' || i, $3, $3::timestamptz + i / 3 * interval '1 minute' FROM generate_series(1, 120) i`
	_, err := w.DB.Exec(t.Context(), fill, w.people["supervisor"].ID, w.people["supervisor"].OfficeID, w.Clock.Now())
	w.must(err)
	seen, after := map[uuid.UUID]bool{}, ""
	for {
		page, err := w.s.HeldSheets(t.Context(), w.people["office"], false, after)
		w.must(err)
		for _, h := range page.Items {
			seen[h.ID] = true
		}
		if page.Total != 120 || len(page.Items) > 50 {
			t.Fatalf("%d of %d", len(page.Items), page.Total)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d of 120 seen", len(seen))
	}
	if page, err := w.s.HeldSheets(t.Context(), w.people["officeE"], false, ""); err != nil || len(page.Items) != 0 || page.Total != 0 {
		t.Errorf("another office: %d %v", page.Total, err)
	}
}
