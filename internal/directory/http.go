package directory

import (
	"context"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/platform/web"
)

// Routes adds the directory's addresses.
func (s *Service) Routes(r *web.Router) {
	keepers := web.Roles(actor.Admin, actor.County)
	registrars := web.Roles(actor.Admin, actor.County, actor.Office)
	readers := web.Roles(actor.County, actor.Leader, actor.Office, actor.Supervisor, actor.Hotline, actor.Admin, actor.Auditor)
	web.Get(r, "/api/directory", web.SignedIn, "bureau, offices and agencies in sight", s.getDirectory)
	web.Put(r, "/api/bureau", keepers, "write the bureau", s.putBureau)
	web.Post(r, "/api/offices", keepers, "add an office", s.postOffice)
	web.Patch(r, "/api/offices/{id}", keepers, "change an office", s.patchOffice)
	web.Post(r, "/api/agencies", keepers, "add an agency", s.postAgency)
	web.Patch(r, "/api/agencies/{id}", keepers, "change an agency", s.patchAgency)
	web.Get(r, "/api/officers", web.SignedIn, "officers by name; an agency its own", s.getOfficers)
	web.Post(r, "/api/officers", keepers, "add an officer", s.postOfficer)
	web.Patch(r, "/api/officers/{id}", keepers, "change an officer", s.patchOfficer)
	web.Get(r, "/api/businesses", readers, "businesses by name", s.getBusinesses)
	web.Post(r, "/api/businesses", registrars, "add a business; an office in its township", s.postBusiness)
	web.Patch(r, "/api/businesses/{id}", registrars, "change a business in sight", s.patchBusiness)
	r.Plain("POST", "/api/import/{kind}", registrars, "read an .xlsx of officers or businesses; with commit=true take all of it or nothing", s.postImport)
	r.Plain("GET", "/api/import/{kind}/template", registrars, "the empty .xlsx to fill in", s.getTemplate)
}

// answer is a typed operation's output with one body.
type answer[T any] struct{ Body T }

func reply[T any](v T, err error) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{v}, nil
}

func (s *Service) getDirectory(ctx context.Context, who actor.Actor, _ *struct{}) (*answer[Everything], error) {
	return reply(s.Directory(ctx, who))
}

// BureauForm is what a person fills in; an id cannot be brought along.
type BureauForm struct {
	Name    string `json:"name" maxLength:"200"`
	County  string `json:"county" maxLength:"200"`
	Prefix  string `json:"prefix" maxLength:"200"`
	Hotline string `json:"hotline,omitempty" maxLength:"200"`
	Version int    `json:"version,omitempty" doc:"0 when there is no bureau yet"`
}

func (s *Service) putBureau(ctx context.Context, who actor.Actor, in *struct{ Body BureauForm }) (*answer[Bureau], error) {
	f := in.Body
	return reply(s.SaveBureau(ctx, who, Bureau{Name: f.Name, County: f.County, Prefix: f.Prefix, Hotline: f.Hotline, Version: f.Version}))
}

// OfficeForm is what a person fills in for an office.
type OfficeForm struct {
	Name     string  `json:"name" maxLength:"200"`
	Township string  `json:"township" maxLength:"200"`
	Prefix   string  `json:"prefix,omitempty" maxLength:"200"`
	Phone    string  `json:"phone,omitempty" maxLength:"200"`
	PlaqueOn *string `json:"plaque_on,omitempty" maxLength:"10"`
}

func (s *Service) postOffice(ctx context.Context, who actor.Actor, in *struct{ Body OfficeForm }) (*answer[Office], error) {
	f := in.Body
	return reply(s.CreateOffice(ctx, who, Office{Name: f.Name, Township: f.Township, Prefix: f.Prefix, Phone: f.Phone, PlaqueOn: f.PlaqueOn}))
}

func (s *Service) patchOffice(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body OfficePatch
}) (*answer[Office], error) {
	return reply(s.PatchOffice(ctx, who, in.ID, in.Body))
}

// AgencyForm is what a person fills in for an agency.
type AgencyForm struct {
	Name     string        `json:"name" maxLength:"200"`
	Kind     string        `json:"kind" enum:"township,county"`
	OfficeID uuid.NullUUID `json:"office_id,omitempty" nullable:"true"`
	Phone    string        `json:"phone,omitempty" maxLength:"200"`
}

func (s *Service) postAgency(ctx context.Context, who actor.Actor, in *struct{ Body AgencyForm }) (*answer[Agency], error) {
	f := in.Body
	return reply(s.CreateAgency(ctx, who, Agency{Name: f.Name, Kind: f.Kind, OfficeID: f.OfficeID, Phone: f.Phone}))
}

func (s *Service) patchAgency(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body AgencyPatch
}) (*answer[Agency], error) {
	return reply(s.PatchAgency(ctx, who, in.ID, in.Body))
}

type officersIn struct {
	Q        string `query:"q" maxLength:"100"`
	AgencyID string `query:"agency_id" format:"uuid"`
	Standing string `query:"standing" enum:"valid,expired,suspended,revoked"`
	After    string `query:"after" maxLength:"600"`
}

func (s *Service) getOfficers(ctx context.Context, who actor.Actor, in *officersIn) (*answer[web.Page[Officer]], error) {
	return reply(s.Officers(ctx, who, OfficerFilter{Q: in.Q, AgencyID: optional(in.AgencyID), Standing: in.Standing, After: in.After}))
}

func optional(id string) uuid.NullUUID {
	u, err := uuid.Parse(id)
	return uuid.NullUUID{UUID: u, Valid: err == nil}
}

// OfficerForm is what a person fills in for an officer.
type OfficerForm struct {
	AgencyID   uuid.UUID `json:"agency_id"`
	Name       string    `json:"name" maxLength:"200"`
	Credential string    `json:"credential_number" maxLength:"100"`
	ValidFrom  string    `json:"valid_from" maxLength:"10"`
	ValidTo    string    `json:"valid_to" maxLength:"10"`
	Status     string    `json:"status,omitempty" enum:"active,suspended,revoked"`
}

func (s *Service) postOfficer(ctx context.Context, who actor.Actor, in *struct{ Body OfficerForm }) (*answer[Officer], error) {
	f := in.Body
	return reply(s.CreateOfficer(ctx, who, Officer{AgencyID: f.AgencyID, Name: f.Name, Credential: f.Credential, ValidFrom: f.ValidFrom, ValidTo: f.ValidTo, Status: f.Status}))
}

func (s *Service) patchOfficer(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body OfficerPatch
}) (*answer[Officer], error) {
	return reply(s.PatchOfficer(ctx, who, in.ID, in.Body))
}

type businessesIn struct {
	Q         string `query:"q" maxLength:"100"`
	OfficeID  string `query:"office_id" format:"uuid"`
	Confirmed string `query:"confirmed" enum:"yes,no"`
	After     string `query:"after" maxLength:"600"`
}

func (s *Service) getBusinesses(ctx context.Context, who actor.Actor, in *businessesIn) (*answer[web.Page[Business]], error) {
	return reply(s.Businesses(ctx, who, BusinessFilter{Q: in.Q, OfficeID: optional(in.OfficeID), Confirmed: in.Confirmed, After: in.After}))
}

// BusinessForm is what a person fills in for a business.
type BusinessForm struct {
	Name     string        `json:"name" maxLength:"300"`
	USCC     string        `json:"uscc,omitempty" maxLength:"100"`
	Address  string        `json:"address,omitempty" maxLength:"500"`
	Kind     string        `json:"kind" enum:"company,household,farm,other"`
	Industry string        `json:"industry,omitempty" maxLength:"200"`
	OfficeID uuid.NullUUID `json:"office_id,omitempty" nullable:"true"`
}

func (s *Service) postBusiness(ctx context.Context, who actor.Actor, in *struct{ Body BusinessForm }) (*answer[Business], error) {
	f := in.Body
	return reply(s.CreateBusiness(ctx, who, Business{Name: f.Name, USCC: f.USCC, Address: f.Address, Kind: f.Kind, Industry: f.Industry, OfficeID: f.OfficeID}))
}

func (s *Service) patchBusiness(ctx context.Context, who actor.Actor, in *struct {
	ID   uuid.UUID `path:"id"`
	Body BusinessPatch
}) (*answer[Business], error) {
	return reply(s.PatchBusiness(ctx, who, in.ID, in.Body))
}
