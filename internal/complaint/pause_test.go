package complaint

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"suixing/internal/actor"
	"suixing/internal/platform/dbtest"
	"suixing/internal/worldtest"
)

// 补正 from asking to running on: filed on Wednesday the 6th, due on the 12th by DL01; asked on the 7th, answered on the 12th.
func TestClockStandsWhileThePersonCompletes(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	track := func(want ...string) {
		t.Helper()
		body := visible(w.Post("/t", url.Values{"r": {f.Receipt}}).Body)
		for _, x := range want {
			if !strings.Contains(body, x) {
				t.Errorf("the person does not read %q: %s", x, body)
			}
		}
	}
	ask := fields{"text": "请补罚款单的照片，写明哪一天交的钱。", "how": "phone", "told_on": "2026-05-07", "deidentified": true}
	w.Env.Clock.Add(24 * time.Hour)
	d := w.do("office", f.ID, "ask-completion", 200, ask)
	if d.PausedOn != "2026-05-07" || d.PauseGround != "completion" || d.DueRule != "DL24" || d.DueOn != "2026-05-20" || d.State != Received {
		t.Fatalf("asked: %+v paused %s", d.ComplaintItem, d.PausedOn)
	}
	if !strings.Contains(d.DueSum.Basis, "行政复议法") {
		t.Error("no basis:", d.DueSum.Basis)
	}
	track("请您补充 请补罚款单的照片", "请在 2026年5月20日 前补上")
	w.do("office", f.ID, "accept", 409, nil)
	var n CaseCounts
	if w.As("office", "GET", "/api/complaints/counts", nil, &n); n.Paused != 1 {
		t.Errorf("%d stand still", n.Paused)
	}
	w.Env.Clock.Add(6 * 24 * time.Hour) // the 13th: past the day the clock would have run out
	d = w.do("office", f.ID, "run-on", 200, fields{"arrived_on": "2026-05-12", "text": "送来罚款单照片两张。"})
	if d.PausedOn != "" || d.DueRule != "DL01" || d.DueOn != "2026-05-18" || d.Clock == "overdue" {
		t.Fatalf("runs on: %+v", d.ComplaintItem)
	}
	stood := 0
	for _, day := range d.DueSum.Days {
		if day.Stopped {
			stood++
		}
	}
	if len(d.DueSum.Stops) != 1 || stood != 5 || d.DueSum.Value != 5 {
		t.Errorf("the sum does not show the stop: %+v", d.DueSum)
	}
	track("最晚 2026年5月18日 告诉您是否受理", "继续办理")
	w.do("office", f.ID, "ask-completion", 409, ask) // once, for everything
	if d = w.do("office", f.ID, "accept", 200, nil); d.DueRule != "DL02" || len(d.DueSum.Stops) != 0 {
		t.Errorf("a new clock begins whole: %+v", d.DueSum)
	}
}

// Who does not answer gains nothing: the clock stands no longer than the day given.
func TestClockStandsNoLongerThanGiven(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	w.do("office", f.ID, "ask-completion", 200, fields{"text": "请补罚款单的照片。", "how": "phone", "told_on": "2026-05-06", "deidentified": true})
	w.Env.Clock.Add(30 * 24 * time.Hour)
	d := w.do("office", f.ID, "run-on", 200, fields{"arrived_on": "2026-06-05", "text": "没有补，按现有材料办。"})
	if d.DueSum.Stops[0].Until != "2026-05-19" || d.DueOn != "2026-05-26" || d.Clock != "overdue" {
		t.Errorf("%+v %+v", d.ComplaintItem, d.DueSum.Stops)
	}
}

// An appraisal stops the clock of the inquiry for a reason and a paper, after an extension too.
func TestClockStandsForAnAppraisal(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	mate := w.Person("mate", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.do("office", f.ID, "accept", 200, nil)
	w.do("office", f.ID, "assign", 200, fields{"first_id": mate.ID, "second_id": w.People["office"].ID})
	w.do("office", f.ID, "ask-extension", 200, fields{"reason": "要调取录像"})
	w.do("office", f.ID, "stop-clock", 409, fields{"stop": "appraisal", "reason": "委托检测中心检测", "photos": []string{strings.Repeat("a", 64)}})
	if d := w.do("leader", f.ID, "extend", 200, nil); d.DueOn != "2026-06-25" {
		t.Fatal(d.DueOn)
	}
	paper := strings.Repeat("b", 64)
	w.do("office", f.ID, "stop-clock", 422, fields{"stop": "appraisal", "reason": "委托检测中心检测", "photos": []string{paper}}) // nobody brought it
	w.Exec(`INSERT INTO photos (sha256, size, media_type, held_at) VALUES ($1, 10, 'image/jpeg', $2)`, paper, dbtest.Start)
	w.Exec(`INSERT INTO photo_uploads (sha256, account_id, at) VALUES ($1, $2, $3)`, paper, w.People["office"].ID, dbtest.Start)
	d := w.do("office", f.ID, "stop-clock", 200, fields{"stop": "appraisal", "reason": "委托检测中心检测", "photos": []string{paper}})
	if d.PauseGround != "appraisal" || d.DueRule != "DL25" || len(d.Photos) != 1 {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	w.Env.Clock.Add(10 * 24 * time.Hour)
	d = w.do("office", f.ID, "run-on", 200, fields{"arrived_on": "2026-05-16", "text": "检测报告收到。"})
	if d.DueRule != "DL03" || d.DueOn != "2026-07-05" || d.DueSum.From != "2026-06-15" {
		t.Errorf("the extension moved to %s from %s", d.DueOn, d.DueSum.From)
	}
}

// What was sent on is not forgotten: DL26 until there is an outcome, DL10 once the organ has handled it, asked for again when it passes, put away only then.
func TestTransferHasAnOutcome(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	d := w.do("office", f.ID, "transfer", 200, fields{"to": "县市场监管局", "reason": "不是行政执法", "how": "phone", "told_on": "2026-05-06", "deidentified": true})
	if d.DueRule != "DL26" || d.DueOn != "2026-05-19" {
		t.Fatalf("%+v", d.ComplaintItem)
	}
	w.do("office", f.ID, "close", 409, fields{"text": "归档"})
	w.do("office", f.ID, "outcome", 422, fields{"outcome": "silent", "text": "没有回"})
	w.Env.Clock.Add(14 * 24 * time.Hour)
	d = w.do("office", f.ID, "press", 200, fields{"text": "电话催问，对方说正在办。"})
	if d.DueOn != "2026-06-03" {
		t.Error(d.DueOn)
	}
	w.do("office", f.ID, "press", 422, fields{"text": "说明天办结。", "handled_on": "2026-05-21"})
	if d = w.do("office", f.ID, "press", 200, fields{"text": "对方说18日已经办结。", "handled_on": "2026-05-18"}); d.DueRule != "DL10" || d.DueOn != "2026-06-01" {
		t.Error(d.DueRule, d.DueOn)
	}
	if d = w.do("office", f.ID, "outcome", 200, fields{"outcome": "done", "text": "6月1日回函：已责令退款。"}); d.DueOn != "" || d.Outcome != "done" {
		t.Errorf("%+v", d)
	}
	w.do("office", f.ID, "press", 409, fields{"text": "再催一次"})
	w.do("office", f.ID, "close", 200, fields{"text": "归档"})
}

// After the office has answered a feedback, its receipt offers the one word more; the code goes on in the body. A complaint's
// receipt does not, nor a feedback's that has said it.
func TestTrackOffersTheOneWordMore(t *testing.T) {
	w := newWorld(t)
	ask := func(code string) string { return w.Post("/t", url.Values{"r": {code}}).Body }
	const form = `action="/f/more"><input type="hidden" name="r" value="FFFF FFFF FFFF FFFF">`
	w.foreign.Reply, w.foreign.Again = "已经核实。", true
	if page := ask("FFFF FFFF FFFF FFFF"); !strings.Contains(page, form) {
		t.Error("no word more:", visible(page))
	}
	w.foreign.Again = false
	if page := ask("FFFF FFFF FFFF FFFF"); strings.Contains(page, "/f/more") {
		t.Error("a second word more")
	}
	f := w.taken(one())
	if page := ask(f.Receipt); strings.Contains(page, "/f/more") {
		t.Error("a complaint offers it")
	}
}
