package app_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
)

// What comes at the end of a year whose successor has no calendar yet has no date; it gets one with the calendar, and is
// late when that day has passed.
func TestDatesAcrossTheYearsEnd(t *testing.T) {
	w := newWorld(t)
	w.env.Clock.Set(time.Date(2026, 12, 30, 10, 0, 0, 0, clock.Shanghai))
	hotline, county := w.as("hotline"), w.as("county")
	agency := w.ppl.Agencies[0]
	filed := hotline.do("POST", "/api/complaints", map[string]any{"id": uuid.NewString(), "channel": "phone", "agency_id": agency.ID, "target": agency.Name,
		"happened": "2026-12-29", "place": "示例镇A", "fact": "两个人没有出示证件，拿走两箱鸭蛋，没有写单子。", "anonymous": true}).want(200)
	id := filed.str("id")
	lead := county.do("GET", "/api/complaints/"+id, nil).want(200).str("lead_id")
	paths := []string{"/api/complaints/" + id, "/api/leads/" + lead}
	for _, path := range paths {
		if due := county.do("GET", path, nil).want(200).str("due_on"); due != "" {
			t.Fatalf("%s: %q was counted without a calendar", path, due)
		}
	}
	county.do("PUT", "/api/deadlines/calendar/2027", map[string]any{"version": 0, "source": "测试用的放假安排", "days": []map[string]any{{"day": "2027-01-01", "working": false, "name": "元旦"}}}).want(200)
	for _, path := range paths { // five working days, without New Year's Day and a weekend
		if due := county.do("GET", path, nil).want(200).str("due_on"); due != "2027-01-07" {
			t.Errorf("%s: due on %q", path, due)
		}
	}
	w.env.Clock.Set(time.Date(2027, 1, 8, 10, 0, 0, 0, clock.Shanghai))
	if n := w.as("county").do("GET", "/api/complaints/counts", nil).want(200).get("overdue"); n != 1.0 {
		t.Errorf("overdue: %v", n)
	}
}
