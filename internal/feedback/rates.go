package feedback

import "github.com/google/uuid"

// Rate tells how often a code was handed out and answered. A low one asks a question; it proves nothing.
type Rate struct {
	ID       uuid.UUID `db:"id" json:"id"`
	Name     string    `db:"name" json:"name"`
	Visits   int       `db:"visits" json:"visits" doc:"recorded visits"`
	Handed   int       `db:"handed" json:"handed" doc:"of them with a ticket"`
	Answered int       `db:"answered" json:"answered" doc:"of them with an answer"`
	Rate     float64   `db:"rate" json:"rate" doc:"answered of visits, percent"`
}

// Rates are the response rates of some days, lowest first.
type Rates struct {
	From        string `json:"from"`
	To          string `json:"to"`
	Agencies    []Rate `json:"agencies" nullable:"false"`
	Supervisors []Rate `json:"supervisors" nullable:"false"`
}
