package feedback

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// hang hangs so many more walls in the first township.
func (w *world) hang(n int) {
	w.Helper()
	for range n {
		w.wallCode()
	}
}

// An answer by wall code leads to nothing at all: with the township kept, the one wall of a township is the business. Below
// five good walls neither the township nor an agency of its own is kept; walls that end later change nothing of what is kept.
func TestWallKeepsNoTownshipOfFewWalls(t *testing.T) {
	w := newWorld(t)
	county := uuid.New()
	w.Exec(`INSERT INTO agencies (id, name, kind) VALUES ($1, '县市场监管局', 'county')`, county)
	path, _ := w.wallCode()
	said := func(name string, agency uuid.UUID) (office, about uuid.NullUUID) {
		w.Helper()
		w.receiptless(w.Post(path, with(w.wallAnswer(name), "O2", name, "agency", agency.String())))
		var row struct {
			Office uuid.NullUUID `db:"office_id"`
			Agency uuid.NullUUID `db:"agency_id"`
		}
		w.Must(w.Env.Owner.Get(context.Background(), &row, `SELECT office_id, agency_id FROM feedbacks WHERE advice = $1`, name))
		return row.Office, row.Agency
	}
	for walls := 1; walls <= wallsEnough; walls++ {
		enough := walls == wallsEnough
		if walls == 1 || walls >= wallsEnough-1 {
			if office, about := said(fmt.Sprint("镇", walls), w.Agency1); office.Valid != enough || about.Valid != enough {
				t.Errorf("%d walls: office %v, agency %v", walls, office, about)
			}
			if office, about := said(fmt.Sprint("县", walls), county); office.Valid != enough || about.UUID != county {
				t.Errorf("%d walls: office %v, agency of the county %v", walls, office, about)
			}
		}
		w.hang(1)
	}
	w.hang(0)
	lists := func(who string) int {
		var list struct{ Total int }
		w.As(who, "GET", "/api/feedback?channel=wall", nil, &list)
		return list.Total
	}
	if office, county := lists("office"), lists("county"); office != 2 || county != 6 {
		t.Errorf("the office reads %d, the county %d", office, county)
	}
	w.Exec(`UPDATE wall_codes SET revoked_at = $1 WHERE hash <> (SELECT hash FROM wall_codes ORDER BY id LIMIT 1)`, w.Env.Clock.Now())
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE office_id IS NOT NULL`); n != 2 {
		t.Errorf("%d name their township", n)
	}
	path, _ = w.wallCode() // the second good one
	if office, _ := said("作废以后", w.Agency1); office.Valid {
		t.Error("a township of two good walls is kept, because it once had more")
	}
	bad := with(w.wallAnswer("bad"), "F9", "y", "O1", "要烟")
	w.receiptless(w.Post(path, bad))
	w.settle() // its lead is the county's
	if n := w.Count(`SELECT count(*) FROM leads WHERE origin = 'feedback' AND office_id IS NULL AND agency_id IS NULL`); n != 1 {
		t.Error("leads of the county:", n)
	}
}

// A burst is flagged whole when its day is settled, and holds nobody back who did the work.
func TestWallBurstIsFlagged(t *testing.T) {
	w := newWorld(t)
	path, _ := w.wallCode()
	w.hang(wallsEnough - 1)
	for i := range wallSoft {
		w.receiptless(w.from(w.Base, path, w.wallAnswer(fmt.Sprint("bogus", i)), fmt.Sprintf("10.2.0.%d", i), "bot", ""))
	}
	v := with(w.wallAnswer("honest"), "F9", "y", "O1", "要烟", "O2", "真的")
	page := w.from(w.Base, path, v, "192.0.2.9", "person", "")
	w.Receipt(w.from(w.Base, path, w.work(page, v), "192.0.2.9", "person", ""))
	w.Env.Clock.Add(26 * time.Hour)
	w.Must(w.s.Settle(context.Background(), false))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE suspect`); n != wallSoft+1 {
		t.Errorf("%d of the burst are flagged", n)
	}
	if n := w.Count(`SELECT count(*) FROM leads l JOIN feedbacks f ON f.id = l.origin_id WHERE f.advice = '真的' AND NOT f.quarantined`); n != 1 {
		t.Error("the honest one raises no lead:", n)
	}
	quiet, _ := w.wallCode()
	for i := range 3 {
		w.receiptless(w.Post(quiet, w.wallAnswer(fmt.Sprint("next day", i))))
	}
	w.Env.Clock.Add(26 * time.Hour)
	w.Must(w.s.Settle(context.Background(), false))
	if n := w.Count(`SELECT count(*) FROM feedbacks WHERE suspect`); n != wallSoft+1 {
		t.Errorf("a quiet day is flagged: %d", n)
	}
}

// A wall's short code at its own address is guessed as slowly as any other, its misses are counted, and a good one leads to
// the address that is not slowed.
func TestWallCodesAreGuessedSlowly(t *testing.T) {
	w := newWorld(t)
	path, id := w.wallCode()
	_, short := w.s.wallSecrets(id)
	if a := w.Get("/w/" + short); a.Code != 303 || a.Location != path {
		t.Errorf("%d %s", a.Code, a.Location)
	}
	for range 25 {
		if a := w.Get("/w/0000000000ZZ"); a.Code != 404 && !strings.Contains(a.Body, "请稍等") {
			t.Fatal(a.Code, visible(a.Body))
		}
	}
	if n := w.Count(`SELECT COALESCE(max(hits), 0) FROM public_slowdown`); n < 20 {
		t.Error("misses are not counted:", n)
	}
	held := w.Get("/w/" + short)
	if held.Code != 200 || !strings.Contains(held.Body, "请稍等") || !strings.Contains(held.Body, short) {
		t.Error("guessing walls is free, or shut out:", held.Code, visible(held.Body))
	}
	if a := w.Post("/w/"+short, w.wallAnswer("x")); a.Code == 404 || a.Code >= 429 {
		t.Error("who has a good code is refused:", a.Code)
	}
	if a := w.Get(path); a.Code != 200 || !strings.Contains(a.Body, "<form") {
		t.Error("who scanned is slowed:", a.Code)
	}
}
