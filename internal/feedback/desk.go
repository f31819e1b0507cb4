package feedback

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
	"suixing/internal/platform/door"
	"suixing/internal/vault"
)

// AnswerItem is an answer in the desk's list. No identity: that is the vault's.
type AnswerItem struct {
	ID         uuid.UUID     `db:"id" json:"id"`
	Channel    string        `db:"channel" json:"channel"`
	AgencyID   uuid.NullUUID `db:"agency_id" json:"agency_id"`
	Agency     string        `db:"agency" json:"agency"`
	OfficeID   uuid.NullUUID `db:"office_id" json:"office_id"`
	Office     string        `db:"office" json:"office"`
	CheckedOn  string        `db:"checked_on" json:"checked_on"`
	Matter     string        `db:"matter" json:"matter"`
	Kind       string        `db:"kind" json:"kind"`
	Overall    int           `db:"overall" json:"overall"`
	Bad        bool          `db:"bad" json:"bad"`
	Counted    bool          `db:"counted" json:"counted"`
	Suspect    bool          `db:"suspect" json:"suspect"`
	Quarantine bool          `db:"quarantined" json:"quarantined"`
	More       bool          `db:"more" json:"more"`
	HasContact bool          `db:"has_contact" json:"has_contact"`
	State      string        `db:"state" json:"state"`
	Hour       time.Time     `db:"received_hour" json:"received_hour"`
}

// AnswerDetail is one answer whole.
type AnswerDetail struct {
	AnswerItem
	Scale       int             `db:"scale" json:"scale"`
	Business    string          `db:"business_name" json:"business_name"`
	Facts       json.RawMessage `db:"facts" json:"facts"`
	Ratings     json.RawMessage `db:"ratings" json:"ratings"`
	Problem     string          `db:"problem_text" json:"problem_text"`
	Advice      string          `db:"advice" json:"advice"`
	ReplyWanted bool            `db:"reply_wanted" json:"reply_wanted"`
	Reply       string          `db:"reply" json:"reply"`
	RepliedAt   *time.Time      `db:"replied_at" json:"replied_at"`
	AgencyText  string          `db:"agency_text" json:"agency_text" doc:"what the rated agency may read of the words; empty: nothing"`
	MoreOverall *int            `db:"more_overall" json:"more_overall" doc:"追评: how content with the answer, 1 to 5"`
	MoreText    string          `db:"more_text" json:"more_text"`
	TwinOf      uuid.NullUUID   `db:"twin_of" json:"twin_of" doc:"paper entered under an id that was taken by this other one"`
	VisitID     uuid.NullUUID   `db:"visit_id" json:"visit_id"`
	Visit       string          `db:"visit" json:"visit_number"`
	LeadID      uuid.NullUUID   `db:"lead_id" json:"lead_id"`
	Lead        string          `db:"lead" json:"lead_number"`
	LeadState   string          `db:"lead_state" json:"lead_state"`
	Photos      []AnswerPicture `db:"-" json:"photos" nullable:"false"`
	Beside      []Beside        `db:"-" json:"beside" nullable:"false" doc:"the other answers of the same ticket: one of them counts"`
	Looks       []Look          `db:"-" json:"looks" nullable:"false" doc:"who looked at who spoke, newest first"`
	MayAnswer   bool            `db:"-" json:"may_answer"`
	MayReveal   bool            `db:"-" json:"may_reveal"`
}

// Look is one time that somebody looked at who spoke; ReadBy is who of the others has read that.
type Look struct {
	By     string     `db:"by_name" json:"by"`
	Role   string     `db:"role" json:"role"`
	Reason string     `db:"reason" json:"reason"`
	At     time.Time  `db:"at" json:"at"`
	ReadBy string     `db:"read_by" json:"read_by"`
	ReadAt *time.Time `db:"read_at" json:"read_at"`
}

// Beside is another answer given by the same ticket.
type Beside struct {
	ID      uuid.UUID       `db:"id" json:"id"`
	Counted bool            `db:"counted" json:"counted"`
	Suspect bool            `db:"suspect" json:"suspect"`
	Overall int             `db:"overall" json:"overall"`
	Scale   int             `db:"scale" json:"scale"`
	Facts   json.RawMessage `db:"facts" json:"facts"`
	Ratings json.RawMessage `db:"ratings" json:"ratings"`
	Problem string          `db:"problem_text" json:"problem_text"`
	Hour    time.Time       `db:"received_hour" json:"received_hour"`
}

// AnswerPicture is a photo that came with an answer; its bytes are at /api/photos/{sha256}.
type AnswerPicture struct {
	SHA256 string `db:"sha256" json:"sha256"`
	Size   int64  `db:"size" json:"size"`
}

// Words are what the desk writes about an answer for others to read.
type Words struct {
	Text         string `json:"text" maxLength:"1000"`
	Deidentified bool   `json:"deidentified,omitempty" required:"false" doc:"已去标识: looked through, nobody is known by it"`
}

// Answer says to the person behind an answer what was found; it stands where the receipt code is asked.
// Faults: NotFound out of sight, Invalid without text and for a text that gives the person away, Conflict when it was
// answered before.
func (s *Service) Answer(ctx context.Context, who actor.Actor, id uuid.UUID, in Words) error {
	text := door.Clean(in.Text)
	switch {
	case len([]rune(text)) < 5:
		return fault.Field("text", "请写清楚核实的结果，至少5个字。")
	case door.TooLong(text, 500):
		return fault.Field("text", "最多500字。")
	}
	if err := s.namesNobody(ctx, who, id, text, in.Deidentified, "凭查询码"); err != nil {
		return err
	}
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		state, err := lockState(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if state == "answered" {
			return fault.New(fault.Conflict, "answered", "这份反馈已经答复过了。")
		}
		if err := saveReply(ctx, tx, id, text, at); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "feedback.answer", "feedback", id, nil)
	})
}

// LetAgencyRead sets what the rated agency may read of an answer's words, with its published sums; empty takes it back. The
// office writes it so that nobody is known by it, and says so. Faults: NotFound out of sight, Invalid for too long and for a
// text that gives the person away.
func (s *Service) LetAgencyRead(ctx context.Context, who actor.Actor, id uuid.UUID, in Words) error {
	text := door.Clean(in.Text)
	if door.TooLong(text, 300) {
		return fault.Field("text", "最多300字。")
	}
	if text != "" {
		if err := s.namesNobody(ctx, who, id, text, in.Deidentified, "执法单位"); err != nil {
			return err
		}
	}
	at := s.now()
	return s.db.InTx(ctx, func(tx *db.DB) error {
		if _, err := lockState(ctx, tx, who, id); err != nil {
			return err
		}
		if err := saveAgencyText(ctx, tx, id, text); err != nil {
			return err
		}
		return audit.Append(ctx, tx, at, who, "feedback.redact", "feedback", id, map[string]bool{"shown": text != ""})
	})
}

// quoteLen is how many characters in a row make a quotation. Less than where a complaint is answered: what a business writes
// is short, and the agency that reads it knows its own few.
const quoteLen = 8

// namesNobody holds a text that others will read against what it must not carry: the person's own words, the business, and
// what lies in the vault. A program that asks with the mark set is held to the same.
func (s *Service) namesNobody(ctx context.Context, who actor.Actor, id uuid.UUID, text string, sure bool, reader string) error {
	about, err := saidBy(ctx, s.db, who, id)
	if err != nil {
		return err
	}
	for _, words := range []string{about.Problem, about.Advice, about.More} {
		if door.Quotes(words, text, quoteLen, about.Agency, about.Office) {
			return fault.Field("text", "这里抄了填表人的原话，"+reader+"能看到。请用自己的话写。")
		}
	}
	switch {
	case door.Names(about.Business, text), door.Names(about.Visited, text):
		return fault.Field("text", "这里写了被检查单位的名称，"+reader+"能看到。请改成看不出是哪一家。")
	case !sure:
		return fault.Field("deidentified", "请确认里面看不出是谁说的，再勾选“已去标识”。")
	case !about.Contact:
		return nil
	}
	named, err := s.vault.Mentions(ctx, who, vault.Feedback, id, text)
	if err == nil && named {
		err = fault.Field("text", "这里写了填表人留的称呼、电话或住址，"+reader+"能看到。请去掉。")
	}
	return err
}

// Paper is a form filled on paper, entered by the office. The client makes the id, so that sending it twice is one entry.
type Paper struct {
	ID           uuid.UUID         `json:"id"`
	VisitID      uuid.NullUUID     `json:"visit_id,omitempty" required:"false"`
	AgencyID     uuid.NullUUID     `json:"agency_id,omitempty" required:"false"`
	CheckedOn    string            `json:"checked_on,omitempty" required:"false" maxLength:"10"`
	Business     string            `json:"business_name,omitempty" required:"false" maxLength:"60"`
	Kind         string            `json:"kind" maxLength:"20"`
	Matter       string            `json:"matter,omitempty" required:"false" maxLength:"20"`
	Facts        map[string]string `json:"facts" maxProperties:"20"`
	Ratings      map[string]int    `json:"ratings" maxProperties:"20"`
	Scale        int               `json:"scale,omitempty" required:"false" enum:"3,5" default:"5"`
	Problem      string            `json:"problem_text,omitempty" required:"false" maxLength:"500"`
	Advice       string            `json:"advice,omitempty" required:"false" maxLength:"300"`
	Contact      bool              `json:"contact,omitempty" required:"false"`
	Name         string            `json:"name,omitempty" required:"false" maxLength:"30"`
	Phone        string            `json:"phone,omitempty" required:"false" maxLength:"30"`
	Confidential bool              `json:"confidential,omitempty" required:"false" default:"true"`
	Reply        bool              `json:"reply_wanted,omitempty" required:"false"`
}

// PaperKept tells what became of a paper form; the receipt code is for the person who filled it.
type PaperKept struct {
	ID      uuid.UUID `json:"id"`
	Counted bool      `json:"counted"`
	Receipt string    `json:"receipt"`
}

func (p *Paper) answer() *Answer {
	a := &Answer{
		AgencyID: p.AgencyID, CheckedOn: p.CheckedOn, Business: door.OneLine(p.Business), Kind: p.Kind, Matter: p.Matter, Scale: max(p.Scale, 3),
		Facts: map[string]string{}, Ratings: map[string]int{}, Problem: door.Clean(p.Problem), Advice: door.Clean(p.Advice),
		Contact: p.Contact, Reply: p.Reply, Consent: true, // the paper itself carries notice and signature
		Identity: vault.Identity{Name: door.OneLine(p.Name), Phone: door.OneLine(p.Phone), Confidential: p.Confidential},
	}
	for _, f := range facts {
		if v := p.Facts[f.id]; v != "" {
			a.Facts[f.id] = v
		}
	}
	for _, r := range ratings {
		a.Ratings[r.id] = p.Ratings[r.id]
	}
	return a
}

// EnterPaper keeps a paper form under the ticket of its visit, so that phone and paper count once together; a paper of no
// known visit counts by itself. Faults: Invalid with the form's fields, NotFound for a visit out of sight, Conflict for
// other words under an id that was used: those words are kept beside the first and count for nothing.
func (s *Service) EnterPaper(ctx context.Context, who actor.Actor, in *Paper) (*PaperKept, error) {
	if in.ID == uuid.Nil {
		return nil, fault.Field("id", "缺编号。")
	}
	at, a := s.now(), in.answer()
	if bad := a.Check(known{agency: in.VisitID.Valid, day: in.VisitID.Valid, matter: in.VisitID.Valid}, at); len(bad) > 0 {
		return nil, fault.Invalidf(onPaper(bad)...)
	}
	id := s.keys.ID("feedback", in.ID)
	r, code, err := s.record(in.ID[:], id, a, at)
	if err != nil {
		return nil, err
	}
	out, err := s.keepPaper(ctx, who, in, uuid.NullUUID{}, r)
	if fault.CodeOf(err) == "taken" { // twice in the same instant: the second look finds the first
		out, err = s.keepPaper(ctx, who, in, uuid.NullUUID{}, r)
	}
	if fault.KindOf(err) == fault.Conflict {
		return nil, s.keepTwin(ctx, who, in, id, a, at)
	}
	if err != nil {
		return nil, err
	}
	out.Receipt = door.Group(code)
	return out, nil
}

// keepTwin keeps the other words that came under a used id, once, and says so as fault Conflict.
func (s *Service) keepTwin(ctx context.Context, who actor.Actor, in *Paper, first uuid.UUID, a *Answer, at time.Time) error {
	r, _, err := s.record(in.ID[:], uuid.New(), a, at)
	if err != nil {
		return err
	}
	if _, err := s.keepPaper(ctx, who, in, uuid.NullUUID{UUID: first, Valid: true}, r); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "paper_twice", "这张表刚才已经录入，内容和这次的不同。两份都留着，这次的不计分。请在列表里核对；确实是另一张表的，请重新打开再录。")
}

func (s *Service) keepPaper(ctx context.Context, who actor.Actor, in *Paper, twin uuid.NullUUID, r *record) (*PaperKept, error) {
	out := &PaperKept{}
	return out, s.db.InTx(ctx, func(tx *db.DB) (err error) {
		var ticket uuid.NullUUID
		if in.VisitID.Valid {
			if ticket, err = ticketOfVisit(ctx, tx, who, in.VisitID.UUID, r.at); err != nil {
				return err
			}
		}
		if err := insertPaper(ctx, tx, who, ticket, twin, r); err != nil {
			return err
		}
		kept, err := paperByReceipt(ctx, tx, r.receipt)
		out.ID, out.Counted = kept.ID, kept.Counted
		return err
	})
}

// onPaper gives the form's fields the names of the wire.
func onPaper(faults []fault.FieldError) []fault.FieldError {
	names := map[string]string{"agency": "agency_id", "day": "checked_on", "business": "business_name", "O1": "problem_text", "O2": "advice", "P2": "name", "P3": "phone"}
	for i, f := range faults {
		switch {
		case names[f.Field] != "":
			faults[i].Field = names[f.Field]
		case f.Field[0] == 'F':
			faults[i].Field = "facts." + f.Field
		case f.Field[0] == 'R':
			faults[i].Field = "ratings." + f.Field
		}
	}
	return faults
}
