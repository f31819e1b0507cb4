package feedback

import (
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
)

// MinShown is the smallest number of answers that a rated agency may see summed up (invariant 4).
const MinShown = 5

// lateDays is how long after its end a month still fills: a ticket lives seven days.
const lateDays = 8

// Month sums the counted answers about one agency in one month of receipt (DOMAIN E.2, metrics).
type Month struct {
	AgencyID  uuid.UUID `db:"agency_id" json:"agency_id"`
	Agency    string    `db:"agency" json:"agency"`
	Month     string    `db:"month" json:"month" doc:"2026-05"`
	N         int       `db:"n" json:"n"`
	Score     float64   `db:"score" json:"score" doc:"mean of the overall mark times 20"`
	Satisfied float64   `db:"satisfied" json:"satisfied" doc:"percent with overall mark 3 to 5"`
	Poor      float64   `db:"poor" json:"poor" doc:"percent with overall mark 1 or 2"`
	R1        float64   `db:"r1" json:"r1"`
	R2        float64   `db:"r2" json:"r2"`
	R3        float64   `db:"r3" json:"r3"`
	R4        float64   `db:"r4" json:"r4"`
	R5        float64   `db:"r5" json:"r5"`
}

// lastEnded is the end of the last month that no longer fills.
func lastEnded(now time.Time) time.Time {
	t := now.In(clock.Shanghai).AddDate(0, 0, -lateDays)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, clock.Shanghai)
}
