package complaint

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
	"suixing/internal/vault"
)

// What a complaint is about: an enforcement agency, one of our own offices, or the bureau itself.
const (
	AboutAgency = "agency"
	AboutOffice = "office"
	AboutBureau = "bureau"
)

// Case is a complaint as the life-cycle sees it: where it stands, with whom it lies, what is due. No word of who spoke.
type Case struct {
	ID             uuid.UUID       `db:"id"`
	Number         string          `db:"number"`
	Channel        string          `db:"channel"`
	OfficeID       uuid.NullUUID   `db:"office_id"`
	AgencyID       uuid.NullUUID   `db:"agency_id"`
	Target         string          `db:"target"`
	Officer        string          `db:"officer"`
	Fact           string          `db:"fact"`
	Category       string          `db:"category"`
	Subcategory    string          `db:"subcategory"`
	Urgency        string          `db:"urgency"`
	Already        string          `db:"already"`
	Anonymous      bool            `db:"anonymous"`
	HasContact     bool            `db:"has_contact"`
	Suspect        bool            `db:"suspect"`
	About          string          `db:"about"`
	AboutOfficeID  uuid.NullUUID   `db:"about_office_id"`
	State          State           `db:"state"`
	HandlerID      uuid.NullUUID   `db:"handler_id"`
	DueRule        string          `db:"due_rule"`
	DueOn          deadline.Date   `db:"due_on"`
	DueSum         json.RawMessage `db:"due_sum"`
	Extended       bool            `db:"extended"`
	ExtensionAsked bool            `db:"extension_asked"`
	Finding        string          `db:"finding"`
	Ground         string          `db:"refused_ground"`
	ReferredTo     string          `db:"referred_to"`
	Answer         string          `db:"answer"`
	AcceptedAt     *time.Time      `db:"accepted_at"`
	DecidedAt      *time.Time      `db:"decided_at"`
	AnsweredAt     *time.Time      `db:"answered_at"`
	ClosedAt       *time.Time      `db:"closed_at"`
	Reopened       int             `db:"reopened"`
	Retaliation    bool            `db:"retaliation"`
	PausedOn       deadline.Date   `db:"paused_on"` // empty: the clock runs
	PauseGround    string          `db:"pause_ground"`
	StoppedSum     json.RawMessage `db:"stopped_sum"` // of the clock that stands still
	Asks           string          `db:"asks"`        // what the person is asked to complete
	AskedOnce      bool            `db:"asked_once"`
	Outcome        string          `db:"outcome"`      // what the organ it was sent to has answered
	FollowTries    int             `db:"follow_tries"` // calls after the answer that reached nobody, each on a day of its own
	FollowTriedOn  deadline.Date   `db:"follow_tried_on"`
	ReceivedAt     time.Time       `db:"received_at"`
	Version        int             `db:"version"`
	LeadState      string          `db:"lead_state"` // empty: it raised none yet
	ProblemOpen    bool            `db:"problem_open"`
	// what was said of who spoke was erased, and the time line does not tell of it yet
	EraseUntold bool `db:"erase_untold"`
	// the problem it led to was withdrawn: it stands for nothing any more
	ProblemWithdrawn bool `db:"problem_withdrawn"`
	// read from their own tables
	Investigators []uuid.UUID `db:"-"`
	Recused       []uuid.UUID `db:"-"`
}

// Event is what a deed leaves on the time line.
type Event struct {
	Deed  Deed
	State State
	Text  string
	Data  map[string]any
	// what the deed does to the people on the case and to its lead
	Appoint, Remove []uuid.UUID
	RecusalOf       uuid.UUID
	Attach          []string // files that belong to the deed, held before
	Settle          string   // dismissed or referred: how an open lead ends with it
	RaiseAgain      bool     // the earlier lead came to nothing; a new look needs a new one
}

// Decision is what a person gives with a deed; each deed reads its own part.
type Decision struct {
	Text         string          `json:"text,omitempty" maxLength:"2000"`
	Reason       string          `json:"reason,omitempty" maxLength:"1000"`
	Ground       string          `json:"ground,omitempty" maxLength:"20"`
	Remedies     string          `json:"remedies,omitempty" maxLength:"500"`
	To           string          `json:"to,omitempty" maxLength:"100"`
	FirstID      *uuid.UUID      `json:"first_id,omitempty" required:"false"`
	SecondID     *uuid.UUID      `json:"second_id,omitempty" required:"false"`
	ThirdID      *uuid.UUID      `json:"third_id,omitempty" required:"false"`
	AccountID    *uuid.UUID      `json:"account_id,omitempty" required:"false"`
	Stop         string          `json:"stop,omitempty" maxLength:"20"`
	ArrivedOn    deadline.Date   `json:"arrived_on,omitempty" maxLength:"10"`
	Outcome      string          `json:"outcome,omitempty" maxLength:"20"`
	HandledOn    deadline.Date   `json:"handled_on,omitempty" maxLength:"10" doc:"press: the day the organ says it has handled the matter"`
	Photos       []string        `json:"photos,omitempty" maxItems:"9" required:"false" nullable:"false"`
	Finding      string          `json:"finding,omitempty" maxLength:"20"`
	How          string          `json:"how,omitempty" maxLength:"20"`
	ToldOn       deadline.Date   `json:"told_on,omitempty" maxLength:"10"`
	Deidentified bool            `json:"deidentified,omitempty"`
	GotAnswer    string          `json:"got_answer,omitempty" maxLength:"10"`
	Satisfied    string          `json:"satisfied,omitempty" maxLength:"10"`
	Retaliation  string          `json:"retaliation,omitempty" maxLength:"10"`
	AgencyID     *uuid.UUID      `json:"agency_id,omitempty" required:"false"`
	Target       string          `json:"target,omitempty" maxLength:"60"`
	Category     string          `json:"category,omitempty" maxLength:"20"`
	Subcategory  string          `json:"subcategory,omitempty" maxLength:"30"`
	Urgency      string          `json:"urgency,omitempty" maxLength:"20"`
	Verified     string          `json:"verified,omitempty" maxLength:"200" doc:"how it was made sure that the person is who spoke"`
	Name         string          `json:"name,omitempty" maxLength:"30"`
	Phone        string          `json:"phone,omitempty" maxLength:"30"`
	Address      string          `json:"address,omitempty" maxLength:"100"`
	IDNumber     string          `json:"id_number,omitempty" maxLength:"30"`
	Confidential *bool           `json:"confidential,omitempty" required:"false"`
	People       []actor.Actor   `json:"-"` // who may be appointed, read by the service
	Sum          deadline.DueSum `json:"-"`
}

func (in Decision) identity() vault.Identity {
	secret := in.Confidential == nil || *in.Confidential
	return vault.Identity{Name: in.Name, Phone: in.Phone, Address: in.Address, IDNumber: in.IDNumber, Confidential: secret}
}

func has(list []uuid.UUID, id uuid.UUID) bool {
	for _, x := range list {
		if x == id {
			return true
		}
	}
	return false
}

// conflict is why who must keep off this complaint, in words; empty when nothing stands between. Nobody handles a
// complaint about himself or his own unit, and who has stood back stays back (DOMAIN A 回避).
func (c Case) conflict(who actor.Actor) error {
	switch {
	case has(c.Recused, who.ID):
		return c.personal(who)
	case c.About == AboutBureau:
		return forbidden("own_unit", "被投诉的是县司法局自己，不能由本局办理，请转送上级机关或监察机关。")
	case c.About == AboutOffice && who.OfficeID.Valid && who.OfficeID == c.AboutOfficeID:
		return forbidden("own_unit", "被投诉的是您所在的单位，由县司法局办理。")
	}
	return c.personal(who)
}

// personal is the part of a conflict that lies in who somebody is, not in where he sits.
func (c Case) personal(who actor.Actor) error {
	switch {
	case has(c.Recused, who.ID):
		return forbidden("recused", "您已经回避这件投诉，不能再办。")
	case utf8.RuneCountInString(who.Name) > 1 && strings.Contains(c.Officer, who.Name):
		return forbidden("own_name", "投诉里写的人和您同名，请换一个人办；确实是您的，请回避。")
	}
	return nil
}

// handles tells whether who is a handler of this very case: of those appointed, or, before anyone is, of where it lies.
func (c Case) handles(who actor.Actor) bool {
	if c.conflict(who) != nil || !who.Is(desk...) {
		return false
	}
	if len(c.Investigators) > 0 {
		return has(c.Investigators, who.ID)
	}
	if c.OfficeID.Valid {
		return who.Is(actor.Office) && who.OfficeID == c.OfficeID
	}
	return who.Is(actor.County)
}

func forbidden(code, words string) error { return fault.New(fault.Forbidden, code, words) }
func conflict(code, words string) error  { return fault.New(fault.Conflict, code, words) }
