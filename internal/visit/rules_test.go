package visit

import (
	"slices"
	"strings"
	"testing"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

func TestChecklistIsWhole(t *testing.T) {
	l := checklistV1(t)
	cats, sevs := map[string]int{}, map[string]int{}
	for _, it := range l.Items {
		cats[it.Cat]++
		sevs[it.Sev]++
		if strings.ContainsAny(it.Basis, "CHGP") || !strings.ContainsAny(it.Basis, "《各本") {
			t.Errorf("%s: the basis %q is not in words", it.Code, it.Basis)
		}
	}
	if len(l.Items) != 36 || len(cats) != 8 || len(l.Quick) != 12 {
		t.Fatalf("%d items in %d categories, %d quick; want 36, 8, 12", len(l.Items), len(cats), len(l.Quick))
	}
	if sevs["redline"] != 8 || sevs["general"]+sevs["minor"] != 28 {
		t.Fatalf("severities %v", sevs)
	}
}

func TestEveryStateDeedRole(t *testing.T) {
	may := map[string]bool{}
	for _, line := range strings.Fields(`planned/change/office planned/change/county planned/cancel/office planned/cancel/county planned/cancel/supervisor
		planned/record/supervisor planned/record/office recorded/record/supervisor recorded/record/office cancelled/record/supervisor cancelled/record/office
		cancelled/accept/office cancelled/accept/county`) {
		may[line] = true
	}
	after := map[string]State{"planned/cancel": Cancelled, "planned/record": Recorded, "cancelled/accept": Recorded, "cancelled/record": Cancelled}
	for _, s := range States {
		for _, d := range Deeds {
			for _, role := range append(slices.Clone(actor.Roles), actor.PublicRole, actor.SystemRole) {
				key := string(s) + "/" + string(d)
				to, err := s.Take(d, role)
				if may[key+"/"+string(role)] != (err == nil) {
					t.Errorf("%s by %s: %v", key, role, err)
				}
				if want, ok := after[key]; err == nil && ok && to != want {
					t.Errorf("%s leads to %s, want %s", key, to, want)
				}
				if err != nil && to != s {
					t.Errorf("%s by %s was refused and still moved", key, role)
				}
			}
		}
	}
}

func TestSheetCheckNamesTheField(t *testing.T) {
	w := newTown(t)
	list := checklistV1(t)
	for _, c := range []struct {
		field string
		hurt  func(d doc)
	}{
		{"visit_id", func(d doc) { d["visit_id"] = "x" }},
		{"version", func(d doc) { d["version"] = 0 }},
		{"supersedes", func(d doc) { d["version"] = 2; d["reason"] = "写错了一项结论" }},
		{"reason", func(d doc) { d["version"] = 2; d["supersedes"] = d["visit_id"] }},
		{"mode", func(d doc) { d["mode"] = "short" }},
		{"method", func(d doc) { d["method"] = "" }},
		{"visit.agency_id", func(d doc) { d.set("", "visit", "agency_id") }},
		{"visit.business.name", func(d doc) { d.set(" ", "visit", "business", "name") }},
		{"visit.business.uscc", func(d doc) { d.set("9141", "visit", "business", "uscc") }},
		{"visit.matter", func(d doc) { d.set("x", "visit", "matter") }},
		{"visit.supervisor_ids", func(d doc) { d.set([]any{}, "visit", "supervisor_ids") }},
		{"recusal.declared", func(d doc) { d.set(false, "recusal", "declared") }},
		{"started_at", func(d doc) { d["started_at"] = "yesterday" }},
		{"ended_at", func(d doc) { d["ended_at"] = "" }},
		{"sealed_at", func(d doc) { d["sealed_at"] = "0000-05-05T00:00:00Z" }},
		{"officers[1].name", func(d doc) { d.set("", "officers", 1, "name") }},
		{"officers[0].standing", func(d doc) { d.set("good", "officers", 0, "standing") }},
		{"helpers", func(d doc) { d["helpers"] = -1 }},
		{"answers", func(d doc) { d["answers"] = d["answers"].([]any)[1:] }},
		{"answers[3].code", func(d doc) { d.set("Z99", "answers", 3, "code") }},
		{"answers[3].result", func(d doc) { d.set("ok", "answers", 3, "result") }},
		{"answers[3].note", func(d doc) { w.fail(d, "C01", 7).set("太短", "answers", 3, "note") }},
		{"answers[3].photos", func(d doc) { w.fail(d, "C01", 7).set([]any{}, "answers", 3, "photos") }},
		{"answers[3].photos[0]", func(d doc) { w.fail(d, "C01", 7)["photos"] = d["photos"].([]any)[:2] }},
		{"answers[3].corrected", func(d doc) { w.fail(d, "C01", 7).set(true, "answers", 3, "corrected") }},
		{"answers[0].note", func(d doc) { d.set("有\x00字符", "answers", 0, "note") }},
		{"observations[0].text", func(d doc) {
			d["observations"] = []any{map[string]any{"text": "", "photos": []any{}, "at": d["sealed_at"]}}
		}},
		{"stop.reason", func(d doc) { d["stop"] = map[string]any{"reason": "x", "at": d["sealed_at"]} }},
		{"overall", func(d doc) { d["overall"] = "good" }},
		{"officer_sign.stance", func(d doc) { d.set("agree", "officer_sign", "stance") }},
		{"officer_sign.signature", func(d doc) { d.set("", "officer_sign", "signature") }},
		{"supervisor_signs", func(d doc) { d["supervisor_signs"] = []any{} }},
		{"supervisor_signs[0].account_id", func(d doc) { d.set(d["id"], "supervisor_signs", 0, "account_id") }},
		{"place", func(d doc) { d["place"] = map[string]any{"lat": 91, "lng": 0, "accuracy": 1, "datum": "wgs84"} }},
		{"photos[1].sha256", func(d doc) { d.set(w.photo(101, "camera"), "photos", 1) }},
		{"photos[0].size", func(d doc) { d.set(21<<20, "photos", 0, "size") }},
		{"photos[0].type", func(d doc) { d.set("text/html", "photos", 0, "type") }},
	} {
		d := w.sheet("supervisor")
		c.hurt(d)
		s, err := ReadSheet(d.bytes(t))
		if err == nil {
			err = s.Check(list)
		}
		if fault.KindOf(err) != fault.Invalid || !slices.Contains(fieldsOf(err), c.field) {
			t.Errorf("want a fault at %s, got %v", c.field, err)
		}
	}
	s, err := ReadSheet(w.fail(w.sheet("supervisor"), "C01", 7).bytes(t))
	w.must(err)
	w.must(s.Check(list))
	if got := s.Findings(list); len(got) != 1 || got[0].Item.Code != "C01" || got[0].Item.Sev != "redline" || len(got[0].Photos) != 1 {
		t.Fatalf("findings %+v", got)
	}
	if m := s.Manifest(); len(m) != 3 || m[0].Item != "C01" {
		t.Fatalf("manifest %+v", m)
	}
}

func TestFitsIntoTheSeries(t *testing.T) {
	w := newTown(t)
	one, err := ReadSheet(w.sheet("supervisor").bytes(t))
	w.must(err)
	two := one
	two.Version, two.Supersedes = 2, one.ID
	last := known{ID: one.ID.UUID, Version: 1}
	stale := two
	stale.Supersedes = ID{UUID: one.VisitID.UUID}
	three := two
	three.Version = 3
	for i, c := range []struct {
		s     Sheet
		last  known
		found bool
		want  fit
	}{{one, known{}, false, next}, {two, last, true, next}, {one, last, true, taken}, {stale, last, true, taken}, {two, known{}, false, tooEarly}, {three, last, true, tooEarly}} {
		if got := fits(c.s, c.last, c.found); got != c.want {
			t.Errorf("case %d: %v, want %v", i, got, c.want)
		}
	}
}

// TestOnSpotNeedsTheUnit: a flaw put right at once is done with only if the unit acknowledges the record (DOMAIN D.2).
func TestOnSpotNeedsTheUnit(t *testing.T) {
	list := checklistV1(t)
	for stance, want := range map[string]bool{"accept": true, "object": false, "refused": false} {
		s := Sheet{Answers: []Answer{{Code: "C04", Result: "no", Note: "没有告知正在录音录像，当场补了", Corrected: true}}, OfficerSign: OfficerSign{Stance: stance}}
		if got := s.Findings(list); len(got) != 1 || got[0].OnSpot != want {
			t.Errorf("%s: %+v", stance, got)
		}
	}
}
