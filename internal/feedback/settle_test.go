package feedback

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What hangs on a wall says its day and no hour: until that is over it waits with all the others, or the trail would tell
// each one's minute.
func TestWallWaitsForItsDay(t *testing.T) {
	w := newWorld(t)
	path, _ := w.wallCode()
	trail := func() int {
		return w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'feedback.submit.wall'`)
	}
	for i := range 3 {
		w.receiptless(w.Post(path, w.wallAnswer(fmt.Sprint("n", i))))
		w.Env.Clock.Add(2 * time.Hour)
		w.Must(w.s.Settle(context.Background(), false))
	}
	if n := trail(); n != 0 {
		t.Fatalf("%d rows of the trail while the day lasts", n)
	}
	w.Env.Clock.Add(24 * time.Hour)
	w.Must(w.s.Settle(context.Background(), false))
	w.Must(w.s.Settle(context.Background(), false))
	if n := trail(); n != 1 {
		t.Fatalf("%d rows of the trail, want one that counts three", n)
	}
	if n := w.Count(`SELECT (detail->>'count')::int FROM audit_log WHERE deed = 'feedback.submit.wall'`); n != 3 {
		t.Errorf("%d counted", n)
	}
}

// Held back, let go before its settlement, answered and answered back: it is counted once and its lead is raised.
func TestReleasedBeforeItsSettlement(t *testing.T) {
	w := newWorld(t)
	path, _ := w.wallCode()
	w.hang(wallsEnough - 1)
	bad := w.wallAnswer("x")
	bad.Set("F2", "n")
	bad.Set("O1", "没有出示证件就进了后厨，问了也不说。")
	w.receiptless(w.Post(path, bad))
	w.Exec(`UPDATE feedbacks SET quarantined = true`)
	var id uuid.UUID
	w.Must(w.Env.Owner.Get(context.Background(), &id, `SELECT id FROM feedbacks`))
	w.Must(w.s.Release(context.Background(), w.People["office"], id))
	w.Must(w.s.Answer(context.Background(), w.People["office"], id, Words{"已向执法队核实，谢谢您。", true}))
	w.Exec(`UPDATE feedbacks SET more_hour = received_hour, more_overall = 3, settled = CASE WHEN settled = 0 THEN 0 ELSE 3 END`)
	w.settle()
	if n := w.Count(`SELECT count(*) FROM audit_log WHERE deed = 'feedback.submit.wall'`); n != 1 {
		t.Errorf("counted in %d rows of the trail", n)
	}
	if n := w.Count(`SELECT count(*) FROM leads WHERE origin = 'feedback'`); n != 1 {
		t.Errorf("%d leads", n)
	}
}

// A crash of the database empties the day's traces and begins their numbers anew: the next hand is seen all the same.
func TestTracesBeginAnew(t *testing.T) {
	w := newWorld(t)
	give := func() {
		for range 6 {
			path, _, _ := w.bound()
			w.Receipt(w.from(w.Base, path, good(), "10.9.9.9", "one phone", "abcdefghijklmnop"))
		}
		w.Must(w.s.Judge(context.Background()))
	}
	flagged := func() int { return w.Count(`SELECT count(*) FROM feedbacks WHERE suspect`) }
	w.Exec(`SELECT setval(pg_get_serial_sequence('ballot_traces', 'n'), 50000)`)
	give()
	before := flagged()
	w.Exec(`TRUNCATE ballot_traces RESTART IDENTITY`)
	give()
	if before == 0 || flagged() <= before {
		t.Errorf("%d flagged before, %d after", before, flagged())
	}
}

// Anyone can make up an address: it stores nothing.
func TestMadeUpTicketStoresNothing(t *testing.T) {
	w := newWorld(t)
	a := w.Post("/f/"+strings.Repeat("A", 22), good(), picture(1), picture(2))
	if a.Code != http.StatusNotFound {
		t.Errorf("%d", a.Code)
	}
	if n := w.Count(`SELECT count(*) FROM photos`); n != 0 {
		t.Errorf("%d pictures kept for a ticket that is none", n)
	}
}

func TestWallAnswerAboutNobody(t *testing.T) {
	w := newWorld(t)
	path, _ := w.wallCode()
	v := w.wallAnswer("x")
	v.Set("agency", uuid.NewString())
	if a := w.Post(path, v); a.Code != 422 || !strings.Contains(a.Body, "请选来检查的单位") {
		t.Errorf("%d %s", a.Code, visible(a.Body))
	}
	ok := w.wallAnswer("y")
	w.receiptless(w.Post(path, ok))
	w.receiptless(w.Post(path, ok)) // once more: the same receipt
	if n := w.Count(`SELECT count(*) FROM feedbacks`); n != 1 {
		t.Errorf("%d kept", n)
	}
}

// Who was on the visit does not learn who rated it, by no door; a colleague of the office does.
func TestOwnVisitIsNotRevealed(t *testing.T) {
	w := newWorld(t)
	path, _, visit := w.bound()
	w.Receipt(w.Post(path, with(good(), "P1", "y", "P2", "王小满", "P3", "13800000000", "consent", "y"), picture(3)))
	var id uuid.UUID
	w.Must(w.Env.Owner.Get(context.Background(), &id, `SELECT id FROM feedbacks WHERE has_contact`))
	reveal := func() int {
		return w.As("office", "POST", "/api/vault/reveal", map[string]any{"case_kind": "feedback", "case_id": id, "reason": "打电话核实罚款的事"}, nil).Code
	}
	pictures := func() int {
		list, err := w.s.evidence.Attachments(context.Background(), w.People["office"], w.Env.DB, "feedback", id)
		w.Must(err)
		return len(list)
	}
	if code, n := reveal(), pictures(); code != 200 || n != 1 {
		t.Fatalf("a clerk of the office: %d, %d pictures", code, n)
	}
	w.Exec(`INSERT INTO visit_supervisors (visit_id, account_id) VALUES ($1, $2)`, visit, w.People["office"].ID)
	if code, n := reveal(), pictures(); code != 404 || n != 0 {
		t.Errorf("who was on the visit: %d, %d pictures", code, n)
	}
}
