package complaint

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
)

// F.3 回访: after the answer someone is called, whether the file was put away or not, until she was reached or was not on
// three days. Who left nothing to be called by is not waited for.
func TestTheCallAfterIsOwedThroughClosing(t *testing.T) {
	w := newWorld(t)
	f := w.taken(one())
	at := func(days int) { w.Env.Clock.Add(time.Duration(days) * 24 * time.Hour) }
	answer := func(id uuid.UUID) *ComplaintDetail {
		w.do("office", id, "accept", 200, nil)
		mate := w.Person("mate"+id.String()[:4], actor.Actor{Role: actor.Office, OfficeID: w.People["office"].OfficeID})
		w.do("office", id, "assign", 200, fields{"first_id": w.People["office"].ID, "second_id": mate.ID})
		w.do("office", id, "decide", 200, fields{"finding": "unfounded", "text": "查了录像，没有这回事。"})
		w.do("leader", id, "approve", 200, nil)
		return w.do("office", id, "answer", 200, fields{"text": "经过核实，没有发现您说的情形。", "how": "phone", "told_on": deadline.DayOf(w.Env.Clock.Now()), "deidentified": true})
	}
	owed := func(what string, d *ComplaintDetail, due deadline.Date) {
		t.Helper()
		if d.DueOn != due || (due != "") != (d.DueRule == "DL23") {
			t.Errorf("%s: due by %q on %q, want %q", what, d.DueRule, d.DueOn, due)
		}
	}
	owed("answered", answer(f.ID), "2026-06-05")
	owed("put away", w.do("office", f.ID, "close", 200, fields{"text": "归档"}), "2026-06-05")
	miss := fields{"got_answer": "unreached", "satisfied": "unsure", "retaliation": "unsure", "text": "上午十点打登记的电话，没有人接。"}
	w.do("office", f.ID, "follow-up", 422, fields{"got_answer": "unreached"})
	owed("not reached", w.do("office", f.ID, "follow-up", 200, miss), "2026-06-05")
	w.do("office", f.ID, "follow-up", 422, miss) // the same day again is no second try
	at(31)
	var counts CaseCounts
	if w.As("office", "GET", "/api/complaints/counts", nil, &counts); counts.Overdue != 1 {
		t.Errorf("a call owed on a closed file is not overdue: %+v", counts)
	}
	owed("not reached twice", w.do("office", f.ID, "follow-up", 200, miss), "2026-06-05")
	at(1)
	owed("not reached three times", w.do("office", f.ID, "follow-up", 200, miss), "")

	reached := w.taken(one("id", uuid.New(), "fact", "另一件事：没有出示证件就进了仓库。"))
	answer(reached.ID)
	w.do("office", reached.ID, "close", 200, fields{"text": "归档"})
	owed("reached after closing", w.do("office", reached.ID, "follow-up", 200, fields{"got_answer": "yes", "satisfied": "fair", "retaliation": "no"}), "")

	nobody := w.taken(map[string]any{"id": uuid.New(), "channel": "letter", "target": "示例镇A综合执法大队", "happened": "2026-05-04", "place": "西街", "fact": "来信说：罚款没有票据，要求退还。", "anonymous": true})
	owed("anonymous", answer(nobody.ID), "")

	gone := w.taken(one("id", uuid.New(), "fact", "第三件事：车被拖走，没有给单子。"))
	answer(gone.ID)
	w.do("office", gone.ID, "erase-person", 200, fields{"verified": "回拨登记的电话，本人接听", "reason": "本人要求删除个人信息"})
	var d ComplaintDetail
	w.As("county", "GET", "/api/complaints/"+gone.ID.String(), nil, &d)
	owed("erased", &d, "")
}
