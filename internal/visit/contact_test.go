package visit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/evidence"
	"suixing/internal/fault"
)

// pocket is a phone as its reports describe it.
type pocket struct {
	w      *town
	as     string
	device uuid.UUID
	epoch  string
	items  []any
	rest   map[string]any
}

func (w *town) pocket(as string) *pocket {
	return &pocket{w: w, as: as, device: w.device(as), epoch: uuid.NewString(), rest: map[string]any{"receipts": []any{}, "discarded": []any{}}}
}

func (p *pocket) holds(sheets ...doc) *pocket {
	p.items = []any{}
	for _, d := range sheets {
		p.items = append(p.items, map[string]any{"id": d.id(), "kind": "sheet", "visit_id": d.visit(), "day": "2026-05-06", "version": 1, "photos": 2, "photos_here": 2, "bytes": 4000,
			"created_at": p.w.Clock.Now(), "state": "pending", "why": ""})
	}
	return p
}

// report says it with the login, as the page does at every opening.
func (p *pocket) report(how string) map[string]any {
	p.w.t.Helper()
	p.w.Clock.Add(time.Minute)
	body := map[string]any{"device_id": p.device, "epoch": p.epoch, "at": p.w.Clock.Now(), "app_version": "1.2.0", "persisted": nil, "installed": true, "drafts": 1, "photos": 2, "items": p.items}
	for k, v := range p.rest {
		body[k] = v
	}
	code, answer, _ := p.w.call("", "POST", "/api/field/contact", body, "Authorization", how)
	if code != 200 {
		p.w.t.Fatalf("contact: %d %v", code, answer)
	}
	return answer
}

func (p *pocket) login() map[string]any { p.w.t.Helper(); return p.report("Bearer " + p.as) }

func (w *town) alarms(cause string, want int) []Loss {
	w.t.Helper()
	r, err := w.s.Phones(context.Background(), w.people["office"])
	w.must(err)
	var open []Loss
	for _, l := range r.Losses {
		if l.SettledAt == nil && (cause == "" || l.Cause == cause) {
			open = append(open, l)
		}
	}
	if len(open) != want {
		w.t.Fatalf("%d open alarms %q, want %d: %+v", len(open), cause, want, r.Losses)
	}
	return open
}

func TestRadarAlarms(t *testing.T) {
	w := newTown(t)
	a, b := w.sheet("supervisor"), w.sheet("supervisor")
	p := w.pocket("supervisor").holds(a, b)
	p.login()
	p.login()
	w.alarms("", 0)
	r, err := w.s.Phones(context.Background(), w.people["office"])
	w.must(err)
	if len(r.Items) != 1 || len(r.Items[0].Items) != 2 || r.Items[0].Oldest == nil || !r.Items[0].Oldest.Before(r.Items[0].SeenAt) || r.Items[0].Account.Name != "supervisor" || r.Items[0].Office.Name != "示例镇A司法所" {
		t.Fatalf("radar %+v", r.Items)
	}
	w.sent("supervisor", a)
	w.upload("supervisor", 101, 102)
	p.holds(b).login()
	w.alarms("", 0) // a came in complete
	p.holds().login()
	got := w.alarms(Dropped, 1)
	if len(got[0].Items) != 1 || got[0].Items[0].ID != b.id() {
		t.Errorf("missing %+v", got[0].Items)
	}
	p.login()
	w.alarms("", 1) // told once
	w.sent("supervisor", b)
	p.login()
	w.alarms("", 0) // b turned up: its photos were there already
	if n := w.count(`SELECT count(*) FROM phone_losses WHERE found AND settled_by IS NULL`); n != 1 {
		t.Errorf("%d alarms ended by themselves", n)
	}
	for deed, want := range map[string]int{"phone.loss": 1, "phone.found": 1} {
		if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = $1`, deed); n != want {
			t.Errorf("%s: %d rows in the trail", deed, n)
		}
	}
}

// TestWaitingIsNotReceived: a record whose photos have not come is not safe, and a phone that drops it then is an alarm.
func TestWaitingIsNotReceived(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	p := w.pocket("supervisor").holds(d)
	p.login()
	w.sent("supervisor", d)
	p.holds().login()
	got := w.alarms(Dropped, 1)
	if got[0].Items[0].VisitNumber != "BS2026-0001" || got[0].Items[0].Title != "示例小吃店" {
		t.Errorf("the alarm does not name the visit: %+v", got[0].Items[0])
	}
	for who, want := range map[string]int{"officeE": 404, "supervisor": 403, "office": 204} {
		code, body, _ := w.call(who, "POST", "/api/phones/losses/"+got[0].ID.String()+"/settle", map[string]any{"reason": "手机进水，记录用纸质补录"})
		if code != want && who != "office" || who == "office" && code != 204 {
			t.Errorf("%s settles: %d %v", who, code, body)
		}
	}
	w.alarms("", 0)
	east, err := w.s.Phones(context.Background(), w.people["officeE"])
	w.must(err)
	if len(east.Items)+len(east.Losses) != 0 {
		t.Error("another township sees it")
	}
	for who, want := range map[string]int{"county": 200, "leader": 200, "supervisor": 403, "agency": 403, "admin": 403, "hotline": 403, "auditor": 403} {
		if code, _, _ := w.call(who, "GET", "/api/phones", nil); code != want {
			t.Errorf("%s looks at the radar: %d", who, code)
		}
	}
}

func TestWipedAndReplaced(t *testing.T) {
	w := newTown(t)
	p := w.pocket("supervisor").holds(w.sheet("supervisor"), w.sheet("supervisor"))
	p.login()
	kept := p.items
	p.items, p.epoch = []any{}, uuid.NewString()
	p.login()
	if got := w.alarms(Wiped, 1); len(got[0].Items) != 2 {
		t.Errorf("wiped: %+v", got[0].Items)
	}
	p.items = kept // imported from the rescue file
	p.login()
	w.alarms("", 0)
	w.people["second"] = w.people["supervisor"]
	w.Clock.Add(30 * time.Hour)
	q := w.pocket("second").holds()
	q.login()
	if got := w.alarms(Replaced, 1); got[0].Device.ID != p.device || len(got[0].Items) != 2 {
		t.Errorf("replaced: %+v", got)
	}
	q.login()
	w.alarms("", 1)
	p.login() // it was in a drawer
	w.alarms("", 0)
	w.Clock.Add(30 * time.Hour)
	q.items = kept // on both now
	q.login()
	w.alarms("", 0)
}

// A browser that throws its data away takes the phone's id along: what comes back minutes later is a new phone of the same make.
func TestEmptiedPhoneIsNamedAtOnce(t *testing.T) {
	w := newTown(t)
	p := w.pocket("supervisor").holds(w.sheet("supervisor"), w.sheet("supervisor"))
	p.login()
	w.people["again"] = w.people["supervisor"]
	q := w.pocket("again").holds()
	if _, err := w.Owner.Exec(context.Background(), `UPDATE devices SET name = '安卓手机'`); err != nil {
		t.Fatal(err)
	}
	q.login()
	if got := w.alarms(Replaced, 1); got[0].Device.ID != p.device || len(got[0].Items) != 2 {
		t.Errorf("emptied: %+v", got)
	}
	q.login() // the old one's own word of yesterday is no news of it
	w.alarms("", 1)
	q.items = p.items // from the rescue file
	q.login()
	w.alarms("", 0)
}

func TestDiscardsAreNoted(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	p := w.pocket("supervisor").holds(d)
	p.login()
	p.holds()
	p.rest["discarded"] = []any{map[string]any{"id": d.id(), "at": w.Clock.Now(), "reason": "与同事的记录重复"}}
	for range 2 {
		if a := p.login(); len(a["forgotten"].([]any)) != 1 {
			t.Fatalf("not noted: %v", a)
		}
	}
	w.alarms("", 0)
	r, err := w.s.Phones(context.Background(), w.people["office"])
	w.must(err)
	if len(r.Discards) != 1 || r.Discards[0].Reason != "与同事的记录重复" || r.Discards[0].Day != "2026-05-06" {
		t.Errorf("discards %+v", r.Discards)
	}
	if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = 'phone.discard'`); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
}

// A phone that was reported lost and turned up has a new number, and may begin with what was given up on it before.
func TestFirstReportWithDiscard(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	p := w.pocket("supervisor").holds()
	p.rest["discarded"] = []any{map[string]any{"id": d.id(), "at": w.Clock.Now(), "reason": "与同事的记录重复"}}
	if a := p.login(); len(a["forgotten"].([]any)) != 1 {
		t.Fatalf("not noted: %v", a)
	}
	if n := w.count(`SELECT count(*) FROM phones`); n != 1 {
		t.Errorf("%d phones known", n)
	}
}

// TestRestoredServerAsksAgain: the phone still holds what it has a receipt for; a server that was put back wants it.
func TestRestoredServerAsksAgain(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	w.sent("supervisor", d)
	w.upload("supervisor", 101, 102)
	p := w.pocket("supervisor").holds()
	p.rest["receipts"] = []any{map[string]any{"id": d.id(), "version": 1, "digest": digestOf(d.bytes(t))}, map[string]any{"id": uuid.NewString(), "version": 1, "digest": digestOf([]byte("x"))}}
	if a := p.login(); len(a["wanted"].([]any)) != 1 {
		t.Fatalf("wanted %v", a["wanted"])
	}
	p.rest["receipts"] = []any{map[string]any{"id": d.id(), "version": 1, "digest": digestOf([]byte("other"))}}
	if a := p.login(); len(a["wanted"].([]any)) != 1 {
		t.Error("a receipt for other bytes is taken for the one it holds")
	}
	held := w.sheet("supervisor")
	code, _ := w.from(revoked+"supervisor", "PUT", held.path(), held.bytes(t))
	if a := p.report(revoked + "supervisor"); code != 202 || len(a["held"].([]any)) != 1 || a["standing"] != "device_revoked" {
		t.Errorf("held: %v", a)
	}
	w.must(w.s.SettleHeld(context.Background(), w.people["office"], uuid.MustParse(w.heldList("office", 1)[0]), false, "不是本人所记"))
	if a := p.report(revoked + "supervisor"); len(a["held"].([]any)) != 0 || len(a["refused"].([]any)) != 1 {
		t.Errorf("refused: %v", a)
	}
}

func TestContactOfAnother(t *testing.T) {
	w := newTown(t)
	p := w.pocket("supervisor").holds()
	body := map[string]any{"device_id": p.device, "epoch": "", "at": w.Clock.Now(), "app_version": "", "persisted": true, "installed": false, "drafts": 0, "photos": 0, "items": []any{}, "receipts": []any{}, "discarded": []any{}}
	for how, want := range map[string]int{"Bearer supervisor": 200, "Bearer supervisor2": 422, "Device good:supervisor": 200, "Device good:supervisor2": 422, "Bearer agency": 403, "Bearer x": 401} {
		if code, answer, _ := w.call("", "POST", "/api/field/contact", body, "Authorization", how); code != want {
			t.Errorf("%s: %d %v", how, code, answer)
		}
	}
	body["items"] = make([]int, 201)
	if code, _, _ := w.call("supervisor", "POST", "/api/field/contact", body); code != 422 {
		t.Errorf("201 items: %d", code)
	}
}

func TestUnlock(t *testing.T) {
	w := newTown(t)
	asked := 0
	w.s.deps.ProvePassword = func(_ context.Context, _ actor.Actor, _, password string) error {
		if asked++; password != "right" {
			return fault.Field("password", "现在的密码不对。")
		}
		return nil
	}
	device := w.device("supervisor")
	seal := func(account uuid.UUID, inside, outside uuid.UUID) string {
		plain, err := json.Marshal(map[string]any{"account_id": account, "device_id": inside, "keys": "a2V5cw=="})
		w.must(err)
		box, err := evidence.SealBytes(w.ev.SealKey(), evidence.UnlockInfo(outside), plain)
		w.must(err)
		return base64.StdEncoding.EncodeToString(box)
	}
	good := seal(w.people["supervisor"].ID, device, device)
	ask := func(as, box, password string) (int, map[string]any) {
		code, body, _ := w.call(as, "POST", "/api/field/unlock", map[string]any{"device_id": device, "box": box, "password": password})
		return code, body
	}
	for name, c := range map[string]struct {
		as, box, password string
		want              int
	}{
		"wrong password": {"supervisor", good, "wrong", 422}, "another person": {"supervisor2", good, "right", 403}, "no box": {"supervisor", "AAAA", "right", 422}, "no base64": {"supervisor", "§", "right", 422},
		"another's keys": {"supervisor", seal(w.people["supervisor2"].ID, device, device), "right", 403}, "another phone's": {"supervisor", seal(w.people["supervisor"].ID, uuid.New(), device), "right", 403},
		"sealed for another phone": {"supervisor", seal(w.people["supervisor"].ID, device, uuid.New()), "right", 422}, "an agency": {"agency", good, "right", 403},
	} {
		if code, body := ask(c.as, c.box, c.password); code != c.want || body["keys"] != nil {
			t.Errorf("%s: %d %v", name, code, body)
		}
	}
	if code, body := ask("supervisor", good, "right"); code != 200 || body["keys"] != "a2V5cw==" {
		t.Errorf("unlock: %d %v", code, body)
	}
	if n := w.count(`SELECT count(*) FROM audit_log WHERE deed = 'phone.unlock' AND actor_id = $1 AND subject_id = $2`, w.people["supervisor"].ID, device); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
	_, err := w.DB.Exec(context.Background(), `UPDATE devices SET revoked_at = $2, revoked_reason = '丢失' WHERE id = $1`, device, w.Clock.Now())
	w.must(err)
	if code, body := ask("supervisor", good, "right"); code != 403 || body["code"] != "device_revoked" {
		t.Errorf("reported lost: %d %v", code, body)
	}
	if code, _ := w.from("Device good:supervisor", "POST", "/api/field/unlock", map[string]any{"device_id": device, "box": good, "password": "right"}); code != 403 {
		t.Errorf("a phone without a login: %d", code)
	}
}
