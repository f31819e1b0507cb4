package visit

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

func TestPlannedBecomesRecordedAndLateIsSaid(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	id := uuid.Must(uuid.NewV7())
	plan := Plan{AgencyID: w.team.ID, BusinessID: &w.shop.ID, Matter: "food", PlannedOn: "2026-05-07", SupervisorIDs: []uuid.UUID{w.people["supervisor"].ID}}
	v, fresh, err := w.s.Plan(ctx, w.people["office"], id, plan)
	w.must(err)
	if !fresh || v.Number != "BS2026-0001" || !slices.Equal(v.Warnings, []string{"single_supervisor"}) {
		t.Fatalf("%+v", v)
	}
	if _, fresh, err = w.s.Plan(ctx, w.people["office"], id, plan); err != nil || fresh {
		t.Fatalf("the same plan again: %v %v", fresh, err)
	}
	plan.Matter = "fire"
	if _, _, err = w.s.Plan(ctx, w.people["office"], id, plan); fault.CodeOf(err) != "id_taken" {
		t.Fatalf("another plan under the same id: %v", err)
	}
	d := w.sheet("supervisor")
	d["visit_id"], d["late_reason"] = id.String(), "当天没有信号，回所后补写"
	d["ended_at"], d["started_at"] = "2026-05-04T10:00:00+08:00", "2026-05-04T09:00:00+08:00"
	w.sent("supervisor", d)
	v, err = w.s.Visit(ctx, w.people["office"], id)
	w.must(err)
	if v.State != Recorded || v.LateReason == "" || v.HappenedAt.Format(time.RFC3339) != "2026-05-04T01:00:00Z" || v.ReceivedAt.Before(*v.RecordedAt) {
		t.Fatalf("%+v", v)
	}
	s, err := w.s.Sheet(ctx, w.people["office"], d.id())
	w.must(err)
	if !slices.Contains(s.Remarks, "late") || !slices.Contains(s.Remarks, "officer_expired") || !slices.Contains(s.Remarks, "single_supervisor") {
		t.Fatalf("remarks %v", s.Remarks)
	}
	if s.Standings[0].Found != "valid" || s.Standings[1].Found != "expired" || s.Standings[1].Claimed != "valid" || len(s.Items) != 36 || s.Declared != 2 {
		t.Fatalf("standings %+v", s.Standings)
	}
}

func TestCancelledAndThenASheetComes(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	id := uuid.Must(uuid.NewV7())
	_, _, err := w.s.Plan(ctx, w.people["office"], id, Plan{AgencyID: w.team.ID, Business: &Business{Name: "新开的店"}, Matter: "food", PlannedOn: "2026-05-06", SupervisorIDs: []uuid.UUID{w.people["supervisor"].ID}})
	w.must(err)
	if _, err := w.s.Cancel(ctx, w.people["office"], id, ""); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("cancelled without a reason: %v", err)
	}
	_, err = w.s.Cancel(ctx, w.people["office"], id, "执法队改期")
	w.must(err)
	if _, err := w.s.Accept(ctx, w.people["office"], id); fault.CodeOf(err) != "no_sheet" {
		t.Fatalf("accepted without a sheet: %v", err)
	}
	d := w.fail(w.sheet("supervisor"), "C01", 7)
	d["visit_id"] = id.String()
	w.sent("supervisor", d)
	v, err := w.s.Visit(ctx, w.people["office"], id)
	w.must(err)
	if v.State != Cancelled || !v.Flagged || v.CancelReason != "执法队改期" || v.Sheets != 1 || len(w.raised) != 1 || !slices.Contains(v.Deeds, Accept) {
		t.Fatalf("%+v", v)
	}
	v, err = w.s.Accept(ctx, w.people["office"], id)
	w.must(err)
	if v.State != Recorded || v.Flagged || v.Events[0].Deed != "accept" || v.Events[0].State != Recorded {
		t.Fatalf("%+v", v)
	}
}

// TestCancelledAgain: the answer to a cancellation got lost, and the phone says the same once more, by its own credential.
func TestCancelledAgain(t *testing.T) {
	w := newTown(t)
	id := uuid.Must(uuid.NewV7())
	_, _, err := w.s.Plan(context.Background(), w.people["office"], id, Plan{AgencyID: w.team.ID, Business: &Business{Name: "新开的店"}, Matter: "food", PlannedOn: "2026-05-06",
		SupervisorIDs: []uuid.UUID{w.people["supervisor"].ID, w.people["supervisor2"].ID}})
	w.must(err)
	path, reason := "/api/visits/"+id.String()+"/cancel", map[string]any{"reason": "执法队改期"}
	code, first := w.from("Device good:supervisor", "POST", path, reason)
	if code != 200 || first["state"] != "cancelled" {
		t.Fatalf("cancel: %d %v", code, first)
	}
	w.Clock.Add(time.Hour)
	code, again := w.from("Device good:supervisor", "POST", path, reason)
	if code != 200 || !reflect.DeepEqual(first, again) {
		t.Errorf("the same once more by the phone: %d\n%v\n%v", code, first, again)
	}
	if code, body, _ := w.call("supervisor", "POST", path, reason); code != 200 || body["version"] != first["version"] {
		t.Errorf("the same once more by login: %d %v", code, body)
	}
	if n := w.count(`SELECT count(*) FROM visit_events WHERE visit_id = $1 AND deed = 'cancel'`, id); n != 1 {
		t.Errorf("%d events of one deed", n)
	}
	if code, body := w.from("Device good:supervisor", "POST", path, map[string]any{"reason": "下雨了"}); code != 409 || body["code"] != "state" {
		t.Errorf("another reason: %d %v", code, body)
	}
	for _, other := range []string{"supervisor2", "office"} {
		if code, body, _ := w.call(other, "POST", path, reason); code != 409 || body["code"] != "state" {
			t.Errorf("%s says the same: %d %v", other, code, body)
		}
	}
}

func TestBusinessMetOnTheSpot(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor").set("路边新店", "visit", "business", "name").set("123456789012345678", "visit", "business", "uscc")
	w.sent("supervisor", d)
	if n := w.count(`SELECT count(*) FROM businesses b JOIN visits v ON v.business_id = b.id WHERE NOT b.confirmed AND b.name = '路边新店' AND b.office_id = $1 AND v.business_uscc = '123456789012345678'`, w.west.ID); n != 1 {
		t.Fatal("the business was not taken in, or what was written was lost")
	}
}

func TestTheSameBusinessIsMetOnce(t *testing.T) {
	w := newTown(t)
	for range 2 {
		w.sent("supervisor", w.sheet("supervisor").set("路边新店", "visit", "business", "name"))
	}
	w.sent("supervisor", w.sheet("supervisor")) // by name and address of the one in the register
	if n := w.count(`SELECT count(*) FROM businesses`); n != 2 {
		t.Fatalf("%d businesses, want the shop and the new one", n)
	}
}

func TestStopNeedsACertificate(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor2")
	d["stop"] = map[string]any{"reason": "正要无清单扣押货物，当场制止", "at": d["ended_at"]}
	_, _, err := w.send("supervisor2", d)
	if fault.KindOf(err) != fault.Invalid || !slices.Equal(fieldsOf(err), []string{"stop"}) || w.count(`SELECT count(*) FROM visits`) != 0 {
		t.Fatalf("stopped without a certificate: %v", err)
	}
	d = w.sheet("supervisor")
	d["stop"] = map[string]any{"reason": "正要无清单扣押货物，当场制止", "at": d["ended_at"]}
	w.sent("supervisor", d)
	if n := w.count(`SELECT count(*) FROM sheets WHERE stopped`); n != 1 {
		t.Fatal("not marked")
	}
}

// What was right on the day stays right, however late the phone finds a network: a certificate that ran out meanwhile, a
// companion who now sits at the county.
func TestWhatChangedSinceDoesNotKeepASheetOut(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	d := w.sheet("supervisor")
	d["stop"] = map[string]any{"reason": "正要无清单扣押货物，当场制止", "at": d["ended_at"]}
	d.set([]any{w.people["supervisor"].ID, w.people["supervisor2"].ID}, "visit", "supervisor_ids")
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, 2))
	_, err := w.DB.Exec(ctx, `UPDATE accounts SET certificate_until = $2::date WHERE id = $1`, w.people["supervisor"].ID, clock.Day(w.Clock.Now().AddDate(0, 0, -1)))
	w.must(err)
	_, err = w.DB.Exec(ctx, `UPDATE accounts SET role = 'county', office_id = NULL WHERE id = $1`, w.people["supervisor2"].ID)
	w.must(err)
	expired := w.people["supervisor"]
	expired.Certified = false
	w.people["supervisor"] = expired
	w.sent("supervisor", d)
	if n := w.count(`SELECT count(*) FROM sheets WHERE stopped`); n != 1 {
		t.Errorf("%d sheets kept", n)
	}
	d = w.sheet("supervisor")
	d.set(1<<40, "checklist_version")
	if _, _, err := w.send("supervisor", d); !slices.Equal(fieldsOf(err), []string{"checklist_version"}) {
		t.Errorf("a version beyond all numbers: %v", err)
	}
}

func TestTicketIsTied(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	ticket := uuid.New()
	_, err := w.DB.Exec(ctx, `INSERT INTO tickets (id, hash, short_hash, issued_to, office_id, issued_on, request_id, position) VALUES ($1, 'a', 'b', $2, $3, '2026-05-06', $4, 1)`, ticket, w.people["supervisor"].ID, w.west.ID, uuid.New())
	w.must(err)
	d := w.sheet("supervisor")
	d["ticket_id"] = ticket.String()
	w.sent("supervisor", d)
	if n := w.count(`SELECT count(*) FROM tickets WHERE visit_id = $1`, d.visit()); n != 1 {
		t.Fatal("the ticket is not tied")
	}
	again := w.sheet("supervisor")
	again["ticket_id"] = ticket.String()
	w.sent("supervisor", again)
	if n := w.count(`SELECT count(*) FROM sheets WHERE id = $1 AND 'ticket_unbound' = ANY(remarks)`, again.id()); n != 1 {
		t.Fatal("a used ticket was not pointed out")
	}
}

func TestHandOverOfPlannedVisits(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	id := uuid.Must(uuid.NewV7())
	_, _, err := w.s.Plan(ctx, w.people["office"], id, Plan{AgencyID: w.team.ID, Business: &Business{Name: "新开的店"}, Matter: "food", PlannedOn: "2026-05-06", SupervisorIDs: []uuid.UUID{w.people["supervisor"].ID}})
	w.must(err)
	w.sent("supervisor", w.sheet("supervisor"))
	const open = `SELECT count(*) FROM visits v JOIN visit_supervisors s ON s.visit_id = v.id WHERE s.account_id = $1 AND v.state = 'planned'`
	n := w.count(open, w.people["supervisor"].ID)
	tx := func() error {
		return w.DB.InTx(ctx, func(tx *txDB) error {
			_, err := w.s.HandOver(ctx, tx, w.people["admin"], w.people["supervisor"].ID, null(w.people["supervisor2"].ID))
			return err
		})
	}
	w.must(tx())
	left := w.count(open, w.people["supervisor"].ID)
	if n != 1 || left != 0 {
		t.Fatalf("open work %d, then %d", n, left)
	}
	if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = 'visit.hand_over' AND subject_id = $1`, id); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
	if _, err := w.s.Visit(ctx, w.people["supervisor2"], id); err != nil {
		t.Fatalf("the successor does not see it: %v", err)
	}
	page, err := w.s.Visits(ctx, w.people["supervisor"], Filter{})
	w.must(err)
	if len(page.Items) != 1 || page.Items[0].State != Recorded {
		t.Fatal("what was recorded does not stay with its author")
	}
}

func TestListFiltersAndPages(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	for i := range 33 {
		name := "示例小吃店"
		if i%11 == 0 {
			name = "违法建筑材料厂"
		}
		_, _, err := w.s.Plan(ctx, w.people["office"], uuid.Must(uuid.NewV7()), Plan{AgencyID: w.team.ID, Business: &Business{Name: name}, Matter: "food", PlannedOn: "2026-05-06", SupervisorIDs: []uuid.UUID{w.people["supervisor"].ID}})
		w.must(err)
	}
	page, err := w.s.Visits(ctx, w.people["office"], Filter{})
	w.must(err)
	if len(page.Items) != 30 || page.Total != 33 || page.Next == "" {
		t.Fatalf("%d of %d", len(page.Items), page.Total)
	}
	rest, err := w.s.Visits(ctx, w.people["office"], Filter{After: page.Next})
	w.must(err)
	if len(rest.Items) != 3 || rest.Next != "" || rest.Items[0].ID == page.Items[29].ID {
		t.Fatalf("second page of %d", len(rest.Items))
	}
	for q, want := range map[string]int{"建筑": 3, "厂": 3, "0033": 1, "%": 0, "没有": 0} {
		got, err := w.s.Visits(ctx, w.people["county"], Filter{Q: q})
		w.must(err)
		if got.Total != want {
			t.Errorf("%q finds %d, want %d", q, got.Total, want)
		}
	}
	common, err := w.s.Visits(ctx, w.people["county"], Filter{Q: "BS2026"}) // in every row: the page fills from the newest, nobody counts
	w.must(err)
	if len(common.Items) != 30 || common.Total != 0 || common.Next == "" || common.Items[0].Number != "BS2026-0033" {
		t.Errorf("a common word: %d, total %d", len(common.Items), common.Total)
	}
	common, err = w.s.Visits(ctx, w.people["county"], Filter{Q: "BS2026", After: common.Next})
	w.must(err)
	if len(common.Items) != 3 || common.Total != 33 || common.Next != "" {
		t.Errorf("a common word, second page: %d, total %d", len(common.Items), common.Total)
	}
	if got, err := w.s.Visits(ctx, w.people["county"], Filter{From: "2026-05-07"}); err != nil || got.Total != 0 {
		t.Errorf("from tomorrow: %d %v", got.Total, err)
	}
	if _, err := w.s.Visits(ctx, w.people["county"], Filter{From: "gestern"}); !strings.Contains(strings.Join(fieldsOf(err), " "), "from") {
		t.Errorf("a wrong date: %v", err)
	}
}
