package visit

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/evidence"
	"suixing/internal/fault"
)

func (w *town) send(as string, d doc) (SheetAnswer, bool, error) {
	w.t.Helper()
	return w.s.SaveSheet(context.Background(), w.people[as], d.id(), d.bytes(w.t))
}

func (w *town) sent(as string, d doc) SheetAnswer {
	w.t.Helper()
	a, fresh, err := w.send(as, d)
	w.must(err)
	if !fresh {
		w.t.Fatal("the sheet was not new")
	}
	return a
}

// correct makes the next version of a sheet.
func (w *town) correct(d doc, reason string) doc {
	next := w.sheet("supervisor")
	next["visit_id"], next["version"], next["supersedes"], next["reason"] = d["visit_id"], d["version"].(int)+1, d["id"], reason
	return next
}

func TestSameSheetAHundredTimesAtOnce(t *testing.T) {
	w := newTown(t)
	d := w.fail(w.sheet("supervisor"), "C01", 7)
	raw := d.bytes(t)
	var wg sync.WaitGroup
	fresh, numbers := make(chan bool, 100), make(chan string, 100)
	for range 100 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a, isNew, err := w.s.SaveSheet(context.Background(), w.people["supervisor"], d.id(), raw)
			if err != nil {
				t.Error(err)
			}
			fresh <- isNew
			numbers <- a.VisitNumber
		}()
	}
	wg.Wait()
	close(fresh)
	close(numbers)
	news, seen := 0, map[string]bool{}
	for isNew := range fresh {
		if isNew {
			news++
		}
	}
	for n := range numbers {
		seen[n] = true
	}
	if news != 1 || len(seen) != 1 || !seen["BS2026-0001"] {
		t.Fatalf("%d times new, numbers %v", news, seen)
	}
	for table, want := range map[string]int{"sheets": 1, "visits": 1, "findings": 1, "leads": 1, "sheet_conflicts": 0, "attachments": 3} {
		if n := w.count(`SELECT count(*) FROM ` + table); n != want {
			t.Errorf("%s: %d rows, want %d", table, n, want)
		}
	}
	if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = 'sheet.save'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	if n := w.count(`SELECT value FROM counters WHERE series = 'BS2026'`); n != 1 {
		t.Errorf("the number series stands at %d", n)
	}
}

func TestSameIDOtherBytesKeepsBoth(t *testing.T) {
	w := newTown(t)
	first := w.sheet("supervisor")
	w.sent("supervisor", first)
	other := doc{}
	for k, v := range first {
		other[k] = v
	}
	other["opinion"] = "建议组织学习"
	for range 3 {
		if _, _, err := w.send("supervisor", other); fault.CodeOf(err) != "sheet_conflict" {
			t.Fatalf("want a conflict, got %v", err)
		}
	}
	if n := w.count(`SELECT count(*) FROM sheet_conflicts`); n != 1 {
		t.Fatalf("%d conflicts kept, want 1", n)
	}
	if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = 'sheet.clash'`); n != 1 {
		t.Fatalf("%d audit rows", n)
	}
	if n := w.count(`SELECT count(*) FROM sheet_conflicts WHERE raw = $1`, other.bytes(t)); n != 1 {
		t.Fatal("the other bytes were not kept as they came")
	}
	list, err := w.s.Clashes(context.Background(), w.people["office"], "")
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].Other.Opinion != "建议组织学习" || list.Items[0].First.Opinion != "" {
		t.Fatalf("conflicts %+v", list)
	}
	w.must(w.s.Settle(context.Background(), w.people["office"], list.Items[0].ID, "other"))
	a, _, err := w.send("supervisor", other)
	w.must(err)
	if a.ID != other.id() || a.As == nil || a.As.ID == first.id() || a.As.Version != 2 || a.As.Digest != digestOf(other.bytes(t)) || w.count(`SELECT version FROM sheets WHERE id = $1`, a.As.ID) != 2 {
		t.Fatalf("the other did not become version 2, or the answer does not say so: %+v", a)
	}
	w.upload("supervisor", 101, 102)
	if a, _, err = w.send("supervisor", other); err != nil || a.Receipt == nil {
		t.Fatalf("no receipt for what it became: %+v %v", a, err)
	}
	if body, err := evidence.CheckReceipt(*a.Receipt, w.ev.ReceiptKey()); err != nil || body.SheetID != a.As.ID || body.Version != a.As.Version || body.Digest != a.As.Digest {
		t.Fatalf("the receipt signs for something else than the answer says: %+v %v", body, err)
	}
	a, fresh, err := w.send("supervisor", first)
	if err != nil || fresh || a.ID != first.id() {
		t.Fatalf("the first lost its answer: %v", err)
	}
	if err := w.s.Settle(context.Background(), w.people["office"], list.Items[0].ID, "first"); fault.CodeOf(err) != "settled" {
		t.Fatalf("settled twice: %v", err)
	}
}

func TestTwoPhonesOneVersion(t *testing.T) {
	w := newTown(t)
	first := w.sheet("supervisor")
	w.sent("supervisor", first)
	second := w.sheet("supervisor")
	second["visit_id"] = first["visit_id"]
	if _, _, err := w.send("supervisor", second); fault.CodeOf(err) != "sheet_conflict" {
		t.Fatalf("want a conflict, got %v", err)
	}
	list, err := w.s.Clashes(context.Background(), w.people["county"], "")
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].Kind != "same_version" {
		t.Fatalf("conflicts %+v", list)
	}
	w.must(w.s.Settle(context.Background(), w.people["county"], list.Items[0].ID, "first"))
	if _, _, err := w.send("supervisor", second); fault.CodeOf(err) != "conflict_settled" {
		t.Fatalf("want settled, got %v", err)
	}
}

func TestPhotosBeforeAndAfterTheRecord(t *testing.T) {
	w := newTown(t)
	before := w.fail(w.sheet("supervisor"), "D01", 7)
	w.upload("supervisor", 101, 102, 7)
	a := w.sent("supervisor", before)
	if a.State != "complete" || a.Receipt == nil || len(a.Missing) != 0 {
		t.Fatalf("all photos were there: %+v", a)
	}
	w.must(checkReceipt(w, *a.Receipt, before))

	after := w.fail(w.sheet("supervisor"), "D01", 8)
	a = w.sent("supervisor", after)
	if a.State != "waiting" || a.Receipt != nil || len(a.Missing) != 1 {
		t.Fatalf("one photo is missing: %+v", a)
	}
	if _, err := w.s.Receipt(context.Background(), w.people["supervisor"], after.id()); fault.CodeOf(err) != "waiting" {
		t.Fatalf("a receipt before its time: %v", err)
	}
	data, sha := shot(t, 8)
	if len(data) == 0 || a.Missing[0] != sha {
		t.Fatalf("missing %v", a.Missing)
	}
	w.upload("supervisor", 8)
	again, fresh, err := w.send("supervisor", after)
	w.must(err)
	if fresh || again.State != "complete" {
		t.Fatalf("after the photo: %+v", again)
	}
	w.must(checkReceipt(w, *again.Receipt, after))
	third, _, err := w.send("supervisor", after)
	w.must(err)
	if *third.Receipt != *again.Receipt {
		t.Fatal("the same sheet got another receipt")
	}
	if n := w.count(`SELECT count(*) FROM receipts`); n != 2 {
		t.Fatalf("%d receipts", n)
	}
}

func checkReceipt(w *town, r evidence.Receipt, d doc) error {
	body, err := evidence.CheckReceipt(r, w.ev.ReceiptKey())
	if err != nil {
		return err
	}
	if body.SheetID != d.id() || body.VisitID != d.visit() || body.Digest != digestOf(d.bytes(w.t)) || len(body.Photos) != len(d["photos"].([]any)) {
		w.t.Errorf("the receipt signs for something else: %+v", body)
	}
	return nil
}

func TestPhotosAndRecordAtTheSameMoment(t *testing.T) {
	w := newTown(t)
	for i := range 15 {
		d := w.fail(w.sheet("supervisor"), "D01", 200+i)
		raw := d.bytes(t)
		data, sha := shot(t, 200+i)
		var wg sync.WaitGroup
		wg.Add(2)
		go func() {
			defer wg.Done()
			if _, _, err := w.s.SaveSheet(context.Background(), w.people["supervisor"], d.id(), raw); err != nil {
				t.Error(err)
			}
		}()
		go func() {
			defer wg.Done()
			if _, _, err := w.ev.Ingest(context.Background(), w.people["supervisor"], upload(data, sha)); err != nil {
				t.Error(err)
			}
			if _, err := w.s.PhotoHeld(context.Background(), sha); err != nil {
				t.Error(err)
			}
		}()
		if i == 0 {
			w.upload("supervisor", 101, 102)
		}
		wg.Wait()
	}
	if n := w.count(`SELECT count(*) FROM sheets WHERE complete_at IS NULL`); n != 0 {
		t.Fatalf("%d sheets wait although everything is there", n)
	}
}

func TestRedLineRaisesAtOnceOthersAreOffered(t *testing.T) {
	w := newTown(t)
	d := w.fail(w.fail(w.fail(w.sheet("supervisor"), "C01", 7), "C02", 8), "H03", 9)
	d.set(true, "answers", 11, "corrected")
	w.sent("supervisor", d)
	if len(w.raised) != 1 || w.raised[0].Item != "C01" || w.raised[0].Severity != "redline" || w.raised[0].HappenedOn != "2026-05-06" || len(w.raised[0].Photos) != 1 {
		t.Fatalf("raised %+v", w.raised)
	}
	ctx := context.Background()
	offered, err := w.s.Findings(ctx, w.people["office"], true, uuid.NullUUID{}, "")
	w.must(err)
	if len(offered.Items) != 1 || offered.Items[0].Item != "C02" || offered.Total != 1 {
		t.Fatalf("offered %+v", offered.Items)
	}
	lead, err := w.s.Raise(ctx, w.people["office"], offered.Items[0].ID)
	w.must(err)
	twice, err := w.s.Raise(ctx, w.people["office"], offered.Items[0].ID)
	w.must(err)
	if lead != twice || len(w.raised) != 2 || w.raised[1].ReporterID != w.people["supervisor"].ID {
		t.Fatalf("raised twice: %+v", w.raised)
	}
	mine, err := w.s.MyFindings(ctx, w.people["supervisor"], "")
	w.must(err)
	got := map[string]string{}
	for _, f := range mine.Items {
		got[f.Item] = f.Outcome
	}
	if got["C01"] != "received" || got["C02"] != "received" || got["H03"] != "corrected" {
		t.Fatalf("outcomes %v", got)
	}
	_, err = w.DB.Exec(ctx, `UPDATE leads SET state = 'dismissed', reason = '执法记录仪显示已出示' WHERE id = $1`, lead)
	w.must(err)
	mine, err = w.s.MyFindings(ctx, w.people["supervisor"], "")
	w.must(err)
	if i := slices.IndexFunc(mine.Items, func(f Finding) bool { return f.Item == "C02" }); mine.Items[i].Outcome != "not_registered" || mine.Items[i].Reason != "执法记录仪显示已出示" {
		t.Fatalf("dismissed: %+v", mine.Items[i])
	}
}

func TestWaiveKeepsTheReason(t *testing.T) {
	w := newTown(t)
	w.sent("supervisor", w.fail(w.sheet("supervisor"), "C02", 8))
	ctx := context.Background()
	offered, err := w.s.Findings(ctx, w.people["office"], true, uuid.NullUUID{}, "")
	w.must(err)
	id := offered.Items[0].ID
	if err := w.s.Waive(ctx, w.people["office"], id, " "); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("waived without a reason: %v", err)
	}
	w.must(w.s.Waive(ctx, w.people["office"], id, "通知书随后送达，已看到原件"))
	if _, err := w.s.Raise(ctx, w.people["office"], id); fault.CodeOf(err) != "waived" {
		t.Fatalf("raised after it was waived: %v", err)
	}
	mine, err := w.s.MyFindings(ctx, w.people["supervisor"], "")
	w.must(err)
	if mine.Items[0].Outcome != "waived" || mine.Items[0].Reason == "" {
		t.Fatalf("%+v", mine.Items[0])
	}
}

func TestCorrectionIsANewVersion(t *testing.T) {
	w := newTown(t)
	one := w.fail(w.fail(w.sheet("supervisor"), "C01", 7), "C02", 8)
	w.sent("supervisor", one)
	two := w.fail(w.correct(one, "C02当时看错了，通知书已出具"), "C01", 7)
	w.sent("supervisor", two)
	if n := w.count(`SELECT count(*) FROM findings WHERE in_force`); n != 1 {
		t.Fatalf("%d findings in force, want C01 alone", n)
	}
	if n := w.count(`SELECT count(DISTINCT lead_id) FROM findings WHERE item = 'C01'`); n != 1 || len(w.raised) != 1 {
		t.Fatalf("the red line was raised again: %+v", w.raised)
	}
	stale := w.correct(one, "又想起一件事情")
	if _, _, err := w.send("supervisor", stale); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a correction of an old version was taken: %v", err)
	}
	three := w.correct(doc{"visit_id": one["visit_id"], "version": 3, "id": uuid.NewString()}, "前一版还没送到")
	if _, _, err := w.send("supervisor", three); fault.CodeOf(err) != "order" {
		t.Fatalf("a version before its time: %v", err)
	}
	v, err := w.s.Visit(context.Background(), w.people["office"], one.visit())
	w.must(err)
	if v.Sheets != 1 || v.Redlines != 1 || v.Failed != 1 || v.State != Recorded {
		t.Fatalf("%+v", v)
	}
	sheets, err := w.s.SheetsOf(context.Background(), w.people["office"], one.visit())
	w.must(err)
	if len(sheets) != 2 || sheets[0].Version != 2 || sheets[1].SupersededBy.UUID != two.id() || sheets[0].Reason == "" {
		t.Fatalf("versions %+v", sheets)
	}
	if n := w.count(`SELECT count(*) FROM sheets WHERE raw = $1`, one.bytes(t)); n != 1 {
		t.Fatal("the first version was altered")
	}
}

func TestASealedSheetCannotBeEditedByTheProgram(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	w.sent("supervisor", d)
	for _, q := range []string{`UPDATE sheets SET raw = 'x'`, `UPDATE sheets SET body = '{}'`, `DELETE FROM sheets`} {
		if _, err := w.DB.Exec(context.Background(), q); err == nil {
			t.Errorf("%s went through", q)
		}
	}
}

func TestTwoSupervisorsOneVisit(t *testing.T) {
	w := newTown(t)
	both := []any{w.people["supervisor"].ID.String(), w.people["supervisor2"].ID.String()}
	a := w.fail(w.sheet("supervisor"), "C01", 7).set(both, "visit", "supervisor_ids")
	b := w.fail(w.sheet("supervisor2"), "C01", 8).set(both, "visit", "supervisor_ids")
	b["visit_id"], b["overall"] = a["visit_id"], "poor"
	w.sent("supervisor", a)
	w.sent("supervisor2", b)
	if len(w.raised) != 1 {
		t.Fatalf("one red line, %d leads", len(w.raised))
	}
	v, err := w.s.Visit(context.Background(), w.people["supervisor"], a.visit())
	w.must(err)
	if v.Sheets != 2 || v.Overall != "poor" || len(v.Warnings) != 0 || v.Number != "BS2026-0001" {
		t.Fatalf("%+v", v)
	}
}
