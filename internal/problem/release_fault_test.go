package problem_test

import (
	"context"
	"strings"
	"testing"

	"suixing/internal/deadline"
	"suixing/internal/problem"
)

// voice is a problem out of a complaint, handed in by who under a rung.
func (w *town) voice(who, found, rung string) string {
	w.Helper()
	id := w.register("county", func(r *problem.Registration) { r.Origin, r.FoundOn = "complaint", deadline.Date(found) })
	w.deed(200, who, id, "deidentify", object{"text": agencyText})
	w.deed(200, who, id, "queue", object{"rung": rung})
	return id
}

// Who handed a letter in is given another post before it leaves: it leaves with the others, in the post she had.
func TestHandedInBeforeAnotherPost(t *testing.T) {
	w := newTown(t)
	w.inspects("2026-05-06", 6)
	w.At("2026-05-08")
	id, other := w.voice("office", "2026-05-06", "FBK"), w.voice("county", "2026-05-06", "DBH")
	w.Exec(`UPDATE accounts SET role = 'county', office_id = NULL WHERE id = $1`, w.People["office"].ID)
	w.release("2026-06-01")
	for _, x := range []string{id, other} {
		if o := w.Want(200, "agency", "GET", "/api/problems/"+x, nil); o["served_on"] != "2026-06-01" {
			t.Errorf("%v", o)
		}
	}
	if n := w.Count(`SELECT count(*) FROM problem_events WHERE deed = 'order' AND actor_role = 'office' AND problem_id = $1 AND actor_id = $2`, id, w.People["office"].ID); n != 1 {
		t.Error("the letter is not signed in the post it was handed in from")
	}
}

// A letter that cannot leave does not hold the others back; the desk reads why, and it leaves when nothing is in its way.
func TestOneLetterFails(t *testing.T) {
	w := newTown(t)
	w.inspects("2026-12-02", 6)
	w.At("2026-12-04")
	id, other := w.voice("office", "2026-12-02", "FBK"), w.voice("county", "2026-12-02", "DBH") // due in working days, and in days
	w.At("2026-12-28")
	for range 2 {
		if err := w.problems.ReleaseOrders(context.Background()); err == nil {
			t.Error("that a letter could not leave is not told")
		}
	}
	w.Want(200, "agency", "GET", "/api/problems/"+other, nil)
	w.Want(404, "agency", "GET", "/api/problems/"+id, nil)
	r := w.Want(200, "office", "GET", "/api/problems/"+id, nil)["release"].(object)
	if words := r["fault"].(string); !strings.Contains(words, "2027") || r["queued"] != true {
		t.Errorf("the desk is not told why: %v", r)
	}
	_, err := w.Deadlines.SetYear(context.Background(), w.People["county"], deadline.Year{Year: 2027, Source: "测试", Days: []deadline.Exception{{Day: "2027-01-01", Name: "元旦"}}})
	w.Must(err)
	w.Must(w.problems.ReleaseOrders(context.Background()))
	if o := w.Want(200, "office", "GET", "/api/problems/"+id, nil); o["due_on"] != "2027-01-07" || o["release"] != nil {
		t.Errorf("%v %v", o["due_on"], o["release"])
	}
	if n := w.Count(`SELECT count(*) FROM problems WHERE queue_fault <> ''`); n != 0 {
		t.Error("what was in the way is still told")
	}
}
