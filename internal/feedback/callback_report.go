package feedback

import "github.com/google/uuid"

// CallbackRow is what the calls of some months came to for one agency. Each count is the length of the list with the same
// filter. Against stands beside the marks that answers carry already, and is never opened: it would lead from a call to an answer.
type CallbackRow struct {
	AgencyID  uuid.UUID        `db:"agency_id" json:"agency_id"`
	Agency    string           `db:"agency" json:"agency"`
	Drawn     int              `db:"drawn" json:"drawn"`
	Open      int              `db:"open" json:"open"`
	Reached   int              `db:"reached" json:"reached"`
	Unreached int              `db:"unreached" json:"unreached"`
	Declined  int              `db:"declined" json:"declined"`
	NoCode    int              `db:"no_code" json:"no_code" doc:"of the reached: no code was shown (未出示二维码)"`
	ByOfficer int              `db:"by_officer" json:"by_officer" doc:"of the reached: an officer filled the form (执法人员代填)"`
	ByOther   int              `db:"by_other" json:"by_other" doc:"of the reached: somebody else filled it (别人代填)"`
	Beside    int              `db:"beside" json:"beside" doc:"of the reached: an officer stood beside"`
	Against   *CallbackAgainst `db:"-" json:"against,omitempty" doc:"only where at least five were reached"`
}

// CallbackAgainst counts where the telephone and the marks on the counted answers (疑似代评) say different things.
type CallbackAgainst struct {
	Unmarked int `db:"unmarked" json:"unmarked" doc:"filled by another hand, and the answer carries no mark"`
	Marked   int `db:"marked" json:"marked" doc:"filled by the business itself, and the answer carries the mark"`
	Unknown  int `db:"unknown" json:"unknown" doc:"nobody there filled anything, and there is an answer"`
}

// CallbackRound is one draw.
type CallbackRound struct {
	Month   string `db:"month" json:"month"`
	DrawnOn string `db:"drawn_on" json:"drawn_on"`
	Share   int    `db:"share" json:"share"`
	Least   int    `db:"least" json:"least"`
	Pool    int    `db:"pool" json:"pool" doc:"visits of the month"`
	Drawn   int    `db:"drawn" json:"drawn"`
}

// CallbackReport is what the county reads of some months.
type CallbackReport struct {
	Agencies []CallbackRow   `json:"agencies" nullable:"false"`
	Rounds   []CallbackRound `json:"rounds" nullable:"false"`
}
