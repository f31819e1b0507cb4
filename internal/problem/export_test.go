package problem

import (
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
)

// ListsToExplain are the lists of the desk: every filter alone, and the pairs people use.
func ListsToExplain(agency uuid.UUID) map[string]Filter {
	return map[string]Filter{
		"the register": {}, "the queue": {Open: true}, "overdue": {Due: "overdue"}, "near due": {Due: "near"}, "without a date": {Due: "none"},
		"one state, open": {State: "disputed", Open: true}, "one state": {State: "withdrawn"}, "closed": {State: "closed"}, "red lines": {Severity: Redline},
		"red lines, open": {Severity: Redline, Open: true}, "one origin": {Origin: "complaint"}, "one agency": {AgencyID: agency.String()},
		"one agency, open": {AgencyID: agency.String(), Open: true}, "one category": {Category: "manner"}, "search": {Q: "鱼塘"}, "search by number": {Q: "WT2026-0123"},
	}
}

// ExplainList is the statement of a list's first or a later page.
func ExplainList(who any, f Filter, later bool) (string, []any) {
	var at *position
	if later {
		at = &position{Key: "2026-03-03", ID: uuid.New()}
		if !f.byDue() {
			at.Key = time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC).Format(time.RFC3339Nano)
		}
	}
	return listQuery(who.(actor.Actor), f, "2026-05-06", "2026-05-11", at, 50, false)
}
