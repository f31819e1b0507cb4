package visit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
	"suixing/internal/platform/defect"
)

// outcome is what a transaction decided; a clash must be kept although the answer is an error.
type outcome int

const (
	saved outcome = iota
	same
	clashed
)

// SaveSheet takes a sealed sheet from a phone. The same bytes again get the same answer again; other bytes under the
// same id, or for a version that is taken, are kept beside the first for a person to choose, and answered Conflict.
func (s *Service) SaveSheet(ctx context.Context, who actor.Actor, id uuid.UUID, raw []byte) (a SheetAnswer, fresh bool, err error) {
	if len(raw) > MaxSheet {
		return a, false, fault.New(fault.TooLarge, "too_large", "记录太大，没有收下。")
	}
	digest := digestOf(raw)
	if a, done, err := s.again(ctx, who, id, digest); done || err != nil {
		return a, false, err
	}
	sheet, list, err := s.readChecked(ctx, who, id, raw)
	if err != nil {
		return a, false, err
	}
	got, err := s.store(ctx, who, sheet, list, raw, digest)
	if fault.CodeOf(err) == "taken" { // two visits, one sheet id, in the same instant: the second look finds the first
		got, err = s.store(ctx, who, sheet, list, raw, digest)
	}
	switch {
	case err != nil:
		return a, false, err
	case got == clashed:
		return a, false, errClash()
	}
	a, err = s.settleCustody(ctx, id)
	return a, got == saved, err
}

// readChecked reads a sealed sheet and finds what is wrong with it.
func (s *Service) readChecked(ctx context.Context, who actor.Actor, id uuid.UUID, raw []byte) (sheet Sheet, list Checklist, err error) {
	if sheet, err = ReadSheet(raw); err != nil {
		return sheet, list, err
	}
	if sheet.ID.UUID != id {
		return sheet, list, fault.Field("id", "记录里的编号与地址不一致。")
	}
	if list, err = s.checklist(ctx, s.db, sheet.ChecklistVersion); err != nil {
		return sheet, list, err
	}
	if err := sheet.Check(list); err != nil {
		return sheet, list, err
	}
	certified, err := s.mayStop(ctx, who, sheet)
	if err != nil {
		return sheet, list, err
	}
	return sheet, list, sheet.MayStop(certified)
}

// mayStop: a certificate that has run out since the day of the visit was good on that day.
func (s *Service) mayStop(ctx context.Context, who actor.Actor, sheet Sheet) (bool, error) {
	if sheet.Stop == nil || who.Certified {
		return true, nil
	}
	return certifiedOn(ctx, s.db, who.ID, clock.Day(sheet.happened(s.now())))
}

func errClash() error {
	return fault.New(fault.Conflict, "sheet_conflict", "服务器上已有一份编号相同、内容不同的记录。两份都已留存，等司法所选定，手机上的这份不会删除。")
}

// again answers bytes that are already here. Nothing is checked anew: what was accepted stays accepted.
func (s *Service) again(ctx context.Context, who actor.Actor, id uuid.UUID, digest string) (a SheetAnswer, done bool, err error) {
	k, err := visibleSheet(ctx, s.db, who, id)
	if err == nil && k.Digest == digest && !defect.On("resend_conflicts") {
		a, err = s.settleCustody(ctx, id)
		return a, true, err
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return a, false, err
	}
	c, found, err := clashOf(ctx, s.db, who.ID, digest)
	switch {
	case err != nil || !found:
		return a, false, err
	case c.Kept == "other":
		a, err = s.settledAs(ctx, id, c.ResultID.UUID)
		return a, true, err
	case c.Kept == "first":
		return a, false, fault.New(fault.Conflict, "conflict_settled", "司法所已选定另一份记录。这份的内容服务器也留有底稿。")
	}
	return a, false, errClash()
}

// store decides in one transaction where a sheet belongs, and keeps it there.
func (s *Service) store(ctx context.Context, who actor.Actor, sheet Sheet, list Checklist, raw []byte, digest string) (got outcome, err error) {
	err = s.db.InTx(ctx, func(tx *db.DB) (err error) {
		got, err = s.storeIn(ctx, tx, who, who, sheet, list, raw, digest)
		return err
	})
	return got, err
}

// storeIn is store inside a transaction, by who for the author, who are the same unless an office lets a held record in.
func (s *Service) storeIn(ctx context.Context, tx *db.DB, who, author actor.Actor, sheet Sheet, list Checklist, raw []byte, digest string, remarks ...string) (outcome, error) {
	if err := hold(ctx, tx, sheet.VisitID.UUID); err != nil {
		return saved, err
	}
	if k, found, err := sheetByID(ctx, tx, sheet.ID.UUID); err != nil {
		return saved, err
	} else if found && k.Digest == digest && !defect.On("resend_conflicts") {
		return same, nil
	} else if found {
		return clashed, s.keepClash(ctx, tx, author, k.ID, "same_id", raw, digest)
	}
	h, err := s.visitFor(ctx, tx, author, sheet)
	if err != nil {
		return saved, err
	}
	last, found, err := lastOf(ctx, tx, h.ID, author.ID)
	if err != nil {
		return saved, err
	}
	place := fits(sheet, last, found)
	if place == tooEarly { // unless what it corrects never was accepted
		if held, err := heldBefore(ctx, tx, author.ID, sheet); err != nil {
			return saved, err
		} else if held {
			place = next
		}
	}
	switch place {
	case tooEarly:
		return saved, fault.New(fault.Conflict, "order", "前一版记录还没有送到。先送前一版，这一版留在手机上。")
	case taken:
		return clashed, s.keepClash(ctx, tx, author, last.ID, "same_version", raw, digest)
	case next:
	}
	if h.Former && !h.Mine {
		remarks = append(remarks, "off_plan")
	}
	now := s.now()
	if defect.On("client_clock") {
		now = sheet.SealedAt.Time
	}
	if defect.On("audit_outside_transaction") {
		_ = audit.Append(ctx, s.db, now, who, "sheet.save", "sheet", sheet.ID.UUID, nil)
	}
	if err := closeHeld(ctx, tx, author.ID, sheet, who.ID, now); err != nil {
		return saved, err
	}
	return saved, s.place(ctx, tx, who, h, list, sheetRow{ID: sheet.ID.UUID, VisitID: h.ID, AuthorID: author.ID, Version: sheet.Version,
		Supersedes: uuid.NullUUID{UUID: last.ID, Valid: found}, Reason: sheet.Reason, Sheet: sheet, Raw: raw, Digest: digest, Remarks: remarks, ReceivedAt: now})
}

type fit int

const (
	next fit = iota
	taken
	tooEarly
)

// fits tells whether a sheet is the next version of its author's series. Pure.
func fits(s Sheet, last known, found bool) fit {
	switch {
	case !found && s.Version == 1, found && s.Version == last.Version+1 && s.Supersedes.UUID == last.ID:
		return next
	case !found, s.Version > last.Version+1:
		return tooEarly
	}
	return taken
}

func (s *Service) keepClash(ctx context.Context, tx *db.DB, who actor.Actor, sheetID uuid.UUID, kind string, raw []byte, digest string) error {
	if defect.On("conflict_forgotten") {
		return nil
	}
	id := uuid.Must(uuid.NewV7())
	fresh, err := insertClash(ctx, tx, id, sheetID, kind, raw, digest, who.ID, s.now())
	if err != nil || !fresh {
		return err
	}
	return audit.Append(ctx, tx, s.now(), who, "sheet.clash", "sheet", sheetID, map[string]any{"conflict_id": id, "kind": kind, "digest": digest})
}

// visitFor finds the visit a sheet belongs to, or makes it: begun on the spot.
func (s *Service) visitFor(ctx context.Context, tx *db.DB, who actor.Actor, sheet Sheet) (head, error) {
	h, err := lockVisit(ctx, tx, who, sheet.VisitID.UUID)
	if err == nil && !mayRecord(who, h) {
		return h, fault.Missing()
	}
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return h, err
	}
	if !who.OfficeID.Valid {
		return h, fault.Denied()
	}
	p := sheet.Visit
	if _, err := readAgency(ctx, tx, p.AgencyID.UUID); fault.KindOf(err) == fault.NotFound {
		return h, fault.Field("visit.agency_id", "没有这个执法单位。")
	} else if err != nil {
		return h, err
	}
	h = head{ID: sheet.VisitID.UUID, State: Planned, OfficeID: who.OfficeID.UUID, AgencyID: p.AgencyID.UUID}
	row := newVisit{ID: h.ID, Origin: "spot", Method: sheet.Method, State: Planned, OfficeID: h.OfficeID, AgencyID: h.AgencyID, Matter: p.Matter,
		Notice: p.NoticeNumber, External: p.ExternalCode, CreatedAt: s.now()}
	var chosen *uuid.UUID
	if !p.BusinessID.IsZero() {
		chosen = &p.BusinessID.UUID
	}
	row.BusinessID, _, err = s.business(ctx, tx, who, h.OfficeID, chosen, &p.Business)
	if err != nil {
		return h, err
	}
	row.Business = p.Business // as it was written on the spot
	if defect.On("number_outside_transaction") {
		defect.NumberOutside(ctx, s.db, tx, "BS"+clock.Day(row.CreatedAt)[:4])
	}
	h.Number, err = insertVisit(ctx, tx, row)
	return h, err
}

// mayRecord: who is on the visit, was on it when it was sealed, or belongs to its office and stepped in. Pure.
func mayRecord(who actor.Actor, h head) bool {
	return h.Mine || h.Former || (who.Is(actor.Supervisor, actor.Office) && who.OfficeID.Valid && who.OfficeID.UUID == h.OfficeID)
}

// place keeps a sheet at its place: row, findings, leads, manifest, ticket, the visit's sum, event, audit.
func (s *Service) place(ctx context.Context, tx *db.DB, who actor.Actor, h head, list Checklist, r sheetRow) error {
	people := append(plain(r.Sheet.Visit.SupervisorIDs), r.AuthorID)
	if _, err := s.checkPeople(ctx, tx, "visit.supervisor_ids", people, false); err != nil {
		return err
	}
	to, err := h.State.Take(Record, actor.Supervisor)
	if err != nil {
		return err
	}
	if r, err = s.weigh(ctx, tx, h, r); err != nil {
		return err
	}
	if err := insertSheet(ctx, tx, r); err != nil {
		return err
	}
	if err := addSupervisors(ctx, tx, h.ID, people); err != nil {
		return err
	}
	if err := s.declare(ctx, tx, r); err != nil { // before the leads: a red line's problem takes over what the sheet declares
		return err
	}
	if err := s.find(ctx, tx, who, h, list, r); err != nil {
		return err
	}
	if err := sumUp(ctx, tx, h.ID, to, to == Cancelled); err != nil {
		return err
	}
	if err := appendEvent(ctx, tx, h.ID, Record, to, r.ReceivedAt, who, r.Reason); err != nil {
		return err
	}
	if defect.On("audit_outside_transaction") {
		return nil
	}
	return audit.Append(ctx, tx, r.ReceivedAt, who, "sheet.save", "sheet", r.ID, map[string]any{"visit_id": h.ID, "version": r.Version, "digest": r.Digest, "author_id": r.AuthorID})
}

// weigh judges the officers' credentials by the register, binds the ticket and remarks what is odd.
func (s *Service) weigh(ctx context.Context, tx *db.DB, h head, r sheetRow) (sheetRow, error) {
	register, err := officersByNumber(ctx, tx, r.Sheet)
	if err != nil {
		return r, err
	}
	r.Standings = judge(r.Sheet, register, r.ReceivedAt)
	r.Remarks = append(remarks(r.Sheet, r.Standings, r.ReceivedAt), r.Remarks...)
	if r.Sheet.Visit.AgencyID.UUID != h.AgencyID {
		r.Remarks = append(r.Remarks, "agency_differs")
	}
	if h.State == Cancelled {
		r.Remarks = append(r.Remarks, "after_cancel")
	}
	bound, err := s.bind(ctx, tx, r.Sheet, h.ID, r.ReceivedAt)
	if err == nil && !bound {
		r.Remarks = append(r.Remarks, "ticket_unbound")
	}
	return r, err
}

// find turns failed lines into findings; red lines raise their lead here and now.
func (s *Service) find(ctx context.Context, tx *db.DB, who actor.Actor, h head, list Checklist, r sheetRow) error {
	if r.Supersedes.Valid {
		if err := restFindings(ctx, tx, r.Supersedes.UUID); err != nil {
			return err
		}
	}
	for _, f := range r.Sheet.Findings(list) {
		lead, raised, err := leadOf(ctx, tx, h.ID, f.Item.Code)
		if err != nil {
			return err
		}
		in := leadFrom(h, f, r.AuthorID, r.Sheet.happened(r.ReceivedAt))
		if defect.On("lead_twice") {
			in.OriginID, raised = r.ID, false
		}
		if !raised && f.Item.Sev == "redline" {
			if lead, err = s.deps.RaiseLead(ctx, tx, who, in); err != nil {
				return err
			}
			raised = true
		}
		if err := insertFinding(ctx, tx, uuid.Must(uuid.NewV7()), r.ID, h.ID, f, uuid.NullUUID{UUID: lead, Valid: raised}, r.ReceivedAt); err != nil {
			return err
		}
	}
	return nil
}

func leadFrom(h head, f Failed, author uuid.UUID, happened time.Time) LeadInput {
	return LeadInput{Origin: "visit", OriginID: h.ID, Item: f.Item.Code, OfficeID: h.OfficeID, AgencyID: h.AgencyID, Severity: f.Item.Sev, Category: f.Item.Category,
		Fact: "不符合“" + f.Item.Text + "”：" + f.Note, HappenedOn: clock.Day(happened), ReporterID: author, Photos: f.Photos}
}

// bind ties the ticket. One that cannot be tied is pointed out; the record does not suffer for it.
func (s *Service) bind(ctx context.Context, tx *db.DB, sheet Sheet, visitID uuid.UUID, now time.Time) (bool, error) {
	if sheet.TicketID.IsZero() {
		return true, nil
	}
	if err := s.deps.BindTicket(ctx, tx, sheet.TicketID.UUID, visitID, now); err != nil {
		return false, err
	}
	return ticketOf(ctx, tx, sheet.TicketID.UUID, visitID)
}
