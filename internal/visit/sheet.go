package visit

import (
	"regexp"
	"strings"

	"github.com/google/uuid"

	"suixing/internal/evidence"
	"suixing/internal/fault"
)

// Sheet is the record sheet (记录表) as a phone seals it. Its bytes are kept as they came; this is how they are read.
type Sheet struct {
	ID               ID             `json:"id"`
	VisitID          ID             `json:"visit_id"`
	Version          int            `json:"version"`
	Supersedes       ID             `json:"supersedes,omitzero"`
	Reason           string         `json:"reason,omitempty"`
	AppVersion       string         `json:"app_version"`
	ChecklistVersion int            `json:"checklist_version"`
	Mode             string         `json:"mode"`
	Method           string         `json:"method"`
	Visit            Place          `json:"visit"`
	Recusal          Recusal        `json:"recusal"`
	StartedAt        Stamp          `json:"started_at"`
	EndedAt          Stamp          `json:"ended_at"`
	SealedAt         Stamp          `json:"sealed_at"`
	LateReason       string         `json:"late_reason,omitempty"`
	Officers         []OfficerClaim `json:"officers"`
	Helpers          int            `json:"helpers"`
	Answers          []Answer       `json:"answers"`
	Observations     []Observation  `json:"observations"`
	Stop             *Stop          `json:"stop"`
	Opinion          string         `json:"opinion"`
	Overall          string         `json:"overall"`
	OfficerSign      OfficerSign    `json:"officer_sign"`
	SupervisorSigns  []Sign         `json:"supervisor_signs"`
	Place            *Spot          `json:"place"`
	TicketID         ID             `json:"ticket_id,omitzero"`
	Photos           []Photo        `json:"photos"`
}

// Place is what the sheet says of its visit; it makes the visit if the server has none.
type Place struct {
	AgencyID      ID       `json:"agency_id"`
	BusinessID    ID       `json:"business_id,omitzero"`
	Business      Business `json:"business"`
	Matter        string   `json:"matter"`
	NoticeNumber  string   `json:"notice_number"`
	ExternalCode  string   `json:"external_code"`
	SupervisorIDs []ID     `json:"supervisor_ids"`
}

// Recusal is the supervisor's statement of having no stake in the matter (回避).
type Recusal struct {
	Declared bool  `json:"declared"`
	At       Stamp `json:"at"`
}

// OfficerClaim is an enforcement officer present, with the standing the phone believed in.
type OfficerClaim struct {
	ID               ID     `json:"id,omitzero"`
	Name             string `json:"name"`
	CredentialNumber string `json:"credential_number"`
	Standing         string `json:"standing"`
}

// Answer is one line of the checklist answered.
type Answer struct {
	Code          string   `json:"code"`
	Result        string   `json:"result"`
	Note          string   `json:"note"`
	NoPhotoReason string   `json:"no_photo_reason,omitempty"`
	Photos        []string `json:"photos"`
	Corrected     bool     `json:"corrected,omitempty"`
	At            Stamp    `json:"at"`
}

// Observation is something seen that no line asks for.
type Observation struct {
	Text   string   `json:"text"`
	Photos []string `json:"photos"`
	At     Stamp    `json:"at"`
}

// Stop is 当场制止: rare, with reason and time, only by a holder of the supervision certificate (Henan Art.41).
type Stop struct {
	Reason string `json:"reason"`
	At     Stamp  `json:"at"`
}

// OfficerSign is what the officers' side says to the record.
type OfficerSign struct {
	Name             string `json:"name"`
	CredentialNumber string `json:"credential_number"`
	Stance           string `json:"stance"`
	Text             string `json:"text"`
	Signature        string `json:"signature"`
}

// Sign is a supervisor's signature, a photo of the drawn line.
type Sign struct {
	AccountID ID     `json:"account_id"`
	Name      string `json:"name"`
	Signature string `json:"signature"`
}

// Spot is where the phone believed to be.
type Spot struct {
	Lat      float64 `json:"lat"`
	Lng      float64 `json:"lng"`
	Accuracy float64 `json:"accuracy"`
	Datum    string  `json:"datum"`
	At       Stamp   `json:"at,omitzero"`
}

// Photo declares bytes that follow by their hash.
type Photo struct {
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	Type    string `json:"type"`
	Source  string `json:"source"`
	TakenAt Stamp  `json:"taken_at"`
	ExifAt  Stamp  `json:"exif_at,omitzero"` // what a picture from the album says of itself: a hint
	Place   *Spot  `json:"place"`
}

// The words a sheet may use.
var (
	Verdicts  = []string{"yes", "no", "na", "unseen"}
	Overalls  = []string{"standard", "mostly", "poor"}
	standings = []string{"valid", "expired", "unknown", "suspended"}
	stances   = []string{"accept", "object", "refused"}
	sources   = []string{"camera", "album", "signature"}
	types     = []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"}
	hash      = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Check finds what is wrong with a sheet against its checklist. Pure; every fault names its field.
func (s Sheet) Check(list Checklist) error {
	c := sheetCheck{held: map[string]bool{}}
	c.head(s)
	c.times(s)
	c.people(s)
	c.photos(s.Photos)
	c.answers(s, list)
	c.rest(s)
	if len(s.Manifest()) > evidence.MaxDeclared {
		c.add("photos", "照片用的地方太多，一份记录最多"+count(evidence.MaxDeclared)+"处。")
	}
	return c.err()
}

type sheetCheck struct {
	check
	held map[string]bool // the manifest
}

func (c *sheetCheck) head(s Sheet) {
	c.ref("id", s.ID, true)
	c.ref("visit_id", s.VisitID, true)
	c.ref("supersedes", s.Supersedes, s.Version > 1)
	c.ref("ticket_id", s.TicketID, false)
	if s.Version < 1 || s.Version > 99 {
		c.add("version", "版本号从1到99。")
	}
	if s.Version == 1 && !s.Supersedes.IsZero() {
		c.add("supersedes", "第1版不更正别的记录。")
	}
	if s.Version > 1 {
		c.text("reason", s.Reason, 5, 500)
	} else {
		c.text("reason", s.Reason, 0, 0)
	}
	c.text("app_version", s.AppVersion, 0, 40)
	c.oneOf("mode", s.Mode, []string{"full", "quick"})
	c.oneOf("method", s.Method, Methods)
	c.ref("visit.agency_id", s.Visit.AgencyID, true)
	c.ref("visit.business_id", s.Visit.BusinessID, false)
	c.business("visit.business", s.Visit.Business)
	c.oneOf("visit.matter", s.Visit.Matter, Matters)
	c.text("visit.notice_number", s.Visit.NoticeNumber, 0, 60)
	c.text("visit.external_code", s.Visit.ExternalCode, 0, 60)
	if !s.Recusal.Declared {
		c.add("recusal.declared", "还没有作回避声明。")
	}
	c.stamp("recusal.at", s.Recusal.At, true)
}

func (c *sheetCheck) times(s Sheet) {
	c.stamp("started_at", s.StartedAt, true)
	c.stamp("ended_at", s.EndedAt, true)
	c.stamp("sealed_at", s.SealedAt, true)
	c.text("late_reason", s.LateReason, 0, 500)
}

func (c *sheetCheck) people(s Sheet) {
	for i, id := range s.Visit.SupervisorIDs {
		c.ref(at("visit.supervisor_ids", i), id, true)
	}
	c.check.people("visit.supervisor_ids", plain(s.Visit.SupervisorIDs))
	if len(s.Officers) > maxPeople {
		c.add("officers", "最多"+count(maxPeople)+"人。")
		return
	}
	for i, o := range s.Officers {
		f := at("officers", i)
		c.ref(f+".id", o.ID, false)
		c.text(f+".name", o.Name, 1, 40)
		c.text(f+".credential_number", o.CredentialNumber, 0, 40)
		c.oneOf(f+".standing", o.Standing, standings)
	}
	if s.Helpers < 0 || s.Helpers > 99 {
		c.add("helpers", "协助人员从0到99人。")
	}
}

func (c *sheetCheck) photos(photos []Photo) {
	if len(photos) > maxPhotos {
		c.add("photos", "照片最多"+count(maxPhotos)+"张。")
		return
	}
	for i, p := range photos {
		f := at("photos", i)
		if !hash.MatchString(p.SHA256) {
			c.add(f+".sha256", "照片的校验码不对。")
		} else if c.held[p.SHA256] {
			c.add(f+".sha256", "同一张照片写了两次。")
		}
		if p.Size < 1 || p.Size > maxPhotoBytes {
			c.add(f+".size", "照片大小不对，最多20兆。")
		}
		c.held[p.SHA256] = true
		c.oneOf(f+".type", p.Type, types)
		c.oneOf(f+".source", p.Source, sources)
		c.stamp(f+".taken_at", p.TakenAt, true)
		c.stamp(f+".exif_at", p.ExifAt, false)
		c.spot(f+".place", p.Place)
	}
}

func (c *sheetCheck) refs(field string, shas []string) {
	if len(shas) > 30 {
		c.add(field, "一处最多30张照片。")
		return
	}
	seen := map[string]bool{}
	for i, sha := range shas {
		if !c.held[sha] || seen[sha] {
			c.add(at(field, i), "这张照片不在照片清单里，或者写了两次。")
		}
		seen[sha] = true
	}
}

func (c *sheetCheck) answers(s Sheet, list Checklist) {
	if len(s.Answers) > len(list.Items) {
		c.add("answers", "比清单的项目还多。")
		return
	}
	done := map[string]bool{}
	for i, a := range s.Answers {
		it, known := list.Item(a.Code)
		if !known || done[a.Code] {
			c.add(at("answers", i)+".code", "清单里没有这一项，或者答了两次。")
			continue
		}
		done[a.Code] = true
		c.answer(at("answers", i), a, it)
	}
	var open []string
	for _, code := range list.Codes(s.Mode) {
		if !done[code] {
			open = append(open, code)
		}
	}
	if len(open) > 0 {
		c.add("answers", "还有"+count(len(open))+"项没有作答："+strings.Join(open, "、")+"。")
	}
}

func (c *sheetCheck) answer(f string, a Answer, it Item) {
	c.oneOf(f+".result", a.Result, Verdicts)
	c.stamp(f+".at", a.At, false)
	c.text(f+".no_photo_reason", a.NoPhotoReason, 0, 200)
	c.refs(f+".photos", a.Photos)
	if a.Result != "no" {
		c.text(f+".note", a.Note, 0, 1000)
		if a.Corrected {
			c.add(f+".corrected", "只有不符合的瑕疵项才有当场改正。")
		}
		return
	}
	c.text(f+".note", a.Note, minNote, 1000)
	if len(a.Photos) == 0 && strings.TrimSpace(a.NoPhotoReason) == "" {
		c.add(f+".photos", "不符合的要有至少1张照片，或写明为什么没有。")
	}
	if a.Corrected && it.Sev != "minor" {
		c.add(f+".corrected", "只有瑕疵项可以当场改正。")
	}
}

func (c *sheetCheck) rest(s Sheet) {
	if len(s.Observations) > maxNotes {
		c.add("observations", "最多"+count(maxNotes)+"条。")
		return
	}
	for i, o := range s.Observations {
		f := at("observations", i)
		c.text(f+".text", o.Text, 1, 2000)
		c.refs(f+".photos", o.Photos)
		c.stamp(f+".at", o.At, false)
	}
	if s.Stop != nil {
		c.text("stop.reason", s.Stop.Reason, 5, 500)
		c.stamp("stop.at", s.Stop.At, true)
	}
	c.text("opinion", s.Opinion, 0, 2000)
	c.oneOf("overall", s.Overall, Overalls)
	c.spot("place", s.Place)
	c.signs(s)
}

func (c *sheetCheck) signs(s Sheet) {
	o := s.OfficerSign
	c.oneOf("officer_sign.stance", o.Stance, stances)
	c.text("officer_sign.name", o.Name, 0, 40)
	c.text("officer_sign.credential_number", o.CredentialNumber, 0, 40)
	c.text("officer_sign.text", o.Text, 0, 1000)
	if o.Stance != "refused" && o.Signature == "" {
		c.add("officer_sign.signature", "执法人员还没有签名。不肯签的选“拒绝签字”。")
	}
	if o.Signature != "" && !c.held[o.Signature] {
		c.add("officer_sign.signature", "这张签名不在照片清单里。")
	}
	if n := len(s.SupervisorSigns); n < 1 || n > maxPeople {
		c.add("supervisor_signs", "至少要有一名监督人员签名。")
		return
	}
	present := map[uuid.UUID]bool{}
	for _, id := range s.Visit.SupervisorIDs {
		present[id.UUID] = true
	}
	for i, g := range s.SupervisorSigns {
		f := at("supervisor_signs", i)
		if g.AccountID.bad || !present[g.AccountID.UUID] {
			c.add(f+".account_id", "签名的人不在监督人员里。")
		}
		c.text(f+".name", g.Name, 1, 40)
		if !c.held[g.Signature] {
			c.add(f+".signature", "这张签名不在照片清单里。")
		}
	}
}

func (c *sheetCheck) spot(field string, p *Spot) {
	if p == nil {
		return
	}
	if p.Lat < -90 || p.Lat > 90 || p.Lng < -180 || p.Lng > 180 || p.Accuracy < 0 || p.Accuracy > 1e6 {
		c.add(field, "位置不对。")
	}
	c.text(field+".datum", p.Datum, 0, 20)
	c.stamp(field+".at", p.At, false)
}

// MayStop refuses 当场制止 by someone who had no supervision certificate on that day. Pure.
func (s Sheet) MayStop(certified bool) error {
	if s.Stop != nil && !certified {
		return fault.Field("stop", "当场制止要由持有效监督证的人员作出。请删去这一项，把经过写进现场情况。")
	}
	return nil
}

func plain(ids []ID) []uuid.UUID {
	out := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		out[i] = id.UUID
	}
	return out
}
